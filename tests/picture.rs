//! Pictures: whatever comes in, a small JPEG without a past goes out.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Person, TestApp, USER};

both![
    all_four_formats_become_a_small_square_jpeg,
    what_the_file_knew_is_gone_and_it_stands_upright,
    what_is_transparent_becomes_white,
    what_is_hidden_behind_a_picture_is_gone,
    what_is_no_picture_is_refused,
    what_is_cut_off_is_refused,
    bombs_are_refused,
    five_megabytes_and_not_a_byte_more,
    only_a_multipart_form_of_ours_is_read,
    a_form_without_wasm_is_led_back,
    the_token_comes_first_or_in_the_header,
    another_picture_takes_the_place_of_the_last,
    a_picture_is_taken_away,
    two_people_may_have_the_same_picture,
    pictures_are_for_those_who_are_signed_in,
    a_browser_keeps_a_picture_and_asks_for_nothing,
    of_uploads_at_once_one_stays,
];

const PICTURE: &str = "/api/account/picture";
const REMOVE: &str = "/api/account/picture/remove";
const BOUNDARY: &str = "----the-boundary";

/// A part: its name, its file's name if it is one, its content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: image/png")).unwrap_or_default();
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

fn kind() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

async fn send(browser: &mut Browser, parts: &[Part<'_>]) -> Answer {
    browser.ready().await;
    browser.fetch("POST", PICTURE).with_token().body(&kind(), multipart(parts)).send().await
}

async fn upload(browser: &mut Browser, picture: &[u8]) -> Answer {
    send(browser, &[("picture", Some("me.png"), picture)]).await
}

/// Uploads what is a picture, and gives the path it is at.
async fn uploaded(browser: &mut Browser, picture: &[u8]) -> String {
    let user = upload(browser, picture).await.data();
    assert_eq!(user, browser.get(USER).await.data());
    user["avatar"].as_str().unwrap().to_owned()
}

async fn seen(browser: &mut Browser, path: &str) -> RgbImage {
    let answer = browser.get(path).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    let image = image::load_from_memory_with_format(&answer.body, ImageFormat::Jpeg).unwrap().to_rgb8();
    assert_eq!(image.dimensions(), (256, 256));
    image
}

/// Left half red, right half blue.
fn picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) }).into()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn is_red(image: &RgbImage, x: u32, y: u32) -> bool {
    let [red, _, blue] = image.get_pixel(x, y).0;
    assert!(red.abs_diff(blue) > 100, "a clear colour at {x} {y}: {red} {blue}");
    red > blue
}

async fn refused(browser: &mut Browser, file: &[u8], what: &str) {
    let answer = upload(browser, file).await;
    let refused = answer.refused(422, "validation_failed");
    assert!(refused["fields"]["picture"].is_string(), "{what}: {refused}");
    assert_eq!(browser.get(USER).await.data()["avatar"], Value::Null, "{what}");
}

async fn ayse(app: &TestApp) -> (Person, Browser) {
    let ayse = app.person("ayse").await;
    let browser = app.signed_in(&ayse).await;
    (ayse, browser)
}

