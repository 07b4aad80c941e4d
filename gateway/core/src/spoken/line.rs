//! A paragraph from its first word to its last: each rule is asked in turn, and what none takes is said as it stands.

use super::letters::{name, said, spelled};
use super::say::Say;
use super::syllable::{is_marked, is_syllable, is_toneless_syllable};
use super::tokens::{Kind, Line, Said};
use super::{abbreviation, code, date, decree, hour, lexicon, number, phone, quantity, roman, web};

/// In this order: the first that knows what begins there says it.
const RULES: [fn(&Line<'_>, usize) -> Option<Said>; 16] = [
    own,
    web::web,
    decree::decree,
    code::plate,
    date::date,
    hour::hour,
    phone::phone,
    quantity::currency,
    quantity::quantity,
    lexicon::phrase,
    abbreviation::abbreviation,
    lexicon::built_in,
    roman::roman,
    code::code,
    apostrophe,
    quantity::last_resort,
];

fn own(line: &Line<'_>, at: usize) -> Option<Said> {
    line.lexicon.own(line, at)
}

/// Says a paragraph.
pub(super) fn say(line: &Line<'_>, say: &mut Say) {
    let mut at = marker(line, say);
    while let Some(kind) = line.kind(at) {
        if let Some(said) = RULES.iter().find_map(|rule| rule(line, at)) {
            say.words(&said.words);
            at = said.next.max(at + 1);
            // The year and the hour after it are two numbers.
            let year = at > 0 && line.digits(at - 1).is_some_and(|digits| digits.len() == 4);
            if year && line.is_space(at) && hour::hour(line, at + 1).is_some() {
                say.breathe(',');
            }
            continue;
        }
        match kind {
            Kind::Word => word(line, at, say),
            Kind::Foreign => say.count_script(line.tokens.get(at).map_or(0, |token| token.text.chars().count())),
            Kind::Mark => {
                at = mark(line, at, say);
                continue;
            }
            Kind::Digits | Kind::Space => {}
        }
        at += 1;
    }
}

/// What a paragraph begins with: a hyphen or dot is left out; `1.`, `a)`, `1.2.` and `IV.` are said, then a breath.
fn marker(line: &Line<'_>, say: &mut Say) -> usize {
    let mut at = 0;
    while matches!(line.mark(at), Some('-' | '+' | '*' | '•' | '>' | '#' | '~')) && !line.is_solid(at + 1)
        || line.is_space(at) && at > 0
    {
        at += 1;
    }
    if line.mark(at) == Some('-') && line.word(at + 1).is_some() {
        at += 1;
    }
    let mut end = at;
    let mut words = Vec::new();
    while let Some(digits) = line.digits(end).filter(|digits| digits.len() <= 2) {
        words.push(number::plain(digits));
        end += 1;
        if line.mark(end) != Some('.') || words.len() > 6 {
            break;
        }
        end += 1;
    }
    let closed = matches!(line.mark(end), Some(')' | '/')) || line.mark(end.wrapping_sub(1)) == Some('.');
    if !words.is_empty()
        && closed
        && line.is_space(end + usize::from(line.mark(end) == Some(')') || line.mark(end) == Some('/')))
    {
        say.words(&words.join(" chấm "));
        say.breathe(',');
        return end + usize::from(matches!(line.mark(end), Some(')' | '/')));
    }
    // `P.`, `Q.` and their like begin the name of a place.
    let place = |word: &str| line.mark(at + 1) == Some('.') && matches!(word, "P" | "Q" | "H" | "X" | "T");
    let letter = line.word(at).filter(|word| word.chars().count() == 1 && !place(word));
    // What ends in a dot and goes on in small letters is a sentence of one letter.
    let small = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
    let letter = letter.filter(|_| line.mark(at + 1) != Some('.') || !line.word(at + 3).is_some_and(small));
    if let Some(letter) = letter.filter(|_| matches!(line.mark(at + 1), Some(')' | '.' | '/')) && line.is_space(at + 2))
    {
        let roman = roman::value(letter).filter(|_| matches!(letter, "I" | "V" | "X"));
        match roman {
            Some(value) => say.words(&number::count(value)),
            None => say.words(letter.to_lowercase().chars().next().map(name).unwrap_or_default()),
        }
        say.breathe(',');
        return at + 2;
    }
    if let Some(value) = line
        .word(at)
        .and_then(roman::value)
        .filter(|_| matches!(line.mark(at + 1), Some('.' | ')')) && line.is_space(at + 2))
    {
        say.words(&number::count(value));
        say.breathe(',');
        return at + 2;
    }
    at
}

/// `H'leo`, `K'ho`: the first consonant is said with the vowel nobody writes.
fn apostrophe(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = line.lower(at);
    let mut letters = first.chars();
    let (letter, None) = (letters.next()?, letters.next()) else { return None };
    if line.mark(at + 1) != Some('\'') || line.word(at + 2).is_none() || !"bcdđfghjklmnpqrstvxz".contains(letter) {
        return None;
    }
    let first = match letter {
        'k' | 'c' | 'q' => "cờ".to_owned(),
        'd' => "đờ".to_owned(),
        'f' => "phờ".to_owned(),
        'j' | 'z' => "dờ".to_owned(),
        letter => format!("{letter}ờ"),
    };
    let rest = line.lower(at + 2);
    let rest = if is_syllable(rest) { rest.to_owned() } else { said(rest) };
    Some(Said::new(at + 3, format!("{first} {rest}")))
}

/// A word no rule knows.
fn word(line: &Line<'_>, at: usize, say: &mut Say) {
    let Some(written) = line.word(at) else { return };
    let lower = line.lower(at);
    let mut letters = written.chars();
    let single = letters.next().is_some() && letters.next().is_none();
    let capitals = written.chars().filter(|letter| letter.is_uppercase()).count();
    if single {
        if is_syllable(lower) {
            say.words(lower);
        } else {
            say.words(lower.chars().next().map(name).unwrap_or_default());
        }
    } else if capitals > 1 && !line.shouting && is_initials(line, at, written, lower) {
        say.words(&spelled(lower));
    } else if is_syllable(lower) {
        say.count(written, is_marked(lower), false);
        say.words(lower);
    } else {
        let abbreviation = capitals > 1 && written.chars().count() <= 5 && !is_toneless_syllable(lower);
        if abbreviation {
            say.words(&spelled(lower));
        } else {
            say.count(written, is_marked(lower), !is_toneless_syllable(lower) && !is_marked(lower));
            say.words(&said(lower));
        }
    }
}

/// Capitals that are spelled though they could be a word: two of them, without a mark, among small letters.
fn is_initials(line: &Line<'_>, at: usize, written: &str, lower: &str) -> bool {
    let next = line.word(line.skip(at + 1)).unwrap_or_default();
    let shouts = |word: &str| word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    let previous = at.checked_sub(2).and_then(|back| line.word(back)).unwrap_or_default();
    written.chars().count() == 2 && !is_marked(lower) && !shouts(next) && !shouts(previous)
}

/// A mark no rule knows; gives what follows.
fn mark(line: &Line<'_>, at: usize, say: &mut Say) -> usize {
    let Some(mark) = line.mark(at) else { return at + 1 };
    let solid = line.is_solid(at + 1);
    let glued = line.is_glued(at);
    match mark {
        '.' | '!' | '?' => return stop(line, at, mark, say),
        ',' | ';' | ':' => say.breathe(mark),
        '(' | ')' | '[' | ']' | '{' | '}' | '|' | '•' => say.breathe(','),
        '-' if !(glued && solid) => say.breathe(','),
        '/' => return slash(line, at, say),
        '&' => say.words("và"),
        '%' => say.words("phần trăm"),
        '‰' => say.words("phần nghìn"),
        '°' if glued => say.words("độ"),
        '=' if line.digits(line.skip(at + 1)).is_some() => say.words("bằng"),
        '+' if line.digits(line.skip(at + 1)).is_some() => say.words("cộng"),
        '@' if glued && solid => say.words("a còng"),
        '$' if glued => say.words("đô la"),
        '€' => say.words("ơ rô"),
        '£' => say.words("bảng anh"),
        '¥' => say.words("yên"),
        '₫' => say.words("đồng"),
        '×' if solid || line.is_space(at + 1) => say.words("nhân"),
        '÷' => say.words("chia"),
        _ => {}
    }
    at + 1
}

/// The end of a sentence, unless it only looks like one.
fn stop(line: &Line<'_>, at: usize, mark: char, say: &mut Say) -> usize {
    let mut next = at + 1;
    let mut strongest = mark;
    while let Some(more) = line.mark(next).filter(|more| matches!(more, '.' | '!' | '?')) {
        if more != '.' {
            strongest = more;
        }
        next += 1;
    }
    let dots = strongest == '.' && next > at + 2;
    let initial = next == at + 1
        && mark == '.'
        && at > 0
        && line.word(at - 1).is_some_and(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase));
    if next == at + 1 && mark == '.' && line.is_solid(next) && at > 0 && line.is_glued(at) {
        // `N.V.A`, `1.a`; but two sentences without a space between are two.
        let joined =
            line.word(at - 1).is_none_or(|word| word.chars().count() < 2 || word.chars().all(char::is_uppercase));
        if !joined {
            say.end('.');
        }
    } else if dots {
        say.breathe(',');
        let new = line.word(line.skip(next)).is_none_or(|word| word.chars().next().is_some_and(char::is_uppercase));
        if new && matches!(line.kind(line.skip(next)), None | Some(Kind::Word | Kind::Digits)) {
            say.end('.');
        }
    } else if next == at + 1 && matches!(line.mark(next), Some(',' | ';')) {
        say.breathe(',');
    } else if !(initial && line.is_space(next) && line.word(next + 1).is_some()) {
        say.end(strongest);
    }
    next
}

/// Between words it offers a choice; `và/hoặc` says so already.
fn slash(line: &Line<'_>, at: usize, say: &mut Say) -> usize {
    let next = line.skip(at + 1);
    let money = matches!(line.lower(at.wrapping_sub(1)), "đồng" | "đ" | "vnđ" | "triệu" | "nghìn" | "ngàn" | "tỷ");
    let each = super::unit::per(line, at, money).filter(|_| line.word(at.wrapping_sub(1)).is_some());
    if let Some(each) = each {
        say.words(&each.words);
        return each.next;
    }
    let between = at > 0 && line.is_solid(line_back(line, at)) && line.is_solid(next);
    match line.lower(next) {
        "hoặc" | "và" => {}
        _ if between && (line.digits(next).is_none() || line.word(next + 1).is_some()) => say.words("hoặc"),
        _ => say.breathe(','),
    }
    at + 1
}

fn line_back(line: &Line<'_>, at: usize) -> usize {
    let back = at.saturating_sub(1);
    if line.is_space(back) { back.saturating_sub(1) } else { back }
}
