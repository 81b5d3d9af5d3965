//! Making a picture small: whatever comes in, a square JPEG goes out.
//!
//! Decoded by what it is, never by its name, and encoded anew: what is hidden in
//! the file, where it was taken included, is gone. JPEG because these are
//! photographs of people: 256 pixels take some 15 kB, a sixth of PNG or of the
//! lossless WebP that the `image` crate writes. What is transparent becomes white.

use std::io::Cursor;

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use tokio::sync::Semaphore;

use super::super::error::{Result, internal};

/// The side of a kept picture in pixels: sharp at four times the largest size it is shown in.
const SIDE: u32 = 256;

/// The longest side of what is decoded, in pixels.
const MAX_SIDE: u32 = 8000;

/// The most memory of one decoded picture in bytes: 44 megapixels of a photograph.
/// Cropping it may take as much again.
const MAX_DECODED: u64 = 128 * 1024 * 1024;

const QUALITY: u8 = 85;

/// One at a time: it is the memory that has to be bounded, and people change
/// their picture once a year.
static PLACE: Semaphore = Semaphore::const_new(1);

/// The small picture; `None` for what is none of the four formats, broken, or
/// larger unpacked than a picture has reason to be.
///
/// # Errors
/// `internal` when the thread that does it dies.
pub async fn shrink(original: Bytes) -> Result<Option<Vec<u8>>> {
    let _place = PLACE.acquire().await.map_err(internal)?;
    tokio::task::spawn_blocking(move || small(&original)).await.map_err(internal)
}

fn small(original: &[u8]) -> Option<Vec<u8>> {
    let (image, orientation) = decode(original)?;
    let mut square = centre(image);
    // After shrinking, when turning costs next to nothing: the centre is the same either way.
    square.apply_orientation(orientation);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&on_white(&square)).ok()?;
    Some(out)
}

fn decode(original: &[u8]) -> Option<(DynamicImage, Orientation)> {
    let format = image::guess_format(original).ok()?;
    if ![ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif].contains(&format) {
        return None;
    }
    if format == ImageFormat::Jpeg && !is_whole_jpeg(original) {
        return None;
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    // Not every decoder looks at all limits by itself.
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_DECODED {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    Some((DynamicImage::from_decoder(decoder).ok()?, orientation))
}

/// The largest square in the middle, in the size that is kept.
fn centre(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    let square = image.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(image);
    // Far down in one step by averages, which is fast; the rest with a filter, which is sharp.
    let square = if side > 4 * SIDE { square.thumbnail_exact(2 * SIDE, 2 * SIDE) } else { square };
    square.resize_exact(SIDE, SIDE, FilterType::Lanczos3)
}

fn on_white(image: &DynamicImage) -> RgbImage {
    let rgba = image.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0;
        let mix = |c: u8| ((u16::from(c) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255) as u8;
        Rgb([mix(red), mix(green), mix(blue)])
    })
}

/// Whether a JPEG has its end: the decoder fills what is missing with grey and
/// says nothing. Segments are walked to the first scan, past thumbnails that
/// have an end of their own; in a scan a marker is never part of the data.
fn is_whole_jpeg(jpeg: &[u8]) -> bool {
    let mut at = 2;
    while let (Some([0xff, marker]), Some(length)) = (jpeg.get(at..at + 2), jpeg.get(at + 2..at + 4)) {
        if *marker == 0xff {
            at += 1;
            continue;
        }
        if *marker == 0xda {
            return jpeg[at..].windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
    }
    false
}
