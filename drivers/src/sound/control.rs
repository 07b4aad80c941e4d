//! The one thread that owns a line: opens and closes it, starts decoders, and says what happened when it has happened.

use super::breakdown::guarded;
use super::door::{Doors, Job};
use super::voice::Event;
use super::voice::{Ending, Sound, Voice};
use super::{LineState, Reports, Sources};
use gateway_core::device::{Fault, Report};
use gateway_core::id::SinkId;
use rtrb::Consumer;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a line is looked at when nothing calls.
const LOOK: Duration = Duration::from_millis(500);
/// Between attempts after the thread broke down: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Decoders of one line at a time; more can only mean that a disk no longer answers them.
const DECODERS: usize = 16;
/// Stack of a decoder. Symphonia's decoders keep their tables on the heap.
const DECODER_STACK: usize = 512 * 1024;

/// What a line turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It takes sound.
    Well,
    /// It does not, and why.
    Lost(String),
    /// It is there, and says no.
    Refused(String),
}

/// What a line's sound goes to: a card, or files.
pub(super) trait Outlet {
    /// Looks after it. Says what changed, and when to look again at the latest.
    fn tend(&mut self, now: Instant, state: &mut LineState) -> (Option<Change>, Instant);

    /// Fades out and lets go of it.
    fn close(&mut self);

    /// It was in the middle of something that broke down: it begins anew, and says so when it is well again.
    fn give_up(&mut self, now: Instant);
}

/// Everything the control thread holds.
pub(super) struct Control<O> {
    pub(super) name: String,
    pub(super) sinks: Vec<SinkId>,
    pub(super) outlet: O,
    pub(super) doors: Arc<Doors>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) events: Consumer<Event>,
    pub(super) dry: Arc<AtomicU64>,
    pub(super) sources: Arc<Sources>,
    pub(super) reports: Reports,
    pub(super) state: Arc<Mutex<LineState>>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) afoot: Afoot,
}

/// What is under way.
#[derive(Default)]
pub(super) struct Afoot {
    /// Reports that are true at their time: what leaves the mixer now leaves the device a little later.
    due: Vec<(Instant, SinkId, Report)>,
    decoders: Vec<JoinHandle<()>>,
    /// The line takes sound, as far as was last said.
    well: bool,
}

impl<O: Outlet> Control<O> {
    /// Runs until told to stop.
    pub(super) fn run(mut self) {
        let mut pause = PAUSES.0;
        while !self.stop.load(Ordering::Acquire) {
            let begun = Instant::now();
            let next = match guarded("the thread that looks after a sound line", || self.turn()) {
                Ok(next) => {
                    pause = if self.afoot.well { PAUSES.0 } else { pause };
                    next
                }
                Err(broke) => {
                    self.recover(&broke.to_string());
                    pause = (pause * 2).min(PAUSES.1);
                    begun + pause
                }
            };
            self.rest(next);
        }
        // Nobody is left to be told.
        if guarded("closing a sound line", || self.outlet.close()).is_ok() {
            self.take_events();
        }
    }

    /// Waits for a call, or until then at the latest.
    fn rest(&self, next: Instant) {
        thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }

    /// Does what is to be done now, and says when to come again.
    fn turn(&mut self) -> Instant {
        self.start_decoders();
        self.doors.retell();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (change, again) = self.outlet.tend(Instant::now(), &mut state);
        state.starved = self.dry.load(Ordering::Relaxed);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.take_events();
        if let Some(change) = change {
            self.announce(&change);
        }
        self.report_due();
        let now = Instant::now();
        self.afoot.due.iter().map(|(due, ..)| *due).fold(again.min(now + LOOK), Instant::min)
    }

    /// Its turn broke down: the line is said to be lost, and its outlet told, so that it says itself when it is well again.
    fn recover(&mut self, why: &str) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.open = false;
            state.breakdowns += 1;
        }
        if guarded("letting go of a sound line", || self.outlet.give_up(Instant::now())).is_err() {
            log::error!(line = self.name; "its outlet could not be given up");
        }
        let change = Change::Lost(why.to_owned());
        if guarded("saying that a sound line is lost", || self.announce(&change)).is_err() {
            log::error!(line = self.name; "nobody could be told");
        }
    }

    fn start_decoders(&mut self) {
        self.afoot.decoders.retain(|d| !d.is_finished());
        while let Ok(Job { source, from_ms, rate, spout }) = self.jobs.try_recv() {
            if self.afoot.decoders.len() >= DECODERS {
                spout.end(Some("the disk no longer answers".into()));
                continue;
            }
            let sources = Arc::clone(&self.sources);
            let work = move || sources.pour(&source, from_ms, rate, spout);
            match thread::Builder::new().name("sound-decode".into()).stack_size(DECODER_STACK).spawn(work) {
                Ok(decoder) => self.afoot.decoders.push(decoder),
                // The spout went with the closure, and says so to the play.
                Err(error) => log::error!(line = self.name, error:%; "no thread for a decoder"),
            }
        }
    }

    fn take_events(&mut self) {
        while let Ok(event) = self.events.pop() {
            match event {
                Event::Sounding { lane, play, due } => self.plan(lane, due, Report::Sounding { play }),
                Event::Ended { lane, voice, how, due } => {
                    let report =
                        Report::Ended { play: voice.play, played_ms: voice.played_ms(), broken: reason(&voice, how) };
                    self.plan(lane, due, report);
                }
                Event::Retired(voice) => drop(voice),
            }
        }
    }

    fn plan(&mut self, lane: usize, due: Instant, report: Report) {
        if let Some(sink) = self.sinks.get(lane) {
            self.afoot.due.push((due, sink.clone(), report));
        }
    }

    fn report_due(&mut self) {
        let now = Instant::now();
        if !self.afoot.well {
            return;
        }
        // A stable sort: what was first of two things due at once stays first.
        self.afoot.due.sort_by_key(|(due, ..)| *due);
        let ready = self.afoot.due.partition_point(|(due, ..)| *due <= now);
        for (_, sink, report) in self.afoot.due.drain(..ready) {
            (self.reports)(sink, report);
        }
    }

    fn announce(&mut self, change: &Change) {
        self.afoot.well = *change == Change::Well;
        for sink in &self.sinks {
            let report = match change {
                Change::Well => Report::Well,
                Change::Lost(why) => Report::Fault(Fault::Line(why.clone())),
                Change::Refused(why) => Report::Fault(Fault::Refused(why.clone())),
            };
            (self.reports)(sink.clone(), report);
        }
        match change {
            Change::Well => log::info!(line = self.name; "sound line is well"),
            Change::Lost(why) | Change::Refused(why) => {
                log::warn!(line = self.name, error = why; "sound line failed");
                // What was to be heard from the device's buffer was not; what ended has ended all the same.
                for (_, sink, report) in
                    self.afoot.due.drain(..).filter(|(.., r)| !matches!(r, Report::Sounding { .. }))
                {
                    (self.reports)(sink, report);
                }
            }
        }
    }
}

/// Why a play broke off, if it did.
fn reason(voice: &Voice, how: Ending) -> Option<String> {
    match (how, &voice.sound) {
        (Ending::Stuck, _) => Some("nothing came from its file for too long".into()),
        (Ending::Over, Sound::Feed(feed)) => feed.broken(),
        (Ending::Over, Sound::Tone(_) | Sound::Chime(_) | Sound::Digits(_)) => None,
    }
}
