//! Where the desk hands files in, and asks for those that are there.

use super::{Shared, sound};
use drivers::sound::Probed;
use gateway_core::id::ClipId;
use gateway_core::input::Made;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Where the desk hands files in.
pub(crate) struct Counter {
    shared: Arc<Shared>,
}

impl Counter {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Puts a finished file on the shelf and keeps it there for the desk.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn adopt(&self, digest: &str, from: &Path, probed: &Probed) -> io::Result<()> {
        let sound = sound(probed);
        let mut state = self.shared.lock();
        state.shelf.adopt(digest, from, sound)?;
        // Whoever was fetching it need not go on.
        state.jobs.remove(&ClipId::from(digest));
        state.known.push_back((ClipId::from(digest), Made::Ready { duration_ms: sound.ms }));
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// The desk needs a file no longer.
    pub(crate) fn release(&self, digest: &str) {
        let mut state = self.shared.lock();
        state.shelf.release(digest);
        state.evict(self.shared.budget.clips);
    }

    /// The desk needs a file that came otherwise; how long its sound is, milliseconds. `None`: it is not on the shelf.
    ///
    /// # Errors
    /// When the disk does not take the mark.
    pub(crate) fn hold(&self, digest: &str) -> io::Result<Option<(PathBuf, u64)>> {
        let mut state = self.shared.lock();
        let Some(sound) = state.shelf.has(digest) else { return Ok(None) };
        state.shelf.hold(digest)?;
        Ok(Some((state.shelf.path(digest), sound.map_or(0, |s| s.ms))))
    }

    /// How much may stay and how much does, bytes; and what goes, in its order, with the time when it was last needed.
    pub(crate) fn idle(&self) -> (u64, u64, Vec<(SystemTime, u64, String)>) {
        let state = self.shared.lock();
        let (needed, apart) = (state.named(false), state.named(true));
        (self.shared.budget.clips, state.shelf.used(&apart), state.shelf.idle(&needed, &apart))
    }

    /// Whether a file is on its way.
    pub(crate) fn is_coming(&self, digest: &str) -> bool {
        let state = self.shared.lock();
        state.jobs.get(&ClipId::from(digest)).is_some_and(|job| job.want.is_some() && !job.failed)
    }

    /// Where a file is; `None`: it is not on the shelf.
    pub(crate) fn path(&self, digest: &str) -> Option<PathBuf> {
        let state = self.shared.lock();
        state.shelf.has(digest).map(|_| state.shelf.path(digest))
    }
}
