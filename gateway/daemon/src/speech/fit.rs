//! Whether a sound can be the speech of a text, and what is cut off it: a program that speaks is not believed.

use super::wav::Sound;

/// Silence left before the first and after the last sound of a piece, milliseconds.
const MARGIN_MS: u64 = 40;
/// Below this a sample is silence (−50 dBFS).
const QUIET: u16 = 104;
/// More samples than one in so many at full scale, and it is noise or torn.
const CLIPPED: usize = 20;
/// One sample in so many is looked at: enough to tell speech from noise.
const SOME: usize = 7;
/// Length of the frames whose loudness is compared, milliseconds.
const FRAME_MS: u32 = 20;
/// Speech has syllables and gaps: its loud frames stand so far above its soft ones, decibels.
const ALIVE_DB: f64 = 6.0;
/// From this length on that can be told, milliseconds.
const TELLING_MS: u64 = 600;

/// Longest speech of a text, milliseconds: half a second a letter and more where signs or figures are read out.
pub(super) fn longest_ms(text: &str) -> u64 {
    let letters: u64 = text
        .chars()
        .map(|c| match c {
            c if c.is_whitespace() => 0,
            c if c.is_lowercase() => 1,
            c if c.is_alphabetic() => 4,
            _ => 8,
        })
        .sum();
    3_000 + letters * 500
}

/// Shortest speech of a text, milliseconds: nobody says sixty letters a second.
fn shortest_ms(text: &str) -> u64 {
    (text.chars().filter(|c| c.is_lowercase()).count() as u64 * 1000 / 60).max(60)
}

/// The sound of a text without the silence around it.
///
/// # Errors
/// Says why it cannot be the speech of this text.
pub(super) fn fitted(mut sound: Sound, text: &str) -> Result<Sound, String> {
    let loud = |s: &i16| s.unsigned_abs() > QUIET;
    let (Some(first), Some(last)) = (sound.samples.iter().position(loud), sound.samples.iter().rposition(loud)) else {
        return Err(format!("its {} ms are silence", sound.ms()));
    };
    let margin = usize::try_from(MARGIN_MS * u64::from(sound.rate) / 1000).unwrap_or(0);
    sound.samples.truncate(last.saturating_add(margin));
    sound.samples.drain(..first.saturating_sub(margin));
    let (ms, least, most) = (sound.ms(), shortest_ms(text), longest_ms(text));
    if ms < least {
        return Err(format!("{ms} ms are too short for its text, which takes {least} ms or more"));
    }
    if ms > most {
        return Err(format!("{ms} ms are too long for its text, which takes {most} ms or less"));
    }
    let torn = sound.samples.iter().step_by(SOME).filter(|s| s.unsigned_abs() >= 32_767).count();
    if torn * SOME * CLIPPED > sound.samples.len() {
        return Err("it is noise at full scale".to_owned());
    }
    if ms >= TELLING_MS && liveliness_db(&sound) < ALIVE_DB {
        return Err("it drones without syllables".to_owned());
    }
    Ok(sound)
}

/// How far the loud tenth of its frames stands above the soft tenth, decibels.
fn liveliness_db(sound: &Sound) -> f64 {
    let frame = (sound.rate * FRAME_MS / 1000).max(1) as usize;
    let mut powers: Vec<f64> = sound
        .samples
        .chunks_exact(frame)
        .map(|f| f.iter().step_by(SOME).map(|s| f64::from(*s).powi(2)).sum::<f64>() / (frame / SOME) as f64)
        .collect();
    powers.sort_by(f64::total_cmp);
    let at = |tenths: usize| powers.get((powers.len().saturating_sub(1)) * tenths / 10).copied().unwrap_or(0.0);
    10.0 * ((at(9) + 1.0) / (at(1) + 1.0)).log10()
}

impl Sound {
    /// Adds another sound of any rate after so many milliseconds of silence.
    pub(super) fn append(&mut self, pause_ms: u64, sound: Self) {
        let pause = usize::try_from(pause_ms * u64::from(self.rate) / 1000).unwrap_or(0);
        self.samples.resize(self.samples.len() + pause, 0);
        self.samples.append(&mut at_rate(sound, self.rate).samples);
    }
}

