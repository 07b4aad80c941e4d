//! Tells the core what time it is, and whether the wall clock can be believed.

use crate::config::ClockConfig;
use crate::sys;
use gateway_core::time::{Mono, Now, Wall};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A wall clock before this was never set: 2026-01-01, milliseconds since 1970.
const EARLIEST: i64 = 1_767_225_600_000;
/// A wall clock after this is not set either: 2100-01-01, milliseconds since 1970.
const LATEST: i64 = 4_102_444_800_000;
/// The clock is steered by at most 500 millionths; more than this between two looks is a jump, milliseconds.
const JUMP_MS: i64 = 1000;

/// Two words of a source must agree so well, and the wall clock with it, milliseconds.
const AGREES_MS: i64 = 2_000;

/// What others say the time is: satellites, or the time groups of a radio station. Every clock of the program hears the same witness.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness(Arc<Mutex<Word>>);

/// Who says what time it is; satellites know it better than a radio station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A GNSS receiver.
    Satellites,
    /// The time groups of a station on the air (RDS 4A).
    Radio,
}

#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// Wall time at power-on as each voice said last, milliseconds since 1970: satellites, radio.
    last: [Option<i64>; 2],
    /// The same, once two words of a voice in a row agreed, and whose they were.
    vouched: Option<(i64, Voice)>,
}

impl Witness {
    /// A source that can be trusted says the wall clock is behind by this much (ahead: negative), milliseconds.
    pub(crate) fn says(&self, voice: Voice, source: &str, offset_ms: i64) {
        let Ok(since_boot_ms) = sys::since_boot_ms() else { return };
        self.hear(voice, source, wall_ms().saturating_add(offset_ms), since_boot_ms);
    }

    fn hear(&self, voice: Voice, source: &str, wall_ms: i64, since_boot_ms: u64) {
        if !(EARLIEST..LATEST).contains(&wall_ms) {
            // A receiver that counts weeks starts anew every nineteen years.
            log::debug!(source, wall_ms; "a time that cannot be");
            return;
        }
        let at_boot = wall_ms.saturating_sub(i64::try_from(since_boot_ms).unwrap_or(i64::MAX));
        let mut word = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [satellites, radio] = &mut word.last;
        let last = match voice {
            Voice::Satellites => satellites,
            Voice::Radio => radio,
        };
        let agrees = last.replace(at_boot).is_some_and(|last| last.abs_diff(at_boot) <= AGREES_MS.unsigned_abs());
        let better = voice == Voice::Radio && matches!(word.vouched, Some((_, Voice::Satellites)));
        if agrees && !better && word.vouched.replace((at_boot, voice)).is_none() {
            log::info!(source; "the clock is vouched for");
        }
    }

    fn at_boot(&self) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).vouched.map(|(at_boot, _)| at_boot)
    }
}

/// What the kernel says of its wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel {
    /// It calls the clock unreliable (`TIME_ERROR`).
    pub(crate) error: bool,
    /// Nobody steers it (`STA_UNSYNC`).
    pub(crate) unsynchronised: bool,
}

/// One look at the clocks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    since_boot_ms: u64,
    wall_ms: i64,
    /// `None`: the kernel does not say.
    kernel: Option<Kernel>,
    /// Wall time at power-on as a witness has it.
    witness: Option<i64>,
}

/// What time it is, and what the wall clock did since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// For the core.
    pub(crate) now: Now,
    /// How far the wall clock was put forward (or back: negative) since the last look, milliseconds; 0: it ran on.
    pub(crate) jumped_ms: i64,
}

/// The clocks of this machine.
#[derive(Debug)]
pub(crate) struct Clock {
    judge: Judge,
    witness: Witness,
    /// For a kernel without `CLOCK_BOOTTIME`.
    started: Instant,
}

impl Clock {
    /// The clocks, believed as far as the configuration allows.
    pub(crate) fn new(mut config: ClockConfig, witness: Witness) -> Self {
        if config.battery_rtc && sys::rtc_lost_time() {
            log::warn!("the clock chip says that its battery failed: it is not believed");
            config.battery_rtc = false;
        }
        Self { judge: Judge::new(config), witness, started: Instant::now() }
    }

    /// Who else may vouch for it.
    pub(crate) fn witness(&self) -> Witness {
        self.witness.clone()
    }

    /// Looks at the clocks. The monotonic one counts from power-on and runs on while the machine sleeps.
    pub(crate) fn tell(&mut self) -> Told {
        let since_boot_ms = sys::since_boot_ms().unwrap_or_else(|error| {
            log::debug!(error:%; "no clock that runs on in sleep");
            u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
        });
        let kernel =
            sys::kernel_clock().inspect_err(|error| log::debug!(error:%; "the kernel does not judge its clock"));
        self.judge.look(Look {
            since_boot_ms,
            wall_ms: wall_ms(),
            kernel: kernel.ok(),
            witness: self.witness.at_boot(),
        })
    }
}

