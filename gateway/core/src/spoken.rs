//! What a Vietnamese voice says for a written text: whole sentences of plain words, nothing it would stumble on.
//!
//! Numbers, dates, money, decree numbers and abbreviations become words; punctuation becomes pauses; what is no
//! Vietnamese is marked, so that a Vietnamese voice never reads another language. `docs/spoken.md` tells the officer
//! what is read how.

mod abbreviation;
mod clean;
mod code;
mod date;
mod decree;
mod hour;
mod letters;
mod lexicon;
mod line;
mod number;
mod phone;
mod quantity;
mod roman;
mod say;
mod syllable;
#[cfg(test)]
mod tests;
mod tokens;
mod unit;
mod web;

pub use lexicon::{EntryFault, Lexicon, LineFault};

use say::Say;

/// A text as it is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// In the order they are said; none when there is nothing to be said.
    pub sentences: Vec<Sentence>,
}

/// What is made into sound in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Lower-case Vietnamese letters, spaces and `, . ? ! ; :` only, ending in one of these marks. Empty only when
    /// `foreign`.
    pub text: String,
    /// How long to be silent after it.
    pub pause: Pause,
    /// It is not Vietnamese: no Vietnamese voice may read it.
    pub foreign: bool,
}

/// Silence after a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pause {
    /// A long sentence was cut at a comma; it goes on.
    Clause,
    /// Another sentence of the same paragraph follows.
    Sentence,
    /// A paragraph, heading or item of a list ends.
    Paragraph,
}

impl Pause {
    /// Its length, milliseconds.
    #[must_use]
    pub const fn ms(self) -> u64 {
        match self {
            Self::Clause => 150,
            Self::Sentence => 350,
            Self::Paragraph => 700,
        }
    }
}

impl Spoken {
    /// All of it in one piece, a paragraph a line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for sentence in &self.sentences {
            text.push_str(&sentence.text);
            text.push(if sentence.pause == Pause::Paragraph { '\n' } else { ' ' });
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// Whether any of it is not Vietnamese.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.sentences.iter().any(|sentence| sentence.foreign)
    }
}

/// Says a written text. Any text is taken: what cannot be said is left out, and what is foreign is marked. The time
/// taken and the length of what comes out grow with the length of the text.
#[must_use]
pub fn spoken(text: &str, lexicon: &Lexicon) -> Spoken {
    let mut say = Say::default();
    for paragraph in clean::paragraphs(text) {
        line::say(&tokens::Line::new(&paragraph, lexicon), &mut say);
        say.close(Pause::Paragraph);
    }
    Spoken { sentences: say.done() }
}
