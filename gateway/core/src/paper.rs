//! Papers (*công văn*): directives from above with their read receipts, reports that are wanted by a date, offers to the province.

use crate::bulletin::{Issuer, Media};
use crate::id::{BulletinId, PaperId};
use crate::time::Wall;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Papers that are kept at most; the oldest that ask for nothing go first.
pub(crate) const KEPT: usize = 500;
/// Files of papers that are fetched and kept at most.
pub(crate) const FILES_KEPT: usize = 1000;
/// Longest text of a paper, characters.
const TEXT: usize = 50_000;
/// Files of a paper at most.
const FILES: usize = 20;

fn one() -> u32 {
    1
}

/// A directive: the body of `document`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Identity; stays the same over versions.
    pub document_id: PaperId,
    /// Counts up; a lower or equal one is a duplicate.
    #[serde(default = "one")]
    pub version: u32,
    /// *Số, ký hiệu*.
    #[serde(default)]
    pub number: String,
    /// *Trích yếu*.
    pub title: String,
    /// Who issued it.
    #[serde(default)]
    pub issuer: Issuer,
    /// When, RFC 3339.
    #[serde(default, with = "crate::bulletin::moment", skip_serializing_if = "Option::is_none")]
    pub issued: Option<Wall>,
    /// Its words.
    #[serde(default)]
    pub text: String,
    /// Its files, by address and digest.
    #[serde(default)]
    pub files: Vec<Media>,
    /// To be read by then, RFC 3339.
    #[serde(default, with = "crate::bulletin::moment", skip_serializing_if = "Option::is_none")]
    pub due: Option<Wall>,
}

/// A report that is wanted: the body of `report_request`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRequest {
    /// Identity; stays the same over versions.
    pub request_id: PaperId,
    /// Counts up; a lower or equal one is a duplicate.
    #[serde(default = "one")]
    pub version: u32,
    /// What it is about.
    pub title: String,
    /// Who wants it.
    #[serde(default)]
    pub issuer: Issuer,
    /// First day of the window, `2026-12-15`.
    pub from: String,
    /// Last day of the window.
    pub until: String,
    /// To be handed in by then, RFC 3339.
    #[serde(default, with = "crate::bulletin::moment", skip_serializing_if = "Option::is_none")]
    pub due: Option<Wall>,
    /// What is to be looked at besides.
    #[serde(default)]
    pub text: String,
}

/// What a paper is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sheet {
    /// To be read.
    Document(Document),
    /// To be answered by figures.
    ReportRequest(ReportRequest),
}

/// Somebody has read a paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Login name.
    pub by: String,
    /// When, where the clock was trusted.
    pub at: Option<Wall>,
}

/// A paper and what was done with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// What it is.
    pub sheet: Sheet,
    /// When it came, where the clock was trusted.
    pub at: Option<Wall>,
    /// Order of arrival: the number of its entry.
    pub order: u64,
    /// Message whose ladder it climbs.
    pub jti: String,
    /// Who has read it, in order.
    pub read: Vec<Reading>,
    /// Who handed the report in last.
    pub submitted: Option<Reading>,
}

impl Sheet {
    /// Its identity.
    pub fn id(&self) -> &PaperId {
        match self {
            Self::Document(d) => &d.document_id,
            Self::ReportRequest(r) => &r.request_id,
        }
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        match self {
            Self::Document(d) => d.version,
            Self::ReportRequest(r) => r.version,
        }
    }

    /// What it is about.
    pub fn title(&self) -> &str {
        match self {
            Self::Document(d) => &d.title,
            Self::ReportRequest(r) => &r.title,
        }
    }

    /// By when it is to be read or answered.
    pub fn due(&self) -> Option<Wall> {
        match self {
            Self::Document(d) => d.due,
            Self::ReportRequest(r) => r.due,
        }
    }

    /// Its files.
    pub fn files(&self) -> &[Media] {
        match self {
            Self::Document(d) => &d.files,
            Self::ReportRequest(_) => &[],
        }
    }

    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (text, files) = match self {
            Self::Document(d) => (&d.text, d.files.len()),
            Self::ReportRequest(r) => (&r.text, 0),
        };
        if let Self::ReportRequest(r) = self {
            let day = |text: &str| text.parse::<Date>().map_err(|_| format!("{text:?} is no day such as 2026-12-15"));
            if day(&r.until)? < day(&r.from)? {
                return Err("until is before from".to_owned());
            }
        }
        if !(1..=128).contains(&self.id().as_str().len()) {
            return Err("its identity has 1 to 128 characters".to_owned());
        }
        if self.title().trim().is_empty() || self.title().chars().count() > 1000 {
            return Err("title has 1 to 1000 characters".to_owned());
        }
        if text.chars().count() > TEXT || files > FILES {
            return Err(format!("text has {TEXT} characters at most, files are {FILES} at most"));
        }
        Ok(())
    }
}

impl Paper {
    /// It asks for something: to be read by somebody, to be handed in.
    pub fn waits(&self) -> bool {
        match &self.sheet {
            Sheet::Document(_) => self.read.is_empty(),
            Sheet::ReportRequest(_) => self.submitted.is_none(),
        }
    }
}

/// An item of the commune that is offered to the province.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Identity.
    pub id: String,
    /// What is offered, in which version.
    pub bulletin: BulletinId,
    /// Its version.
    pub version: u32,
    /// Its title.
    pub title: String,
    /// Login name of who offered it.
    pub by: String,
    /// When, where the clock was trusted.
    pub at: Option<Wall>,
    /// Words beside it.
    pub note: String,
    /// What the province answered.
    pub answer: Option<Answer>,
}

/// The province's answer to an offer: the body of `answer` that names a contribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Which.
    pub contribution_id: String,
    /// What became of it.
    pub result: Taken,
    /// Why, in words for the officer.
    #[serde(default)]
    pub text: String,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OfferResult)]
pub enum Taken {
    /// The province uses it.
    Accepted,
    /// It does not.
    Declined,
}
