//! The text voice: speaks what the core wants into files, urgent texts first, no language with another's voice.

#[cfg(test)]
mod tests;
mod voice;

use crate::config::SpeechConfig;
use crate::shelf::{Shelf, Sound, is_digest, remove};
use gateway_core::id::SpeechId;
use gateway_core::input::Made;
use gateway_core::want::SpeechWant;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io, thread};
use voice::{Outcome, Voice, plain, wav_length};

/// Processes that speak at a time.
const WORKERS: usize = 2;
/// A text whose failure was reported, and that is therefore wanted no more, is tried so often all the same: the voice
/// may come back, and then it is ready after all.
const LINGER: u32 = 8;
/// File that says with which voice the folder was spoken.
const SPOKEN_WITH: &str = "spoken-with";

/// How patient the voice is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Before the first repeat; each further one waits twice as long.
    pub(crate) first: Duration,
    /// Longest wait between two attempts.
    pub(crate) most: Duration,
    /// Longest time for one text.
    pub(crate) within: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { first: seconds(2), most: seconds(300), within: seconds(60) }
    }
}

/// The voice. Dropping it ends what is being spoken.
pub(crate) struct Speech {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    config: SpeechConfig,
    pace: Pace,
    budget: u64,
    report: Box<dyn Fn(SpeechId, Made) + Send + Sync>,
}

struct State {
    shelf: Shelf,
    wanted: BTreeMap<SpeechId, SpeechWant>,
    jobs: BTreeMap<SpeechId, Job>,
    running: BTreeSet<SpeechId>,
    /// What is known without any work, to be reported by a worker: whoever asks may be the one who takes the reports.
    known: VecDeque<(SpeechId, Made)>,
    stopping: bool,
}

struct Job {
    want: SpeechWant,
    due: Instant,
    attempts: u32,
    /// It will never be spoken.
    failed: bool,
}

impl Speech {
    /// Opens the folder of spoken texts and reports what is in it. Texts spoken with another voice are thrown away.
    /// `budget` is how many bytes may stay when nobody needs them. `report` is called on threads of the voice only, and
    /// may wait.
    ///
    /// # Errors
    /// When the folder cannot be made or listed, or no thread can be had. A missing voice is none: it is reported with
    /// each text, and looked for again.
    pub(crate) fn start(
        dir: PathBuf,
        budget: u64,
        config: SpeechConfig,
        pace: Pace,
        report: impl Fn(SpeechId, Made) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let mut shelf = Shelf::open(dir.clone(), "wav")?;
        shelf.sweep(&BTreeSet::new());
        let here: Vec<(String, Option<u64>)> =
            shelf.list().map(|(name, sound)| (name.to_owned(), sound.map(|s| s.ms))).collect();
        let same_voice = is_spoken_with(&dir, &config)?;
        let mut known = VecDeque::new();
        for (name, length) in here {
            let length = length.or_else(|| wav_length(&shelf.path(&name)).ok()).filter(|ms| same_voice && *ms > 0);
            match length {
                Some(duration_ms) => known.push_back((SpeechId::from(name), Made::Ready { duration_ms })),
                None => shelf.remove(&name),
            }
        }
        let (wanted, jobs, running) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let state = Mutex::new(State { shelf, wanted, jobs, running, known, stopping: false });
        let report = Box::new(report);
        let shared = Arc::new(Shared { state, changed: Condvar::new(), config, pace, budget, report });
        for _ in 0..WORKERS {
            let shared = shared.clone();
            thread::Builder::new().name("speech".into()).spawn(move || shared.work())?;
        }
        Ok(Self { shared })
    }

