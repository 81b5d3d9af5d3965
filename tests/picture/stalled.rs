//! Uploads that never finish do not block other users.

use futures::FutureExt;
use futures::future::BoxFuture;
use image::ImageFormat;

use super::{PICTURE, ayse, encoded, kind, multipart, picture, send, upload, uploaded};
use crate::support::{Answer, Browser, TestApp, wait_until};

both![
    stalled_uploads_without_a_session_block_no_user,
    a_users_stalled_uploads_block_no_other_user,
    a_client_that_is_still_sending_receives_the_refusal,
    only_the_first_part_may_be_the_token,
];

/// Starts an upload whose body never ends.
fn stalling(browser: &Browser, header: bool, beginning: Vec<u8>) -> BoxFuture<'static, Answer> {
    let mut browser = browser.clone();
    async move {
        let ask = browser.fetch("POST", PICTURE);
        let ask = if header { ask.with_token() } else { ask };
        ask.body(&kind(), beginning).stalled().send().await
    }
    .boxed()
}

/// Returns the beginning of a form: the whole token and a part of the picture.
fn beginning(token: &str) -> Vec<u8> {
    let mut body = multipart(&[("csrfToken", None, token.as_bytes()), ("picture", Some("me.png"), b"\x89PNG")]);
    body.truncate(body.len() - 40);
    body
}

async fn stalled_uploads_without_a_session_block_no_user(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut stranger = app.browser();
    let token = stranger.ensure_token().await;
    let mut forged = stranger.clone();
    forged.set_cookie("auth-session", "forged");
    let mut stalled = Vec::new();
    for who in [&stranger, &forged] {
        for _ in 0..5 {
            stalled.push(stalling(who, true, b"--".to_vec()));
            stalled.push(stalling(who, false, beginning(&token)));
            stalled.push(stalling(who, false, beginning("not the token")));
            stalled.push(stalling(who, false, b"--".to_vec()));
        }
    }
    for sending in &mut stalled {
        assert!(sending.now_or_never().is_none(), "it goes on sending");
    }
    wait_until("all uploads are running", async || app.state.work.running() >= stalled.len()).await;
    uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
}

async fn a_users_stalled_uploads_block_no_other_user(app: TestApp) {
    let (_, browser) = ayse(&app).await;
    // The address differs from other tests, because each address has a limit as well.
    let browser = browser.at_address("203.0.113.61");
    let token = browser.token().unwrap();
    let mut stalled: Vec<_> = (0..12).map(|_| stalling(&browser, false, beginning(&token))).collect();
    for sending in &mut stalled {
        assert!(sending.now_or_never().is_none(), "it goes on sending");
    }
    // An upload is counted after its token was verified, just before it takes a place.
    wait_until("all uploads are counted", async || app.database.number("SELECT mutations FROM sessions").await == 12)
        .await;
    let mut other = app.signed_in(&app.person("mehmet").await).await;
    uploaded(&mut other, &encoded(&picture(40, 40), ImageFormat::Png)).await;
}

async fn a_client_that_is_still_sending_receives_the_refusal(app: TestApp) {
    let mut stranger = app.browser();
    let large = vec![7; 4_000_000];
    stranger.ensure_token().await;
    upload(&mut stranger, &large).await.refused(401, "unauthenticated");
    let (_, mut browser) = ayse(&app).await;
    let ask = browser.fetch("POST", PICTURE).body(&kind(), multipart(&[("picture", Some("a"), &large)]));
    ask.send().await.refused(403, "csrf_failed");
    browser
        .fetch("POST", PICTURE)
        .with_token()
        .body("image/png", large)
        .send()
        .await
        .refused(415, "unsupported_media_type");
}

async fn only_the_first_part_may_be_the_token(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(4, 4), ImageFormat::Png);
    let token = browser.ensure_token().await;
    let (right, redirect) = (("csrfToken", None, token.as_bytes()), ("redirect", None, b"/account".as_slice()));
    let picture = ("picture", Some("a.png"), png.as_slice());
    let long = "x".repeat(10_000);
    for parts in [
        [redirect, right, picture].as_slice(),
        &[("csrfToken", None, long.as_bytes()), right, picture],
        &[("csrfToken", None, b"\r\n"), right, picture],
    ] {
        browser.fetch("POST", PICTURE).body(&kind(), multipart(parts)).send().await.refused(403, "csrf_failed");
    }
    // With the token in the header, the part is only a field of the form.
    send(&mut browser, &[("csrfToken", None, b"another"), redirect, picture]).await.expect(200);
    browser.fetch("POST", PICTURE).body(&kind(), multipart(&[right, redirect, picture])).send().await.expect(200);
}
