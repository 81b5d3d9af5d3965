//! Making a picture small: whatever comes in, a square JPEG goes out.
//!
//! Decoded by what it is, never by its name, and encoded anew: what is hidden in
//! the file, where it was taken included, is gone. JPEG because these are
//! photographs of people: 256 pixels take some 15 kB, a sixth of PNG or of the
//! lossless WebP that the `image` crate writes. What is transparent becomes white.

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

/// The side of a kept picture in pixels: sharp at four times the largest size it is shown in.
const SIDE: u32 = 256;

/// The longest side of what is decoded, in pixels.
const MAX_SIDE: u32 = 8000;

/// The most memory of one decoded picture in bytes: 44 megapixels of a photograph.
/// Cropping it may take as much again.
const MAX_DECODED: u64 = 128 * 1024 * 1024;

/// The most memory of one picture at any time, its file apart: what cropping may
/// take, and what decoding may with all that the decoder keeps beside the picture.
const MAX_MEMORY: u64 = 2 * MAX_DECODED;

const QUALITY: u8 = 85;

/// One at a time: it is the memory that has to be bounded, and people change
/// their picture once a year.
static TURN: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// The small picture; `None` for what is none of the four formats, broken, or
/// larger unpacked than a picture has reason to be. What is `held` stays so until the
/// work is done, and so does the turn, whether somebody still waits or not.
///
/// # Errors
/// `internal` when the thread that does it dies.
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
    let beside = beside(format, original)?;
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
    if decoder.total_bytes() + beside * u64::from(width) * u64::from(height) > MAX_MEMORY {
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

/// What a decoder keeps in memory beside the picture, in bytes for each pixel;
/// `None` for a JPEG that is not whole.
fn beside(format: ImageFormat, original: &[u8]) -> Option<u64> {
    Some(match format {
        ImageFormat::Jpeg => jpeg::read(original)?.beside(),
        // A frame of its own, in RGBA, that is then laid on the canvas.
        ImageFormat::Gif => 4,
        // The worst of its kinds, moving ones with transparency: canvas 4, frame
        // 4, its planes 1.5, its transparency 1; a lossless one unpacks into 4 and some.
        ImageFormat::WebP => 12,
        // Unpacked line by line, interlaced ones too.
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn who_gives_up_frees_nothing_while_the_work_goes_on() {
        let mut large = Vec::new();
        let picture = RgbImage::from_fn(4000, 4000, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]));
        JpegEncoder::new_with_quality(&mut large, 90).encode_image(&picture).expect("a picture");
        let place = Arc::new(());
        let held = Arc::downgrade(&place);
        assert!(shrink(large.into(), place).now_or_never().is_none(), "it takes a while");
        // Whoever waited is gone.
        assert!(TURN.clone().try_acquire_owned().is_err() && held.strong_count() == 1);
        let next = TURN.clone().acquire_owned().await.expect("a turn, when it is done");
        assert_eq!(held.strong_count(), 0);
        drop(next);
    }
}
