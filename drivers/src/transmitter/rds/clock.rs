//! The time of day in RDS: coordinated time with the local offset in half hours; and whether it may be said at all.

use super::group::Group;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Viet Nam is 14 half hours before coordinated time.
pub const OFFSET_HALF_HOURS: u8 = 14;

const DAY_S: u64 = 86_400;
/// Modified Julian Day of 1970-01-01.
const EPOCH_MJD: u64 = 40_587;

/// The machine's wall clock, and whether anybody vouches for it: receivers set themselves by what is sent.
#[derive(Clone, Debug, Default)]
pub struct WallClock(Arc<AtomicBool>);

impl WallClock {
    /// Says whether the wall clock can be believed; nobody vouches for it until then.
    pub fn vouch(&self, trusted: bool) {
        self.0.store(trusted, Ordering::Relaxed);
    }

    /// Coordinated time; `None`: nobody vouches for it.
    pub fn now(&self) -> Option<Moment> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        self.0
            .load(Ordering::Relaxed)
            .then_some(Moment { unix_s: since.as_secs(), centisecond: (since.subsec_millis() / 10) as u8 })
    }
}

/// A moment, in coordinated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub unix_s: u64,
    /// Hundredths of a second, 0–99.
    pub centisecond: u8,
}

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: u64,
    /// Month, 1–12.
    pub month: u8,
    /// Day, 1–31.
    pub day: u8,
    /// Hour, 0–23.
    pub hour: u8,
    /// Minute, 0–59.
    pub minute: u8,
    /// Second, 0–59.
    pub second: u8,
}

impl Moment {
    /// A whole second.
    pub fn at(unix_s: u64) -> Self {
        Self { unix_s, centisecond: 0 }
    }

    /// Its date and time, that many half hours before coordinated time.
    pub fn civil(self, half_hours: u8) -> Civil {
        let local = self.unix_s + u64::from(half_hours) * 1800;
        let (days, second) = (local / DAY_S, local % DAY_S);
        // Days to date in the proleptic Gregorian calendar, years counted from March (H. Hinnant, "days_from_civil").
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        Civil {
            year: year + era * 400 + u64::from(month <= 2),
            month: month as u8,
            day: (of_year - (153 * march + 2) / 5 + 1) as u8,
            hour: (second / 3600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
        }
    }

    /// The group 4A that says it.
    pub fn group(self, half_hours: u8) -> Group {
        let day = EPOCH_MJD + self.unix_s / DAY_S;
        let (hour, minute) = (self.unix_s / 3600 % 24, self.unix_s / 60 % 60);
        Group {
            kind: (4, false),
            low5: (day >> 15 & 0x03) as u8,
            block3: ((day & 0x7FFF) << 1 | hour >> 4) as u16,
            block4: ((hour & 0x0F) << 12 | minute << 6) as u16 | u16::from(half_hours & 0x1F),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_group_of_the_golden_file_is_ours() {
        // 2026-11-21 11:30 UTC, 18:30 in Viet Nam, as two independent decoders read it.
        let moment = Moment::at(1_795_260_600);
        assert_eq!(
            moment.group(OFFSET_HALF_HOURS),
            Group { kind: (4, false), low5: 1, block3: 0xDF6A, block4: 0xB78E }
        );
        let local = moment.civil(OFFSET_HALF_HOURS);
        let expected = Civil { year: 2026, month: 11, day: 21, hour: 18, minute: 30, second: 0 };
        assert_eq!(local, expected);
    }

    #[test]
    fn dates_turn_where_they_should() {
        let date = |unix_s, half| {
            let c = Moment::at(unix_s).civil(half);
            (c.year, c.month, c.day, c.hour, c.minute, c.second)
        };
        assert_eq!(date(0, 0), (1970, 1, 1, 0, 0, 0));
        assert_eq!(date(951_782_399, 0), (2000, 2, 28, 23, 59, 59));
        assert_eq!(date(951_782_400, 0), (2000, 2, 29, 0, 0, 0));
        assert_eq!(date(1_798_736_399, 14), (2026, 12, 31, 23, 59, 59));
        assert_eq!(date(1_798_736_400, 14), (2027, 1, 1, 0, 0, 0));
    }

    #[test]
    fn a_clock_nobody_vouches_for_says_nothing() {
        let clock = WallClock::default();
        assert_eq!(clock.now(), None);
        clock.clone().vouch(true);
        assert!(clock.now().is_some_and(|now| now.unix_s > 1_700_000_000));
    }
}
