//! Proof by tone: where what left was one clean pitch, the same pitch was heard, at the right moments and no others.

use super::print::{FRAME_MS, number};
use super::spectrum::{Frames, Spectrum, db};
use gateway_core::id::PlayId;
use std::collections::VecDeque;
use std::time::Instant;

/// Length of a frame, milliseconds: shorter than the shortest note.
const WINDOW_MS: u32 = 80;
/// A frame so often, milliseconds.
const HOP_MS: u32 = 40;
/// Where pitches are looked for, hertz: what a horn passes.
const RANGE_HZ: (f32, f32) = (350.0, 3_600.0);
/// So much of all that left is in one clean pitch.
const CLEAN: f32 = 0.5;
/// Two pitches nearer than this are one, hertz.
const SAME_HZ: f32 = 8.0;
/// Pitches kept at a time.
const PITCHES: usize = 6;
/// How long they are kept, frames.
const KEPT: u64 = 110;
/// A tone must have left for so many frames before it proves anything: 0.6 s.
const ENOUGH: usize = 15;
/// The latest a tone may be heard, frames.
const LATEST: u64 = 50;
/// A pitch proves nothing unless it stands so far above its neighbourhood, decibels …
pub(super) const STANDS_DB: f32 = 15.0;
/// … and is so much weaker while it is not due, decibels: what stands there always proves nothing.
pub(super) const RESTS_DB: f32 = 4.0;

/// The clean pitches that left a sink.
#[derive(Clone, Debug, Default)]
pub(super) struct Pitches {
    pitches: VecDeque<Pitch>,
}

/// A clean pitch that left, and when.
#[derive(Clone, Debug)]
pub(super) struct Pitch {
    play: PlayId,
    hz: f32,
    on: VecDeque<u64>,
}

/// Finds clean pitches in what leaves.
pub(super) struct Ears {
    frames: Frames,
    epoch: Instant,
}

/// How a microphone heard the pitches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heard {
    /// The play they belong to.
    pub play: PlayId,
    /// How far they stood above their neighbourhood while they were due, decibels.
    pub stands_db: f32,
    /// How much weaker they were while they were not, decibels.
    pub rests_db: f32,
}

impl Heard {
    /// Enough to say that the tone was heard.
    pub(super) fn proves(&self) -> bool {
        self.stands_db >= STANDS_DB && self.rests_db >= RESTS_DB
    }
}

/// Frames of 40 ms since the epoch.
fn slot(epoch: Instant, at: Instant) -> u64 {
    (number(epoch, at) * FRAME_MS + u64::from(HOP_MS) / 2) / u64::from(HOP_MS)
}

impl Ears {
    pub(super) fn new(rate: u32, epoch: Instant) -> Self {
        Self { frames: Frames::new(rate, WINDOW_MS, HOP_MS), epoch }
    }

    pub(super) fn forget(&mut self) {
        self.frames.forget();
    }

    /// What left: gives the time and pitch of every frame that was one clean pitch.
    pub(super) fn clean(&mut self, at: Instant, samples: &[f32], mut found: impl FnMut(u64, f32)) {
        let epoch = self.epoch;
        self.frames.push(at, samples, |s| {
            if let Some((line, hz)) = s.peak(RANGE_HZ.0, RANGE_HZ.1) {
                let (it, all) = (s.around(line), s.between(100.0, 4_000.0));
                if it >= CLEAN * all && db(it) > -45.0 {
                    found(slot(epoch, s.at), hz);
                }
            }
        });
    }

    /// What a microphone hears at the pitches that left lately.
    pub(super) fn listen(
        &mut self,
        at: Instant,
        samples: &[f32],
        pitches: &[f32],
        mut heard: impl FnMut(u64, Vec<At>),
    ) {
        let epoch = self.epoch;
        self.frames.push(at, samples, |s| {
            heard(slot(epoch, s.at), pitches.iter().map(|hz| At::read(&s, *hz, pitches)).collect());
        });
    }
}

/// How strong a pitch is in one frame, and its neighbourhood: all that is kept of what a microphone hears of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    hz: f32,
    power: f32,
    floor: f32,
}

