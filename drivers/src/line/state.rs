//! How a line has fared: counters that others may look at while its thread works.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How a line has fared since the program started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// The port or connection is open now.
    pub open: bool,
    /// Questions put, retries not counted.
    pub requests: u64,
    /// Questions that were answered, a refusal too.
    pub answers: u64,
    /// Questions, or attempts to open, that failed.
    pub failures: u64,
    /// Answers that did not come in time, retries counted.
    pub timeouts: u64,
    /// Bytes thrown away: late, garbled or unasked.
    pub discarded: u64,
    /// Times the line was opened again after the first.
    pub reopenings: u64,
    /// Times a driver broke down on it, through a fault of this program, and went on.
    pub breakdowns: u64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it went wrong.
    pub failed_at: Option<Instant>,
    /// What was answered last.
    pub last_answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Instant>,
}

/// The state of one line, shared between its thread and those who look.
#[derive(Clone, Debug, Default)]
pub struct LineWatch(Arc<Mutex<LineState>>);

impl LineWatch {
    /// How the line is now. Never waits for the line.
    pub fn state(&self) -> LineState {
        self.lock().clone()
    }

    /// Held only to count: nobody waits here for a device.
    pub(super) fn lock(&self) -> MutexGuard<'_, LineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a question was answered.
    pub(super) fn answered(&self, asking: &str) {
        let mut state = self.lock();
        if state.last_answer.as_deref() != Some(asking) {
            state.last_answer = Some(asking.to_owned());
        }
        state.answers += 1;
        state.answered_at = Some(Instant::now());
    }

    /// Notes what went wrong; whether it is something else than last time.
    pub(super) fn failed(&self, text: &str) -> bool {
        let mut state = self.lock();
        let new = state.last_error.as_deref() != Some(text);
        if new {
            state.last_error = Some(text.to_owned());
        }
        state.failures += 1;
        state.failed_at = Some(Instant::now());
        new
    }
}
