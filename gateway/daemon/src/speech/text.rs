//! What of a text is said, and in which pieces: few words first where somebody waits, more at a time afterwards.

use super::words::{Lexicon, Pause, Sentence, spoken};
use gateway_core::journal::sha256_hex;

/// Most letters spoken by one process: half a minute.
const PIECE: usize = 400;

/// A text as it will be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// Sentences in their order, none longer than a piece.
    sentences: Vec<Piece>,
    /// Sentences left out because they are in another language.
    pub(super) refused: usize,
}

/// Words that one process says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The words.
    pub(super) text: String,
    /// Silence after them, milliseconds.
    pub(super) pause_ms: u64,
}

impl Script {
    /// What is said of a text in a language.
    ///
    /// # Errors
    /// Says why nothing of it can be said.
    pub(super) fn new(lang: &str, text: &str, lexicon: &Lexicon) -> Result<Self, String> {
        let text = plain(text);
        let all = if is_vietnamese(lang) { spoken(&text, lexicon).sentences } else { as_written(&text) };
        let (refused, mut said): (Vec<_>, Vec<_>) = all.into_iter().partition(|s| s.foreign);
        said.retain(|s| s.text.chars().any(char::is_alphanumeric));
        if said.is_empty() && !refused.is_empty() {
            return Err(format!("it is not in {lang}, and no voice reads another language than its own"));
        }
        let sentences: Vec<Piece> = said.iter().flat_map(cut).collect();
        if sentences.is_empty() {
            return Err("there is nothing to be said in it".to_owned());
        }
        Ok(Self { sentences, refused: refused.len() })
    }

    /// Digest of everything that is said: it changes where a word of the dictionary changes this text, else not.
    pub(super) fn digest(&self) -> String {
        let all: Vec<String> = self.sentences.iter().map(|s| format!("{}\t{}\n", s.text, s.pause_ms)).collect();
        sha256_hex(all.concat().as_bytes())
    }

    /// The pieces in which it is spoken. An urgent text begins with one sentence, so that it sounds soon, and doubles
    /// from there, so that starting a program is paid for a few times only.
    pub(super) fn pieces(&self, urgent: bool) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut room = if urgent { 1 } else { usize::MAX };
        let (mut taken, mut letters) = (0, 0);
        for sentence in &self.sentences {
            let more = sentence.text.chars().count();
            let full = taken >= room || letters + more > PIECE;
            match pieces.last_mut().filter(|_| !full) {
                Some(piece) => {
                    piece.text.push(if piece.pause_ms >= Pause::Paragraph.ms() { '\n' } else { ' ' });
                    piece.text.push_str(&sentence.text);
                    piece.pause_ms = sentence.pause_ms;
                    (taken, letters) = (taken + 1, letters + more);
                }
                None => {
                    room = if pieces.is_empty() { room } else { room.saturating_mul(2) };
                    pieces.push(sentence.clone());
                    (taken, letters) = (1, more);
                }
            }
        }
        pieces
    }
}

/// Whether a language tag means Vietnamese.
fn is_vietnamese(lang: &str) -> bool {
    lang.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("vi"))
}

/// Sentences of a language whose numbers and abbreviations the voice itself must know.
fn as_written(text: &str) -> Vec<Sentence> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '\n');
    let pause = |s: &str| if s.ends_with('\n') { Pause::Paragraph } else { Pause::Sentence };
    text.split_inclusive(ends).map(|s| Sentence { text: s.to_owned(), pause: pause(s), foreign: false }).collect()
}

