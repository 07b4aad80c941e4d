//! How a message is laid out on a board: the law's colours, a size that fits, a strip that says "drill".

use super::huidu_album::{Album, Picture};
use super::huidu_xml::{Area, Program};
use gateway_core::id::ShowId;
use gateway_core::want::BoardMessage;
use std::time::Duration;

/// Font sizes tried, largest first, pixels; below the last the strokes of Vietnamese accents run together.
const SIZES: [u16; 6] = [48, 32, 24, 20, 16, 12];
/// What the strip of a drill says.
const DRILL: &str = "DIỄN TẬP";

/// The colour of a disaster risk level (QĐ 18/2021/QĐ-TTg, Article 4): light blue, light yellow, orange, red, violet.
/// Ordinary news is white.
pub fn colour(level: Option<u8>) -> &'static str {
    match level {
        Some(1) => "#80c0ff",
        Some(2) => "#ffff80",
        Some(3) => "#ff8000",
        Some(4) => "#ff0000",
        Some(5..) => "#8000ff",
        Some(0) | None => "#ffffff",
    }
}

/// The same as red, green and blue.
pub fn rgb(level: Option<u8>) -> [u8; 3] {
    match level {
        Some(1) => [0x80, 0xC0, 0xFF],
        Some(2) => [0xFF, 0xFF, 0x80],
        Some(3) => [0xFF, 0x80, 0x00],
        Some(4) => [0xFF, 0x00, 0x00],
        Some(5..) => [0x80, 0x00, 0xFF],
        Some(0) | None => [0xFF; 3],
    }
}

/// Identity that a card keeps and gives back: the message's own digest and the number of the part, so that what the
/// card says it shows can be compared with what it was given.
pub(super) fn guid(id: ShowId, part: u16) -> String {
    let ShowId(id) = id;
    format!("{:08x}-{:04x}-{:04x}-c0de-{part:012x}", id >> 32, id >> 16 & 0xFFFF, id & 0xFFFF)
}

/// The programme for a message on a board of this size.
pub(super) fn program(message: &BoardMessage, width: u16, height: u16, font: &str, timestamp_ms: u64) -> Program {
    let strip = if message.drill { (height / 4).clamp(12.min(height), 32) } else { 0 };
    let mut areas = Vec::new();
    if message.drill {
        let mut area = area(message, 1, DRILL, (0, 0, width, strip), font);
        area.background = Some(colour(message.level));
        area.colour = "#000000";
        areas.push(area);
    }
    areas.push(area(message, 2, &message.text, (0, strip, width, height - strip), font));
    Program { timestamp_ms, guid: guid(message.id, 0), name: "gateway".to_owned(), areas }
}

/// The programme for a message whose pictures are files of the card: each with its hold, and whether it runs.
pub(super) fn album(message: &BoardMessage, size: (u16, u16), files: Vec<(String, Duration, bool)>) -> Album {
    let picture = |(number, (file, hold, runs)): (u16, (String, Duration, bool))| {
        // A picture that runs is followed by the next without a stop.
        let tenths = u16::try_from(hold.as_millis() / 100).unwrap_or(u16::MAX);
        let duration = if runs { 0 } else { tenths.max(1) };
        Picture { guid: guid(message.id, number), file, duration, runs }
    };
    let pictures = (1..).zip(files).map(picture).collect();
    let (guid, name) = (guid(message.id, 0), "gateway".to_owned());
    Album { timestamp_ms: 0, guid, name, size, between: None, pictures }
}

fn area(message: &BoardMessage, number: u16, text: &str, rectangle: (u16, u16, u16, u16), font: &str) -> Area {
    let (_, _, width, height) = rectangle;
    let still = SIZES.into_iter().find(|size| fits(text, *size, width, height));
    let moving = SIZES.into_iter().find(|size| *size * 4 <= height * 3).unwrap_or(12);
    // A text too long for the board runs along it in one line.
    let effect = if still.is_some() { 0 } else { 21 };
    let text = if still.is_some() { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") };
    Area {
        guid: guid(message.id, number * 2),
        rectangle,
        text_guid: guid(message.id, number * 2 + 1),
        text,
        single_line: still.is_none(),
        background: None,
        font: font.to_owned(),
        size: still.unwrap_or(moving),
        colour: colour(message.level),
        effect_in: effect,
        effect_out: effect,
        duration: 30,
    }
}

/// Whether the text stands whole in the rectangle at this size: letters 0.6 wide, lines 1.3 high, broken at spaces.
fn fits(text: &str, size: u16, width: u16, height: u16) -> bool {
    let columns = usize::from(width) * 10 / (usize::from(size) * 6);
    let rows = usize::from(height) * 10 / (usize::from(size) * 13);
    let mut needed = 0;
    for line in text.lines() {
        needed += 1;
        let mut at = 0;
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if length > columns {
                return false;
            }
            let after = if at == 0 { length } else { at + 1 + length };
            at = if after > columns { length } else { after };
            needed += usize::from(after > columns);
        }
    }
    needed <= rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, level: Option<u8>, drill: bool) -> BoardMessage {
        BoardMessage {
            id: ShowId(0x0123_4567_89AB_CDEF),
            text: text.to_owned(),
            level,
            drill,
            flash: false,
            qr: None,
            picture: None,
            until: None,
        }
    }

    #[test]
    fn each_level_wears_its_own_colour() {
        let colours: std::collections::BTreeSet<_> =
            [None, Some(1), Some(2), Some(3), Some(4), Some(5)].map(colour).into();
        assert_eq!(colours.len(), 6);
        for level in [None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(9)] {
            let [red, green, blue] = rgb(level);
            assert_eq!(colour(level), format!("#{red:02x}{green:02x}{blue:02x}"));
        }
    }

    #[test]
    fn a_short_text_stands_and_a_long_one_runs() {
        let short = program(&message("Lũ lúc 18 giờ", Some(4), false), 128, 64, "Arial", 0);
        assert_eq!((short.areas[0].effect_in, short.areas[0].single_line, short.areas[0].size), (0, false, 24));
        let long = program(&message(&"nước lên nhanh ".repeat(30), None, false), 128, 64, "Arial", 0);
        assert_eq!((long.areas[0].effect_in, long.areas[0].single_line), (21, true));
    }

    #[test]
    fn a_drill_has_a_strip_of_its_own() {
        let drill = program(&message("Diễn tập: lũ", Some(3), true), 128, 64, "Arial", 0);
        let [strip, text] = drill.areas.as_slice() else { panic!("{:?}", drill.areas) };
        assert_eq!((strip.text.as_str(), strip.background), (DRILL, Some(colour(Some(3)))));
        assert_eq!((strip.rectangle, text.rectangle), ((0, 0, 128, 16), (0, 16, 128, 48)));
    }

    #[test]
    fn no_size_of_board_breaks_the_layout() {
        for (width, height) in [(0, 0), (1, 1), (16, 16), (u16::MAX / 10, u16::MAX / 10)] {
            let made = program(&message("Lũ", Some(1), true), width, height, "Arial", 0);
            assert_eq!(made.areas.len(), 2);
        }
    }
}
