//! From the sender's clock to that of the sink: as much sound waits at the end of a day as at its beginning.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable, Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// Sound that lies ready before the first of it is handed on, beside the largest packet and the time that packets are
/// waited for, milliseconds. With them at most: the ring of a play takes half a second.
const READY_MS: (u32, u32) = (80, 280);
/// With so much more than that for some time, some is left out: catching up by playing faster would take minutes. A
/// sender that sends in bursts has more only now and then.
const TOO_MUCH_MS: u32 = 150;
/// Worked out at a time, milliseconds.
const PIECE_MS: u32 = 10;
/// Clocks differ by 0.02 % at worst; this leaves room for finding the right amount. Nobody hears it.
const MOST: f64 = 0.002;
/// Part of a deviation that is made up for in a second.
const ZEAL: f64 = 0.02;
/// The amount that waits is looked at over about so many pieces: packets come in lumps.
const CALM: f64 = 200.0;

/// Turns the sender's sound into the sink's.
pub(super) struct Pace {
    resampler: Async<f32>,
    piece: usize,
    rate: u32,
    patience_ms: u32,
    /// Sound that waits to become a piece.
    input: Vec<f32>,
    output: Vec<f32>,
    /// The most that came at once, samples of the sink.
    lump: usize,
    /// Handed on later, when enough is ready.
    held: Option<Vec<f32>>,
    governor: Governor,
}

/// Keeps an amount where it is by a ratio.
#[derive(Debug, Default)]
struct Governor {
    /// Seconds that wait, over some time.
    level: Option<f64>,
    /// Seconds that should.
    goal: f64,
    seen: u32,
}

impl Governor {
    /// How much longer the sound must become, given how much waits.
    fn ratio(&mut self, waiting: f64) -> f64 {
        self.seen = self.seen.saturating_add(1);
        // Quick at first, calm later: the average of all that was seen until that is enough.
        let calm = f64::from(self.seen).min(CALM);
        let level = self.level.map_or(waiting, |l| l + (waiting - l) / calm);
        self.level = Some(level);
        if f64::from(self.seen) <= CALM {
            self.goal = level;
        }
        1.0 - ((level - self.goal) * ZEAL).clamp(-MOST, MOST)
    }
}

impl Governor {
    /// Whether more than `limit` seconds wait, and a piece of so many is to be left out, which is then counted.
    fn relieved(&mut self, limit: f64, piece: f64) -> bool {
        let Some(level) = self.level.as_mut().filter(|l| **l > limit && f64::from(self.seen) > CALM / 4.0) else {
            return false;
        };
        *level -= piece;
        self.goal = self.goal.min(limit);
        true
    }
}

impl Pace {
    /// From one rate to another, hertz, of a stream in which packets are waited for so long, milliseconds.
    pub(super) fn new(from: u32, to: u32, patience_ms: u32) -> Result<Self, rubato::ResamplerConstructionError> {
        let parameters = SincInterpolationParameters {
            sinc_len: 128,
            f_cutoff: None,
            oversampling_factor: 128,
            interpolation: SincInterpolationType::Linear,
            window: WindowFunction::BlackmanHarris2,
        };
        let piece = super::super::length::frames(PIECE_MS, from).max(1) as usize;
        let ratio = f64::from(to) / f64::from(from);
        let resampler = Async::new_sinc(ratio, 1.0 + 2.0 * MOST, &parameters, piece, 1, FixedAsync::Input)?;
        let output = vec![0.0; resampler.output_frames_max()];
        let (input, held) = (Vec::with_capacity(2 * piece), Some(Vec::new()));
        Ok(Self {
            resampler,
            piece,
            rate: to,
            patience_ms,
            input,
            output,
            lump: 0,
            held,
            governor: Governor::default(),
        })
    }

    /// Takes sound and appends what is to be handed on, `waiting` samples of which nobody has taken yet.
    pub(super) fn push(&mut self, sound: &[f32], waiting: usize, out: &mut Vec<f32>) -> rubato::ResampleResult<()> {
        self.input.extend_from_slice(sound);
        let lump = (sound.len() as f64 * self.resampler.resample_ratio()) as usize;
        self.lump = self.lump.max(lump);
        if waiting == 0 && self.held.is_none() {
            // It ran dry, the sender having paused: begin as at first.
            (self.held, self.governor) = (Some(Vec::new()), Governor::default());
        }
        while self.input.len() >= self.piece {
            self.turn_piece(waiting, out)?;
        }
        Ok(())
    }

