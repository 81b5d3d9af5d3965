//! The service worker of an application that was at this address before. When the browser
//! asks for its script, the panel sends one that unregisters itself.

use kafkasder_panel::server::access::OLD_WORKERS;

use crate::support::TestApp;

both![an_old_worker_gets_a_script_that_unregisters_it, other_requests_for_the_script_are_not_found];

async fn an_old_worker_gets_a_script_that_unregisters_it(app: TestApp) {
    let ayse = app.person("ayse").await;
    for mut browser in [app.browser(), app.signed_in(&ayse).await] {
        for path in OLD_WORKERS {
            // The request that a browser sends to update a worker's script.
            let ask = browser.request("GET", path).header("accept", "*/*").header("service-worker", "script");
            let ask = ask.header("sec-fetch-dest", "serviceworker").header("sec-fetch-mode", "same-origin");
            let answer = ask.header("sec-fetch-site", "same-origin").send().await.expect(200);
            assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(answer.cookies().is_empty(), "{answer}");
            for deed in ["skipWaiting()", "caches.delete", "unregister()", "navigate("] {
                assert!(answer.text().contains(deed), "{deed}: {answer}");
            }
        }
    }
}

async fn other_requests_for_the_script_are_not_found(app: TestApp) {
    let ayse = app.person("ayse").await;
    for path in OLD_WORKERS {
        app.browser().get(path).await.refused(401, "unauthenticated");
        assert!(app.browser().navigate(path).await.see_other().starts_with("/login?redirect="));
        app.signed_in(&ayse).await.get(path).await.refused(404, "not_found");
        for value in ["", "Script", "script, script", "1"] {
            app.browser()
                .fetch("GET", path)
                .header("service-worker", value)
                .send()
                .await
                .refused(401, "unauthenticated");
        }
        let head = app.browser().fetch("HEAD", path).header("service-worker", "script").send().await;
        assert_eq!(head.status, 401, "{head}");
    }
    for path in ["/sw.js/", "/SW.js", "/pkg/sw.js", "/worker.js", "/a/sw.js", "/sw.js.map", "/", "/account"] {
        let answer = app.browser().fetch("GET", path).header("service-worker", "script").send().await;
        assert!([401, 404, 308].contains(&answer.status), "{answer}");
    }
}
