//! The hub's messages as values: the envelope of contract §3 and the bodies of §4, bytes ↔ values.

use crate::bulletin::{Bulletin, Content, LiveFrom, Priority, Targets};
use crate::cap;
use crate::codes::CodeList;
use crate::id::{BulletinId, InputId, LiveId};
use crate::lesson::{Lesson, Reply};
use crate::paper::{Answer, Sheet};
use crate::programme::Programme;
use crate::ruling::Ruling;
use crate::verify::Keys;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Largest message taken, bytes.
pub const MAX_MESSAGE: usize = 256 * 1024;

/// Moments a `time` message may tell, milliseconds since 1970: from 2020 to 2100.
const PLAUSIBLE_MS: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

/// The signed part of a message.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// Who signed.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// Identity of the message, at most 64 characters.
    pub jti: String,
    /// Made at, seconds since 1970.
    pub iat: i64,
    /// Good until, seconds since 1970.
    pub exp: i64,
    /// What it is.
    pub kind: String,
    /// Its content, not yet read.
    pub body: Box<RawValue>,
}

/// Every kind of contract §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of the contract, which says what it does")]
pub enum Kind {
    Bulletin,
    Recall,
    Alert,
    Programme,
    Live,
    Trust,
    Time,
    Board,
    Survey,
    Answer,
    Case,
    Codes,
    Config,
    Document,
    ReportRequest,
    Lesson,
    Update,
}

impl Kind {
    /// All of them, in the contract's order.
    pub const ALL: [Self; 17] = [
        Self::Bulletin,
        Self::Recall,
        Self::Alert,
        Self::Programme,
        Self::Live,
        Self::Trust,
        Self::Time,
        Self::Board,
        Self::Survey,
        Self::Answer,
        Self::Case,
        Self::Codes,
        Self::Config,
        Self::Document,
        Self::ReportRequest,
        Self::Lesson,
        Self::Update,
    ];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bulletin => "bulletin",
            Self::Recall => "recall",
            Self::Alert => "alert",
            Self::Programme => "programme",
            Self::Live => "live",
            Self::Trust => "trust",
            Self::Time => "time",
            Self::Board => "board",
            Self::Survey => "survey",
            Self::Answer => "answer",
            Self::Case => "case",
            Self::Codes => "codes",
            Self::Config => "config",
            Self::Document => "document",
            Self::ReportRequest => "report_request",
            Self::Lesson => "lesson",
            Self::Update => "update",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// A body that was read.
#[derive(Clone, Debug)]
pub enum Body {
    /// `bulletin`.
    Bulletin(Box<Bulletin>),
    /// `recall`.
    Recall(Recall),
    /// `alert`.
    Alert(Box<cap::Alert>),
    /// `programme`.
    Programme(Box<Programme>),
    /// `live`.
    Live(LiveCall),
    /// `trust`.
    Trust(Keys),
    /// `time`.
    Time {
        /// Milliseconds since 1970.
        unix_ms: i64,
    },
    /// `lesson`.
    Lesson(Box<Lesson>),
    /// `codes`.
    Codes(Box<CodeList>),
    /// `config`.
    Config(Box<Ruling>),
    /// `answer` to a question of an officer.
    Reply(Box<Reply>),
    /// `document` or `report_request`.
    Paper(Box<Sheet>),
    /// An `answer` to what was offered to the province.
    Answer(Answer),
    /// A kind this release verifies and then refuses with `not_implemented`.
    NotImplemented(Kind),
}

/// Calls a bulletin back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// Which.
    pub bulletin_id: BulletinId,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Said in its place.
    #[serde(default)]
    pub correction: Vec<Content>,
}

/// Begins or ends a live transmission.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LiveCall {
    /// Identity.
    pub live_id: LiveId,
    /// Which of the two.
    pub action: LiveAction,
    /// An input of the site …
    #[serde(default)]
    pub input: Option<InputId>,
    /// … or a network stream.
    #[serde(default)]
    pub url: Option<String>,
    /// Where.
    #[serde(default)]
    pub targets: Targets,
    /// It is cut off after, seconds.
    #[serde(default)]
    pub max_s: Option<u32>,
    /// Title on screens.
    #[serde(default)]
    pub title: String,
}

/// What a `live` message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveAction {
    /// Begin.
    Start,
    /// End.
    Stop,
}

impl LiveCall {
    /// Where the sound comes from; the error says what is wrong with the call.
    pub fn from(&self) -> Result<LiveFrom, String> {
        let id = self.live_id.as_str();
        if id.is_empty() || id.len() > 128 {
            return Err("live_id has 1 to 128 characters".to_owned());
        }
        if self.max_s.is_some_and(|s| !(1..=LONGEST_LIVE_S).contains(&s)) {
            return Err(format!("max_s is 1 to {LONGEST_LIVE_S}"));
        }
        match (&self.input, &self.url) {
            (Some(input), None) => Ok(LiveFrom::Input(input.clone())),
            (None, Some(url)) if url.starts_with("https://") && url.len() <= 2048 => Ok(LiveFrom::Url(url.clone())),
            (None, Some(_)) => Err("url begins with https:// and has at most 2048 characters".to_owned()),
            (Some(_), Some(_)) | (None, None) => Err("one of input and url says where the sound comes from".to_owned()),
        }
    }
}

