//! What is to be fetched, and in which order.

use crate::shelf::Shelf;
use gateway_core::id::ClipId;
use gateway_core::input::Made;
use gateway_core::want::ClipWant;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

pub(super) struct State {
    pub(super) shelf: Shelf,
    pub(super) wanted: BTreeMap<ClipId, ClipWant>,
    pub(super) jobs: BTreeMap<ClipId, Job>,
    /// Jobs a worker is at; one stays here until the worker lets go, even if it is no longer wanted.
    pub(super) running: BTreeSet<ClipId>,
    /// What is known without any work, to be reported by a worker: whoever asks may be the one who takes the reports.
    pub(super) known: VecDeque<(ClipId, Made)>,
    pub(super) next_token: u64,
    pub(super) stopping: bool,
}

pub(super) struct Job {
    /// `None`: the file is here, but nobody noted how long its sound is.
    pub(super) want: Option<ClipWant>,
    /// Tells this job from a later one for the same clip.
    pub(super) token: u64,
    pub(super) due: Instant,
    pub(super) attempts: u32,
    /// Times the server hung up since the transfer came beyond `reached`.
    pub(super) breaks: u32,
    pub(super) reached: u64,
    pub(super) failed: bool,
}

impl Job {
    pub(super) fn is_urgent(&self) -> bool {
        self.want.as_ref().is_some_and(|w| w.urgent)
    }

    /// Lower ones go first: emergencies, what is aired, what nothing waits for.
    pub(super) fn rank(&self) -> (u8, u32) {
        match &self.want {
            Some(ClipWant { urgent: true, .. }) => (0, 0),
            Some(ClipWant { spare: Some(place), .. }) => (2, *place),
            Some(_) | None => (1, 0),
        }
    }
}

impl State {
    pub(super) fn new(shelf: Shelf) -> Self {
        Self {
            shelf,
            wanted: BTreeMap::new(),
            jobs: BTreeMap::new(),
            running: BTreeSet::new(),
            known: VecDeque::new(),
            next_token: 0,
            stopping: false,
        }
    }

    pub(super) fn add(&mut self, id: ClipId, want: Option<ClipWant>) {
        self.next_token += 1;
        let (token, due) = (self.next_token, Instant::now());
        self.jobs.insert(id, Job { want, token, due, attempts: 0, breaks: 0, reached: 0, failed: false });
    }

    /// The job to be done next, and how long until the next one is due.
    pub(super) fn next(&self, now: Instant) -> Result<(ClipId, u64, Option<ClipWant>), Option<Duration>> {
        let open = || self.jobs.iter().filter(|(id, job)| !job.failed && !self.running.contains(*id));
        let due = open().filter(|(_, job)| job.due <= now).min_by_key(|(_, job)| (job.rank(), job.due, job.token));
        match due {
            Some((id, job)) => Ok((id.clone(), job.token, job.want.clone())),
            None => Err(open().map(|(_, job)| job.due.saturating_duration_since(now)).min()),
        }
    }

    pub(super) fn sweep(&self) {
        let making = self.wanted.keys().chain(self.jobs.keys()).chain(&self.running).map(ClipId::as_str).collect();
        self.shelf.sweep(&making);
    }

    /// Files that are wanted: those of lessons, or the others.
    pub(super) fn named(&self, spare: bool) -> BTreeSet<&str> {
        named(&self.wanted, spare)
    }

    pub(super) fn evict(&mut self, limit: u64) {
        self.shelf.evict(limit, &named(&self.wanted, false), &named(&self.wanted, true));
    }

    /// Takes away what nothing that is aired needs; it comes again later.
    pub(super) fn give_way(&mut self, later: Duration) {
        let spare =
            self.wanted.iter().filter(|(id, want)| want.spare.is_some() && self.shelf.has(id.as_str()).is_some());
        let spare: Vec<(ClipId, ClipWant)> = spare.map(|(id, want)| (id.clone(), want.clone())).collect();
        for (id, want) in spare {
            log::info!(file = id.as_str(); "the file of a lesson makes room");
            self.shelf.remove(id.as_str());
            self.add(id.clone(), Some(want));
            if let Some(job) = self.jobs.get_mut(&id) {
                job.due += later;
            }
        }
    }
}

fn named(wanted: &BTreeMap<ClipId, ClipWant>, spare: bool) -> BTreeSet<&str> {
    wanted.iter().filter(|(_, want)| want.spare.is_some() == spare).map(|(id, _)| id.as_str()).collect()
}
