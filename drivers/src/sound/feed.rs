//! The bounded ring through which a decoder's samples reach the thread that must never wait.

use super::Measured;
use super::length::frames;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How much sound lies ready at least, milliseconds: what a decoder may lose to a busy disk or processor.
const RING_MS: u32 = 500;
/// How often a full ring is looked at, milliseconds: a tenth of it is soon enough.
const LOOK_MS: u64 = 50;
/// How much must lie ready before a clip starts, or starts again after it ran dry, milliseconds.
const PRIMED_MS: u32 = 60;
/// The same of a live sound: who speaks is not to be kept waiting.
const LIVE_MS: u32 = 20;
/// A clip that gives nothing for so long is over, milliseconds.
const PATIENCE_MS: u32 = 10_000;

/// No sound is made louder by more than this, decibels: what is quieter is noise.
const MOST_DB: f32 = 20.0;

/// How a sound comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priming {
    /// From a file or a network: much lies ready before it begins, and what gives nothing for long is over.
    File,
    /// From somebody who speaks now: begins with little, and silence is no end.
    Live,
}

/// What both ends know.
#[derive(Debug)]
struct Fate {
    over: AtomicBool,
    /// The gain, as the bits of an `f32`, that brings it to the loudness it is meant at.
    level: AtomicU32,
    /// That loudness, LUFS.
    target_lufs: f32,
    /// Why it broke off; written before `over`, read after it, and never by the thread that feeds the card.
    why: Mutex<Option<String>>,
}

/// The decoder's end.
#[derive(Debug)]
pub(super) struct Spout {
    ring: Producer<f32>,
    fate: Arc<Fate>,
}

/// The end of the thread that feeds the card: takes, never waits, never allocates.
#[derive(Debug)]
pub(super) struct Feed {
    ring: Consumer<f32>,
    fate: Arc<Fate>,
    rate: u32,
    /// How much must lie ready before it starts, frames.
    enough: usize,
    primed: bool,
    priming: Priming,
    /// Frames given as silence since it ran dry.
    dry: u32,
}

/// What a feed had to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Poured {
    /// So many frames; the rest of the block is silence, more will come. `true`: it ran dry.
    Some(usize, bool),
    /// So many frames, and that was all.
    Last(usize),
    /// Nothing for too long.
    Stuck,
}

/// A ring for sound of so many hertz that is meant at `target_lufs`; the last `tail_ms` of it at least lie in the ring
/// when its end is known.
pub(super) fn feed_at(rate: u32, priming: Priming, target_lufs: f32, tail_ms: u32) -> (Spout, Feed) {
    let room = RING_MS.max(tail_ms + 4 * LOOK_MS as u32);
    let (producer, consumer) = RingBuffer::new(frames(room, rate).max(1) as usize);
    let fate = Arc::new(Fate {
        over: AtomicBool::new(false),
        level: AtomicU32::new(1.0_f32.to_bits()),
        target_lufs,
        why: Mutex::new(None),
    });
    let enough = frames(if priming == Priming::Live { LIVE_MS } else { PRIMED_MS }, rate) as usize;
    (
        Spout { ring: producer, fate: fate.clone() },
        Feed { ring: consumer, fate, rate, enough, primed: false, priming, dry: 0 },
    )
}

/// A ring for sound of so many hertz.
#[cfg(test)]
pub(super) fn feed(rate: u32, priming: Priming) -> (Spout, Feed) {
    feed_at(rate, priming, -16.0, 0)
}

/// Ceiling of the limiter at a sink that says nothing else, dBTP.
const USUAL_CEILING_DBTP: f32 = -1.0;

/// What the limiter takes from the loudness of speech, for each dB by which its peaks pass the ceiling: 0.8 and 1.1 LU were
/// measured where they passed it by 3.4 and 3.3 dB.
const LOST_SHARE: f32 = 0.25;

/// Most that is made up for: beyond it the limiter would be heard.
const MOST_LOST_DB: f32 = 1.0;

