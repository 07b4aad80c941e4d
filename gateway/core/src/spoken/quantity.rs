//! Counts and measures: `2.500`, `3,5 tỷ đồng`, `8-9`, `200-300mm/24h`, `-5°C`, `3/4`, `3 x 4 m`.

use super::number::{cardinal, decimals, one_by_one, ordinal, plain};
use super::tokens::{Line, Said};
use super::unit;

/// A number as it is written.
struct Number {
    next: usize,
    words: String,
    /// As it is said when a unit follows, where that differs.
    measured: Option<String>,
    value: Option<u64>,
    fraction: bool,
}

/// Words that number something: what follows a space after that number is another number.
const NUMBERING: [&str; 25] = [
    "tổ",
    "thôn",
    "cấp",
    "số",
    "khu",
    "điểm",
    "khoản",
    "điều",
    "ngày",
    "tháng",
    "năm",
    "lớp",
    "khối",
    "quận",
    "phường",
    "ấp",
    "đội",
    "nhà",
    "bàn",
    "phòng",
    "lúc",
    "lần",
    "mục",
    "phần",
    "quý",
];
/// No row of groups is longer.
const MOST_GROUPS: usize = 5;

/// Reads a number with what it measures, and from one to another.
pub(super) fn quantity(line: &Line<'_>, at: usize) -> Option<Said> {
    let (sign, start) = sign(line, at)?;
    let first = number(line, start)?;
    if let Some(said) = coordinate(line, &first) {
        return Some(Said::new(said.next, format!("{sign}{}", said.words)));
    }
    if let Some(said) = ratio(line, start, &first) {
        return Some(said);
    }
    let measure = unit::after(line, first.next);
    // `50K` is a price, `5K` a name.
    if line.word(first.next) == Some("K") && first.value.is_some_and(|value| value < 10) {
        return None;
    }
    if measure.is_none() && line.word(first.next).is_some() && !is_times(line, first.next) {
        return None;
    }
    let measure = measure.or_else(|| minutes(line, start, &first));
    let next = measure.as_ref().map_or(first.next, |measure| measure.next);
    let count = if measure.is_some() { first.measured().into() } else { place(line, start, &first) };
    let mut words = format!("{sign}{count}");
    if let Some(until) = until(line, next, &first) {
        let own = measure.map(|measure| format!(" {}", measure.words)).unwrap_or_default();
        return Some(Said::new(until.next, format!("{words}{own} {}", until.words)));
    }
    if let Some(measure) = measure {
        words = format!("{words} {}", measure.words);
    }
    Some(Said::new(next, words))
}

impl Number {
    fn measured(&self) -> &str {
        self.measured.as_deref().unwrap_or(&self.words)
    }
}

/// What stands before the number, and where it begins.
fn sign<'a>(line: &Line<'_>, at: usize) -> Option<(&'a str, usize)> {
    if line.digits(at).is_some() {
        return Some(("", at));
    }
    let free = !line.is_solid(at.wrapping_sub(1)) && line.mark(at.wrapping_sub(1)) != Some(')');
    let number = line.skip(at + 1);
    line.digits(number)?;
    match line.mark(at)? {
        '-' if at > 0 && free && number == at + 1 => Some(("âm ", number)),
        // At the beginning it is a list's hyphen, but before degrees.
        '-' if at == 0 && number == at + 1 && matches!(line.mark(at + 2), Some('°')) => Some(("âm ", number)),
        '±' => Some(("cộng trừ ", number)),
        '<' => Some(("dưới ", number)),
        '>' => Some(("trên ", number)),
        '≥' => Some(("từ ", number)),
        '≤' => Some(("không quá ", number)),
        '~' | '≈' => Some(("khoảng ", number)),
        '$' if number == at + 1 => None,
        _ => None,
    }
}

fn number(line: &Line<'_>, at: usize) -> Option<Number> {
    let digits = line.digits(at)?;
    for mark in ['.', ' '] {
        if let Some(number) = grouped(line, at, digits, mark) {
            return Some(number);
        }
    }
    match line.mark(at + 1) {
        Some(',') => comma(line, at, digits),
        Some('.') => point(line, at, digits),
        _ => None,
    }
    .or_else(|| {
        let value = digits.parse().ok().filter(|_| digits.len() <= 15);
        Some(Number { next: at + 1, words: plain(digits), measured: None, value, fraction: false })
    })
}

