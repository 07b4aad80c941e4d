//! The configuration at the desk: looked at, checked by the code that starts the station, changed, and gone back to.
//!
//! The file stays the one truth (decision 0014); what is done to it, the daemon does behind [`Configuration`].

mod answers;

pub(crate) use answers::*;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest configuration that the desk sends, bytes: a body is 64 KiB with everything.
const LONGEST: usize = 60_000;

/// Changes in one proposal.
const MOST: usize = 200;

/// What the daemon does with the configuration. Every call may read or write a disk.
pub trait Configuration: Send + Sync {
    /// The file as it stands, and what may be done to it.
    fn sheet(&self) -> Result<Sheet, Unfit>;
    /// What would become of a proposal: nothing is changed.
    fn check(&self, wanted: &Wanted) -> Result<Checked, Unfit>;
    /// Keeps a proposal as a version that is taken over as soon as may be; its number.
    fn take(
        &self,
        wanted: &Wanted,
        by: &str,
        why: &str,
        over_programmes: bool,
        at: Option<String>,
    ) -> Result<u32, Unfit>;
    /// Takes back the version that waits; its number.
    fn withdraw(&self) -> Result<u32, Unfit>;
    /// All versions kept, newest first.
    fn versions(&self) -> Result<Vec<VersionRow>, Unfit>;
    /// The text of one.
    fn version(&self, no: u32) -> Result<String, Unfit>;
    /// Whether a device that is to be added answers, in words; nothing is kept.
    fn probe(&self, wanted: &Wanted, section: &str, id: &str) -> Result<Probed, Unfit>;
}

/// What a device said that is not configured yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Probed {
    /// It answered.
    pub well: bool,
    /// What it said, or what was in the way.
    pub said: String,
}

/// Why something is not done to the configuration.
#[derive(Clone, Debug)]
pub enum Unfit {
    /// Somebody else was faster; the version that stands.
    Changed(u32),
    /// A value that no desk may change: its key, and what kind of value it is.
    Locked {
        /// `station.id`, `transmitter.licence` …
        key: String,
        /// Why.
        lock: Lock,
    },
    /// The check finds it wrong.
    Wrong(Vec<Finding>),
    /// The file cannot be written by the station.
    ReadOnly(String),
    /// Another version waits, or is being tried.
    Waits(u32),
    /// There is no such thing.
    Nothing,
    /// It is what stands already.
    Same,
    /// A change names what is not there.
    Misplaced(String),
    /// The disk does not give or take it.
    Disk(String),
}

/// Why a value is not the desk's to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Frequency, power and kind of a transmitter: they come from the licence.
    Licence,
    /// Whose word is believed.
    Trust,
    /// Who the station is, and where it keeps what it has.
    Identity,
    /// The way to the hub comes by enrolment.
    Hub,
    /// The listeners: a mistake would shut the desk itself.
    Listeners,
    /// A program that the station would start.
    Program,
}

/// A proposal: single changes, or the whole text.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"over": 3, "changes": [{"act": "set", "section": "policy", "key": "night", "value": "22:00-04:30"}]}))]
pub struct Wanted {
    /// Number of the version that was looked at.
    pub over: u32,
    /// Single changes, one after the other.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub changes: Vec<Change>,
    /// The whole file instead.
    #[serde(default)]
    #[schema(max_length = 60000)]
    pub text: Option<String>,
}

/// One change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is done.
    pub act: What,
    /// The section, as the sheet names it.
    #[schema(max_length = 64)]
    pub section: String,
    /// Which row of a section that has many; for `add`, in `value`.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub id: Option<String>,
    /// Which key is set.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub key: Option<String>,
    /// What it is set to; `null`: it is left out, and its default holds. For `add` an object of all keys.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    pub value: Option<serde_json::Value>,
}

/// A value of the file: a text, a number, true or false, a list, or a table.
#[derive(ToSchema)]
#[schema(value_type = serde_json::Value)]
#[expect(dead_code, reason = "stands for any JSON, in descriptions only")]
pub(crate) struct Value(serde_json::Value);

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Sets a key, or leaves it out.
    Set,
    /// Adds a row.
    Add,
    /// Takes a row away.
    Remove,
}

/// Something wrong or doubtful, as `gateway check` says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// Line of the text, from 1; 0 where it is about none.
    pub line: usize,
    /// The key with its section; empty where it is about none.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// What would become of a proposal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Checked {
    /// The text as it would be written.
    pub text: String,
    /// What is wrong; empty: it can be taken.
    pub problems: Vec<Finding>,
    /// What is doubtful.
    pub warnings: Vec<Finding>,
    /// What differs from the version that stands.
    pub differs: Vec<DiffLine>,
}

/// A line that differs, or stands beside one that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffLine {
    /// `-` goes, `+` comes, ` ` stands.
    pub sign: String,
    /// Its line number: in the new text, or in the old one where it goes.
    pub line: usize,
    /// The line.
    pub text: String,
}

