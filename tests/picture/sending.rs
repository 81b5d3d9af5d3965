//! How a picture comes: its size, its form, its token.

use image::ImageFormat;
use serde_json::Value;

use super::{PICTURE, REMOVE, ayse, encoded, kind, multipart, picture, send, upload, uploaded};
use crate::support::{TestApp, USER};

both![
    five_megabytes_and_not_a_byte_more,
    only_a_multipart_form_of_ours_is_read,
    a_form_without_wasm_is_led_back,
    the_token_comes_first_or_in_the_header,
];

async fn five_megabytes_and_not_a_byte_more(app: TestApp) {
    const LIMIT: usize = 5_000_000;
    let (_, mut browser) = ayse(&app).await;
    // Trailing bytes are no harm to a PNG, so this is the largest picture there may be.
    let mut largest = encoded(&picture(40, 40), ImageFormat::Png);
    largest.resize(LIMIT, 0);
    uploaded(&mut browser, &largest).await;
    largest.push(0);
    upload(&mut browser, &largest).await.refused(413, "payload_too_large");
    upload(&mut browser, &vec![0; 3 * LIMIT]).await.refused(413, "payload_too_large");
    // What is announced as far too much is not waited for.
    let ask = browser.fetch("POST", PICTURE).with_token().body(&kind(), "--").header("content-length", "99999999999");
    ask.send().await.refused(413, "payload_too_large");
    // Everything else stays at 64 KiB.
    let ask = browser.fetch("POST", REMOVE).with_token().body("application/json", vec![b' '; 64 * 1024 + 1]);
    ask.send().await.refused(413, "payload_too_large");
    // A form without WASM hears the same.
    let token = browser.ready().await;
    let body = multipart(&[("csrfToken", None, token.as_bytes()), ("picture", Some("a"), &largest)]);
    let answer = browser.form_navigation("/account", PICTURE).body(&kind(), body).send().await;
    assert_eq!(answer.see_other(), "/account?error=payload_too_large");
    assert!(browser.navigate("/account?error=payload_too_large").await.text().contains("This is too large."));
}

async fn only_a_multipart_form_of_ours_is_read(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(4, 4), ImageFormat::Png);
    browser.ready().await;
    for kind in
        ["application/json", "application/x-www-form-urlencoded", "image/png", "multipart/mixed; boundary=x", ""]
    {
        let ask = browser.fetch("POST", PICTURE).with_token().body(kind, png.clone());
        ask.send().await.refused(415, "unsupported_media_type");
    }
    for kind in ["multipart/form-data", "multipart/form-data; boundary=another"] {
        let ask = browser.fetch("POST", PICTURE).with_token().body(kind, multipart(&[("picture", Some("a"), &png)]));
        ask.send().await.refused(400, "invalid_request");
    }
    let picture = ("picture", Some("a.png"), png.as_slice());
    for parts in [
        [picture, picture].as_slice(),
        &[("userId", None, b"x"), picture],
        &[("redirect", None, b"/"), ("redirect", None, b"/"), picture],
        &[("redirect", None, b"\xff"), picture],
        &[picture, ("redirect", None, b"/")],
    ] {
        send(&mut browser, parts).await.refused(400, "invalid_request");
    }
    assert_eq!(browser.get(USER).await.data()["avatar"], Value::Null);
    // And nothing else reads a multipart one.
    let ask = browser.fetch("POST", "/api/account/profile").with_token().body(&kind(), multipart(&[picture]));
    ask.send().await.refused(415, "unsupported_media_type");
}

async fn a_form_without_wasm_is_led_back(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(40, 40), ImageFormat::Png);
    let token = browser.ready().await;
    let parts = |file: &'static str, content: &[u8]| {
        let to = b"/account?saved=picture".as_slice();
        multipart(&[("csrfToken", None, token.as_bytes()), ("redirect", None, to), ("picture", Some(file), content)])
    };
    let form = browser.form_navigation("/account", PICTURE).body(&kind(), parts("me.png", &png));
    assert_eq!(form.send().await.see_other(), "/account?saved=picture");
    let page = browser.navigate("/account?saved=picture").await.expect(200);
    assert!(page.text().contains("Your new picture is there.") && page.text().contains("src=\"/pictures/"), "{page}");

    let form = browser.form_navigation("/account?saved=picture", PICTURE).body(&kind(), parts("me.png", b"<svg/>"));
    assert_eq!(form.send().await.see_other(), "/account?saved=picture&error=validation_failed");
    let page = browser.navigate("/account?saved=picture&error=validation_failed").await.expect(200);
    assert!(page.text().contains("picture-error") && !page.text().contains("Your new picture is there."), "{page}");

    let answer = browser.submit("/account", REMOVE, &[("redirect", "/account?saved=no-picture")]).await;
    assert_eq!(answer.see_other(), "/account?saved=no-picture");
    assert!(browser.navigate("/account?saved=no-picture").await.text().contains("Your picture has been removed."));
}

async fn the_token_comes_first_or_in_the_header(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(4, 4), ImageFormat::Png);
    let token = browser.ready().await;
    let picture = ("picture", Some("a.png"), png.as_slice());
    let of = |token: &'static str| ("csrfToken", None, token.as_bytes());
    for parts in [
        [picture].as_slice(),
        &[of(""), picture],
        &[of("x"), picture],
        // Behind the picture it counts for nothing.
        &[picture, ("csrfToken", None, token.as_bytes())],
    ] {
        let ask = browser.fetch("POST", PICTURE).body(&kind(), multipart(parts));
        ask.send().await.refused(403, "csrf_failed");
    }
    let parts = multipart(&[("csrfToken", None, token.as_bytes()), picture]);
    browser.fetch("POST", PICTURE).body(&kind(), parts.clone()).send().await.expect(200);
    let foreign = browser.fetch("POST", PICTURE).header("origin", "https://evil.example").body(&kind(), parts);
    foreign.send().await.refused(403, "csrf_failed");
}
