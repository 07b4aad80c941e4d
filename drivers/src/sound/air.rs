//! What is in the air: judged from samples of what left a sink and of what a microphone or a line hears of it.
//!
//! [`Air`] is the live part: it listens to every sink (`tap`), keeps an ear in front of its horns where there is one
//! (`ear`), and reports. What it reports is found by judges that know samples and told time alone: `silence`, `howl`,
//! `tones`, `print` and `compare`; `meter` measures loudness;
//! `witness` compares what left with its source. `docs/air.md` says what each takes for what, and why.

mod compare;
mod ear;
mod howl;
mod meter;
mod post;
mod print;
mod silence;
mod spectrum;
mod tap;
mod tones;
mod witness;

pub use compare::{Comparison, Verdict, compare};
pub use ear::{Ear, Valve};
pub use howl::{Howl, Howls};
pub use meter::{Meter, Reading};
pub use post::Post;
pub use print::{Likeness, Print, likeness};
pub use silence::{Finding, Judge, Limits};
pub use tap::AirLevels;

use super::length::frames;
use super::tone::{Chime, Tone};
use super::{Listener, Reports, Sources};
use gateway_core::id::{InputId, SinkId};
use gateway_core::want::{SinkWant, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tap::{Sink, Tap};

/// A chime is recognised for a calibration from this correlation on.
const CALIBRATES: f32 = 0.6;

/// What is judged how.
#[derive(Clone, Debug, Default)]
pub struct AirConfig {
    /// What counts as silence and as sound.
    pub limits: Limits,
    /// The inputs that are microphones: played on a sink, they can feed back.
    pub microphones: BTreeSet<InputId>,
}

/// What an ear hears by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarKind {
    /// A microphone in the open: it also hears the street, and people. It is listened to during plays only.
    Microphone,
    /// A line: a loop from the amplifier, or a tuner on the station's own frequency. It hears nothing but programme,
    /// so that sound at the wrong time, and silence, are findings; it is always open.
    Line,
}

/// How an ear listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarConfig {
    /// What by.
    pub kind: EarKind,
    /// The way from the sink to it, if it was measured when it was installed.
    pub calibration: Option<Calibration>,
    /// Correlation of envelopes from which on content is proven.
    pub content: f32,
    /// Over how long at least, milliseconds.
    pub content_ms: u64,
}

impl EarConfig {
    /// One of this kind, not calibrated, with the thresholds of `docs/air.md`.
    pub fn new(kind: EarKind) -> Self {
        Self { kind, calibration: None, content: 0.45, content_ms: 5_000 }
    }
}

/// The way from a sink to an ear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// How much later it is heard, milliseconds.
    pub delay_ms: i64,
    /// How much louder it is heard than it left, in the bands of a print, decibels.
    pub level_db: f32,
}

/// Learns the way from a sink to an ear from the prints of a chime, or of anything else; `None`: it was not heard.
pub fn calibrate(meant: &Print, heard: &Print) -> Option<Calibration> {
    let found = likeness(meant, heard, (0, ear::LATEST_MS))?;
    let Likeness { correlation, delay_ms, level_db, .. } = found;
    (correlation >= CALIBRATES).then_some(Calibration { delay_ms, level_db })
}

/// The opening chime as it leaves at full scale: what an ear is calibrated with.
pub fn chime(rate: u32) -> Vec<f32> {
    let mut out = vec![0.0; 2 * rate as usize];
    let n = Chime::new(rate).render(&mut out);
    out.truncate(n);
    out
}

/// So much of the attention tone of a risk level, or of its drill, as it leaves at full scale.
pub fn attention(level: u8, drill: bool, rate: u32, ms: u32) -> Vec<f32> {
    let mut out = vec![0.0; frames(ms, rate) as usize];
    Tone::new(level, drill, rate).render(&mut out);
    out
}

/// Listens to all sinks of a station.
pub struct Air {
    config: AirConfig,
    report: Reports,
    epoch: Instant,
    witness: witness::Way,
    sinks: Mutex<BTreeMap<SinkId, Arc<Sink>>>,
}

impl Air {
    /// One that knows no sink yet. `report` is called on the threads that bring the sound: it must not block.
    pub fn new(config: AirConfig, report: Reports) -> Self {
        // Far enough back for pieces that left before this.
        let now = Instant::now();
        let epoch = now.checked_sub(std::time::Duration::from_secs(60)).unwrap_or(now);
        Self { config, report, epoch, witness: witness::Way::default(), sinks: Mutex::new(BTreeMap::new()) }
    }

    /// Compares what leaves with what was meant from now on, decoded anew from `sources` on a thread of its own.
    ///
    /// # Errors
    /// When no thread is to be had.
    pub fn witness(&self, sources: Arc<Sources>) -> std::io::Result<()> {
        if self.witness.get().is_none() {
            // Somebody else may have been faster: then this thread ends at once.
            self.witness.set(witness::start(sources)?).ok();
        }
        Ok(())
    }

    fn sink(&self, id: &SinkId) -> Arc<Sink> {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let (report, witness) = (self.report.clone(), self.witness.clone());
            Arc::new(Sink::new(id.clone(), self.epoch, self.config.limits, report, witness))
        };
        sinks.entry(id.clone()).or_insert_with(make).clone()
    }

    fn known(&self, id: &SinkId) -> Option<Arc<Sink>> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// One who listens to what leaves a sink.
    pub fn listener(&self, sink: &SinkId) -> Box<dyn Listener> {
        Box::new(Tap::new(self.sink(sink)))
    }

    /// An ear in front of a sink's horns; `valve` opens and closes what it hears by, and is called by [`Self::apply`] and
    /// [`Self::tend`].
    pub fn ear(&self, sink: &SinkId, config: EarConfig, valve: Valve) -> Ear {
        Ear::new(self.sink(sink), config, self.config.limits, valve)
    }

    /// How a sink sounds now; `None`: nobody listens to one of that name.
    pub fn levels(&self, sink: &SinkId, now: Instant) -> Option<AirLevels> {
        Some(self.known(sink)?.levels(now))
    }

    /// Begins a sink's peaks anew.
    pub fn reset_peaks(&self, sink: &SinkId) {
        if let Some(sink) = self.known(sink) {
            sink.reset_peaks();
        }
    }

    /// What a sink is told to play: a volume of nothing is no silence, a microphone can feed back, and an ear opens
    /// before the first sample leaves.
    pub fn apply(&self, sink: &SinkId, want: &SinkWant, now: Instant) {
        let Some(sink) = self.known(sink) else { return };
        let microphone = want.play.as_ref().is_some_and(|play| match &play.source {
            Source::Live(_) => true,
            Source::Input(input) => self.config.microphones.contains(input),
            Source::Tone { .. }
            | Source::Chime
            | Source::Digits(_)
            | Source::Clip(_)
            | Source::Speech(_)
            | Source::Stream(_) => false,
        });
        sink.state().docket.note(want);
        sink.wanted(want.play.as_ref().map(|play| play.id), want.volume == 0, microphone, now);
        sink.turn_ears(now);
    }

    /// To be called about ten times a second: finds what does not come, opens and closes ears.
    pub fn tend(&self, now: Instant) {
        let sinks: Vec<Arc<Sink>> =
            self.sinks.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for sink in sinks {
            sink.tend(now);
            sink.turn_ears(now);
        }
    }
}

#[cfg(test)]
mod tests;