    /// Says what is wanted, all of it: what is not in the map any more is given up.
    pub(crate) fn want(&self, wanted: &BTreeMap<SpeechId, SpeechWant>) {
        let mut state = self.shared.lock();
        if state.wanted == *wanted {
            return;
        }
        let before = std::mem::replace(&mut state.wanted, wanted.clone());
        state.jobs.retain(|id, job| wanted.contains_key(id) || job.lingers());
        for id in before.keys().filter(|id| !wanted.contains_key(*id)) {
            state.shelf.leave(id.as_str());
        }
        for (id, want) in wanted.iter().filter(|(id, _)| !before.contains_key(*id)) {
            match state.shelf.has(id.as_str()) {
                Some(Some(Sound { ms: duration_ms, .. })) => {
                    state.known.push_back((id.clone(), Made::Ready { duration_ms }));
                }
                Some(None) | None if is_digest(id.as_str()) => {
                    let job = Job { want: want.clone(), due: Instant::now(), attempts: 0, failed: false };
                    state.jobs.insert(id.clone(), job);
                }
                Some(None) | None => {
                    state.known.push_back((id.clone(), Made::Failed("its name is no SHA-256".to_owned())));
                }
            }
        }
        for (id, want) in wanted {
            if let Some(job) = state.jobs.get_mut(id) {
                job.want.urgent = want.urgent;
            }
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Where a spoken text is once it was reported ready; a WAV file.
    #[cfg(test)]
    pub(crate) fn path(&self, id: &SpeechId) -> PathBuf {
        self.shared.lock().shelf.path(id.as_str())
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
    }
}

impl Job {
    fn lingers(&self) -> bool {
        !self.failed && (1..LINGER).contains(&self.attempts)
    }
}

impl State {
    /// The text to be spoken next, or how long until the next one is due.
    fn next(&self, now: Instant) -> Result<(SpeechId, SpeechWant), Option<Duration>> {
        let open = || self.jobs.iter().filter(|(id, job)| !job.failed && !self.running.contains(*id));
        match open().filter(|(_, job)| job.due <= now).min_by_key(|(_, job)| (!job.want.urgent, job.due)) {
            Some((id, job)) => Ok((id.clone(), job.want.clone())),
            None => Err(open().map(|(_, job)| job.due.saturating_duration_since(now)).min()),
        }
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
                Ok((id, want)) => {
                    state.running.insert(id.clone());
                    let part = state.shelf.part(id.as_str());
                    drop(state);
                    let outcome = self.speak(&id, &want, &part);
                    if let Some(made) = self.settle(&id, &part, outcome) {
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

    fn speak(&self, id: &SpeechId, want: &SpeechWant, part: &Path) -> Outcome {
        let Some(voice) = self.voice_of(&want.lang) else {
            return Outcome::Never(format!("no voice for {}", want.lang));
        };
        let text = plain(&want.text);
        if text.trim().is_empty() {
            return Outcome::Never("there is nothing to be said in it".to_owned());
        }
        let SpeechConfig { command, words_per_minute, .. } = &self.config;
        let voice = Voice { command, voice, words_per_minute: *words_per_minute, within: self.pace.within };
        voice.speak(&text, part, || {
            let state = self.lock();
            state.stopping || !state.jobs.contains_key(id)
        })
    }

    /// The voice of a language tag: its own, or that of the language without region; never another language's.
    fn voice_of(&self, lang: &str) -> Option<&str> {
        let tag = lang.to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let voices = &self.config.voices;
        voices.get(&tag).or_else(|| voices.get(primary)).map(String::as_str)
    }

    /// What comes of an attempt; `None` where there is nothing to say (again).
    fn settle(&self, id: &SpeechId, part: &Path, outcome: Outcome) -> Option<Made> {
        let spoken = matches!(outcome, Outcome::Spoken(_));
        let measured = spoken.then(|| drivers::sound::probe(part).ok()?.measured).flatten();
        let mut state = self.lock();
        let outcome = match outcome {
            Outcome::Spoken(duration_ms) if state.jobs.contains_key(id) => {
                match state.shelf.publish(id.as_str(), Sound { ms: duration_ms, measured }) {
                    Ok(()) => {
                        state.jobs.remove(id);
                        let State { shelf, wanted, .. } = &mut *state;
                        shelf.evict(self.budget, &wanted.keys().map(SpeechId::as_str).collect());
                        return Some(Made::Ready { duration_ms });
                    }
                    Err(error) => Outcome::Later(format!("storing its speech: {error}")),
                }
            }
            other @ (Outcome::Spoken(_) | Outcome::Halted | Outcome::Later(_) | Outcome::Never(_)) => other,
        };
        remove(part);
        let wanted = state.wanted.contains_key(id);
        let job = state.jobs.get_mut(id)?;
        match outcome {
            Outcome::Spoken(_) | Outcome::Halted => None,
            Outcome::Never(why) => {
                job.failed = true;
                log::warn!(speech = id.as_str(), error = why.as_str(); "text cannot be spoken");
                Some(Made::Failed(why))
            }
            Outcome::Later(why) => {
                let first = job.attempts == 0;
                let delay = self.pace.first.saturating_mul(1 << job.attempts.min(16)).min(self.pace.most);
                job.attempts += 1;
                job.due = Instant::now() + delay;
                if first {
                    log::warn!(speech = id.as_str(), error = why.as_str(); "text not spoken yet");
                }
                if !wanted && !job.lingers() {
                    state.jobs.remove(id);
                }
                first.then_some(Made::Failed(why))
            }
        }
    }
}

/// Whether the folder was spoken with this voice; it is from now on.
fn is_spoken_with(dir: &Path, config: &SpeechConfig) -> io::Result<bool> {
    let path = dir.join(SPOKEN_WITH);
    let now = format!("{config:?}\n");
    if fs::read_to_string(&path).is_ok_and(|before| before == now) {
        return Ok(true);
    }
    fs::write(&path, now)?;
    Ok(false)
}
