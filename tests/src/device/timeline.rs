//! What happened to the devices, in order, on the clock that all processes of a machine share.

use serde::Serialize;
use serde_json::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Something that happened to a device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// CLOCK_MONOTONIC, nanoseconds.
    pub at_ns: u64,
    /// Which device, e.g. `amp1`.
    pub device: String,
    /// What happened, e.g. `coil 0`, `carrier`, `zones`, `shows`.
    pub event: String,
    /// What it is now.
    pub value: Value,
}

/// The events of all devices, in memory and, where asked for, as JSON lines in a file.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    events: Mutex<Kept>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Event>,
    log: Option<File>,
}

impl Timeline {
    /// One that also writes each event as a line of JSON to this file.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn logged(path: &Path) -> std::io::Result<Self> {
        let log = Some(File::create(path)?);
        Ok(Self(Arc::new(Shared { events: Mutex::new(Kept { events: Vec::new(), log }), more: Condvar::new() })))
    }

    /// Writes down that this happened now.
    pub fn note(&self, device: &str, event: &str, value: impl Into<Value>) {
        let mut kept = self.lock();
        // The clock is read under the lock: the order of the lines is the order of the times.
        let event =
            Event { at_ns: monotonic_ns(), device: device.to_owned(), event: event.to_owned(), value: value.into() };
        if let (Some(log), Ok(line)) = (&mut kept.log, serde_json::to_string(&event))
            && let Err(error) = writeln!(log, "{line}")
        {
            log::error!(error:% = error; "timeline not written");
        }
        kept.events.push(event);
        self.0.more.notify_all();
    }

    /// All that happened so far.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// What became of one thing of one device, in order.
    pub fn values(&self, device: &str, event: &str) -> Vec<Value> {
        let kept = self.lock();
        let ours = kept.events.iter().filter(|found| found.device == device && found.event == event);
        ours.map(|found| found.value.clone()).collect()
    }

    /// Waits until the events satisfy the condition, at most this long; whether they did.
    pub fn wait_for(&self, within: Duration, condition: impl Fn(&[Event]) -> bool) -> bool {
        let until = Instant::now() + within;
        let mut kept = self.lock();
        loop {
            if condition(&kept.events) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            kept = self.0.more.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// CLOCK_MONOTONIC, nanoseconds.
fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "std's Instant does not give its number, which other processes' logs compare with")]
    // SAFETY: the pointer is to a timespec that outlives the call.
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time);
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
