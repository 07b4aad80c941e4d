//! Silence while something is due, and sound while nothing is: judged from samples and told time.

use super::spectrum::{db, span};
use gateway_core::id::PlayId;
use std::time::{Duration, Instant};

/// Levels are taken over so many milliseconds.
const STEP_MS: u32 = 10;
/// It sounds where so many of the last eight steps did: a click is no programme.
const ENOUGH: u32 = 3;
/// An unbidden sound that pauses for longer begins anew.
const PAUSE: Duration = Duration::from_millis(300);
/// An unbidden sound that was told of is over after so much silence.
const OVER: Duration = Duration::from_secs(1);

/// What counts as silence and as sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// A due play may be silent for less than this, milliseconds.
    pub silence_ms: u64,
    /// What is weaker than this is silence while a play is due, decibels of full scale (mean square).
    pub silence_db: f32,
    /// What is stronger than this is a sound while nothing is due, decibels of full scale (mean square).
    pub unbidden_db: f32,
    /// A sound must last so long to be an unbidden one, milliseconds.
    pub unbidden_ms: u64,
    /// What sounds so shortly after a play was due still belongs to it, milliseconds.
    pub tail_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { silence_ms: 3_000, silence_db: -60.0, unbidden_db: -50.0, unbidden_ms: 200, tail_ms: 300 }
    }
}

/// What is wrong with a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// Nothing has been heard for so long although this play is due.
    Silent {
        /// Which.
        play: PlayId,
        /// For how long, milliseconds.
        for_ms: u64,
    },
    /// Something is heard although nothing is due.
    Unbidden {
        /// How loud, decibels of full scale.
        level_db: f32,
    },
}

/// Judges one sound, piece by piece.
#[derive(Clone, Debug)]
pub struct Judge {
    limits: Limits,
    /// It is wanted silent: a volume of nothing.
    hushed: bool,
    step: Step,
    /// Which of the last steps were above the threshold, newest lowest.
    loud: u8,
    /// When the last piece ended.
    end: Option<Instant>,
    due: Due,
}

/// What is due, and how it goes.
#[derive(Clone, Copy, Debug)]
enum Due {
    Play { play: PlayId, quiet_since: Instant, blame: Blame },
    Nothing { since: Instant, sound: Option<Sound> },
}

/// Who was told about for this silence.
#[derive(Clone, Copy, Debug)]
enum Blame {
    /// Nobody: whichever play is due when it has lasted long enough.
    None,
    /// The play that is due, and its silence goes on.
    Told,
    /// The play before; the one now due has its own time from then on.
    Fresh(Instant),
}

/// A sound that nobody wanted.
#[derive(Clone, Copy, Debug)]
struct Sound {
    last: Instant,
    steps: u64,
    energy: f32,
    told: bool,
}

/// The step at work: sums of its samples.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    n: u32,
    sum: f64,
    squares: f64,
}

impl Judge {
    /// One that has heard nothing yet.
    pub fn new(limits: Limits) -> Self {
        let due = Due::Nothing { since: Instant::now(), sound: None };
        Self { limits, hushed: false, step: Step::default(), loud: 0, end: None, due }
    }

    /// Whether silence is what is wanted, however much is due.
    pub fn hush(&mut self, hushed: bool, now: Instant) {
        if let Due::Play { quiet_since, blame, .. } = &mut self.due
            && self.hushed != hushed
        {
            (*quiet_since, *blame) = (now, Blame::None);
        }
        self.hushed = hushed;
    }

    /// Whether silence is what is wanted.
    pub(super) fn hushed(&self) -> bool {
        self.hushed
    }

    /// For how long nothing has been heard of a due play, milliseconds; 0 while nothing is due.
    pub fn silent_for_ms(&self) -> u64 {
        match (self.due, self.end) {
            (Due::Play { quiet_since, .. }, Some(end)) => end.saturating_duration_since(quiet_since).as_millis() as u64,
            (Due::Play { .. } | Due::Nothing { .. }, _) => 0,
        }
    }

