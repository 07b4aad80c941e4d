//! Times of the day: `17h`, `5h30`, `05:30`, `17 giờ 05`, and from one to another.

use super::number::{cardinal, count};
use super::tokens::{Line, Said};

struct Time {
    next: usize,
    words: String,
}

/// Reads a time, or from one to another.
pub(super) fn hour(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = time(line, at)?;
    let dash = line.skip(first.next);
    if line.mark(dash) == Some('-')
        && let Some(last) = time(line, line.skip(dash + 1))
    {
        return Some(Said::new(last.next, format!("{} đến {}", first.words, last.words)));
    }
    Some(Said::new(first.next, first.words))
}

fn time(line: &Line<'_>, at: usize) -> Option<Time> {
    if line.is_glued(at) {
        return None;
    }
    let hours = line.digits(at).filter(|hours| hours.len() <= 2)?;
    let value: u64 = hours.parse().ok().filter(|value| *value <= 24)?;
    if line.mark(at + 1) == Some(':') {
        return clock(line, at, value);
    }
    let sign = line.skip(at + 1);
    match line.lower(sign) {
        "h" => {}
        // `5g30` is a time, `5g` a weight.
        "g" if sign == at + 1 && minutes(line, sign + 1).is_some() => {}
        "giờ" => return in_words(line, sign, value),
        _ => return None,
    }
    let words = format!("{} giờ", count(value));
    let glued = minutes(line, sign + 1);
    let spaced = (line.is_space(sign + 1)).then(|| minutes(line, sign + 2)).flatten().filter(|_| ends(line, sign + 3));
    let (next, minutes) = match (glued, spaced) {
        (Some(minutes), _) => (sign + 2, minutes),
        (None, Some(minutes)) => (sign + 3, minutes),
        (None, None) => {
            let letter = line.is_solid(sign + 1);
            return (!letter).then_some(Time { next: sign + 1, words });
        }
    };
    let next = past_minute_mark(line, next)?;
    Some(Time { next, words: format!("{words}{}", said_minutes(minutes)) })
}

/// `05:30`, `05:30:15`
fn clock(line: &Line<'_>, at: usize, hours: u64) -> Option<Time> {
    let minutes = minutes(line, at + 2)?;
    let mut words = format!("{} giờ{}", count(hours), said_minutes(minutes));
    let mut next = at + 3;
    if line.mark(next) == Some(':')
        && let Some(seconds) = self::minutes(line, next + 1)
    {
        if seconds != 0 {
            let minutes = if minutes == 0 { " không phút" } else { "" };
            words.push_str(&format!("{minutes} {} giây", count(seconds)));
        }
        next += 2;
    }
    let glued = line.is_solid(next) || (matches!(line.mark(next), Some(':' | '.')) && line.digits(next + 1).is_some());
    if glued && line.lower(next) != "h" {
        return None;
    }
    let unit = if line.lower(next) == "h" { 1 } else { 0 };
    Some(Time { next: next + unit, words })
}

/// `5 giờ 05`: the minutes stand there only if nothing is counted by them.
fn in_words(line: &Line<'_>, sign: usize, hours: u64) -> Option<Time> {
    let words = format!("{} giờ", count(hours));
    let place = line.skip(sign + 1);
    let Some(minutes) = minutes(line, place).filter(|_| ends(line, place + 1)) else {
        return Some(Time { next: sign + 1, words });
    };
    let next = past_minute_mark(line, place + 1)?;
    Some(Time { next, words: format!("{words}{}", said_minutes(minutes)) })
}

fn minutes(line: &Line<'_>, at: usize) -> Option<u64> {
    line.digits(at).filter(|digits| digits.len() == 2)?.parse().ok().filter(|value| *value < 60)
}

fn said_minutes(minutes: u64) -> String {
    if minutes == 0 { String::new() } else { format!(" {} phút", cardinal(&minutes.to_string())) }
}

/// Whether a number ends there that counts nothing.
fn ends(line: &Line<'_>, at: usize) -> bool {
    match line.mark(at) {
        Some(',' | '.') => return !line.is_solid(at + 1),
        Some('/' | '%' | ':') => return false,
        Some(_) => return true,
        None => {}
    }
    const FOLLOW: [&str; 17] = [
        "phút", "ph", "p", "sáng", "trưa", "chiều", "tối", "đêm", "ngày", "hôm", "tại", "đến", "và", "cùng", "thứ",
        "hằng", "hàng",
    ];
    line.kind(at).is_none()
        || line.kind(line.skip(at)).is_none()
        || FOLLOW.contains(&line.after(at))
        || line.mark(line.skip(at)).is_some()
}

/// Past `'`, `p`, `ph`, `phút` after the minutes; nothing if another letter is glued there.
fn past_minute_mark(line: &Line<'_>, at: usize) -> Option<usize> {
    if line.mark(at) == Some('\'') {
        return Some(at + 1);
    }
    if matches!(line.lower(at), "p" | "ph" | "phút") {
        return Some(at + 1);
    }
    if line.is_solid(at) {
        return None;
    }
    let spaced = line.skip(at);
    Some(if spaced > at && matches!(line.lower(spaced), "p" | "ph" | "phút") { spaced + 1 } else { at })
}
