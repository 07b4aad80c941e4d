//! One sink's air: what leaves it, measured piece by piece, and kept for the ears in front of its horns.

use super::ear::{Gate, Which};
use super::howl::{Howl, Howls, Meaning, Meant};
use super::meter::{Meter, Reading};
use super::print::{Print, Printer, number};
use super::silence::{Finding, Judge, Limits};
use super::tones::{Ears, Pitches};
use super::witness::{Docket, Follower, Way};
use crate::sound::{Left, Listener, Reports};
use gateway_core::device::Report;
use gateway_core::id::{PlayId, SinkId};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much of what left is kept as a print, milliseconds.
pub(super) const KEPT_MS: u64 = 20_000;
/// Plays that are remembered for ears that hear late.
const PLAYS: usize = 4;
/// How long an ear stays open after the last play: echoes, and devices on the way.
const LINGERS: Duration = Duration::from_secs(2);
/// Levels older than this are those of a sink from which nothing leaves.
const STALE: Duration = Duration::from_secs(1);

/// How a sink sounds now, for the numbers page and the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AirLevels {
    /// What its meter reads.
    pub reading: Reading,
    /// For how long nothing has been heard of a due play, milliseconds; 0 while nothing is due.
    pub silent_for_ms: u64,
    /// Times pieces were lost to the listeners.
    pub gaps: u64,
    /// Times the sound stood still between two pieces for more than a piece is long.
    pub stalls: u64,
}

/// What is known of one sink.
pub(super) struct Sink {
    pub(super) id: SinkId,
    pub(super) epoch: Instant,
    pub(super) report: Reports,
    limits: Limits,
    /// Somebody listens in front of its horns: prints and pitches are wanted.
    heard: AtomicBool,
    /// To whoever compares it with what was meant.
    witness: Way,
    state: Mutex<State>,
    pub(super) gates: Mutex<Vec<Gate>>,
}

/// What changes of it.
pub(super) struct State {
    judge: Judge,
    levels: AirLevels,
    /// When the last piece ended.
    end: Option<Instant>,
    /// The play of the last piece.
    pub(super) due: Option<PlayId>,
    /// When something was last due.
    due_at: Option<Instant>,
    /// What the sink was last told to play, since when, and whether its silence was told of.
    wanted: Option<(PlayId, Instant, bool)>,
    /// A microphone is open to it: what left may itself be feedback.
    pub(super) microphone: bool,
    pub(super) print: Print,
    pub(super) plays: VecDeque<Span>,
    pub(super) pitches: Pitches,
    pub(super) meant: Meant,
    pub(super) docket: Docket,
    howling: BTreeSet<Which>,
    reset: bool,
}

/// A play and the frames of the print that are its.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub play: PlayId,
    pub first: u64,
    pub last: u64,
}

impl Sink {
    pub(super) fn new(id: SinkId, epoch: Instant, limits: Limits, report: Reports, witness: Way) -> Self {
        let state = State {
            judge: Judge::new(limits),
            levels: AirLevels::default(),
            end: None,
            due: None,
            due_at: None,
            wanted: None,
            microphone: false,
            print: Print::lasting(KEPT_MS),
            plays: VecDeque::new(),
            pitches: Pitches::default(),
            meant: Meant::default(),
            docket: Docket::default(),
            howling: BTreeSet::new(),
            reset: false,
        };
        let (heard, gates) = (AtomicBool::new(false), Mutex::new(Vec::new()));
        Self { id, epoch, report, limits, heard, witness, state: Mutex::new(state), gates }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, report: Report) {
        (self.report)(self.id.clone(), report);
    }

    /// Somebody listens in front of its horns from now on.
    pub(super) fn is_heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    pub(super) fn levels(&self, now: Instant) -> AirLevels {
        let state = self.state();
        let silent_for_ms = state.judge.silent_for_ms();
        if state.end.is_none_or(|end| now.saturating_duration_since(end) > STALE) {
            let Reading { peak_dbfs, peak_dbtp, .. } = state.levels.reading;
            let reading = Reading { peak_dbfs, peak_dbtp, ..Reading::default() };
            return AirLevels { reading, silent_for_ms, ..state.levels };
        }
        AirLevels { silent_for_ms, ..state.levels }
    }

    pub(super) fn reset_peaks(&self) {
        self.state().reset = true;
    }

    /// What the sink is told to play, and how.
    pub(super) fn wanted(&self, play: Option<PlayId>, hushed: bool, microphone: bool, now: Instant) {
        let mut state = self.state();
        state.judge.hush(hushed, now);
        state.microphone = microphone;
        let same = state.wanted.is_some_and(|(known, ..)| Some(known) == play);
        if !same || hushed {
            state.wanted = play.filter(|_| !hushed).map(|play| (play, now, false));
        }
    }

    /// Whether an ear is to be open.
    fn listening(&self, now: Instant) -> bool {
        let state = self.state();
        let lately = state.due_at.is_some_and(|at| now.saturating_duration_since(at) < LINGERS);
        lately || state.wanted.is_some()
    }

