//! Recordings are what left the sink: to the sample in FLAC, to the ear in Opus, as programs of others read them; and a
//! power cut in the middle of one leaves a file that they read, too.

use drivers::sound::keep::{Codec, Keep, KeepConfig, Recording, WallClock};
use drivers::sound::{Left, Listener};
use gateway_core::id::{PlayId, SinkId};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use site_tests::vcard::signal::likeness;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// Tells the child of this program where to record, and how.
const CHILD: &str = "RECORDINGS_CHILD";

fn keep(dir: &Path, codec: Codec) -> Keep {
    let clock: WallClock = Arc::new(|| (1_790_000_000_000, true));
    let config = KeepConfig { dir: dir.to_owned(), codec, days: 30, limit_bytes: 1 << 30 };
    let keep = Keep::start(config, clock).expect("a thread");
    assert!(keep.settle(PATIENCE));
    keep
}

/// Says samples in pieces of 20 ms, all at once, as if they had left one after the other.
fn say(ear: &mut dyn Listener, rate: u32, samples: &[i16], play: u64) {
    let begin = Instant::now();
    let length = rate as usize / 50;
    for (n, piece) in samples.chunks(length).enumerate() {
        let piece: Vec<f32> = piece.iter().map(|s| f32::from(*s) / 32_768.0).collect();
        let at = begin + Duration::from_millis(20) * n as u32;
        ear.hear(&Left { at, rate, samples: &piece, due: Some(PlayId(play)), gap: false });
    }
}

/// A few seconds of a Vietnamese voice.
fn voice(dir: &Scratch, rate: u32) -> Vec<i16> {
    let wav = dir.join("voice.wav");
    let words = "Kính thưa bà con, ngày mai toàn xã tiêm chủng cho trẻ em tại trạm y tế, từ bảy giờ rưỡi sáng.";
    let made = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&wav).arg(words).status().expect("espeak-ng");
    assert!(made.success());
    samples(&wav, Some(rate))
}

/// What ffmpeg makes of a file, complaining about nothing; at its own rate unless another is asked for.
fn samples(file: &Path, rate: Option<u32>) -> Vec<i16> {
    let raw = file.with_extension("raw");
    let (name, rate) = (file.display().to_string(), rate.map(|r| r.to_string()));
    let mut args = vec!["-xerror", "-i", &name, "-f", "s16le", "-ac", "1"];
    args.extend(rate.iter().flat_map(|r| ["-ar", r.as_str()]));
    ffmpeg(&args, &raw).expect("ffmpeg reads it");
    let bytes = std::fs::read(raw).expect("what ffmpeg made");
    bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect()
}

fn only(keep: &Keep, dir: &Path) -> (Recording, PathBuf) {
    assert!(keep.settle(PATIENCE));
    let all = keep.list(&(i64::MIN..i64::MAX), None);
    let [recording] = &all[..] else { panic!("{all:?}") };
    (recording.clone(), dir.join(&recording.id))
}

/// Asks a program of others, which must be content; what it says.
fn ask(program: &str, args: &[&str], file: &Path) -> String {
    let out = Command::new(program).args(args).arg(file).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{program}: {said}");
    said
}

#[test]
fn flac_is_what_left_sample_for_sample() {
    for rate in [48_000, 44_100, 32_000] {
        let dir = Scratch::new("flac").expect("a directory");
        let said = voice(&dir, rate);
        let keep = keep(dir.path(), Codec::Flac);
        let mut ear = keep.listener(&SinkId::from("hall"));
        say(&mut *ear, rate, &said, 1);
        ear.close();
        let (recording, file) = only(&keep, dir.path());
        let silent = said.iter().position(|s| *s != 0).expect("a voice") / (rate as usize / 50) * (rate as usize / 50);
        assert!(samples(&file, None) == said[silent..], "{rate}: not what was said");
        assert_eq!(recording.duration_ms, (said.len() - silent) as u64 * 1000 / u64::from(rate));
        ask("flac", &["--test", "--silent", "--warnings-as-errors"], &file);
    }
}

