//! How written forms are said: the ones built in, and before them the officer's own.

use super::clean;
use super::syllable::is_syllable;
use super::tokens::{Kind, Line, Said};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Written form, tab, spoken form; `#` begins a comment.
const BUILT_IN: &str = include_str!("built_in.tsv");

/// Most entries an officer may make.
const MOST_ENTRIES: usize = 2000;
/// Longest written form, characters.
const LONGEST_WRITTEN: usize = 64;
/// Longest spoken form, characters.
const LONGEST_SPOKEN: usize = 300;
/// Faults of a text are listed as far as this.
const MOST_FAULTS: usize = 100;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for line in BUILT_IN.lines().filter(|line| !line.starts_with('#')) {
        if let Some((written, spoken)) = line.split_once('\t') {
            index.insert(written, spoken);
        }
    }
    index
});

/// The officer's written forms and how they are said. They come before the ones built in.
///
/// A written form in small letters stands for any way to capitalise it; one with a capital stands for itself alone.
/// Only whole words are found, and the longest form first.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    entries: BTreeMap<String, String>,
    index: Index,
}

/// Why an entry is not taken. It is told to the officer as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Nothing is written on one of the sides.
    #[error("thiếu cách viết hoặc cách đọc; hãy ghi: cách viết = cách đọc")]
    Missing,
    /// The written form is too long.
    #[error("cách viết dài quá {LONGEST_WRITTEN} ký tự")]
    WrittenTooLong,
    /// The spoken form is too long.
    #[error("cách đọc dài quá {LONGEST_SPOKEN} ký tự")]
    SpokenTooLong,
    /// The written form has nothing to be found by.
    #[error("cách viết phải có ít nhất một chữ cái hoặc chữ số và không có dấu bằng hay dấu thăng")]
    Unfindable,
    /// The spoken form has what no voice says.
    #[error(
        "cách đọc chỉ được có chữ tiếng Việt, dấu cách và các dấu , . ? ! ; : nhưng lại có “{0}”; hãy viết số bằng chữ"
    )]
    Unsayable(char),
    /// There are too many.
    #[error("từ điển đã đủ {MOST_ENTRIES} mục; hãy xóa bớt trước khi thêm")]
    TooMany,
    /// The same written form stands twice.
    #[error("cách viết này đã có ở một dòng trước")]
    Twice,
}

/// A line of a lexicon's text that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dòng {line}: {fault}")]
pub struct LineFault {
    /// Counted from 1.
    pub line: usize,
    /// Why.
    pub fault: EntryFault,
}

impl Lexicon {
    /// Reads a text of lines `written = spoken`; empty lines and lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// Each line that is not taken, and why; the first hundred of them.
    pub fn parse(text: &str) -> Result<Self, Vec<LineFault>> {
        let mut lexicon = Self::default();
        let mut faults = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim().trim_start_matches('\u{feff}');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let taken = match line.split_once('=') {
                Some((written, spoken)) => match lexicon.insert(written, spoken) {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(EntryFault::Twice),
                    Err(fault) => Err(fault),
                },
                None => Err(EntryFault::Missing),
            };
            if let Err(fault) = taken {
                faults.push(LineFault { line: number + 1, fault });
            }
            if faults.len() >= MOST_FAULTS {
                break;
            }
        }
        if faults.is_empty() { Ok(lexicon) } else { Err(faults) }
    }

    /// The text [`Self::parse`] reads, in the order of the written forms.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (written, spoken) in &self.entries {
            if writeln!(text, "{written} = {spoken}").is_err() {
                break;
            }
        }
        text
    }

    /// The officer's entries, written and spoken, in the order of the written forms.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.entries.iter().map(|(written, spoken)| (written.as_str(), spoken.as_str()))
    }

    /// Adds an entry or changes it; gives whether it is new.
    ///
    /// # Errors
    /// Why it is not taken; nothing has changed then.
    pub fn insert(&mut self, written: &str, spoken: &str) -> Result<bool, EntryFault> {
        let (written, spoken) = (clean::paragraphs(written).join(" "), clean::paragraphs(spoken).join(" "));
        let (written, spoken) = (written.trim(), spoken.trim().to_lowercase());
        if written.is_empty() || spoken.is_empty() {
            return Err(EntryFault::Missing);
        }
        if written.chars().count() > LONGEST_WRITTEN {
            return Err(EntryFault::WrittenTooLong);
        }
        if spoken.chars().count() > LONGEST_SPOKEN {
            return Err(EntryFault::SpokenTooLong);
        }
        if written.contains(['=', '#']) || !written.contains(char::is_alphanumeric) {
            return Err(EntryFault::Unfindable);
        }
        let sayable = |letter: char| {
            letter.is_alphabetic() && clean::is_vietnamese(letter)
                || matches!(letter, ' ' | ',' | '.' | '?' | '!' | ';' | ':')
        };
        if let Some(letter) = spoken.chars().find(|letter| !sayable(*letter)) {
            return Err(EntryFault::Unsayable(letter));
        }
        if !spoken.contains(char::is_alphabetic) {
            return Err(EntryFault::Missing);
        }
        let is_new = !self.entries.contains_key(written);
        if is_new && self.entries.len() >= MOST_ENTRIES {
            return Err(EntryFault::TooMany);
        }
        self.entries.insert(written.to_owned(), spoken.clone());
        self.index.insert(written, &spoken);
        Ok(is_new)
    }

    /// Removes an entry; gives whether there was one.
    pub fn remove(&mut self, written: &str) -> bool {
        let removed = self.entries.remove(clean::paragraphs(written).join(" ").trim()).is_some();
        if removed {
            self.index = Index::default();
            for (written, spoken) in &self.entries {
                self.index.insert(written, spoken);
            }
        }
        removed
    }

    /// The officer's reading of what begins at a token.
    pub(super) fn own(&self, line: &Line<'_>, at: usize) -> Option<Said> {
        self.index.find(line, at, false)
    }
}

