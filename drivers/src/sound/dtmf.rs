//! Zone tones in the audio (DTMF, ITU-T Q.23): the older way to open receivers one by one, as samples.

use super::length::frames;
use gateway_core::want::Digits;
use std::f32::consts::TAU;

/// Peak of both tones of a digit together, of full scale: loud, with room for what is done to it on the way out.
const PEAK: f32 = 0.75;
/// Beginning and end of a digit are this soft, milliseconds: no click.
const EDGE_MS: u32 = 2;

/// The digits, each row with its lower frequency; the columns have [`COLUMNS`].
const ROWS: [(f32, &str); 4] = [(697.0, "123A"), (770.0, "456B"), (852.0, "789C"), (941.0, "*0#D")];
/// Upper frequencies, hertz.
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// A sequence of digits on its way out: each is said, then paused after.
#[derive(Debug)]
pub(super) struct Dialled {
    /// Lower and upper frequency of each digit, hertz; what is no digit is passed over.
    pitches: Box<[(f32, f32)]>,
    /// Frames of a digit and of the pause after it.
    spans: (u32, u32),
    /// Peaks of the lower and the upper tone.
    peaks: (f32, f32),
    rate: u32,
    at: usize,
}

impl Dialled {
    /// These digits for a card of `rate` hertz.
    pub(super) fn new(digits: &Digits, rate: u32) -> Self {
        let louder = 10.0_f32.powf(f32::from(digits.twist) / 200.0);
        let low = PEAK / (1.0 + louder);
        Self {
            pitches: digits.digits.chars().filter_map(pitches).collect(),
            spans: (frames(digits.digit_ms.into(), rate), frames(digits.pause_ms.into(), rate)),
            peaks: (low, PEAK - low),
            rate,
            at: 0,
        }
    }

    /// Frames it still has.
    pub(super) fn left(&self) -> usize {
        (self.pitches.len() * (self.spans.0 + self.spans.1) as usize).saturating_sub(self.at)
    }

    /// Fills the beginning of `out` and says how much; less than asked means it is over.
    pub(super) fn render(&mut self, out: &mut [f32]) -> usize {
        let filled = out.len().min(self.left());
        let turn = ((self.spans.0 + self.spans.1) as usize).max(1);
        let edge = frames(EDGE_MS, self.rate).max(1) as f32;
        for sample in &mut out[..filled] {
            let within = (self.at % turn) as u32;
            let on = self.spans.0.saturating_sub(within);
            let (low, high) = self.pitches.get(self.at / turn).copied().unwrap_or_default();
            let (soft, seconds) = ((within.min(on) as f32).min(edge) / edge, within as f32 / self.rate as f32);
            let tones = self.peaks.0 * (TAU * low * seconds).sin() + self.peaks.1 * (TAU * high * seconds).sin();
            *sample = soft * tones;
            self.at += 1;
        }
        filled
    }
}

fn pitches(digit: char) -> Option<(f32, f32)> {
    ROWS.iter().find_map(|(low, row)| {
        let column = row.chars().position(|d| d == digit)?;
        Some((*low, *COLUMNS.get(column)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// What multimon-ng hears.
    fn heard(samples: &[f32]) -> String {
        let mut listener = Command::new("multimon-ng")
            .args(["-q", "-t", "raw", "-a", "DTMF", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("multimon-ng ({error}): run scripts/setup"));
        let bytes: Vec<u8> = samples.iter().flat_map(|s| ((s * 32_000.0) as i16).to_le_bytes()).collect();
        listener.stdin.take().expect("it listens").write_all(&bytes).expect("sent");
        let said = String::from_utf8(listener.wait_with_output().expect("it ends").stdout).expect("text");
        said.lines().filter_map(|line| line.strip_prefix("DTMF: ")).collect()
    }

    /// The samples at the rate multimon-ng takes, worked out in blocks of an odd length.
    fn dialled(digits: &str, digit_ms: u16, pause_ms: u16, twist: i8) -> Vec<f32> {
        let mut dialled = Dialled::new(&Digits { digits: digits.to_owned(), digit_ms, pause_ms, twist }, 22_050);
        let (mut all, mut block) = (Vec::new(), [0.0; 331]);
        let whole = dialled.left();
        loop {
            let filled = dialled.render(&mut block);
            all.extend_from_slice(&block[..filled]);
            if filled < block.len() {
                assert_eq!((all.len(), dialled.left()), (whole, 0));
                return all;
            }
        }
    }

    #[test]
    fn an_independent_listener_reads_all_sixteen() {
        let all = dialled("1234567890*#ABCD", 100, 100, 20);
        assert_eq!(all.len(), 16 * 2 * 2205);
        assert!(all.iter().all(|s| s.abs() < 0.76));
        assert_eq!(heard(&all), "1234567890*#ABCD");
        assert_eq!(heard(&dialled("*07#", 60, 60, 20)), "*07#");
        assert_eq!(heard(&dialled("*07#", 80, 60, -20)), "*07#", "the lower tone may be the louder one");
        assert_eq!(heard(&vec![0.0; 22_050]), "");
        assert_eq!(heard(&dialled("1E2", 100, 100, 20)), "12", "what is no digit is passed over");
    }
}
