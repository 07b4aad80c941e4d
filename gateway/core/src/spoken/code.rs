//! Plates, types and codes of letters and digits: `29A-123.45`, `H5N1`, `QL1A`, `5G`, `T2-T6`.

use super::letters::{name, spelled};
use super::lexicon;
use super::number::{cardinal, one_by_one, ordinal};
use super::syllable::{is_marked, is_syllable};
use super::tokens::{Line, Said};

/// Reads a vehicle's plate.
pub(super) fn plate(line: &Line<'_>, at: usize) -> Option<Said> {
    let province = line.digits(at).filter(|digits| digits.len() == 2 && !line.is_glued(at))?;
    // `29A`, `29-B1`, `51LD`
    let hyphen = usize::from(line.mark(at + 1) == Some('-'));
    let series = line
        .word(at + 1 + hyphen)
        .filter(|series| series.chars().count() <= 2 && series.chars().all(char::is_uppercase))?;
    let mut next = at + 2 + hyphen;
    let mut words = format!("{} {}", one_by_one(province), spelled(&series.to_lowercase()));
    if let Some(digit) = line.digits(next).filter(|digit| digit.len() == 1) {
        words.push_str(&format!(" {}", one_by_one(digit)));
        next += 1;
    }
    if !(line.is_space(next) || line.mark(next) == Some('-')) {
        return None;
    }
    next += 1;
    let first = line.digits(next)?;
    let tail = line.digits(next + 2).filter(|tail| tail.len() == 2 && line.mark(next + 1) == Some('.'));
    let (next, number) = match (first.len(), tail) {
        (3, Some(tail)) => (next + 3, format!("{first}{tail}")),
        (4 | 5, None) => (next + 1, first.to_owned()),
        _ => return None,
    };
    (!line.is_solid(next)).then(|| Said::new(next, format!("{words}, {}", one_by_one(&number))))
}

/// Reads letters and digits that touch one another.
pub(super) fn code(line: &Line<'_>, at: usize) -> Option<Said> {
    weekday(line, at).or_else(|| month(line, at)).or_else(|| mixed(line, at))
}

/// `T2`, `T7` where other days of the week stand around.
fn weekday(line: &Line<'_>, at: usize) -> Option<Said> {
    let day =
        line.digits(at + 1).filter(|_| line.word(at) == Some("T") && !line.is_glued(at) && !line.is_solid(at + 2))?;
    let day: u64 = day.parse().ok().filter(|day| (2..=7).contains(day))?;
    let around = (at.saturating_sub(5)..at).chain(at + 2..at + 7);
    let others = around.into_iter().any(|place| {
        line.word(place) == Some("CN") || (line.word(place) == Some("T") && line.digits(place + 1).is_some())
    });
    let named = matches!(line.before(at, 1), "sáng" | "trưa" | "chiều" | "tối" | "đêm");
    if !(others || named) || line.mark(at + 2) == Some('/') {
        return None;
    }
    let dash = line.skip(at + 2);
    if line.mark(dash) == Some('-') {
        let end = line.skip(dash + 1);
        if line.word(end) == Some("CN") {
            return Some(Said::new(end + 1, format!("thứ {} đến chủ nhật", ordinal(day, false))));
        }
        if let Some(last) =
            line.digits(end + 1).filter(|_| line.word(end) == Some("T")).and_then(|last| last.parse().ok())
        {
            return Some(Said::new(end + 2, format!("thứ {} đến thứ {}", ordinal(day, false), ordinal(last, false))));
        }
    }
    Some(Said::new(at + 2, format!("thứ {}", ordinal(day, false))))
}

/// `T9/2025`
fn month(line: &Line<'_>, at: usize) -> Option<Said> {
    let month: u64 = line.digits(at + 1).filter(|_| line.word(at) == Some("T") && !line.is_glued(at))?.parse().ok()?;
    let year = line.digits(at + 3).filter(|year| year.len() == 4 && line.mark(at + 2) == Some('/'))?;
    ((1..=12).contains(&month))
        .then(|| Said::new(at + 4, format!("tháng {} năm {}", ordinal(month, false), cardinal(year))))
}

fn mixed(line: &Line<'_>, at: usize) -> Option<Said> {
    let touches = |place: usize| line.word(place).is_some() || line.digits(place).is_some();
    if !(touches(at) && touches(at + 1)) {
        return None;
    }
    let mut words = Vec::new();
    let mut place = at;
    loop {
        if let Some(digits) = line.digits(place) {
            words.push(if digits.len() > 3 || digits.starts_with('0') { one_by_one(digits) } else { cardinal(digits) });
        } else if let Some(word) = line.word(place) {
            words.push(letters(line, place, word));
        } else if line.mark(place) == Some('-') && touches(place + 1) && touches(place.wrapping_sub(1)) {
            // Said by nothing.
        } else {
            break;
        }
        place += 1;
    }
    Some(Said::new(place, words.join(" ")))
}

fn letters(line: &Line<'_>, at: usize, word: &str) -> String {
    let lower = line.lower(at);
    let mut single = word.chars();
    if let (Some(_), None) = (single.next(), single.next()) {
        return lower.chars().next().map(name).unwrap_or_default().to_owned();
    }
    if let Some(known) = lexicon::word(word) {
        return known.to_owned();
    }
    let is_word = is_syllable(lower) && (is_marked(lower) || word.chars().any(char::is_lowercase));
    if is_word { lower.to_owned() } else { spelled(lower) }
}
