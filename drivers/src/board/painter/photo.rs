//! Pictures of the cache on a panel: unpacked within bounds, as large as fits, mixed of the colours the panel has.

use crate::board::cpower_picture::Colours;
use crate::board::frame::Frame;
use image::imageops::{ColorMap, FilterType, dither};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// No file of a picture is larger, bytes.
const FILE: u64 = 16 * 1024 * 1024;
/// No picture is larger when it is unpacked, bytes: 21 million pixels.
const UNPACKED: u64 = 64 * 1024 * 1024;
/// No side is longer, pixels.
const SIDE: u32 = 16_384;
/// How a value is seen (sRGB, nearly) to how much light it is, which is what lit and unlit neighbours add up.
const GAMMA: f32 = 2.2;

/// Why a file cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PhotoFault {
    /// It cannot be read.
    #[error("reading the picture")]
    File(#[from] std::io::Error),
    /// It is larger than is taken.
    #[error("the picture is too large")]
    Large,
    /// It is none that is known: a film, for example.
    #[error("unpacking the picture")]
    Kind(#[from] image::ImageError),
}

/// The picture of a file (JPEG, PNG, WebP), upright, as large as it fits so many pixels across and down; what is transparent is
/// seen as on black.
///
/// # Errors
/// [`PhotoFault`].
pub(super) fn photo(file: &Path, width: u16, height: u16, colours: Colours) -> Result<Frame, PhotoFault> {
    let image = unpacked(file)?.resize(width.max(1).into(), height.max(1).into(), FilterType::Triangle);
    Ok(framed(&mixed(on_black(&image), colours)))
}

/// Width and height of a picture, upright, which was unpacked to be sure of it.
///
/// # Errors
/// [`PhotoFault`]: it is none, or too large to be unpacked.
pub fn picture_size(file: &Path) -> Result<(u32, u32), PhotoFault> {
    let image = unpacked(file).map_err(|fault| match fault {
        PhotoFault::Kind(image::ImageError::Limits(_)) => PhotoFault::Large,
        fault => fault,
    })?;
    Ok((image.width(), image.height()))
}

/// The picture of a file, upright, within bounds.
fn unpacked(file: &Path) -> Result<DynamicImage, PhotoFault> {
    let opened = File::open(file)?;
    if opened.metadata()?.len() > FILE {
        return Err(PhotoFault::Large);
    }
    let mut reader = ImageReader::new(BufReader::new(opened)).with_guessed_format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(SIDE), Some(SIDE), Some(UNPACKED));
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > UNPACKED {
        return Err(PhotoFault::Large);
    }
    let turned = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(turned);
    Ok(image)
}

fn on_black(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    let mut out = RgbImage::new(image.width(), image.height());
    for (to, from) in out.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0 = [red, green, blue].map(|value| (u16::from(value) * u16::from(alpha) / 255) as u8);
    }
    out
}

/// What a panel of these colours can show of it: errors are passed on to the neighbours (Floyd and Steinberg).
fn mixed(mut image: RgbImage, colours: Colours) -> RgbImage {
    if colours == Colours::Full {
        return image;
    }
    for pixel in image.pixels_mut() {
        let light = pixel.0.map(|value| (f32::from(value) / 255.0).powf(GAMMA));
        let [red, green, blue] = match colours {
            // Luma of BT.709, of light.
            Colours::Mono => [light[0].mul_add(0.2126, light[1].mul_add(0.7152, light[2] * 0.0722)); 3],
            Colours::Dual => [light[0], light[1], 0.0],
            Colours::Eight | Colours::Full => light,
        };
        pixel.0 = [red, green, blue].map(|light| (light * 255.0).round() as u8);
    }
    dither(&mut image, &Lamps);
    image
}

/// Lamps that are lit or not, one of each colour at every place.
struct Lamps;

impl ColorMap for Lamps {
    type Color = Rgb<u8>;

    fn index_of(&self, colour: &Rgb<u8>) -> usize {
        colour.0.iter().fold(0, |index, value| index << 1 | usize::from(*value >= 128))
    }

