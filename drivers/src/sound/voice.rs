//! One act of playing as the thread that feeds the card sees it: a sound, how loud, how far.

use super::dtmf::Dialled;
use super::feed::{Feed, Poured};
use super::length::frames;
use super::ramp::{Curve, Ramp};
use super::tone::{Chime, Tone};
use gateway_core::id::PlayId;
use gateway_core::want::Join;
use std::time::Instant;

/// Below this (-66 dB of full scale) a sample counts as silence.
const AUDIBLE: f32 = 0.0005;
/// How long a change of volume takes, milliseconds: quick, and no click.
const RAMP_MS: u32 = 10;

/// Where a voice's samples come from.
#[derive(Debug)]
pub(super) enum Sound {
    /// Made in code, for ever.
    Tone(Tone),
    /// Made in code, about a second.
    Chime(Chime),
    /// Zone tones, made in code.
    Digits(Dialled),
    /// Decoded elsewhere.
    Feed(Feed),
}

/// How a play ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its sound was over, or broke off; the feed knows why.
    Over,
    /// The decoder gave nothing for too long.
    Stuck,
}

/// What one block of a voice held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Index of the first audible frame.
    pub(super) audible: Option<usize>,
    /// It ended so many frames into the block.
    pub(super) ended: Option<(usize, Ending)>,
    /// The decoder was too slow in it.
    pub(super) dry: bool,
}

/// What happened to a voice, told by the mixer.
#[derive(Debug)]
pub(super) enum Event {
    /// The first audible sample of a play leaves the device at `due`.
    Sounding { lane: usize, play: PlayId, due: Instant },
    /// The last sample of a play leaves the device at `due`; the voice is to be freed.
    Ended { lane: usize, voice: Voice, how: Ending, due: Instant },
    /// To be freed: it was replaced or withdrawn.
    Retired(Voice),
}

/// One act of playing.
#[derive(Debug)]
pub(super) struct Voice {
    /// Which.
    pub(super) play: PlayId,
    /// Its sound.
    pub(super) sound: Sound,
    /// How it takes over from what sounds before it.
    pub(super) join: Join,
    /// What brings a sound made in code to the loudness it is meant at; a feed knows its own.
    pub(super) level: f32,
    /// How loud: the volume.
    pub(super) gain: Ramp,
    /// How it comes, goes, and stands below another: 1 while it stands alone.
    pub(super) fade: Ramp,
    /// Its first audible sample was announced.
    pub(super) announced: bool,
    /// How much of it played before this voice took over, milliseconds.
    pub(super) before_ms: u64,
    /// Frames given.
    pub(super) given: u64,
    /// The rate its sound is made for, hertz.
    pub(super) rate: u32,
}

impl Voice {
    /// A voice for sound of `rate` hertz, at `gain` of full scale.
    pub(super) fn new(play: PlayId, sound: Sound, gain: f32, before_ms: u64, rate: u32) -> Self {
        let (gain, fade) = (Ramp::at(gain), Ramp::at(1.0));
        Self { play, sound, join: Join::Cut, level: 1.0, gain, fade, announced: false, before_ms, given: 0, rate }
    }

    /// How it takes over, and the gain that brings a sound made in code to the loudness it is meant at.
    pub(super) fn joining(self, join: Join, level: f32) -> Self {
        Self { join, level, ..self }
    }

    /// How much of the play has been given, milliseconds.
    pub(super) fn played_ms(&self) -> u64 {
        self.before_ms + self.given * 1000 / u64::from(self.rate.max(1))
    }

    /// Changes the volume.
    pub(super) fn set_gain(&mut self, gain: f32) {
        if self.given == 0 {
            self.gain = Ramp::at(gain);
        } else {
            self.gain.hurry(gain, frames(RAMP_MS, self.rate), Curve::Straight);
        }
    }

    /// It would sound at once, or end.
    pub(super) fn is_ready(&self) -> bool {
        match &self.sound {
            Sound::Tone(_) | Sound::Chime(_) | Sound::Digits(_) => true,
            Sound::Feed(feed) => feed.is_ready(),
        }
    }

    /// Frames until it ends, where that is known.
    pub(super) fn left(&self) -> Option<usize> {
        match &self.sound {
            Sound::Tone(_) => None,
            Sound::Chime(chime) => Some(chime.left()),
            Sound::Digits(digits) => Some(digits.left()),
            Sound::Feed(feed) => feed.left(),
        }
    }

    /// Fills `out`, with silence where there is no sound.
    pub(super) fn render(&mut self, out: &mut [f32]) -> Block {
        let mut block = Block::default();
        let filled = match &mut self.sound {
            Sound::Tone(tone) => {
                tone.render(out);
                out.len()
            }
            Sound::Chime(chime) => {
                let filled = chime.render(out);
                block.ended = (filled < out.len()).then_some((filled, Ending::Over));
                filled
            }
            Sound::Digits(digits) => {
                let filled = digits.render(out);
                block.ended = (filled < out.len()).then_some((filled, Ending::Over));
                filled
            }
            Sound::Feed(feed) => match feed.render(out) {
                Poured::Some(filled, dry) => {
                    block.dry = dry;
                    filled
                }
                Poured::Last(filled) => {
                    block.ended = Some((filled, Ending::Over));
                    filled
                }
                Poured::Stuck => {
                    block.ended = Some((0, Ending::Stuck));
                    0
                }
            },
        };
        out[filled..].fill(0.0);
        let out = &mut out[..filled];
        let level = match &self.sound {
            Sound::Feed(feed) => feed.level(),
            Sound::Tone(_) | Sound::Chime(_) | Sound::Digits(_) => self.level,
        };
        if level != 1.0 {
            out.iter_mut().for_each(|s| *s *= level);
        }
        self.gain.apply(out);
        self.fade.apply(out);
        self.given += filled as u64;
        if !self.announced {
            block.audible = out.iter().position(|s| s.abs() > AUDIBLE);
        }
        block
    }
}

/// Per cent of the volume control as a gain: the square of it, so that half way sounds about half as loud (-12 dB).
pub(super) fn gain(percent: u8) -> f32 {
    (f32::from(percent.min(100)) / 100.0).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_full_volume_samples_are_untouched() {
        let mut block = [0.123_456_7, -1.0, 1.0];
        Ramp::at(gain(100)).apply(&mut block);
        assert_eq!(block, [0.123_456_7, -1.0, 1.0]);
    }

    #[test]
    fn volume_rises_with_per_cent() {
        assert_eq!(gain(0), 0.0);
        assert_eq!(gain(100), 1.0);
        assert_eq!(gain(255), 1.0);
        assert!((1..=100).all(|p| gain(p) > gain(p - 1)));
    }
}
