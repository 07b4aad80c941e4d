//! Haste: a line learns in the middle of a call that others wait for it, and on what terms it was lent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// On what terms the line is lent for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terms {
    /// As many attempts as a device is worth, as long as nobody comes who waits.
    #[default]
    Whole,
    /// Others wait already: one attempt, and no listening for what comes late. That it fails says nothing yet.
    Brief,
    /// It was silent once, briefly: one attempt more, which tells. It is asked with patience later.
    Again,
    /// Whoever comes goes first: nothing more is asked then.
    Spare,
}

/// Says to a line, from any thread, that others wait for it.
#[derive(Clone, Debug, Default)]
pub struct Haste(Arc<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    now: AtomicBool,
    news: Notify,
}

impl Haste {
    /// Others wait from now on.
    pub fn hurry(&self) {
        self.0.now.store(true, Ordering::Release);
        self.0.news.notify_waiters();
    }

    /// Nobody waits any more.
    pub fn calm(&self) {
        self.0.now.store(false, Ordering::Release);
    }

    /// Whether somebody waits.
    pub(super) fn is_on(&self) -> bool {
        self.0.now.load(Ordering::Acquire)
    }

    /// Comes back when somebody waits.
    pub(super) async fn come(&self) {
        // Made before the look: who comes in between wakes it too.
        let news = self.0.news.notified();
        if !self.is_on() {
            news.await;
        }
    }
}
