//! A howl: one narrow band that nobody meant, standing over everything else for seconds, steady or growing.

use super::spectrum::{Frames, Spectrum, db};
use std::time::{Duration, Instant};

/// Length of a frame, milliseconds: lines of 6.25 Hz.
const WINDOW_MS: u32 = 160;
/// A frame so often, milliseconds.
const HOP_MS: u32 = 80;
/// Where feedback can be, hertz: what a horn passes, and a little more.
const RANGE_HZ: (f32, f32) = (200.0, 4_500.0);
/// So much of all that is heard there is in the howl …
const SHARE: f32 = 0.6;
/// … or so much, where several pitches howl at once; then it takes longer to be sure that it is no music.
const SHARED: f32 = 0.35;
/// What a frame of the second kind counts beside one of the first.
const HALF_SURE: f32 = 0.4;
/// How far it stands above its neighbourhood, decibels.
const STANDS_DB: f32 = 15.0;
/// How loud it is at least, decibels of full scale.
const LOUD_DB: f32 = -45.0;
/// How far its pitch may wander from one frame to the next, hertz.
const WANDERS_HZ: f32 = 8.0;
/// How far it may wander in all, hertz.
const DRIFTS_HZ: f32 = 40.0;
/// How far it may fall from its highest level, decibels: feedback grows or stays.
const FALLS_DB: f32 = 8.0;
/// What a frame without it costs: the notes of a tone that come again by turns must never add up.
const MISSED: f32 = 2.0;
/// How many frames it stands before it is told of: two seconds.
const STANDS: f32 = 25.0;
/// How long it is gone before that is told.
const GONE: Duration = Duration::from_secs(1);
/// A lapse this short is none.
const LAPSE: Duration = Duration::from_millis(200);
/// A pitch that stands so far above its neighbourhood in what left was meant, decibels: a tone, a note of music.
const MEANT_DB: f32 = 10.0;
/// What was there while the ear was opened, within so many decibels, is no feedback of it.
const ROSE_DB: f32 = 10.0;
/// Frames from the opening on in which that is heard.
const OPENING: usize = 4;

/// Tells of a howl: that there is one, and where; or that there is none any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Howl {
    /// There is one.
    pub on: bool,
    /// Where, hertz.
    pub hz: u32,
}

/// Listens for howls in one running sound.
pub struct Howls {
    frames: Frames,
    meant: Option<Meant>,
    judge: Judge,
}

/// The frames of what is heard, judged one by one.
#[derive(Default)]
struct Judge {
    /// What was there from the beginning, by line.
    ground: Vec<f32>,
    /// Frames heard since the ear was opened.
    heard: usize,
    /// What stands out.
    run: Option<Run>,
    /// It was told of, and was last heard then.
    told: Option<(Howl, Instant)>,
    last: Option<Instant>,
}

/// One narrow band that stands out.
#[derive(Clone, Copy)]
struct Run {
    began_hz: f32,
    hz: f32,
    last: Instant,
    /// Frames it has stood for, each as sure as it is, less those in which it did not.
    stood: f32,
    /// Its highest level, decibels.
    level_db: f32,
}

/// What left, as a slow mean: the spectrum of the last seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Meant {
    line_hz: f32,
    power: Vec<f32>,
    whole: f32,
}

impl Meant {
    fn take(&mut self, s: &Spectrum<'_>) {
        if self.power.len() != s.power.len() || self.line_hz != s.line_hz {
            *self = Self { line_hz: s.line_hz, power: vec![0.0; s.power.len()], whole: 0.0 };
        }
        // A mean over about three seconds.
        let fade = HOP_MS as f32 / 3_000.0;
        for (mean, now) in self.power.iter_mut().zip(s.power) {
            *mean += (now - *mean) * fade;
        }
        self.whole += (s.between(RANGE_HZ.0, RANGE_HZ.1) - self.whole) * fade;
    }

    /// Whether something narrow was meant at a pitch.
    fn has(&self, hz: f32) -> bool {
        let line = (hz / self.line_hz.max(1.0)).round() as usize;
        let near = |l: usize| self.power.get(l).copied().unwrap_or(0.0);
        let it = (line.saturating_sub(2)..line + 3).map(near).fold(0.0, f32::max);
        // Far below all the rest, it is at most a grain of noise.
        it > 1e-5 * self.whole && db(it) - db(beside(&self.power, line)) >= MEANT_DB
    }
}

/// Mean of the lines 30 to 200 Hz to both sides of one.
fn beside(power: &[f32], line: usize) -> f32 {
    let sides = || (line.saturating_sub(32)..(line + 33).min(power.len())).filter(|l| l.abs_diff(line) >= 5);
    sides().filter_map(|l| power.get(l)).sum::<f32>() / sides().count().max(1) as f32
}

/// Makes the slow mean of what leaves.
pub(super) struct Meaning {
    frames: Frames,
    pub(super) mean: Meant,
}

impl Meaning {
    pub(super) fn new(rate: u32) -> Self {
        Self { frames: Frames::new(rate, WINDOW_MS, HOP_MS), mean: Meant::default() }
    }