async fn all_four_formats_become_a_small_square_jpeg(app: TestApp) {
    let (ayse, mut browser) = ayse(&app).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        for (width, height) in [(1600, 400), (300, 500), (3, 2), (1, 1)] {
            let path = uploaded(&mut browser, &encoded(&picture(width, height), format)).await;
            assert!(path.starts_with("/pictures/") && path.ends_with(".jpg") && path.len() == 10 + 64 + 4, "{path}");
            let image = seen(&mut browser, &path).await;
            if width > 100 {
                assert!(is_red(&image, 20, 128) && !is_red(&image, 236, 128), "{format:?} {width}");
            }
        }
    }
    let audit =
        format!("SELECT details FROM audit WHERE action = 'profile_changed' AND target = '{}' LIMIT 1", ayse.id);
    assert_eq!(app.database.texts(&audit).await, [[r#"{"fields":["picture"]}"#]]);
}

async fn what_the_file_knew_is_gone_and_it_stands_upright(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    // Orientation 6: the camera was turned, the left side is up.
    let tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0 taken at 38.7312,35.4787";
    let exif = [b"Exif\0\0".as_slice(), tiff].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let jpeg = encoded(&picture(300, 300), ImageFormat::Jpeg);
    let comment = b"\xff\xfe\x00\x0ca comment!";
    let file = [&jpeg[..2], b"\xff\xe1", &length, &exif, comment, &jpeg[2..]].concat();
    let path = uploaded(&mut browser, &file).await;
    let image = seen(&mut browser, &path).await;
    assert!(is_red(&image, 128, 20) && !is_red(&image, 128, 236));
    let kept = browser.get(&path).await.body;
    for gone in [b"Exif".as_slice(), b"38.7312", b"a comment"] {
        assert!(!kept.windows(gone.len()).any(|part| part == gone));
    }
}

async fn what_is_transparent_becomes_white(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let clear: DynamicImage = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0])).into();
    let path = uploaded(&mut browser, &encoded(&clear, ImageFormat::Png)).await;
    assert!(seen(&mut browser, &path).await.get_pixel(9, 9).0.iter().all(|c| *c > 250));
}

async fn what_is_hidden_behind_a_picture_is_gone(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let file = [encoded(&picture(40, 40), format), b"<script>alert(1)</script>PK\x03\x04".to_vec()].concat();
        let path = uploaded(&mut browser, &file).await;
        let kept = browser.get(&path).await;
        assert!(!String::from_utf8_lossy(&kept.body).contains("script"));
        assert_eq!(kept.header("x-content-type-options"), Some("nosniff"));
    }
}

async fn what_is_no_picture_is_refused(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.as_slice();
    let xml_svg = [b"<?xml version=\"1.0\"?>".as_slice(), svg].concat();
    for (what, file) in [
        ("svg", svg),
        ("xml", &xml_svg),
        ("html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("text in a GIF's coat", b"GIF89a=1;/*<script>alert(1)</script>*/"),
        ("text in a JPEG's coat", b"\xff\xd8\xff\xe0<script>alert(1)</script>\xff\xd9"),
        ("text in a PNG's coat", b"\x89PNG\r\n\x1a\n<script>"),
        ("pdf", b"%PDF-1.7 \n"),
        ("zip", b"PK\x03\x04"),
        ("bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"),
        ("tiff", b"II*\0\x08\0\0\0"),
        ("ico", b"\0\0\x01\0\x01\0\x10\x10"),
        ("one byte", b"x"),
        ("nothing", b""),
    ] {
        refused(&mut browser, file, what).await;
    }
    // No file at all, as a form sends it, and no such field.
    for parts in [[("picture", Some(""), b"".as_slice())].as_slice(), &[]] {
        let answer = send(&mut browser, parts).await;
        assert_eq!(answer.refused(422, "validation_failed")["fields"]["picture"], "Choose a picture first.");
    }
}

async fn what_is_cut_off_is_refused(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        // Noise, so that there is something to cut.
        let noise = RgbImage::from_fn(90, 90, |x, y| {
            Rgb([(x * y * 7 % 251) as u8, (x * 31 % 241) as u8, (y * 17 % 239) as u8])
        });
        let whole = encoded(&noise.into(), format);
        for part in [whole.len() / 3, whole.len() / 2, whole.len() * 9 / 10] {
            refused(&mut browser, &whole[..part], &format!("{format:?} cut at {part} of {}", whole.len())).await;
        }
    }
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let table = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    };
    (!bytes.iter().fold(!0, table)).to_be_bytes()
}

/// A PNG that says it is so large.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(&RgbaImage::new(1, 1).into(), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&checksum);
    png
}

