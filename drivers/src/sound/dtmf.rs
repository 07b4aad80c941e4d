//! Zone tones in the audio (DTMF, ITU-T Q.23): the older way to open receivers one by one, as samples.

use std::f32::consts::TAU;

/// Peak of one of the two tones; the upper one is 2 dB louder (ITU-T Q.24), and both together leave room.
const LOW_PEAK: f32 = 0.33;
const HIGH_PEAK: f32 = 0.42;
/// Beginning and end of a digit are this soft, milliseconds: no click.
const EDGE_MS: f32 = 2.0;

/// The digits, each row with its lower frequency; the columns have [`COLUMNS`].
const ROWS: [(f32, &str); 4] = [(697.0, "123A"), (770.0, "456B"), (852.0, "789C"), (941.0, "*0#D")];
/// Upper frequencies, hertz.
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// Longest sequence, digits.
pub const LONGEST: usize = 32;

/// How long digits and the pauses between them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A digit, milliseconds; decoders want 40 at least.
    pub digit_ms: u16,
    /// The pause after it, milliseconds; decoders want 40 at least.
    pub pause_ms: u16,
}

impl Default for Timing {
    fn default() -> Self {
        Self { digit_ms: 100, pause_ms: 100 }
    }
}

/// Why a sequence cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DtmfFault {
    /// Not among `0–9 * # A–D`.
    #[error("{0:?} is no DTMF digit")]
    NoDigit(char),
    /// Empty, or longer than any receiver takes.
    #[error("{0} digits, 1 to 32 can be said")]
    Length(usize),
    /// A zone is written with this many digits, and has more.
    #[error("zone {zone} has more than {digits} digits")]
    Zone {
        /// Which.
        zone: u16,
        /// How many there is room for.
        digits: usize,
    },
    /// A brace that is no `{zone}` or `{zone:N}`.
    #[error("{0:?} is no {{zone}} or {{zone:N}}")]
    Template(String),
}

/// The digits for a zone: a template such as `*{zone:2}#` with the number of the zone in it, zeros before it.
///
/// # Errors
/// When the template is none, or the zone does not fit.
pub fn digits(template: &str, zone: u16) -> Result<String, DtmfFault> {
    let wrong = || DtmfFault::Template(template.to_owned());
    let Some((before, rest)) = template.split_once('{') else { return Ok(template.to_owned()) };
    let (inside, after) = rest.split_once('}').ok_or_else(wrong)?;
    let width = match inside.strip_prefix("zone").ok_or_else(wrong)? {
        "" => 1,
        width => {
            width.strip_prefix(':').and_then(|w| w.parse().ok()).filter(|w| (1..=5).contains(w)).ok_or_else(wrong)?
        }
    };
    let number = format!("{zone:0width$}");
    if !inside.ends_with("zone") && number.len() > width {
        return Err(DtmfFault::Zone { zone, digits: width });
    }
    Ok(format!("{before}{number}{after}"))
}

/// The samples of a sequence of digits, mono, full scale ±1, with a pause after each.
///
/// # Errors
/// When it holds something that is no digit, none, or too many.
pub fn samples(digits: &str, timing: Timing, rate: u32) -> Result<Vec<f32>, DtmfFault> {
    let count = digits.chars().count();
    if !(1..=LONGEST).contains(&count) {
        return Err(DtmfFault::Length(count));
    }
    let frames = |ms: u16| (u64::from(ms) * u64::from(rate) / 1000) as usize;
    let (on, off, edge) = (frames(timing.digit_ms), frames(timing.pause_ms), EDGE_MS / 1000.0 * rate as f32);
    let mut samples = Vec::with_capacity(count * (on + off));
    for digit in digits.chars() {
        let (low, high) = pitches(digit).ok_or(DtmfFault::NoDigit(digit))?;
        samples.extend((0..on).map(|at| {
            let seconds = at as f32 / rate as f32;
            let soft = (at as f32).min((on - at) as f32).min(edge) / edge.max(1.0);
            soft * (LOW_PEAK * (TAU * low * seconds).sin() + HIGH_PEAK * (TAU * high * seconds).sin())
        }));
        samples.extend(std::iter::repeat_n(0.0, off));
    }
    Ok(samples)
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

    #[test]
    fn an_independent_listener_reads_all_sixteen() {
        // multimon-ng takes 22 050 Hz.
        let all = samples("1234567890*#ABCD", Timing::default(), 22_050).expect("digits");
        assert_eq!(all.len(), 16 * 2 * 2205);
        assert!(all.iter().all(|s| s.abs() < 0.76));
        assert_eq!(heard(&all), "1234567890*#ABCD");
        let quick = samples("*07#", Timing { digit_ms: 60, pause_ms: 60 }, 22_050).expect("digits");
        assert_eq!(heard(&quick), "*07#");
        assert_eq!(heard(&vec![0.0; 22_050]), "");
    }

    #[test]
    fn templates_take_zones_and_nothing_else() {
        assert_eq!(digits("*{zone:2}#", 7), Ok("*07#".to_owned()));
        assert_eq!(digits("{zone}", 120), Ok("120".to_owned()));
        assert_eq!(digits("**00#", 7), Ok("**00#".to_owned()));
        assert_eq!(digits("*{zone:2}#", 120), Err(DtmfFault::Zone { zone: 120, digits: 2 }));
        for wrong in ["*{zone", "{zon}", "{zone:0}", "{zone:x}", "{zone:9}"] {
            assert_eq!(digits(wrong, 1), Err(DtmfFault::Template(wrong.to_owned())));
        }
        assert_eq!(samples("1E", Timing::default(), 48_000), Err(DtmfFault::NoDigit('E')));
        assert_eq!(samples("", Timing::default(), 48_000), Err(DtmfFault::Length(0)));
        assert_eq!(samples(&"1".repeat(33), Timing::default(), 48_000), Err(DtmfFault::Length(33)));
    }
}
