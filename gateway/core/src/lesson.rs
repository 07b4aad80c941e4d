//! Training material of the province (*bài tập huấn*), and answers to what officers asked. Neither sounds: they are checked here,
//! journalled, and shown at the desk.

use crate::bulletin::Media;
use serde::{Deserialize, Serialize};

/// Lessons that are kept, and answers: the newest.
pub const KEPT: usize = 200;
/// Largest file of a lesson, bytes.
const LARGEST: u64 = 200 << 20;
/// Longest captions, characters.
const CAPTIONS: usize = 60_000;

/// A lesson: something to read, and questions on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Identity: 1–64 letters, digits, `.`, `-`, `_`.
    pub lesson_id: String,
    /// A higher one takes the place of a lower one.
    pub version: u32,
    /// Title, 1–120 characters.
    pub title: String,
    /// The page of the desk it helps with; empty = none.
    #[serde(default)]
    pub page: String,
    /// How long it takes to read, minutes.
    #[serde(default)]
    pub minutes: u16,
    /// What is read, 1–40 parts.
    pub parts: Vec<Part>,
    /// What is asked, 20 questions at most; none = reading it is enough.
    #[serde(default)]
    pub quiz: Vec<Question>,
}

/// A part of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Paragraphs, parted by empty lines; lines that begin with `- ` are a list.
    Text {
        /// What stands over it.
        #[serde(default)]
        heading: String,
        /// 1–8000 characters.
        text: String,
    },
    /// A picture.
    Image(Footage),
    /// Sound.
    Audio(Footage),
    /// A film.
    Video(Footage),
    /// A type this release does not show; passed over.
    #[serde(other)]
    Unknown,
}

/// A file of a lesson, and in words what is in it: the lesson can be learnt without the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Footage {
    /// What stands over it.
    #[serde(default)]
    pub heading: String,
    /// The file.
    pub media: Media,
    /// What is seen and said in it, 1–8000 characters, written as a text is.
    pub text: String,
    /// What is said in it, timed (WebVTT); empty = none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub captions: String,
}

/// A question with answers to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked, 1–300 characters.
    pub question: String,
    /// What may be chosen, 2–6 of 1–200 characters.
    pub choices: Vec<String>,
    /// Which is right, from 0.
    pub answer: usize,
    /// Why, shown afterwards, 500 characters at most.
    #[serde(default)]
    pub why: String,
}

/// The province's answer to what an officer asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The question, as the station named it.
    pub question_id: String,
    /// 1–4000 characters.
    pub text: String,
    /// Who answers: an office, 120 characters at most.
    #[serde(default)]
    pub by: String,
}

pub(crate) fn long(what: &str, text: &str, least: usize, most: usize) -> Result<(), String> {
    let count = text.trim().chars().count();
    if (least..=most).contains(&count) { Ok(()) } else { Err(format!("{what} has {least} to {most} characters")) }
}

pub(crate) fn name(what: &str, id: &str) -> Result<(), String> {
    let well = id.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    if well && (1..=64).contains(&id.len()) {
        return Ok(());
    }
    Err(format!("{what} is 1 to 64 letters, digits, dots, dashes and underscores"))
}

impl Part {
    /// Its file and the words beside it; `None` for what has none.
    pub fn footage(&self) -> Option<&Footage> {
        match self {
            Self::Image(footage) | Self::Audio(footage) | Self::Video(footage) => Some(footage),
            Self::Text { .. } | Self::Unknown => None,
        }
    }
}

impl Footage {
    fn check(&self) -> Result<(), String> {
        let Self { heading, media, text, captions } = self;
        long("heading", heading, 0, 200)?;
        long("text", text, 1, 8000)?;
        if !media.url.starts_with("https://") || !(1..=LARGEST).contains(&media.bytes) {
            return Err(format!("a file has an https address and 1 to {LARGEST} bytes"));
        }
        if !captions.is_empty() && !captions.trim_start_matches('\u{feff}').starts_with("WEBVTT") {
            return Err("captions are WebVTT".to_owned());
        }
        long("captions", captions, 0, CAPTIONS)
    }
}

