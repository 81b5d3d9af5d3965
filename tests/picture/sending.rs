//! The upload of a picture: its size, its form and its token.

use image::ImageFormat;
use serde_json::Value;

use super::{PICTURE, REMOVE, ayse, encoded, kind, multipart, picture, send, upload, uploaded};
use crate::support::{TestApp, USER};

both![
    a_picture_has_at_most_five_megabytes,
    only_a_well_formed_multipart_form_is_accepted,
    a_form_without_wasm_redirects,
    the_token_is_the_first_part_or_in_the_header,
];

async fn a_picture_has_at_most_five_megabytes(app: TestApp) {
    const LIMIT: usize = 5_000_000;
    let (_, mut browser) = ayse(&app).await;
    // A PNG may have trailing bytes, so this is the largest allowed picture.
    let mut largest = encoded(&picture(40, 40), ImageFormat::Png);
    largest.resize(LIMIT, 0);
    uploaded(&mut browser, &largest).await;
    largest.push(0);
    upload(&mut browser, &largest).await.refused(413, "payload_too_large");
    upload(&mut browser, &vec![0; 3 * LIMIT]).await.refused(413, "payload_too_large");
    // A body with a too large Content-Length is refused before it arrives.
    let ask = browser.fetch("POST", PICTURE).with_token().body(&kind(), "--").header("content-length", "99999999999");
    ask.send().await.refused(413, "payload_too_large");
    // All other routes have a limit of 64 KiB.
    let ask = browser.fetch("POST", REMOVE).with_token().body("application/json", vec![b' '; 64 * 1024 + 1]);
    ask.send().await.refused(413, "payload_too_large");
    // A form without WASM gets the same error.
    let token = browser.ensure_token().await;
    let body = multipart(&[("csrfToken", None, token.as_bytes()), ("picture", Some("a"), &largest)]);
    let answer = browser.form_navigation("/account", PICTURE).body(&kind(), body).send().await;
    assert_eq!(answer.see_other(), "/account?error=payload_too_large");
    assert!(browser.navigate("/account?error=payload_too_large").await.text().contains("This is too large."));
}

async fn only_a_well_formed_multipart_form_is_accepted(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(4, 4), ImageFormat::Png);
    browser.ensure_token().await;
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
    // No other route reads a multipart body.
    let ask = browser.fetch("POST", "/api/account/profile").with_token().body(&kind(), multipart(&[picture]));
    ask.send().await.refused(415, "unsupported_media_type");
}

async fn a_form_without_wasm_redirects(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(40, 40), ImageFormat::Png);
    let token = browser.ensure_token().await;
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

async fn the_token_is_the_first_part_or_in_the_header(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let png = encoded(&picture(4, 4), ImageFormat::Png);
    let token = browser.ensure_token().await;
    let picture = ("picture", Some("a.png"), png.as_slice());
    let of = |token: &'static str| ("csrfToken", None, token.as_bytes());
    for parts in [
        [picture].as_slice(),
        &[of(""), picture],
        &[of("x"), picture],
        // After the picture it does not count.
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
