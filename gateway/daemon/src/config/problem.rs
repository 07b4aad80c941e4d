//! What is wrong with a configuration: where, what, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong, or (as a warning) looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Line of the file, counted from 1; 0 where it is not about a line.
    pub(crate) line: usize,
    /// The key, with the section: `switch.coil`; empty where it is about none.
    pub(crate) key: String,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl Problem {
    /// One line for people: `file:line: key: what; remedy`.
    pub(crate) fn told(&self, file: &Path) -> String {
        let Self { line, key, what, remedy } = self;
        let place = if *line == 0 { file.display().to_string() } else { format!("{}:{line}", file.display()) };
        if key.is_empty() { format!("{place}: {what}; {remedy}") } else { format!("{place}: {key}: {what}; {remedy}") }
    }
}

/// A configuration that is refused, with everything that is wrong with it.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The file.
    pub(crate) file: PathBuf,
    /// What is wrong, in the order of the lines; never empty.
    pub(crate) problems: Vec<Problem>,
    /// What looks wrong besides.
    pub(crate) warnings: Vec<Problem>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{}", problem.told(&self.file))?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {}", warning.told(&self.file))?;
        }
        write!(f, "the configuration is refused: {} to correct", self.problems.len())
    }
}

impl std::error::Error for Refused {}

/// The word of `known` that `wrong` was probably meant to be.
pub(super) fn nearest<'k>(wrong: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known.map(|k| (distance(wrong, k), k)).filter(|(d, k)| *d <= 2.max(k.len() / 3)).min().map(|(_, k)| k)
}

/// How many letters must be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        for (j, y) in b.iter().enumerate() {
            let (left, up) = (row.get(j).copied().unwrap_or(0), row.get(j + 1).copied().unwrap_or(0));
            let here = if x == *y { corner } else { 1 + corner.min(up).min(if j == 0 { i + 1 } else { left }) };
            corner = up;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = here;
            }
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_found_and_a_strange_one_is_not() {
        assert_eq!(distance("volume_day", "volume_day"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", "ba"), 2);
        let keys = ["volume_day", "volume_night", "device"];
        assert_eq!(nearest("volume_dya", keys.into_iter()), Some("volume_day"));
        assert_eq!(nearest("colour", keys.into_iter()), None);
    }
}