impl Spout {
    /// Says how loud the sound is as a whole, so that it leaves at the loudness it is meant at. To be said before its
    /// first sample; without it the sound is played as it is.
    /// What its peaks will lose in the limiter is made up for, so that speech is as loud as music.
    pub(super) fn measured(&mut self, measured: Measured) {
        if measured.lufs.is_finite() {
            let gain_db = (self.fate.target_lufs - measured.lufs).min(MOST_DB);
            let over_db = measured.peak_dbtp + gain_db - USUAL_CEILING_DBTP;
            let gain_db = gain_db + (over_db * LOST_SHARE).clamp(0.0, MOST_LOST_DB);
            self.fate.level.store(10.0_f32.powf(gain_db / 20.0).to_bits(), Ordering::Release);
        }
    }

    /// Hands over samples, waiting for room. `false`: nobody listens any more.
    pub(super) fn pour(&mut self, mut samples: &[f32]) -> bool {
        loop {
            if self.ring.is_abandoned() {
                return false;
            }
            let (_, rest) = self.ring.push_partial_slice(samples);
            if rest.is_empty() {
                return true;
            }
            samples = rest;
            // Nobody wakes this thread: the other end must not spend time on it.
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
    }

    /// Hands over silence, as much of it as there is room for now, and says how much that was. `None`: nobody listens
    /// any more.
    pub(super) fn offer_silence(&mut self, count: u64) -> Option<u64> {
        if self.ring.is_abandoned() {
            return None;
        }
        let room = self.ring.slots().min(usize::try_from(count).unwrap_or(usize::MAX));
        let silence = [0.0; 256];
        let mut given = 0;
        while given < room {
            let piece = silence.get(..(room - given).min(silence.len())).unwrap_or_default();
            given += self.ring.push_partial_slice(piece).0.len();
        }
        Some(given as u64)
    }

    /// Hands over samples without waiting; those there is no room for are lost. `false`: nobody listens any more.
    pub(super) fn splash(&mut self, samples: &[f32]) -> bool {
        if self.ring.is_abandoned() {
            return false;
        }
        self.ring.push_partial_slice(samples).1.is_empty() || !self.ring.is_abandoned()
    }

    /// Samples handed over that were not taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.ring.buffer().capacity() - self.ring.slots()
    }

    /// Whether nobody listens any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }

    /// Says that no more will come, and why if that is not the end of the clip.
    pub(super) fn end(self, why: Option<String>) {
        self.fate.seal(why);
    }
}

impl Drop for Spout {
    fn drop(&mut self) {
        if !self.fate.over.load(Ordering::Acquire) {
            self.fate.seal(Some("its decoder was lost".into()));
        }
    }
}

impl Fate {
    fn seal(&self, why: Option<String>) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        self.over.store(true, Ordering::Release);
    }
}

impl Feed {
    /// Fills the beginning of `out`.
    pub(super) fn render(&mut self, out: &mut [f32]) -> Poured {
        // Asked before the ring is looked at, or its last samples could be missed.
        let over = self.fate.over.load(Ordering::Acquire);
        if !self.primed && !over && !self.has_enough() {
            self.dry = self.dry.saturating_add(out.len() as u32);
            let stuck = self.priming == Priming::File && self.dry > frames(PATIENCE_MS, self.rate);
            return if stuck { Poured::Stuck } else { Poured::Some(0, false) };
        }
        self.primed = true;
        self.dry = 0;
        let (filled, missing) = self.ring.pop_partial_slice(out);
        match (missing.is_empty(), over) {
            (true, _) => Poured::Some(filled.len(), false),
            (false, true) => Poured::Last(filled.len()),
            (false, false) => {
                self.primed = false;
                Poured::Some(filled.len(), true)
            }
        }
    }

    fn has_enough(&self) -> bool {
        self.ring.slots() >= self.enough
    }

    /// It would give sound at once, or its end.
    pub(super) fn is_ready(&self) -> bool {
        self.primed || self.fate.over.load(Ordering::Acquire) || self.has_enough()
    }