    /// Takes the next piece; `gap` says that pieces before it were lost, of which nothing is known.
    pub fn hear(
        &mut self,
        at: Instant,
        due: Option<PlayId>,
        gap: bool,
        (rate, samples): (u32, &[f32]),
        mut found: impl FnMut(Finding),
    ) {
        if gap && let (Some(end), Due::Play { quiet_since, .. }) = (self.end, &mut self.due) {
            *quiet_since += at.saturating_duration_since(end);
        }
        self.turn(at, due);
        let frames = (rate * STEP_MS / 1000).max(1);
        for (i, sample) in samples.iter().enumerate() {
            if let Some(mean_square) = self.step.take(*sample, frames) {
                self.judge(at + span(i as u64 + 1, rate), mean_square, &mut found);
            }
        }
        let end = at + span(samples.len() as u64, rate);
        self.end = Some(self.end.map_or(end, |before| before.max(end)));
    }

    /// Told the time where no piece came: what does not leave is silent too.
    pub fn tend(&mut self, now: Instant, found: impl FnMut(Finding)) {
        // Where it is only the pieces that are late, the next ones tell.
        if self.end.is_some_and(|end| end < now) {
            self.silent(now, found);
        }
    }

    /// Another play is due, or none.
    fn turn(&mut self, at: Instant, due: Option<PlayId>) {
        self.due = match (self.due, due) {
            (Due::Play { play, .. }, Some(now)) if play == now => return,
            (Due::Nothing { .. }, None) => return,
            (Due::Play { quiet_since, blame, .. }, Some(play)) => {
                let blame = match blame {
                    Blame::Told => Blame::Fresh(at),
                    Blame::None | Blame::Fresh(_) => blame,
                };
                Due::Play { play, quiet_since, blame }
            }
            (Due::Nothing { .. }, Some(play)) => Due::Play { play, quiet_since: at, blame: Blame::None },
            (Due::Play { .. }, None) => Due::Nothing { since: at, sound: None },
        };
    }

    fn judge(&mut self, now: Instant, mean_square: f32, found: &mut impl FnMut(Finding)) {
        let limits = self.limits;
        let threshold = match self.due {
            Due::Play { .. } => limits.silence_db,
            Due::Nothing { .. } => limits.unbidden_db,
        };
        let loud = db(mean_square) > threshold;
        self.loud = self.loud << 1 | u8::from(loud);
        let sounds = self.loud.count_ones() >= ENOUGH;
        match &mut self.due {
            Due::Play { quiet_since, blame, .. } => {
                if sounds {
                    (*quiet_since, *blame) = (now, Blame::None);
                } else {
                    self.silent(now, found);
                }
            }
            Due::Nothing { since, sound } => {
                if now.saturating_duration_since(*since).as_millis() as u64 <= limits.tail_ms {
                    return;
                }
                if let Some(Sound { last, told, .. }) = sound
                    && now.saturating_duration_since(*last) >= if *told { OVER } else { PAUSE }
                {
                    *sound = None;
                }
                if !loud {
                    return;
                }
                let now_sounds = sound.get_or_insert(Sound { last: now, steps: 0, energy: 0.0, told: false });
                now_sounds.last = now;
                now_sounds.steps += 1;
                now_sounds.energy += mean_square;
                if !now_sounds.told && now_sounds.steps * u64::from(STEP_MS) >= limits.unbidden_ms {
                    now_sounds.told = true;
                    found(Finding::Unbidden { level_db: db(now_sounds.energy / now_sounds.steps as f32) });
                }
            }
        }
    }

    /// Nothing was heard up to now.
    fn silent(&mut self, now: Instant, mut found: impl FnMut(Finding)) {
        let Due::Play { play, quiet_since, blame } = &mut self.due else { return };
        let since = match blame {
            Blame::None => *quiet_since,
            Blame::Fresh(at) => *at,
            Blame::Told => return,
        };
        if !self.hushed && now.saturating_duration_since(since).as_millis() as u64 >= self.limits.silence_ms {
            *blame = Blame::Told;
            let for_ms = now.saturating_duration_since(*quiet_since).as_millis() as u64;
            found(Finding::Silent { play: *play, for_ms });
        }
    }
}

impl Step {
    /// Takes a sample; the mean square without the mean, which nobody hears, when the step is whole.
    fn take(&mut self, sample: f32, frames: u32) -> Option<f32> {
        let sample = if sample.is_finite() { f64::from(sample) } else { 0.0 };
        self.n += 1;
        self.sum += sample;
        self.squares += sample * sample;
        if self.n < frames {
            return None;
        }
        let n = f64::from(self.n);
        let mean_square = (self.squares / n - (self.sum / n).powi(2)).max(0.0) as f32;
        *self = Self::default();
        Some(mean_square)
    }
}

#[cfg(test)]
mod tests;
