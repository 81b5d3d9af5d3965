//! Scales a picture down to a square JPEG.
//!
//! The format is detected from the content, never from the name. Encoding anew drops all
//! metadata, such as the location. JPEG because the pictures are photographs of people: 256
//! pixels take some 15 kB, a sixth of PNG or of the lossless WebP that the `image` crate
//! writes. Transparency becomes white.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use tokio::sync::Semaphore;

use super::jpeg;
use crate::server::error::{Result, internal};

/// The side of the stored picture in pixels: sharp at four times the largest size shown.
const SIDE: u32 = 256;

/// The longest accepted side of an uploaded picture, in pixels.
const MAX_SIDE: u32 = 8000;

/// The maximum memory of one decoded picture in bytes: a 44 megapixel photograph. Cropping may
/// need as much again.
const MAX_DECODED: u64 = 128 * 1024 * 1024;

/// The maximum memory for one picture at any time, without its file. It covers cropping, and
/// decoding with everything that the decoder keeps besides the picture.
const MAX_MEMORY: u64 = 2 * MAX_DECODED;

const QUALITY: u8 = 85;

/// One picture at a time, to limit memory. Users rarely change their picture.
static TURN: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// The scaled picture. `None` for an unknown format, a broken file, or one above the decoding
/// limits. `held` and the turn are kept until the work is done, even if the caller stops
/// waiting.
///
/// # Errors
/// `internal` if the worker thread dies.
pub async fn shrink(original: Bytes, held: impl Send + 'static) -> Result<Option<Vec<u8>>> {
    let turn = TURN.clone().acquire_owned().await.map_err(internal)?;
    let work = move || {
        let small = small(&original);
        drop((original, held, turn));
        small
    };
    tokio::task::spawn_blocking(work).await.map_err(internal)
}

fn small(original: &[u8]) -> Option<Vec<u8>> {
    let (image, orientation) = decode(original)?;
    let mut square = centre(image);
    // After scaling, when rotating is cheap. The crop is centred, so the order makes no
    // difference.
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
    let extra_memory = extra_memory(format, original)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    // Not every decoder checks all limits.
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_DECODED {
        return None;
    }
    if decoder.total_bytes() + extra_memory * u64::from(width) * u64::from(height) > MAX_MEMORY {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    Some((DynamicImage::from_decoder(decoder).ok()?, orientation))
}

/// The largest centred square, scaled to the stored size.
fn centre(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    let square = image.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(image);
    // Large pictures are first averaged in one fast step. A slower, sharper filter does the
    // rest.
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

/// The decoder's memory besides the picture, in bytes per pixel. `None` for an incomplete JPEG.
fn extra_memory(format: ImageFormat, original: &[u8]) -> Option<u64> {
    Some(match format {
        ImageFormat::Jpeg => jpeg::read(original)?.extra_memory(),
        // A separate RGBA frame that is composed onto the canvas.
        ImageFormat::Gif => 4,
        // The worst case, animated with transparency: canvas 4, frame 4, its planes 1.5, its
        // alpha 1. A lossless picture needs a little over 4.
        ImageFormat::WebP => 12,
        // Decoded line by line, also when interlaced.
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn cancelling_the_caller_keeps_the_slot_until_the_work_ends() {
        let mut large = Vec::new();
        let picture = RgbImage::from_fn(4000, 4000, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]));
        JpegEncoder::new_with_quality(&mut large, 90).encode_image(&picture).expect("a picture");
        let place = Arc::new(());
        let held = Arc::downgrade(&place);
        assert!(shrink(large.into(), place).now_or_never().is_none(), "it takes a while");
        // The caller has gone.
        assert!(TURN.clone().try_acquire_owned().is_err() && held.strong_count() == 1);
        let next = TURN.clone().acquire_owned().await.expect("the turn, after the work");
        assert_eq!(held.strong_count(), 0);
        drop(next);
    }
}