/// `1.234.567`, `2 500`, `12.500,75`
fn grouped(line: &Line<'_>, at: usize, first: &str, mark: char) -> Option<Number> {
    if first.len() > 3 || first.starts_with('0') {
        return None;
    }
    if mark == ' ' && NUMBERING.contains(&line.before(at, 1)) {
        return None;
    }
    let between = |place: usize| {
        if mark == ' ' {
            line.tokens.get(place).is_some_and(|token| token.text == " ")
        } else {
            line.mark(place) == Some(mark)
        }
    };
    let mut whole = first.to_owned();
    let mut next = at + 1;
    while between(next)
        && let Some(group) = line.digits(next + 1)
    {
        if group.len() != 3 {
            // `192.168.1.1` and `1 234 56` are no groups.
            return (mark == ' ' && whole.len() > 3 && !line.is_solid(next)).then_some(()).and(None);
        }
        whole.push_str(group);
        next += 2;
        if whole.len() > 3 * MOST_GROUPS {
            return None;
        }
    }
    if next == at + 1 {
        return None;
    }
    let mut words = cardinal(&whole);
    let mut fraction = false;
    if line.mark(next) == Some(',')
        && let Some(part) = line.digits(next + 1).filter(|part| part.len() <= 3)
        && !(line.mark(next + 2) == Some(',') && line.digits(next + 3).is_some())
    {
        words.push_str(&format!(" phẩy {}", decimals(part)));
        next += 2;
        fraction = true;
    }
    Some(Number { next, words, measured: None, value: whole.parse().ok().filter(|_| !fraction), fraction })
}

/// `3,5`; `1,234,567` and `1,000` as elsewhere in the world; `5,6,7` is a list.
fn comma(line: &Line<'_>, at: usize, whole: &str) -> Option<Number> {
    let part = line.digits(at + 2)?;
    if at > 1 && line.mark(at - 1) == Some(',') && line.digits(at - 2).is_some() {
        return None;
    }
    let more = line.mark(at + 3) == Some(',') && line.digits(at + 4).is_some();
    let grouped = whole.len() <= 3 && part.len() == 3 && !whole.starts_with('0');
    if grouped && (more || part == "000") {
        let mut digits = format!("{whole}{part}");
        let mut next = at + 3;
        while line.mark(next) == Some(',')
            && let Some(group) = line.digits(next + 1).filter(|group| group.len() == 3 && digits.len() < 15)
        {
            digits.push_str(group);
            next += 2;
        }
        return Some(Number {
            next,
            words: cardinal(&digits),
            measured: None,
            value: digits.parse().ok(),
            fraction: false,
        });
    }
    if more || part.len() > 4 || whole.len() > 12 || (whole.len() == 4 && part.len() == 4) {
        return None;
    }
    let words = format!("{} phẩy {}", plain(whole), decimals(part));
    Some(Number { next: at + 3, words, measured: None, value: None, fraction: true })
}

/// `3.5`, `1.1.2`: a section's number, or a decimal where a unit follows.
fn point(line: &Line<'_>, at: usize, whole: &str) -> Option<Number> {
    let mut words = plain(whole);
    let mut next = at + 1;
    let mut parts = 0;
    let mut last = "";
    while line.mark(next) == Some('.')
        && let Some(part) = line.digits(next + 1)
        && parts < 12
    {
        words.push_str(&format!(" chấm {}", plain(part)));
        last = part;
        parts += 1;
        next += 2;
    }
    if parts == 0 {
        return None;
    }
    let measured = (parts == 1).then(|| format!("{} phẩy {}", plain(whole), decimals(last)));
    Some(Number { next, words, measured, value: None, fraction: true })
}

/// `3x4`: the letter stands between two numbers.
fn is_times(line: &Line<'_>, at: usize) -> bool {
    line.lower(at) == "x" && line.digits(line.skip(at + 1)).is_some()
}

/// `30'`, which is no quotation that ends.
fn minutes(line: &Line<'_>, at: usize, number: &Number) -> Option<Said> {
    let short = number.value.is_some_and(|value| value <= 180);
    let quoted = at > 0 && line.mark(at - 1) == Some('\'');
    (line.mark(number.next) == Some('\'') && short && !quoted && !line.is_solid(number.next + 1))
        .then(|| Said::new(number.next + 1, "phút"))
}

/// A number that measures nothing: `thứ 4`, `tháng 4`.
fn place<'a>(line: &Line<'_>, at: usize, number: &'a Number) -> std::borrow::Cow<'a, str> {
    match (line.before(at, 1), number.value) {
        ("thứ", Some(value)) => ordinal(value, true).into(),
        ("tháng", Some(value @ 1..=12)) => ordinal(value, false).into(),
        _ => number.words.as_str().into(),
    }
}

/// `-15 m`: up to another number, or times others. Three and more numbers with hyphens are a row.
fn until(line: &Line<'_>, at: usize, first: &Number) -> Option<Said> {
    let sign = line.skip(at);
    if line.mark(sign) != Some('-') {
        return times(line, at);
    }
    let start = line.skip(sign + 1);
    let second = number(line, start)?;
    // `2021- 2025` is one of years; with other numbers such a hyphen is a dash.
    let year = |number: &Number| number.value.is_some_and(|value| (1900..2200).contains(&value));
    if (start > sign + 1) != (sign > at) && !(year(first) && year(&second)) {
        return None;
    }
    let measure = unit::after(line, second.next);
    if measure.is_none() && line.word(second.next).is_some() {
        return None;
    }
    let next = measure.as_ref().map_or(second.next, |measure| measure.next);
    let words = if measure.is_some() { second.measured() } else { &second.words };
    let unit = measure.as_ref().map(|measure| format!(" {}", measure.words)).unwrap_or_default();
    if line.mark(next) == Some('-') && line.is_solid(next + 1) {
        return None;
    }
    let rises = match (first.value, second.value) {
        (Some(first), Some(second)) => first < second,
        _ => true,
    };
    let score = line.near(start, 6, &["tỷ", "tỉ", "thắng", "thua", "hòa"])
        && measure.is_none()
        && first.value.is_some_and(|value| value < 20);
    let link = if rises && !score { "đến " } else { "" };
    Some(Said::new(next, format!("{link}{words}{unit}")))
}

