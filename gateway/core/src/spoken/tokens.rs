//! A paragraph as words, rows of digits, spaces and marks, and what the rules ask of it.

use super::clean::is_vietnamese;
use super::lexicon::Lexicon;

/// What a rule took, and what is said for it.
pub(super) struct Said {
    /// The first token it left.
    pub(super) next: usize,
    /// Lower-case words, with commas where one breathes.
    pub(super) words: String,
}

impl Said {
    pub(super) fn new(next: usize, words: impl Into<String>) -> Self {
        Self { next, words: words.into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Letters of another script.
    Foreign,
    Digits,
    Space,
    Mark,
}

#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Where it begins in the paragraph, bytes.
    pub(super) start: usize,
    /// In small letters; of words only.
    lower: String,
}

/// A paragraph.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) lexicon: &'a Lexicon,
    /// It is written in capitals, so that capitals say nothing about a word.
    pub(super) shouting: bool,
    /// How often a rule looked at a token.
    #[cfg(test)]
    pub(super) looks: std::cell::Cell<u64>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str, lexicon: &'a Lexicon) -> Self {
        let tokens = tokens(text);
        let words = || tokens.iter().filter(|token| token.kind == Kind::Word);
        let small = words().any(|token| token.text.chars().any(char::is_lowercase));
        let shouting = !small && words().filter(|token| token.text.chars().count() > 1).count() > 2;
        Self {
            text,
            tokens,
            lexicon,
            shouting,
            #[cfg(test)]
            looks: std::cell::Cell::default(),
        }
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        self.tokens.get(at).map(|token| token.kind)
    }

    fn of(&self, at: usize, kind: Kind) -> Option<&'a str> {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        self.tokens.get(at).filter(|token| token.kind == kind).map(|token| token.text)
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a str> {
        self.of(at, Kind::Word)
    }

    pub(super) fn digits(&self, at: usize) -> Option<&'a str> {
        self.of(at, Kind::Digits)
    }

    pub(super) fn mark(&self, at: usize) -> Option<char> {
        self.of(at, Kind::Mark).and_then(|text| text.chars().next())
    }

    pub(super) fn is_space(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Space)
    }

    /// A word in small letters; nothing if there is none.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.tokens.get(at).map(|token| token.lower.as_str()).unwrap_or_default()
    }

    /// The place itself, or the one after a space there.
    pub(super) fn skip(&self, at: usize) -> usize {
        if self.is_space(at) { at + 1 } else { at }
    }

    /// Whether a letter or digit touches it from before.
    pub(super) fn is_glued(&self, at: usize) -> bool {
        at > 0 && matches!(self.kind(at - 1), Some(Kind::Word | Kind::Digits | Kind::Foreign))
    }

    /// Whether a letter or digit begins there.
    pub(super) fn is_solid(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Word | Kind::Digits | Kind::Foreign))
    }

    /// The `nth` word before, in small letters, in the same sentence and not far away; rows of digits are `0`.
    pub(super) fn before(&self, at: usize, nth: usize) -> &str {
        let mut seen = 0;
        for back in (at.saturating_sub(3 * nth + 2)..at).rev() {
            match self.kind(back) {
                Some(Kind::Word | Kind::Foreign | Kind::Digits) => {
                    seen += 1;
                    if seen == nth {
                        return if self.kind(back) == Some(Kind::Digits) { "0" } else { self.lower(back) };
                    }
                }
                Some(Kind::Space) | None => {}
                Some(Kind::Mark) => {
                    if matches!(self.mark(back), Some('!' | '?' | ';')) {
                        return "";
                    }
                }
            }
        }
        ""
    }

    /// Whether one of these is among the last `within` words before.
    pub(super) fn near(&self, at: usize, within: usize, words: &[&str]) -> bool {
        (1..=within).any(|nth| words.contains(&self.before(at, nth)))
    }

    /// The first word after, in small letters.
    pub(super) fn after(&self, at: usize) -> &str {
        self.lower(self.skip(at))
    }

    /// The token that begins at a byte of the paragraph.
    pub(super) fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.start < byte)
    }
}

fn kind(letter: char) -> Kind {
    match letter {
        '0'..='9' => Kind::Digits,
        'μ' => Kind::Word,
        letter if letter.is_whitespace() => Kind::Space,
        letter if letter.is_alphabetic() && is_vietnamese(letter) => Kind::Word,
        letter if letter.is_alphabetic() => Kind::Foreign,
        _ => Kind::Mark,
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        let kind = kind(letter);
        let mut end = start + letter.len_utf8();
        if kind != Kind::Mark {
            while let Some((at, next)) = letters.next_if(|(_, next)| self::kind(*next) == kind) {
                end = at + next.len_utf8();
            }
        }
        let text = text.get(start..end).unwrap_or_default();
        let lower = if kind == Kind::Word { text.to_lowercase() } else { String::new() };
        tokens.push(Token { kind, text, start, lower });
    }
    tokens
}
