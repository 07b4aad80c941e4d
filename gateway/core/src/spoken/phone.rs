//! Telephone numbers and other rows of digits that count nothing: said digit by digit, in groups.

use super::number::one_by_one;
use super::tokens::{Line, Said};

const CALL: [&str; 16] = [
    "gọi", "hotline", "nóng", "đài", "thoại", "đt", "sđt", "đtdđ", "zalo", "fax", "tel", "hệ", "máy", "alo", "viber",
    "mobile",
];
const IDENTITY: [&str; 14] =
    ["khoản", "cccd", "cmnd", "cước", "mst", "stk", "thuế", "mã", "seri", "imei", "bhyt", "bhxh", "vạch", "serial"];
/// Numbers of three or four digits everybody knows.
const SHORT: [&str; 13] =
    ["111", "112", "113", "114", "115", "116", "117", "118", "119", "1022", "1080", "1068", "1068"];
const SHORT_BEFORE: [&str; 12] =
    ["số", "nóng", "đài", "thoại", "hotline", "gọi", "sát", "cứu", "hỏa", "cháy", "đt", "máy"];

/// Reads a telephone number or an identity number.
pub(super) fn phone(line: &Line<'_>, at: usize) -> Option<Said> {
    international(line, at)
        .or_else(|| bracketed(line, at))
        .or_else(|| national(line, at))
        .or_else(|| identity(line, at))
}

/// `+84 912 345 678`
fn international(line: &Line<'_>, at: usize) -> Option<Said> {
    if line.mark(at) != Some('+') || line.is_glued(at) {
        return None;
    }
    let (next, groups) = groups(line, at + 1);
    let count: usize = groups.iter().map(|group| group.len()).sum();
    (groups.first()?.starts_with("84") && (10..=13).contains(&count))
        .then(|| Said::new(next, format!("cộng {}", grouped(&groups))))
}

/// `(0236) 3821234`
fn bracketed(line: &Line<'_>, at: usize) -> Option<Said> {
    let code =
        line.digits(at + 1).filter(|code| line.mark(at) == Some('(') && code.starts_with('0') && code.len() <= 5)?;
    if line.mark(at + 2) != Some(')') {
        return None;
    }
    let (next, mut rest) = groups(line, line.skip(at + 3));
    rest.insert(0, code);
    let count: usize = rest.iter().map(|group| group.len()).sum();
    (9..=12).contains(&count).then(|| Said::new(next, grouped(&rest)))
}

fn national(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = line.digits(at).filter(|_| !line.is_glued(at))?;
    let (next, groups) = groups(line, at);
    let count: usize = groups.iter().map(|group| group.len()).sum();
    let free = (first.starts_with("1900") || first.starts_with("1800")) && (8..=10).contains(&count);
    if (first.starts_with('0') && first.len() > 1 && (9..=11).contains(&count) && groups.len() < 6) || free {
        return Some(Said::new(next, grouped(&groups)));
    }
    let goes_on = matches!(line.mark(at + 1), Some('/' | '-' | '.' | ',' | ':' | '%')) && line.is_solid(at + 2);
    let alone = !goes_on && !line.is_solid(at + 1);
    if alone && SHORT.contains(&first) {
        let before = line.before(at, 1);
        let named =
            SHORT_BEFORE.contains(&before) && (before != "số" || line.near(at, 7, &CALL) || line.near(at, 5, &["báo"]));
        let listed = matches!(before, "0" | "hoặc" | "và") && line.near(at, 8, &CALL);
        return (named || listed).then(|| Said::new(at + 1, one_by_one(first)));
    }
    let long = (7..=11).contains(&count) && first.len() >= 3 && line.near(at, 4, &CALL);
    let four = alone
        && first.len() >= 3
        && first.len() <= 6
        && matches!(line.before(at, 1), "hotline" | "nóng" | "đài" | "thoại" | "sđt");
    if long {
        return Some(Said::new(next, grouped(&groups)));
    }
    four.then(|| Said::new(at + 1, one_by_one(first)))
}

fn identity(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = line.digits(at).filter(|_| !line.is_glued(at) && !line.is_solid(at + 1))?;
    let (next, groups) = groups(line, at);
    let count: usize = groups.iter().map(|group| group.len()).sum();
    if (6..=20).contains(&count) && line.near(at, 5, &IDENTITY) && groups.iter().all(|group| group.len() > 1) {
        return Some(Said::new(next, grouped(&groups)));
    }
    // A row that begins with zero, or that nobody could count.
    let row = (first.len() >= 3 && first.starts_with('0')) || first.len() > 12;
    (row && line.mark(at + 1) != Some('/')).then(|| Said::new(at + 1, grouped(&[first])))
}

/// Rows of digits with one `.`, `-` or space between, as far as nine of them, and what follows.
fn groups<'a>(line: &Line<'a>, at: usize) -> (usize, Vec<&'a str>) {
    let mut groups = Vec::new();
    let mut next = at;
    let mut place = at;
    while let Some(digits) = line.digits(place) {
        if groups.len() >= 9 {
            break;
        }
        groups.push(digits);
        next = place + 1;
        if !(line.is_space(next) || matches!(line.mark(next), Some('.' | '-'))) || line.word(next + 2).is_some() {
            break;
        }
        place = next + 1;
    }
    (next, groups)
}

/// Each group digit by digit, a breath between them; a long row is cut as people cut it.
fn grouped(groups: &[&str]) -> String {
    let mut said = Vec::new();
    for group in groups {
        let sizes: &[usize] = match group.len() {
            0..=5 => &[5],
            8 => &[4, 4],
            10 => &[4, 3, 3],
            11 => &[4, 3, 4],
            _ => &[3],
        };
        let mut rest = *group;
        let mut sizes = sizes.iter().copied().cycle();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(3).min(rest.len()));
            said.push(one_by_one(piece));
            rest = after;
        }
    }
    said.join(", ")
}