    fn turn_piece(&mut self, waiting: usize, out: &mut Vec<f32>) -> rubato::ResampleResult<()> {
        let frames = |ms| super::super::length::frames(ms, self.rate) as usize;
        let ready = (frames(READY_MS.0.saturating_add(self.patience_ms)) + self.lump).min(frames(READY_MS.1));
        let lies = waiting + out.len();
        let ratio = match self.held {
            None => self.governor.ratio(lies as f64 / f64::from(self.rate)),
            Some(_) => 1.0,
        };
        let limit = (ready + frames(TOO_MUCH_MS)) as f64 / f64::from(self.rate);
        if self.governor.relieved(limit, f64::from(PIECE_MS) / 1000.0) {
            self.input.drain(..self.piece);
            return Ok(());
        }
        self.resampler.set_resample_ratio_relative(ratio, true)?;
        let capacity = self.output.len();
        let (_, made) = {
            // Both slices are as long as they are said to be.
            let from = InterleavedSlice::new(&self.input[..self.piece], 1, self.piece);
            let to = InterleavedSlice::new_mut(&mut self.output, 1, capacity);
            let (Ok(from), Ok(mut to)) = (from, to) else { return Ok(()) };
            self.resampler.process_into_buffer(&from, &mut to, None)?
        };
        self.input.drain(..self.piece);
        let Some(held) = &mut self.held else {
            out.extend_from_slice(&self.output[..made]);
            return Ok(());
        };
        held.extend_from_slice(&self.output[..made]);
        if held.len() >= ready {
            out.append(held);
            self.held = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of a sender whose clock is off by so much, with packets that come in lumps: how much waits at the least
    /// and at the most once it has settled, milliseconds.
    fn hours(ppm: f64) -> (f64, f64) {
        let mut governor = Governor::default();
        let (mut waiting, mut noise) = (0.1, 1_u64);
        let (mut least, mut most) = (f64::MAX, f64::MIN);
        let mut owed = 0.0;
        for piece in 0..360_000_u32 {
            let second = 0.01 * (1.0 + ppm * 1e-6) * governor.ratio(waiting);
            owed += second;
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Up to 40 ms late.
            if noise >> 62 == 0 || owed > 0.04 {
                waiting += owed;
                owed = 0.0;
            }
            waiting -= 0.01;
            if piece > 30_000 {
                (least, most) = (least.min(waiting), most.max(waiting));
            }
        }
        (least * 1e3, most * 1e3)
    }

    #[test]
    fn an_hour_of_another_clock_neither_fills_nor_empties() {
        for ppm in [-200.0, 0.0, 200.0] {
            let (least, most) = hours(ppm);
            assert!(least > 20.0 && most < 200.0, "{ppm} ppm: {least:.1}–{most:.1} ms");
        }
    }

    #[test]
    fn sound_begins_when_enough_is_ready_and_keeps_its_pitch() {
        for (from, to) in [(8_000, 48_000), (48_000, 44_100), (44_100, 44_100), (16_000, 8_000)] {
            let mut pace = Pace::new(from, to, 0).expect("a pace");
            let mut out = Vec::new();
            let sine: Vec<f32> =
                (0..from).map(|i| (std::f32::consts::TAU * 500.0 * i as f32 / from as f32).sin()).collect();
            let mut given = Vec::new();
            for block in sine.chunks(from as usize / 50) {
                pace.push(block, if given.is_empty() { 0 } else { to as usize / 10 }, &mut out).expect("it goes on");
                assert!(!given.is_empty() || out.is_empty() || out.len() >= to as usize / 10);
                given.append(&mut out);
            }
            // The filter rings, unheard, before the first sample.
            let crossings = given[to as usize / 50..].windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
            assert!((480..=490).contains(&crossings), "{from} to {to}: {crossings}");
            assert!(given.len() as f32 > to as f32 * 0.97, "{from} to {to}: {}", given.len());
        }
    }

    #[test]
    fn too_much_is_left_out() {
        let mut pace = Pace::new(8_000, 8_000, 0).expect("a pace");
        let mut out = Vec::new();
        let mut push = |pace: &mut Pace, times: u32, waiting: usize| {
            out.clear();
            (0..times).for_each(|_| pace.push(&[0.1; 160], waiting, &mut out).expect("it goes on"));
            out.len()
        };
        // A tenth of a second, and then all of it.
        assert!(push(&mut pace, 10, 0) >= 800);
        // A burst is none of its business, half a second that waits for seconds is.
        assert!(push(&mut pace, 10, 2_000) >= 1_500);
        assert!(push(&mut pace, 100, 4_000) < 15_000);
    }
}
