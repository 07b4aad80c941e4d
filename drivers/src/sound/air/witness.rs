//! Content evidence while the station runs: what left a sink beside its source, decoded anew.
//!
//! Each play is looked at once, from its beginning: after eight seconds that nothing interrupted, or at its end if it had
//! three. One thread of low priority decodes the same source again and compares prints; no sound is kept. What cannot be
//! judged (a steady sound, a source that is gone meanwhile, more plays than there is time for) is passed over in silence.

use super::print::{Print, Printer, likeness};
use super::spectrum::span;
use super::tap::Sink;
use crate::sound::feed::{Poured, Priming, feed_at};
use crate::sound::{Left, Sources, realtime};
use gateway_core::device::Report;
use gateway_core::id::PlayId;
use gateway_core::want::{Beneath, Play, SinkWant, Source};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// So much of a play is looked at, milliseconds …
const WHOLE_MS: u64 = 8_000;
/// … and no less than this, where it ends sooner.
const LEAST_MS: u64 = 3_000;
/// How much of the source is decoded beyond that, and how much later it may have left, milliseconds.
const LATER_MS: u64 = 2_000;
/// And how much earlier.
const EARLIER_MS: i64 = 500;
/// Below this correlation of the envelopes it is another sound: other words reach 0.32 over five seconds.
const DIFFERS: f32 = 0.45;
/// The rate at which the source is decoded anew, hertz: twice the highest band of a print, and more.
const RATE: u32 = 16_000;
/// Plays that may wait to be looked at.
const QUEUE: usize = 8;
/// Plays that are remembered: told, and looked at.
const PLAYS: usize = 8;
/// Between two looks at speech that is still growing, and how many there are.
const GROWS: (Duration, u32) = (Duration::from_secs(2), 30);
/// A decoder that gives nothing for so long is left alone.
const PATIENCE: Duration = Duration::from_secs(10);
/// Stack of the two threads; the other decodes.
const STACK: usize = 1024 * 1024;

/// The way to whoever looks; empty: nobody does.
pub(super) type Way = Arc<OnceLock<SyncSender<Case>>>;

/// A play as it left, to be looked at.
pub(super) struct Case {
    sink: Arc<Sink>,
    what: Told,
    left: Print,
}

/// What a sink was told to play.
#[derive(Clone, Debug)]
pub(super) struct Told {
    play: PlayId,
    source: Source,
    from_ms: u64,
}

/// The plays of a sink that can be looked at.
#[derive(Debug, Default)]
pub(super) struct Docket(VecDeque<Told>);

impl Docket {
    /// Notes what a sink is told.
    pub(super) fn note(&mut self, want: &SinkWant) {
        // What lies beneath was interrupted, and comes back in the middle; what is heard above another is not alone.
        if let Some(under) = &want.under {
            self.0.retain(|told| told.play != under.play.id);
        }
        let alone = want.volume > 0 && want.under.as_ref().is_none_or(|under| under.how != Beneath::Ducked);
        if !alone {
            let playing = want.play.as_ref().map(|play| play.id);
            self.0.retain(|told| Some(told.play) != playing);
            return;
        }
        for Play { id, source, from_ms, .. } in want.play.iter().chain(&want.next) {
            let again = matches!(source, Source::Clip(_) | Source::Speech(_));
            if again && !self.0.iter().any(|told| told.play == *id) {
                self.0.push_back(Told { play: *id, source: source.clone(), from_ms: *from_ms });
            }
        }
        while self.0.len() > PLAYS {
            self.0.pop_front();
        }
    }

    fn find(&self, play: PlayId) -> Option<Told> {
        self.0.iter().find(|told| told.play == play).cloned()
    }
}

/// Follows the plays of one sink.
#[derive(Default)]
pub(super) struct Follower {
    printer: Option<Printer>,
    /// The play that leaves, and its print as far as it is whole.
    now: Option<(Told, Print)>,
    /// Those that were followed: one that comes back is not followed again.
    known: VecDeque<PlayId>,
    end: Option<Instant>,
}

impl Follower {
    /// Takes a piece that left.
    pub(super) fn hear(&mut self, sink: &Arc<Sink>, to: &SyncSender<Case>, left: &Left<'_>) {
        let end = left.at + span(left.samples.len() as u64, left.rate);
        let before = self.end.replace(end);
        let torn = left.gap || before.is_some_and(|before| left.at.saturating_duration_since(before).as_millis() > 20);
        let rate = self.printer.as_ref().map(Printer::rate);
        if torn || rate != Some(left.rate) {
            // From here on nobody knows which part of the source it is.
            (self.now, self.printer) = (None, Some(Printer::new(left.rate, sink.epoch)));
        }
        if self.now.as_ref().map(|(told, _)| told.play) != left.due {
            self.finish(sink, to);
            self.begin(sink, left.due);
        }
        if let (Some((_, print)), Some(printer)) = (&mut self.now, &mut self.printer) {
            printer.push(left.at, left.samples, |n, bands| print.push(n, bands));
            if print.ms() >= WHOLE_MS {
                self.finish(sink, to);
            }
        }
    }

