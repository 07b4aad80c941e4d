//! The map must match the land: every path and every test the README names is there, and every invariant has a test.

use super::Tracked;
use std::collections::BTreeMap;

/// Findings about the README among all files.
pub(crate) fn check(files: &[Tracked]) -> Vec<String> {
    let texts: BTreeMap<&str, &str> =
        files.iter().map(|f| (f.path.as_str(), f.text.as_deref().unwrap_or_default())).collect();
    let Some(readme) = texts.get("README.md") else {
        return vec!["README.md: is not there".to_owned()];
    };
    let mut found = Vec::new();
    let mut rooms = false;
    let mut fenced = false;
    for (number, line) in readme.lines().enumerate() {
        let at = format!("README.md:{}", number + 1);
        if let Some(kind) = line.strip_prefix("```") {
            rooms = !fenced && kind == "rooms";
            fenced = !fenced;
            continue;
        }
        let named: Vec<&str> = match (fenced, rooms) {
            (true, true) => line.split_whitespace().next().into_iter().collect(),
            (true, false) => continue,
            (false, _) => in_backticks(line).chain(link_targets(line)).filter(|w| is_path(w)).collect(),
        };
        found.extend(named.into_iter().filter_map(|word| wrong(word, &texts)).map(|what| format!("{at}: {what}")));
        if let Some(what) = unguarded(line) {
            found.push(format!("{at}: {what}"));
        }
    }
    found
}

/// What is wrong with a name: `dir/`, `dir/file`, or `dir/file.rs::test`.
fn wrong(word: &str, texts: &BTreeMap<&str, &str>) -> Option<String> {
    let (path, test) = word.split_once("::").map_or((word, None), |(p, t)| (p, Some(t)));
    let path = path.split_once('#').map_or(path, |(p, _)| p);
    let folder = format!("{}/", path.trim_end_matches('/'));
    let text = texts.get(path);
    if text.is_none() && !texts.keys().any(|k| k.starts_with(&folder)) {
        return Some(format!("{path} is not there"));
    }
    let test = test?;
    let there = text.is_some_and(|t| t.contains(&format!("fn {test}(")) || t.contains(&format!("def {test}(")));
    (!there).then(|| format!("{path} has no test {test}"))
}

/// A row of the table of invariants that names no test: `| 3 | what holds | who guards it |`.
fn unguarded(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let number: u8 = cells.first()?.parse().ok()?;
    let guards = cells.get(2).copied().unwrap_or_default();
    let guarded = in_backticks(guards).any(is_path);
    (!guarded).then(|| format!("invariant {number} names no test that guards it"))
}

/// Whether a word in backticks means a path of this repository.
fn is_path(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:#".contains(c));
    let outside = word.starts_with('/') || word.starts_with("~") || word.contains("://") || word.starts_with("ttcs/");
    let looks = word.contains('/') || [".md", ".rs", ".toml", ".yaml"].iter().any(|e| word.ends_with(e));
    plain && looks && !outside && !word.starts_with('#')
}

fn in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn found(readme: &str) -> Vec<String> {
        check(&[
            sample("README.md", readme),
            sample("docs/contract.md", "x"),
            sample("tests/tests/story.rs", "#[test]\nfn a_story_ends_well() {}\n"),
        ])
    }

    #[test]
    fn what_is_there_is_no_finding() {
        let readme = "See `docs/contract.md`, [the tests](tests/tests), `tests/` and `cargo xtask check`.\n\
            ```rooms\ndocs/   papers\ntests/tests/story.rs   a story\n```\n```\nno/such/path\n```\n\
            | 1 | It ends well | `tests/tests/story.rs::a_story_ends_well` |\n\
            `/etc/gateway/gateway.toml` `https://a.b/c.md` `ttcs/1/all/down/#` `POST a/{b}`\n";
        assert_eq!(found(readme), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_there_is_found_by_line() {
        assert_eq!(found("a\n`docs/none.md`"), ["README.md:2: docs/none.md is not there"]);
        assert_eq!(found("[x](docs/none.md)").len(), 1);
        assert_eq!(found("`doc/`").len(), 1);
        assert_eq!(found("```rooms\nnone/   nothing\n```").len(), 1);
        assert_eq!(check(&[sample("a.rs", "")]).len(), 1);
    }

    #[test]
    fn a_test_that_is_not_there_is_found() {
        assert_eq!(found("`tests/tests/story.rs::another`").len(), 1);
        assert_eq!(found("`tests/tests/story.rs::a_story`").len(), 1);
    }

    #[test]
    fn an_invariant_without_a_test_is_found() {
        assert_eq!(found("| 7 | It starts | nobody yet |"), ["README.md:1: invariant 7 names no test that guards it"]);
        assert!(found("| no | What | Guard |\n|---|---|---|").is_empty());
    }
}
