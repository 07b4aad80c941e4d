//! The text voice: speaks what the core wants into files, urgent texts first, no language with another's voice.
//!
//! Several programs can speak; the preferred one that is well is asked first, and what it says is looked at before it is
//! believed. An urgent text is reported ready with its first sentence: its file grows while it is played
//! ([`drivers::sound::Growing`]). A text that a lesser voice had to speak is spoken again when a better one can.

mod child;
mod engine;
mod fit;
mod growth;
mod jobs;
mod stamp;
mod telling;
#[cfg(test)]
mod tests;
mod text;
mod trial;
mod wav;
pub(crate) mod words;

pub(crate) use child::TEXT;

use crate::config::SpeechConfig;
use crate::shelf::{Shelf, Sound, remove};
use engine::{Engine, engines};
use gateway_core::id::SpeechId;
use gateway_core::input::Made;
use gateway_core::want::SpeechWant;
use jobs::{Job, State};
use stamp::Stamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, io, thread};
use telling::{Telling, Told};
use text::Script;
pub(crate) use trial::{Prompter, Unheard};
use wav::wav_length;
use web_ui::Metric;
use words::Lexicon;

/// Texts that are spoken at a time; an urgent one has a place of its own besides.
const WORKERS: usize = 2;
/// A text spoken by a lesser voice is tried so often with a better one.
const BETTERINGS: u32 = 3;

/// How patient the voice is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Before the first repeat; each further one waits twice as long.
    pub(crate) first: Duration,
    /// Longest wait between two attempts.
    pub(crate) most: Duration,
    /// Longest time for a piece of text …
    pub(crate) within: Duration,
    /// … and so much more for each letter of it.
    pub(crate) a_letter: Duration,
    /// Longest time where somebody waits and another engine stands ready, with a quarter of that for each letter.
    pub(crate) urgent: Duration,
    /// Longest silence that may come between two pieces while the second is still being made.
    pub(crate) gap: Duration,
    /// An engine that failed is left alone so long; twice as long with each further failure.
    pub(crate) rest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let (seconds, ms) = (Duration::from_secs, Duration::from_millis);
        let (first, most, rest) = (seconds(2), seconds(300), seconds(30));
        Self { first, most, within: seconds(10), a_letter: ms(120), urgent: seconds(2), gap: ms(1500), rest }
    }
}

/// The voice. Dropping it ends what is being spoken.
pub(crate) struct Speech {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    engines: Vec<Engine>,
    lexicon: Mutex<Arc<Lexicon>>,
    pace: Pace,
    budget: u64,
    /// Where programs make their files.
    making: PathBuf,
    report: Box<dyn Fn(SpeechId, Made) + Send + Sync>,
    /// One trial at a time.
    trial: Mutex<()>,
}

/// What comes of an attempt.
#[derive(Debug)]
enum Outcome {
    /// There is a part of that length, spoken so.
    Spoken { ms: u64, by: usize, stamp: Stamp, lexicon: Arc<Lexicon> },
    /// The file that is there is as good as any.
    Kept,
    /// Nobody wants it any more.
    Halted,
    /// Not now; why, and what to do.
    Later(String),
    /// The engine that would do it better rests so long.
    Rests(Duration),
    /// Never; why.
    Never(String),
}