    /// Frames until its end, once that lies in the ring.
    pub(super) fn left(&self) -> Option<usize> {
        self.fate.over.load(Ordering::Acquire).then(|| self.ring.slots())
    }

    /// The gain that brings it to the loudness it is meant at.
    pub(super) fn level(&self) -> f32 {
        f32::from_bits(self.fate.level.load(Ordering::Acquire))
    }

    /// Why it broke off; `None` = it did not.
    pub(super) fn broken(&self) -> Option<String> {
        self.fate.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_until_primed_then_gives_everything_and_the_reason() {
        let (mut spout, mut feed) = feed(1000, Priming::File);
        let mut out = [0.0; 40];
        assert_eq!(feed.render(&mut out), Poured::Some(0, false));
        assert!(spout.pour(&[0.5; 50]));
        assert_eq!(feed.render(&mut out), Poured::Some(0, false));
        assert!(spout.pour(&[0.5; 20]));
        assert_eq!(feed.render(&mut out), Poured::Some(40, false));
        assert_eq!(feed.render(&mut out), Poured::Some(30, true));
        assert!(spout.pour(&[0.25; 5]));
        spout.end(Some("disk".into()));
        assert_eq!(feed.render(&mut out), Poured::Last(5));
        assert_eq!(feed.broken().as_deref(), Some("disk"));
    }

    #[test]
    fn patience_ends() {
        let (spout, mut feed) = feed(1000, Priming::File);
        let mut out = [0.0; 1000];
        let answers: Vec<Poured> = (0..11).map(|_| feed.render(&mut out)).collect();
        assert_eq!(answers[9], Poured::Some(0, false));
        assert_eq!(answers[10], Poured::Stuck);
        drop(spout);
        assert_eq!(feed.render(&mut out), Poured::Last(0));
        assert!(feed.broken().is_some());
    }

    #[test]
    fn a_measured_sound_is_brought_to_its_target_and_never_by_more_than_20_db() {
        for (lufs, gain_db) in [(-16.0, 0.0), (-26.0, 10.0), (-6.0, -10.0), (-60.0, 20.0), (f32::NEG_INFINITY, 0.0)] {
            let (mut spout, feed) = feed_at(1000, Priming::File, -16.0, 0);
            spout.measured(Measured { lufs, peak_dbtp: lufs + 10.0 });
            assert!((20.0 * feed.level().log10() - gain_db).abs() < 0.001, "{lufs}");
        }
        // Peaks that pass the ceiling by 3.4 dB cost 0.85 dB, and no peak is worth more than 1 dB.
        for (peak_dbtp, gain_db) in [(0.0, 2.4 + 0.85), (30.0, 3.4)] {
            let (mut spout, feed) = feed_at(1000, Priming::File, -16.0, 0);
            spout.measured(Measured { lufs: -18.4, peak_dbtp });
            assert!((20.0 * feed.level().log10() - gain_db).abs() < 0.001, "{peak_dbtp}");
        }
        let (mut spout, feed) = feed(1000, Priming::File);
        spout.measured(Measured { lufs: f32::NAN, peak_dbtp: 0.0 });
        assert_eq!(feed.level(), 1.0, "nonsense changes nothing");
    }

    #[test]
    fn a_live_voice_starts_sooner_and_the_end_is_known_before_it_comes() {
        let (mut spout, mut feed) = feed_at(1000, Priming::Live, -16.0, 0);
        assert!(spout.pour(&[0.5; 19]) && !feed.is_ready());
        assert!(spout.pour(&[0.5; 100]) && feed.is_ready());
        let mut out = [0.0; 40];
        assert_eq!(feed.render(&mut out), Poured::Some(40, false));
        assert_eq!(feed.left(), None);
        spout.end(None);
        assert_eq!(feed.left(), Some(79));
    }

    #[test]
    fn a_decoder_nobody_listens_to_stops() {
        let (mut spout, feed) = feed(1000, Priming::File);
        drop(feed);
        assert!(!spout.pour(&[0.0; 2000]));
    }
}
