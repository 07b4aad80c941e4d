//! Numbers as words, the Northern way: `linh`, `mốt`, `tư`, `lăm`, `nghìn`.

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
/// Longer rows of digits are said one by one.
const LONGEST: usize = 15;

/// A row of digits as a count; with more than 15 of them, one by one.
pub(super) fn cardinal(digits: &str) -> String {
    let bare = digits.trim_start_matches('0');
    if bare.is_empty() {
        return DIGITS[0].to_owned();
    }
    match bare.parse() {
        Ok(value) if bare.len() <= LONGEST => count(value),
        _ => one_by_one(digits),
    }
}

/// A whole number as a count.
pub(super) fn count(value: u64) -> String {
    let mut words = Words(String::new());
    if value == 0 {
        words.push(DIGITS[0]);
    }
    words.billions(value, false);
    words.0
}

/// A row of digits as it is written: `05` is five, `007` is zero zero seven.
pub(super) fn plain(digits: &str) -> String {
    if digits.len() > 2 && digits.starts_with('0') || digits == "00" { one_by_one(digits) } else { cardinal(digits) }
}

/// Each digit by itself; anything else is left out.
pub(super) fn one_by_one(digits: &str) -> String {
    let mut words = Words(String::new());
    for digit in digits.chars().filter_map(|digit| digit.to_digit(10)) {
        words.digit(u64::from(digit));
    }
    words.0
}

/// What follows the decimal comma: two digits as a number, more one by one, as a radio announcer does.
pub(super) fn decimals(digits: &str) -> String {
    if digits.len() == 2 && !digits.starts_with('0') { cardinal(digits) } else { one_by_one(digits) }
}

/// A place in an order, after `thứ` or `tháng`: the fourth is `tư`, and after `thứ` the first is `nhất`.
pub(super) fn ordinal(value: u64, first: bool) -> String {
    match value {
        1 if first => "nhất".to_owned(),
        4 => "tư".to_owned(),
        value => count(value),
    }
}

struct Words(String);

impl Words {
    fn push(&mut self, word: &str) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
    }

    fn digit(&mut self, digit: u64) {
        self.push(usize::try_from(digit).ok().and_then(|digit| DIGITS.get(digit)).copied().unwrap_or_default());
    }

    /// `after`: something larger was said, so that a missing hundred is said too.
    fn billions(&mut self, value: u64, after: bool) {
        const BILLION: u64 = 1_000_000_000;
        if value >= BILLION {
            self.billions(value / BILLION, after);
            self.push("tỷ");
            if !value.is_multiple_of(BILLION) {
                self.millions(value % BILLION, true);
            }
        } else if value != 0 {
            self.millions(value, after);
        }
    }

    fn millions(&mut self, value: u64, mut after: bool) {
        for (size, name) in [(1_000_000, "triệu"), (1000, "nghìn"), (1, "")] {
            let group = value / size % 1000;
            if group == 0 {
                continue;
            }
            self.hundreds(group, after);
            if !name.is_empty() {
                self.push(name);
            }
            after = true;
        }
    }

    fn hundreds(&mut self, value: u64, after: bool) {
        let (hundred, ten, one) = (value / 100, value / 10 % 10, value % 10);
        let has_hundred = hundred != 0 || after;
        if has_hundred {
            self.digit(hundred);
            self.push("trăm");
        }
        match (ten, one) {
            (0, 0) => {}
            (0, one) => {
                if has_hundred {
                    self.push("linh");
                }
                self.digit(one);
            }
            (1, one) => {
                self.push("mười");
                self.units(one, false);
            }
            (ten, one) => {
                self.digit(ten);
                self.push("mươi");
                self.units(one, true);
            }
        }
    }

    /// The last digit after a ten; `many`: after twenty and more.
    fn units(&mut self, one: u64, many: bool) {
        match one {
            0 => {}
            1 if many => self.push("mốt"),
            4 if many => self.push("tư"),
            5 => self.push("lăm"),
            one => self.digit(one),
        }
    }
}
