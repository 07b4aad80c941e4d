//! Dates: `15/12/2026`, `15-20/12`, `9/2025`, `2026-12-15`, and when `3/4` is one.

use super::number::{count, ordinal};
use super::tokens::{Line, Said};

#[derive(Clone, Copy)]
struct Date {
    next: usize,
    day: u64,
    month: u64,
    year: Option<u64>,
}

impl Date {
    fn words(self, with_month: bool) -> String {
        let mut words = count(self.day);
        if with_month {
            words.push_str(&format!(" tháng {}", ordinal(self.month, false)));
        }
        if let Some(year) = self.year {
            words.push_str(&format!(" năm {}", count(year)));
        }
        words
    }
}

/// Words after which day and month stand.
const DAY_BEFORE: [&str; 34] = [
    "ngày", "mùng", "mồng", "hôm", "sáng", "trưa", "chiều", "tối", "đêm", "lễ", "dịp", "đến", "từ", "trước", "sau",
    "hết", "cn", "nhật", "hai", "ba", "tư", "năm", "sáu", "bảy", "nay", "qua", "mai", "rạng", "mừng", "lúc", "hạn",
    "phút", "giờ", "niệm",
];
/// Days people name without `ngày`.
const FEASTS: [(u64, u64); 20] = [
    (1, 1),
    (3, 2),
    (14, 2),
    (27, 2),
    (8, 3),
    (26, 3),
    (30, 4),
    (1, 5),
    (7, 5),
    (15, 5),
    (19, 5),
    (1, 6),
    (21, 6),
    (27, 7),
    (19, 8),
    (2, 9),
    (20, 10),
    (9, 11),
    (20, 11),
    (22, 12),
];

/// Reads a date or from one to another.
pub(super) fn date(line: &Line<'_>, at: usize) -> Option<Said> {
    if line.is_glued(at) {
        return None;
    }
    iso(line, at)
        .or_else(|| months(line, at))
        .or_else(|| range(line, at))
        .or_else(|| single(line, at))
        .or_else(|| month(line, at))
}

/// `2026-12-15`
fn iso(line: &Line<'_>, at: usize) -> Option<Said> {
    let year = year(line, at).filter(|year| *year > 99)?;
    let (first, second) = (line.mark(at + 1)?, line.mark(at + 3)?);
    if first != second || !matches!(first, '-' | '/') || line.is_solid(at + 5) {
        return None;
    }
    let (month, day) = (part(line, at + 2, 12)?, part(line, at + 4, 31)?);
    let date = Date { next: at + 5, day, month, year: Some(year) };
    Some(Said::new(date.next, introduced(line, at, date.words(true))))
}

fn introduced(line: &Line<'_>, at: usize, words: String) -> String {
    let named = matches!(line.before(at, 1), "ngày" | "mùng" | "mồng" | "cầu" | "đường" | "phố" | "chợ")
        && !matches!(line.mark(at.saturating_sub(1)), Some(','));
    if named { words } else { format!("ngày {words}") }
}

fn single(line: &Line<'_>, at: usize) -> Option<Said> {
    let date = full(line, at).or_else(|| short(line, at))?;
    Some(Said::new(date.next, introduced(line, at, date.words(true))))
}

/// `15-20/12`, `28/9-3/10/2026`
fn range(line: &Line<'_>, at: usize) -> Option<Said> {
    let (start, with_month) = match full(line, at).or_else(|| pair(line, at)) {
        Some(date) => (date, true),
        None => (Date { next: at + 1, day: part(line, at, 31)?, month: 0, year: None }, false),
    };
    let dash = line.skip(start.next);
    if line.mark(dash) != Some('-') {
        return None;
    }
    let end = line.skip(dash + 1);
    let last = full(line, end).or_else(|| pair(line, end))?;
    if line.mark(end + 1) == Some('-') {
        return None;
    }
    let until = if with_month { "đến ngày" } else { "đến" };
    let words = format!("{} {until} {}", start.words(with_month), last.words(true));
    Some(Said::new(last.next, introduced(line, at, words)))
}

/// Day, month and year with the same mark between.
fn full(line: &Line<'_>, at: usize) -> Option<Date> {
    let mark = line.mark(at + 1).filter(|mark| matches!(mark, '/' | '-' | '.'))?;
    if line.mark(at + 3) != Some(mark) {
        return None;
    }
    let (day, month, year) = (part(line, at, 31)?, part(line, at + 2, 12)?, year(line, at + 4)?);
    // Two digits are a year only after slashes, and only if no longer row of numbers follows.
    let year = match (year, mark) {
        (year, _) if year > 99 => year,
        (year, '/') => 2000 + year,
        _ => return None,
    };
    if line.is_solid(at + 5) || (line.mark(at + 5) == Some(mark) && line.is_solid(at + 6)) {
        return None;
    }
    Some(Date { next: at + 5, day, month, year: Some(year) })
}

