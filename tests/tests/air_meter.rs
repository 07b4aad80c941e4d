//! What our meter reads is what ffmpeg's `ebur128` reads of the same sound.

use drivers::sound::air::Meter;
use site_tests::scratch::Scratch;
use std::path::Path;
use std::process::Command;

/// Ten seconds of a voice-like noise, tones and pauses, at 48 kHz.
const SOUND: &str = "anoisesrc=seed=3:duration=4:color=pink:amplitude=0.4:sample_rate=48000,tremolo=f=0.8:d=0.9[a];\
    sine=f=997:d=3:sample_rate=48000,volume=3dB[b];anoisesrc=seed=5:duration=3:color=white:amplitude=0.05:sample_rate=48000[c];\
    [a][b][c]concat=n=3:v=0:a=1";

fn ffmpeg(args: &[&str], file: &Path) -> std::process::Output {
    let out = Command::new("ffmpeg").args(["-hide_banner", "-nostdin"]).args(args).arg(file).output().expect("ffmpeg");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out
}

/// What ffmpeg reads every 100 ms: time in seconds, momentary and short-term loudness.
fn theirs(wav: &Path) -> Vec<(f64, f32, f32)> {
    let out = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-i"])
        .arg(wav)
        .args(["-af", "ebur128=framelog=info", "-f", "null", "-"])
        .output()
        .expect("ffmpeg");
    let log = String::from_utf8_lossy(&out.stderr).into_owned();
    let after = |line: &str, key: &str| line.split_once(key)?.1.split_whitespace().next()?.parse::<f64>().ok();
    log.lines().filter_map(|l| Some((after(l, "t: ")?, after(l, "M:")? as f32, after(l, "S:")? as f32))).collect()
}

#[test]
fn momentary_and_short_term_loudness_are_those_of_ffmpeg() {
    let dir = Scratch::new("air-meter").expect("a directory");
    let wav = dir.join("sound.wav");
    ffmpeg(&["-v", "error", "-f", "lavfi", "-i", SOUND, "-ac", "1", "-c:a", "pcm_f32le"], &wav);
    let raw = dir.join("sound.raw");
    ffmpeg(&["-v", "error", "-f", "lavfi", "-i", SOUND, "-ac", "1", "-f", "f32le"], &raw);
    let bytes = std::fs::read(&raw).expect("samples");
    let samples: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let (mut meter, mut ours) = (Meter::default(), Vec::new());
    for piece in samples.chunks(4_800) {
        meter.hear(48_000, piece);
        ours.push(meter.reading());
    }
    let theirs = theirs(&wav);
    assert!(theirs.len() >= 98, "{} readings", theirs.len());
    let (mut worst_m, mut worst_s) = (0.0_f32, 0.0_f32);
    for (t, m, s) in &theirs {
        let n = (t * 10.0).round() as usize;
        // Before the windows are full the two differ in what they call silence.
        if n >= 5 && *m > -70.0 {
            worst_m = worst_m.max((ours[n - 1].momentary_lufs - m).abs());
        }
        if n >= 31 && n.is_multiple_of(5) {
            worst_s = worst_s.max((ours[n - 1].short_term_lufs - s).abs());
        }
    }
    println!("momentary within {worst_m:.2} LU, short-term within {worst_s:.2} LU of {} readings", theirs.len());
    assert!(worst_m <= 0.2 && worst_s <= 0.2, "{worst_m} {worst_s}");
}