impl Speech {
    /// Opens the folder of spoken texts and reports what is in it. `budget` is how many bytes may stay when nobody needs
    /// them. `report` is called on threads of the voice only, and may wait.
    ///
    /// # Errors
    /// When the folder cannot be made or listed, or no thread can be had. A missing voice is none: it is reported with
    /// each text, and looked for again.
    pub(crate) fn start(
        dir: &Path,
        budget: u64,
        config: &SpeechConfig,
        lexicon: Lexicon,
        pace: Pace,
        report: impl Fn(SpeechId, Made) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let mut shelf = Shelf::open(dir.to_owned(), "wav")?;
        shelf.sweep(&BTreeSet::new());
        let making = dir.join("making");
        if let Err(error) = fs::remove_dir_all(&making)
            && error.kind() != io::ErrorKind::NotFound
        {
            log::warn!(error:%; "what was being spoken at the last stop cannot be removed");
        }
        fs::create_dir_all(&making)?;
        let here: Vec<(String, Option<u64>)> =
            shelf.list().map(|(name, sound)| (name.to_owned(), sound.map(|s| s.ms))).collect();
        let mut known = VecDeque::new();
        for (name, length) in here {
            match length.or_else(|| wav_length(&shelf.path(&name)).ok()).filter(|ms| *ms > 0) {
                Some(duration_ms) => known.push_back((SpeechId::from(name), Made::Ready { duration_ms })),
                None => shelf.remove(&name),
            }
        }
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(shelf, known)),
            changed: Condvar::new(),
            engines: engines(config),
            lexicon: Mutex::new(Arc::new(lexicon)),
            pace,
            budget,
            making,
            report: Box::new(report),
            trial: Mutex::new(()),
        });
        for number in 0..=WORKERS {
            let shared = shared.clone();
            thread::Builder::new().name("speech".into()).spawn(move || shared.work(number))?;
        }
        Ok(Self { shared })
    }

    /// Says what is wanted, all of it: what is not in the map any more is given up.
    pub(crate) fn want(&self, wanted: &BTreeMap<SpeechId, SpeechWant>) {
        if self.shared.lock().want(wanted) {
            self.shared.changed.notify_all();
        }
    }

    /// The part of the voice that the desk may use.
    pub(crate) fn prompter(&self) -> Prompter {
        Prompter { shared: self.shared.clone() }
    }

    /// How the engines do, asked at any time.
    pub(crate) fn metrics(&self) -> impl Fn() -> Vec<Metric> + Send + Sync + use<> {
        let shared = self.shared.clone();
        move || shared.engines.iter().flat_map(|e| e.metrics(Instant::now())).collect()
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lexicon(&self) -> Arc<Lexicon> {
        self.lexicon.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One worker; number 0 speaks only what somebody waits for.
    fn work(&self, number: usize) {
        let out = self.making.join(format!("{number}.wav"));
        let mut state = self.lock();
        while !state.stopping {
            if let Some((id, made)) = state.known.pop_front() {
                drop(state);
                (self.report)(id, made);
                state = self.lock();
                continue;
            }
            match state.next(Instant::now(), number == 0) {
                Ok((id, job)) => {
                    state.running.insert(id.clone());
                    let (part, by) = (state.shelf.part(id.as_str()), state.shelf.by(id.as_str()));
                    drop(state);
                    let announced = AtomicBool::new(false);
                    let outcome = self.speak(&id, &job, &Place { part: &part, by: &by, out: &out }, &announced);
                    if let Some(made) = self.settle(&id, &part, outcome, announced.into_inner()) {
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

    fn speak(&self, id: &SpeechId, job: &Job, place: &Place<'_>, announced: &AtomicBool) -> Outcome {
        let (lang, lexicon) = (job.want.lang.as_str(), self.lexicon());
        let mut allowed: Vec<usize> = (0..self.engines.len()).filter(|at| self.speaks(*at, lang)).collect();
        if allowed.is_empty() {
            return Outcome::Never(format!("no voice for {lang}"));
        }
        let script = match Script::new(lang, &job.want.text, &lexicon) {
            Ok(script) => script,
            Err(why) => return Outcome::Never(why),
        };
        let words = script.digest();
        if job.again {
            match self.better(job, place.by, &words, allowed) {
                Ok(better) => allowed = better,
                Err(outcome) => return outcome,
            }
        }
        if script.refused > 0 {
            let (speech, sentences) = (id.as_str(), script.refused);
            log::warn!(speech, sentences; "sentences in another language are left out");
        }
        let urgent = job.presses();
        let telling =
            Telling { engines: &self.engines, allowed: &allowed, lang, urgent, pace: self.pace, out: place.out };
        let announce = |duration_ms| {
            announced.store(true, Ordering::Relaxed);
            (self.report)(id.clone(), Made::Ready { duration_ms });
        };
        // What was announced may be heard already: it is finished whether or not it is wanted on.
        let halted = || {
            let state = self.lock();
            state.stopping || (!announced.load(Ordering::Relaxed) && !state.jobs.contains_key(id))
        };
        match telling.tell(&script.pieces(urgent), place.part, announce, halted) {
            Told::Spoken { ms, by } => {
                let (name, engine) =
                    self.engines.get(by).map(|e| (e.name.clone(), e.digest.clone())).unwrap_or_default();
                Outcome::Spoken { ms, by, stamp: Stamp { name, engine, words }, lexicon }
            }
            Told::Halted => Outcome::Halted,
            Told::Later(why) => Outcome::Later(why),
        }
    }

    fn speaks(&self, engine: usize, lang: &str) -> bool {
        self.engines.get(engine).is_some_and(|e| e.command(lang).is_some())
    }

    /// Which engines would do better than what is on the shelf: all of them where other words would be said.
    fn better(&self, job: &Job, by: &Path, words: &str, able: Vec<usize>) -> Result<Vec<usize>, Outcome> {
        let stamp = Stamp::read(by).filter(|stamp| stamp.words == words);
        let rank = stamp.and_then(|stamp| self.engines.iter().position(|e| e.digest == stamp.engine));
        let Some(rank) = rank else { return Ok(able) };
        let better: Vec<usize> = able.into_iter().filter(|at| *at < rank).collect();
        if better.is_empty() || job.attempts >= BETTERINGS {
            return Err(Outcome::Kept);
        }
        let now = Instant::now();
        let rests = better.iter().filter_map(|at| self.engines.get(*at)).map(|e| e.rests_for(now));
        match rests.min() {
            Some(Some(_)) if job.want.urgent => Err(Outcome::Kept),
            Some(Some(rest)) => Err(Outcome::Rests(rest)),
            Some(None) | None => Ok(better),
        }
    }

    /// What comes of an attempt; `None` where there is nothing to say (again).
    fn settle(&self, id: &SpeechId, part: &Path, outcome: Outcome, announced: bool) -> Option<Made> {
        let spoken = matches!(outcome, Outcome::Spoken { .. });
        let measured = spoken.then(|| drivers::sound::probe(part).ok()?.measured).flatten();
        let mut state = self.lock();
        let outcome = match outcome {
            Outcome::Spoken { ms, by, stamp, lexicon } if announced || state.jobs.contains_key(id) => {
                match state.shelf.publish(id.as_str(), Sound { ms, measured }) {
                    Ok(()) => return Some(self.published(&mut state, id, ms, by, &stamp, &lexicon)),
                    Err(error) => Outcome::Later(format!("storing its speech: {error}")),
                }
            }
            Outcome::Spoken { .. } => Outcome::Halted,
            other @ (Outcome::Kept | Outcome::Halted | Outcome::Later(_) | Outcome::Rests(_) | Outcome::Never(_)) => {
                other
            }
        };
        remove(part);
        let wanted = state.wanted.contains_key(id);
        let job = state.jobs.get_mut(id)?;
        let (speech, again) = (id.as_str(), job.again);
        match outcome {
            Outcome::Spoken { .. } | Outcome::Halted => None,
            Outcome::Kept => {
                state.jobs.remove(id);
                None
            }
            Outcome::Rests(wait) => {
                job.due = Instant::now() + wait;
                None
            }
            Outcome::Never(why) => {
                job.failed = true;
                log::warn!(speech, error = why.as_str(); "text cannot be spoken");
                (!again).then_some(Made::Failed(why))
            }
            Outcome::Later(why) => {
                let news = job.attempts == 0 || announced;
                let delay = self.pace.first.saturating_mul(1 << job.attempts.min(16)).min(self.pace.most);
                job.attempts += 1;
                job.due = Instant::now() + delay;
                if news {
                    log::warn!(speech, error = why.as_str(), again; "text not spoken yet");
                }
                if !wanted && !job.lingers() {
                    state.jobs.remove(id);
                }
                (news && !again).then_some(Made::Failed(why))
            }
        }
    }

    /// Notes who has spoken, and whether it is to be spoken again.
    fn published(
        &self,
        state: &mut State,
        id: &SpeechId,
        ms: u64,
        by: usize,
        stamp: &Stamp,
        lexicon: &Arc<Lexicon>,
    ) -> Made {
        if let Err(error) = stamp.write(&state.shelf.by(id.as_str())) {
            log::warn!(error:%; "who spoke a text cannot be noted: it will be spoken again");
        }
        log::info!(speech = id.as_str(), engine = stamp.name.as_str(), ms; "text spoken");
        let job = state.jobs.remove(id);
        let best = job.and_then(|job| (0..by).find(|at| self.speaks(*at, &job.want.lang)));
        if best.is_some() || !Arc::ptr_eq(lexicon, &self.lexicon()) {
            state.look_again_at(id);
        }
        let State { shelf, wanted, .. } = state;
        shelf.evict(self.budget, &wanted.keys().map(SpeechId::as_str).collect(), &BTreeSet::new());
        Made::Ready { duration_ms: ms }
    }
}

/// Where one text is made.
struct Place<'a> {
    part: &'a Path,
    by: &'a Path,
    out: &'a Path,
}
