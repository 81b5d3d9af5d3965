//! The choice without scripts: the login page shows the sessions.

use super::{CHOOSE, browsers, ticket};
use crate::support::{Answer, LOGIN, MINUTE, TestApp};

both![
    the_page_shows_the_sessions_without_scripts,
    an_expired_ticket_shows_the_login_form_without_scripts,
    a_forged_flash_cookie_shows_no_sessions,
];

async fn the_page_shows_the_sessions_without_scripts(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "2").await;
    let mut browsers = browsers(&app, &ayse, 2).await;
    let mut browser = app.browser();
    let fields = [
        ("email", ayse.email.as_str()),
        ("password", ayse.password.as_str()),
        ("askAtLimit", "true"),
        ("rememberMe", "true"),
        ("redirect", "/account?tab=1"),
    ];
    let page = "/login?redirect=%2Faccount%3Ftab%3D1";
    let answer = browser.submit(page, LOGIN, &fields).await;
    assert_eq!(answer.see_other(), format!("{page}&error=session_limit"));
    assert!(browser.session().is_none());

    let answer = browser.navigate(&format!("{page}&error=session_limit")).await.expect(200);
    let html = answer.text();
    for wanted in ["You are signed in on as many devices as allowed.", "192.0.2.1", "192.0.2.2", "End it and sign in"] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    assert!(!html.contains(&ayse.password) && !html.contains("type=\"password\""), "{html}");
    let field = |name: &str| {
        let rest = html.split_once(&format!("name=\"{name}\"")).unwrap().1;
        rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let (ticket, handle) = (field("ticket"), field("handle"));

    // After an invalid choice the same ticket can be used again.
    let choice = [("ticket", ticket.as_str()), ("handle", ""), ("redirect", "/account?tab=1")];
    let answer = browser.submit(&format!("{page}&error=session_limit"), CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), format!("{page}&error=validation_failed"));
    let again = browser.navigate(&format!("{page}&error=validation_failed")).await.expect(200);
    assert!(again.text().contains("Choose the session to end.") && again.text().contains(&handle), "{again}");

    let choice = [("ticket", ticket.as_str()), ("handle", &handle), ("redirect", "/account?tab=1")];
    let answer = browser.submit(&format!("{page}&error=session_limit"), CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), "/account?tab=1");
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(2_592_000));
    assert!(answer.clears("flash"));
    assert!(browser.is_signed_in().await && !browsers[0].is_signed_in().await && browsers[1].is_signed_in().await);
}

async fn an_expired_ticket_shows_the_login_form_without_scripts(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.signed_in(&ayse).await;
    let mut browser = app.browser();
    let (ticket, handles) = ticket(&mut browser, &ayse).await;
    app.pass(5 * MINUTE);
    let choice = [("ticket", ticket.as_str()), ("handle", handles[0].as_str())];
    let answer = browser.submit("/login?error=session_limit", CHOOSE, &choice).await;
    assert_eq!(answer.see_other(), "/login?error=validation_failed");
    let page = browser.navigate("/login?error=validation_failed").await.expect(200);
    assert!(page.text().contains("This choice is no longer possible."), "{page}");
    assert!(page.text().contains("type=\"password\"") && !page.text().contains(&handles[0]), "{page}");
    // A ticket too long for a cookie is not kept.
    let long = "A".repeat(20_000);
    browser.submit("/login", CHOOSE, &[("ticket", &long), ("handle", "x")]).await.see_other();
}

async fn a_forged_flash_cookie_shows_no_sessions(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("sessionLimit", "1").await;
    app.browser().at_address("192.0.2.1").sign_in(&ayse).await;
    let mut browser = app.browser();
    let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str()), ("askAtLimit", "true")];
    browser.submit("/login", LOGIN, &fields).await.see_other();
    let listed = |page: &Answer| page.text().contains("192.0.2.1");
    assert!(listed(&browser.navigate("/login?error=session_limit").await));
    assert!(!listed(&browser.navigate("/login").await), "the choice was cancelled");
    assert!(!listed(&browser.navigate("/login?error=invalid_credentials").await));
    assert!(!listed(&app.browser().navigate("/login?error=session_limit").await));
    let mut forged = app.browser();
    forged.set_cookie("flash", &browser.jar["flash"][1..]);
    assert!(!listed(&forged.navigate("/login?error=session_limit").await));
    app.disable(&ayse).await;
    assert!(!listed(&browser.navigate("/login?error=session_limit").await.expect(200)));
}
