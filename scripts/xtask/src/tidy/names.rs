//! Names of types: a noun of the place, never a word that fits anything.

use super::Tracked;

/// Endings that say nothing about what a thing is.
const EMPTY: &[&str] = &["Manager", "Handler", "Service", "Util", "Utils", "Helper", "Helpers", "Data", "Info"];

/// The words of others: CAP 1.2 calls its renditions `info`.
const ALLOWED: &[(&str, &str)] = &[("gateway/core/src/cap.rs", "Info")];

const DECLARES: &[&str] = &["struct", "enum", "trait", "type", "union"];

/// Findings about one file.
pub(crate) fn check(file: &Tracked) -> Vec<String> {
    let (path, Some(text)) = (&file.path, &file.text) else { return Vec::new() };
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let named = |(i, line): (usize, &str)| declared(line).map(|name| (i + 1, name.to_owned()));
    text.lines()
        .enumerate()
        .filter_map(named)
        .filter(|(_, name)| EMPTY.iter().any(|e| name.ends_with(e)))
        .filter(|(_, name)| !ALLOWED.contains(&(path.as_str(), name)))
        .map(|(line, name)| format!("{path}:{line}: {name}: call it what it is at a station"))
        .collect()
}

/// The type a line declares, if it declares one. What an `impl` calls `type` was named by the author of its trait.
fn declared(line: &str) -> Option<&str> {
    if line.starts_with(' ') && line.trim_start().starts_with("type ") {
        return None;
    }
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if DECLARES.contains(&word) {
            let name = words.next()?;
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            return Some(&name[..end]);
        }
        if word != "pub" && !word.starts_with("pub(") && word != "unsafe" && !word.ends_with(')') {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn empty_names_are_found() {
        let kinds =
            ["struct HubManager;", "pub enum AlertHandler {", "pub(crate) trait Service {", "type TimeUtils<T> = T;"];
        for line in kinds {
            assert_eq!(check(&sample("a.rs", line)).len(), 1, "{line}");
        }
        assert_eq!(check(&sample("b.rs", "    pub(in crate::a) struct ClipData(u8);")).len(), 1);
    }

    #[test]
    fn nouns_of_the_place_are_not() {
        for line in [
            "struct Line {",
            "pub enum Serviceable {",
            "let x = HubManager;",
            "// struct HubManager;",
            "    type Data = Bytes;",
            "fn info() {",
        ] {
            assert!(check(&sample("a.rs", line)).is_empty(), "{line}");
        }
        assert!(check(&sample("a.md", "struct HubManager;")).is_empty());
        assert!(check(&sample("gateway/core/src/cap.rs", "pub struct Info {")).is_empty());
    }
}
