//! From the written to the spoken form of a text: sentence by sentence, and which of them are Vietnamese at all.

/// One sentence as it is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Its words; may be empty where it is foreign.
    pub(crate) text: String,
    /// How long to be silent after it.
    pub(crate) pause: Pause,
    /// It is in another language.
    pub(crate) foreign: bool,
}

/// Silence after a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// Another sentence of the same paragraph follows.
    Sentence,
    /// A paragraph ends.
    Paragraph,
}

impl Pause {
    /// Its length, milliseconds.
    pub(crate) const fn ms(self) -> u64 {
        match self {
            Self::Sentence => 350,
            Self::Paragraph => 700,
        }
    }
}

/// A text as it is to be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// Its sentences.
    pub(crate) sentences: Vec<Sentence>,
}

/// The officers' dictionary: one `written = spoken` a line; `#` begins a comment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon(Vec<(String, String)>);

/// A line that is no entry.
#[derive(Clone, Debug, thiserror::Error)]
#[error("dòng {line}: thiếu cách viết hoặc cách đọc")]
pub(crate) struct LineFault {
    line: usize,
}

impl Lexicon {
    /// Reads a dictionary.
    ///
    /// # Errors
    /// Each line that is not taken.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<LineFault>> {
        let (mut lexicon, mut faults) = (Self::default(), Vec::new());
        for (at, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
            match line.split_once('=').map(|(w, s)| (w.trim(), s.trim())) {
                Some((w, s)) if !w.is_empty() && !s.is_empty() => lexicon.0.push((w.to_owned(), s.to_owned())),
                Some(_) | None => faults.push(LineFault { line: at + 1 }),
            }
        }
        if faults.is_empty() { Ok(lexicon) } else { Err(faults) }
    }
}

/// A text as it is to be said.
pub(crate) fn spoken(text: &str, lexicon: &Lexicon) -> Spoken {
    let mut text = text.to_owned();
    for (written, said) in &lexicon.0 {
        text = text.replace(written, said);
    }
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        sentence.push(c);
        let ends = matches!(c, '.' | '!' | '?' | '…' | '។') && letters.peek().is_none_or(|n| n.is_whitespace());
        if ends || c == '\n' || letters.peek().is_none() {
            let whole = std::mem::take(&mut sentence);
            let pause = if whole.ends_with('\n') { Pause::Paragraph } else { Pause::Sentence };
            sentences.push(Sentence { foreign: is_foreign(&whole), text: whole.trim().to_owned(), pause });
        }
    }
    Spoken { sentences }
}

/// Most of its letters are of another script.
fn is_foreign(sentence: &str) -> bool {
    let letters = || sentence.chars().filter(|c| c.is_alphabetic());
    let latin = letters().filter(|c| u32::from(*c) < 0x250 || (0x1e00..0x1f00).contains(&u32::from(*c))).count();
    latin * 2 < letters().count()
}
