//! Rulings of the province (*cấu hình từ tỉnh*, `config`): policy keys of the site's own file that the site lets the province set.
//! Whether they are right is told by the code that reads the file; here they are kept until it has said so.

use crate::journal::Stage;
use crate::lesson::{long, name};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rulings that wait to be taken over at most; more are refused.
pub(crate) const WAITING: usize = 20;
/// Rulings that are remembered, so that an older version is known as one.
pub(crate) const KEPT: usize = 100;
/// Changes of one ruling at most.
const CHANGES: usize = 50;
/// Longest text in a value, characters.
const TEXT: usize = 2000;

fn one() -> u32 {
    1
}

/// Changes that come into force together, or not at all: the body of `config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Identity: 1–64 letters, digits, `.`, `-`, `_`; stays the same over versions.
    pub config_id: String,
    /// Counts up; a lower or equal one is a duplicate.
    #[serde(default = "one")]
    pub version: u32,
    /// Why, 3–200 characters, shown in the history.
    pub why: String,
    /// 1–50.
    pub changes: Vec<Setting>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The section of the file, `policy`.
    pub section: String,
    /// Which row of a section that has many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The key, `night`.
    pub key: String,
    /// What it is set to; `null`: it is left out, and its default holds.
    #[serde(default)]
    pub value: Value,
}

/// A ruling and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// What is ruled; without its changes once it is over.
    pub ruling: Ruling,
    /// The message whose ladder it climbs.
    pub jti: String,
    /// Key of that message among those seen.
    pub seen: String,
    /// Order of arrival: the number of its entry.
    pub order: u64,
    /// The rung it has reached.
    pub stage: Stage,
}

impl Standing {
    /// It is not over.
    pub fn waits(&self) -> bool {
        self.stage < Stage::Done
    }
}

/// What became of a ruling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Which.
    pub config_id: String,
    /// In which version.
    pub version: u32,
    /// The rung: `waiting` while it waits or is tried, then `done` or `failed`.
    pub stage: Stage,
    /// `kept`, `stands`, `same`, `bad_configuration`, `locked`, `misplaced`, `read_only`, `fell_back`, `withdrawn`, `superseded`.
    pub code: String,
    /// Which key or device, and what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Number of the version in the configuration's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no: Option<u32>,
}

fn plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.chars().count() <= TEXT,
        Value::Array(list) => list.len() <= CHANGES && list.iter().all(|v| !v.is_array() && !v.is_null() && plain(v)),
        Value::Object(_) => false,
    }
}

impl Setting {
    /// `policy.night`: how the site's file names it where it lets the province set it.
    pub fn name(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }
}

impl Ruling {
    /// Whether it can be looked at further; the error says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        name("config_id", &self.config_id)?;
        long("why", &self.why, 3, 200)?;
        if !(1..=CHANGES).contains(&self.changes.len()) {
            return Err(format!("a config has 1 to {CHANGES} changes"));
        }
        for Setting { section, id, key, value } in &self.changes {
            name("section", section)?;
            name("key", key)?;
            id.as_deref().map_or(Ok(()), |id| name("id", id))?;
            if !plain(value) {
                return Err(format!("{section}.{key}: a value is text, a number, true or false, or a list of these"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ruling(change: impl FnOnce(&mut Value)) -> Result<(), String> {
        let mut body = json!({"config_id": "CH-2026-01", "why": "Giờ nghỉ đêm mùa hè", "changes": [
            {"section": "policy", "key": "night", "value": "22:00-04:30"},
            {"section": "cluster", "id": "thon-1", "key": "languages", "value": ["vi", "km"]}]});
        change(&mut body);
        serde_json::from_value::<Ruling>(body).map_err(|e| e.to_string())?.check()
    }

    #[test]
    fn a_ruling_is_taken_whole_and_within_bounds() {
        assert_eq!(ruling(|_| ()), Ok(()));
        for (what, change) in [
            ("config_id", json!("")),
            ("why", json!("x")),
            ("changes", json!([])),
            ("changes", json!([{"section": "policy]\n[hub", "key": "url", "value": 1}])),
            ("changes", json!([{"section": "policy", "key": "night", "value": {"a": 1}}])),
            ("changes", json!([{"section": "policy", "key": "night", "value": [[1]]}])),
            ("changes", json!([{"section": "policy", "key": "night", "value": "x".repeat(2001)}])),
        ] {
            assert!(ruling(|body| body[what] = change.clone()).is_err(), "{what}: {change}");
        }
    }
}