    pub(super) fn rate(&self) -> u32 {
        self.frames.rate()
    }

    pub(super) fn hear(&mut self, at: Instant, samples: &[f32]) {
        self.frames.push(at, samples, |s| self.mean.take(&s));
    }
}

impl Howls {
    /// For a sound of so many hertz.
    pub fn new(rate: u32) -> Self {
        Self { frames: Frames::new(rate, WINDOW_MS, HOP_MS), meant: None, judge: Judge::default() }
    }

    pub(super) fn rate(&self) -> u32 {
        self.frames.rate()
    }

    /// What left in the last seconds; `None`: what left says nothing, because a microphone was open to it.
    pub(super) fn meant(&mut self, meant: Option<Meant>) {
        self.meant = meant;
    }

    /// Takes the next piece and tells of a howl that begins or ends with it.
    pub fn hear(&mut self, at: Instant, samples: &[f32], mut tell: impl FnMut(Howl)) {
        let (judge, meant) = (&mut self.judge, self.meant.as_ref());
        self.frames.push(at, samples, |s| {
            if let Some(howl) = judge.take(&s, meant) {
                tell(howl);
            }
        });
    }

    /// The ear is closed: what it held is overwritten, and a howl it heard is told to be over.
    pub(super) fn forget(&mut self) -> Option<Howl> {
        self.frames.forget();
        std::mem::take(&mut self.judge).told.map(|(howl, _)| Howl { on: false, ..howl })
    }
}

impl Judge {
    fn take(&mut self, s: &Spectrum<'_>, meant: Option<&Meant>) -> Option<Howl> {
        if self.last.is_some_and(|last| s.at.saturating_duration_since(last) > GONE) {
            self.run = None;
        }
        self.last = Some(s.at);
        self.settle(s);
        match self.stands_out(s, meant) {
            Some((hz, level_db, sure)) => self.goes_on(s.at, hz, level_db, sure),
            None => self.lapses(s.at),
        }
        match self.told {
            None => {
                let run = self.run.filter(|run| run.stood >= STANDS)?;
                let howl = Howl { on: true, hz: run.hz.round() as u32 };
                self.told = Some((howl, run.last));
                Some(howl)
            }
            Some((howl, heard)) => {
                let here = self.run.filter(|run| (run.hz - howl.hz as f32).abs() <= DRIFTS_HZ);
                let heard = here.map_or(heard, |run| run.last);
                let gone = s.at.saturating_duration_since(heard) >= GONE;
                self.told = (!gone).then_some((howl, heard));
                gone.then_some(Howl { on: false, ..howl })
            }
        }
    }

    /// What stands out in this frame: its pitch, its level and how sure it is.
    fn stands_out(&self, s: &Spectrum<'_>, meant: Option<&Meant>) -> Option<(f32, f32, f32)> {
        let (line, hz) = s.peak(RANGE_HZ.0, RANGE_HZ.1)?;
        let (it, all) = (s.around(line), s.between(RANGE_HZ.0 - 20.0, RANGE_HZ.1 + 20.0));
        let here = s.power.get(line).copied().unwrap_or(0.0);
        let ground = self.ground.iter().skip(line.saturating_sub(2)).take(5).sum::<f32>();
        let stands = db(it) > LOUD_DB
            && it >= SHARED * all
            && db(here) - db(beside(s.power, line)) >= STANDS_DB
            && db(it) - db(ground) >= ROSE_DB
            && meant.is_none_or(|meant| !meant.has(hz));
        stands.then_some((hz, db(it), if it >= SHARE * all { 1.0 } else { HALF_SURE }))
    }

    fn goes_on(&mut self, at: Instant, hz: f32, level_db: f32, sure: f32) {
        match &mut self.run {
            Some(run)
                if (run.hz - hz).abs() <= WANDERS_HZ
                    && (run.began_hz - hz).abs() <= DRIFTS_HZ
                    && level_db > run.level_db - FALLS_DB =>
            {
                (run.hz, run.last, run.level_db) = (hz, at, run.level_db.max(level_db));
                run.stood += sure;
            }
            Some(_) | None => {
                // One frame of something else breaks nothing, but notes by turns never add up.
                self.lapses(at);
                self.run.get_or_insert(Run { began_hz: hz, hz, last: at, stood: sure, level_db });
            }
        }
    }

    /// What stood out does not in this frame.
    fn lapses(&mut self, now: Instant) {
        if let Some(run) = &mut self.run {
            run.stood -= MISSED;
            if run.stood <= 0.0 || now.saturating_duration_since(run.last) > LAPSE {
                self.run = None;
            }
        }
    }

    /// Notes what is there from the beginning: the least of the first frames.
    fn settle(&mut self, s: &Spectrum<'_>) {
        if self.heard == 0 {
            self.ground = s.power.to_vec();
        } else if self.heard < OPENING {
            for (least, now) in self.ground.iter_mut().zip(s.power) {
                *least = least.min(*now);
            }
        }
        self.heard = self.heard.saturating_add(1);
    }
}
