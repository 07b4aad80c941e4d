//! What C-Power5200 cards are sent as pictures: colours they have, planes, windows, no IO.

use super::frame::Frame;

/// What stands before the picture in an external call.
const CALL_HEAD: usize = 11;
/// What stands before the planes in a picture.
const PICTURE_HEAD: usize = 8;

/// The colours a board has, and with how many bits of each it is sent pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// One colour: a pixel is lit or not.
    Mono,
    /// Red, green and, both together, yellow.
    Dual,
    /// Red, green and blue, each lit or not; colours between are mixed of neighbouring pixels.
    Eight,
    /// 256 levels of red, green and blue.
    Full,
}

impl Colours {
    /// The colours of that name in the configuration.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "mono" => Some(Self::Mono),
            "dual" => Some(Self::Dual),
            "eight" => Some(Self::Eight),
            "full" => Some(Self::Full),
            _ => None,
        }
    }

    fn planes(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Dual => 2,
            Self::Eight | Self::Full => 3,
        }
    }
}

/// The picture as a board with these colours can show it.
///
/// A colour between two is made of lit and unlit neighbours in turns (2×2 ordered dither), so that orange is not taken
/// for red. Nothing that was bright becomes dark.
pub fn reduced(frame: &Frame, colours: Colours) -> Frame {
    const STEPS: [[u8; 2]; 2] = [[64, 160], [224, 112]];
    let mut out = Frame::new(frame.width(), frame.height());
    for y in 0..frame.height() {
        for x in 0..frame.width() {
            let pixel = frame.at(x, y);
            let step = STEPS[usize::from(y % 2)][usize::from(x % 2)];
            let bright = pixel.iter().any(|value| *value >= 128);
            let lit = |value: u8| if value >= step { 255 } else { 0 };
            let [red, green, blue] = pixel.map(lit);
            out.set(
                x,
                y,
                match colours {
                    Colours::Full => pixel,
                    Colours::Eight => [red, green, blue],
                    Colours::Dual if bright && red == 0 && green == 0 => [255, 0, 0],
                    Colours::Dual => [red, green, 0],
                    Colours::Mono => [if bright { 255 } else { 0 }, 0, 0],
                },
            );
        }
    }
    out
}

/// Bytes of a picture of this size as an external call.
pub fn picture_len(width: u16, height: u16, colours: Colours) -> usize {
    let row = if colours == Colours::Full { usize::from(width) } else { usize::from(width).div_ceil(8) };
    CALL_HEAD + PICTURE_HEAD + colours.planes() * row * usize::from(height)
}

/// A simple picture ("I1"): its head, then a plane for each colour, rows padded to whole bytes.
pub fn simple_picture(frame: &Frame, colours: Colours) -> Vec<u8> {
    let frame = reduced(frame, colours);
    let (width, height) = (frame.width(), frame.height());
    let depth = if colours == Colours::Full { 0x70 } else { 0x00 };
    let mut bytes = b"I1".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([depth | ((1 << colours.planes()) - 1), 0]);
    for plane in 0..colours.planes() {
        for y in 0..height {
            let row = (0..width).map(|x| frame.at(x, y).get(plane).copied().unwrap_or_default());
            if colours == Colours::Full {
                bytes.extend(row);
            } else {
                let row: Vec<u8> = row.collect();
                let eight = |pixels: &[u8]| {
                    pixels.iter().enumerate().fold(0, |byte, (at, value)| byte | (u8::from(*value > 0) << (7 - at)))
                };
                bytes.extend(row.chunks(8).map(eight));
            }
        }
    }
    bytes
}

/// External call 01: one window over the whole board.
pub fn one_window(width: u16, height: u16) -> Vec<u8> {
    let mut body = vec![0x01, 1];
    for value in [0, 0, width, height] {
        body.extend(value.to_be_bytes());
    }
    body
}

/// External call 03: a simple picture in window 0, drawn at once.
pub fn show_picture(picture: &[u8], stay_s: u16) -> Vec<u8> {
    let [high, low] = stay_s.to_be_bytes();
    let mut body = vec![0x03, 0, 0, 1, high, low, 4, 0, 0, 0, 0];
    body.extend(picture);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(colour: [u8; 3]) -> Frame {
        let mut frame = Frame::new(10, 2);
        for (x, y) in (0..10).flat_map(|x| [(x, 0), (x, 1)]) {
            frame.set(x, y, colour);
        }
        frame
    }

    #[test]
    fn a_simple_picture_is_laid_out_as_the_document_says() {
        let mut frame = Frame::new(10, 1);
        frame.set(0, 0, [255, 0, 0]);
        frame.set(9, 0, [0, 255, 255]);
        let head = |property| [&b"I1\x0A\x00\x01\x00"[..], &[property, 0]].concat();
        assert_eq!(simple_picture(&frame, Colours::Eight), [head(7), vec![0x80, 0, 0, 0x40, 0, 0x40]].concat());
        assert_eq!(simple_picture(&frame, Colours::Mono), [head(1), vec![0x80, 0x40]].concat());
        let full = simple_picture(&frame, Colours::Full);
        assert_eq!((&full[..8], full.len(), full[8], full[17]), (&head(0x77)[..], 38, 255, 0));
        assert_eq!(one_window(128, 32), [1, 1, 0, 0, 0, 0, 0, 128, 0, 32]);
        for colours in [Colours::Mono, Colours::Dual, Colours::Eight, Colours::Full] {
            let call = show_picture(&simple_picture(&Frame::new(13, 5), colours), 1);
            assert_eq!(picture_len(13, 5, colours), call.len(), "{colours:?}");
        }
        assert_eq!(show_picture(b"x", 300), [3, 0, 0, 1, 1, 44, 4, 0, 0, 0, 0, b'x']);
    }

    #[test]
    fn the_colours_of_the_law_stay_apart_with_eight_and_nothing_bright_goes_dark() {
        let law = [[0x80, 0xC0, 0xFF], [0xFF, 0xFF, 0x80], [0xFF, 0x80, 0], [0xFF, 0, 0], [0x80, 0, 0xFF], [0xFF; 3]];
        let seen: std::collections::BTreeSet<Vec<[u8; 3]>> =
            law.iter().map(|colour| reduced(&one(*colour), Colours::Eight).pixels().to_vec()).collect();
        assert_eq!(seen.len(), law.len());
        for colours in [Colours::Mono, Colours::Dual, Colours::Eight, Colours::Full] {
            for colour in law {
                assert!(reduced(&one(colour), colours).pixels().iter().all(|pixel| *pixel != [0; 3]), "{colours:?}");
            }
            assert!(reduced(&one([0; 3]), colours).pixels().iter().all(|pixel| *pixel == [0; 3]));
        }
    }
}