async fn bombs_are_refused(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut gif = encoded(&picture(2, 2), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let wide = encoded(&DynamicImage::new_luma8(9000, 4), ImageFormat::Png);
    for (what, file) in [
        ("50 000 pixels", png_of(50_000, 50_000)),
        ("as many as a number holds", png_of(u32::MAX / 2, u32::MAX / 2)),
        ("256 MB of pixels", png_of(8000, 8000)),
        ("a long line", wide),
        ("a GIF of 65 535 pixels", gif),
    ] {
        refused(&mut browser, &file, what).await;
    }
    // The helper's own seal is right: of a believable size it is only cut off.
    assert!(image::load_from_memory(&png_of(1, 1)).is_ok());
}

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

async fn another_picture_takes_the_place_of_the_last(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let first = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    let again = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    assert_eq!(first, again, "named after what it is");
    let second = uploaded(&mut browser, &encoded(&picture(40, 40).rotate180(), ImageFormat::Png)).await;
    assert_ne!(first, second);
    browser.get(&first).await.refused(404, "not_found");
    seen(&mut browser, &second).await;
    assert_eq!(app.database.number("SELECT count(*) FROM pictures").await, 1);
}

async fn a_picture_is_taken_away(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut other = app.signed_in(&app.person("mehmet").await).await;
    let theirs = uploaded(&mut other, &encoded(&picture(9, 9), ImageFormat::Png)).await;
    let mine = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    assert_eq!(browser.post(REMOVE, json!({})).await.data()["avatar"], Value::Null);
    browser.get(&mine).await.refused(404, "not_found");
    seen(&mut browser, &theirs).await;
    // Again is no harm, and nobody else's is in reach.
    let body = json!({ "userId": other.get(USER).await.data()["id"], "name": theirs });
    assert_eq!(browser.post(REMOVE, body).await.data()["avatar"], Value::Null);
    seen(&mut browser, &theirs).await;
}

async fn two_people_may_have_the_same_picture(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let mut other = app.signed_in(&app.person("mehmet").await).await;
    let png = encoded(&picture(40, 40), ImageFormat::Png);
    let mine = uploaded(&mut browser, &png).await;
    let theirs = uploaded(&mut other, &png).await;
    assert_ne!(mine, theirs);
    browser.post(REMOVE, json!({})).await.expect(200);
    seen(&mut browser, &theirs).await;
}

async fn pictures_are_for_those_who_are_signed_in(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let path = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    app.browser().get(&path).await.refused(401, "unauthenticated");
    app.browser().get("/pictures/none.jpg").await.refused(401, "unauthenticated");
    seen(&mut app.signed_in(&app.person("mehmet").await).await, &path).await;
    for odd in ["/pictures/none.jpg", "/pictures/", "/pictures/..%2f..%2fpanel.db", "/pictures/a/b", "/pictures/%00"] {
        browser.get(odd).await.refused(404, "not_found");
    }
    let mut stranger = app.browser();
    stranger.ready().await;
    let body = multipart(&[("picture", Some("a"), b"x")]);
    stranger.fetch("POST", PICTURE).with_token().body(&kind(), body).send().await.refused(401, "unauthenticated");
}

async fn a_browser_keeps_a_picture_and_asks_for_nothing(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let path = uploaded(&mut browser, &encoded(&picture(40, 40), ImageFormat::Png)).await;
    let answer = browser.get(&path).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));
    let tag = answer.header("etag").unwrap().to_owned();
    for known in [tag.clone(), format!("\"x\", W/{tag}")] {
        let again = browser.fetch("GET", &path).header("if-none-match", &known).send().await.expect(304);
        assert!(again.body.is_empty() && again.header("etag") == Some(tag.as_str()), "{again}");
    }
    browser.fetch("GET", &path).header("if-none-match", "\"x\"").send().await.expect(200);
    browser.post(REMOVE, json!({})).await.expect(200);
    browser.fetch("GET", &path).header("if-none-match", &tag).send().await.refused(404, "not_found");
}

async fn of_uploads_at_once_one_stays(app: TestApp) {
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
