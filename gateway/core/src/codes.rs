//! Code lists of the province (*danh mục mã*): fields, kinds of programmes, kinds of reflections, administrative units. They are
//! data and never enums: they are checked here, journalled, and offered at the desk.

use crate::lesson::{long, name};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Lists that are kept; the one that came longest ago goes first.
pub const KEPT: usize = 50;
/// Codes of a list at most; a message holds no more anyway.
const CODES: usize = 5000;
/// Languages of a name at most.
const LANGUAGES: usize = 8;

/// A list of codes: the body of `codes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeList {
    /// Identity: 1–64 letters, digits, `.`, `-`, `_`; stays the same over versions.
    pub list_id: String,
    /// A higher one takes the place of a lower one.
    pub version: u32,
    /// What it is called, by language; Vietnamese is always there.
    pub names: BTreeMap<String, String>,
    /// Its codes, in the order in which they are offered.
    pub codes: Vec<Code>,
}

/// A code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// As it stands in messages: 1–64 letters, digits, `.`, `-`, `_`.
    pub code: String,
    /// What it means, by language; Vietnamese is always there.
    pub names: BTreeMap<String, String>,
    /// First day on which it may be used, `2026-01-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day on which it may be used. What has it already keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// The code of the same list that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// A list that is known: its version, and the entry that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its version.
    pub version: u32,
    /// Number of its entry.
    pub order: u64,
}

fn names(of: &str, names: &BTreeMap<String, String>) -> Result<(), String> {
    if !names.contains_key("vi") || names.len() > LANGUAGES {
        return Err(format!("{of}: names are by language, vi among them and {LANGUAGES} at most"));
    }
    for (lang, text) in names {
        let plain = lang.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || !(2..=12).contains(&lang.len()) {
            return Err(format!("{of}: a language is 2 to 12 letters, digits and dashes"));
        }
        long(&format!("{of}: names.{lang}"), text, 1, 160)?;
    }
    Ok(())
}

fn day(of: &str, written: Option<&str>) -> Result<Option<Date>, String> {
    let Some(written) = written else { return Ok(None) };
    let plain = written.len() == 10;
    let day = written.parse().ok().filter(|_| plain);
    day.map(Some).ok_or_else(|| format!("{of}: a day is written 2026-01-31"))
}

impl CodeList {
    /// Whether it can be offered; the error says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        name("list_id", &self.list_id)?;
        names("the list", &self.names)?;
        if !(1..=CODES).contains(&self.codes.len()) {
            return Err(format!("a list has 1 to {CODES} codes"));
        }
        let mut known = BTreeSet::new();
        for one in &self.codes {
            name("code", &one.code)?;
            names(&one.code, &one.names)?;
            let from = day(&one.code, one.valid_from.as_deref())?;
            let until = day(&one.code, one.valid_until.as_deref())?;
            if from.zip(until).is_some_and(|(from, until)| until < from) {
                return Err(format!("{}: valid_until is before valid_from", one.code));
            }
            if !known.insert(one.code.as_str()) {
                return Err(format!("{} stands twice", one.code));
            }
        }
        self.codes.iter().try_for_each(|one| match one.successor.as_deref() {
            Some(next) if next == one.code || !known.contains(next) => {
                Err(format!("{}: successor is another code of the same list", one.code))
            }
            Some(_) | None => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn list(change: impl FnOnce(&mut Value)) -> Result<(), String> {
        let mut body = json!({"list_id": "field", "version": 2, "names": {"vi": "Lĩnh vực", "en": "Fields"}, "codes": [
            {"code": "y-te", "names": {"vi": "Y tế"}, "valid_from": "2026-01-01"},
            {"code": "suc-khoe", "names": {"vi": "Sức khỏe"}, "valid_until": "2025-12-31", "successor": "y-te", "more": 1}]});
        change(&mut body);
        serde_json::from_value::<CodeList>(body).map_err(|e| e.to_string())?.check()
    }

    #[test]
    fn a_list_is_taken_whole_and_within_bounds() {
        assert_eq!(list(|_| ()), Ok(()));
        let code = |change: Value| json!([change]);
        for (what, change) in [
            ("list_id", json!("../x")),
            ("version", json!(-1)),
            ("names", json!({"en": "Fields"})),
            ("names", json!({"vi": "Lĩnh vực", "<b>": "x"})),
            ("codes", json!([])),
            ("codes", code(json!({"code": "y te", "names": {"vi": "Y tế"}}))),
            ("codes", code(json!({"code": "y-te", "names": {"vi": ""}}))),
            ("codes", code(json!({"code": "y-te", "names": {"vi": "x".repeat(161)}}))),
            ("codes", code(json!({"code": "y-te", "names": {"vi": "Y tế"}, "valid_from": "2026-02-30"}))),
            (
                "codes",
                code(
                    json!({"code": "a", "names": {"vi": "A"}, "valid_from": "2026-02-02", "valid_until": "2026-02-01"}),
                ),
            ),
            ("codes", code(json!({"code": "a", "names": {"vi": "A"}, "successor": "b"}))),
            ("codes", code(json!({"code": "a", "names": {"vi": "A"}, "successor": "a"}))),
            ("codes", json!([{"code": "a", "names": {"vi": "A"}}, {"code": "a", "names": {"vi": "B"}}])),
        ] {
            assert!(list(|body| body[what] = change.clone()).is_err(), "{what}: {change}");
        }
    }
}
