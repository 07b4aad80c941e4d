//! Words that may not be committed: what was left unfinished, tests that cannot fail, paths of one machine.

use super::Tracked;

/// Kept in halves, so that this file does not hold what it looks for.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("TO", "DO", "finish it, or file it as an issue"),
    ("FIX", "ME", "finish it, or file it as an issue"),
    ("XX", "X", "finish it, or file it as an issue"),
    ("to", "do!(", "finish it"),
    ("unimple", "mented!(", "finish it"),
    ("#[ig", "nore", "a test that is not run proves nothing"),
    ("assert!(tr", "ue", "a test that cannot fail proves nothing"),
    ("../sh", "ared", "the repository stands alone"),
    ("/wo", "rk/", "a path of one machine"),
    ("/fa", "rm/", "a path of one machine"),
    ("/home", "/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("BEGIN PRIVATE", " KEY", "a secret: make it when it is needed"),
    ("<<<<", "<<<", "a conflict that was not resolved"),
];

/// Findings about one file.
pub(crate) fn check(file: &Tracked) -> Vec<String> {
    let (path, Some(text)) = (&file.path, &file.text) else { return Vec::new() };
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (head, tail, why) in FORBIDDEN {
            let word = format!("{head}{tail}");
            if stands_alone(line, &word) {
                found.push(format!("{path}:{}: {word:?}: {why}", number + 1));
            }
        }
    }
    found
}

/// Whether the word is in the line and is not the tail or head of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let edge = |c: Option<char>, own: Option<char>| !(c.is_some_and(part_of_word) && own.is_some_and(part_of_word));
    line.match_indices(word).any(|(at, _)| {
        edge(line[..at].chars().next_back(), word.chars().next())
            && edge(line[at + word.len()..].chars().next(), word.chars().next_back())
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_forbidden_word_is_found_with_its_line() {
        for (head, tail, _) in FORBIDDEN {
            let found = check(&sample("a.rs", &format!("//! Fine.\n    {head}{tail} and more\n")));
            assert_eq!(found.len(), 1, "{head}{tail}: {found:?}");
            assert!(found[0].starts_with("a.rs:2: "), "{found:?}");
        }
    }

    #[test]
    fn longer_words_and_other_text_are_not() {
        for text in ["a /workspace/x", "METHODOLOGY", "todolist", "// nothing to see", "A0XXXX"] {
            assert!(check(&sample("a.rs", text)).is_empty(), "{text}");
        }
    }
}
