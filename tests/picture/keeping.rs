//! Pictures belong to a user; who sees them and how they are cached.

use image::ImageFormat;
use serde_json::{Value, json};

use super::{PICTURE, REMOVE, ayse, encoded, kind, multipart, picture, seen, upload, uploaded};
use crate::support::{TestApp, USER};

both![
    a_new_picture_replaces_the_old_one,
    a_picture_can_be_removed,
    two_users_can_have_the_same_picture,
    pictures_need_a_session,
    a_cached_picture_is_revalidated,
    one_of_several_concurrent_uploads_stays,
];

async fn a_new_picture_replaces_the_old_one(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let first = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    let again = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    assert_eq!(first, again, "the path depends on the content");
    let second = uploaded(&mut browser, &encoded(&picture(40, 40).rotate180(), ImageFormat::Png)).await;
    assert_ne!(first, second);
    browser.get(&first).await.refused(404, "not_found");
    seen(&mut browser, &second).await;
    assert_eq!(app.database.number("SELECT count(*) FROM pictures").await, 1);
}

async fn a_picture_can_be_removed(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut other = app.signed_in(&app.person("mehmet").await).await;
    let theirs = uploaded(&mut other, &encoded(&picture(9, 9), ImageFormat::Png)).await;
    let mine = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    assert_eq!(browser.post(REMOVE, json!({})).await.data()["avatar"], Value::Null);
    browser.get(&mine).await.refused(404, "not_found");
    seen(&mut browser, &theirs).await;
    // Removing again does no harm, and the body can't select another user's picture.
    let body = json!({ "userId": other.get(USER).await.data()["id"], "name": theirs });
    assert_eq!(browser.post(REMOVE, body).await.data()["avatar"], Value::Null);
    seen(&mut browser, &theirs).await;
}

async fn two_users_can_have_the_same_picture(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut other = app.signed_in(&app.person("mehmet").await).await;
    let png = encoded(&picture(40, 40), ImageFormat::Png);
    let mine = uploaded(&mut browser, &png).await;
    let theirs = uploaded(&mut other, &png).await;
    assert_ne!(mine, theirs);
    browser.post(REMOVE, json!({})).await.expect(200);
    seen(&mut browser, &theirs).await;
}

async fn pictures_need_a_session(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let path = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    app.browser().get(&path).await.refused(401, "unauthenticated");
    app.browser().get("/pictures/none.jpg").await.refused(401, "unauthenticated");
    seen(&mut app.signed_in(&app.person("mehmet").await).await, &path).await;
    for odd in ["/pictures/none.jpg", "/pictures/", "/pictures/..%2f..%2fpanel.db", "/pictures/a/b", "/pictures/%00"] {
        browser.get(odd).await.refused(404, "not_found");
    }
    let mut stranger = app.browser();
    stranger.ensure_token().await;
    let body = multipart(&[("picture", Some("a"), b"x")]);
    stranger.fetch("POST", PICTURE).with_token().body(&kind(), body).send().await.refused(401, "unauthenticated");
}

async fn a_cached_picture_is_revalidated(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let path = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    let answer = browser.get(&path).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let tag = answer.header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("\"x\", W/{tag}")] {
        let again = browser.fetch("GET", &path).header("if-none-match", &known).send().await.expect(304);
        assert!(again.body.is_empty() && again.header("etag") == Some(tag.as_str()), "{again}");
    }
    browser.fetch("GET", &path).header("if-none-match", "\"x\"").send().await.expect(200);
    browser.post(REMOVE, json!({})).await.expect(200);
    browser.fetch("GET", &path).header("if-none-match", &tag).send().await.refused(404, "not_found");
}

async fn one_of_several_concurrent_uploads_stays(app: TestApp) {
    let (_, browser) = ayse(&app).await;
    let files = [picture(40, 40), picture(40, 40).rotate180(), picture(40, 40).rotate90()];
    let uploads = files.map(|file| {
        let mut browser = browser.clone();
        async move { upload(&mut browser, &encoded(&file, ImageFormat::Png)).await.expect(200) }
    });
    futures::future::join_all(uploads).await;
    assert_eq!(app.database.number("SELECT count(*) FROM pictures").await, 1);
    let same = "SELECT count(*) FROM users u JOIN pictures p ON u.avatar = '/pictures/' || p.name AND p.user_id = u.id";
    assert_eq!(app.database.number(same).await, 1);
}
