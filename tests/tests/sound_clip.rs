//! A clip comes out as it is in its file, whatever kind of file it is; a bad one says why and spoils nothing after it.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, decoded, ffmpeg};
use site_tests::vcard::signal::{exactly, likeness, onset, pitch};
use std::cell::Cell;
use std::fs;
use std::path::Path;

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
/// Two seconds of something that is nowhere like itself: noise whose loudness wanders.
const NOISE: &str = "anoisesrc=seed=7:duration=2:color=pink:amplitude=0.5:sample_rate=44100,tremolo=f=0.7:d=0.8";

/// A line on `vcard0` with clips beside the card's files.
fn line(label: &str) -> (VirtualCards, Player) {
    let cards = VirtualCards::new(label, &["vcard0"]).expect("a virtual card");
    let clips = cards.join("").display().to_string();
    let mut player = Player::start(BENCH, &cards, &["--device", "vcard0", "--clips", &clips]).expect("a sound line");
    player.report("left", "well").expect("the card opens");
    (cards, player)
}

thread_local! {
    /// How often the card of this test had run dry when the last play was over.
    static CALM: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Plays a clip to its end and returns what the left channel took meanwhile. When the card ran dry, which loses a
/// period on any machine that is busy enough, it is played again; so it is after a play in which that happened, since
/// what was lost may be skipped a moment later.
fn played(cards: &VirtualCards, player: &mut Player, first: u64, clip: &str) -> (Vec<i16>, u64) {
    for play in first..first + 5 {
        let (before, from) =
            (cards.breaks("vcard0").expect("record"), cards.heard("vcard0").expect("recording")[0].len());
        player.tell(&format!("want left 100 {play} clip:{clip} 0")).expect("told");
        let ended = player.about(play, "ended").expect("it ends");
        assert!(ended["broken"].is_null(), "{ended}");
        player.tell("want left 100").expect("told");
        let now = cards.breaks("vcard0").expect("record");
        let calm = CALM.replace(Some(now)).is_none_or(|then| then == now);
        if calm && now == before {
            let left = cards.heard("vcard0").expect("recording")[0].split_off(from);
            return (left, ended["played_ms"].as_u64().expect("a number"));
        }
    }
    panic!("the card ran dry in each of five plays");
}

#[test]
fn sixteen_bits_at_the_cards_rate_come_out_bit_for_bit() {
    let (cards, mut player) = line("exact");
    let clip = cards.join("a.wav");
    ffmpeg(&["-f", "lavfi", "-i", NOISE, "-ar", "48000", "-ac", "1", "-c:a", "pcm_s16le"], &clip).expect("a clip");
    let wanted = decoded(&clip).expect("ffmpeg reads it");
    let (heard, ms) = played(&cards, &mut player, 1, "a.wav");
    assert!(exactly(&heard, &wanted).is_some(), "not every sample came out as it was");
    assert_eq!(ms, wanted.len() as u64 / 48);
    assert_eq!(player.story(), ["sounding 1", "ended 1"]);
    player.stop().expect("it stops");
}

#[test]
fn every_kind_of_file_sounds_as_ffmpeg_decodes_it() {
    let (cards, mut player) = line("kinds");
    let kinds: [(&str, &[&str]); 7] = [
        ("stereo44.mp3", &["-ac", "2", "-ar", "44100", "-b:a", "128k"]),
        ("mono22.mp3", &["-ac", "1", "-ar", "22050", "-b:a", "48k"]),
        // At the card's rate: our decoder leaves the encoder's lead-in of 1024 samples, which at another rate would be
        // no whole number of the card's, and a fit to half a sample costs likeness.
        ("a.m4a", &["-ac", "2", "-ar", "48000", "-c:a", "aac", "-b:a", "128k"]),
        ("a.ogg", &["-ac", "2", "-ar", "48000", "-c:a", "libvorbis"]),
        ("a.flac", &["-ac", "2", "-ar", "44100"]),
        ("speech22.wav", &["-ac", "1", "-ar", "22050"]),
        ("float96.wav", &["-ac", "2", "-ar", "96000", "-c:a", "pcm_f32le"]),
    ];
    for (n, (name, how)) in kinds.into_iter().enumerate() {
        let clip = cards.join(name);
        ffmpeg(&[&["-f", "lavfi", "-i", NOISE], how].concat(), &clip).expect("a clip");
        let wanted = decoded(&clip).expect("ffmpeg reads it");
        let (heard, _) = played(&cards, &mut player, 10 * n as u64 + 10, name);
        let begin = onset(&heard).expect("a sound").saturating_sub(2_400);
        let (same, _) = likeness(&heard[begin..], &wanted, 4_000);
        println!("{name}: {same:.5}");
        assert!(same > 0.99, "{name}: {same:.4}");
    }
}

#[test]
fn a_play_begins_where_it_is_told() {
    let (cards, mut player) = line("from");
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=500:d=9", "-ar", "44100", "-b:a", "96k"], &cards.join("a.mp3"))
        .expect("a clip");
    for (play, from_ms) in [(1, 8_000), (2, 1_000)] {
        player.tell(&format!("want left 100 {play} clip:a.mp3 {from_ms}")).expect("told");
        player.about(play, "sounding").expect("it sounds");
        if from_ms > 7_000 {
            let ended = player.about(play, "ended").expect("it ends");
            let ms = ended["played_ms"].as_u64().expect("a number");
            assert!((950..=1_060).contains(&ms), "{ended}");
        }
    }
}

#[test]
fn a_bad_file_says_why_and_the_next_play_sounds() {
    let (cards, mut player) = line("bad");
    let file = |name: &str, bytes: &[u8]| fs::write(cards.join(name), bytes).expect("a file");
    file("empty", b"");
    file("text.mp3", "Thông báo".repeat(1_000).as_bytes());
    file("zeros.wav", &[0; 100_000]);
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    file("noise", &noise);
    fs::create_dir(cards.join("directory")).expect("a directory");
    for (n, name) in ["absent", "empty", "text.mp3", "zeros.wav", "noise", "directory"].into_iter().enumerate() {
        let play = 10 * n as u64;
        player.tell(&format!("want left 100 {play} clip:{name} 0")).expect("told");
        let ended = player.about(play, "ended").expect("it ends");
        assert!(ended["broken"].as_str().is_some_and(|why| !why.is_empty()), "{name}: {ended}");
        let next = play + 1;
        player.tell(&format!("want left 100 {next} chime 0")).expect("told");
        player.about(next, "sounding").expect("the next one sounds");
        let ended = player.about(next, "ended").expect("the next one ends");
        assert_eq!((ended["played_ms"].as_u64(), ended["broken"].is_null()), (Some(1_100), true));
    }
}

/// The sound of a file up to where it was cut, and the reason.
fn cut(cards: &VirtualCards, player: &mut Player, whole: &Path, play: u64) {
    let bytes = fs::read(whole).expect("the whole file");
    fs::write(cards.join("cut"), &bytes[..bytes.len() / 2]).expect("half of it");
    player.tell(&format!("want left 100 {play} clip:cut 0")).expect("told");
    player.about(play, "sounding").expect("what is there sounds");
    let ended = player.about(play, "ended").expect("it ends");
    assert!(ended["broken"].as_str().is_some_and(|why| why.starts_with("cut off at")), "{ended}");
    let ms = ended["played_ms"].as_u64().expect("a number");
    assert!((700..1_300).contains(&ms), "{ended}");
}

#[test]
fn a_cut_off_file_plays_what_it_has_and_says_so() {
    let (cards, mut player) = line("cut");
    for (play, name) in [(1, "a.mp3"), (2, "a.wav"), (3, "a.flac")] {
        let whole = cards.join(name);
        ffmpeg(&["-f", "lavfi", "-i", NOISE, "-ar", "44100", "-ac", "1"], &whole).expect("a clip");
        cut(&cards, &mut player, &whole, play);
    }
}

#[test]
fn a_card_of_another_rate_plays_at_the_right_pitch() {
    let cards = VirtualCards::new("rate", &["vcard0@44100"]).expect("a virtual card");
    let clips = cards.join("").display().to_string();
    let mut player = Player::start(BENCH, &cards, &["--device", "vcard0", "--clips", &clips]).expect("a sound line");
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=3000:d=1", "-af", "volume=6", "-ar", "48000"], &cards.join("a.wav"))
        .expect("clip");
    // Told before the card has said its rate: made for the usual one, and made anew.
    player.tell("want right 100 1 tone:1 0").expect("told");
    player.tell("want left 100 2 clip:a.wav 0").expect("told");
    let ended = player.about(2, "ended").expect("it ends");
    assert_eq!(ended["played_ms"], 1_000);
    assert_eq!(player.state().expect("its state")["rate"], 44_100);
    let [left, right] = cards.heard("vcard0").expect("recording");
    let (clip, tone) = (onset(&left).expect("the clip"), onset(&right).expect("the tone"));
    // `pitch` takes what it is given for 48 kHz.
    let seen_as = |hz: f64| hz * 48_000.0 / 44_100.0;
    assert!(pitch(&left[clip + 441..clip + 40_000], seen_as(3_000.0)) > 0.3);
    assert!(pitch(&right[tone + 441..tone + 22_050], seen_as(520.0)) > 0.3);
}