/// The file as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConfigurationSheet)]
pub struct Sheet {
    /// Number of the version that stands; a proposal says it back.
    pub version: u32,
    /// Where the file is.
    pub file: String,
    /// Why the station cannot write it; `null`: it can.
    #[schema(required)]
    pub read_only: Option<String>,
    /// The version that waits for its turn, or is being tried.
    #[schema(required)]
    pub underway: Option<Underway>,
    /// What `gateway check` finds doubtful in it.
    pub warnings: Vec<Finding>,
    /// The text.
    pub text: String,
    /// Every section with its keys and what the file says of them.
    pub sections: Vec<SectionRow>,
}

/// A version on its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Underway {
    /// Its number.
    pub version: u32,
    /// It waits, or it is being tried.
    pub fate: Fate,
    /// What it waits for: `emergency`, `live`, `drill`, `programme`, `selftest`.
    #[schema(required)]
    pub waits_for: Option<String>,
}

/// A section of the file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SectionRow {
    /// Its full name.
    pub name: String,
    /// `once`, `many` or `inline`.
    pub shape: String,
    /// What it is for.
    pub doc: String,
    /// Drivers of this release.
    pub drivers: Vec<String>,
    /// Its keys.
    pub keys: Vec<KeyRow>,
    /// What the file says, a row each.
    pub rows: Vec<RowValues>,
}

/// A key of the configuration.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyRow {
    /// Its name.
    pub name: String,
    /// `text`, `name`, `of`, `driver`, `word`, `whole`, `number`, `flag`, `texts`, `wholes`, `words`, `inline`, `inlines`.
    pub kind: String,
    /// The words it takes.
    pub words: Vec<String>,
    /// The section it names a row of, or that it holds.
    #[schema(required)]
    pub of: Option<String>,
    /// Smallest number.
    #[schema(required)]
    pub from: Option<f64>,
    /// Largest number.
    #[schema(required)]
    pub to: Option<f64>,
    /// It must be there.
    pub must: bool,
    /// What holds where it is left out, as the file would say it.
    #[schema(required)]
    pub default: Option<String>,
    /// Unit of its value; empty where it has none.
    pub unit: String,
    /// A value, as the file says it.
    pub example: String,
    /// What it means.
    pub doc: String,
    /// Drivers it belongs to; empty: all.
    pub on: Vec<String>,
    /// Why no desk may change it.
    #[schema(required)]
    pub lock: Option<Lock>,
    /// The site may let the province set it (`hub.may_set`).
    pub hub: bool,
}

/// What the file says in a section once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowValues {
    /// Its `id`, where it has one.
    #[schema(required)]
    pub id: Option<String>,
    /// Line where it begins.
    pub line: usize,
    /// Its keys.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub values: BTreeMap<String, serde_json::Value>,
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It waits until nothing is on air.
    Waiting,
    /// The station runs with it and has not proved itself yet.
    Trying,
    /// It stood, or stands.
    Stands,
    /// The station did not come up with it and went back.
    FellBack,
    /// It was taken back before it was tried.
    Withdrawn,
}

/// A version of the file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionRow {
    /// 1, 2, 3 …
    pub no: u32,
    /// When, RFC 3339 with +07:00; `null` where the clock was not trusted, or nobody knows.
    #[schema(required)]
    pub at: Option<String>,
    /// Login name; `null`: the file was changed by hand, or by the province.
    #[schema(required)]
    pub by: Option<String>,
    /// The province's message that changed it, as `CH-2026-01/1`; `null`: a person did.
    #[serde(default)]
    #[schema(required)]
    pub of: Option<String>,
    /// Why, as its author wrote it.
    pub why: String,
    /// What became of it.
    pub fate: Fate,
    /// Why the station went back.
    #[schema(required)]
    pub told: Option<String>,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Programmes need not be waited for.
    #[serde(default)]
    pub over_programmes: bool,
}

/// For places without a configuration of their own: there is none.
pub struct NoConfiguration;

impl Configuration for NoConfiguration {
    fn sheet(&self) -> Result<Sheet, Unfit> {
        Err(Unfit::Nothing)
    }
    fn check(&self, _: &Wanted) -> Result<Checked, Unfit> {
        Err(Unfit::Nothing)
    }
    fn take(&self, _: &Wanted, _: &str, _: &str, _: bool, _: Option<String>) -> Result<u32, Unfit> {
        Err(Unfit::Nothing)
    }
    fn withdraw(&self) -> Result<u32, Unfit> {
        Err(Unfit::Nothing)
    }
    fn versions(&self) -> Result<Vec<VersionRow>, Unfit> {
        Ok(Vec::new())
    }
    fn version(&self, _: u32) -> Result<String, Unfit> {
        Err(Unfit::Nothing)
    }
    fn probe(&self, _: &Wanted, _: &str, _: &str) -> Result<Probed, Unfit> {
        Err(Unfit::Nothing)
    }
}