    fn begin(&mut self, sink: &Sink, due: Option<PlayId>) {
        let Some(play) = due.filter(|play| !self.known.contains(play)) else { return };
        self.known.push_back(play);
        if self.known.len() > PLAYS {
            self.known.pop_front();
        }
        if let Some(printer) = &mut self.printer {
            printer.forget();
        }
        self.now = sink.state().docket.find(play).map(|told| (told, Print::default()));
    }

    /// The play is over, or enough of it has left.
    fn finish(&mut self, sink: &Arc<Sink>, to: &SyncSender<Case>) {
        let Some((what, left)) = self.now.take().filter(|(_, left)| left.ms() >= LEAST_MS) else { return };
        // A queue that is full has work for a minute: this one goes unproven.
        drop(to.try_send(Case { sink: Arc::clone(sink), what, left }));
    }
}

/// Starts the thread that looks. It ends when nobody can send it anything any more.
pub(super) fn start(sources: Arc<Sources>) -> io::Result<SyncSender<Case>> {
    let (to, cases) = sync_channel(QUEUE);
    let work = move || {
        realtime::yield_to_others();
        look(&cases, &sources);
    };
    thread::Builder::new().name("sound-witness".into()).stack_size(STACK).spawn(work)?;
    Ok(to)
}

fn look(cases: &Receiver<Case>, sources: &Arc<Sources>) {
    let mut growing: Vec<(Case, u32)> = Vec::new();
    loop {
        match cases.recv_timeout(GROWS.0) {
            Ok(case) if sources.is_growing(&case.what.source) && growing.len() < QUEUE => growing.push((case, 0)),
            Ok(case) => case.judge(sources),
            Err(RecvTimeoutError::Timeout) => {
                for (case, tries) in std::mem::take(&mut growing) {
                    if !sources.is_growing(&case.what.source) {
                        case.judge(sources);
                    } else if tries < GROWS.1 {
                        growing.push((case, tries + 1));
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Case {
    fn judge(&self, sources: &Arc<Sources>) {
        let Some(likeness) = self.likeness(sources) else { return };
        let play = self.what.play;
        log::debug!(sink = self.sink.id.as_str(), likeness; "what left beside its source");
        if likeness < DIFFERS {
            (self.sink.report)(self.sink.id.clone(), Report::Differs { play, likeness });
        }
    }

    /// How alike what left and its source are; `None`: that cannot be said.
    fn likeness(&self, sources: &Arc<Sources>) -> Option<f32> {
        let meant = self.meant(sources)?;
        if meant.ms() < LEAST_MS || !meant.is_lively() {
            return None;
        }
        let found = likeness(&meant, &self.left, (-EARLIER_MS, LATER_MS as i64))?;
        (found.over_ms + LATER_MS / 2 >= LEAST_MS).then_some(found.correlation)
    }

    /// The print of the source, from where the play began.
    fn meant(&self, sources: &Arc<Sources>) -> Option<Print> {
        let (spout, mut feed) = feed_at(RATE, Priming::File, 0.0, 0);
        let (from, what) = (Arc::clone(sources), self.what.clone());
        let pour = move || {
            realtime::yield_to_others();
            from.pour(&what.source, what.from_ms, RATE, spout);
        };
        thread::Builder::new().name("sound-witness-in".into()).stack_size(STACK).spawn(pour).ok()?;
        let mut block = [0.0; RATE as usize / 50];
        let (mut print, mut printer) = (Print::default(), Printer::new(RATE, self.sink.epoch));
        let mut at = self.sink.epoch + Duration::from_millis(self.left.first_ms());
        let mut last = Instant::now();
        while print.ms() < self.left.ms() + LATER_MS {
            let (n, more) = match feed.render(&mut block) {
                Poured::Some(n, _) => (n, true),
                Poured::Last(n) => (n, false),
                Poured::Stuck => (0, false),
            };
            if n > 0 {
                printer.push(at, block.get(..n).unwrap_or_default(), |n, bands| print.push(n, bands));
                (at, last) = (at + span(n as u64, RATE), Instant::now());
            }
            if !more || last.elapsed() > PATIENCE {
                break;
            }
            if n == 0 {
                // Its decoder fills half a second at a time, and nobody wakes this thread.
                thread::sleep(Duration::from_millis(20));
            }
        }
        Some(print)
    }
}
