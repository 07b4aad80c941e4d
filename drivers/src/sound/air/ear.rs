//! An ear in front of a sink's horns: open only while something plays, and keeping no sound.
//!
//! What an ear holds of a microphone, by type: the frame of at most 160 ms that each analysis is at work on, overwritten
//! when the ear closes; a [`Print`] of 20 s, which is four levels every 10 ms; and, frame by frame, how strong the few
//! pitches are that the sink itself sent. No speech can be made of these, and none of them has a way to a disk.

use super::howl::Howls;
use super::print::{FRAME_MS, Likeness, Print, Printer, likeness};
use super::silence::{Finding, Judge, Limits};
use super::tap::{KEPT_MS, Sink, Span};
use super::tones::{Ears, Trace};
use super::{Calibration, EarConfig, EarKind};
use gateway_core::device::Report;
use gateway_core::id::PlayId;
use gateway_core::want::Grade;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The latest a sound is looked for after it left, milliseconds.
pub(super) const LATEST_MS: i64 = 2_000;
/// How far a calibrated delay may be off, milliseconds.
const OFF_MS: i64 = 150;
/// Content is compared over at most so many frames: 15 s.
const OVER: u64 = 1_500;
/// How often it is looked for, frames: each second, and every five where it has not been found in half a minute.
const OFTEN: (u64, u64) = (100, 500);
/// Frames from which on it is looked for less often.
const LONG: u64 = 3_000;
/// Plays whose proof is remembered.
const PROVEN: usize = 8;

/// Who found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// What left itself.
    Tap,
    /// An ear, by number.
    Ear(usize),
}

/// Opens (`true`) or closes what an ear hears by. It must not block for long.
pub type Valve = Box<dyn Fn(bool) + Send + Sync>;

/// An ear as its sink knows it.
pub(super) struct Gate {
    valve: Valve,
    open: bool,
    /// It hears nothing but programme.
    pub(super) always: bool,
    state: Arc<Mutex<State>>,
}

/// Where a microphone's or a line's pieces go.
pub struct Ear {
    sink: Arc<Sink>,
    which: Which,
    state: Arc<Mutex<State>>,
}

struct State {
    config: EarConfig,
    open: bool,
    epoch: Instant,
    print: Print,
    at_work: Option<AtWork>,
    trace: Trace,
    judge: Judge,
    /// The frame at which content was last looked for.
    looked: u64,
    proven: VecDeque<(PlayId, Grade)>,
    learned: Option<Calibration>,
}

/// What holds samples, each of the frame it is at work on.
struct AtWork {
    printer: Printer,
    tones: Ears,
    howls: Howls,
}

