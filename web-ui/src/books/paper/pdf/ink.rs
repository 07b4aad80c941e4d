//! The type of the pages: Be Vietnam Pro, measured and broken into lines. It has every letter of Vietnamese whole, so no shaping is
//! needed.

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

const REGULAR: &[u8] = include_bytes!(
    "../../../../app/node_modules/@expo-google-fonts/be-vietnam-pro/400Regular/BeVietnamPro_400Regular.ttf"
);
const BOLD: &[u8] =
    include_bytes!("../../../../app/node_modules/@expo-google-fonts/be-vietnam-pro/700Bold/BeVietnamPro_700Bold.ttf");

/// Both weights.
pub(super) struct Ink {
    regular: Face,
    bold: Face,
}

/// One weight.
pub(super) struct Face {
    measured: FontRef<'static>,
    pub(super) drawn: Font,
}

/// One letter: its number in the font, and how wide it is in parts of the type's size.
pub(super) struct Letter {
    pub(super) glyph: u32,
    pub(super) wide: f32,
    /// Bytes of it in the text.
    pub(super) long: usize,
}

impl Ink {
    pub(super) fn new() -> Option<Self> {
        Some(Self { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    pub(super) fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.regular }
    }

    /// A text in lines of `width` points, `most` at most; words that are too long are broken.
    pub(super) fn wrapped(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        self.regular.wrapped(text, size, width, most)
    }

    /// The same in bold.
    pub(super) fn wrapped_bold(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        self.bold.wrapped(text, size, width, most)
    }
}

impl Face {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { measured: FontRef::new(bytes).ok()?, drawn: Font::new(bytes.into(), 0)? })
    }

    /// The letters of a text whose accents are part of their letters.
    pub(super) fn letters<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Letter> + 'a {
        let map = self.measured.charmap();
        // In units of a size of one point.
        let widths = self.measured.glyph_metrics(Size::new(1.0), LocationRef::default());
        text.chars().map(move |letter| {
            let glyph = map.map(letter).unwrap_or_default();
            Letter {
                glyph: glyph.to_u32(),
                wide: widths.advance_width(glyph).unwrap_or_default(),
                long: letter.len_utf8(),
            }
        })
    }

    /// How wide a text is, points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        self.letters(text).map(|letter| letter.wide).sum::<f32>() * size
    }

    fn wrapped(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let text = composed(text);
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last_mut().map_or("", |l| l.as_str());
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size) <= width {
                lines.pop();
                lines.push(joined);
                continue;
            }
            if line.is_empty() {
                lines.pop();
            }
            lines.extend(self.broken(word, size, width));
        }
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                last.push_str(" …");
            }
        }
        lines
    }

    /// A word in pieces that fit; most are one.
    fn broken(&self, word: &str, size: f32, width: f32) -> Vec<String> {
        let mut pieces = vec![String::new()];
        let mut wide = 0.0;
        for (letter, measured) in word.chars().zip(self.letters(word)) {
            wide += measured.wide * size;
            if wide > width && pieces.last().is_some_and(|piece| !piece.is_empty()) {
                pieces.push(String::new());
                wide = measured.wide * size;
            }
            if let Some(piece) = pieces.last_mut() {
                piece.push(letter);
            }
        }
        pieces
    }
}

/// A text whose accents are part of their letters, without what cannot be printed.
pub(super) fn composed(text: &str) -> String {
    text.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