impl Lesson {
    /// The files it names.
    pub fn media(&self) -> impl Iterator<Item = &Media> {
        self.parts.iter().filter_map(Part::footage).map(|footage| &footage.media)
    }

    /// Whether it can be shown; the error says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        name("lesson_id", &self.lesson_id)?;
        long("title", &self.title, 1, 120)?;
        if !self.page.is_empty() {
            name("page", &self.page)?;
        }
        if !(1..=40).contains(&self.parts.len()) || self.quiz.len() > 20 {
            return Err("a lesson has 1 to 40 parts and 20 questions at most".to_owned());
        }
        for part in &self.parts {
            match part {
                Part::Text { heading, text } => {
                    long("heading", heading, 0, 200)?;
                    long("text", text, 1, 8000)?;
                }
                Part::Image(footage) | Part::Audio(footage) | Part::Video(footage) => footage.check()?,
                Part::Unknown => {}
            }
        }
        if self.parts.iter().all(|part| *part == Part::Unknown) {
            return Err("no part is of a type that this release shows".to_owned());
        }
        for asked in &self.quiz {
            long("question", &asked.question, 1, 300)?;
            long("why", &asked.why, 0, 500)?;
            if !(2..=6).contains(&asked.choices.len()) || asked.answer >= asked.choices.len() {
                return Err("a question has 2 to 6 choices, and answer is the place of one of them".to_owned());
            }
            asked.choices.iter().try_for_each(|choice| long("choice", choice, 1, 200))?;
        }
        Ok(())
    }
}

impl Reply {
    /// Whether it can be shown; the error says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        name("question_id", &self.question_id)?;
        long("text", &self.text, 1, 4000)?;
        long("by", &self.by, 0, 120)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lesson(change: impl FnOnce(&mut serde_json::Value)) -> Result<(), String> {
        let mut body = json!({"lesson_id": "BH-2026-01", "version": 1, "title": "Mùa mưa bão", "parts": [
            {"type": "text", "heading": "Trước bão", "text": "Thử loa."}, {"type": "hologram", "of": "x"}],
            "quiz": [{"question": "Khi nào?", "choices": ["Sáng", "Chiều"], "answer": 1, "why": "Vì thế."}]});
        change(&mut body);
        serde_json::from_value::<Lesson>(body).map_err(|e| e.to_string())?.check()
    }

    fn film(url: &str, text: &str, captions: &str) -> serde_json::Value {
        json!({"type": "video", "text": text, "captions": captions,
            "media": {"url": url, "sha256": "a".repeat(64), "bytes": 5000, "mime": "video/webm"}})
    }

    #[test]
    fn a_lesson_may_be_a_film_whose_words_stand_beside_it() {
        let whole = film("https://a/b", "Một người thử loa.", "WEBVTT\n\n00:00.000 --> 00:02.000\nThử loa.\n");
        assert_eq!(lesson(|body| body["parts"] = json!([whole])), Ok(()));
    }

    #[test]
    fn a_lesson_is_taken_whole_and_within_bounds() {
        assert_eq!(lesson(|_| ()), Ok(()));
        for (what, change) in [
            ("lesson_id", json!("../etc")),
            ("title", json!("")),
            ("parts", json!([])),
            ("parts", json!([{"type": "hologram"}])),
            ("parts", json!([{"type": "text", "text": "x".repeat(8001)}])),
            (
                "parts",
                json!([{"type": "video", "text": "Một người thử loa.", "media": {"url": "https://a/b", "sha256": "x", "bytes": 1}}]),
            ),
            ("parts", json!([film("http://a/b", "Một người thử loa.", "")])),
            ("parts", json!([film("https://a/b", "", "")])),
            ("parts", json!([film("https://a/b", "Một người thử loa.", "<script>")])),
            ("quiz", json!([{"question": "?", "choices": ["one"], "answer": 0}])),
            ("quiz", json!([{"question": "?", "choices": ["a", "b"], "answer": 2}])),
        ] {
            assert!(lesson(|body| body[what] = change.clone()).is_err(), "{what}: {change}");
        }
    }
}
