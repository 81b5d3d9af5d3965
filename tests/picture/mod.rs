//! Profile pictures: every upload becomes a small JPEG without metadata.
//!
//! | file | what |
//! |---|---|
//! | `content` | what remains of a file, and which files are refused |
//! | `sending` | the upload's size, form and token |
//! | `stalled` | uploads that never finish |
//! | `keeping` | who sees a picture, and how it is cached |

mod content;
mod keeping;
mod sending;
mod stalled;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

use crate::support::{Answer, Browser, Person, TestApp, USER};

const PICTURE: &str = "/api/account/picture";

const REMOVE: &str = "/api/account/picture/remove";

const BOUNDARY: &str = "----the-boundary";

/// A part of a multipart body: its name, its file name if it is a file, and its content.
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
    browser.ensure_token().await;
    browser.fetch("POST", PICTURE).with_token().body(&kind(), multipart(parts)).send().await
}

async fn upload(browser: &mut Browser, picture: &[u8]) -> Answer {
    send(browser, &[("picture", Some("me.png"), picture)]).await
}

/// Uploads a valid picture, and returns its path.
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

/// Makes a picture whose left half is red and whose right half is blue.
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
