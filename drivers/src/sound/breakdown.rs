//! A thread that breaks down through a fault of this program: what it does is given up, and begun anew.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is said of it; the log of the program has the rest.
const SAID: &str = "broke down through a fault of this program and is started anew";

/// A piece of work broke down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} {SAID}")]
pub(super) struct BrokeDown(pub(super) &'static str);

impl BrokeDown {
    /// Whether this is why something failed.
    pub(super) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl From<BrokeDown> for io::Error {
    fn from(broke: BrokeDown) -> Self {
        Self::other(broke)
    }
}

/// Does something that may break down. What it worked on is as it was left: whoever goes on must put it right, as after a
/// card that was lost.
pub(super) fn guarded<T>(what: &'static str, work: impl FnOnce() -> T) -> Result<T, BrokeDown> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        log::error!(what; "a thread of the sound line broke down");
        BrokeDown(what)
    })
}

#[cfg(test)]
mod tests;
