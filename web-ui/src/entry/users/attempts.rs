//! Failed sign-ins: a delay that grows for the name tried, and a shorter one for everybody when many names are.
//!
//! Names fall into a fixed number of buckets by a keyed digest, so that trying many names fills no memory and
//! pushes no other name's count out.

use ring::hmac;
use std::time::Duration;
use tokio::time::Instant;

/// Failures of one name that cost no delay yet: a person mistypes.
const FREE: u32 = 3;

/// Longest delay of one name: a stranger must not be able to keep the officer out in a storm.
const LONGEST: Duration = Duration::from_secs(60);

/// Failures of all names together that cost no delay yet.
const FREE_IN_ALL: u32 = 20;

/// Delay for everybody beyond that.
const FOR_ALL: Duration = Duration::from_secs(5);

/// Time after which one failure is forgotten, of a name and of all.
const FORGET: Duration = Duration::from_secs(300);
const FORGET_IN_ALL: Duration = Duration::from_secs(10);

const BUCKETS: usize = 1024;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    failed: u32,
    last: Option<Instant>,
}

impl Count {
    fn at(self, now: Instant, forget: Duration) -> u32 {
        let Some(last) = self.last else { return 0 };
        let gone = now.saturating_duration_since(last).as_millis() / forget.as_millis();
        self.failed.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    fn add(&mut self, now: Instant, forget: Duration) {
        self.failed = self.at(now, forget).saturating_add(1);
        self.last = Some(now);
    }

    fn left(self, now: Instant, delay: Duration) -> Option<Duration> {
        let left = delay.checked_sub(now.saturating_duration_since(self.last?))?;
        (!left.is_zero()).then_some(left)
    }
}

/// Counts of failed attempts.
pub(super) struct Attempts {
    key: hmac::Key,
    names: Vec<Count>,
    all: Count,
}

impl Attempts {
    /// No attempt has failed yet.
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            names: vec![Count::default(); BUCKETS],
            all: Count::default(),
        }
    }

    /// How long this name has to wait before it may be tried.
    pub(super) fn wait(&self, name: &str, now: Instant) -> Option<Duration> {
        let one = self.names.get(self.bucket(name)).copied().unwrap_or_default();
        let failed = one.at(now, FORGET);
        let delay = if failed < FREE { Duration::ZERO } else { growing(failed - FREE) };
        let for_all = if self.all.at(now, FORGET_IN_ALL) < FREE_IN_ALL { Duration::ZERO } else { FOR_ALL };
        one.left(now, delay).max(self.all.left(now, for_all))
    }

    /// An attempt failed.
    pub(super) fn failed(&mut self, name: &str, now: Instant) {
        let bucket = self.bucket(name);
        if let Some(one) = self.names.get_mut(bucket) {
            one.add(now, FORGET);
        }
        self.all.add(now, FORGET_IN_ALL);
    }

    /// The name signed in.
    pub(super) fn succeeded(&mut self, name: &str) {
        let bucket = self.bucket(name);
        if let Some(one) = self.names.get_mut(bucket) {
            *one = Count::default();
        }
    }

    fn bucket(&self, name: &str) -> usize {
        let tag = hmac::sign(&self.key, name.as_bytes());
        let low = tag.as_ref().iter().take(2).fold(0_usize, |n, b| (n << 8) | usize::from(*b));
        low % BUCKETS
    }
}

/// 2 s, 4 s, 8 s … up to the longest.
fn growing(beyond: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(beyond.saturating_add(1))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_delay_of_a_name_grows_and_ends() {
        let mut attempts = Attempts::new([7; 32]);
        let start = Instant::now();
        for _ in 0..2 {
            attempts.failed("lan", start);
            assert_eq!(attempts.wait("lan", start), None);
        }
        let mut now = start;
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            attempts.failed("lan", now);
            assert_eq!(attempts.wait("lan", now), Some(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert_eq!(attempts.wait("lan", now), None);
        }
        attempts.succeeded("lan");
        attempts.failed("lan", now);
        assert_eq!(attempts.wait("lan", now), None);
    }

    #[tokio::test(start_paused = true)]
    async fn many_names_slow_everybody_down_for_seconds_only() {
        let mut attempts = Attempts::new([7; 32]);
        let now = Instant::now();
        for n in 0..FREE_IN_ALL {
            assert_eq!(attempts.wait("lan", now), None);
            attempts.failed(&format!("name-{n}"), now);
        }
        assert_eq!(attempts.wait("lan", now), Some(FOR_ALL));
        assert_eq!(attempts.wait("lan", now + FOR_ALL), None);
        assert_eq!(attempts.names.len(), BUCKETS);
    }
}