    fn map_color(&self, colour: &mut Rgb<u8>) {
        colour.0 = colour.0.map(|value| if value >= 128 { 255 } else { 0 });
    }
}

fn framed(image: &RgbImage) -> Frame {
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut frame = Frame::new(side(image.width()), side(image.height()));
    for (x, y, pixel) in image.enumerate_pixels() {
        frame.set(side(x), side(y), pixel.0);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half of one colour, right half of another, as a file of this kind.
    fn file(name: &str, width: u32, height: u32) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("photo-{}-{name}", std::process::id()));
        let image = RgbImage::from_fn(width, height, |x, _| Rgb(if x * 2 < width { [188, 0, 0] } else { [0, 0, 255] }));
        image.save(&path).expect("written");
        path
    }

    fn shown(name: &str, size: (u32, u32), onto: (u16, u16), colours: Colours) -> Frame {
        let path = file(name, size.0, size.1);
        // As small as the stack of a line's thread.
        let seen = std::thread::Builder::new().stack_size(256 * 1024).spawn({
            let path = path.clone();
            move || photo(&path, onto.0, onto.1, colours)
        });
        let frame = seen.expect("a thread").join().expect("no panic").expect("a picture");
        std::fs::remove_file(path).expect("it is ours");
        frame
    }

    #[test]
    fn a_picture_keeps_its_shape_and_its_sides() {
        for name in ["a.png", "b.jpg", "c.webp"] {
            let frame = shown(name, (800, 400), (128, 96), Colours::Full);
            assert_eq!((frame.width(), frame.height()), (128, 64), "{name}");
            let ([red, _, no_blue], [no_red, _, blue]) = (frame.at(10, 30), frame.at(120, 30));
            assert!(red > 150 && no_blue < 40 && no_red < 40 && blue > 200, "{name}");
        }
        let tall = shown("d.png", (10, 40), (64, 32), Colours::Full);
        assert_eq!((tall.width(), tall.height()), (8, 32), "a small one is made larger");
    }

    #[test]
    fn half_the_light_is_half_the_lamps_and_no_others_are_lit() {
        let frame = shown("e.png", (640, 320), (64, 32), Colours::Eight);
        let left: Vec<[u8; 3]> =
            (2..30).flat_map(|x| (2..30).map(move |y| (x, y))).map(|(x, y)| frame.at(x, y)).collect();
        let lit = left.iter().filter(|pixel| **pixel == [255, 0, 0]).count();
        assert!(left.iter().all(|pixel| [[0; 3], [255, 0, 0]].contains(pixel)));
        assert!(lit * 10 > left.len() * 4 && lit * 10 < left.len() * 6, "{lit} of {}", left.len());
        for (colours, may) in [(Colours::Mono, [true; 3]), (Colours::Dual, [true, true, false])] {
            let name = format!("f{may:?}.png");
            let frame = shown(&name, (64, 32), (64, 32), colours);
            let fits = |pixel: &[u8; 3]| {
                pixel.iter().zip(may).all(|(value, may)| *value == 0 || (*value == 255 && may))
                    && (colours != Colours::Mono || pixel.iter().all(|value| *value == pixel[0]))
            };
            assert!(frame.pixels().iter().all(fits), "{colours:?}");
        }
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let path = std::env::temp_dir().join(format!("photo-{}-bad", std::process::id()));
        // A head that promises 400 million pixels.
        let mut huge = Vec::new();
        let mut encoder = png::Encoder::new(&mut huge, 20_000, 20_000);
        encoder.set_color(png::ColorType::Rgb);
        drop(encoder.write_header().expect("a head"));
        for bytes in [&b""[..], b"\0\0\0\x20ftypisom", b"\xFF\xD8\xFF\xE0 cut", &huge] {
            std::fs::write(&path, bytes).expect("written");
            assert!(photo(&path, 64, 32, Colours::Full).is_err());
            assert!(picture_size(&path).is_err());
        }
        std::fs::remove_file(&path).expect("it is ours");
        assert!(matches!(photo(&path, 64, 32, Colours::Full), Err(PhotoFault::File(_))));
    }
}
