//! A backup takes the place of everything by the same turn, trial and way back as a changed configuration.

use super::Settings;
use crate::cabinet::chest::Set;
use std::time::Instant;
use web_ui::Fate;

/// What is to take the place of everything.
pub(crate) enum Restore {
    /// What lies ready in the chest; this stands now.
    Backup(Set),
    /// What was there before the last one; this stands now.
    Before(Set),
}

impl Settings {
    /// Lets a backup take the place of everything as soon as may be; `false`: something else is on its way.
    pub(crate) fn restore(&self, restore: Restore) -> bool {
        let mut state = self.state();
        if state.is_busy() {
            return false;
        }
        (state.restore, state.since, state.waits_for) = (Some(restore), Some(Instant::now()), None);
        self.bell.notify_all();
        true
    }

    /// Something waits to be taken over, or is being tried.
    pub(crate) fn is_busy(&self) -> bool {
        self.state().is_busy()
    }

    /// How a restore stands: it waits, for what; or it is tried.
    pub(crate) fn restoring(&self) -> Option<(Fate, Option<String>)> {
        let state = self.state();
        let waits = state.restore.as_ref().map(|_| (Fate::Waiting, state.waits_for.map(str::to_owned)));
        waits.or(state.restored.then_some((Fate::Trying, None)))
    }

    /// Why the last restore was given up, where it was at this start.
    pub(crate) fn given_up(&self) -> Option<String> {
        self.state().given_up.clone()
    }

    /// Takes a restore back that waits.
    pub(crate) fn keep_all(&self) -> bool {
        self.state().restore.take().is_some()
    }
}
