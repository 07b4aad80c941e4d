//! A commune's air without a commune: horns, a street, walls, voices and feedback, made in code from a seed.

pub mod feedback;
pub mod scene;

use anyhow::Context;
use fastrand::Rng;
use std::f32::consts::TAU;
use std::process::{Command, Stdio};

/// Rate of everything here, hertz.
pub const RATE: u32 = 16_000;

/// A text spoken by espeak-ng's Vietnamese voice.
///
/// # Errors
/// espeak-ng or ffmpeg are not there.
pub fn spoken(text: &str, voice: &str) -> anyhow::Result<Vec<f32>> {
    let mut espeak = Command::new("espeak-ng")
        .args(["-v", voice, "--stdout", text])
        .stdout(Stdio::piped())
        .spawn()
        .context("starting espeak-ng")?;
    let wav = espeak.stdout.take().context("its voice")?;
    let ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-i", "pipe:0", "-ac", "1", "-ar", "16000", "-f", "f32le", "pipe:1"])
        .stdin(wav)
        .output()
        .context("starting ffmpeg")?;
    anyhow::ensure!(espeak.wait()?.success() && ffmpeg.status.success(), "no voice for {text:?}");
    let sample = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    Ok(ffmpeg.stdout.chunks_exact(4).map(sample).collect())
}

/// A second-order filter (RBJ's cookbook).
#[derive(Clone, Copy)]
pub struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    z: [f32; 2],
}

impl Biquad {
    fn made(b: [f32; 3], a: [f32; 3]) -> Self {
        Self { b: b.map(|x| x / a[0]), a: [a[1] / a[0], a[2] / a[0]], z: [0.0; 2] }
    }