impl At {
    fn read(s: &Spectrum<'_>, hz: f32, pitches: &[f32]) -> Self {
        let line = s.line(hz);
        let near = |line: usize| s.power.get(line).copied().unwrap_or(0.0);
        let power = near(line).max(near(line.saturating_sub(1))).max(near(line + 1));
        // Lines 60 to 250 Hz away on both sides, without those of the other pitches.
        let clear = |l: &usize| pitches.iter().all(|other| (*l as f32 * s.line_hz - other).abs() > 55.0);
        let sides = || (line.saturating_sub(20)..line + 21).filter(|l| l.abs_diff(line) >= 5).filter(clear);
        let floor = sides().map(near).sum::<f32>() / sides().count().max(1) as f32;
        Self { hz, power, floor: floor.max(1e-12) }
    }
}

impl Pitches {
    /// A frame that left was one clean pitch.
    pub(super) fn push(&mut self, slot: u64, hz: f32, play: PlayId) {
        self.pitches.retain(|p| p.on.back().is_some_and(|last| last + KEPT > slot));
        match self.pitches.iter_mut().find(|p| p.play == play && (p.hz - hz).abs() < SAME_HZ) {
            Some(pitch) => {
                pitch.on.push_back(slot);
                while pitch.on.front().is_some_and(|first| first + KEPT < slot) {
                    pitch.on.pop_front();
                }
            }
            None => {
                if self.pitches.len() == PITCHES {
                    // The least settled one makes room.
                    if let Some((i, _)) = self.pitches.iter().enumerate().min_by_key(|(_, p)| p.on.len()) {
                        self.pitches.remove(i);
                    }
                }
                self.pitches.push_back(Pitch { play, hz, on: VecDeque::from([slot]) });
            }
        }
    }

    /// The pitches themselves, hertz.
    pub(super) fn hz(&self) -> Vec<f32> {
        self.pitches.iter().map(|p| p.hz).collect()
    }
}

/// What a microphone heard at the pitches, frame by frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    frames: VecDeque<(u64, Vec<At>)>,
}

impl Trace {
    pub(super) fn push(&mut self, slot: u64, at: Vec<At>) {
        self.frames.push_back((slot, at));
        while self.frames.front().is_some_and(|(first, _)| first + KEPT + LATEST < slot) {
            self.frames.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
    }

    /// How the pitches that left were heard, at the delay at which they were heard best.
    pub(super) fn judge(&self, left: &Pitches) -> Option<Heard> {
        let play = left.pitches.iter().max_by_key(|p| p.on.len())?.play;
        let settled: Vec<&Pitch> = left.pitches.iter().filter(|p| p.play == play && p.on.len() >= 4).collect();
        if settled.iter().map(|p| p.on.len()).sum::<usize>() < ENOUGH {
            return None;
        }
        let fit = |late: u64| self.fit(&settled, late);
        let (stands, rests) = (0..=LATEST).filter_map(fit).max_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1)))?;
        Some(Heard { play, stands_db: db(stands), rests_db: db(rests) })
    }

    /// At one delay: pitch over neighbourhood while due, and pitch while due over pitch while not.
    fn fit(&self, pitches: &[&Pitch], late: u64) -> Option<(f32, f32)> {
        let (mut on, mut floor, mut rest, mut n_on, mut n_rest) = (0.0, 0.0, 0.0, 0, 0);
        for (slot, all) in &self.frames {
            for pitch in pitches {
                let Some(at) = all.iter().find(|at| (at.hz - pitch.hz).abs() < SAME_HZ) else { continue };
                let left = slot.checked_sub(late).filter(|s| pitch.on.contains(s));
                if left.is_some() {
                    (on, floor, n_on) = (on + at.power, floor + at.floor, n_on + 1);
                } else {
                    (rest, n_rest) = (rest + at.power, n_rest + 1);
                }
            }
        }
        if n_on < ENOUGH || n_rest < ENOUGH / 2 {
            return None;
        }
        Some((on / floor, (on / n_on as f32) / (rest / n_rest as f32).max(1e-12)))
    }
}
