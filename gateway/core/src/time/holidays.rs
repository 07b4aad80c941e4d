//! Public holidays of Viet Nam (Labour Code 2019, article 112), lunar ones as a table for the years that are certain.

use jiff::civil::Date;

/// First and last year whose lunar holidays are in the table.
pub const CERTAIN: std::ops::RangeInclusive<i16> = 2025..=2031;

/// Year, month, day.
type Written = (i16, i8, i8);

/// First day of the lunar year, and the tenth of its third month, both by the calendar of Viet Nam (UTC+7), which is
/// not always that of China: in 2030 the year begins a day earlier here.
const LUNAR: [(Written, Written); 7] = [
    ((2025, 1, 29), (2025, 4, 7)),
    ((2026, 2, 17), (2026, 4, 26)),
    ((2027, 2, 6), (2027, 4, 16)),
    ((2028, 1, 26), (2028, 4, 4)),
    ((2029, 2, 13), (2029, 4, 23)),
    ((2030, 2, 2), (2030, 4, 12)),
    ((2031, 1, 23), (2031, 4, 1)),
];

/// The name of a public holiday, in Vietnamese. Of Tết the five days from its eve on are counted, of National Day the
/// second of September alone: the days beside them are chosen anew by the Government every year, and so are days off
/// that make up for a Sunday.
pub fn holiday(day: Date) -> Option<&'static str> {
    match (day.month(), day.day()) {
        (1, 1) => return Some("Tết Dương lịch"),
        (4, 30) => return Some("Ngày Chiến thắng"),
        (5, 1) => return Some("Ngày Quốc tế Lao động"),
        (9, 2) => return Some("Quốc khánh"),
        _ => {}
    }
    let is = |(year, month, number): Written, after: i64| {
        Date::new(year, month, number).ok().and_then(|d| d.checked_add(jiff::Span::new().days(after)).ok()) == Some(day)
    };
    LUNAR.iter().find_map(|(new_year, kings)| match () {
        () if is(*kings, 0) => Some("Giỗ Tổ Hùng Vương"),
        () if (-1..=3).any(|after| is(*new_year, after)) => Some("Tết Nguyên đán"),
        () => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the Python package `holidays` 0.97 (`holidays.VN(years=range(2025, 2032))`) says of the same days.
    #[test]
    fn lunar_holidays_are_those_of_an_independent_table() {
        let text = |day: &str| holiday(day.parse().expect("a date"));
        for eve in ["2025-01-28", "2026-02-16", "2027-02-05", "2028-01-25", "2029-02-12", "2030-02-01", "2031-01-22"] {
            assert_eq!(text(eve), Some("Tết Nguyên đán"), "{eve}");
        }
        for last in ["2025-02-01", "2026-02-20", "2027-02-09", "2028-01-29", "2029-02-16", "2030-02-05", "2031-01-26"] {
            assert_eq!(text(last), Some("Tết Nguyên đán"), "{last}");
            let next = last.parse::<Date>().expect("a date").tomorrow().expect("a day");
            assert_eq!(holiday(next), None, "{next}");
        }
        for kings in ["2025-04-07", "2026-04-26", "2027-04-16", "2028-04-04", "2029-04-23", "2030-04-12", "2031-04-01"]
        {
            assert_eq!(text(kings), Some("Giỗ Tổ Hùng Vương"), "{kings}");
        }
        assert_eq!(text("2026-09-02"), Some("Quốc khánh"));
        assert_eq!(text("2026-09-03"), None);
        assert_eq!(text("2040-02-12"), None, "what is not in the table is not guessed");
        assert_eq!(text("2040-04-30"), Some("Ngày Chiến thắng"));
    }
}
