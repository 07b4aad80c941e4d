//! The manner of devices that are told lines of text.

use super::Mood;
use super::port::Connection;

/// Nothing that is told is longer, bytes.
const LONGEST: usize = 4096;

/// Serves a connection on which every line is an order that has an answer.
pub(super) fn obey(mut line: Connection, mut order: impl FnMut(&str) -> String) {
    let mut bytes = Vec::new();
    while let Ok(more) = line.receive() {
        bytes.extend(more);
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let raw: Vec<u8> = bytes.drain(..=end).collect();
            let mood = line.mood();
            let answer = match mood {
                Mood::Well | Mood::Late(_) | Mood::Cut => order(String::from_utf8_lossy(&raw).trim_end()),
                Mood::Deaf | Mood::Wrong | Mood::Echo | Mood::Absent => String::new(),
            };
            if line.answer(mood, &raw, answer.as_bytes()).is_err() {
                return;
            }
        }
        if bytes.len() > LONGEST {
            return;
        }
    }
}
