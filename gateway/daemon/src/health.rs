//! Is the station alive: the loop turns, each line's thread turns; the watchdog is fed by nothing else.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A loop that has not turned for this long hangs.
const LOOP_LIMIT: Duration = Duration::from_secs(5);
/// A line's thread makes bounded calls; one that has not come back for this long hangs.
const LINE_LIMIT: Duration = Duration::from_secs(90);

/// The pulse of one thread.
#[derive(Clone)]
pub(crate) struct Beat {
    name: Arc<str>,
    at: Arc<AtomicU64>,
    start: Instant,
    limit: Duration,
}

impl Beat {
    /// The thread has come round.
    pub(crate) fn turn(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.at.store(now, Ordering::Relaxed);
    }

    fn is_alive(&self) -> bool {
        let at = Duration::from_millis(self.at.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(at) < self.limit
    }
}

/// Numbers of the station, all counted since the start.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Inputs the loop has taken.
    pub(crate) inputs: AtomicU64,
    /// Messages of the hub.
    pub(crate) messages: AtomicU64,
    /// Times the broker threw the station off for another box of its name.
    pub(crate) takeovers: AtomicU64,
    /// Messages refused.
    pub(crate) refused: AtomicU64,
    /// Entries noted.
    pub(crate) entries: AtomicU64,
    /// Longest step, microseconds.
    pub(crate) longest_step_us: AtomicU64,
}

/// The station's health.
#[derive(Clone)]
pub(crate) struct Health {
    start: Instant,
    beats: Arc<Mutex<Vec<Beat>>>,
    /// The disk takes what is written.
    pub(crate) disk: Arc<AtomicBool>,
    /// The hub is connected.
    pub(crate) online: Arc<AtomicBool>,
    /// Everything was started.
    pub(crate) started: Arc<AtomicBool>,
    /// Counters.
    pub(crate) numbers: Arc<Numbers>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            beats: Arc::default(),
            disk: Arc::new(AtomicBool::new(true)),
            online: Arc::default(),
            started: Arc::default(),
            numbers: Arc::default(),
        }
    }

    /// The pulse of the loop.
    pub(crate) fn loop_beat(&self) -> Beat {
        self.beat("loop", LOOP_LIMIT)
    }

    /// The pulse of a line's thread.
    pub(crate) fn line_beat(&self, name: &str) -> Beat {
        self.beat(name, LINE_LIMIT)
    }

    fn beat(&self, name: &str, limit: Duration) -> Beat {
        let beat = Beat { name: Arc::from(name), at: Arc::default(), start: self.start, limit };
        beat.turn();
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).push(beat.clone());
        beat
    }

    /// Threads by name, and whether each has come round lately.
    pub(crate) fn pulses(&self) -> Vec<(String, bool)> {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().map(|b| (b.name.to_string(), b.is_alive())).collect()
    }

    /// Every thread has come round lately.
    pub(crate) fn is_alive(&self) -> bool {
        self.pulses().iter().all(|(_, alive)| *alive)
    }

    /// Seconds since the start.
    pub(crate) fn uptime_s(&self) -> u64 {
        self.start.elapsed().as_secs()
    }

    /// Tells systemd that the station is alive, while it is. Ends with the process.
    pub(crate) fn feed_watchdog(&self) -> std::io::Result<()> {
        let Some(limit) = sd_notify::watchdog_enabled() else { return Ok(()) };
        let health = self.clone();
        std::thread::Builder::new().name("watchdog".into()).stack_size(64 * 1024).spawn(move || {
            loop {
                if health.is_alive() {
                    notify(&[sd_notify::NotifyState::Watchdog]);
                } else {
                    log::error!(pulses:? = health.pulses(); "a thread hangs: the watchdog is not fed");
                }
                std::thread::sleep(limit / 3);
            }
        })?;
        Ok(())
    }
}

/// Tells systemd something, where there is one.
pub(crate) fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        log::debug!(error:% = error; "systemd was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_that_hangs_starves_the_watchdog() {
        let health = Health::new();
        let beat = health.line_beat("bus1");
        assert!(health.is_alive());
        let hung = Beat { limit: Duration::ZERO, ..beat };
        health.beats.lock().expect("fresh").push(hung);
        assert!(!health.is_alive());
    }
}