/// A sentence in parts of no more than a piece, cut where a breath is least missed.
fn cut(sentence: &Sentence) -> Vec<Piece> {
    let mut parts = vec![String::new()];
    let mut letters = 0;
    for word in sentence.text.split_whitespace() {
        let mut word = word;
        while !word.is_empty() {
            let end = word.char_indices().nth(PIECE).map_or(word.len(), |(at, _)| at);
            let (now, later) = word.split_at(end);
            let more = now.chars().count();
            if letters + more + 1 > PIECE && letters > 0 {
                parts.push(String::new());
                letters = 0;
            }
            if let Some(part) = parts.last_mut() {
                if letters > 0 {
                    part.push(' ');
                }
                part.push_str(now);
            }
            letters += more + 1;
            word = later;
        }
    }
    parts.retain(|p| !p.is_empty());
    let last = parts.len().saturating_sub(1);
    let pause_ms = |at| if at == last { sentence.pause.ms() } else { 0 };
    parts.into_iter().enumerate().map(|(at, text)| Piece { text, pause_ms: pause_ms(at) }).collect()
}

/// What may be said: without control characters and markup, and without espeak's own `[[phonemes]]`.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let opens = c == '<' && after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if let Some(end) = after.find('>').filter(|_| opens) {
            rest = after.get(end + 1..).unwrap_or_default();
            out.push(' ');
            continue;
        }
        rest = after;
        match c {
            '\n' => out.push('\n'),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            '[' if out.ends_with('[') => out.push_str(" ["),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a language whose words are left as they are.
    fn script(text: &str) -> Script {
        Script::new("km", text, &Lexicon::default()).expect("something to say")
    }

    #[test]
    fn markup_control_characters_and_phonemes_are_not_said() {
        assert_eq!(plain("Lũ <break time=\"3s\"/>lên\u{7}\tnhanh"), "Lũ  lên  nhanh");
        assert_eq!(plain("<speak>Mực nước 5 < 6 > 4</speak>\nhết"), " Mực nước 5 < 6 > 4 \nhết");
        assert_eq!(plain("[[h@loU]] [[["), "[ [h@loU]] [ [ [");
        assert_eq!(plain("<b"), "<b", "no end, no tag");
        assert_eq!(plain("a\u{feff}b\u{200b}c"), "abc");
        assert_eq!(plain("Thôn 1: sơ tán ngay!"), "Thôn 1: sơ tán ngay!");
    }

    #[test]
    fn an_urgent_text_begins_with_one_sentence_and_doubles() {
        let text = "Một. Hai. Ba. Bốn. Năm. Sáu. Bảy. Tám. Chín.";
        let counts: Vec<usize> = script(text).pieces(true).iter().map(|p| p.text.matches('.').count()).collect();
        assert_eq!(counts, [1, 2, 4, 2]);
        assert_eq!(script(text).pieces(false).len(), 1);
        let joined = |urgent| script(text).pieces(urgent).iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(joined(true), joined(false), "the same words in the same order");
    }

    #[test]
    fn no_piece_is_longer_than_a_process_is_given() {
        let long = format!("{} {}. {}", "nước ".repeat(300), "x".repeat(1000), "Lũ lên. ".repeat(100));
        let script = script(&long);
        let letters = |p: &Piece| p.text.chars().filter(|c| !c.is_whitespace()).count();
        for urgent in [true, false] {
            let pieces = script.pieces(urgent);
            assert!(pieces.iter().all(|p| letters(p) <= PIECE), "{:?}", pieces.iter().map(letters).collect::<Vec<_>>());
            let all: usize = pieces.iter().map(letters).sum();
            assert_eq!(all, long.chars().filter(|c| !c.is_whitespace()).count(), "nothing is lost");
        }
    }

    #[test]
    fn nothing_and_another_script_are_refused_with_a_reason() {
        let why = |text: &str| Script::new("vi", text, &Lexicon::default()).expect_err("nothing to say");
        assert!(why(" … <b></b> \u{feff}-").contains("nothing to be said"));
        assert!(why("សូមស្តាប់។ ទឹកឡើង").contains("not in vi"));
        let half =
            Script::new("vi-VN", "Nước đang lên. ទឹកឡើង។\nBà con sơ tán.", &Lexicon::default()).expect("half of it");
        let said = half.pieces(false);
        assert_eq!((half.refused, said.len(), said.iter().any(|p| p.text.contains("sơ tán"))), (1, 1, true));
        assert!(Script::new("km", "ទឹកឡើង", &Lexicon::default()).is_ok(), "a voice of its own may say it");
    }
}