/// `x 4 m`, `×3×5`: the sides of something, four at most.
fn times(line: &Line<'_>, at: usize) -> Option<Said> {
    let mut words = String::new();
    let mut next = at;
    for _ in 0..4 {
        let sign = line.skip(next);
        if !is_times(line, sign) && !matches!(line.mark(sign), Some('×' | '*')) {
            break;
        }
        let Some(side) = number(line, line.skip(sign + 1)) else { break };
        let measure = unit::after(line, side.next);
        words.push_str(&format!(" nhân {}", if measure.is_some() { side.measured() } else { &side.words }));
        next = side.next;
        if let Some(measure) = measure {
            words.push_str(&format!(" {}", measure.words));
            next = measure.next;
        }
    }
    (next > at).then(|| Said::new(next, words.trim_start()))
}

/// `3/4`, `12/15`, `24/7`, `1:1000`
fn ratio(line: &Line<'_>, at: usize, first: &Number) -> Option<Said> {
    let mark = line.mark(first.next).filter(|mark| matches!(mark, '/' | ':'))?;
    if first.fraction || line.digits(first.next + 1).is_none() || line.is_glued(at) {
        return None;
    }
    if line.digits(at) == Some("24")
        && mark == '/'
        && line.digits(first.next + 1) == Some("7")
        && !line.is_solid(first.next + 2)
    {
        return Some(Said::new(first.next + 2, "hai mươi bốn giờ mỗi ngày, bảy ngày mỗi tuần"));
    }
    let second = number(line, first.next + 1)?;
    let house = line.near(at, 2, &["nhà", "hẻm", "ngõ", "kiệt", "ngách", "đường", "thửa", "lô"]);
    let part = matches!((first.value, second.value), (Some(top), Some(bottom @ 2..=10)) if top < bottom);
    let score = mark == ':'
        && line.near(at, 3, &["tỷ", "tỉ", "thắng", "thua", "hòa"])
        && second.value.is_some_and(|value| value < 20);
    let more = line.mark(second.next) == Some('/') && line.digits(second.next + 1).is_some();
    let link = match mark {
        '/' if house => "xuyệt",
        '/' if part && !more => "phần",
        ':' if score => "",
        _ => "trên",
    };
    let bottom = if link == "phần" && second.value == Some(4) { "tư".to_owned() } else { second.words };
    let mut words = format!("{} {link} {bottom}", first.words).replace("  ", " ");
    let mut next = second.next;
    let mut parts = 0;
    while line.mark(next) == Some('/')
        && let Some(digits) = line.digits(next + 1)
        && parts < 6
    {
        words.push_str(&format!(" {} {}", if house { "xuyệt" } else { "trên" }, plain(digits)));
        next += 2;
        parts += 1;
    }
    // `24/24h`, `12/15 m`
    if let Some(unit) = unit::after(line, next) {
        return Some(Said::new(unit.next, format!("{words} {}", unit.words)));
    }
    if line.word(next).is_some() {
        // `12/5A Lê Lợi`
        let letter = line.word(next).filter(|word| word.chars().count() == 1)?;
        words = format!("{words} {}", super::letters::name(letter.to_lowercase().chars().next()?));
        next += 1;
    }
    Some(Said::new(next, words))
}

/// `18.5N`, `108,3E` without a sign for degrees.
fn coordinate(line: &Line<'_>, number: &Number) -> Option<Said> {
    if !number.fraction {
        return None;
    }
    let side = match line.word(number.next)? {
        "N" | "B" => "vĩ bắc",
        "E" | "Đ" => "kinh đông",
        "S" => "vĩ nam",
        "W" => "kinh tây",
        _ => return None,
    };
    let said = number.measured();
    Some(Said::new(number.next + 1, format!("{said} độ {side}")))
}

/// `$50`, `€50`: the currency before the number.
pub(super) fn currency(line: &Line<'_>, at: usize) -> Option<Said> {
    let name = match line.mark(at)? {
        '$' => "đô la",
        '€' => "ơ rô",
        '£' => "bảng anh",
        '¥' => "yên",
        _ => return None,
    };
    let number = number(line, at + 1)?;
    Some(Said::new(number.next, format!("{} {name}", number.measured())))
}

/// A number no other rule took: digit by digit if letters follow, so that nothing is left unsaid.
pub(super) fn last_resort(line: &Line<'_>, at: usize) -> Option<Said> {
    let digits = line.digits(at)?;
    Some(Said::new(at + 1, if digits.len() > 4 { one_by_one(digits) } else { plain(digits) }))
}
