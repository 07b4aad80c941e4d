//! What the meter says of the signals of EBU Tech 3341, made here from their description, and what ffmpeg's meter says.

use super::*;
use crate::sound::decode::probe;
use std::f64::consts::TAU;
use std::path::Path;
use std::process::Command;

const RATE: u32 = 48_000;
/// The signals are of two equal channels; one alone has half the power.
const ONE_CHANNEL: f64 = 3.01;

/// 1 kHz at these peak levels, dBFS, for so many seconds each.
fn measured(parts: &[(f64, f64)]) -> Option<Measured> {
    let mut meter = Meter::default();
    let mut at = 0_u64;
    for (level, seconds) in parts {
        let gain = 10_f64.powf(level / 20.0);
        let mut left = (seconds * f64::from(RATE)) as u64;
        while left > 0 {
            let count = left.min(4_800);
            let sine = |i| (gain * (TAU * 1000.0 * (at + i) as f64 / f64::from(RATE)).sin()) as f32;
            let block: Vec<f32> = (0..count).map(sine).collect();
            meter.take(&block, RATE);
            (at, left) = (at + count, left - count);
        }
    }
    meter.measured()
}

#[test]
fn programme_loudness_is_that_of_tech_3341() {
    let stories: [(&[(f64, f64)], f64); 5] = [
        (&[(-23.0, 20.0)], -23.0),
        (&[(-33.0, 20.0)], -33.0),
        (&[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        (&[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        (&[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ];
    for (n, (parts, lufs)) in stories.into_iter().enumerate() {
        let found = f64::from(measured(parts).expect("measured").lufs) + ONE_CHANNEL;
        assert!((found - lufs).abs() <= 0.1, "signal {}: {found:.2} LUFS for {lufs}", n + 1);
    }
}

#[test]
fn true_peaks_are_those_of_tech_3341() {
    // Fraction of the rate, phase, amplitude, and the peak of the wave between the samples, dBTP.
    let signals = [
        (4.0, 0.0, 0.5, -6.0),
        (4.0, 45.0, 0.5, -6.0),
        (6.0, 60.0, 0.5, -6.0),
        (8.0, 67.5, 0.5, -6.0),
        (4.0, 45.0, 1.41, 3.0),
    ];
    for (n, (part, phase, amplitude, dbtp)) in signals.into_iter().enumerate() {
        let sine = |i: u32| {
            // Faded in and out: a signal that begins at once has another peak.
            let fade = (f64::from(i.min(RATE - i)) / 2_400.0).min(1.0);
            (fade * amplitude * (TAU * (f64::from(i) / part + phase / 360.0)).sin()) as f32
        };
        let mut meter = Meter::default();
        meter.take(&(0..RATE).map(sine).collect::<Vec<_>>(), RATE);
        let found = f64::from(meter.measured().expect("measured").peak_dbtp);
        assert!(found - dbtp <= 0.2 && found - dbtp >= -0.4, "signal {}: {found:.2} dBTP for {dbtp}", n + 15);
    }
}

#[test]
fn what_is_too_short_or_silent_is_not_measured() {
    assert_eq!(measured(&[(-23.0, 0.3)]), None);
    assert_eq!(measured(&[(-200.0, 3.0)]), None);
    assert_eq!(measured(&[(-90.0, 3.0)]), None);
    assert_eq!(Meter::default().measured(), None);
}

#[test]
fn a_rate_that_changes_changes_nothing() {
    let mut meter = Meter::default();
    for rate in [48_000, 44_100, 48_000] {
        let sine = |i: u32| (0.1 * (TAU * 1000.0 * f64::from(i) / f64::from(rate)).sin()) as f32;
        meter.take(&(0..rate * 3).map(sine).collect::<Vec<_>>(), rate);
    }
    let found = f64::from(meter.measured().expect("measured").lufs) + ONE_CHANNEL;
    assert!((found + 20.0).abs() < 0.1, "{found}");
}

/// Integrated loudness and true peak as ffmpeg's filter `ebur128` reads them.
fn by_ffmpeg(file: &Path) -> (f64, f64) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-i"]).arg(file);
    command.args(["-af", "ebur128=peak=true", "-f", "null", "-"]);
    let said = command.output().expect("ffmpeg is installed (scripts/setup)").stderr;
    let said = String::from_utf8_lossy(&said);
    let summary = said.rsplit("Summary:").next().expect("a summary");
    let number = |mark: &str| {
        let line = summary.lines().find_map(|l| l.trim().strip_prefix(mark)).unwrap_or_else(|| panic!("{said}"));
        line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{line}"))
    };
    (number("I:"), number("Peak:"))
}

#[test]
fn speech_music_and_noise_are_as_loud_as_ffmpeg_says() {
    let dir = std::env::temp_dir().join(format!("sound-analyse-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("temporary directory");
    let text = "Ủy ban nhân dân xã thông báo: sáng mai trạm y tế tiêm phòng cho trẻ em, mời bà con đến đúng giờ.";
    let speech = dir.join("speech.wav");
    let spoken = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&speech).arg(text).status();
    assert!(spoken.expect("espeak-ng is installed (scripts/setup)").success());
    let music = "aevalsrc='0.2*(sin(2*PI*220*t)+sin(2*PI*277.2*t)+sin(2*PI*329.6*t))*abs(sin(2*PI*1.5*t))':d=8:s=44100";
    let noise = "anoisesrc=seed=3:d=6:color=pink:amplitude=0.9:sample_rate=48000";
    let made: [(&str, &[&str]); 5] = [
        ("music.flac", &["-f", "lavfi", "-i", music, "-ac", "1"]),
        ("quiet.wav", &["-f", "lavfi", "-i", music, "-ac", "1", "-af", "volume=-24dB", "-c:a", "pcm_s24le"]),
        ("loud.wav", &["-f", "lavfi", "-i", noise, "-ac", "1"]),
        ("speech.mp3", &["-i", "SPEECH", "-b:a", "48k"]),
        ("hot.wav", &["-f", "lavfi", "-i", "sine=f=3000:r=44100:d=3", "-af", "volume=18dB,lowpass=f=8000", "-ac", "1"]),
    ];
    let mut files = vec![speech.clone()];
    for (name, args) in made {
        let path = dir.join(name);
        let args: Vec<String> = args.iter().map(|a| a.replace("SPEECH", &speech.display().to_string())).collect();
        let done = Command::new("ffmpeg").args(["-nostdin", "-loglevel", "error", "-y"]).args(args).arg(&path).status();
        assert!(done.expect("ffmpeg").success());
        files.push(path);
    }
    for file in files {
        let ours = probe(&file).expect("playable").measured.expect("measured");
        let (lufs, peak) = by_ffmpeg(&file);
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        assert!((f64::from(ours.lufs) - lufs).abs() <= 0.2, "{name}: {} LUFS, ffmpeg says {lufs}", ours.lufs);
        assert!((f64::from(ours.peak_dbtp) - peak).abs() <= 0.3, "{name}: {} dBTP, ffmpeg says {peak}", ours.peak_dbtp);
    }
    std::fs::remove_dir_all(&dir).expect("temporary directory goes");
}
