//! What left the sound card, on the clock of the devices' timeline.

use crate::vcard::VirtualCards;
use crate::vcard::player::decoded;
use crate::vcard::signal::{likeness, loudness, pitch};
use anyhow::{Context, Result, ensure};
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// Frames in a second.
pub const RATE: usize = 48_000;
/// How much the first, coarse search thins the sound: 2 kHz is left, which holds the strongest part of speech.
const THIN: usize = 24;
/// Frames that count as one look at loudness: 20 ms.
const LOOK: usize = 960;
/// From this correlation on two sounds are the same.
pub const SAME: f64 = 0.9;
/// From this on a part of one is in the other.
const PART: f64 = 0.25;
/// Stronger than this a pitch stands out, amplitude of full scale.
const TONE: f64 = 0.2;
/// Louder than this is no silence: −40 dB of full scale.
const LOUD: f64 = 0.01;

/// A recording of both channels.
pub struct Tape {
    channels: [Vec<i16>; 2],
    /// Frame of the recording and moment of each start of the card.
    starts: Vec<(usize, u64)>,
    /// Moments of those starts before which the card had run dry: some of what was being played is lost there.
    dry: Vec<u64>,
}

/// Where a sound was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Where it begins, frames of the recording.
    pub frame: usize,
    /// When that was at the converter, CLOCK_MONOTONIC, nanoseconds.
    pub at_ns: u64,
    /// Correlation, −1 to 1.
    pub likeness: f64,
}

impl Tape {
    /// Reads what a card has taken so far.
    pub fn read(cards: &VirtualCards, card: &str) -> Result<Self> {
        let (mut starts, mut dry, mut ran_dry) = (Vec::new(), Vec::new(), false);
        for h in cards.record(card)? {
            match h.ev.as_str() {
                "xrun" => ran_dry = true,
                "open" => ran_dry = false,
                "start" => {
                    starts.push((h.base as usize / 4, h.mono_ns));
                    dry.extend(std::mem::take(&mut ran_dry).then_some(h.mono_ns));
                }
                _ => {}
            }
        }
        Ok(Self { channels: cards.heard(card)?, starts, dry })
    }

    /// Everything a channel played.
    pub fn channel(&self, channel: usize) -> &[i16] {
        self.channels.get(channel).map_or(&[], Vec::as_slice)
    }

    /// Frames so far.
    pub fn len(&self) -> usize {
        self.channel(0).len()
    }

    /// Nothing was played yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The frame at the converter at a moment; between two runs of the card, the first one of the later run.
    pub fn frame_at(&self, ns: u64) -> usize {
        let at = self.starts.partition_point(|(_, start)| *start <= ns);
        let (base, start) = at.checked_sub(1).and_then(|i| self.starts.get(i)).copied().unwrap_or((0, ns));
        let end = self.starts.get(at).map_or(self.len(), |(base, _)| *base);
        (base + ((ns - start) as u128 * RATE as u128 / 1_000_000_000) as usize).min(end)
    }

    /// First frame of each run of the card, and the moment of it, CLOCK_MONOTONIC, nanoseconds.
    pub fn starts(&self) -> &[(usize, u64)] {
        &self.starts
    }

    /// When the card last began to run; what a killed station had handed over before was never heard.
    pub fn last_start(&self) -> u64 {
        self.starts.last().map_or(0, |(_, at)| *at)
    }

    /// The moment a frame is at the converter.
    pub fn ns_at(&self, frame: usize) -> u64 {
        let (base, start) = self.starts.iter().rfind(|(base, _)| *base <= frame).copied().unwrap_or((0, 0));
        start + (frame.saturating_sub(base) as u128 * 1_000_000_000 / RATE as u128) as u64
    }

    /// What a channel played between two moments.
    pub fn between(&self, channel: usize, from_ns: u64, until_ns: u64) -> &[i16] {
        self.part(channel, self.frame_at(from_ns)..self.frame_at(until_ns))
    }

    fn part(&self, channel: usize, frames: Range<usize>) -> &[i16] {
        self.channel(channel).get(frames.start..frames.end.max(frames.start)).unwrap_or_default()
    }

    /// When a channel first sounds after a moment.
    pub fn sounds_after(&self, channel: usize, ns: u64) -> Option<u64> {
        let from = self.frame_at(ns);
        let first = self.part(channel, from..self.len()).iter().position(|s| s.unsigned_abs() > 64)?;
        Some(self.ns_at(from + first))
    }

    /// Since when a channel has been silent at the end of the recording, if for this many seconds or more.
    pub fn silent_for(&self, channel: usize, seconds: f64) -> bool {
        let length = (seconds * RATE as f64) as usize;
        let from = self.len().checked_sub(length);
        from.is_some_and(|from| self.part(channel, from..self.len()).iter().all(|s| *s == 0))
    }

