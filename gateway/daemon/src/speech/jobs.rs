//! What is to be spoken, in which order: urgent texts, those that may sound better, those that have time.

use crate::shelf::{Shelf, Sound, is_digest};
use gateway_core::id::SpeechId;
use gateway_core::input::Made;
use gateway_core::want::SpeechWant;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// A text whose failure was reported, and that is therefore wanted no more, is tried so often all the same: the voice
/// may come back, and then it is ready after all.
const LINGER: u32 = 8;

/// What the threads of the voice share.
pub(super) struct State {
    pub(super) shelf: Shelf,
    pub(super) wanted: BTreeMap<SpeechId, SpeechWant>,
    pub(super) jobs: BTreeMap<SpeechId, Job>,
    pub(super) running: BTreeSet<SpeechId>,
    /// What is known without any work, to be reported by a worker: whoever asks may be the one who takes the reports.
    pub(super) known: VecDeque<(SpeechId, Made)>,
    pub(super) stopping: bool,
}

/// A text to be spoken, or to be looked at again.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) want: SpeechWant,
    pub(super) due: Instant,
    pub(super) attempts: u32,
    /// It will never be spoken.
    pub(super) failed: bool,
    /// There is a file; it is spoken again where it would sound otherwise or better now.
    pub(super) again: bool,
}

impl Job {
    fn new(want: &SpeechWant, again: bool) -> Self {
        Self { want: want.clone(), due: Instant::now(), attempts: 0, failed: false, again }
    }

    /// It is tried on though nobody wants it at the moment.
    pub(super) fn lingers(&self) -> bool {
        !self.failed && !self.again && (1..LINGER).contains(&self.attempts)
    }

    /// Whether somebody waits for it.
    pub(super) fn presses(&self) -> bool {
        self.want.urgent && !self.again
    }

    fn class(&self) -> u8 {
        match (self.again, self.want.urgent) {
            (false, true) => 0,
            (true, true) => 1,
            (false, false) => 2,
            (true, false) => 3,
        }
    }
}

impl State {
    /// With what is on the shelf and its lengths already known.
    pub(super) fn new(shelf: Shelf, known: VecDeque<(SpeechId, Made)>) -> Self {
        let (wanted, jobs, running) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { shelf, wanted, jobs, running, known, stopping: false }
    }

    /// Takes what is wanted now; `false` where nothing has changed.
    pub(super) fn want(&mut self, wanted: &BTreeMap<SpeechId, SpeechWant>) -> bool {
        if self.wanted == *wanted {
            return false;
        }
        let before = std::mem::replace(&mut self.wanted, wanted.clone());
        self.jobs.retain(|id, job| wanted.contains_key(id) || job.lingers());
        for id in before.keys().filter(|id| !wanted.contains_key(*id)) {
            self.shelf.leave(id.as_str());
        }
        for (id, want) in wanted.iter().filter(|(id, _)| !before.contains_key(*id)) {
            match self.shelf.has(id.as_str()) {
                Some(Some(Sound { ms: duration_ms, .. })) => {
                    self.known.push_back((id.clone(), Made::Ready { duration_ms }));
                    self.jobs.insert(id.clone(), Job::new(want, true));
                }
                Some(None) | None if is_digest(id.as_str()) => {
                    self.jobs.insert(id.clone(), Job::new(want, false));
                }
                Some(None) | None => {
                    self.known.push_back((id.clone(), Made::Failed("its name is no SHA-256".to_owned())));
                }
            }
        }
        for (id, want) in wanted {
            if let Some(job) = self.jobs.get_mut(id) {
                job.want.urgent = want.urgent;
            }
        }
        true
    }

    /// Has every wanted text that is on the shelf looked at again.
    pub(super) fn look_again(&mut self) {
        for (id, want) in &self.wanted {
            if matches!(self.shelf.has(id.as_str()), Some(Some(_))) {
                self.jobs.insert(id.clone(), Job::new(want, true));
            }
        }
    }

    /// Has one text that is on the shelf looked at again.
    pub(super) fn look_again_at(&mut self, id: &SpeechId) {
        if let Some(want) = self.wanted.get(id) {
            self.jobs.insert(id.clone(), Job::new(want, true));
        }
    }

    /// The text to be spoken next, or how long until the next one is due.
    pub(super) fn next(&self, now: Instant, pressing_only: bool) -> Result<(SpeechId, Job), Option<Duration>> {
        let mine = |job: &Job| !job.failed && (job.presses() || !pressing_only);
        let open = || self.jobs.iter().filter(|(id, job)| mine(job) && !self.running.contains(*id));
        match open().filter(|(_, job)| job.due <= now).min_by_key(|(_, job)| (job.class(), job.due)) {
            Some((id, job)) => Ok((id.clone(), job.clone())),
            None => Err(open().map(|(_, job)| job.due.saturating_duration_since(now)).min()),
        }
    }
}
