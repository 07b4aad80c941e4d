//! A fingerprint of a sound: how strong four bands of the voice are, every ten milliseconds, and nothing else of it.
//!
//! No word can be made out of one: four numbers a hundred times a second hold neither pitch nor vowels.

use super::spectrum::{Frames, db};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bands of a print.
const BANDS: usize = 4;
/// Their edges, hertz: what a re-entrant horn passes, in steps of equal ratio.
const EDGES: [f32; BANDS + 1] = [400.0, 700.0, 1_200.0, 2_050.0, 3_600.0];
/// One frame, milliseconds.
pub(super) const FRAME_MS: u64 = 10;
/// Length of the window of a frame, milliseconds.
const WINDOW_MS: u32 = 20;
/// The mean that is taken off a band reaches so many frames either way: what is slower is weather, not speech.
const SLOW: usize = 50;

/// A frame is lively whose envelopes are off their mean by this share of its power.
const LIVELY: f32 = 0.04;

type Bands = [f32; BANDS];

/// A fingerprint of a sound.
#[derive(Clone, Debug, Default)]
pub struct Print {
    /// Number of its first frame.
    first: u64,
    /// Mean square of each band; not a number where the sound was lost.
    frames: VecDeque<Bands>,
    /// It keeps no more frames than this; 0: all.
    limit: usize,
}

/// How alike two sounds are by their prints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Correlation of the envelopes of all bands, −1…1, at the delay where they fit best.
    pub correlation: f32,
    /// How much later the second came, milliseconds.
    pub delay_ms: i64,
    /// How much louder the second was in the bands that both have, decibels.
    pub level_db: f32,
    /// How long both were there together, milliseconds.
    pub over_ms: u64,
}

impl Print {
    /// The print of a whole sound, one channel; its first sample belongs to frame 0.
    pub fn of(samples: &[f32], rate: u32) -> Self {
        let start = Instant::now();
        let (mut print, mut printer) = (Self::default(), Printer::new(rate, start));
        printer.push(start, samples, |frame, bands| print.push(frame, bands));
        print
    }

    /// One that keeps the last `ms` milliseconds.
    pub(super) fn lasting(ms: u64) -> Self {
        Self { first: 0, frames: VecDeque::new(), limit: (ms / FRAME_MS) as usize }
    }

    /// Length, milliseconds.
    pub fn ms(&self) -> u64 {
        self.frames.len() as u64 * FRAME_MS
    }

    /// The frames from one number to before another, those of them that it has.
    pub(super) fn part(&self, from: u64, to: u64) -> Self {
        let first = from.max(self.first);
        let frames = (first..to).map_while(|n| self.at(n).copied()).collect();
        Self { first, frames, limit: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
    }

    /// Number of its first frame.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// When its first frame is, milliseconds after the epoch its frames are counted from.
    pub(super) fn first_ms(&self) -> u64 {
        self.first * FRAME_MS
    }

    /// Number of the frame after its last.
    pub(super) fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    pub(super) fn push(&mut self, frame: u64, bands: Bands) {
        if self.frames.is_empty() || frame > self.end() + 1_000 {
            self.frames.clear();
            self.first = frame;
        }
        if frame < self.end() {
            return;
        }
        while self.end() < frame {
            self.frames.push_back([f32::NAN; BANDS]);
        }
        self.frames.push_back(bands);
        while self.limit > 0 && self.frames.len() > self.limit {
            self.frames.pop_front();
            self.first += 1;
        }
    }

    fn at(&self, frame: u64) -> Option<&Bands> {
        self.frames.get(usize::try_from(frame.checked_sub(self.first)?).ok()?)
    }

    /// Whether it changes most of the time, as speech and music do: a steady hum is like any other.
    pub(super) fn is_lively(&self) -> bool {
        let lively = |(raw, fast): &(&Bands, Bands)| {
            let (fast, whole) = (fast.iter().map(|e| e * e).sum::<f32>(), raw.iter().sum::<f32>());
            fast > LIVELY * whole
        };
        10 * self.frames.iter().zip(self.envelopes()).filter(lively).count() >= 3 * self.frames.len()
    }

    /// The envelopes without their slow part, which noise and distance make and not the programme.
    fn envelopes(&self) -> Vec<Bands> {
        let raw: Vec<Bands> = self.frames.iter().map(|bands| bands.map(f32::sqrt)).collect();
        let mut out = vec![[f32::NAN; BANDS]; raw.len()];
        for band in 0..BANDS {
            let (mut sum, mut n) = (0.0_f64, 0.0_f64);
            let mut count = |at: usize, sign: f64| {
                if let Some(value) = raw.get(at).map(|b| b[band]).filter(|v| v.is_finite()) {
                    (sum, n) = (sum + sign * f64::from(value), n + sign);
                }
                sum / n.max(1.0)
            };
            (0..SLOW).for_each(|i| _ = count(i, 1.0));
            for (i, frame) in out.iter_mut().enumerate() {
                if i > SLOW {
                    count(i - SLOW - 1, -1.0);
                }
                let mean = count(i + SLOW, 1.0);
                frame[band] = raw[i][band] - mean as f32;
            }
        }
        out
    }
}

/// How alike `heard` is to `meant`, if it came `delay_ms.0` to `delay_ms.1` later; `None` where they are not together for a
/// second, or one of them never changes.
pub fn likeness(meant: &Print, heard: &Print, delay_ms: (i64, i64)) -> Option<Likeness> {
    let (m, h) = (meant.envelopes(), heard.envelopes());
    let lags = delay_ms.0 / FRAME_MS as i64..=delay_ms.1 / FRAME_MS as i64;
    let fit = |lag: i64| {
        // Where frame 0 of `meant` lies in `heard`.
        let shift = meant.first as i64 + lag - heard.first as i64;
        Some((correlation(&m, &h, shift)?, lag, shift))
    };
    let ((correlation, over), lag, shift) = lags.filter_map(fit).max_by(|a, b| a.0.0.total_cmp(&b.0.0))?;
    let level_db = level(meant, heard, shift);
    Some(Likeness { correlation, delay_ms: lag * FRAME_MS as i64, level_db, over_ms: over as u64 * FRAME_MS })
}

/// The frames of both that belong together.
fn together<'a, T>(m: &'a [T], h: &'a [T], shift: i64) -> impl Iterator<Item = (&'a T, &'a T)> {
    let skip_m = usize::try_from(-shift).unwrap_or(0);
    let skip_h = usize::try_from(shift).unwrap_or(0);
    m.iter().skip(skip_m).zip(h.iter().skip(skip_h))
}

