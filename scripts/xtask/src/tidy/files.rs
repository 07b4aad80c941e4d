//! One file at a time: how long it is, how it opens, and whether it can be run.

use super::Tracked;

/// Longest file a person still reads in one go, lines.
const LONGEST: usize = 400;

/// What people write by hand and therefore must be able to read.
const WRITTEN: &[&str] = &["rs", "sh", "py", "js", "ts", "css", "html", "c", "toml"];

/// Files nobody reads from top to bottom: bytes of other makers, and what a program generates.
const EXEMPT: &[&str] = &["/golden/", "/vectors/", "/generated/", "image/site.example.toml"];

/// Findings about one file.
pub(crate) fn check(file: &Tracked) -> Vec<String> {
    let mut found = Vec::new();
    let path = &file.path;
    let Some(text) = &file.text else { return found };
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
    let script = text.starts_with("#!") && !text.starts_with("#![");
    let lines = text.lines().count();
    let exempt = EXEMPT.iter().any(|e| path.contains(e));
    if lines > LONGEST && (WRITTEN.contains(&extension) || script) && !exempt {
        found.push(format!("{path}: {lines} lines, {LONGEST} at most: split it"));
    }
    if extension == "rs" && !opens_with_its_purpose(text) {
        found.push(format!("{path}:1: the first line is a `//!` sentence that says what the file is for"));
    }
    if script && !file.executable {
        found.push(format!("{path}: a script that cannot be run: chmod +x"));
    }
    if file.executable && !script {
        found.push(format!("{path}: can be run but does not say by what (`#!`)"));
    }
    if path.ends_with("/mod.rs") {
        found.push(format!("{path}: modules are foo.rs beside foo/, not foo/mod.rs"));
    }
    found
}

fn opens_with_its_purpose(text: &str) -> bool {
    let said = text.strip_prefix("//! ").and_then(|t| t.lines().next()).unwrap_or_default();
    said.len() >= 5 && !said.starts_with("Placeholder") && !said.starts_with("To come")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const GOOD: &str = "//! Says what it is for.\n";

    #[test]
    fn a_good_file_gives_no_finding() {
        assert!(check(&sample("a/src/b.rs", GOOD)).is_empty());
        let run = Tracked { executable: true, ..sample("scripts/test", "#!/bin/sh\n") };
        assert!(check(&run).is_empty());
        assert!(check(&sample("a/src/c.rs", "//! Purpose here.\n#![cfg(test)]\n")).is_empty());
    }

    #[test]
    fn a_file_of_401_lines_is_found_and_one_of_400_is_not() {
        let long = |n: usize| format!("{GOOD}{}", "let x = 1;\n".repeat(n - 1));
        assert!(check(&sample("a.rs", &long(400))).is_empty());
        assert_eq!(check(&sample("a.rs", &long(401))).len(), 1);
        assert!(check(&sample("tests/golden/a.py", &long(401))).is_empty());
        assert!(check(&sample("Cargo.lock", &long(401))).is_empty());
        let script = Tracked { executable: true, ..sample("scripts/test", &format!("#!/bin/sh\n{}", long(401))) };
        assert_eq!(check(&script).len(), 1);
    }

    #[test]
    fn a_file_without_a_purpose_is_found() {
        for text in ["use a::b;\n", "/// Not this.\n", "\n//! Too late.\n", "//!\n", "//! To come.\n", ""] {
            assert_eq!(check(&sample("a.rs", text)).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_script_that_cannot_be_run_is_found_and_so_is_the_reverse() {
        assert_eq!(check(&sample("scripts/demo", "#!/usr/bin/env bash\n")).len(), 1);
        assert_eq!(check(&Tracked { executable: true, ..sample("a.rs", GOOD) }).len(), 1);
    }

    #[test]
    fn mod_rs_is_found() {
        assert_eq!(check(&sample("a/b/mod.rs", GOOD)).len(), 1);
    }
}
