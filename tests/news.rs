//! What administrators changed is told on the dashboard, from the next sign-in on.

use serde_json::json;

use crate::support::{MINUTE, PASSWORD, TestApp};

both![changes_by_others_are_told_after_the_next_sign_in, ones_own_changes_are_no_news];

async fn changes_by_others_are_told_after_the_next_sign_in(app: TestApp) {
    let mut admin = app.signed_in(&app.person_with("yonetici", "admin", PASSWORD).await).await;
    let ayse = app.person("ayse").await;
    let mut before = app.signed_in(&ayse).await;
    let quiet = before.navigate("/").await.expect(200);
    assert!(!quiet.text().contains("Changed by an administrator"), "{quiet}");
    app.pass(MINUTE);
    let change = json!({"id": ayse.id, "version": 1, "name": "Ayşe Kaya", "role": "viewer"});
    admin.post("/api/users/update", change).await.expect(200);
    admin.post("/api/users/reset-link", json!({"ids": [ayse.id]})).await.expect(200);
    app.pass(MINUTE);
    let mut after = app.signed_in(&ayse).await;
    let page = after.navigate("/").await.expect(200);
    for words in ["Changed by an administrator", "Changed: Name, Role", "A link for a new password was made"] {
        assert!(page.text().contains(words), "{words}: {page}");
    }
    let page = after.navigation("/").header("accept-language", "tr").send().await.expect(200);
    assert!(page.text().contains("Değişenler: "), "{page}");
    // At the sign-in after that it is no news any more.
    app.pass(MINUTE);
    let mut later = app.signed_in(&ayse).await;
    assert!(!later.navigate("/").await.expect(200).text().contains("Changed by an administrator"));
}

async fn ones_own_changes_are_no_news(app: TestApp) {
    let boss = app.person_with("yonetici", "admin", PASSWORD).await;
    let mut admin = app.signed_in(&boss).await;
    app.pass(MINUTE);
    let change = json!({"id": boss.id, "version": 1, "name": "Başkan"});
    admin.post("/api/users/update", change).await.expect(200);
    app.pass(MINUTE);
    let page = app.signed_in(&boss).await.navigate("/").await.expect(200);
    assert!(!page.text().contains("Changed by an administrator"), "{page}");
}