/// Mean of the bands' correlations, and over how many frames.
fn correlation(m: &[Bands], h: &[Bands], shift: i64) -> Option<(f32, usize)> {
    let (mut mm, mut hh, mut mh) = ([0.0_f32; BANDS], [0.0_f32; BANDS], [0.0_f32; BANDS]);
    let mut n = 0;
    for (a, b) in together(m, h, shift) {
        if a[0].is_nan() || b[0].is_nan() {
            continue;
        }
        n += 1;
        for k in 0..BANDS {
            mm[k] += a[k] * a[k];
            hh[k] += b[k] * b[k];
            mh[k] += a[k] * b[k];
        }
    }
    // Ends that barely touch are alike by chance.
    if n < 100 || 2 * n < m.len().min(h.len()) {
        return None;
    }
    let bands: Vec<f32> =
        (0..BANDS).filter(|k| mm[*k] > 1e-12 && hh[*k] > 1e-12).map(|k| mh[k] / (mm[k] * hh[k]).sqrt()).collect();
    if bands.is_empty() {
        return None;
    }
    Some((bands.iter().sum::<f32>() / bands.len() as f32, n))
}

/// How much louder what was heard was while much was meant.
fn level(meant: &Print, heard: &Print, shift: i64) -> f32 {
    let whole = |b: &Bands| b.iter().sum::<f32>();
    let (m, h): (Vec<f32>, Vec<f32>) =
        (meant.frames.iter().map(whole).collect(), heard.frames.iter().map(whole).collect());
    let sure = || together(&m, &h, shift).filter(|(a, b)| a.is_finite() && b.is_finite());
    let loud = sure().map(|(a, _)| *a).fold(0.0, f32::max) / 30.0;
    let (left, came) = sure().filter(|(a, _)| **a >= loud).fold((0.0, 0.0), |(x, y), (a, b)| (x + a, y + b));
    db(came) - db(left)
}

/// Makes prints of a running sound.
pub(super) struct Printer {
    frames: Frames,
    epoch: Instant,
    /// When the last frame was, and its number.
    last: Option<(Instant, u64)>,
}

impl Printer {
    /// Numbers frames from `epoch` on.
    pub(super) fn new(rate: u32, epoch: Instant) -> Self {
        Self { frames: Frames::new(rate, WINDOW_MS, FRAME_MS as u32), epoch, last: None }
    }

    pub(super) fn rate(&self) -> u32 {
        self.frames.rate()
    }

    pub(super) fn push(&mut self, at: Instant, samples: &[f32], mut frame: impl FnMut(u64, Bands)) {
        let (epoch, last) = (self.epoch, &mut self.last);
        self.frames.push(at, samples, |s| {
            let bands = std::array::from_fn(|k| s.between(EDGES[k], EDGES[k + 1]));
            // One after another as long as they follow, so that none is left out where hops are no whole samples.
            let number = match *last {
                Some((before, n)) if s.at.saturating_duration_since(before).as_millis().abs_diff(10) <= 1 => n + 1,
                _ => number(epoch, s.at),
            };
            *last = Some((s.at, number));
            frame(number, bands);
        });
    }

    pub(super) fn forget(&mut self) {
        self.frames.forget();
        self.last = None;
    }
}

/// The number of the frame at a time.
pub(super) fn number(epoch: Instant, at: Instant) -> u64 {
    let ms = Duration::from_millis(FRAME_MS);
    (at.saturating_duration_since(epoch).as_nanos() / ms.as_nanos()) as u64
}
