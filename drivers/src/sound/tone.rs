//! The attention tone and the chime: made in code, so that nothing has to be fetched, read or decoded before they sound.

use super::length::frames;
use gateway_core::want::TONE_TURN_MS;
use std::f32::consts::TAU;

/// Peak of the tone, of full scale: loud, with room for the programme that fades out under its first milliseconds.
const TONE_PEAK: f32 = 0.85;
/// The tone is at full level after this many milliseconds: no click, and still audible in the first period.
const ATTACK_MS: f32 = 0.5;
/// Length of one note of the chime, milliseconds.
const NOTE_MS: u32 = 550;
/// Notes of the chime, hertz: a falling fourth.
const NOTES: [f32; 2] = [784.0, 587.3];

/// The two pitches of a risk level, hertz, and how long each is held, milliseconds: higher and faster is worse. Each
/// hold divides the turn into an even number of notes, so that turns join without a double note.
fn pair(level: u8) -> (f32, f32, u32) {
    match level {
        0 | 1 => (520.0, 650.0, 600),
        2 => (580.0, 780.0, 300),
        3 => (660.0, 880.0, 200),
        4 => (740.0, 1110.0, 150),
        _ => (800.0, 1400.0, 100),
    }
}

/// How loud the tones of the five levels are, LUFS.
const TONE_LUFS: [f32; 5] = [-3.4, -3.2, -3.1, -2.8, -2.4];
/// How loud the drills of the five levels are, LUFS.
const DRILL_LUFS: [f32; 5] = [-9.4, -7.8, -7.1, -6.8, -6.2];
/// Pitch of a drill's pips, hertz.
const PIP_HZ: f32 = 1000.0;
/// A pip and the pause after it, milliseconds.
const PIP_MS: (u32, u32) = (110, 110);

/// The attention tone. Real: two pitches by turns, without pause. Drill: as many pips of one pitch as the level says,
/// then silence until the turn is over.
#[derive(Debug)]
pub(super) struct Tone {
    level: u8,
    drill: bool,
    rate: u32,
    /// Frames since the turn began.
    at: u32,
    /// Of a circle, 0–1. Begins at the crest: the first period is as loud as any.
    phase: f32,
    /// Frames until the attack is over.
    attack: u32,
}

impl Tone {
    pub(super) fn new(level: u8, drill: bool, rate: u32) -> Self {
        Self { level, drill, rate, at: 0, phase: 0.25, attack: attack(rate) }
    }

    /// How loud it is as a whole, LUFS; a drill's pauses do not count (they are gated out).
    pub(super) fn lufs(&self) -> f32 {
        let levels = if self.drill { DRILL_LUFS } else { TONE_LUFS };
        levels[usize::from(self.level.clamp(1, 5)) - 1]
    }

    /// Fills `out`; never ends.
    pub(super) fn render(&mut self, out: &mut [f32]) {
        let turn = frames(TONE_TURN_MS as u32, self.rate);
        let whole = attack(self.rate);
        for sample in out {
            let (hz, level) = self.now();
            self.phase = (self.phase + hz / self.rate as f32).fract();
            let rise = 1.0 - self.attack as f32 / whole as f32;
            self.attack = self.attack.saturating_sub(1);
            *sample = reedy(self.phase, hz, self.rate) * level * rise * TONE_PEAK;
            self.at = (self.at + 1) % turn;
        }
    }

    /// Pitch and level at this frame of the turn.
    fn now(&self) -> (f32, f32) {
        if !self.drill {
            let (low, high, hold) = pair(self.level);
            let note = self.at / frames(hold, self.rate).max(1);
            return (if note.is_multiple_of(2) { low } else { high }, 1.0);
        }
        let (on, off) = (frames(PIP_MS.0, self.rate), frames(PIP_MS.1, self.rate));
        let (pip, within) = (self.at / (on + off), self.at % (on + off));
        let sounds = pip < u32::from(self.level.clamp(1, 5)) && within < on;
        // Two milliseconds up and down: pips must not click like a fault of the line.
        let edge = within.min(on.saturating_sub(within)) as f32 / frames(2, self.rate).max(1) as f32;
        (PIP_HZ, if sounds { edge.min(1.0) } else { 0.0 })
    }
}

/// The opening chime: two bell notes, about a second.
#[derive(Debug)]
pub(super) struct Chime {
    rate: u32,
    at: u32,
    phase: f32,
}

