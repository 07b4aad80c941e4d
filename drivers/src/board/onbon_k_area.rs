//! What Onbon BX-5K and BX-6K cards are told: screen, clock, dynamic areas with text, as frames; no IO.

use super::onbon_k_frame::Frame;
use gateway_core::time::Wall;

const CONTROL: u8 = 0xA3;
const SETTING: u8 = 0xA2;

/// The series of a card, which differ in the unit of lengths across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Lengths across in bytes of 8 pixels.
    K5,
    /// Lengths across in pixels.
    K6,
}

impl Series {
    /// A length across in the card's unit, never more than the pixels there are.
    fn across(self, pixels: u16) -> u16 {
        match self {
            Self::K5 => pixels / 8,
            Self::K6 => pixels,
        }
    }
}

/// How a text comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// All of it at once, on as many lines as it needs.
    AtOnce,
    /// In one line, from right to left.
    Left,
}

/// A dynamic area with one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Left, top, width, height, pixels.
    pub rectangle: (u16, u16, u16, u16),
    /// Number of the area.
    pub id: u8,
    /// Seconds after which it goes dark unless it is sent again; `None`: never.
    pub dark_after_s: Option<u16>,
    /// The text in the card's own characters.
    pub text: Vec<u8>,
    /// A text the card speaks, where it can.
    pub speech: Option<Vec<u8>>,
    /// How the text comes.
    pub motion: Motion,
    /// How long it stays, half seconds.
    pub hold: u8,
    /// Lines may be broken.
    pub wraps: bool,
}

/// Screen on or off.
pub fn power(screen: u16, on: bool) -> Frame {
    Frame::ask(screen, CONTROL, 0x00, 0, &[if on { 1 } else { 2 }])
}

/// All dynamic areas away.
pub fn clear(screen: u16) -> Frame {
    Frame::ask(screen, CONTROL, 0x10, 0, &[])
}

/// Sets the clock to the time of Viet Nam.
pub fn clock(screen: u16, now: Wall) -> Frame {
    let (date, time) = now.local();
    let bcd = |value: i8| {
        let value = u8::try_from(value).unwrap_or_default();
        value / 10 * 16 + value % 10
    };
    let year = i32::from(date.year()).rem_euclid(10_000);
    let (century, rest) = ((year / 100) as i8, (year % 100) as i8);
    let weekday = date.weekday().to_monday_one_offset();
    let body = [rest, century, date.month(), date.day(), time.hour(), time.minute(), time.second(), weekday].map(bcd);
    Frame::ask(screen, SETTING, 0x03, 0, &body)
}

/// Sends a dynamic area; `alone`: those that are there go away.
pub fn dynamic(screen: u16, series: Series, area: &Area, alone: bool) -> Frame {
    let (x, y, width, height) = area.rectangle;
    let mut bytes = vec![0];
    for value in [series.across(x), y, series.across(width), height] {
        bytes.extend(value.to_le_bytes());
    }
    let (run, timeout) = area.dark_after_s.map_or((0, 5), |seconds| (2, seconds));
    // Line space, how it runs, when it ends.
    bytes.extend([area.id, 0, run]);
    bytes.extend(timeout.to_le_bytes());
    match &area.speech {
        None => bytes.push(0),
        Some(speech) => {
            // Voice 0, said three times, at full loudness and middle speed.
            bytes.extend([2, 0x20, 10, 5]);
            bytes.extend((speech.len() as u32).to_le_bytes());
            bytes.extend(speech);
        }
    }
    let wraps = if area.wraps { 2 } else { 1 };
    let (lines, motion) = match area.motion {
        Motion::AtOnce => (2, 2),
        Motion::Left => (1, 3),
    };
    bytes.extend([0, 0, lines, wraps, motion, 0, 0, area.hold]);
    bytes.extend((area.text.len() as u32).to_le_bytes());
    bytes.extend(&area.text);
    let mut body = vec![0, 1];
    body.extend((bytes.len() as u16).to_le_bytes());
    body.extend(bytes);
    Frame::ask(screen, CONTROL, 0x06, u8::from(alone), &body)
}

/// A text in plain letters without accents: the card's characters are GB 2312, which has none of Vietnamese.
///
/// Upper and lower case stay; what has no plain letter becomes `?`, and `\`, with which the card's own codes begin, `/`.
pub fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push(b'/'),
            ' '..='~' => out.push(letter as u8),
            // Combining marks of decomposed text.
            '\u{300}'..='\u{36F}' => {}
            _ if letter.is_whitespace() => out.push(b' '),
            '\u{2010}'..='\u{2015}' => out.push(b'-'),
            '\u{2018}' | '\u{2019}' => out.push(b'\''),
            '\u{201C}' | '\u{201D}' => out.push(b'"'),
            '…' => out.extend(b"..."),
            _ => out.push(plain(letter)),
        }
    }
    out
}

fn plain(letter: char) -> u8 {
    const ROWS: [(u8, &str); 7] = [
        (b'a', "àáảãạăằắẳẵặâầấẩẫậ"),
        (b'd', "đ"),
        (b'e', "èéẻẽẹêềếểễệ"),
        (b'i', "ìíỉĩị"),
        (b'o', "òóỏõọôồốổỗộơờớởỡợ"),
        (b'u', "ùúủũụưừứửữự"),
        (b'y', "ỳýỷỹỵ"),
    ];
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let base = ROWS.iter().find(|(_, row)| row.contains(lower)).map(|(base, _)| *base);
    match base {
        Some(base) if letter.is_uppercase() => base.to_ascii_uppercase(),
        Some(base) => base,
        None => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_loses_its_accents_and_nothing_else() {
        let fold = |text: &str| String::from_utf8(folded(text)).expect("plain");
        assert_eq!(fold("Đường Nguyễn Thị Định NGẬP: 1,2 m – \\C1"), "Duong Nguyen Thi Dinh NGAP: 1,2 m - /C1");
        assert_eq!(fold("e\u{302}\u{301}\n“x” 水"), "e \"x\" ?");
        let all = "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ";
        assert_eq!(
            fold(all),
            "A".repeat(17) + "D" + &"E".repeat(11) + "IIIII" + &"O".repeat(17) + &"U".repeat(11) + "YYYYY"
        );
        assert_eq!(fold(&all.to_lowercase()), fold(all).to_lowercase());
    }
}
