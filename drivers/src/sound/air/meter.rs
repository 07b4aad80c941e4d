//! How loud a sink is, as EBU Tech 3341 has it measured, for whoever asks.

use ebur128::{EbuR128, Mode};

/// Momentary loudness is worked out anew as often, milliseconds.
const STEP_MS: u32 = 100;
/// What a meter of nothing reads.
const NOTHING: f32 = -120.0;

/// Measures a running sound of one channel.
#[derive(Default)]
pub struct Meter {
    rate: u32,
    ebu: Option<EbuR128>,
    /// Samples since the last reading.
    since: u32,
    /// Readings since the last one of short-term loudness.
    readings: u32,
    reading: Reading,
}

/// What a meter reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Loudness of the last 400 ms, LUFS; at most 100 ms old.
    pub momentary_lufs: f32,
    /// Loudness of the last 3 s, LUFS; at most 500 ms old.
    pub short_term_lufs: f32,
    /// Highest sample since the last reset, decibels of full scale.
    pub peak_dbfs: f32,
    /// Highest true peak since the last reset, dBTP.
    pub peak_dbtp: f32,
}

impl Default for Reading {
    fn default() -> Self {
        Self { momentary_lufs: NOTHING, short_term_lufs: NOTHING, peak_dbfs: NOTHING, peak_dbtp: NOTHING }
    }
}

impl Meter {
    /// Takes the next piece.
    pub fn hear(&mut self, rate: u32, samples: &[f32]) {
        if self.rate != rate {
            self.rate = rate;
            // One loudspeaker: one channel, which counts once.
            self.ebu = EbuR128::new(1, rate, Mode::M | Mode::S | Mode::SAMPLE_PEAK | Mode::TRUE_PEAK).ok();
            self.since = 0;
        }
        let Some(ebu) = &mut self.ebu else { return };
        let step = (rate * STEP_MS / 1000).max(1);
        let mut rest = samples;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min((step - self.since) as usize));
            rest = after;
            self.since += piece.len() as u32;
            if ebu.add_frames_f32(piece).is_err() {
                return;
            }
            let peak = |peak: Result<f64, _>| peak.map_or(NOTHING, decibels);
            self.reading.peak_dbfs = self.reading.peak_dbfs.max(peak(ebu.prev_sample_peak(0)));
            self.reading.peak_dbtp = self.reading.peak_dbtp.max(peak(ebu.prev_true_peak(0)));
            if self.since < step {
                return;
            }
            self.since = 0;
            self.readings += 1;
            self.reading.momentary_lufs = ebu.loudness_momentary().map_or(NOTHING, loudness);
            if self.readings.is_multiple_of(5) {
                self.reading.short_term_lufs = ebu.loudness_shortterm().map_or(NOTHING, loudness);
            }
        }
    }

    /// What it reads.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// Begins the peaks anew.
    pub fn reset_peaks(&mut self) {
        (self.reading.peak_dbfs, self.reading.peak_dbtp) = (NOTHING, NOTHING);
    }
}

fn decibels(peak: f64) -> f32 {
    ((20.0 * peak.log10()) as f32).max(NOTHING)
}