    /// Passes what is above `hz`.
    pub fn high(hz: f32, q: f32) -> Self {
        let (sin, cos) = (TAU * hz / RATE as f32).sin_cos();
        let alpha = sin / (2.0 * q);
        Self::made([(1.0 + cos) / 2.0, -1.0 - cos, (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// Passes what is below `hz`.
    pub fn low(hz: f32, q: f32) -> Self {
        let (sin, cos) = (TAU * hz / RATE as f32).sin_cos();
        let alpha = sin / (2.0 * q);
        Self::made([(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// The next sample.
    pub fn pass(&mut self, x: f32) -> f32 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// What a horn passes: 400–3600 Hz, 24 dB an octave, with the hump such a horn has near its lower end.
#[derive(Clone)]
pub struct Horn([Biquad; 4]);

impl Default for Horn {
    fn default() -> Self {
        Self([
            Biquad::high(400.0, 1.3),
            Biquad::high(400.0, 0.54),
            Biquad::low(3_600.0, 1.3),
            Biquad::low(3_600.0, 0.54),
        ])
    }
}

impl Horn {
    /// The next sample.
    pub fn pass(&mut self, x: f32) -> f32 {
        self.0.iter_mut().fold(x, |x, stage| stage.pass(x))
    }

    /// A whole sound.
    pub fn sound(&mut self, x: &[f32]) -> Vec<f32> {
        x.iter().map(|s| self.pass(*s)).collect()
    }
}

/// A sound among walls: the direct one and 400 echoes that die away by 60 dB in `rt60` seconds.
pub fn echoed(x: &[f32], rt60: f32, rng: &mut Rng) -> Vec<f32> {
    let mut out = x.to_vec();
    for _ in 0..400 {
        let t = 0.005 + rng.f32() * (rt60 - 0.005);
        // Together the echoes carry about as much as the direct sound: a place some way from the horn.
        let gain = 0.13 * 10_f32.powf(-3.0 * t / rt60) * if rng.bool() { 1.0 } else { -1.0 };
        let lag = (t * RATE as f32) as usize;
        for (to, from) in out.iter_mut().skip(lag).zip(x) {
            *to += gain * from;
        }
    }
    out
}

/// A street: a rumble that swells and fades, passing motorcycles, and now and then a horn.
pub fn street(seconds: f32, rng: &mut Rng) -> Vec<f32> {
    let len = (seconds * RATE as f32) as usize;
    let (mut brown, mut pink) = (0.0_f32, 0.0_f32);
    let mut out: Vec<f32> = (0..len)
        .map(|_| {
            let white = rng.f32() * 2.0 - 1.0;
            brown = 0.995 * brown + 0.05 * white;
            pink = 0.85 * pink + 0.25 * white;
            0.5 * brown + 0.6 * pink + 0.1 * white
        })
        .collect();
    // The rumble swells.
    let (slow, begin) = (0.1 + 0.2 * rng.f32(), rng.f32());
    for (i, s) in out.iter_mut().enumerate() {
        *s *= 0.7 + 0.3 * (TAU * (slow * i as f32 / RATE as f32 + begin)).sin();
    }
    let mut at = rng.f32() * 2.0;
    while at < seconds {
        if rng.f32() < 0.75 {
            motorcycle(&mut out, at, rng);
        } else {
            let hz = 380.0 + 80.0 * rng.f32();
            honk(&mut out, at, hz, 0.15 + 0.5 * rng.f32());
        }
        at += 1.0 + 4.0 * rng.f32();
    }
    out
}

/// A single-cylinder engine that comes and goes.
fn motorcycle(out: &mut [f32], at: f32, rng: &mut Rng) {
    let (mut phase, base) = (0.0_f32, 40.0 + 50.0 * rng.f32());
    let (len, loud) = (2.0 + 3.0 * rng.f32(), 0.2 + 0.4 * rng.f32());
    for (i, s) in out.iter_mut().skip((at * RATE as f32) as usize).take((len * RATE as f32) as usize).enumerate() {
        let t = i as f32 / (len * RATE as f32);
        phase = (phase + base * (1.05 - 0.1 * t) / RATE as f32).fract();
        // A puff and its crackle, each turn anew.
        let puff = (-25.0 * phase).exp() * (0.6 + 0.8 * (rng.f32() - 0.5));
        *s += loud * puff * (TAU * t / 2.0).sin().powi(2);
    }
}

/// A car's horn: two trumpets, many harmonics.
fn honk(out: &mut [f32], at: f32, hz: f32, seconds: f32) {
    for (i, s) in out.iter_mut().skip((at * RATE as f32) as usize).take((seconds * RATE as f32) as usize).enumerate() {
        let t = i as f32 / RATE as f32;
        let tones = (1..8).flat_map(|k| [hz, hz * 1.26].map(|f| (TAU * f * k as f32 * t).sin() / k as f32));
        *s += 0.12 * tones.sum::<f32>();
    }
}

/// Root mean square of what a horn could have made of it.
pub fn in_band(x: &[f32]) -> f32 {
    let y = Horn::default().sound(x);
    (y.iter().map(|s| s * s).sum::<f32>() / y.len().max(1) as f32).sqrt()
}

/// What a microphone hears: `left` through a horn, `delay_ms` later and among walls, in a noise that is `snr_db` weaker
/// between 400 and 3600 Hz.
pub fn at_microphone(left: &[f32], delay_ms: u32, noise: &[f32], snr_db: f32, rng: &mut Rng) -> Vec<f32> {
    let mut delayed = vec![0.0; (delay_ms * RATE / 1000) as usize];
    delayed.extend(Horn::default().sound(left));
    let heard = echoed(&delayed, 0.6, rng);
    let gain = in_band(noise) * 10_f32.powf(snr_db / 20.0) / in_band(&heard).max(1e-9);
    // About −30 dBFS in all: microphones are set so that a street does not clip.
    let level = 0.03 / (in_band(noise) * (1.0 + 10_f32.powf(snr_db / 10.0)).sqrt()).max(1e-9);
    noise.iter().enumerate().map(|(i, n)| level * (n + gain * heard.get(i).copied().unwrap_or(0.0))).collect()
}

/// Two sounds at once; the longer one's length.
pub fn together(a: &[f32], b: &[f32]) -> Vec<f32> {
    let at = |x: &[f32], i: usize| x.get(i).copied().unwrap_or(0.0);
    (0..a.len().max(b.len())).map(|i| at(a, i) + at(b, i)).collect()
}

/// The same sound so many decibels louder.
pub fn louder(x: &[f32], db: f32) -> Vec<f32> {
    let gain = 10_f32.powf(db / 20.0);
    x.iter().map(|s| s * gain).collect()
}

/// Wind on a microphone: a deep roar in gusts.
pub fn wind(seconds: f32, rng: &mut Rng) -> Vec<f32> {
    let (mut low, mut gust, mut aim) = (0.0_f32, 0.3_f32, 0.3_f32);
    (0..(seconds * RATE as f32) as usize)
        .map(|i| {
            if i % 8_000 == 0 {
                aim = rng.f32().powi(2);
            }
            gust += (aim - gust) * 0.000_2;
            low = 0.98 * low + 0.2 * (rng.f32() * 2.0 - 1.0);
            (2.0 * gust * low).clamp(-1.0, 1.0)
        })
        .collect()
}

/// A generator: 50 Hz with all its harmonics, each wavering a little, and the engine's knocking.
pub fn generator(seconds: f32, rng: &mut Rng) -> Vec<f32> {
    let strengths: Vec<f32> = (1..40).map(|k| (0.3 + rng.f32()) / k as f32).collect();
    let begin: Vec<f32> = (1..40).map(|_| rng.f32()).collect();
    let mut phase = 0.0_f32;
    (0..(seconds * RATE as f32) as usize)
        .map(|i| {
            let t = i as f32 / RATE as f32;
            phase = (phase + 50.0 * (1.0 + 0.002 * (TAU * 0.4 * t).sin()) / RATE as f32).fract();
            let hum: f32 = (1..40).map(|k| strengths[k - 1] * (TAU * (phase * k as f32 + begin[k - 1])).sin()).sum();
            0.1 * hum + 0.05 * (-8.0 * (phase * 0.5).fract()).exp() * (rng.f32() - 0.5)
        })
        .collect()
}

/// Cicadas: a hiss around 4.2 kHz that swells in waves, as loud as a street.
pub fn cicadas(seconds: f32, rng: &mut Rng) -> Vec<f32> {
    let (mut high, mut low) = (Biquad::high(4_000.0, 4.0), Biquad::low(4_400.0, 4.0));
    (0..(seconds * RATE as f32) as usize)
        .map(|i| {
            let swell = 0.6 + 0.4 * (TAU * 0.5 * i as f32 / RATE as f32).sin();
            0.2 * swell * low.pass(high.pass(rng.f32() * 2.0 - 1.0))
        })
        .collect()
}

/// An organ that plays chords of three notes for 2 to 4 seconds each.
pub fn chords(seconds: f32, rng: &mut Rng) -> Vec<f32> {
    let mut out = Vec::new();
    while out.len() < (seconds * RATE as f32) as usize {
        let root = 220.0 * 2_f32.powf(rng.u32(0..12) as f32 / 12.0);
        let notes = [1.0, [1.189_2, 1.259_9][rng.usize(0..2)], 1.498_3].map(|step| root * step);
        for i in 0..rng.usize(2..5) * RATE as usize {
            let t = i as f32 / RATE as f32;
            let note = |hz: &f32| (1..6).map(|k| (TAU * hz * k as f32 * t).sin() / (k * k) as f32).sum::<f32>();
            out.push(0.12 * notes.iter().map(note).sum::<f32>() * (20.0 * t).min(1.0));
        }
    }
    out
}
