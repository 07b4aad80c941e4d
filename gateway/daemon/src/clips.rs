//! The media cache: fetches what the core wants by HTTPS, verifies it, and says when it can be played.
//!
//! ```text
//!             due, a worker is free        all bytes here, digest right, decodable
//!   waiting ──────────────────▶ fetching ─────────────────────────────▶ on the shelf (Ready)
//!     ▲ ▲                          │  │
//!     │ └─ the net or the disk ────┘  └── the file is not what was announced ──▶ failed (Failed)
//!     └─── something urgent waits: what came is kept
//! ```
//! What is no longer wanted leaves from any state.

mod counter;
mod fetch;
mod kind;
mod queue;
mod room;
#[cfg(test)]
mod tests;

use crate::shelf::{Shelf, Sound, is_digest};
pub(crate) use counter::Counter;
use drivers::sound::Probed;
pub(crate) use fetch::tls;
use fetch::{Fetch, Halt, Outcome};
use gateway_core::id::ClipId;
use gateway_core::input::Made;
use gateway_core::want::ClipWant;
use kind::is_paper;
pub(crate) use kind::probe;
use queue::{Job, State};
pub(crate) use room::Budget;
use room::{has_room, within};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

/// Threads that fetch.
const WORKERS: usize = 2;
/// Says how long and how loud the sound of a file is, or why it cannot be played.
pub(crate) type Probe = fn(&Path) -> Result<Probed, String>;

/// How patient the fetching is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Before the first repeat; each further one waits twice as long.
    pub(crate) first: Duration,
    /// Longest wait between two attempts.
    pub(crate) most: Duration,
    /// Longest silence of a server.
    pub(crate) idle: Duration,
    /// A server that hangs up so many times in a row, each time with no byte more than before, has no more.
    pub(crate) breaks: u32,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { first: seconds(1), most: seconds(300), idle: seconds(15), breaks: 4 }
    }
}

/// The cache. Dropping it stops the fetching; what is half here is continued after the next start.
pub(crate) struct Clips {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    agent: ureq::Agent,
    pace: Pace,
    budget: Budget,
    probe: Probe,
    report: Box<dyn Fn(ClipId, Made) + Send + Sync>,
}

impl Clips {
    /// Opens the cache and reports what is in it. `report` is called on threads of the cache only, and may wait.
    ///
    /// # Errors
    /// When the folder cannot be made or listed, or no thread can be had.
    pub(crate) fn start(
        dir: PathBuf,
        budget: Budget,
        roots: RootCerts,
        pace: Pace,
        probe: Probe,
        report: impl Fn(ClipId, Made) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let shelf = Shelf::open(dir, "")?;
        let here: Vec<(ClipId, Option<Sound>)> = shelf.list().map(|(name, s)| (ClipId::from(name), s)).collect();
        let mut state = State::new(shelf);
        for (id, sound) in here {
            match sound {
                Some(Sound { ms: duration_ms, .. }) => state.known.push_back((id, Made::Ready { duration_ms })),
                None => state.add(id, None),
            }
        }
        let agent = fetch::agent(roots, pace.idle);
        let report = Box::new(report);
        let shared = Shared { state: Mutex::new(state), changed: Condvar::new(), agent, pace, budget, probe, report };
        let shared = Arc::new(shared);
        for _ in 0..WORKERS {
            let shared = shared.clone();
            thread::Builder::new().name("clips".into()).spawn(move || shared.work())?;
        }
        Ok(Self { shared })
    }