/// Longest live transmission, seconds.
pub const LONGEST_LIVE_S: u32 = 4 * 3600;

#[derive(Deserialize)]
struct AlertBody {
    cap: String,
}

#[derive(Deserialize)]
struct TimeBody {
    unix_ms: i64,
}

#[derive(Deserialize)]
struct CaseAnswer {
    #[serde(rename = "case_id")]
    _case_id: String,
}

/// Reads a body of a known kind; the error says what is wrong with it.
pub fn read_body(kind: Kind, body: &RawValue) -> Result<Body, String> {
    let text = body.get();
    fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }
    match kind {
        Kind::Bulletin => {
            let bulletin = Bulletin { live: None, ..json(text)? };
            check_bulletin(&bulletin)?;
            Ok(Body::Bulletin(Box::new(bulletin)))
        }
        Kind::Recall => json(text).map(Body::Recall),
        Kind::Alert => {
            let body: AlertBody = json(text)?;
            cap::read(&body.cap).map(|a| Body::Alert(Box::new(a)))
        }
        Kind::Programme => {
            let programme: Programme = json(text)?;
            programme.check()?;
            Ok(Body::Programme(Box::new(programme)))
        }
        Kind::Live => {
            let call: LiveCall = json(text)?;
            if call.action == LiveAction::Start {
                call.from()?;
            }
            Ok(Body::Live(call))
        }
        Kind::Trust => {
            let keys: Keys = json(text)?;
            keys.check()?;
            Ok(Body::Trust(keys))
        }
        Kind::Time => {
            let body: TimeBody = json(text)?;
            if !PLAUSIBLE_MS.contains(&body.unix_ms) {
                return Err("unix_ms is not of this century".to_owned());
            }
            Ok(Body::Time { unix_ms: body.unix_ms })
        }
        Kind::Lesson => {
            let lesson: Lesson = json(text)?;
            lesson.check()?;
            Ok(Body::Lesson(Box::new(lesson)))
        }
        Kind::Codes => {
            let list: CodeList = json(text)?;
            list.check()?;
            Ok(Body::Codes(Box::new(list)))
        }
        Kind::Config => {
            let ruling: Ruling = json(text)?;
            ruling.check()?;
            Ok(Body::Config(Box::new(ruling)))
        }
        Kind::Answer if answers_an_offer(text) => json(text).map(Body::Answer),
        // One to a citizen's case names the case in place of a question.
        Kind::Answer if json::<CaseAnswer>(text).is_ok() => Ok(Body::NotImplemented(kind)),
        Kind::Answer => {
            let reply: Reply = json(text)?;
            reply.check()?;
            Ok(Body::Reply(Box::new(reply)))
        }
        Kind::Document => paper(Sheet::Document(json(text)?)),
        Kind::ReportRequest => paper(Sheet::ReportRequest(json(text)?)),
        Kind::Board | Kind::Survey | Kind::Case | Kind::Update => Ok(Body::NotImplemented(kind)),
    }
}

fn paper(sheet: Sheet) -> Result<Body, String> {
    sheet.check()?;
    Ok(Body::Paper(Box::new(sheet)))
}

/// Answers to citizens have no capability yet.
fn answers_an_offer(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Peek {
        #[expect(dead_code, reason = "that it is there is what is asked")]
        contribution_id: String,
    }
    serde_json::from_str::<Peek>(text).is_ok()
}

fn check_bulletin(bulletin: &Bulletin) -> Result<(), String> {
    if bulletin.bulletin_id.as_str().is_empty() || bulletin.bulletin_id.as_str().len() > 256 {
        return Err("bulletin_id has 1 to 256 characters".to_owned());
    }
    if !(1..=100).contains(&bulletin.repeat) {
        return Err("repeat is 1 to 100".to_owned());
    }
    if bulletin.hazard.as_ref().is_some_and(|h| h.level > 5) {
        return Err("hazard.level is 1 to 5".to_owned());
    }
    if let (Some(from), Some(until)) = (bulletin.valid_from, bulletin.valid_until)
        && until < from
    {
        return Err("valid_until is before valid_from".to_owned());
    }
    Ok(())
}

/// Whether a body asks for the emergency priority; a body that cannot be read asks for nothing.
pub(crate) fn asks_emergency(kind: Kind, body: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Peek {
        priority: Priority,
    }
    match kind {
        Kind::Bulletin => serde_json::from_str::<Peek>(body.get()).is_ok_and(|p| p.priority == Priority::Emergency),
        Kind::Alert => serde_json::from_str::<AlertBody>(body.get())
            .ok()
            .and_then(|b| cap::read(&b.cap).ok())
            .is_some_and(|a| a.priority() == Priority::Emergency),
        Kind::Recall
        | Kind::Programme
        | Kind::Live
        | Kind::Trust
        | Kind::Time
        | Kind::Board
        | Kind::Survey
        | Kind::Answer
        | Kind::Case
        | Kind::Codes
        | Kind::Config
        | Kind::Document
        | Kind::ReportRequest
        | Kind::Lesson
        | Kind::Update => false,
    }
}