/// The same sound at another rate, for the rare text that two programs of different rates have spoken together.
fn at_rate(sound: Sound, rate: u32) -> Sound {
    /// Zero crossings of the kernel on each side.
    const WIDTH: f64 = 12.0;
    if sound.rate == rate || sound.rate == 0 || rate == 0 {
        return Sound { rate, samples: sound.samples };
    }
    let step = f64::from(sound.rate) / f64::from(rate);
    // Going down, the kernel is widened so that it takes away what the lower rate cannot hold.
    let (scale, reach) = (step.max(1.0), WIDTH * step.max(1.0));
    let count = (sound.samples.len() as f64 / step).round() as usize;
    let kernel = |x: f64| {
        let (t, pi) = (x / scale, std::f64::consts::PI);
        let window = 0.5 + 0.5 * (pi * x / reach).cos();
        if t.abs() < 1e-9 { 1.0 } else { (pi * t).sin() / (pi * t) * window }
    };
    let sample = |i: usize| {
        let centre = i as f64 * step;
        let from = (centre - reach).ceil().max(0.0) as usize;
        let until = ((centre + reach).floor() as usize + 1).min(sound.samples.len());
        let (mut sum, mut weight) = (0.0, 0.0);
        for (at, value) in sound.samples.iter().enumerate().take(until).skip(from) {
            let k = kernel(at as f64 - centre);
            sum += k * f64::from(*value);
            weight += k;
        }
        (sum / weight.max(1e-9)).round().clamp(-32_768.0, 32_767.0) as i16
    };
    Sound { rate, samples: (0..count).map(sample).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Nước lũ đang lên nhanh, bà con sơ tán ngay.";

    /// Half-second syllables of a voice-like tone.
    fn speech(ms: u64, level: f64) -> Sound {
        let rate = 22_050;
        let count = ms * u64::from(rate) / 1000;
        let sample = |i: u64| {
            let t = i as f64 / f64::from(rate);
            let syllable = (t * 4.0 * std::f64::consts::PI).sin().max(0.0);
            ((t * 200.0 * std::f64::consts::TAU).sin() * syllable * level * 32_767.0) as i16
        };
        Sound { rate, samples: (0..count).map(sample).collect() }
    }

    #[test]
    fn speech_of_a_likely_length_is_taken_without_the_silence_around_it() {
        let mut sound = vec![0; 22_050];
        sound.extend(speech(3_000, 0.8).samples);
        sound.extend(vec![3; 44_100]);
        let fitted = fitted(Sound { rate: 22_050, samples: sound }, TEXT).expect("speech");
        assert!((2_700..=3_080).contains(&fitted.ms()), "{}", fitted.ms());
    }

    #[test]
    fn what_cannot_be_the_speech_of_the_text_is_refused() {
        let noise = |level: i32| {
            let mut seed = 1_u32;
            let samples = (0..66_150)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    i16::try_from(((seed >> 16) as i32 - 32_768) * level / 100).unwrap_or(i16::MAX)
                })
                .collect();
            Sound { rate: 22_050, samples }
        };
        let hum =
            Sound { rate: 22_050, samples: (0..66_150).map(|i| if i / 200 % 2 == 0 { 9000 } else { -9000 }).collect() };
        let torn =
            Sound { rate: 22_050, samples: (0..66_150).map(|i| if i % 3 == 0 { i16::MIN } else { 0 }).collect() };
        let cases = [
            (Sound { rate: 22_050, samples: vec![0; 66_150] }, "silence"),
            (Sound { rate: 22_050, samples: Vec::new() }, "silence"),
            (speech(3_000, 0.002), "silence"),
            (speech(300, 0.8), "too short"),
            (speech(60_000, 0.8), "too long"),
            (noise(100), "drones"),
            (noise(20), "drones"),
            (hum, "drones"),
            (torn, "full scale"),
        ];
        for (sound, why) in cases {
            let refused = fitted(sound, TEXT).expect_err(why);
            assert!(refused.contains(why), "{refused} is not {why}");
        }
    }

    #[test]
    fn another_rate_keeps_length_and_level() {
        for (from, to) in [(16_000, 22_050), (48_000, 22_050), (22_050, 44_100)] {
            let tone = |rate: u32| -> Vec<i16> {
                let at = |i: u32| (f64::from(i) / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin() * 10_000.0;
                (0..rate).map(|i| at(i) as i16).collect()
            };
            let made = at_rate(Sound { rate: from, samples: tone(from) }, to);
            assert_eq!((made.rate, made.ms()), (to, 1000));
            let error = made.samples.iter().zip(tone(to)).skip(100).take(to as usize - 200);
            let worst = error.map(|(a, b)| a.abs_diff(b)).max().expect("samples");
            assert!(worst < 60, "{from} to {to}: {worst}");
        }
    }
}
