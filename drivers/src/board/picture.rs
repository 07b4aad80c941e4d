//! Pictures on their way into a card: PNG files, and strips cut to the width of a board.

use super::frame::{Frame, Page, Playlist};
use std::io::Cursor;
use std::time::Duration;

/// A page stands at least this long, even where a strip had to be cut into many.
const SHORTEST: Duration = Duration::from_secs(3);
/// No picture of a board is larger than this when it is unpacked, bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Why a picture cannot be packed or unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("picture: {0}")]
pub struct PictureError(String);

/// The picture as a PNG file, 8 bits each of red, green and blue.
///
/// # Errors
/// [`PictureError`] for a picture without pixels.
pub fn png(frame: &Frame) -> Result<Vec<u8>, PictureError> {
    let failed = |error: png::EncodingError| PictureError(error.to_string());
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width().into(), frame.height().into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(frame.pixels().as_flattened()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// The picture of a PNG file; what is transparent is seen as it would be on black.
///
/// # Errors
/// [`PictureError`] for a file that is none, or too large.
pub fn from_png(file: &[u8]) -> Result<Frame, PictureError> {
    let failed = |error: png::DecodingError| PictureError(error.to_string());
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), png::Limits { bytes: LARGEST });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(failed)?;
    let size = reader.output_buffer_size().filter(|size| *size <= LARGEST);
    let mut bytes = vec![0; size.ok_or_else(|| PictureError("too large".to_owned()))?];
    let info = reader.next_frame(&mut bytes).map_err(failed)?;
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| PictureError(format!("{pixels} pixels long")));
    let (width, height) = (side(info.width)?, side(info.height)?);
    let depth = info.color_type.samples();
    let mut frame = Frame::new(width, height);
    let row = usize::from(width) * depth;
    for (y, line) in (0..height).zip(bytes.chunks_exact(row.max(1))) {
        for (x, pixel) in (0..width).zip(line.chunks_exact(depth)) {
            let dim = |value: u8, alpha: u8| (u16::from(value) * u16::from(alpha) / 255) as u8;
            frame.set(
                x,
                y,
                match *pixel {
                    [grey] => [grey; 3],
                    [grey, alpha] => [dim(grey, alpha); 3],
                    [red, green, blue] => [red, green, blue],
                    [red, green, blue, alpha] => [dim(red, alpha), dim(green, alpha), dim(blue, alpha)],
                    _ => [0; 3],
                },
            );
        }
    }
    Ok(frame)
}

/// Part of a picture, black where the picture ends.
pub fn cut(frame: &Frame, from: u16, width: u16, height: u16) -> Frame {
    let mut part = Frame::new(width, height);
    for y in 0..height {
        for x in 0..width {
            part.set(x, y, from.checked_add(x).map_or([0; 3], |at| frame.at(at, y)));
        }
    }
    part
}

/// The pieces of a strip, each as wide as the board; one piece for what is no wider.
pub fn pieces(frame: &Frame, width: u16, height: u16) -> Vec<Frame> {
    let count = frame.width().div_ceil(width.max(1)).max(1);
    (0..count).map(|n| cut(frame, n.saturating_mul(width), width, height)).collect()
}

/// The pages of a playlist for a card that cannot let a strip run: strips are cut into pages.
pub fn still(playlist: &Playlist, width: u16, height: u16) -> Vec<Page> {
    let mut pages = Vec::new();
    for page in &playlist.pages {
        let pieces = pieces(&page.frame, width, height);
        let hold = (page.hold / u32::try_from(pieces.len()).unwrap_or(u32::MAX)).max(SHORTEST.min(page.hold));
        pages.extend(pieces.into_iter().map(|frame| Page { frame, hold, runs: false }));
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speckled(width: u16, height: u16) -> Frame {
        let mut frame = Frame::new(width, height);
        for y in 0..height {
            for x in 0..width {
                frame.set(x, y, [(x * 7) as u8, (y * 11) as u8, (x ^ y) as u8]);
            }
        }
        frame
    }

    #[test]
    fn a_picture_comes_back_as_it_went() {
        for (width, height) in [(1, 1), (7, 3), (128, 64)] {
            let frame = speckled(width, height);
            assert_eq!(from_png(&png(&frame).expect("packed")).expect("unpacked"), frame);
        }
        assert!(png(&Frame::new(0, 4)).is_err());
        for bad in [&b""[..], b"GIF89a", &png(&speckled(9, 9)).expect("packed")[..40]] {
            assert!(from_png(bad).is_err());
        }
    }

    #[test]
    fn a_strip_is_cut_without_losing_a_column() {
        let strip = speckled(300, 8);
        let list = Playlist { pages: vec![Page { frame: strip.clone(), hold: Duration::from_secs(12), runs: true }] };
        let pages = still(&list, 128, 8);
        assert_eq!(pages.len(), 3);
        assert!(pages.iter().all(|page| page.hold == Duration::from_secs(4) && !page.runs));
        for x in 0..300 {
            let page = &pages[usize::from(x / 128)];
            assert!((0..8).all(|y| page.frame.at(x % 128, y) == strip.at(x, y)), "column {x}");
        }
        assert!((44..128).all(|x| pages[2].frame.at(x, 0) == [0; 3]));
    }
}
