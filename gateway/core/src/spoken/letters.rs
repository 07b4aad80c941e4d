//! Words that are no Vietnamese syllables: spelled by the names of their letters, or said as a Vietnamese mouth would.

use super::clean::{self, untoned};
use super::syllable::{is_marked, is_syllable};
use unicode_normalization::char::compose;

/// The Vietnamese name of a letter; nothing for what is none.
pub(super) fn name(letter: char) -> &'static str {
    match untoned(letter).0 {
        'a' => "a",
        'ă' => "á",
        'â' => "ớ",
        'b' => "bê",
        'c' => "xê",
        'd' => "dê",
        'đ' => "đê",
        'e' => "e",
        'ê' => "ê",
        'f' => "ép",
        'g' => "giê",
        'h' => "hát",
        'i' => "i",
        'j' => "gi",
        'k' => "ca",
        'l' => "lờ",
        'm' => "em",
        'n' => "en",
        'o' => "o",
        'ô' => "ô",
        'ơ' => "ơ",
        'p' => "pê",
        'q' => "quy",
        'r' => "rờ",
        's' => "ét",
        't' => "tê",
        'u' => "u",
        'ư' => "ư",
        'v' => "vê",
        'w' => "vê kép",
        'x' => "ích",
        'y' => "y",
        'z' => "dét",
        'μ' => "mi cờ rô",
        _ => "",
    }
}

/// A lower-case word letter by letter.
pub(super) fn spelled(word: &str) -> String {
    let names: Vec<&str> = word.chars().map(name).filter(|name| !name.is_empty()).collect();
    names.join(" ")
}

/// A lower-case foreign word or name in Vietnamese syllables, `ronaldo` as `rô nan đô`; spelled if it has no vowel.
pub(super) fn said(word: &str) -> String {
    if word.contains('μ') {
        return spelled(word);
    }
    syllables(word, !is_marked(word))
        .filter(|syllables| syllables.iter().all(|syllable| is_syllable(syllable)))
        .map_or_else(|| spelled(word), |syllables| clean::settle_tones(&syllables.join(" ")))
}

/// `plain`: without Vietnamese letters, so that `d` and `o` are those of other languages.
fn syllables(word: &str, plain: bool) -> Option<Vec<String>> {
    let letters: Vec<char> = word.chars().collect();
    let mut syllables = Vec::new();
    let mut at = 0;
    let mut onset = take(&letters, &mut at, false);
    while at < letters.len() {
        let vowels = take(&letters, &mut at, true);
        let between = take(&letters, &mut at, false);
        // What stands between two vowels belongs to the second one as far as one can say it so.
        let (coda, next) = if at >= letters.len() {
            (between.as_slice(), Vec::new())
        } else if between.len() < 2 || is_onset(&between) {
            (Default::default(), between.clone())
        } else {
            let ends = usize::from(!matches!(between.first(), Some('s' | 'h' | 'r')));
            let two = usize::from(matches!(between.as_slice(), ['n', 'g', _, ..]));
            let (coda, next) = between.split_at((ends + two).min(between.len()));
            (coda, next.to_vec())
        };
        // Nobody says so many consonants: it is an abbreviation.
        if coda.len() > 2 && coda != ['n', 'g', 's'] {
            return None;
        }
        push(&mut syllables, plain, &onset, &vowels, coda);
        onset = next;
    }
    (!syllables.is_empty()).then_some(syllables)
}

fn take(letters: &[char], at: &mut usize, vowels: bool) -> Vec<char> {
    let rest = letters.get(*at..).unwrap_or_default();
    let taken: Vec<char> = rest.iter().copied().take_while(|letter| is_vowel(*letter) == vowels).collect();
    *at += taken.len();
    taken
}

fn is_vowel(letter: char) -> bool {
    matches!(untoned(letter).0, 'a' | 'ă' | 'â' | 'e' | 'ê' | 'i' | 'o' | 'ô' | 'ơ' | 'u' | 'ư' | 'y')
}

fn is_onset(letters: &[char]) -> bool {
    matches!(letters, ['t', 'h' | 'r'] | ['c' | 'k' | 'p' | 'n' | 'g', 'h'])
}

fn push(syllables: &mut Vec<String>, plain: bool, onset: &[char], vowels: &[char], coda: &[char]) {
    let written: String = onset.iter().chain(vowels).chain(coda).collect();
    if !plain && is_syllable(&written) {
        syllables.push(written);
        return;
    }
    let first = if is_onset(onset) {
        onset.iter().collect::<String>()
    } else {
        let (last, before) = onset.split_last().map_or((None, onset), |(last, before)| (Some(*last), before));
        syllables
            .extend(before.iter().filter(|letter| **letter != 'h').map(|letter| format!("{}ờ", start(*letter, false))));
        let light = vowels.first().is_some_and(|vowel| matches!(untoned(*vowel).0, 'e' | 'ê' | 'i' | 'y'));
        last.map(|letter| start(letter, light)).unwrap_or_default().to_owned()
    };
    let end = match coda {
        ['n', 'g' | 'h'] | ['c', 'h'] => coda.iter().collect(),
        _ => coda.iter().map(|letter| close(*letter)).find(|end| !end.is_empty()).unwrap_or_default().to_owned(),
    };
    // `hoa`, `nguyen`: vowels that make one ending together stay so.
    let whole = format!("{first}{}{end}", vowels.iter().collect::<String>());
    if vowels.len() > 1 && is_syllable(&whole) {
        syllables.push(whole);
        return;
    }
    let (last, before) = vowels.split_last().map_or((None, vowels), |(last, before)| (Some(*last), before));
    let mut first = first;
    for vowel in before {
        syllables.push(format!("{first}{}", open(*vowel, true)));
        first = String::new();
    }
    let Some(last) = last else { return };
    let (base, tone) = untoned(last);
    let end = match (base, end.as_str()) {
        ('i' | 'y' | 'ê', "c") => "ch".to_owned(),
        _ => end,
    };
    let stop = matches!(end.as_str(), "c" | "p" | "t" | "ch");
    let vowel = open(base, plain && matches!(end.as_str(), "" | "n" | "t" | "m"));
    let tone = if stop && !matches!(tone, Some('\u{301}' | '\u{323}')) { Some('\u{301}') } else { tone };
    let vowel = tone.and_then(|tone| compose(vowel, tone)).unwrap_or(vowel);
    syllables.push(format!("{first}{vowel}{end}"));
}

fn open(vowel: char, ends: bool) -> char {
    match vowel {
        'y' => 'i',
        'o' if ends => 'ô',
        vowel => vowel,
    }
}

fn start(letter: char, light: bool) -> &'static str {
    match letter {
        'b' => "b",
        'c' if light => "x",
        'c' | 'q' if !light => "c",
        'k' if !light => "c",
        'c' | 'k' | 'q' => "k",
        'd' | 'đ' => "đ",
        'f' => "ph",
        'g' if light => "gh",
        'g' => "g",
        'h' => "h",
        'j' => "gi",
        'l' => "l",
        'm' => "m",
        'n' => "n",
        'p' => "p",
        'r' => "r",
        's' => "s",
        't' => "t",
        'v' | 'w' => "v",
        'x' => "x",
        'z' => "d",
        _ => "",
    }
}

fn close(letter: char) -> &'static str {
    match letter {
        'n' | 'l' => "n",
        'm' => "m",
        'p' | 'b' | 'f' => "p",
        't' | 'd' | 'đ' | 's' | 'x' | 'z' => "t",
        'c' | 'k' | 'q' | 'g' => "c",
        _ => "",
    }
}
