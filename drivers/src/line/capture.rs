//! A capture of a line as text: what was sent, received or overheard, and when; text ↔ values, no IO.
//!
//! One event a line: microseconds since the beginning, a sign, the bytes in hexadecimal. `>` sent by the gateway, `<`
//! received by it, `=` overheard by a second ear, `open` and `close` of the port. A line that begins with `#` says
//! something to people.

use std::fmt::Write as _;

/// First line of every capture.
pub const HEAD: &str = "# gateway line capture 1";

/// What happened on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The port or connection was opened.
    Open,
    /// It was closed or given up.
    Close,
    /// The gateway sent this.
    Sent(Vec<u8>),
    /// The gateway received this.
    Received(Vec<u8>),
    /// This passed between others, or nobody knows who said it.
    Heard(Vec<u8>),
}

/// Everything that happened, with microseconds since the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture(pub Vec<(u64, Event)>);

/// Why a text is no capture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CaptureError {
    /// Line of the text, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// One event as it is written, without the end of the line.
pub fn written(at_us: u64, event: &Event) -> String {
    let mut text = at_us.to_string();
    let (sign, bytes): (&str, &[u8]) = match event {
        Event::Open => (" open", &[]),
        Event::Close => (" close", &[]),
        Event::Sent(bytes) => (" >", bytes),
        Event::Received(bytes) => (" <", bytes),
        Event::Heard(bytes) => (" =", bytes),
    };
    text.push_str(sign);
    for byte in bytes {
        // Writing to a String cannot fail.
        write!(text, " {byte:02x}").ok();
    }
    text
}

impl Capture {
    /// Reads a capture; strict, so that a test never plays something else than what was recorded.
    ///
    /// # Errors
    /// The first line that cannot be read, or goes back in time.
    pub fn read(text: &str) -> Result<Self, CaptureError> {
        let wrong = |line: usize, what| CaptureError { line, what };
        if text.lines().next() != Some(HEAD) {
            return Err(wrong(1, "the first line is not that of a capture"));
        }
        let (mut events, mut before) = (Vec::new(), 0);
        for (index, row) in text.lines().enumerate() {
            let row = row.trim_end();
            if row.is_empty() || row.starts_with('#') {
                continue;
            }
            let line = index + 1;
            let mut words = row.split(' ');
            let at: u64 = words.next().and_then(|w| w.parse().ok()).ok_or(wrong(line, "no time"))?;
            if at < before {
                return Err(wrong(line, "earlier than the event before it"));
            }
            before = at;
            let sign = words.next().ok_or(wrong(line, "no event"))?;
            let bytes: Option<Vec<u8>> = words.map(byte).collect();
            let bytes = bytes.ok_or(wrong(line, "bytes are two hexadecimal digits each"))?;
            let event = match (sign, bytes.is_empty()) {
                ("open", true) => Event::Open,
                ("close", true) => Event::Close,
                (">", false) => Event::Sent(bytes),
                ("<", false) => Event::Received(bytes),
                ("=", false) => Event::Heard(bytes),
                _ => return Err(wrong(line, "no event of a line")),
            };
            events.push((at, event));
        }
        Ok(Self(events))
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for (at, event) in &self.0 {
            text.push_str(&written(*at, event));
            text.push('\n');
        }
        text
    }

    /// Tells questions and answers of overheard Modbus RTU apart, as far as that can be known: a whole frame from the
    /// unit just asked, of the same function and within a second, is the answer. Frames whose checksum is wrong stay
    /// [`Event::Heard`].
    #[must_use]
    pub fn told_apart(self) -> Self {
        let mut asked: Option<(u64, u8, u8)> = None;
        let events = self.0.into_iter().map(|(at, event)| {
            let Event::Heard(bytes) = event else { return (at, event) };
            let &[unit, function, ..] = bytes.as_slice() else { return (at, Event::Heard(bytes)) };
            if !super::direct::whole(&bytes) {
                return (at, Event::Heard(bytes));
            }
            let answers = asked.is_some_and(|(then, who, what)| {
                who == unit && what == function & 0x7F && at.saturating_sub(then) < 1_000_000
            });
            asked = (!answers).then_some((at, unit, function));
            (at, if answers { Event::Received(bytes) } else { Event::Sent(bytes) })
        });
        Self(events.collect())
    }
}

fn byte(word: &str) -> Option<u8> {
    let plain = word.len() == 2 && word.bytes().all(|b| b.is_ascii_hexdigit());
    u8::from_str_radix(word, 16).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let question = vec![0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A];
        let capture = Capture(vec![
            (0, Event::Open),
            (120, Event::Sent(question.clone())),
            (9_400, Event::Received(question.clone())),
            (9_400, Event::Heard(vec![0xA7])),
            (20_000, Event::Close),
        ]);
        assert_eq!(Capture::read(&capture.text()), Ok(capture.clone()));
        assert!(capture.text().contains("\n120 > 01 05 00 00 ff 00 8c 3a\n"));
    }

    #[test]
    fn what_is_no_capture_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("0 open\n", 1),
            ("# gateway line capture 1\n5 > 0\n", 2),
            ("# gateway line capture 1\n# a word\n5 > 001\n", 3),
            ("# gateway line capture 1\n5 >\n", 2),
            ("# gateway line capture 1\n5 open\n4 close\n", 3),
            ("# gateway line capture 1\n5 ? 00\n", 2),
            ("# gateway line capture 1\nnow open\n", 2),
        ] {
            assert_eq!(Capture::read(text).map_err(|e| e.line), Err(line), "{text:?}");
        }
    }

    #[test]
    fn overheard_questions_and_answers_are_told_apart() {
        let heard = |at, bytes: &[u8]| (at, Event::Heard(bytes.to_vec()));
        let (on, one) = ([1, 5, 0, 0, 0xFF, 0, 0x8C, 0x3A], [1, 5, 0, 0, 0xFF, 0, 0x8C, 0x3B]);
        let apart = Capture(vec![heard(0, &on), heard(9_000, &on), heard(2_000_000, &on), heard(2_009_000, &one)]);
        let Capture(events) = apart.told_apart();
        let kinds: Vec<_> = events.iter().map(|(_, event)| matches!(event, Event::Received(_))).collect();
        assert_eq!(kinds, [false, true, false, false]);
        assert!(matches!(events.last(), Some((_, Event::Heard(_)))), "a wrong checksum says nothing");
    }
}
