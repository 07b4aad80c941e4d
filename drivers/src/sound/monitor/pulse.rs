//! The monitor's clock: a packet each 20 ms, of what the sink gave or of silence where it gave nothing.

use crate::sound::oggopus::{Coder, FRAME, RATE};
use crate::sound::resample::Resampler;
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

/// Length of a packet.
const PACE: Duration = Duration::from_millis(20);
/// More than this late (a sleeping machine), and the time is given up rather than made up for.
const LATE: Duration = Duration::from_secs(1);
/// So much is gathered before sound begins: a card hands over its periods unevenly. Samples at 48 kHz, 100 ms.
const CUSHION: usize = 5 * FRAME;
/// Above this the sink is ahead of us (its crystal is faster, or we slept) and the oldest goes. 300 ms.
const AHEAD: usize = 15 * FRAME;
/// What is less than a cushion and does not grow is the end of a sound; it is played after so many packets.
const TAIL: u32 = 10;
/// Bit rate, per second: music and speech alike.
const BITS: u16 = 48_000;

/// Makes an even stream of an uneven one.
pub(super) struct Pulse {
    coder: Coder,
    next: Option<Instant>,
    resampler: Option<(u32, Resampler)>,
    changed: Vec<f32>,
    waiting: VecDeque<f32>,
    flowing: bool,
    held: u32,
    /// Packets are owed: what waits is for them, and not too much.
    behind: bool,
}

impl Pulse {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            coder: Coder::new(RATE, BITS)?,
            next: None,
            resampler: None,
            changed: Vec::new(),
            waiting: VecDeque::with_capacity(AHEAD),
            flowing: false,
            held: 0,
            behind: false,
        })
    }

    /// How long until the next packet is due.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        let due = match self.next {
            Some(next) if now.saturating_duration_since(next) < LATE => next,
            Some(_) | None => now,
        };
        self.next = Some(due + PACE);
        self.behind = now.saturating_duration_since(due) > PACE;
        due.saturating_duration_since(now)
    }

    /// Takes what came since the last packet, and makes the next.
    pub(super) fn packet(&mut self, fresh: &[f32], rate: u32) -> io::Result<Vec<u8>> {
        self.take(fresh, rate);
        let samples = self.frame();
        self.coder.push(&samples);
        self.coder.packet()?.ok_or_else(|| io::Error::other("a frame made no packet"))
    }

    fn take(&mut self, fresh: &[f32], rate: u32) {
        if rate == RATE || rate == 0 {
            self.waiting.extend(fresh);
            return;
        }
        if self.resampler.as_ref().is_none_or(|(of, _)| *of != rate) {
            self.resampler = Some((rate, Resampler::new(rate, RATE)));
        }
        let Some((_, resampler)) = &mut self.resampler else { return };
        self.changed.clear();
        fresh.iter().for_each(|s| resampler.push(*s, &mut self.changed));
        self.waiting.extend(&self.changed);
    }

    /// The next 20 ms.
    fn frame(&mut self) -> [f32; FRAME] {
        if self.waiting.len() > AHEAD && !self.behind {
            self.waiting.drain(..self.waiting.len() - CUSHION);
        }
        if !self.flowing {
            self.held = if self.waiting.is_empty() { 0 } else { self.held + 1 };
            self.flowing = self.waiting.len() >= CUSHION || self.held >= TAIL;
        }
        let mut frame = [0.0; FRAME];
        if self.flowing {
            let there = self.waiting.len().min(FRAME);
            frame.iter_mut().zip(self.waiting.drain(..there)).for_each(|(f, s)| *f = s);
            if there < FRAME {
                (self.flowing, self.held) = (false, 0);
            }
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of a ramp, so that each is known again.
    fn ramp(from: usize, n: usize) -> Vec<f32> {
        (from..from + n).map(|i| i as f32).collect()
    }

    fn pulse() -> Pulse {
        Pulse::new().expect("an encoder")
    }

    #[test]
    fn nothing_is_lost_however_unevenly_it_comes() {
        let (mut pulse, mut heard, mut given) = (pulse(), Vec::new(), 1);
        // 20 ms a turn on the whole, but in lumps of 40 and 60 ms, as a card with long periods gives them.
        for turn in 0..60 {
            let lump = [1920, 0, 2880, 0, 0][turn % 5];
            pulse.take(&ramp(given, lump), RATE);
            given += lump;
            heard.extend(pulse.frame());
        }
        let begin = heard.iter().position(|s| *s > 0.0).expect("a beginning");
        assert!(begin <= CUSHION + 3 * FRAME, "it begins after {begin} samples");
        assert!(heard[begin..].windows(2).all(|w| w[1] - w[0] == 1.0), "not a sample is lost or doubled");
    }

    #[test]
    fn silence_fills_what_does_not_come_and_the_tail_is_played() {
        let mut pulse = pulse();
        assert!((0..10).all(|_| pulse.frame() == [0.0; FRAME]), "silence while nothing plays");
        // Less than a cushion, and then nothing more.
        pulse.take(&ramp(1, 2000), RATE);
        let heard: Vec<f32> = (0..20).flat_map(|_| pulse.frame()).filter(|s| *s > 0.0).collect();
        assert_eq!(heard, ramp(1, 2000), "the tail is played");
        assert!(!pulse.flowing && pulse.frame() == [0.0; FRAME]);
    }

    #[test]
    fn a_sink_that_is_ahead_does_not_make_the_monitor_late() {
        let mut pulse = pulse();
        for turn in 0..1000 {
            pulse.take(&ramp(turn * 970, 970), RATE);
            pulse.frame();
            assert!(pulse.waiting.len() <= AHEAD + 970);
        }
    }

    #[test]
    fn a_late_encoder_makes_up_for_it_and_loses_nothing() {
        let (mut pulse, begin, mut heard) = (pulse(), Instant::now(), Vec::new());
        pulse.take(&ramp(1, CUSHION), RATE);
        pulse.wait(begin);
        heard.extend(pulse.frame());
        // It is held up for half a second, in which the sink plays on.
        let late = begin + Duration::from_millis(500);
        pulse.take(&ramp(CUSHION + 1, 24_000), RATE);
        while pulse.wait(late) == Duration::ZERO {
            heard.extend(pulse.frame());
        }
        assert_eq!(heard, ramp(1, heard.len()), "not a sample is left out");
        assert_eq!(heard.len(), 26 * FRAME);
    }

    #[test]
    fn packets_are_due_each_20_ms_and_a_long_sleep_is_not_made_up_for() {
        let (mut pulse, begin) = (pulse(), Instant::now());
        assert_eq!(pulse.wait(begin), Duration::ZERO);
        assert_eq!(pulse.wait(begin), PACE);
        assert_eq!(pulse.wait(begin + Duration::from_millis(45)), Duration::ZERO, "5 ms late is made up for");
        assert_eq!(pulse.wait(begin + Duration::from_millis(50)), Duration::from_millis(10));
        let late = begin + Duration::from_secs(9);
        assert_eq!((pulse.wait(late), pulse.wait(late)), (Duration::ZERO, PACE));
    }

    #[test]
    fn other_rates_come_out_at_48_khz() {
        let mut pulse = pulse();
        for _ in 0..50 {
            pulse.take(&[0.5; 882], 44_100);
            pulse.frame();
        }
        assert!(pulse.flowing, "44.1 kHz fills 48 kHz without running dry");
    }
}