impl Gate {
    /// Opens or closes it, and forgets what it holds when it closes.
    pub(super) fn turn(&mut self, open: bool, sink: &Sink, number: usize) {
        if self.open == open {
            return;
        }
        self.open = open;
        (self.valve)(open);
        let over = lock(&self.state).turn(open);
        if let Some(over) = over {
            sink.howls(Which::Ear(number), over);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ear {
    pub(super) fn new(sink: Arc<Sink>, config: EarConfig, limits: Limits, valve: Valve) -> Self {
        sink.is_heard();
        // A line brings back what is due a little later: the tail of a play is not unbidden.
        let judge = Judge::new(Limits { tail_ms: LATEST_MS as u64, ..limits });
        let state = Arc::new(Mutex::new(State {
            config,
            open: false,
            epoch: sink.epoch,
            print: Print::lasting(KEPT_MS),
            at_work: None,
            trace: Trace::default(),
            judge,
            looked: 0,
            proven: VecDeque::new(),
            learned: None,
        }));
        let mut gates = sink.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let which = Which::Ear(gates.len());
        gates.push(Gate { valve, open: false, always: config.kind == EarKind::Line, state: state.clone() });
        drop(gates);
        Self { sink, which, state }
    }

    /// Takes the next piece of one channel, whose first sample was heard at `at`. What comes while the ear is closed is
    /// not looked at.
    pub fn hear(&self, at: Instant, rate: u32, samples: &[f32]) {
        let mut state = lock(&self.state);
        if !state.open || rate == 0 {
            return;
        }
        let (mut howls, mut found) = (Vec::new(), Vec::new());
        let (due, left, silent, hushed) = {
            let sink = self.sink.state();
            let meant = (!sink.microphone).then(|| sink.meant.clone());
            (sink.due, (sink.pitches.clone(), meant), sink.silent_for_ms(), sink.hushed())
        };
        let (pitches, meant) = left;
        match state.config.kind {
            EarKind::Microphone => state.howls(rate).meant(meant),
            EarKind::Line => {
                let sound = (rate, samples);
                state.judge.hush(hushed, at);
                state.judge.hear(at, due, false, sound, |finding| found.push(finding));
            }
        }
        state.take(at, rate, samples, &pitches.hz(), |howl| howls.push(howl));
        let mut heard = Vec::new();
        if let Some(tone) = state.trace.judge(&pitches).filter(|tone| tone.proves()) {
            heard.extend(state.prove(tone.play, Grade::Tone));
        }
        if state.time_to_look() {
            let (print, plays) = {
                let sink = self.sink.state();
                (sink.print.clone(), sink.plays.clone())
            };
            for span in plays {
                heard.extend(state.look(&print, span));
            }
        }
        drop(state);
        for howl in howls {
            self.sink.howls(self.which, howl);
        }
        // What did not even leave is told of by the tap.
        found.retain(|finding| !matches!(finding, Finding::Silent { .. }) || silent == 0);
        let say = |report| (self.sink.report)(self.sink.id.clone(), report);
        found.into_iter().for_each(|finding| say(finding.into()));
        heard.into_iter().for_each(|(play, grade)| say(Report::Heard { play, grade }));
    }

    #[cfg(test)]
    pub(super) fn holds_anything(&self) -> bool {
        let state = lock(&self.state);
        state.at_work.is_some() || state.print.ms() > 0
    }

    /// What was learned of the way from the sink to this ear, at the last content that was proven.
    pub fn calibration(&self) -> Option<Calibration> {
        lock(&self.state).learned
    }
}

impl State {
    fn turn(&mut self, open: bool) -> Option<super::Howl> {
        self.open = open;
        if open {
            return None;
        }
        self.print.clear();
        self.trace.clear();
        let mut at_work = self.at_work.take()?;
        at_work.printer.forget();
        at_work.tones.forget();
        at_work.howls.forget()
    }

    fn at_work(&mut self, rate: u32) -> &mut AtWork {
        if self.at_work.as_ref().is_some_and(|w| w.printer.rate() != rate) {
            self.at_work = None;
        }
        let epoch = self.epoch;
        self.at_work.get_or_insert_with(|| AtWork {
            printer: Printer::new(rate, epoch),
            tones: Ears::new(rate, epoch),
            howls: Howls::new(rate),
        })
    }

    fn howls(&mut self, rate: u32) -> &mut Howls {
        &mut self.at_work(rate).howls
    }

    fn take(&mut self, at: Instant, rate: u32, samples: &[f32], pitches: &[f32], howl: impl FnMut(super::Howl)) {
        let microphone = self.config.kind == EarKind::Microphone;
        let (mut prints, mut traces) = (Vec::new(), Vec::new());
        let work = self.at_work(rate);
        work.printer.push(at, samples, |n, bands| prints.push((n, bands)));
        work.tones.listen(at, samples, pitches, |slot, at| traces.push((slot, at)));
        if microphone {
            work.howls.hear(at, samples, howl);
        }
        prints.into_iter().for_each(|(n, bands)| self.print.push(n, bands));
        traces.into_iter().for_each(|(slot, at)| self.trace.push(slot, at));
    }

    fn time_to_look(&mut self) -> bool {
        let due = self.print.end() >= self.looked + OFTEN.0;
        if due {
            self.looked = self.print.end();
        }
        due
    }

    /// Looks for one play in what was heard.
    fn look(&mut self, left: &Print, span: Span) -> Option<(PlayId, Grade)> {
        let long = span.last - span.first;
        if self.proven.contains(&(span.play, Grade::Content))
            || (long > LONG && !(self.looked / OFTEN.0).is_multiple_of(OFTEN.1 / OFTEN.0))
        {
            return None;
        }
        let meant = left.part(span.first.max(span.last.saturating_sub(OVER)), span.last + 1);
        if !meant.is_lively() {
            return None;
        }
        let heard = self.print.part(meant.first(), span.last + 1 + LATEST_MS as u64 / FRAME_MS);
        let reach = match self.config.calibration {
            Some(known) => ((known.delay_ms - OFF_MS).max(0), known.delay_ms + OFF_MS),
            None => (0, LATEST_MS),
        };
        let Likeness { correlation, delay_ms, level_db, over_ms } = likeness(&meant, &heard, reach)?;
        if over_ms < self.config.content_ms || correlation < self.config.content {
            return None;
        }
        self.learned = Some(Calibration { delay_ms, level_db });
        self.prove(span.play, Grade::Content)
    }

    /// A grade is told of once for each play.
    fn prove(&mut self, play: PlayId, grade: Grade) -> Option<(PlayId, Grade)> {
        if self.proven.contains(&(play, grade)) {
            return None;
        }
        self.proven.push_back((play, grade));
        if self.proven.len() > PROVEN {
            self.proven.pop_front();
        }
        Some((play, grade))
    }
}
