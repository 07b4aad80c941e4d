//! A card that is pulled out, taken by another, hangs, or was never there is a fault and no more: when it is back, what
//! is wanted sounds again.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, ffmpeg};
use site_tests::vcard::signal::loudness;
use std::process::{Command, Stdio};
use std::time::Duration;

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");

fn line(label: &str) -> (VirtualCards, Player) {
    let cards = VirtualCards::new(label, &["vcard0"]).expect("a virtual card");
    let clips = cards.join("").display().to_string();
    let player = Player::start(BENCH, &cards, &["--device", "vcard0", "--clips", &clips]).expect("a sound line");
    (cards, player)
}

/// Both sinks of the line report it.
fn both(player: &mut Player, report: &str) {
    player.report("left", report).expect("the left sink's report");
    player.report("right", report).expect("the right sink's report");
}

#[test]
fn a_card_pulled_out_and_put_back_sounds_again() {
    let (cards, mut player) = line("unplug");
    both(&mut player, "well");
    player.tell("want left 100 1 tone:3 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    for _ in 0..3 {
        cards.unplug("vcard0", true).expect("pulled out");
        both(&mut player, "fault");
        let before = cards.heard("vcard0").expect("recording")[0].len();
        cards.unplug("vcard0", false).expect("put back");
        both(&mut player, "well");
        player.about(1, "sounding").expect("it sounds again, though nobody said so again");
        cards
            .wait("vcard0", "the tone", |_| {
                let left = &cards.heard("vcard0").expect("recording")[0][before..];
                left.len() > 4_800 && loudness(&left[left.len() - 480..]) > 0.2
            })
            .expect("the tone is heard");
        let left = &cards.heard("vcard0").expect("recording")[0][before..];
        assert!(left[..12].iter().all(|s| s.unsigned_abs() < 2_000), "it comes in from silence");
    }
    player.stop().expect("it stops");
}

