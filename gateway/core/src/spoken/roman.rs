//! Roman numerals, and when letters are one.

use super::number::{count, ordinal};
use super::tokens::{Line, Said};

/// Words a Roman numeral may follow.
const BEFORE: [&str; 35] = [
    "khóa", "kỷ", "cấp", "quý", "chương", "phần", "mục", "thứ", "hội", "độ", "loại", "hạng", "nhóm", "vùng", "khu",
    "vực", "bậc", "động", "bđ", "mức", "kỳ", "lục", "đoạn", "đợt", "tập", "ro", "lần", "đoàn", "tiểu", "pha", "số",
    "đến", "và", "quân", "phụ",
];
/// Of these, those after which one letter may be one: the others are too often followed by a name or an initial.
const LOOSE: [&str; 5] = ["số", "đến", "và", "hội", "đoàn"];

/// Reads `IV` where it means four.
pub(super) fn roman(line: &Line<'_>, at: usize) -> Option<Said> {
    let word = line.word(at)?;
    let value = value(word)?;
    if line.is_glued(at) || line.digits(at + 1).is_some() {
        return None;
    }
    let before = line.before(at, 1);
    let expected = BEFORE.contains(&before) && (word.len() > 1 || !LOOSE.contains(&before));
    let small = word.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X'));
    let alone = word.len() > 1 && small && !line.shouting;
    let heading = at == 0 && small && matches!(line.mark(at + 1), Some('.' | ')' | ','));
    if !(expected && (small || word.len() > 1) || alone || heading) {
        return None;
    }
    let words = if before == "thứ" { ordinal(value, true) } else { count(value) };
    // `quý III/2026`, `quý II năm 2026`
    if line.mark(at + 1) == Some('/')
        && let Some(year) = line.digits(at + 2).filter(|year| year.len() == 4)
    {
        return Some(Said::new(at + 3, format!("{words} năm {}", super::number::cardinal(year))));
    }
    // `I-III`, `II - IV`
    let dash = line.skip(at + 1);
    if expected && line.mark(dash) == Some('-') {
        let end = line.skip(dash + 1);
        if let Some(last) = line.word(end).and_then(self::value) {
            return Some(Said::new(end + 1, format!("{words} đến {}", count(last))));
        }
    }
    Some(Said::new(at + 1, words))
}

/// What each sign is worth, and each pair that is subtracted.
const SIGNS: [(&str, u64); 13] = [
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
];

/// The value of a Roman numeral written the one right way, up to 3999.
pub(super) fn value(word: &str) -> Option<u64> {
    if word.is_empty() || word.len() > 15 {
        return None;
    }
    let mut rest = word;
    let mut value = 0;
    for (sign, worth) in SIGNS {
        let most = if sign.len() == 2 || matches!(sign, "D" | "L" | "V") { 1 } else { 3 };
        for _ in 0..most {
            if let Some(less) = rest.strip_prefix(sign) {
                rest = less;
                value += worth;
            }
        }
    }
    (rest.is_empty() && canonical(value) == word).then_some(value)
}

fn canonical(mut value: u64) -> String {
    let mut word = String::new();
    for (sign, worth) in SIGNS {
        while value >= worth {
            word.push_str(sign);
            value -= worth;
        }
    }
    word
}
