//! Loudspeakers that are called begin together: whoever has answered waits a moment for those that are still being called,
//! and then all of them send the same packet of the common grid first.
//!
//! ```text
//!         called for            answered             nobody is waited for any more
//!  Away ─────────────▶ Called ───────────▶ Answered ──────────────────────────────▶ Off(moment)
//!    ▲                                                                                  │
//!    └──────────────────────────── not wanted, or the call is lost ─────────────────────┘
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One that has answered waits for the others so long at most: with an emergency, and with anything else.
const WAITS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_millis(1500));
/// Those called for within so long of each other belong together.
const TOGETHER: Duration = Duration::from_millis(500);
/// From the decision to the first packet, where several wait: time for every thread to learn of it.
const AHEAD: Duration = Duration::from_millis(40);
/// Whoever waits looks so often whether it is time.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Away,
    /// It is being called, since then; whether it is worth waiting for: it has answered something before.
    Called {
        since: Instant,
        worth: bool,
    },
    /// It could speak since `at`.
    Answered {
        since: Instant,
        at: Instant,
    },
    /// It speaks from this moment on.
    Off(Instant),
}

/// All loudspeakers that are called by this program.
#[derive(Clone, Debug, Default)]
pub(super) struct Muster(Arc<Mutex<Company>>);

#[derive(Debug, Default)]
struct Company {
    next: u64,
    phases: BTreeMap<u64, Phase>,
}

/// One of them; it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    muster: Muster,
    number: u64,
}

impl Muster {
    /// The one of this program.
    pub(super) fn common() -> Self {
        static COMMON: std::sync::OnceLock<Muster> = std::sync::OnceLock::new();
        COMMON.get_or_init(Self::default).clone()
    }

    /// A place among them.
    pub(super) fn join(&self) -> Place {
        let mut company = self.lock();
        let number = company.next;
        company.next += 1;
        company.phases.insert(number, Phase::Away);
        drop(company);
        Place { muster: self.clone(), number }
    }

    /// Held for microseconds.
    fn lock(&self) -> MutexGuard<'_, Company> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It is called for at `now`. One that never answered anything is not waited for.
    pub(super) fn call(&self, worth: bool, now: Instant) {
        let mut company = self.muster.lock();
        let Some(phase) = company.phases.get_mut(&self.number) else { return };
        *phase = match *phase {
            Phase::Called { since, .. } => Phase::Called { since, worth },
            Phase::Away | Phase::Answered { .. } | Phase::Off(_) => Phase::Called { since: now, worth },
        };
    }

    /// It is not called for any more.
    pub(super) fn leave(&self) {
        self.muster.lock().phases.insert(self.number, Phase::Away);
    }

    /// It has answered, and could speak. `Ok`: it speaks from this moment on; `Err`: ask again then.
    pub(super) fn answered(&self, urgent: bool, now: Instant) -> Result<Instant, Instant> {
        let mut company = self.muster.lock();
        let (since, at) = match company.phases.get(&self.number) {
            Some(Phase::Off(moment)) if now + LOOK >= *moment => return Ok(*moment),
            Some(Phase::Off(moment)) => return Err(*moment),
            Some(Phase::Called { since, .. }) => (*since, now),
            Some(Phase::Answered { since, at }) => (*since, *at),
            // It was never called for: it stood all along.
            Some(Phase::Away) | None => (now, now),
        };
        company.phases.insert(self.number, Phase::Answered { since, at });
        let waits = if urgent { WAITS.0 } else { WAITS.1 };
        let mine = |other: &Instant| other.max(&since).saturating_duration_since(*other.min(&since)) <= TOGETHER;
        let missing = company.phases.values().any(|p| matches!(p, Phase::Called { since, worth: true } if mine(since)));
        if missing && now.saturating_duration_since(at) < waits {
            return Err(now + LOOK);
        }
        let waiting = |phase: &Phase| matches!(phase, Phase::Answered { since, .. } if mine(since));
        let alone = company.phases.values().filter(|phase| waiting(phase)).count() == 1;
        let moment = if alone { now } else { now + AHEAD };
        company.phases.values_mut().filter(|phase| waiting(phase)).for_each(|phase| *phase = Phase::Off(moment));
        if alone { Ok(moment) } else { Err(moment) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.muster.lock().phases.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_quick_one_waits_for_the_slow_one_and_both_have_one_moment() {
        let (muster, start) = (Muster::default(), Instant::now());
        let (quick, slow) = (muster.join(), muster.join());
        quick.call(true, start);
        slow.call(true, start + ms(3));
        assert_eq!(quick.answered(false, start + ms(20)), Err(start + ms(30)));
        assert_eq!(quick.answered(false, start + ms(690)), Err(start + ms(700)));
        let moment = start + ms(700) + AHEAD;
        assert_eq!(slow.answered(false, start + ms(700)), Err(moment));
        assert_eq!(quick.answered(false, start + ms(702)), Err(moment));
        // However late each of them wakes up.
        assert_eq!(quick.answered(false, moment + ms(30)), Ok(moment));
        assert_eq!(slow.answered(false, moment), Ok(moment));
    }

    #[test]
    fn nobody_waits_long_and_less_in_an_emergency() {
        let (muster, start) = (Muster::default(), Instant::now());
        let (alive, dying) = (muster.join(), muster.join());
        for (urgent, waits) in [(true, WAITS.0), (false, WAITS.1)] {
            alive.call(true, start);
            dying.call(true, start);
            let answered = start + ms(5);
            assert!(alive.answered(urgent, answered).is_err());
            let late = answered + waits;
            assert_eq!(alive.answered(urgent, late), Ok(late), "and at once, being alone");
            alive.leave();
            dying.leave();
        }
    }

    #[test]
    fn who_never_answered_who_is_called_at_another_time_and_who_has_left_is_not_waited_for() {
        let (muster, start) = (Muster::default(), Instant::now());
        let (one, dead, other) = (muster.join(), muster.join(), muster.join());
        dead.call(false, start);
        one.call(true, start);
        other.call(true, start + TOGETHER + ms(1));
        let at = start + TOGETHER + ms(2);
        assert_eq!(one.answered(false, at), Ok(at));
        one.leave();
        one.call(true, at);
        assert_eq!(one.answered(false, at), Err(at + LOOK), "the other one now is");
        drop(other);
        assert_eq!(one.answered(false, at + LOOK), Ok(at + LOOK));
    }

    #[test]
    fn whoever_stands_already_is_not_held_up_again() {
        let (muster, start) = (Muster::default(), Instant::now());
        let (stands, comes) = (muster.join(), muster.join());
        stands.call(true, start);
        assert_eq!(stands.answered(false, start), Ok(start));
        comes.call(true, start + ms(100));
        assert_eq!(stands.answered(false, start + ms(100)), Ok(start));
    }
}