impl Chime {
    /// How loud it is as a whole, LUFS.
    pub(super) const LUFS: f32 = -18.9;

    pub(super) fn new(rate: u32) -> Self {
        Self { rate, at: 0, phase: 0.0 }
    }

    /// Frames it still has.
    pub(super) fn left(&self) -> usize {
        (NOTES.len() as u32 * frames(NOTE_MS, self.rate)).saturating_sub(self.at) as usize
    }

    /// Fills the beginning of `out` and says how much; less than asked means it is over.
    pub(super) fn render(&mut self, out: &mut [f32]) -> usize {
        let note = frames(NOTE_MS, self.rate);
        let mut done = 0;
        for sample in out {
            let Some(&hz) = NOTES.get((self.at / note) as usize) else { break };
            let t = (self.at % note) as f32 / note as f32;
            self.phase = (self.phase + hz / self.rate as f32).fract();
            let angle = TAU * self.phase;
            let bell = angle.sin() + 0.3 * (2.0 * angle).sin();
            // Decays by 43 dB over the note, and the last tenth goes to nothing.
            let level = (t * 200.0).min(1.0) * (-5.0 * t).exp() * ((1.0 - t) * 10.0).min(1.0);
            *sample = 0.55 * bell * level;
            self.at += 1;
            done += 1;
        }
        done
    }
}

/// A sine with its third and fifth harmonics, near a square wave: horns carry it far. Peak 1.
fn reedy(phase: f32, hz: f32, rate: u32) -> f32 {
    let s = (TAU * phase).sin();
    if 10.0 * hz > rate as f32 {
        return s;
    }
    let third = 3.0 * s - 4.0 * s.powi(3);
    let fifth = 16.0 * s.powi(5) - 20.0 * s.powi(3) + 5.0 * s;
    (s + third / 3.0 + fifth / 5.0) / 0.94
}

fn attack(rate: u32) -> u32 {
    ((ATTACK_MS * rate as f32 / 1000.0) as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_loud_within_a_millisecond_and_never_beyond_full_scale() {
        for level in 1..=5 {
            let mut out = vec![0.0; 48_000 * 3];
            Tone::new(level, false, 48_000).render(&mut out);
            assert!(out[..48].iter().any(|s| s.abs() > 0.5), "level {level} starts late");
            assert!(out.iter().all(|s| s.abs() <= 1.0), "level {level} clips");
            assert!(out.chunks(480).all(|c| c.iter().any(|s| s.abs() > 0.5)), "level {level} pauses");
        }
    }

    #[test]
    fn a_drill_has_as_many_pips_as_its_level_and_a_pause() {
        for level in 1..=5_u8 {
            let mut out = vec![0.0; 57_600];
            Tone::new(level, true, 48_000).render(&mut out);
            let loud: Vec<bool> = out.chunks(480).map(|c| c.iter().any(|s| s.abs() > 0.1)).collect();
            let pips = loud.windows(2).filter(|w| !w[0] && w[1]).count() + usize::from(loud[0]);
            assert_eq!(pips, usize::from(level));
            assert!(!loud[loud.len() - 1]);
        }
    }

    /// Loudness as EBU R 128 has it, by an implementation of others.
    fn lufs(samples: &[f32]) -> f32 {
        let mut meter = ebur128::EbuR128::new(1, 48_000, ebur128::Mode::I).expect("a meter");
        meter.add_frames_f32(samples).expect("samples");
        meter.loudness_global().expect("a loudness") as f32
    }

    #[test]
    fn each_is_as_loud_as_it_says() {
        for drill in [false, true] {
            for level in 1..=5 {
                let mut out = vec![0.0; 48_000 * 12];
                let mut tone = Tone::new(level, drill, 48_000);
                tone.render(&mut out);
                let seen = lufs(&out);
                assert!((tone.lufs() - seen).abs() < 0.2, "level {level}, drill {drill}: {seen}");
            }
        }
        let mut out = vec![0.0; 52_800];
        Chime::new(48_000).render(&mut out);
        let seen = lufs(&out);
        assert!((Chime::LUFS - seen).abs() < 0.2, "chime: {seen}");
    }

    #[test]
    fn the_chime_ends() {
        let mut out = vec![0.0; 96_000];
        let n = Chime::new(48_000).render(&mut out);
        assert_eq!(n, 52_800);
        assert!(out.iter().all(|s| s.abs() < 1.0));
    }
}
