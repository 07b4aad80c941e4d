//! Writes CAP 1.2 documents (OASIS Standard CAP-v1.2) as a warning centre would.

use super::audience::Audience;
use gateway_core::time::Wall;
use std::fmt::Write;

/// What a document says; empty texts are left out.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Unique name of the alert for its sender.
    pub identifier: String,
    /// Who.
    pub sender: String,
    /// When, RFC 3339 to the second.
    pub sent: String,
    /// `Actual`, `Exercise`, `System`, `Test`, `Draft`.
    pub status: String,
    /// `Alert`, `Update`, `Cancel`, `Ack`, `Error`.
    pub msg_type: String,
    /// `sender,identifier,sent` of those it refers to.
    pub references: Vec<String>,
    /// Language of the rendition.
    pub language: String,
    /// Event in words.
    pub event: String,
    /// `Immediate`, `Expected`, `Future`, `Past`, `Unknown`.
    pub urgency: String,
    /// `Extreme`, `Severe`, `Moderate`, `Minor`, `Unknown`.
    pub severity: String,
    /// `Observed`, `Likely`, `Possible`, `Unlikely`, `Unknown`.
    pub certainty: String,
    /// Disaster risk level 1–5, written as the parameter `VN-RISK-LEVEL`.
    pub level: Option<u8>,
    /// Headline.
    pub headline: String,
    /// Description.
    pub description: String,
    /// Instruction.
    pub instruction: String,
    /// Issuer as people know it.
    pub sender_name: String,
    /// Good until, RFC 3339 to the second.
    pub expires: Option<String>,
    /// Areas: geocodes as (scheme, value).
    pub geocodes: Vec<(String, String)>,
    /// Circles as CAP writes them: `lat,lon km`.
    pub circles: Vec<String>,
}

impl Cap {
    /// A warning sent now, with a fresh identifier, good for an hour.
    pub fn new(status: &str, msg_type: &str) -> Self {
        let now = super::unix_s();
        Self {
            identifier: super::fresh_id("VN-"),
            sender: "hub@ttcs.example.vn".to_owned(),
            sent: seconds(now),
            status: status.to_owned(),
            msg_type: msg_type.to_owned(),
            references: Vec::new(),
            language: "vi-VN".to_owned(),
            event: "Thiên tai".to_owned(),
            urgency: "Immediate".to_owned(),
            severity: "Severe".to_owned(),
            certainty: "Observed".to_owned(),
            level: None,
            headline: String::new(),
            description: String::new(),
            instruction: String::new(),
            sender_name: String::new(),
            expires: Some(seconds(now + 3600)),
            geocodes: Vec::new(),
            circles: Vec::new(),
        }
    }

    /// How others refer to it.
    pub fn reference(&self) -> String {
        format!("{},{},{}", self.sender, self.identifier, self.sent)
    }

    /// Names the audience as a geocode, where there is one for it.
    pub fn locate(&mut self, audience: &Audience) {
        match audience {
            Audience::Province(code) => self.geocodes.push(("VN-PROVINCE".to_owned(), code.clone())),
            Audience::Commune(code) => self.geocodes.push(("VN-COMMUNE".to_owned(), code.clone())),
            Audience::All | Audience::Station(_) => {}
        }
    }

    /// The document.
    pub fn xml(&self) -> String {
        let mut x = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        x.push_str("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
        let head = [
            ("identifier", &self.identifier),
            ("sender", &self.sender),
            ("sent", &self.sent),
            ("status", &self.status),
            ("msgType", &self.msg_type),
        ];
        head.into_iter().for_each(|(name, text)| element(&mut x, 1, name, text));
        element(&mut x, 1, "scope", "Public");
        element(&mut x, 1, "references", &self.references.join(" "));
        x.push_str("  <info>\n");
        let info = [
            ("language", self.language.as_str()),
            ("category", "Met"),
            ("event", &self.event),
            ("urgency", &self.urgency),
            ("severity", &self.severity),
            ("certainty", &self.certainty),
            ("expires", self.expires.as_deref().unwrap_or_default()),
            ("senderName", &self.sender_name),
            ("headline", &self.headline),
            ("description", &self.description),
            ("instruction", &self.instruction),
        ];
        info.into_iter().for_each(|(name, text)| element(&mut x, 2, name, text));
        if let Some(level) = self.level {
            pair(&mut x, "parameter", "VN-RISK-LEVEL", &level.to_string());
        }
        if !(self.geocodes.is_empty() && self.circles.is_empty()) {
            x.push_str("    <area>\n");
            element(&mut x, 3, "areaDesc", "Khu vực cảnh báo");
            self.circles.iter().for_each(|c| element(&mut x, 3, "circle", c));
            self.geocodes.iter().for_each(|(scheme, value)| pair(&mut x, "geocode", scheme, value));
            x.push_str("    </area>\n");
        }
        x.push_str("  </info>\n</alert>\n");
        x
    }
}

/// RFC 3339 with the offset of Viet Nam and whole seconds, which is all CAP's `dateTime` allows.
pub fn seconds(unix_s: i64) -> String {
    let text = Wall::from_unix_s(unix_s).rfc3339();
    text.replacen(".000", "", 1)
}

fn element(x: &mut String, depth: usize, name: &str, text: &str) {
    if !text.is_empty() {
        let written = writeln!(x, "{}<{name}>{}</{name}>", "  ".repeat(depth), escaped(text));
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
}

fn pair(x: &mut String, name: &str, key: &str, value: &str) {
    let (key, value) = (escaped(key), escaped(value));
    let written = writeln!(x, "    <{name}><valueName>{key}</valueName><value>{value}</value></{name}>");
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::bulletin::Priority;
    use gateway_core::cap::{MessageType, Status, read};

    #[test]
    fn a_document_says_what_it_was_told() {
        let first = Cap::new("Actual", "Alert");
        let mut cap = Cap::new("Exercise", "Update");
        cap.references = vec![first.reference()];
        cap.headline = "Lũ <nhanh> & sạt lở".to_owned();
        cap.severity = "Minor".to_owned();
        cap.level = Some(4);
        cap.locate(&Audience::Commune("25459".to_owned()));
        cap.circles.push("11.31,106.10 5".to_owned());
        let alert = read(&cap.xml()).expect("a station reads it");
        assert_eq!((alert.status, alert.message_type), (Status::Exercise, MessageType::Update));
        assert_eq!(alert.references[0].identifier, first.identifier);
        assert_eq!(alert.infos[0].headline, "Lũ <nhanh> & sạt lở");
        assert_eq!((alert.level(), alert.priority()), (4, Priority::Emergency));
        assert!(alert.concerns("80", "25459", None));
        assert!(!alert.concerns("80", "25460", None));
    }
}
