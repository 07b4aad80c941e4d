//! How long to wait for whom: answer times of the devices on a line, and how long a silent one is left alone.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(500);
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_millis(1000);

/// What is known of one device's answering.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// Smoothed answer time.
    usual: Option<Duration>,
    /// Wait imposed by answers that did not come; an answer lifts it.
    stretched: Option<Duration>,
    rest: Backoff,
    /// An answer to an earlier question may still come.
    owes: bool,
}

impl Pace {
    /// How long to wait for its next answer.
    pub(super) fn timeout(&self) -> Duration {
        let usual = self.usual.map_or(FIRST, |usual| usual * 4);
        self.stretched.unwrap_or(usual).clamp(SHORTEST, LONGEST)
    }

    /// It answered in this time.
    pub(super) fn answered(&mut self, took: Duration) {
        self.usual = Some(self.usual.map_or(took, |usual| (usual * 7 + took) / 8));
        self.stretched = None;
        self.rest = Backoff::default();
        self.owes = false;
    }

    /// It was asked, and nobody waited for the answer.
    pub(super) fn left(&mut self) {
        self.owes = true;
    }

    /// Its last question is unanswered, as far as is known.
    pub(super) fn owes(&self) -> bool {
        self.owes || self.doubtful()
    }

    /// It did not answer in time; a slow device is given more of it.
    pub(super) fn missed(&mut self) {
        self.stretched = Some((self.timeout() * 2).min(LONGEST));
        self.owes = true;
    }

    /// It answered late, after the wait was over.
    pub(super) fn late(&mut self) {
        self.stretched = Some(LONGEST);
        self.usual = Some(LONGEST / 4);
    }

    /// All attempts went unanswered: it is left alone for a while, so that it does not cost its neighbours the bus.
    pub(super) fn silent(&mut self, now: Instant) {
        self.rest.failed(now);
    }

    /// It was silent when last asked: one attempt must do.
    pub(super) fn doubtful(&self) -> bool {
        self.rest.failures > 0
    }

    /// How much longer it is left alone.
    pub(super) fn resting(&self, now: Instant) -> Option<Duration> {
        self.rest.left(now)
    }
}

/// Waits between attempts: 1, 2, 4, then 5 s.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    /// An attempt failed.
    pub(super) fn failed(&mut self, now: Instant) {
        let wait = Duration::from_secs(1 << self.failures.min(3)).min(Duration::from_secs(5));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + wait);
    }

    /// How long until the next attempt; `None`: now.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_device_is_waited_for_less_and_a_slow_one_more() {
        let mut pace = Pace::default();
        assert_eq!(pace.timeout(), FIRST);
        pace.answered(Duration::from_millis(3));
        assert_eq!(pace.timeout(), SHORTEST);
        pace.missed();
        pace.missed();
        assert_eq!(pace.timeout(), Duration::from_millis(800));
        pace.missed();
        assert_eq!(pace.timeout(), LONGEST);
        pace.answered(Duration::from_millis(3));
        assert_eq!(pace.timeout(), SHORTEST);
    }

    #[test]
    fn waits_grow_to_five_seconds() {
        let start = Instant::now();
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        for _ in 0..6 {
            backoff.failed(start);
            waits.push(backoff.left(start).map_or(0, |left| left.as_secs()));
        }
        assert_eq!(waits, [1, 2, 4, 5, 5, 5]);
        assert_eq!(backoff.left(start + Duration::from_secs(5)), None);
    }
}
