//! No open redirects: every redirect leads to a path of this site.

use crate::support::{LOGIN, TestApp, pair, query};

both![
    signing_in_redirects_only_to_a_path_of_this_site,
    the_login_page_redirects_only_to_a_path_of_this_site,
    an_unusual_path_never_redirects_to_another_site,
    a_form_never_redirects_to_a_foreign_referer,
    a_deep_link_survives_signing_in_unchanged,
    a_very_long_link_is_not_kept,
];

/// Targets that lead to another site, or would if a browser or a proxy parsed them differently.
const FOREIGN: [&str; 34] = [
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/%09/evil.example",
    "/%5Cevil.example",
    "/%5cevil.example",
    "https:evil.example",
    "https://evil.example",
    "https://127.0.0.1:3000@evil.example",
    "https://127.0.0.1:3000.evil.example",
    "http://127.0.0.1:3000/",
    "javascript:alert(1)",
    "data:text/html,x",
    "%2f%2fevil.example",
    "evil.example",
    "/..//evil.example",
    "/a\tb",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=y",
    "/\r\nX: y",
    "/%00",
    "/a%0A",
    "\u{0}/",
    " /account",
    "/a\u{7f}",
    "/%7f",
    "?redirect=/",
    "#",
    "https://ёvil.example",
];

async fn signing_in_redirects_only_to_a_path_of_this_site(app: TestApp) {
    let ayse = app.person("ayse").await;
    let credentials = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
    let very_long = format!("/{}", "a".repeat(5000));
    for target in FOREIGN.iter().copied().chain([very_long.as_str()]) {
        let fields = [credentials.as_slice(), &[("redirect", target)]].concat();
        assert_eq!(app.browser().submit("/login", LOGIN, &fields).await.see_other(), "/", "{target:?}");
    }
    for target in ["/account", "/users?q=a%20b&x=%C3%A7", "/a#b", "/?next=//x"] {
        let fields = [credentials.as_slice(), &[("redirect", target)]].concat();
        assert_eq!(app.browser().submit("/login", LOGIN, &fields).await.see_other(), target);
    }
}

async fn the_login_page_redirects_only_to_a_path_of_this_site(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for target in FOREIGN {
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        assert_eq!(browser.navigate(&format!("/login?redirect={encoded}")).await.see_other(), "/", "{target:?}");
        let page = app.browser().navigate(&format!("/login?redirect={encoded}")).await.expect(200);
        assert!(
            !page.text().contains("evil.example") || !page.text().contains(r#"name="redirect""#),
            "{target:?} is not kept"
        );
    }
    for odd in [
        "/login?redirect=/a&redirect=//evil.example",
        "/login?redirect[]=//evil.example",
        "/login?redirect=%ff",
        "/login?redirect=%",
        "/login?redirect=%252f%252fevil.example",
    ] {
        let answer = browser.navigate(odd).await;
        assert!(["/", "/a"].contains(&answer.see_other()), "{odd}: {answer}");
    }
}

async fn an_unusual_path_never_redirects_to_another_site(app: TestApp) {
    let ayse = app.person("ayse").await;
    for path in [
        "//evil.example",
        "//evil.example/%2f..",
        "/\\evil.example",
        "/%5cevil.example",
        "/a?b=//evil.example",
        "/..//evil.example",
        "///",
    ] {
        let location = app.browser().navigate(path).await.see_other().to_owned();
        // The login page then redirects a signed-in browser.
        let answer = app.signed_in(&ayse).await.navigate(&location).await;
        let target = answer.see_other();
        assert!(target == "/" || target == "/a?b=//evil.example", "{path}: {target}");
    }
}

async fn a_form_never_redirects_to_a_foreign_referer(app: TestApp) {
    let ayse = app.person("ayse").await;
    for referer in [
        "https://evil.example/",
        "https://evil.example/login",
        "//evil.example",
        "javascript:alert(1)",
        "",
        "http://127.0.0.1:3000//evil.example",
    ] {
        for (password, wanted) in
            [("not the password at all", "/login?error=invalid_credentials"), (ayse.password.as_str(), "/")]
        {
            let mut browser = app.browser();
            let token = browser.ensure_token().await;
            let fields = [("csrfToken", token.as_str()), ("email", &ayse.email), ("password", password)];
            let answer = browser.form_navigation("/login", LOGIN).header("referer", referer).form(&fields).send().await;
            let location = answer.see_other();
            assert!(
                location == wanted
                    || location == "/login?error=invalid_credentials"
                    || location == "/?error=invalid_credentials",
                "{referer}: {answer}"
            );
            assert!(!location.contains("evil"), "{referer}: {answer}");
        }
    }
}

/// From the requested page through the login page and its form back to the page.
async fn a_deep_link_survives_signing_in_unchanged(app: TestApp) {
    let ayse = app.person("ayse").await;
    for link in [
        "/?x=a%2Bb",
        "/?x=%C5%9F",
        "/?x=%25",
        "/?x=%2525",
        "/?x=a+b",
        "/?x=%26y%3D1&z=%23",
        "/account?ended=1.2.sid_x-_9&q=%22%3C%27%3E",
        "/users/%C3%A7?x=%2F%2Fevil",
        "/a%2Bb?redirect=%2Fx",
    ] {
        let mut browser = app.browser();
        let to_login = browser.navigate(link).await.see_other().to_owned();
        assert_eq!(query(&to_login), [pair("redirect", link)]);
        let page = browser.navigate(&to_login).await.expect(200);
        let escaped = link.replace('&', "&amp;").replace('"', "&quot;");
        let field = format!(r#"name="redirect" value="{escaped}""#);
        assert!(page.text().contains(&field), "{link}: no {field} in {}", page.text());
        // A refused attempt keeps the link, too.
        let wrong = [("email", ayse.email.as_str()), ("password", "not the password at all"), ("redirect", link)];
        let back = browser.submit(&to_login, LOGIN, &wrong).await.see_other().to_owned();
        assert_eq!(query(&back), [pair("redirect", link), pair("error", "invalid_credentials")]);
        assert!(browser.navigate(&back).await.text().contains(&field), "{link}");
        let right = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("redirect", link)];
        assert_eq!(browser.submit(&back, LOGIN, &right).await.see_other(), link);
        // With a session the login page redirects at once.
        assert_eq!(browser.navigate(&to_login).await.see_other(), link);
    }
}

async fn a_very_long_link_is_not_kept(app: TestApp) {
    let longest = format!("/?x={}", "a".repeat(2044));
    assert_eq!(query(app.browser().navigate(&longest).await.see_other()), [pair("redirect", &longest)]);
    for length in [2045, 60_000] {
        let link = format!("/?x={}", "%".repeat(length));
        assert_eq!(app.browser().navigate(&link).await.see_other(), "/login");
    }
}
