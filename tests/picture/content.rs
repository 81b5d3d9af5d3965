//! What remains of an uploaded file, and which files are refused.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{ayse, encoded, is_red, picture, refused, seen, send, uploaded};
use crate::support::TestApp;

both![
    all_four_formats_become_a_small_square_jpeg,
    metadata_is_removed_and_the_orientation_is_applied,
    transparent_pixels_become_white,
    data_appended_to_a_picture_is_removed,
    a_file_that_is_no_picture_is_refused,
    a_truncated_picture_is_refused,
    decompression_bombs_are_refused,
    a_picture_whose_decoding_needs_too_much_memory_is_refused,
];

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

async fn metadata_is_removed_and_the_orientation_is_applied(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    // Orientation 6: the camera was rotated, so the image's left side is up.
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

async fn transparent_pixels_become_white(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    let clear: DynamicImage = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0])).into();
    let path = uploaded(&mut browser, &encoded(&clear, ImageFormat::Png)).await;
    assert!(seen(&mut browser, &path).await.get_pixel(9, 9).0.iter().all(|c| *c > 250));
}

async fn data_appended_to_a_picture_is_removed(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let file = [encoded(&picture(40, 40), format), b"<script>alert(1)</script>PK\x03\x04".to_vec()].concat();
        let path = uploaded(&mut browser, &file).await;
        let kept = browser.get(&path).await;
        assert!(!String::from_utf8_lossy(&kept.body).contains("script"));
        assert_eq!(kept.header("x-content-type-options"), Some("nosniff"));
    }
}

async fn a_file_that_is_no_picture_is_refused(app: TestApp) {
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
    // A form without a chosen file sends an empty file; another request has no such field.
    for parts in [[("picture", Some(""), b"".as_slice())].as_slice(), &[]] {
        let answer = send(&mut browser, parts).await;
        assert_eq!(answer.refused(422, "validation_failed")["fields"]["picture"], "Choose a picture first.");
    }
}

async fn a_truncated_picture_is_refused(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        // Noise does not compress, so truncation removes pixels.
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

/// Makes a PNG whose header claims this size.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(&RgbaImage::new(1, 1).into(), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&checksum);
    png
}

async fn decompression_bombs_are_refused(app: TestApp) {
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
    // The helper writes a valid checksum: a claimed size of one pixel can be decoded.
    assert!(image::load_from_memory(&png_of(1, 1)).is_ok());
}

/// Makes a grey JPEG with three components: in one scan with all coefficients, or progressive
/// with only a first scan of the DC coefficients.
fn grey(width: u16, height: u16, progressive: bool) -> Vec<u8> {
    let (width_bytes, height_bytes) = (width.to_be_bytes(), height.to_be_bytes());
    let mut jpeg = b"\xff\xd8\xff\xdb\x00\x43\x00".to_vec();
    jpeg.extend([1; 64]);
    jpeg.extend([0xff, if progressive { 0xc2 } else { 0xc0 }, 0, 17, 8]);
    jpeg.extend([height_bytes, width_bytes].concat());
    jpeg.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    for table in [0x00, 0x10] {
        // A table with one code of one bit, which means "no difference" and "end of block".
        jpeg.extend([0xff, 0xc4, 0, 20, table, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    jpeg.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, if progressive { 0 } else { 63 }, 0]);
    let blocks = 3 * usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let bits = if progressive { blocks } else { 2 * blocks };
    jpeg.extend(vec![0; bits.div_ceil(8)]);
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

async fn a_picture_whose_decoding_needs_too_much_memory_is_refused(app: TestApp) {
    let (_, mut browser) = ayse(&app).await;
    // 39 megapixels need 350 MB in several scans, but 120 MB plus 120 MB in one scan.
    refused(&mut browser, &grey(6500, 6000, true), "a large progressive JPEG").await;
    refused(&mut browser, &grey(8000, 5500, true), "a larger one").await;
    for (width, height, progressive) in [(8000, 5500, false), (5000, 4000, true), (301, 203, true), (7, 9, false)] {
        let path = uploaded(&mut browser, &grey(width, height, progressive)).await;
        assert!(seen(&mut browser, &path).await.get_pixel(128, 128).0.iter().all(|c| c.abs_diff(128) < 3));
    }
}
