//! Several sinks share a card, and each plays its own; a new play takes the place of the old one at once, and being told
//! twice changes nothing.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, ffmpeg};
use site_tests::vcard::signal::{loudness, onset, pitch};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
const MS: usize = 48;

fn line(label: &str, watch: Option<u8>, args: &[&str]) -> (VirtualCards, Player) {
    let cards = VirtualCards::watching(label, &["vcard0"], watch).expect("a virtual card");
    let clips = cards.join("").display().to_string();
    let clip = cards.join("sine.wav");
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=3000:d=60", "-af", "volume=6", "-ar", "48000", "-ac", "1"], &clip)
        .expect("clip");
    let args = [&["--device", "vcard0", "--clips", clips.as_str()], args].concat();
    let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
    player.wait("the card", |v| v["report"] == "well").expect("the card opens");
    (cards, player)
}

/// Waits until the card has taken `ms` more than `from`, and returns both channels of that stretch.
fn stretch(cards: &VirtualCards, from: usize, ms: usize) -> [Vec<i16>; 2] {
    let heard = || cards.heard("vcard0").expect("recording");
    cards.wait("vcard0", "a stretch of sound", |_| heard()[1].len() >= from + ms * MS).expect("the card goes on");
    heard().map(|side| side[from..from + ms * MS].to_vec())
}

fn now(cards: &VirtualCards) -> usize {
    cards.heard("vcard0").expect("recording")[0].len()
}

#[test]
fn two_sinks_of_one_card_play_different_things_at_once() {
    let (cards, mut player) = line("two", None, &[]);
    player.tell("want left 100 1 tone:1 0").expect("told");
    player.tell("want right 100 2 clip:sine.wav 0").expect("told");
    player.about(2, "sounding").expect("the clip sounds");
    let [left, right] = stretch(&cards, now(&cards) + 100 * MS, 500);
    // It goes to and fro between the two, at the loudness of an emergency.
    assert!(pitch(&left, 520.0).max(pitch(&left, 650.0)) > 0.12);
    assert!(pitch(&left, 3_000.0) < 0.01, "the clip leaks to the left");
    assert!(pitch(&right, 3_000.0) > 0.3, "{}", pitch(&right, 3_000.0));
    assert!(pitch(&right, 520.0).max(pitch(&right, 650.0)) < 0.01, "the tone leaks to the right");
    // One falls silent; the other does not notice.
    player.tell("want left 100").expect("told");
    let [left, right] = stretch(&cards, now(&cards) + 200 * MS, 300);
    assert!(loudness(&left) == 0.0 && pitch(&right, 3_000.0) > 0.3);
    player.stop().expect("it stops");
}

#[test]
fn a_sink_may_have_both_channels() {
    let (cards, mut player) = line("both", None, &["--sink", "hall=0,1"]);
    player.tell("want hall 100 1 tone:2 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    let [left, right] = stretch(&cards, now(&cards), 200);
    assert!(left == right && onset(&left).is_some());
}

#[test]
fn an_alert_takes_the_place_of_a_programme_at_once() {
    let (cards, mut player) = line("preempt", Some(0), &[]);
    player.tell("want left 40 1 clip:sine.wav 0").expect("told");
    player.about(1, "sounding").expect("the programme sounds");
    stretch(&cards, now(&cards), 300);
    let before = now(&cards);
    player.tell("want left 100 2 tone:5 0").expect("told");
    let told = player.wait("the answer", |v| v["applied"] == "left").expect("it was told");
    let sounding = player.about(2, "sounding").expect("the alert sounds");
    let ms = |v: &serde_json::Value| v["mono_ns"].as_u64().expect("a time") as f64 / 1e6;
    println!(
        "told in {} µs, reported sounding after {:.1} ms",
        told["took_ns"].as_u64().unwrap_or(0) / 1000,
        ms(&sounding) - ms(&told)
    );
    let [left, _] = stretch(&cards, before, 600);
    let change = left.chunks(MS).position(|c| loudness(c) > 0.25).expect("the tone is louder than the programme");
    println!("the tone was taken by the card within {change} ms of the recording when it was told");
    let programme = left[(change + 10) * MS..].chunks(100 * MS).map(|c| pitch(c, 3_000.0)).fold(0.0, f64::max);
    assert!(programme < 0.2, "the programme goes on under the alert: {programme}");
    // Opening the card anew with longer periods, on a machine as busy as that, may cost a few of these.
    let pauses = left[change * MS..].chunks(10 * MS).filter(|c| loudness(c) < 0.2).count();
    assert!(pauses <= 6, "the alert pauses for {pauses} × 10 ms");
    player.tell("want left 40").expect("told");
    player.stop().expect("it stops");
    assert_eq!(player.story(), ["sounding 1", "sounding 2"], "what was replaced is not reported as ended");
}

#[test]
fn being_told_twice_changes_nothing_and_volume_follows() {
    let (cards, mut player) = line("twice", None, &[]);
    player.tell("want left 100 1 clip:sine.wav 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    let [loud, _] = stretch(&cards, now(&cards), 300);
    for _ in 0..20 {
        player.tell("want left 100 1 clip:sine.wav 0").expect("told");
    }
    let [same, _] = stretch(&cards, now(&cards), 300);
    assert!(same.chunks(MS).all(|c| loudness(c) > 0.2), "it started anew");
    player.tell("want left 50 1 clip:sine.wav 0").expect("told");
    let [half, _] = stretch(&cards, now(&cards) + 200 * MS, 300);
    let ratio = loudness(&half) / loudness(&loud);
    assert!((ratio - 0.25).abs() < 0.01, "50 % is {ratio}");
    player.tell("want nobody 100 9 chime 0").expect("told");
    let answer = player.wait("the answer", |v| v["applied"] == "nobody").expect("it answers");
    assert_eq!(answer["known"], false);
    player.stop().expect("it stops");
    assert_eq!(player.story(), ["sounding 1"]);
}

#[test]
fn a_storm_of_changes_ends_in_the_last_of_them() {
    let (cards, mut player) = line("storm", None, &[]);
    for play in 0..300 {
        let source = ["tone:1", "chime", "clip:sine.wav", "drill:4"][play % 4];
        player.tell(&format!("want left {} {play} {source} 0", 10 + play % 90)).expect("told");
    }
    player.tell("want left 100 999 clip:sine.wav 0").expect("told");
    player.about(999, "sounding").expect("the last one sounds");
    let [left, _] = stretch(&cards, now(&cards) + 50 * MS, 300);
    assert!(pitch(&left, 3_000.0) > 0.3);
    player.stop().expect("it stops");
}