fn wall_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// Decides from looks; asks nothing itself.
///
/// ```text
///   untrusted ─ NTP steers the clock, or GNSS, a radio station, the battery or the operator vouches, and the year can be ─▶ trusted
///       ▲                                                                                                     │
///       └───────────────── the year cannot be ────────────────────────────────────────────────────────────────┘
/// ```
/// An NTP server that falls away later does not take the trust back: the clock was right and runs on. GNSS says more than
/// that the clock is right: where nobody steers the clock and it is wrong, the time is that of GNSS.
#[derive(Debug)]
struct Judge {
    config: ClockConfig,
    synchronised_once: bool,
    last: Option<Look>,
    latest_mono: u64,
}

impl Judge {
    fn new(config: ClockConfig) -> Self {
        Self { config, synchronised_once: false, last: None, latest_mono: 0 }
    }

    fn look(&mut self, look: Look) -> Told {
        self.synchronised_once |= look.kernel.is_some_and(|k| !k.error && !k.unsynchronised);
        let steered = look.kernel.is_some_and(|k| !k.error && !k.unsynchronised);
        let since_boot = i64::try_from(look.since_boot_ms).unwrap_or(i64::MAX);
        let witness = look.witness.filter(|_| !steered).map(|at_boot| at_boot.saturating_add(since_boot));
        let vouched =
            self.config.vouched || self.config.battery_rtc || self.synchronised_once || look.witness.is_some();
        let wall_ms = witness.filter(|w| w.abs_diff(look.wall_ms) > AGREES_MS.unsigned_abs()).unwrap_or(look.wall_ms);
        let trusted = vouched && (EARLIEST..LATEST).contains(&wall_ms);
        let offset = |l: Look| l.wall_ms.saturating_sub(i64::try_from(l.since_boot_ms).unwrap_or(i64::MAX));
        let moved = self.last.map_or(0, |last| offset(look).saturating_sub(offset(last)));
        self.last = Some(look);
        self.latest_mono = self.latest_mono.max(look.since_boot_ms);
        Told {
            now: Now { mono: Mono(self.latest_mono), wall: trusted.then_some(Wall(wall_ms)) },
            jumped_ms: if moved.abs() > JUMP_MS { moved } else { 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEERED: Option<Kernel> = Some(Kernel { error: false, unsynchronised: false });
    const FREE: Option<Kernel> = Some(Kernel { error: true, unsynchronised: true });
    const IN_2026: i64 = 1_790_000_000_000;

    fn look(since_boot_ms: u64, wall_ms: i64, kernel: Option<Kernel>) -> Look {
        Look { since_boot_ms, wall_ms, kernel, witness: None }
    }

    fn judge(battery_rtc: bool, vouched: bool) -> Judge {
        Judge::new(ClockConfig { battery_rtc, vouched })
    }

    #[test]
    fn a_clock_nobody_steers_is_not_believed() {
        let mut judge = judge(false, false);
        assert_eq!(judge.look(look(5, IN_2026, FREE)).now, Now { mono: Mono(5), wall: None });
        assert_eq!(judge.look(look(6, IN_2026, None)).now.wall, None, "a kernel that does not say is no voucher");
        for half in [(true, false), (false, true)] {
            let kernel = Some(Kernel { error: half.0, unsynchronised: half.1 });
            assert_eq!(judge.look(look(7, IN_2026, kernel)).now.wall, None, "{half:?}");
        }
    }

    #[test]
    fn ntp_once_is_enough() {
        let mut judge = judge(false, false);
        assert_eq!(judge.look(look(5, IN_2026, STEERED)).now.wall, Some(Wall(IN_2026)));
        assert_eq!(judge.look(look(6, IN_2026 + 1, FREE)).now.wall, Some(Wall(IN_2026 + 1)));
    }

    #[test]
    fn a_battery_or_the_operator_vouches_unless_the_year_cannot_be() {
        for (battery, operator) in [(true, false), (false, true)] {
            let mut judge = judge(battery, operator);
            assert_eq!(judge.look(look(5, IN_2026, FREE)).now.wall, Some(Wall(IN_2026)));
            assert_eq!(judge.look(look(6, 946_684_800_000, FREE)).now.wall, None, "2000: the battery is empty");
            assert_eq!(judge.look(look(7, EARLIEST - 1, STEERED)).now.wall, None);
            assert_eq!(judge.look(look(8, LATEST, FREE)).now.wall, None);
            assert_eq!(judge.look(look(9, EARLIEST, FREE)).now.wall, Some(Wall(EARLIEST)));
        }
    }

    #[test]
    fn a_witness_must_say_it_twice_and_is_then_believed_before_a_wrong_clock() {
        let (witness, mut judge) = (Witness::default(), judge(false, false));
        let at = |since_boot_ms, wall_ms, kernel| Look {
            witness: witness.at_boot(),
            ..look(since_boot_ms, wall_ms, kernel)
        };
        let false_clock = IN_2026 - 86_400_000;
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 10_000, 10_000);
        assert_eq!(judge.look(at(10_000, false_clock + 10_000, FREE)).now.wall, None, "one word is none");
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 500_000, 20_000);
        assert_eq!(judge.look(at(20_000, false_clock + 20_000, FREE)).now.wall, None, "two that disagree neither");
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 30_000, 30_000);
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 40_300, 40_000);
        let told = judge.look(at(50_000, false_clock + 50_000, FREE));
        assert_eq!((told.now.wall, told.jumped_ms), (Some(Wall(IN_2026 + 50_300)), 0));
        let told = judge.look(at(60_000, IN_2026 + 61_000, FREE));
        assert_eq!(told.now.wall, Some(Wall(IN_2026 + 61_000)), "a clock that is right runs on by itself");
        let told = judge.look(at(70_000, IN_2026 + 90_000, STEERED));
        assert_eq!(told.now.wall, Some(Wall(IN_2026 + 90_000)), "NTP knows better");
    }

    #[test]
    fn a_radio_station_is_heard_where_no_satellite_has_spoken() {
        let witness = Witness::default();
        let radio = |wall_ms, since_boot_ms| witness.hear(Voice::Radio, "vov1", wall_ms, since_boot_ms);
        radio(IN_2026 + 60_000, 60_000);
        assert_eq!(witness.at_boot(), None, "one word is none");
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 90_000, 60_500);
        assert_eq!(witness.at_boot(), None, "nor are one of each");
        radio(IN_2026 + 120_400, 120_000);
        assert_eq!(witness.at_boot(), Some(IN_2026 + 400));
        witness.hear(Voice::Satellites, "gnss", IN_2026 + 150_100, 120_500);
        assert_eq!(witness.at_boot(), Some(IN_2026 + 29_600), "satellites know better");
        radio(IN_2026 + 180_000, 180_000);
        radio(IN_2026 + 240_000, 240_000);
        assert_eq!(witness.at_boot(), Some(IN_2026 + 29_600));
    }

    #[test]
    fn a_witness_of_another_age_is_not_heard() {
        let witness = Witness::default();
        for _ in 0..3 {
            witness.hear(Voice::Satellites, "gnss", IN_2026 - 1024 * 7 * 86_400_000, 10_000);
        }
        assert_eq!(witness.at_boot(), None);
    }

    #[test]
    fn a_jump_of_the_wall_clock_is_told_once_and_steering_is_none() {
        let mut judge = judge(false, true);
        assert_eq!(judge.look(look(1000, 0, FREE)).jumped_ms, 0, "the first look has nothing to compare with");
        assert_eq!(judge.look(look(2000, 1000, FREE)).jumped_ms, 0);
        assert_eq!(judge.look(look(3000, IN_2026 + 2000, FREE)).jumped_ms, IN_2026, "NTP sets the clock");
        assert_eq!(judge.look(look(4000, IN_2026 + 3000, FREE)).jumped_ms, 0);
        assert_eq!(judge.look(look(1_004_000, IN_2026 + 1_003_500, FREE)).jumped_ms, 0, "steered 500 ms in 1000 s");
        assert_eq!(judge.look(look(1_005_000, IN_2026 - 1_000_000, FREE)).jumped_ms, -2_004_500);
    }

    #[test]
    fn the_monotonic_clock_never_goes_back() {
        let mut judge = judge(false, false);
        assert_eq!(judge.look(look(10, 0, None)).now.mono, Mono(10));
        assert_eq!(judge.look(look(9, 0, None)).now.mono, Mono(10));
        assert_eq!(judge.look(look(11, i64::MIN, None)).now.mono, Mono(11));
    }

    #[test]
    fn the_machine_has_clocks() {
        let uptime = std::fs::read_to_string("/proc/uptime").expect("Linux");
        let uptime: f64 = uptime.split(' ').next().and_then(|s| s.parse().ok()).expect("seconds");
        let mut clock = Clock::new(ClockConfig { battery_rtc: false, vouched: true }, Witness::default());
        let (first, second) = (clock.tell().now, clock.tell().now);
        assert!(first.mono.0 + 1000 >= (uptime * 1000.0) as u64, "{first:?} {uptime}");
        assert!(second.mono >= first.mono);
        assert!(first.wall.is_some(), "this machine lives after 2025");
        assert!(sys::kernel_clock().is_ok());
    }
}
