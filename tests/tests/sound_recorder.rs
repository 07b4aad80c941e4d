//! The recorder plays as a card does and leaves a file for each stretch of sound, which others can read.

use site_tests::scratch::Scratch;
use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, decoded, ffmpeg};
use site_tests::vcard::signal::{exactly, onset, pitch};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");

/// No card is used, but a player wants to know which.
fn line(dir: &Scratch, limit: &str) -> (VirtualCards, Player) {
    let cards = VirtualCards::new("none", &[]).expect("no card");
    let (rec, clips) = (dir.join("rec").display().to_string(), dir.path().display().to_string());
    let args = ["--recorder", &rec, "--sink", "hall=0", "--clips", &clips, "--limit-bytes", limit];
    let player = Player::start(BENCH, &cards, &args).expect("a recorder");
    (cards, player)
}

/// Waits until so many finished recordings lie there, and returns them by age.
fn recordings(dir: &Path, count: usize) -> Vec<PathBuf> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let entries = fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).collect::<Vec<_>>()).unwrap_or_default();
        let mut done: Vec<PathBuf> =
            entries.into_iter().filter(|p| p.extension().is_some_and(|e| e == "wav")).collect();
        if done.len() >= count {
            done.sort();
            return done;
        }
        assert!(Instant::now() < until, "{} of {count} recordings", done.len());
        thread::sleep(Duration::from_millis(20));
    }
}

fn loud(samples: &[i16]) -> &[i16] {
    let begin = onset(samples).expect("a sound");
    let end = samples.iter().rposition(|s| s.unsigned_abs() > 16).expect("a sound");
    &samples[begin..=end]
}

#[test]
fn each_stretch_of_sound_is_a_file_that_ffmpeg_reads() {
    let dir = Scratch::new("recorder").expect("a directory");
    ffmpeg(
        &["-f", "lavfi", "-i", "anoisesrc=seed=3:d=1:amplitude=0.4", "-ar", "48000", "-ac", "1"],
        &dir.join("a.wav"),
    )
    .expect("clip");
    let (_cards, mut player) = line(&dir, "1000000000");
    player.report("hall", "well").expect("it is ready");
    player.tell("want hall 100 1 clip:a.wav 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    let ended = player.about(1, "ended").expect("it ends");
    assert_eq!(ended["played_ms"], 1_000);
    recordings(&dir.join("rec"), 1);
    player.tell("want hall 100 2 chime 0").expect("told");
    player.about(2, "ended").expect("it ends");
    let files = recordings(&dir.join("rec"), 2);
    assert!(files.iter().all(|f| f.to_string_lossy().ends_with("-hall.wav")), "{files:?}");
    let first = decoded(&files[0]).expect("ffmpeg reads it");
    // The first five milliseconds after the recorder was ready fade in; the clip came later than that.
    assert!(exactly(&first, &decoded(&dir.join("a.wav")).expect("the clip")).is_some(), "sample for sample");
    let chime = decoded(&files[1]).expect("ffmpeg reads it");
    let chime = loud(&chime);
    assert!((1_000..=1_100).contains(&(chime.len() / 48)), "{} ms", chime.len() / 48);
    assert!(pitch(&chime[..9_600], 784.0) > 0.1 && pitch(&chime[30_000..40_000], 587.3) > 0.05);
    player.stop().expect("it stops");
}

#[test]
fn an_open_stretch_is_closed_when_the_program_stops() {
    let dir = Scratch::new("recstop").expect("a directory");
    let (_cards, mut player) = line(&dir, "1000000000");
    player.tell("want hall 100 1 tone:4 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    player.stop().expect("it stops");
    let files = recordings(&dir.join("rec"), 1);
    assert!(onset(&decoded(&files[0]).expect("ffmpeg reads it")).is_some());
}

#[test]
fn the_oldest_recordings_make_room() {
    let dir = Scratch::new("recroom").expect("a directory");
    // A chime and the second of silence after it: 200 KB. Two fit.
    let (_cards, mut player) = line(&dir, "500000");
    let mut newest = PathBuf::new();
    for play in 1..=4_u64 {
        player.tell(&format!("want hall 100 {play} chime 0")).expect("told");
        player.about(play, "ended").expect("it ends");
        let before = newest.clone();
        let until = Instant::now() + Duration::from_secs(30);
        while newest == before {
            assert!(Instant::now() < until, "no recording of play {play}");
            newest = recordings(&dir.join("rec"), 1).pop().unwrap_or_default();
        }
    }
    let until = Instant::now() + Duration::from_secs(30);
    while recordings(&dir.join("rec"), 1).len() > 2 {
        assert!(Instant::now() < until, "the oldest stay");
    }
    assert!(newest.exists(), "the newest stays");
}

#[test]
fn a_disk_that_fails_is_a_fault_until_it_recovers() {
    let dir = Scratch::new("recdisk").expect("a directory");
    fs::write(dir.join("rec"), b"a file where the directory should be").expect("in the way");
    let (_cards, mut player) = line(&dir, "1000000000");
    player.tell("want hall 100 1 chime 0").expect("told");
    player.report("hall", "fault").expect("it cannot write");
    fs::remove_file(dir.join("rec")).expect("out of the way");
    player.report("hall", "well").expect("it can write");
    player.about(1, "ended").expect("what was wanted is played after all");
    recordings(&dir.join("rec"), 1);
    // And in the middle of a recording.
    player.tell("want hall 100 2 tone:1 0").expect("told");
    player.about(2, "sounding").expect("it sounds");
    fs::remove_dir_all(dir.join("rec")).expect("the directory is gone");
    player.tell("want hall 100").expect("told");
    player.report("hall", "fault").expect("the recording cannot be closed");
    player.report("hall", "well").expect("the directory is made again");
    player.tell("want hall 100 3 chime 0").expect("told");
    player.about(3, "ended").expect("it plays");
    assert_eq!(recordings(&dir.join("rec"), 1).len(), 1);
}