impl PartialEq for Lexicon {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Lexicon {}

/// The built-in reading of what begins at a token.
pub(super) fn built_in(line: &Line<'_>, at: usize) -> Option<Said> {
    if line.is_glued(at) {
        return None;
    }
    INDEX.find(line, at, line.shouting)
}

/// The built-in reading of what begins at a token and is longer than that.
pub(super) fn phrase(line: &Line<'_>, at: usize) -> Option<Said> {
    built_in(line, at).filter(|said| said.next > at + 1)
}

/// The built-in reading of one word written so.
pub(super) fn word(written: &str) -> Option<&'static str> {
    INDEX.word(written)
}

/// Forms by their first token in small letters, the longest first.
#[derive(Clone, Debug, Default)]
struct Index(BTreeMap<String, Vec<Form>>);

#[derive(Clone, Debug)]
struct Form {
    tokens: Vec<String>,
    /// It has a capital, and must stand as it is.
    exact: bool,
    spoken: String,
}

impl Index {
    fn insert(&mut self, written: &str, spoken: &str) {
        let nothing = Lexicon::default();
        let line = Line::new(written, &nothing);
        let exact = written.chars().any(char::is_uppercase);
        let tokens: Vec<String> = line.tokens.iter().map(|token| token.text.to_owned()).collect();
        let Some(first) = tokens.first().map(|token| token.to_lowercase()) else { return };
        let forms = self.0.entry(first).or_default();
        forms.retain(|form| form.tokens != tokens);
        let place = forms.partition_point(|form| form.tokens.len() >= tokens.len() && (form.exact || !exact));
        forms.insert(place, Form { tokens, exact, spoken: spoken.to_owned() });
        forms.sort_by_key(|form| (std::cmp::Reverse(form.tokens.len()), !form.exact));
    }

    fn word(&self, written: &str) -> Option<&str> {
        let forms = self.0.get(&written.to_lowercase())?;
        let alone = |form: &&Form| matches!(form.tokens.as_slice(), [token] if token == written);
        forms.iter().find(alone).map(|form| form.spoken.as_str())
    }

    /// `shouting`: capitals make no abbreviation of what can be read as a word.
    fn find(&self, line: &Line<'_>, at: usize, shouting: bool) -> Option<Said> {
        let token = line.tokens.get(at)?;
        let forms = match token.kind {
            Kind::Word => self.0.get(line.lower(at)),
            Kind::Digits | Kind::Mark | Kind::Foreign => self.0.get(token.text),
            Kind::Space => None,
        }?;
        forms.iter().filter(|form| !(shouting && form.is_word())).find_map(|form| form.take(line, at))
    }
}

impl Form {
    fn is_word(&self) -> bool {
        self.exact && matches!(self.tokens.as_slice(), [token] if is_syllable(&token.to_lowercase()))
    }

    fn take(&self, line: &Line<'_>, at: usize) -> Option<Said> {
        for (place, token) in (at..).zip(&self.tokens) {
            let same = match line.kind(place)? {
                Kind::Space => token.trim().is_empty(),
                Kind::Word if !self.exact => line.lower(place) == token,
                Kind::Word | Kind::Foreign | Kind::Digits | Kind::Mark => {
                    line.tokens.get(place).is_some_and(|found| found.text == token)
                }
            };
            if !same {
                return None;
            }
        }
        Some(Said::new(at + self.tokens.len(), self.spoken.as_str()))
    }
}
