//! What no desk may change, by anybody: frequency and power, trust, who the station is, the hub, listeners, programs.

use toml::{Table, Value};
use web_ui::Lock;

/// Keys of a transmitter that are no matter of its licence.
const FREE: &[&str] = &["warm_up_s", "carrier_settle_s", "code_settle_s", "let_go_s", "silence_off_s"];

/// Why a key is not the desk's; `None`: it is.
pub(super) fn lock_of(section: &str, key: &str) -> Option<Lock> {
    match (section, key) {
        ("transmitter", key) => (!FREE.contains(&key)).then_some(Lock::Licence),
        ("transmitter.licence" | "transmitter.rds" | "transmitter.zone_tones", _) => Some(Lock::Licence),
        ("station", "trust") | ("clock", "trust") => Some(Lock::Trust),
        ("station", "id" | "province" | "commune" | "data" | "profiles") => Some(Lock::Identity),
        ("hub", _) => Some(Lock::Hub),
        ("web", _) => Some(Lock::Listeners),
        ("speech", "command" | "engine") | ("speech.engine", _) => Some(Lock::Program),
        _ => None,
    }
}

/// The first locked value in which two files differ.
pub(super) fn differs(old: &Table, new: &Table) -> Option<(String, Lock)> {
    all_that_differ(old, new).into_iter().next()
}

/// Every locked value in which two files differ.
pub(crate) fn all_that_differ(old: &Table, new: &Table) -> Vec<(String, Lock)> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for section in names {
        let (before, after) = (rows(old.get(section)), rows(new.get(section)));
        if section == "transmitter" && before.len() != after.len() {
            found.push((section.clone(), Lock::Licence));
            continue;
        }
        let empty = Table::new();
        for i in 0..before.len().max(after.len()) {
            let at = |rows: &[&Table]| rows.get(i).map_or(empty.clone(), |t| (*t).clone());
            let (before, after) = (at(&before), at(&after));
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            let moved = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
            found.extend(moved.filter_map(|key| Some((format!("{section}.{key}"), lock_of(section, key)?))));
        }
    }
    found
}

fn rows(section: Option<&Value>) -> Vec<&Table> {
    match section {
        Some(Value::Table(table)) => vec![table],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_table).collect(),
        Some(_) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "[station]\nid = \"a\"\nname = \"A\"\n[[transmitter]]\nid = \"fm\"\nwarm_up_s = 1\nlicence = { frequency_mhz = 60.5, power_w = 30 }\n";

    fn moved(new: &str) -> Option<(String, Lock)> {
        differs(&OLD.parse().expect("toml"), &new.parse().expect("toml"))
    }

    #[test]
    fn frequency_power_and_trust_are_nobodys() {
        assert_eq!(moved(&OLD.replace("60.5", "61.0")), Some(("transmitter.licence".to_owned(), Lock::Licence)));
        assert_eq!(moved(&OLD.replace("power_w = 30", "power_w = 300")).map(|m| m.1), Some(Lock::Licence));
        assert_eq!(moved(&OLD.replace("\"fm\"", "\"fn\"")).map(|m| m.1), Some(Lock::Licence));
        assert_eq!(moved(&format!("{OLD}[[transmitter]]\nid = \"two\"\n")).map(|m| m.1), Some(Lock::Licence));
        assert_eq!(moved(&OLD.replace("name", "trust")), Some(("station.trust".to_owned(), Lock::Trust)));
        assert_eq!(moved(&format!("{OLD}[hub]\nurl = \"mqtt://x\"\n")).map(|m| m.1), Some(Lock::Hub));
        assert_eq!(moved(&format!("{OLD}[speech]\ncommand = \"rm\"\n")).map(|m| m.1), Some(Lock::Program));
        assert_eq!(moved(&OLD.replace("\"A\"", "\"B\"").replace("warm_up_s = 1", "warm_up_s = 2")), None);
    }

    #[test]
    fn nothing_that_is_nobodys_is_the_provinces() {
        let named: Vec<String> = crate::config::of_hub().collect();
        assert!(named.iter().any(|key| key == "policy.night"), "{named:?}");
        for key in &named {
            let (section, key) = key.rsplit_once('.').expect("a key of a section");
            assert_eq!(lock_of(section, key), None, "{section}.{key}");
            // Devices and the ways to them are the site's.
            assert!(
                !["line", "switch", "transmitter", "board", "sensor", "sink", "input"].contains(&section),
                "{section}"
            );
        }
    }
}
