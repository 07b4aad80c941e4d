//! Told time: a monotonic clock that always runs, a wall clock that may be unknown, and the civil time of Viet Nam.

mod holidays;

pub use holidays::{CERTAIN, holiday};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Milliseconds since power-on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// This much later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` until now; 0 if it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(pub i64);

/// What time it is, as the shell tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Always known.
    pub mono: Mono,
    /// Known only where NTP, a battery RTC, GNSS or RDS CT vouches for it since power-on.
    pub wall: Option<Wall>,
}

/// Viet Nam has one offset and no daylight saving time.
const VIET_NAM: Offset = Offset::constant(7);

impl Wall {
    /// From whole seconds since 1970; saturates.
    pub fn from_unix_s(s: i64) -> Self {
        Self(s.saturating_mul(1000))
    }

    /// Whole seconds since 1970.
    pub fn unix_s(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// From RFC 3339 text with an offset.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Date and time of day in Viet Nam.
    pub fn local(self) -> (Date, Time) {
        let at = VIET_NAM.to_datetime(self.timestamp());
        (at.date(), at.time())
    }

    /// RFC 3339 with the offset of Viet Nam, whole milliseconds.
    pub fn rfc3339(self) -> String {
        let (date, time) = self.local();
        format!("{date}T{:02}:{:02}:{:02}.{:03}+07:00", time.hour(), time.minute(), time.second(), time.millisecond())
    }

    /// The moment of a local date and second of day.
    pub fn at_local(date: Date, second_of_day: u32) -> Option<Self> {
        let midnight = VIET_NAM.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(Self(midnight.as_millisecond()).plus(i64::from(second_of_day) * 1000))
    }

    /// Seconds since local midnight.
    pub fn second_of_day(self) -> u32 {
        let (_, time) = self.local();
        (i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second())).unsigned_abs()
    }
}

/// The day after.
pub fn tomorrow(date: Date) -> Option<Date> {
    date.checked_add(Span::new().days(1)).ok()
}

/// The day before.
pub fn yesterday(date: Date) -> Option<Date> {
    date.checked_sub(Span::new().days(1)).ok()
}

/// `mon` … `sun`, as the wire names weekdays.
pub fn weekday_name(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

/// `05:30` or `05:30:10` as a second of the day.
pub fn parse_time_of_day(text: &str) -> Option<u32> {
    let mut parts = text.split(':').map(|p| (p.len() == 2).then(|| p.parse::<u32>().ok()).flatten());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        None => 0,
        Some(s) => s?,
    };
    (hour < 24 && minute < 60 && second < 60 && parts.next().is_none()).then_some(hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_is_seven_hours_ahead_and_has_no_summer() {
        let wall = Wall::parse("2026-06-30T17:00:00Z").expect("valid");
        assert_eq!(wall.rfc3339(), "2026-07-01T00:00:00.000+07:00");
        assert_eq!(wall.second_of_day(), 0);
        let (date, _) = wall.local();
        assert_eq!(weekday_name(date), "wed");
        assert_eq!(Wall::at_local(date, 0), Some(wall));
        assert_eq!(tomorrow(date).map(weekday_name), Some("thu"));
    }

    #[test]
    fn times_of_day_are_two_digits_each() {
        assert_eq!(parse_time_of_day("05:30"), Some(19_800));
        assert_eq!(parse_time_of_day("23:59:59"), Some(86_399));
        for bad in ["5:30", "24:00", "12:60", "12", "12:00:00:00", "ab:cd", "", "05:30:"] {
            assert_eq!(parse_time_of_day(bad), None, "{bad}");
        }
    }
}