fn loudness(lufs: f64) -> f32 {
    (lufs as f32).max(NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    /// A sine at 1 kHz whose peak is so many decibels of full scale, once on this one channel.
    fn sine(db: f32, ms: u32, rate: u32) -> Vec<f32> {
        let peak = 10_f32.powf(db / 20.0);
        (0..ms * rate / 1000).map(|i| peak * (TAU * 1_000.0 * i as f32 / rate as f32).sin()).collect()
    }

    /// Tech 3341's signals are stereo: on one channel alone they read 3.01 LU less.
    const ONE_CHANNEL: f32 = 3.01;

    #[test]
    fn the_steady_signals_of_tech_3341_read_what_they_are() {
        for rate in [44_100, 48_000] {
            for db in [-23.0, -33.0] {
                let mut meter = Meter::default();
                sine(db, 20_000, rate).chunks(333).for_each(|p| meter.hear(rate, p));
                let read = meter.reading();
                assert!((read.momentary_lufs + ONE_CHANNEL - db).abs() <= 0.1, "{db}: {read:?}");
                assert!((read.short_term_lufs + ONE_CHANNEL - db).abs() <= 0.1, "{db}: {read:?}");
                assert!((read.peak_dbtp - db).abs() <= 0.3 && (read.peak_dbfs - db).abs() <= 0.3, "{read:?}");
            }
        }
    }

    #[test]
    fn signal_12_keeps_a_momentary_loudness_of_23_below() {
        // Case 12: −20 dBFS for 0.18 s and −30 dBFS for 0.22 s by turns reads −23.0 ± 0.1 LUFS from 1 s on.
        let turns: Vec<f32> =
            (0..25).flat_map(|_| [sine(-20.0, 180, 48_000), sine(-30.0, 220, 48_000)].concat()).collect();
        let mut meter = Meter::default();
        for (n, piece) in turns.chunks(4_800).enumerate() {
            meter.hear(48_000, piece);
            let read = meter.reading().momentary_lufs + ONE_CHANNEL;
            assert!(n < 10 || (read + 23.0).abs() <= 0.1, "{read} after {n} tenths of a second");
        }
    }

    #[test]
    fn signal_9_keeps_a_short_term_loudness_of_23_below() {
        // Case 9: −20 dBFS for 1.34 s and −30 dBFS for 1.66 s by turns reads −23.0 ± 0.1 LUFS from 3 s on.
        let turns: Vec<f32> =
            (0..5).flat_map(|_| [sine(-20.0, 1_340, 48_000), sine(-30.0, 1_660, 48_000)].concat()).collect();
        let mut meter = Meter::default();
        for (n, piece) in turns.chunks(4_800).enumerate() {
            meter.hear(48_000, piece);
            let read = meter.reading().short_term_lufs + ONE_CHANNEL;
            assert!(n < 35 || (read + 23.0).abs() <= 0.1, "{read} after {n} tenths of a second");
        }
    }

    #[test]
    fn signal_13_reaches_23_below_wherever_its_burst_begins() {
        // Case 13: 0.4 s at −23 dBFS after a silence that grows by steps; the highest momentary loudness is −23.0 ± 0.1.
        // A reading every 100 ms reaches it where a burst begins on one, and within what the standard's 10 ms steps are
        // finer elsewhere.
        for offset in (0..100).step_by(20) {
            let sound = [vec![0.0; 48 * offset], sine(-23.0, 400, 48_000), vec![0.0; 48_000]].concat();
            let mut meter = Meter::default();
            let mut highest = NOTHING;
            for piece in sound.chunks(480) {
                meter.hear(48_000, piece);
                highest = highest.max(meter.reading().momentary_lufs + ONE_CHANNEL);
            }
            let off = if offset == 0 { 0.1 } else { 0.6 };
            assert!((highest + 23.0).abs() <= off, "{highest} at {offset} ms");
        }
    }

    #[test]
    fn a_true_peak_between_samples_is_seen() {
        // Case 16: a quarter of the rate at 45°, whose samples lie 3 dB below its peak of −6 dBFS.
        let sound: Vec<f32> = (0..48_000).map(|i| 0.5 * (TAU * (0.25 * i as f32 + 0.125)).sin()).collect();
        let mut meter = Meter::default();
        meter.hear(48_000, &sound);
        let read = meter.reading();
        assert!((-6.4..=-5.8).contains(&read.peak_dbtp), "{read:?}");
        assert!((read.peak_dbfs + 9.03).abs() < 0.1, "{read:?}");
        meter.reset_peaks();
        meter.hear(48_000, &[0.0; 960]);
        assert!(meter.reading().peak_dbfs < -100.0);
    }

    #[test]
    fn a_change_of_rate_and_nonsense_do_no_harm() {
        let mut meter = Meter::default();
        meter.hear(0, &[0.5; 100]);
        meter.hear(8_000, &sine(-20.0, 1_000, 8_000));
        meter.hear(48_000, &sine(-20.0, 1_000, 48_000));
        assert!((meter.reading().momentary_lufs + 23.0).abs() < 0.2, "{:?}", meter.reading());
    }
}