/// Day and month with a slash, whatever stands before.
fn pair(line: &Line<'_>, at: usize) -> Option<Date> {
    if line.mark(at + 1) != Some('/') {
        return None;
    }
    let (day, month) = (part(line, at, 31)?, part(line, at + 2, 12)?);
    let more = line.is_solid(at + 3) || (matches!(line.mark(at + 3), Some('/' | '%')) && line.is_solid(at + 4));
    (!more).then_some(Date { next: at + 3, day, month, year: None })
}

/// Day and month where they cannot be a fraction.
fn short(line: &Line<'_>, at: usize) -> Option<Date> {
    let mark = line.mark(at + 1).filter(|mark| matches!(mark, '/' | '-' | '.'))?;
    let (day, month) = (part(line, at, 31)?, part(line, at + 2, 12)?);
    let more = line.is_solid(at + 3)
        || (matches!(line.mark(at + 3), Some('/' | '-' | '.' | ',' | '%')) && line.is_solid(at + 4));
    if more {
        return None;
    }
    let before = line.before(at, 1);
    let named = DAY_BEFORE.contains(&before);
    let padded = |place| line.digits(place).is_some_and(|digits| digits.starts_with('0'));
    let lunar = ["âm", "dương", "âl"].contains(&line.after(at + 3));
    let counted =
        ["thôn", "hộ", "xã", "ấp", "khu", "tổ", "số", "diện", "người", "đại", "thành", "tổng", "phiếu", "dân"]
            .contains(&line.after(at + 3));
    let date = match mark {
        '/' if counted && before != "ngày" => false,
        '/' => {
            // `24/7` is always, not a day in July.
            let more_than_a_part = day > month && day > 12 && (day, month) != (24, 7);
            let feast =
                FEASTS.contains(&(day, month)) && !matches!(before, "khoảng" | "gần" | "hơn" | "chiếm" | "được" | "có");
            named || lunar || more_than_a_part || feast || padded(at) || padded(at + 2)
        }
        '-' | '.' => {
            matches!(before, "ngày" | "lễ" | "dịp" | "mừng" | "niệm") && (mark == '.' || FEASTS.contains(&(day, month)))
        }
        _ => false,
    };
    date.then_some(Date { next: at + 3, day, month, year: None })
}

/// `tháng 3-5/2026`
fn months(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = part(line, at, 12).filter(|_| line.before(at, 1) == "tháng")?;
    let dash = line.skip(at + 1);
    let end = line.skip(dash + 1);
    let last = part(line, end, 12).filter(|_| line.mark(dash) == Some('-') && line.mark(end + 1) == Some('/'))?;
    let year = year(line, end + 2).filter(|year| (1900..2200).contains(year) && !line.is_solid(end + 3))?;
    let words = format!("{} đến tháng {} năm {}", ordinal(first, false), ordinal(last, false), count(year));
    Some(Said::new(end + 3, words))
}

/// `9/2025`: a month of a year; `2025/2026` is none.
fn month(line: &Line<'_>, at: usize) -> Option<Said> {
    let mark = line.mark(at + 1).filter(|mark| matches!(mark, '/' | '-' | '.'))?;
    let month = part(line, at, 12)?;
    let year = line.digits(at + 2).filter(|year| year.len() == 4).and_then(|year| year.parse().ok())?;
    let year = Some(year).filter(|year| (1900..2200).contains(year))?;
    if line.is_solid(at + 3) || (matches!(line.mark(at + 3), Some('/')) && line.is_solid(at + 4)) {
        return None;
    }
    let before = line.before(at, 1);
    if matches!(before, "quý" | "đợt" | "kỳ" | "khóa" | "lần") {
        return Some(Said::new(at + 3, format!("{} năm {}", count(month), count(year))));
    }
    let named = before == "tháng";
    if mark != '/' && !named || matches!(before, "số" | "định" | "tư" | "luật" | "thị" | "quyết") {
        return None;
    }
    let words = format!("{} năm {}", ordinal(month, false), count(year));
    Some(Said::new(at + 3, if named { words } else { format!("tháng {words}") }))
}

fn part(line: &Line<'_>, at: usize, most: u64) -> Option<u64> {
    line.digits(at).filter(|digits| digits.len() <= 2)?.parse().ok().filter(|value| (1..=most).contains(value))
}

fn year(line: &Line<'_>, at: usize) -> Option<u64> {
    let digits = line.digits(at)?;
    match digits.len() {
        4 => digits.parse().ok().filter(|year| (1000..2200).contains(year)),
        2 => digits.parse().ok(),
        _ => None,
    }
}