#[test]
fn a_clip_goes_on_where_the_card_was_pulled_out() {
    let (cards, mut player) = line("goon");
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=440:d=3", "-ar", "48000"], &cards.join("a.wav")).expect("a clip");
    both(&mut player, "well");
    player.tell("want left 100 1 clip:a.wav 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    cards.unplug("vcard0", true).expect("pulled out");
    both(&mut player, "fault");
    // What is told meanwhile holds when the card is back.
    player.tell("want right 100 2 chime 0").expect("told");
    cards.unplug("vcard0", false).expect("put back");
    let ended = player.about(1, "ended").expect("it ends");
    assert_eq!(ended["played_ms"], 3_000);
    assert!(ended["broken"].is_null());
    let story = player.story();
    assert_eq!(story.iter().filter(|s| *s == "sounding 1").count(), 2, "{story:?}");
    assert!(story.contains(&"ended 2".to_owned()), "{story:?}");
}

#[test]
fn a_busy_card_is_a_fault_until_it_is_free() {
    let cards = VirtualCards::new("busy", &["vcard0"]).expect("a virtual card");
    let mut other = Command::new("aplay")
        .args(["-q", "-D", "vcard0", "-f", "S16_LE", "-r", "48000", "-c", "2", "/dev/zero"])
        .env("ALSA_CONFIG_PATH", cards.config())
        .stderr(Stdio::null())
        .spawn()
        .expect("aplay");
    cards.wait("vcard0", "aplay", |r| r.iter().any(|h| h.ev == "start")).expect("aplay has the card");
    let mut player = Player::start(BENCH, &cards, &["--device", "vcard0"]).expect("a sound line");
    player.tell("want right 100 7 chime 0").expect("told");
    both(&mut player, "fault");
    other.kill().expect("aplay ends");
    other.wait().expect("aplay has ended");
    both(&mut player, "well");
    player.about(7, "sounding").expect("what was wanted all the time sounds");
    player.about(7, "ended").expect("and ends");
    player.stop().expect("it stops");
}

#[test]
fn a_card_that_hangs_is_a_fault_and_is_opened_anew() {
    let (cards, mut player) = line("stall");
    both(&mut player, "well");
    player.tell("want left 100 1 tone:2 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    cards.stall("vcard0", true).expect("it hangs");
    let fault = player.report("left", "fault").expect("it is noticed");
    assert!(fault["why"].as_str().is_some_and(|w| w.contains("stalled")), "{fault}");
    cards.stall("vcard0", false).expect("it goes on");
    both(&mut player, "well");
    player.about(1, "sounding").expect("it sounds again");
}

#[test]
fn a_card_that_is_not_there_is_a_fault_and_stopping_is_still_quick() {
    let cards = VirtualCards::new("absent", &["vcard0"]).expect("a virtual card");
    let mut player = Player::start(BENCH, &cards, &["--device", "nosuch"]).expect("a sound line");
    let fault = player.report("left", "fault").expect("it is said");
    assert!(fault["why"].as_str().is_some_and(|w| w.contains("nosuch")), "{fault}");
    player.tell("want left 100 1 tone:1 0").expect("told");
    player.stop().expect("it stops");
}

#[test]
fn stopping_fades_out_before_the_card_is_closed() {
    let (cards, mut player) = line("stop");
    both(&mut player, "well");
    player.tell("want left 100 1 tone:1 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    player.stop().expect("it stops");
    let left = &cards.heard("vcard0").expect("recording")[0];
    let record = cards.record("vcard0").expect("record");
    let period = record.iter().rfind(|h| h.ev == "start").expect("it started").period as usize;
    assert!(left[left.len() - 2 * period..].iter().all(|s| *s == 0), "the last two periods are silence");
    let end = left.iter().rposition(|s| *s != 0).expect("it sounded");
    assert!(left[end - 5..=end].iter().all(|s| s.unsigned_abs() < 1_500), "it fades, it is not cut");
    assert!(record.iter().any(|h| h.ev == "close"));
}

#[test]
fn a_machine_that_is_too_slow_for_short_periods_gets_longer_ones() {
    let (cards, mut player) = line("slow");
    both(&mut player, "well");
    player.tell("want left 100 1 tone:1 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    let first = player.state().expect("its state")["period_frames"].as_u64().expect("a number");
    for times in 1..=3 {
        // Longer than the card's ring holds; nothing can be awaited while the process is stopped.
        player.hold_up(Duration::from_millis(150)).expect("held up");
        cards
            .wait("vcard0", "the card to run dry and start again", |r| {
                let dry = r.iter().filter(|h| h.ev == "xrun").count();
                dry >= times && r.iter().rposition(|h| h.ev == "start") > r.iter().rposition(|h| h.ev == "xrun")
            })
            .expect("it ran dry");
    }
    cards.wait("vcard0", "longer periods", |r| r.last().is_some_and(|h| h.period > first)).expect("longer periods");
    let from = cards.heard("vcard0").expect("recording")[0].len();
    cards
        .wait("vcard0", "the tone", |_| {
            let left = &cards.heard("vcard0").expect("recording")[0][from..];
            left.len() > 9_600 && loudness(&left[left.len() - 480..]) > 0.2
        })
        .expect("the tone goes on");
    player.stop().expect("it stops");
    assert!(!player.said.iter().any(|v| v["report"] == "fault"), "running dry is no fault");
    assert_eq!(player.story(), ["sounding 1"]);
}

#[test]
fn a_card_without_a_clock_is_a_fault() {
    let cards = VirtualCards::new("null", &["vcard0"]).expect("a virtual card");
    let mut player = Player::start(BENCH, &cards, &["--device", "null"]).expect("a sound line");
    let fault = player.report("left", "fault").expect("it is noticed");
    assert!(fault["why"].as_str().is_some_and(|w| w.contains("keeping time")), "{fault}");
    player.stop().expect("it stops");
}