    /// Says what is wanted, all of it: what is not in the map any more is given up.
    pub(crate) fn want(&self, wanted: &BTreeMap<ClipId, ClipWant>) {
        let wanted = &within(wanted, self.shared.budget.lessons);
        let mut state = self.shared.lock();
        if state.wanted == *wanted {
            return;
        }
        let before = std::mem::replace(&mut state.wanted, wanted.clone());
        let gone: Vec<ClipId> = state
            .jobs
            .iter()
            .filter(|(id, j)| j.want.is_some() && !wanted.contains_key(*id))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            state.jobs.remove(&id);
            if !state.running.contains(&id) {
                crate::shelf::remove(&state.shelf.part(id.as_str()));
            }
        }
        for (id, old) in before.iter().filter(|(id, _)| !wanted.contains_key(*id)) {
            match old.spare {
                // What was never aired pushes nothing out that was.
                Some(_) => state.shelf.drop_idle(id.as_str()),
                None => state.shelf.leave(id.as_str()),
            }
        }
        for (id, want) in wanted {
            if let Some(sound) = state.shelf.has(id.as_str()) {
                if let (Some(Sound { ms: duration_ms, .. }), false) = (sound, before.contains_key(id)) {
                    state.known.push_back((id.clone(), Made::Ready { duration_ms }));
                }
                continue;
            }
            let same = |old: &ClipWant| old.url == want.url && old.bytes == want.bytes;
            match state.jobs.get_mut(id) {
                Some(job) if job.want.as_ref().is_some_and(same) => {
                    if want.urgent && !job.is_urgent() {
                        job.due = Instant::now();
                    }
                    job.want = Some(want.clone());
                }
                Some(_) | None if is_digest(id.as_str()) => state.add(id.clone(), Some(want.clone())),
                Some(_) | None => {
                    state.known.push_back((id.clone(), Made::Failed("its name is no SHA-256".to_owned())));
                }
            }
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// The part of the cache that the desk may use.
    pub(crate) fn counter(&self) -> Counter {
        Counter::new(Arc::clone(&self.shared))
    }

    /// Where a clip is once it was reported ready.
    #[cfg(test)]
    pub(crate) fn path(&self, id: &ClipId) -> PathBuf {
        self.shared.lock().shelf.path(id.as_str())
    }
}

impl Drop for Clips {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
        self.shared.agent.clone().shutdown();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.stopping {
            if let Some((id, made)) = state.known.pop_front() {
                drop(state);
                (self.report)(id, made);
                state = self.lock();
                continue;
            }
            match state.next(Instant::now()) {
                Ok((id, token, want)) => {
                    state.running.insert(id.clone());
                    drop(state);
                    let made = match want {
                        Some(want) => self.fetch(&id, token, &want),
                        None => self.look_at(&id),
                    };
                    if let Some(made) = made {
                        (self.report)(id.clone(), made);
                    }
                    state = self.lock();
                    state.running.remove(&id);
                    self.changed.notify_all();
                }
                Err(Some(wait)) => {
                    let woken = self.changed.wait_timeout(state, wait);
                    state = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
                Err(None) => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Finds out how long and how loud the sound of a file on the shelf is.
    fn look_at(&self, id: &ClipId) -> Option<Made> {
        let path = self.lock().shelf.path(id.as_str());
        let looked = (self.probe)(&path);
        let mut state = self.lock();
        state.jobs.remove(id);
        match looked {
            Ok(probed) => {
                let sound = sound(&probed);
                if let Err(error) = state.shelf.note(id.as_str(), sound) {
                    log::info!(clip = id.as_str(), error:%; "the length of a clip cannot be noted");
                }
                Some(Made::Ready { duration_ms: sound.ms })
            }
            Err(why) => {
                log::warn!(clip = id.as_str(), error = why.as_str(); "a cached clip cannot be played and is removed");
                state.shelf.remove(id.as_str());
                if let Some(want) = state.wanted.get(id).cloned() {
                    state.add(id.clone(), Some(want));
                }
                None
            }
        }
    }

    /// One attempt at a clip; `None` where there is nothing to say yet.
    fn fetch(&self, id: &ClipId, token: u64, want: &ClipWant) -> Option<Made> {
        let part = {
            let mut state = self.lock();
            let coming = if want.spare.is_some() { 0 } else { want.bytes };
            state.evict(self.budget.clips.saturating_sub(coming));
            state.sweep();
            state.shelf.part(id.as_str())
        };
        if want.spare.is_some() && !has_room(&part, want.bytes) {
            let why = "the disk has no room for the file of a paper or a lesson".to_owned();
            return self.settle(id, token, &part, Outcome::Later(why));
        }
        let halt = || self.halt(id, token);
        let fetch = Fetch { agent: &self.agent, want, digest: id.as_str(), part: &part, halt: &halt };
        let mut outcome = fetch.run();
        if outcome == Outcome::Whole {
            // What is kept to be read need not play.
            let looked =
                if want.spare.is_some() && is_paper(&part) { Ok(Probed::default()) } else { (self.probe)(&part) };
            match looked {
                Ok(probed) => return self.publish(id, token, sound(&probed)),
                Err(why) => outcome = Outcome::Never(format!("it cannot be played: {why}")),
            }
        }
        self.settle(id, token, &part, outcome)
    }

    fn publish(&self, id: &ClipId, token: u64, sound: Sound) -> Option<Made> {
        let mut state = self.lock();
        match state.shelf.publish(id.as_str(), sound) {
            Ok(()) => {
                let duration_ms = sound.ms;
                if state.jobs.get(id).is_some_and(|j| j.token == token) {
                    state.jobs.remove(id);
                }
                state.evict(self.budget.clips);
                log::info!(clip = id.as_str(), duration_ms; "clip ready");
                Some(Made::Ready { duration_ms })
            }
            Err(error) => {
                let part = state.shelf.part(id.as_str());
                drop(state);
                self.settle(id, token, &part, Outcome::Later(format!("storing it: {error}")))
            }
        }
    }

    /// Whether to go on with a job.
    fn halt(&self, id: &ClipId, token: u64) -> Halt {
        let state = self.lock();
        let Some(job) = state.jobs.get(id).filter(|j| j.token == token && !state.stopping) else { return Halt::Drop };
        let (now, rank) = (Instant::now(), job.rank());
        let waits = |(other, j): (&ClipId, &Job)| {
            j.rank() < rank && !j.failed && j.due <= now && !state.running.contains(other)
        };
        if state.jobs.iter().any(waits) { Halt::GiveWay } else { Halt::No }
    }

    /// What comes of an attempt that did not bring the clip.
    fn settle(&self, id: &ClipId, token: u64, part: &Path, outcome: Outcome) -> Option<Made> {
        let mut state = self.lock();
        let spare = state.jobs.get(id).is_some_and(|j| j.want.as_ref().is_some_and(|w| w.spare.is_some()));
        if matches!(&outcome, Outcome::Full) && !spare {
            state.evict(0);
            state.give_way(self.pace.most);
        }
        let Some(job) = state.jobs.get_mut(id).filter(|j| j.token == token) else {
            // Given up meanwhile; a new job for the same clip would begin anew.
            crate::shelf::remove(part);
            return None;
        };
        let why = match outcome {
            Outcome::Whole | Outcome::Halted => {
                job.due = Instant::now();
                return None;
            }
            Outcome::Full => "the disk is full".to_owned(),
            Outcome::Later(why) => why,
            Outcome::Broken { why, had, hung_up } => {
                if had > job.reached {
                    (job.reached, job.attempts, job.breaks) = (had, 0, 0);
                }
                job.breaks += u32::from(hung_up);
                if job.breaks >= self.pace.breaks {
                    return Some(fail(id, job, part, why));
                }
                why
            }
            Outcome::Never(why) => return Some(fail(id, job, part, why)),
        };
        let delay = self.pace.first.saturating_mul(1 << job.attempts.min(16)).min(self.pace.most);
        job.attempts += 1;
        job.due = Instant::now() + delay;
        log::info!(clip = id.as_str(), error = why.as_str(), again_in_ms = milliseconds(delay); "clip not here yet");
        None
    }
}

fn fail(id: &ClipId, job: &mut Job, part: &Path, why: String) -> Made {
    job.failed = true;
    crate::shelf::remove(part);
    log::warn!(clip = id.as_str(), error = why.as_str(); "clip failed");
    Made::Failed(why)
}

fn sound(probed: &Probed) -> Sound {
    Sound { ms: milliseconds(probed.duration), measured: probed.measured }
}

fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// Who is believed to be a media server: whom the public authorities vouch for, and whom the hub's own does.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub(crate) fn roots(hub_ca: Option<&Path>) -> io::Result<RootCerts> {
    let mut all: Vec<Certificate<'static>> =
        webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|c| Certificate::from_der(c.as_ref())).collect();
    if let Some(file) = hub_ca {
        let pem = std::fs::read(file)?;
        let before = all.len();
        for item in parse_pem(&pem) {
            if let PemItem::Certificate(certificate) = item.map_err(io::Error::other)? {
                all.push(certificate);
            }
        }
        if all.len() == before {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file holds no certificate"));
        }
    }
    Ok(RootCerts::from(all))
}
