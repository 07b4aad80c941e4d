//! Every kind of file, made by ffmpeg, decoded here and by ffmpeg: the same sound, the same loudness.

use super::tests::{Dir, poured};
use super::*;
use std::path::PathBuf;
use std::process::Command;

/// A second of noise that is nowhere like itself, without the highest pitches: a decoder's lead-in may be no whole
/// number of samples at another rate.
const NOISE: &str =
    "anoisesrc=seed=7:duration=1:color=pink:amplitude=0.5:sample_rate=48000,lowpass=f=5000,tremolo=f=0.7:d=0.8";

pub(super) fn ffmpeg(args: &[&str], out: &Path) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-y"]).args(args).arg(out);
    assert!(command.status().expect("ffmpeg is installed (scripts/setup)").success(), "{command:?}");
}

fn made(dir: &Dir, name: &str, source: &str, args: &[&str]) -> PathBuf {
    let path = dir.0.join(name);
    ffmpeg(&[&["-f", "lavfi", "-i", source][..], args].concat(), &path);
    path
}

/// What ffmpeg makes of a file at 48 kHz, one channel.
fn by_ffmpeg(file: &Path) -> Vec<f32> {
    let raw = file.with_extension("f32");
    ffmpeg(&["-i", &file.display().to_string(), "-f", "f32le", "-ac", "1", "-ar", "48000"], &raw);
    let bytes = std::fs::read(&raw).expect("read");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// Correlation at the best of the lags within 3000 samples, and that lag.
fn likeness(heard: &[f32], wanted: &[f32]) -> (f64, isize) {
    let alike = |range: std::ops::Range<usize>, lag: isize| {
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for i in range {
            let h = usize::try_from(i as isize + lag).ok().and_then(|at| heard.get(at)).copied().unwrap_or(0.0);
            let (h, w) = (f64::from(h), f64::from(wanted[i]));
            (both, one, other) = (both + h * w, one + h * h, other + w * w);
        }
        if one * other == 0.0 { 0.0 } else { both / (one * other).sqrt() }
    };
    let middle = wanted.len() / 2;
    let fit = |lag: isize| (alike(middle..middle + 400, lag), lag);
    let (_, lag) = (-3_000..=3_000).map(fit).max_by(|a, b| a.0.total_cmp(&b.0)).expect("lags");
    (alike(0..wanted.len(), lag), lag)
}

#[test]
fn every_kind_sounds_as_ffmpeg_decodes_it() {
    let dir = Dir::new("kinds");
    let kinds: [(&str, &[&str]); 30] = [
        ("u8.wav", &["-c:a", "pcm_u8", "-ac", "1"]),
        ("s24.wav", &["-c:a", "pcm_s24le", "-ac", "2"]),
        ("f32.wav", &["-c:a", "pcm_f32le", "-ar", "96000"]),
        ("alaw.wav", &["-c:a", "pcm_alaw", "-ar", "16000"]),
        ("s16.flac", &["-ac", "2", "-ar", "44100"]),
        ("s24.flac", &["-sample_fmt", "s32", "-ac", "1"]),
        ("cbr.mp3", &["-b:a", "128k", "-ac", "2", "-ar", "44100"]),
        ("vbr.mp3", &["-q:a", "5", "-ac", "1"]),
        ("mpeg2.mp3", &["-b:a", "64k", "-ac", "1", "-ar", "24000"]),
        ("mpeg25.mp3", &["-b:a", "32k", "-ac", "1", "-ar", "12000"]),
        ("vorbis.ogg", &["-c:a", "libvorbis", "-q:a", "4", "-ac", "2"]),
        ("flac.ogg", &["-c:a", "flac", "-f", "ogg"]),
        ("mono.opus", &["-c:a", "libopus", "-b:a", "64k", "-ac", "1"]),
        ("stereo.opus", &["-c:a", "libopus", "-b:a", "96k", "-ac", "2", "-frame_duration", "60"]),
        ("short.opus", &["-c:a", "libopus", "-b:a", "64k", "-frame_duration", "2.5", "-application", "lowdelay"]),
        ("adts.aac", &["-c:a", "aac", "-b:a", "96k", "-ac", "2"]),
        ("mono.m4a", &["-c:a", "aac", "-b:a", "64k", "-ac", "1"]),
        ("front.m4a", &["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]),
        ("frag.mp4", &["-c:a", "aac", "-b:a", "96k", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]),
        // From here on ffmpeg itself decodes.
        ("opus.webm", &["-c:a", "libopus", "-b:a", "64k"]),
        ("vorbis.mka", &["-c:a", "libvorbis"]),
        ("s16.aiff", &[]),
        ("alac.m4a", &["-c:a", "alac"]),
        ("opus.mp4", &["-c:a", "libopus", "-b:a", "64k"]),
        ("a.wma", &["-c:a", "wmav2", "-b:a", "128k"]),
        ("a.mp2", &["-c:a", "mp2", "-b:a", "128k"]),
        ("a.ac3", &["-c:a", "ac3", "-b:a", "128k"]),
        ("adpcm.wav", &["-c:a", "adpcm_ima_wav"]),
        ("a.ts", &["-c:a", "aac", "-b:a", "96k", "-f", "mpegts"]),
        ("gsm.caf", &["-c:a", "pcm_s16le"]),
    ];
    for (name, args) in kinds {
        let file = made(&dir, name, NOISE, args);
        let wanted = by_ffmpeg(&file);
        let (heard, why) = poured(&file, 0, 48_000);
        assert_eq!(why, None, "{name}");
        let (like, lag) = likeness(&heard, &wanted);
        assert!(like >= 0.99, "{name}: likeness {like:.4} at {lag}");
        let probed = probe(&file).unwrap_or_else(|why| panic!("{name}: {why}"));
        let length = probed.duration.as_secs_f64();
        assert!((length - wanted.len() as f64 / 48_000.0).abs() < 0.15, "{name}: {length}");
    }
}

/// AAC of three kinds as libfdk-aac encoded them: 2.2 s of noise with a rising tone, 48 kHz.
fn media(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media")).join(name)
}

#[test]
fn aac_with_a_high_band_is_never_played_at_half_its_rate() {
    let dir = Dir::new("sbr");
    for (name, high) in [("he-aac.aac", true), ("he-aac-v2.aac", true), ("aac-lc.aac", false)] {
        let adts = media(name);
        let mp4 = dir.0.join(name).with_extension("m4a");
        ffmpeg(&["-i", &adts.display().to_string(), "-c", "copy"], &mp4);
        for file in [adts, mp4] {
            let opened = open::file(&file, Duration::ZERO).expect("playable");
            assert_eq!(opened.is_foreign(), high, "{}", file.display());
            let (heard, why) = poured(&file, 0, 48_000);
            assert_eq!(why, None);
            let copy = dir.file("copy", &std::fs::read(&file).expect("read"));
            let (like, lag) = likeness(&heard, &by_ffmpeg(&copy));
            assert!(like > 0.99, "{}: {like} at {lag}", file.display());
        }
    }
}

#[test]
fn aac_of_our_own_encoder_has_no_high_band_at_any_rate() {
    let dir = Dir::new("lc");
    for (rate, kbps) in [("8000", "16k"), ("16000", "24k"), ("22050", "32k"), ("24000", "48k"), ("44100", "64k")] {
        let file = made(&dir, "a.aac", NOISE, &["-c:a", "aac", "-b:a", kbps, "-ac", "1", "-ar", rate]);
        assert!(!open::file(&file, Duration::ZERO).expect("playable").is_foreign(), "{rate}");
    }
}

#[test]
fn a_place_in_a_clip_is_the_same_place_in_every_kind() {
    let dir = Dir::new("seek");
    // Long enough for a place that is sought and one that is decoded to.
    let long = "anoisesrc=seed=9:duration=8:color=pink:amplitude=0.5:sample_rate=48000,lowpass=f=5000";
    for (name, args) in [
        ("a.wav", &[][..]),
        ("a.flac", &[]),
        ("a.mp3", &["-b:a", "64k"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus", "-b:a", "64k"]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.aac", &["-c:a", "aac"]),
        ("a.aiff", &[]),
    ] {
        let file = made(&dir, name, long, args);
        let (whole, _) = poured(&file, 0, 48_000);
        for from_ms in [500, 5_000] {
            let (part, why) = poured(&file, from_ms, 48_000);
            assert_eq!(why, None, "{name}");
            let from = from_ms as usize * 48;
            let (like, lag) = likeness(&part, &whole[from..]);
            assert!(like > 0.98 && lag.abs() < 2_900, "{name} from {from_ms} ms: {like} at {lag}");
        }
    }
}

#[test]
fn streams_that_follow_one_another_in_a_file_are_all_played() {
    let dir = Dir::new("chained");
    for (name, args) in [("a.opus", &["-c:a", "libopus", "-b:a", "64k"][..]), ("a.ogg", &["-c:a", "libvorbis"])] {
        let one = std::fs::read(made(&dir, name, "sine=f=500:d=1:r=48000", args)).expect("read");
        let two = std::fs::read(made(&dir, name, "sine=f=900:d=1.5:r=48000", args)).expect("read");
        let file = dir.file(&format!("both-{name}"), &[one, two].concat());
        let probed = probe(&file).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!((probed.duration.as_secs_f64() - 2.5).abs() < 0.03, "{name}: {probed:?}");
    }
}
