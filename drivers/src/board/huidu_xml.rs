//! Documents of Huidu SDK 2.0: text ↔ values, no IO. Identities and the time stamp come from outside.

use quick_xml::escape::escape;
use std::fmt::Write as _;

/// The identity a session begins with.
pub const FIRST_GUID: &str = "##GUID";

/// A request document.
pub fn request(guid: &str, method: &str, body: &str) -> String {
    let inner = if body.is_empty() { String::new() } else { format!("\r\n    {body}\r\n  ") };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<sdk guid=\"{guid}\">\r\n  \
         <in method=\"{method}\">{inner}</in>\r\n</sdk>",
        guid = escape(guid),
    )
}

/// Body of `GetIFVersion`.
pub const IF_VERSION: &str = "<version value=\"1000000\"/>";

/// A programme: what a card shows, replacing all it showed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Identity of the programme.
    pub guid: String,
    /// Name in the card.
    pub name: String,
    /// Rectangles with text.
    pub areas: Vec<Area>,
}

/// A rectangle with one text in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Identity of the rectangle.
    pub guid: String,
    /// Left, top, width, height, pixels.
    pub rectangle: (u16, u16, u16, u16),
    /// Identity of the text.
    pub text_guid: String,
    /// The text, UTF-8.
    pub text: String,
    /// One line only, for text that moves.
    pub single_line: bool,
    /// Colour behind the text, `#rrggbb`.
    pub background: Option<&'static str>,
    /// Font of the card.
    pub font: String,
    /// Font size, pixels.
    pub size: u16,
    /// Colour of the text, `#rrggbb`.
    pub colour: &'static str,
    /// How it comes: 0 at once, 21 moving left without end.
    pub effect_in: u8,
    /// How it goes.
    pub effect_out: u8,
    /// How long it stays, in the card's unit of 0.1 s.
    pub duration: u16,
}

impl Program {
    /// Body of `AddProgram`.
    pub fn body(&self) -> String {
        let mut body = format!(
            "<screen timeStamps=\"{}\"><program type=\"normal\" id=\"0\" guid=\"{}\" name=\"{}\">\
             <playControl count=\"1\" disabled=\"false\"/>",
            self.timestamp_ms,
            escape(&self.guid),
            escape(&self.name),
        );
        for area in &self.areas {
            area.write(&mut body);
        }
        body.push_str("</program></screen>");
        body
    }
}

impl Area {
    fn write(&self, body: &mut String) {
        let (x, y, width, height) = self.rectangle;
        let background = self.background.map(|colour| format!(" background=\"{colour}\"")).unwrap_or_default();
        let text = plain(&self.text);
        let written = write!(
            body,
            "<area guid=\"{}\" name=\"\" alpha=\"255\"><rectangle x=\"{x}\" y=\"{y}\" width=\"{width}\" \
             height=\"{height}\"/><resources><text guid=\"{}\" name=\"\" singleLine=\"{}\"{background}>\
             <style align=\"center\" valign=\"middle\"/><string>{}</string><font name=\"{}\" size=\"{}\" \
             color=\"{}\" bold=\"false\" italic=\"false\" underline=\"false\"/><effect in=\"{}\" inSpeed=\"4\" \
             out=\"{}\" outSpeed=\"4\" duration=\"{}\"/></text></resources></area>",
            escape(&self.guid),
            escape(&self.text_guid),
            self.single_line,
            escape(text.as_str()),
            escape(&self.font),
            self.size,
            self.colour,
            self.effect_in,
            self.effect_out,
            self.duration,
        );
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
}

/// The text without what XML 1.0 cannot carry.
fn plain(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)).collect()
}

/// A card's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Identity of the session.
    pub guid: String,
    /// What was asked.
    pub method: String,
    /// `kSuccess`, or why not.
    pub result: String,
    /// `guid` of every `program` in the answer.
    pub programs: Vec<String>,
    /// `name` of every `file` in the answer.
    pub files: Vec<String>,
    /// Width and height of the screen, where the answer has them.
    pub screen: Option<(u16, u16)>,
}

/// Reads an answer document.
///
/// # Errors
/// What is wrong with it.
pub fn answer(document: &[u8]) -> Result<Answer, String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    let tree = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let sdk = tree.root_element();
    let out = sdk.children().find(|node| node.has_tag_name("out")).ok_or("no <out> in the answer")?;
    let attribute = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let child = |name: &'static str| out.children().find(move |node| node.has_tag_name(name));
    let named = |tag: &str, name: &str| {
        let found = out.descendants().filter(|node| node.has_tag_name(tag));
        found.filter_map(|node| node.attribute(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    let number = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).and_then(|text| text.parse().ok());
    Ok(Answer {
        guid: attribute(sdk, "guid"),
        method: attribute(out, "method"),
        result: attribute(out, "result"),
        programs: named("program", "guid"),
        files: named("file", "name"),
        screen: child("screen").and_then(|node| Some((number(node, "width")?, number(node, "height")?))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        let hostile = "</string><string>\u{1}<x a=\"'&>";
        let area = Area {
            guid: "a".into(),
            rectangle: (0, 0, 1, 1),
            text_guid: "t".into(),
            text: hostile.into(),
            single_line: false,
            background: None,
            font: "\"><in method=\"Reboot\"/>".into(),
            size: 16,
            colour: "#ffffff",
            effect_in: 0,
            effect_out: 0,
            duration: 30,
        };
        let program = Program { timestamp_ms: 0, guid: "g".into(), name: "n".into(), areas: vec![area] };
        let document = request("s", "AddProgram", &program.body());
        let tree = roxmltree::Document::parse(&document).expect("well-formed");
        let strings: Vec<_> = tree.descendants().filter(|node| node.has_tag_name("string")).collect();
        assert_eq!(strings.iter().map(|node| node.text()).collect::<Vec<_>>(), [Some("</string><string><x a=\"'&>")]);
        assert_eq!(tree.descendants().filter(|node| node.has_tag_name("in")).count(), 1);
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        for bad in [&b"\xFF\xFE"[..], b"<sdk", b"<sdk guid=\"x\"/>", b"<!DOCTYPE a [<!ENTITY b \"c\">]><sdk>&b;</sdk>"]
        {
            assert!(answer(bad).is_err());
        }
    }
}
