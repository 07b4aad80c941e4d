//! Words and pauses become sentences, and it is counted whether they are Vietnamese.

use super::{Pause, Sentence};

/// A longer sentence is cut at a comma, so that a voice can begin with it; characters.
const LONGEST: usize = 320;

/// What is being said.
#[derive(Default)]
pub(super) struct Say {
    done: Vec<Sentence>,
    text: String,
    pending: Option<char>,
    tally: Tally,
}

/// Of one sentence: words that speak for a language.
#[derive(Default)]
struct Tally {
    words: usize,
    marked: usize,
    strange: usize,
    strange_small: usize,
    letters: usize,
    other_script: usize,
}

impl Tally {
    /// Names are strange too, but they begin with a capital and stand among Vietnamese words.
    fn is_foreign(&self) -> bool {
        let script = self.other_script > 0 && self.other_script >= self.letters;
        let clear = self.strange >= 3 && self.strange_small * 3 >= self.words && self.marked * 3 < self.words;
        let whole = self.marked == 0 && self.strange >= 2 && self.strange == self.words && self.strange_small > 0;
        let titled = self.marked == 0 && self.strange >= 3 && self.strange * 3 >= self.words * 2;
        script || clear || whole || titled
    }
}

impl Say {
    /// Says words.
    pub(super) fn words(&mut self, words: &str) {
        let words = words.trim_matches([' ', ',']);
        if words.is_empty() {
            return;
        }
        if let Some(mark) = self.pending.take()
            && !self.text.is_empty()
        {
            self.text.push(mark);
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(words);
    }

    /// Counts a word that was said as it was written. `strange`: it is no Vietnamese syllable.
    pub(super) fn count(&mut self, word: &str, marked: bool, strange: bool) {
        self.tally.words += 1;
        self.tally.letters += word.chars().count();
        self.tally.marked += usize::from(marked);
        self.tally.strange += usize::from(strange);
        self.tally.strange_small += usize::from(strange && word.chars().next().is_some_and(char::is_lowercase));
    }

    /// Counts letters of another script, which are not said.
    pub(super) fn count_script(&mut self, letters: usize) {
        self.tally.other_script += letters;
    }

    /// A short silence, with one of `, ; :`. The longest of several counts.
    pub(super) fn breathe(&mut self, mark: char) {
        let weight = |mark| [',', ':', ';'].iter().position(|known| *known == mark);
        if self.pending.is_none_or(|pending| weight(pending) < weight(mark)) {
            self.pending = Some(mark);
        }
    }

    /// Ends a sentence with one of `. ? !`.
    pub(super) fn end(&mut self, mark: char) {
        self.finish(mark, Pause::Sentence);
    }

    /// Ends what is being said, if anything, and makes the silence after it longer.
    pub(super) fn close(&mut self, pause: Pause) {
        self.finish('.', pause);
        if let Some(last) = self.done.last_mut() {
            last.pause = last.pause.max(pause);
        }
    }

    /// All sentences.
    pub(super) fn done(mut self) -> Vec<Sentence> {
        self.close(Pause::Paragraph);
        self.done
    }

    fn finish(&mut self, mark: char, pause: Pause) {
        self.pending = None;
        let tally = std::mem::take(&mut self.tally);
        let mut text = std::mem::take(&mut self.text);
        let foreign = tally.is_foreign();
        if text.is_empty() {
            if foreign {
                self.done.push(Sentence { text, pause, foreign });
            }
            return;
        }
        text.push(mark);
        let mut rest = text.as_str();
        while let Some((piece, after)) = cut(rest) {
            self.done.push(Sentence { text: piece, pause: Pause::Clause, foreign });
            rest = after;
        }
        self.done.push(Sentence { text: rest.to_owned(), pause, foreign });
    }
}

/// The first piece of a sentence that is too long, and the rest.
fn cut(text: &str) -> Option<(String, &str)> {
    let (most, _) = text.char_indices().nth(LONGEST)?;
    let window = text.get(..most)?;
    let comma = window.rmatch_indices([',', ';', ':']).map(|(at, mark)| at + mark.len()).next();
    if let Some(end) = comma {
        let rest = text.get(end..)?.trim_start();
        return (!rest.is_empty()).then(|| (text.get(..end).unwrap_or_default().to_owned(), rest));
    }
    // The comma that is put there must fit too, or the piece would be cut elsewhere if it were said again.
    let (end, _) = text.char_indices().nth(LONGEST - 1)?;
    let space = text.get(..end)?.rfind(' ').or_else(|| text.find(' '))?;
    let rest = text.get(space..)?.trim_start();
    (!rest.is_empty()).then(|| (format!("{},", text.get(..space).unwrap_or_default()), rest))
}