    /// Opens and closes the ears as it is time to.
    pub(super) fn turn_ears(&self, now: Instant) {
        let listening = self.listening(now);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, gate) in gates.iter_mut().enumerate() {
            gate.turn(listening || gate.always, self, number);
        }
    }

    /// Looks for what nobody tells: pieces that do not come.
    pub(super) fn tend(&self, now: Instant) {
        let mut found = Vec::new();
        let mut state = self.state();
        state.judge.tend(now, |finding| found.push(finding));
        let idle = state.due.is_none();
        let end = state.end;
        if let Some((play, since, told)) = &mut state.wanted
            && idle
            && !*told
            && end.is_none_or(|end| end < *since)
            && now.saturating_duration_since(*since).as_millis() as u64 >= self.limits.silence_ms
        {
            *told = true;
            let for_ms = now.saturating_duration_since(*since).as_millis() as u64;
            found.push(Finding::Silent { play: *play, for_ms });
        }
        drop(state);
        found.into_iter().for_each(|finding| self.say(finding.into()));
    }

    /// One who listens has found or lost a howl; a howl that several hear is told of once.
    pub(super) fn howls(&self, which: Which, howl: Howl) {
        let mut state = self.state();
        let before = state.howling.is_empty();
        if howl.on {
            state.howling.insert(which);
        } else {
            state.howling.remove(&which);
        }
        let after = state.howling.is_empty();
        drop(state);
        if before != after {
            self.say(Report::Howl { on: howl.on, hz: howl.hz });
        }
    }
}

impl State {
    /// Whether silence is what is wanted.
    pub(super) fn hushed(&self) -> bool {
        self.judge.hushed()
    }

    /// For how long nothing has left although it was due, milliseconds.
    pub(super) fn silent_for_ms(&self) -> u64 {
        self.judge.silent_for_ms()
    }
}

impl From<Finding> for Report {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::Silent { play, for_ms } => Self::Silent { play, for_ms },
            Finding::Unbidden { level_db } => Self::Unbidden { level_db },
        }
    }
}

/// Listens to what leaves a sink.
pub(super) struct Tap {
    sink: Arc<Sink>,
    meter: Meter,
    howls: Option<Howls>,
    for_ears: Option<ForEars>,
    follower: Follower,
}

/// What is worked out for those who listen in front of the horns.
struct ForEars {
    printer: Printer,
    tones: Ears,
    meaning: Meaning,
}

impl Tap {
    pub(super) fn new(sink: Arc<Sink>) -> Self {
        Self { sink, meter: Meter::default(), howls: None, for_ears: None, follower: Follower::default() }
    }

    /// Feedback that comes in by the sink's own open microphone has left by the time it is heard.
    fn feedback(&mut self, left: &Left<'_>, microphone: bool) {
        if !microphone {
            if let Some(over) = self.howls.take().and_then(|mut howls| howls.forget()) {
                self.sink.howls(Which::Tap, over);
            }
            return;
        }
        if self.howls.as_ref().is_none_or(|howls| howls.rate() != left.rate) {
            self.howls = Some(Howls::new(left.rate));
        }
        let sink = &self.sink;
        if let Some(howls) = &mut self.howls {
            howls.hear(left.at, left.samples, |howl| sink.howls(Which::Tap, howl));
        }
    }

    fn for_ears(&mut self, left: &Left<'_>) {
        let epoch = self.sink.epoch;
        if self.for_ears.as_ref().is_none_or(|f| f.meaning.rate() != left.rate) {
            let (printer, tones) = (Printer::new(left.rate, epoch), Ears::new(left.rate, epoch));
            self.for_ears = Some(ForEars { printer, tones, meaning: Meaning::new(left.rate) });
        }
        let Some(f) = &mut self.for_ears else { return };
        let (mut prints, mut pitches) = (Vec::new(), Vec::new());
        f.printer.push(left.at, left.samples, |n, bands| prints.push((n, bands)));
        f.tones.clean(left.at, left.samples, |slot, hz| pitches.push((slot, hz)));
        f.meaning.hear(left.at, left.samples);
        let mut state = self.sink.state();
        state.meant.clone_from(&f.meaning.mean);
        prints.into_iter().for_each(|(n, bands)| state.print.push(n, bands));
        let Some(play) = left.due else { return };
        pitches.into_iter().for_each(|(slot, hz)| state.pitches.push(slot, hz, play));
        let last = number(epoch, left.at);
        match state.plays.back_mut() {
            Some(span) if span.play == play => span.last = last,
            Some(_) | None => state.plays.push_back(Span { play, first: last, last }),
        }
        if state.plays.len() > PLAYS {
            state.plays.pop_front();
        }
    }
}

impl Listener for Tap {
    fn hear(&mut self, left: &Left<'_>) {
        if left.rate == 0 {
            return;
        }
        self.meter.hear(left.rate, left.samples);
        let mut found = Vec::new();
        let mut state = self.sink.state();
        let sound = (left.rate, left.samples);
        state.judge.hear(left.at, left.due, left.gap, sound, |finding| found.push(finding));
        state.due = left.due;
        let end = left.at + super::spectrum::span(left.samples.len() as u64, left.rate);
        let still =
            state.end.is_some_and(|before| left.at.saturating_duration_since(before) > Duration::from_millis(20));
        state.levels.gaps += u64::from(left.gap);
        state.levels.stalls += u64::from(still && !left.gap);
        state.end = Some(end);
        if left.due.is_some() {
            state.due_at = Some(end);
        }
        if std::mem::take(&mut state.reset) {
            self.meter.reset_peaks();
        }
        state.levels.reading = self.meter.reading();
        let microphone = state.microphone;
        drop(state);
        found.into_iter().for_each(|finding| self.sink.say(finding.into()));
        self.feedback(left, microphone);
        if self.sink.heard.load(Ordering::Relaxed) {
            self.for_ears(left);
        }
        if let Some(witness) = self.sink.witness.get() {
            self.follower.hear(&self.sink, witness, left);
        }
    }

    fn close(&mut self) {
        let mut state = self.sink.state();
        (state.due, state.wanted) = (None, None);
        state.judge = Judge::new(self.sink.limits);
    }
}