#[test]
fn opus_is_what_left_to_the_ear_and_of_its_length() {
    for rate in [48_000, 44_100] {
        let dir = Scratch::new("opus").expect("a directory");
        let said = voice(&dir, rate);
        let keep = keep(dir.path(), Codec::Opus);
        let mut ear = keep.listener(&SinkId::from("hall"));
        say(&mut *ear, rate, &said, 1);
        ear.close();
        let (recording, file) = only(&keep, dir.path());
        let silent = said.iter().position(|s| *s != 0).expect("a voice") / (rate as usize / 50) * (rate as usize / 50);
        let said = &said[silent..];
        let heard = samples(&file, Some(rate));
        let (alike, lag) = likeness(&heard, said, 200);
        assert!(alike >= 0.99, "{rate}: correlation {alike}, {lag} samples later");
        assert!(lag.abs() <= 2, "{rate}: {lag} samples later");
        assert!(heard.len().abs_diff(said.len()) <= 2, "{rate}: {} of {} samples", heard.len(), said.len());
        let said = ask("opusinfo", &[], &file);
        assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
        // 40 kb/s.
        assert!(recording.bytes < recording.duration_ms * 6, "{recording:?}");
        println!("{rate} Hz: correlation {alike:.4}, {} bytes for {} ms", recording.bytes, recording.duration_ms);
    }
}

/// Minute after minute of noise, so that what is there can be told from what is not.
fn noise(seconds: usize) -> Vec<i16> {
    let mut random = fastrand::Rng::with_seed(11);
    (0..seconds * 48_000).map(|_| random.i16(-8_000..8_000)).collect()
}

/// Not a test of its own: [`a_power_cut_leaves_what_was_written`] starts it and ends it without warning.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(told) = std::env::var_os(CHILD) else { return };
    let told = told.into_string().expect("a text");
    let (codec, dir) = told.split_once(' ').expect("how and where");
    let codec = if codec == "flac" { Codec::Flac } else { Codec::Opus };
    let keep = keep(Path::new(dir), codec);
    let mut ear = keep.listener(&SinkId::from("hall"));
    say(&mut *ear, 48_000, &noise(30), 9);
    assert!(keep.settle(PATIENCE));
    println!("\nwritten");
    // Until the end comes.
    std::thread::park();
}

#[test]
fn a_power_cut_leaves_what_was_written() {
    for (name, codec, tool) in [("flac", Codec::Flac, "flac"), ("opus", Codec::Opus, "opusinfo")] {
        let dir = Scratch::new("cut").expect("a directory");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "child_that_records_until_it_is_killed", "--nocapture"])
            .env(CHILD, format!("{name} {}", dir.path().display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        assert!(out.lines().map_while(Result::ok).any(|line| line == "written"), "it ended before");
        child.kill().expect("killed");
        child.wait().expect("gone");
        let open: Vec<PathBuf> = std::fs::read_dir(dir.path())
            .expect("the folder")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.extension().is_some_and(|e| e == "part"))
            .collect();
        let [part] = &open[..] else { panic!("{open:?}") };
        // Open as it is, a player plays it; its complaint about the torn end is no matter.
        let raw = dir.join("open.raw");
        ffmpeg(&["-i", &part.display().to_string(), "-f", "s16le", "-ac", "1"], &raw).expect("ffmpeg reads it");
        let there = raw.metadata().expect("what it made").len() / 2 / 48_000;
        assert!(there >= 26, "{there} of 30 s");
        // And the next start closes it.
        let keep = keep(dir.path(), codec);
        let (recording, file) = only(&keep, dir.path());
        assert!(recording.torn && recording.duration_ms >= 26_000, "{recording:?}");
        // Its note may have been written or not: less than a second is all the child had.
        assert_eq!(recording.sink.as_str(), "hall");
        let heard = samples(&file, None);
        assert_eq!(heard.len() as u64 / 48, recording.duration_ms, "it says how long it is");
        if codec == Codec::Flac {
            assert!(heard[..] == noise(30)[..heard.len()], "sample for sample");
            ask(tool, &["--test", "--silent"], &file);
        } else {
            let said = ask(tool, &[], &file);
            assert!(!said.contains("WARNING") && !said.contains("ERROR"), "{said}");
        }
        println!("{name}: {} ms of 30000 after the kill", recording.duration_ms);
    }
}
