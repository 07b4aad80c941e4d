//! Programmes of pictures, brightness, time and file lists of Huidu SDK 2.0 as documents: no IO.

use gateway_core::time::Wall;
use quick_xml::escape::escape;
use std::fmt::Write as _;

/// Effects: at once, and moving left without end.
const AT_ONCE: u8 = 0;
const RUNNING: u8 = 21;

/// A programme of pictures that fill the screen, one after the other, replacing all that was shown before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Album {
    /// Milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Identity of the programme.
    pub guid: String,
    /// Name in the card.
    pub name: String,
    /// Width and height of the screen, pixels.
    pub size: (u16, u16),
    /// From when until when it is shown: the card goes dark by itself then.
    pub between: Option<(Wall, Wall)>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
}

/// A picture of an album; its file is in the card already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Identity of the picture.
    pub guid: String,
    /// Name of the file.
    pub file: String,
    /// How long it stays, in the card's unit of 0.1 s.
    pub duration: u16,
    /// It comes in from the right, joined to what goes out on the left.
    pub runs: bool,
}

impl Album {
    /// Body of `AddProgram`.
    pub fn body(&self) -> String {
        let (width, height) = self.size;
        let guid = escape(&self.guid);
        let mut body = format!(
            "<screen timeStamps=\"{}\"><program type=\"normal\" id=\"0\" guid=\"{guid}\" name=\"{}\">{}\
             <area guid=\"{guid}-area\" name=\"\" alpha=\"255\"><rectangle x=\"0\" y=\"0\" width=\"{width}\" \
             height=\"{height}\"/><resources>",
            self.timestamp_ms,
            escape(&self.name),
            self.play_control(),
        );
        for picture in &self.pictures {
            let effect = if picture.runs { RUNNING } else { AT_ONCE };
            let written = write!(
                body,
                "<image guid=\"{}\" name=\"\" fit=\"stretch\"><effect in=\"{effect}\" inSpeed=\"4\" out=\"{effect}\" \
                 outSpeed=\"4\" duration=\"{}\"/><file name=\"{}\"/></image>",
                escape(&picture.guid),
                picture.duration,
                escape(&picture.file),
            );
            debug_assert!(written.is_ok(), "writing to a String cannot fail");
        }
        body.push_str("</resources></area></program></screen>");
        body
    }

    /// A card knows days, and hours of each of them: an end today is kept to the second, a later one to its day.
    fn play_control(&self) -> String {
        let Some((from, until)) = self.between.filter(|(from, until)| from < until) else {
            return "<playControl count=\"1\" disabled=\"false\"/>".to_owned();
        };
        let ((first, _), (last, time)) = (from.local(), until.local());
        let hours = if first == last {
            let (hour, minute, second) = (time.hour(), time.minute(), time.second());
            format!("<time start=\"00:00:00\" end=\"{hour:02}:{minute:02}:{second:02}\"/>")
        } else {
            String::new()
        };
        format!(
            "<playControl count=\"1\" disabled=\"false\"><date start=\"{first}\" end=\"{last}\"/>{hours}</playControl>"
        )
    }
}

/// Body of `SetLuminancePloy`: one brightness all day, per cent.
pub fn brightness(percent: u8) -> String {
    format!(
        "<mode value=\"default\"/><default value=\"{}\"/><ploy></ploy><sensor min=\"1\" max=\"100\" time=\"10\"/>",
        percent.clamp(1, 100)
    )
}

/// Body of `SetTimeInfo`: the time of Viet Nam, which the card is not to fetch elsewhere.
pub fn time(now: Wall) -> String {
    let (date, time) = now.local();
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!(
        "<timezone value=\"(UTC+07:00)Bangkok,Hanoi,Jakarta\"/><summer enable=\"false\"/><sync value=\"none\"/>\
         <time value=\"{date} {hour:02}:{minute:02}:{second:02}\"/>"
    )
}

/// Body of `DeleteFiles`.
pub fn files<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: String = names.into_iter().map(|name| format!("<file name=\"{}\"/>", escape(name))).collect();
    format!("<files>{names}</files>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn album(between: Option<(&str, &str)>) -> String {
        let wall = |text: &str| Wall::parse(text).expect("a time");
        let between = between.map(|(from, until)| (wall(from), wall(until)));
        let (guid, name) = ("a&b".to_owned(), "<n>".to_owned());
        Album { timestamp_ms: 5, guid, name, size: (64, 32), between, pictures: Vec::new() }.body()
    }

    #[test]
    fn an_end_is_kept_to_the_second_today_and_to_the_day_later() {
        let open = "<playControl count=\"1\" disabled=\"false\"/>";
        assert!(album(None).contains(open));
        let past = album(Some(("2026-11-22T08:00:00+07:00", "2026-11-22T07:00:00+07:00")));
        assert!(past.contains(open), "what is over cannot be planned");
        let today = album(Some(("2026-11-22T08:00:00+07:00", "2026-11-22T18:05:09+07:00")));
        assert!(today.contains(
            "<date start=\"2026-11-22\" end=\"2026-11-22\"/><time start=\"00:00:00\" end=\"18:05:09\"/></playControl>"
        ));
        let later = album(Some(("2026-11-22T23:00:00+07:00", "2026-11-23T01:00:00+07:00")));
        assert!(later.contains("<date start=\"2026-11-22\" end=\"2026-11-23\"/></playControl>"));
        assert!(today.contains("guid=\"a&amp;b\"") && !today.contains("<n>"));
    }
}