    /// Stretches of sound of a channel between two moments: those apart by a pause longer than `pause_s`.
    pub fn stretches(&self, channel: usize, from_ns: u64, until_ns: u64, pause_s: f64) -> Vec<(u64, u64)> {
        let from = self.frame_at(from_ns);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (i, look) in self.between(channel, from_ns, until_ns).chunks(LOOK).enumerate() {
            if loudness(look) < LOUD {
                continue;
            }
            let (begin, end) = (from + i * LOOK, from + (i + 1) * LOOK);
            match found.last_mut() {
                Some((_, last)) if ((begin - *last) as f64) < pause_s * RATE as f64 => *last = end,
                Some(_) | None => found.push((begin, end)),
            }
        }
        found.into_iter().map(|(a, b)| (self.ns_at(a), self.ns_at(b))).collect()
    }

    /// Whether what a channel plays for so long from this moment on is the attention tone of a hazard level: one of its
    /// two pitches stands out at a level that speech does not have.
    pub fn has_tone(&self, channel: usize, ns: u64, level: u8, ms: usize) -> bool {
        let (low, high) = match level {
            0 | 1 => (520.0, 650.0),
            2 => (580.0, 780.0),
            3 => (660.0, 880.0),
            4 => (740.0, 1110.0),
            _ => (800.0, 1400.0),
        };
        let from = self.frame_at(ns);
        let part = self.part(channel, from..(from + ms * RATE / 1000).min(self.len()));
        part.len() >= ms * RATE / 2000 && pitch(part, low).max(pitch(part, high)) > TONE
    }

    /// Each time a sound is played on a channel between two moments, as far as it is played whole: where the card ran dry
    /// in the middle of it, because this machine was too busy, it need not be as like.
    pub fn times(&self, channel: usize, wanted: &[i16], from_ns: u64, until_ns: u64) -> Vec<Found> {
        let length = wanted.len() as u64 * 1_000_000_000 / RATE as u64;
        let Some(best) = self.find(channel, wanted, from_ns, until_ns).filter(|f| f.likeness > PART) else {
            return Vec::new();
        };
        // Before and after the best one there may be more; each part is shorter, so there is an end.
        let mut all = self.times(channel, wanted, from_ns, best.at_ns.max(from_ns));
        // One that was broken off may hold the likest half second: it does not count, and hides none of the others.
        let through = best.at_ns..best.at_ns + length;
        all.extend(Some(best).filter(|f| f.likeness > SAME || self.dry.iter().any(|at| through.contains(at))));
        all.extend(self.times(channel, wanted, best.at_ns + length.max(1), until_ns));
        all
    }

    /// Where a sound lies in a channel between two moments; the best place.
    pub fn find(&self, channel: usize, wanted: &[i16], from_ns: u64, until_ns: u64) -> Option<Found> {
        let frames = self.frame_at(from_ns)..self.frame_at(until_ns);
        let (place, likeness) = locate(self.part(channel, frames.clone()), wanted)?;
        let frame = frames.start + place;
        Some(Found { frame, at_ns: self.ns_at(frame), likeness })
    }
}

/// Where one sound lies in another, frames, and how alike the two are there, −1 to 1; the best place.
pub fn locate(heard: &[i16], wanted: &[i16]) -> Option<(usize, f64)> {
    let (coarse, thin) = (thinned(heard), thinned(wanted));
    // The loudest half second of it is looked for: its beginning may be silence, which is everywhere.
    let piece = (RATE / 2 / THIN).min(thin.len());
    let pieces = thin.windows(piece.max(1)).enumerate().step_by(piece / 4 + 1);
    let power = |p: &[f32]| p.iter().map(|s| s * s).sum::<f32>();
    let (at, template) = pieces.max_by(|a, b| power(a.1).total_cmp(&power(b.1)))?;
    let places = coarse.windows(piece.max(1)).enumerate().map(|(i, w)| (i, alike(w, template)));
    let (place, _) = places.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let margin = THIN * 2;
    let from = (place * THIN).saturating_sub(at * THIN + margin);
    let around = heard.get(from..(from + wanted.len() + margin * 2).min(heard.len()))?;
    let (likeness, lag) = likeness(around, wanted, margin * 2);
    Some((from.checked_add_signed(lag)?, likeness))
}

fn thinned(samples: &[i16]) -> Vec<f32> {
    samples.chunks_exact(THIN).map(|c| c.iter().map(|s| f32::from(*s)).sum::<f32>() / THIN as f32).collect()
}

fn alike(a: &[f32], b: &[f32]) -> f32 {
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        both += x * y;
        one += x * x;
        other += y * y;
    }
    if one > 0.0 && other > 0.0 { both / (one * other).sqrt() } else { 0.0 }
}

/// What the voice makes of the first sentence of a text, told apart from the station: one channel, 48 kHz. One sentence,
/// because a text is spoken in pieces, with pauses between them that are not the voice's own.
pub fn spoken(text: &str, dir: &Path) -> Result<Vec<i16>> {
    let words = gateway_core::spoken::spoken(text, &gateway_core::spoken::Lexicon::default());
    let text = words.sentences.first().map_or(text, |s| s.text.as_str());
    let wav = dir.join(format!("spoken-{:016x}.wav", fastrand::u64(..)));
    let done = Command::new("espeak-ng").args(["-v", "vi", "-s", "150", "-b", "1", "-w"]).arg(&wav).arg(text).status();
    ensure!(done.context("running espeak-ng")?.success(), "espeak-ng could not speak");
    decoded(&wav)
}
