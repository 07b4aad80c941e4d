//! Characters before words: one way to write each letter, each mark and each paragraph.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

/// The tones as combining marks: grave, acute, tilde, hook above, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// The paragraphs of a text, none empty. A line that goes on in small letters was broken for its width only.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in characters(text).lines() {
        let line = line.trim();
        if line.is_empty() {
            open = false;
            continue;
        }
        let goes_on = line.chars().next().is_some_and(char::is_lowercase) && !is_item(line);
        match paragraphs.last_mut() {
            Some(last) if open && goes_on && !last.ends_with(['.', '!', '?', ':', ';']) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => paragraphs.push(line.to_owned()),
        }
        open = true;
    }
    paragraphs
}

/// `a)`, `b.`: an item of a list, though it begins with a small letter.
fn is_item(line: &str) -> bool {
    let mut letters = line.chars();
    letters.next().is_some_and(char::is_alphabetic) && matches!(letters.next(), Some(')' | '.' | '/'))
}

fn characters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut before = '\n';
    for letter in text.nfc() {
        match letter {
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '\n' => plain.push('\n'),
            // Soft hyphen, zero-width space and joiners, direction marks, byte order mark, variation selectors.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => continue,
            '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}' => continue,
            letter if letter.is_whitespace() || letter.is_control() => plain.push(' '),
            // The Icelandic letter looks the same and is what some keyboards give.
            'Ð' => plain.push('Đ'),
            'ð' => plain.push('đ'),
            '“' | '”' | '„' | '«' | '»' | '″' | '＂' | '〃' => plain.push('"'),
            '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '´' | '`' => plain.push('\''),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => plain.push('-'),
            '…' => plain.push_str("..."),
            '•' | '●' | '▪' | '■' | '◦' | '‣' | '∙' | '·' | '❖' | '✓' | '✔' | '➢' | '►' | '▶' | '○' | '⁃' =>
            {
                plain.push('•');
            }
            '。' | '｡' | '។' | '៕' | '।' | '؟' | '՞' => plain.push('.'),
            '、' | '،' => plain.push(','),
            '½' => plain.push_str(" một phần hai "),
            '¼' => plain.push_str(" một phần tư "),
            '¾' => plain.push_str(" ba phần tư "),
            // A square metre, not a power; a number with such a mark is one, and a mark on a word is a footnote.
            '²' | '³' if before.is_alphabetic() => plain.push(if letter == '²' { '2' } else { '3' }),
            '²' => plain.push_str(" bình phương "),
            '³' => plain.push_str(" lập phương "),
            '¹' | '⁰' | '⁴'..='⁹' => plain.push(' '),
            '°' | 'º' | '˚' => plain.push('°'),
            'Ω' | '\u{2126}' => plain.push_str(" ôm "),
            'µ' => plain.push('μ'),
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' '..='~' | '±' | '×' | '÷' => plain.push(letter),
            letter => push_other(&mut plain, letter),
        }
        before = letter;
    }
    settle_tones(&plain)
}

/// A letter beyond ASCII: Vietnamese as it is, another Latin one without its ornaments, one of another script whole.
fn push_other(plain: &mut String, letter: char) {
    for letter in std::iter::once(letter).nfkc() {
        match letter {
            'ø' | 'œ' => plain.push('o'),
            'Ø' | 'Œ' => plain.push('O'),
            'ß' => plain.push('s'),
            'æ' => plain.push('a'),
            'Æ' => plain.push('A'),
            'ł' => plain.push('l'),
            'Ł' => plain.push('L'),
            'ƀ' => plain.push('b'),
            'Ƀ' => plain.push('B'),
            '⁄' => plain.push('/'),
            letter if letter.is_whitespace() => plain.push(' '),
            letter if is_vietnamese(letter) || is_symbol(letter) => plain.push(letter),
            letter => {
                let base = std::iter::once(letter).nfd().next().unwrap_or(letter);
                if base.is_ascii_alphanumeric() {
                    plain.push(base);
                } else if letter.is_alphabetic() {
                    plain.push(letter);
                } else if !is_combining_mark(letter) {
                    plain.push(' ');
                }
            }
        }
    }
}

/// Marks that are said.
fn is_symbol(letter: char) -> bool {
    letter.is_ascii_graphic() || matches!(letter, '°' | '‰' | '≥' | '≤' | '≈' | '€' | '£' | '¥' | '₫' | 'μ')
}

/// Whether a letter belongs to the Vietnamese alphabet, tones and all, or to ASCII.
pub(super) fn is_vietnamese(letter: char) -> bool {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let (base, _) = untoned(lower);
    base.is_ascii_lowercase() || matches!(base, 'ă' | 'â' | 'đ' | 'ê' | 'ô' | 'ơ' | 'ư')
}

/// A letter without its tone, and its tone as a combining mark. Only vowels bear tones.
pub(super) fn untoned(letter: char) -> (char, Option<char>) {
    if letter.is_ascii() {
        return (letter, None);
    }
    let mut base = None;
    let mut tone = None;
    for part in std::iter::once(letter).nfd() {
        match base {
            None => base = Some(part),
            Some(_) if TONES.contains(&part) && tone.is_none() => tone = Some(part),
            Some(vowel) => base = Some(compose(vowel, part).unwrap_or('\u{fffd}')),
        }
    }
    let base = base.unwrap_or(letter);
    let vowel = matches!(
        base.to_lowercase().next(),
        Some('a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ă' | 'â' | 'ê' | 'ô' | 'ơ' | 'ư')
    );
    if tone.is_some() && !vowel { ('\u{fffd}', tone) } else { (base, tone) }
}

/// `hoà`, `thuý` become `hòa`, `thúy`: two ways to write the same syllable, of which the voice and the lexicon know one.
pub(super) fn settle_tones(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut settled = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let after = letters.get(at + 2).copied();
        let open = !after.is_some_and(is_vietnamese);
        let q = at > 0 && matches!(letters.get(at - 1), Some('q' | 'Q'));
        let moved = match (letter, next.map(untoned)) {
            ('o' | 'O', Some((vowel @ ('a' | 'A' | 'e' | 'E'), Some(tone)))) if open => {
                compose(letter, tone).zip(Some(vowel))
            }
            ('u' | 'U', Some((vowel @ ('y' | 'Y'), Some(tone)))) if open && !q => {
                compose(letter, tone).zip(Some(vowel))
            }
            _ => None,
        };
        match moved {
            Some((first, second)) => {
                settled.extend([first, second]);
                at += 2;
            }
            None => {
                settled.push(letter);
                at += 1;
            }
        }
    }
    settled
}
