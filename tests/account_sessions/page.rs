//! The account page works without scripts.

use super::{END, END_OTHERS, handle};
use crate::support::{Answer, Person, TestApp};

both![
    the_page_shows_the_result_of_a_form_without_wasm,
    an_error_is_shown_on_the_page_without_wasm,
    the_page_is_complete_without_scripts,
    the_page_lists_sign_ins_failures_and_lockouts,
    names_are_escaped_in_the_page,
];

async fn the_page_shows_the_result_of_a_form_without_wasm(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let target = handle(&mut app.signed_in(&ayse).await).await;
    let done = "/account?done=sessions#sessions";
    let answer = browser.submit("/account", END, &[("handle", &target), ("redirect", done)]).await;
    assert_eq!(answer.see_other(), done);
    let page = browser.navigate("/account?done=sessions").await.expect(200);
    assert!(page.text().contains("One session was ended."), "{page}");
    app.signed_in(&ayse).await;
    app.signed_in(&ayse).await;
    browser.submit("/account", END_OTHERS, &[("redirect", done)]).await.see_other();
    let page = browser.navigate("/account?done=sessions").await.expect(200);
    assert!(page.text().contains("2 sessions were ended."), "{page}");
    // A link can't make the page show the result.
    let page = app.signed_in(&ayse).await.navigate("/account?done=sessions").await.expect(200);
    assert!(!page.text().contains("ended.</p>"), "{page}");
}

async fn an_error_is_shown_on_the_page_without_wasm(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    let answer = browser.submit("/account", END, &[("handle", "sid_none"), ("redirect", "/account")]).await;
    assert_eq!(answer.see_other(), "/account?error=not_found");
    let page = browser.navigate("/account?error=not_found").await.expect(200);
    assert_eq!(page.text().matches(">This session is not there any more.<").count(), 1, "{page}");
    // The redirect also works when the browser sends no Referer.
    let token = browser.token().expect("a token");
    let form = browser.form_navigation("/account", END).without("referer");
    let answer = form.form(&[("csrfToken", &token), ("handle", "sid_none")]).send().await;
    assert_eq!(answer.see_other(), "/account?error=not_found");
}

async fn the_page_is_complete_without_scripts(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let target = handle(&mut app.signed_in(&ayse).await).await;
    let mut browser = app.signed_in(&ayse).await;
    let own = handle(&mut browser).await;
    let page = browser.navigate("/account").await.expect(200);
    let html = page.text();
    for there in [
        "This browser",
        "198.51.100.7",
        "Signed out",
        "They stay listed for 90 days.",
        "Current password",
        r#"action="/api/account/sessions/end""#,
        r#"action="/api/account/sessions/end-others""#,
        r#"action="/api/account/sessions/end-all""#,
        r#"action="/api/account/password""#,
        &format!(r#"value="{target}""#),
    ] {
        assert!(html.contains(there), "{there} is missing");
    }
    assert!(!html.contains(&format!(r#"value="{own}""#)), "the current session is ended by signing out");
}

/// Returns the part of the page after a text.
fn after<'a>(page: &'a Answer, text: &str) -> &'a str {
    page.text().split_once(text).unwrap_or_else(|| panic!("no {text} on {page}")).1
}

async fn the_page_lists_sign_ins_failures_and_lockouts(app: TestApp) {
    let ayse: Person = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    for _ in 0..5 {
        app.browser().at_address("203.0.113.66").try_password(&ayse.email, "not the password").await;
    }
    let page = browser.navigate("/account").await.expect(200);
    let log = after(&page, r#"id="sign-ins-title""#).split("<script").next().expect("a part");
    assert_eq!(log.matches("Failed attempt").count(), 5, "{log}");
    assert_eq!(log.matches("Locked").count(), 1, "{log}");
    assert_eq!(log.matches("Signed in").count(), 1, "{log}");
    assert_eq!(log.matches("203.0.113.66").count(), 6, "{log}");
    let other = app.person("mehmet").await;
    let page = app.signed_in(&other).await.navigate("/account").await.expect(200);
    assert!(!page.text().contains("203.0.113.66"), "the page lists only the user's own events");
}

async fn names_are_escaped_in_the_page(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.database.execute("UPDATE users SET name = '<img src=x onerror=alert(1)>'").await;
    app.signed_in(&ayse).await.sign_out().await.expect(200);
    let page = app.signed_in(&ayse).await.navigate("/account").await.expect(200);
    assert!(!page.text().contains("<img src=x"), "{page}");
}
