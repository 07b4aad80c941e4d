//! The attention tone is heard: at once, with the pitches of its risk level, for as long as it is wanted, and on the
//! channels of its sink alone.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::Player;
use site_tests::vcard::signal::{loudness, onset, pitch};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
const MS: usize = 48;

/// What is heard on the left card channel once it holds `ms` of sound after `from`.
fn heard(cards: &VirtualCards, from: usize, ms: usize) -> Vec<i16> {
    cards
        .wait("vcard0", "enough sound", |_| {
            let left = &cards.heard("vcard0").expect("recording")[0];
            left.get(from..).and_then(|s| Some(s.len() - onset(s)?)).is_some_and(|n| n > ms * MS)
        })
        .expect("the card goes on");
    let left = cards.heard("vcard0").expect("recording")[0].split_off(from);
    let begin = onset(&left).expect("a sound");
    left[begin..begin + ms * MS].to_vec()
}

/// Plays the tone of a level and returns 1.3 s of it, from its first sample, then waits for silence. Once more where the
/// card ran dry.
fn undisturbed(cards: &VirtualCards, player: &mut Player, level: u64) -> Vec<i16> {
    for attempt in 0..5 {
        let (play, from) = (10 * level + attempt, cards.heard("vcard0").expect("recording")[0].len());
        let before = cards.breaks("vcard0").expect("record");
        player.tell(&format!("want left 100 {play} tone:{level} 0")).expect("told");
        player.about(play, "sounding").expect("it sounds");
        let sound = heard(cards, from, 1_300);
        let whole = cards.breaks("vcard0").expect("record") == before;
        player.tell("want left 100").expect("told");
        cards
            .wait("vcard0", "silence", |_| {
                let left = &cards.heard("vcard0").expect("recording")[0];
                left[left.len() - 100 * MS..].iter().all(|s| *s == 0)
            })
            .expect("it stops");
        if whole {
            return sound;
        }
    }
    panic!("the card ran dry in each of five plays");
}

#[test]
fn each_level_has_its_own_two_pitches_by_turns() {
    let cards = VirtualCards::new("tone", &["vcard0"]).expect("a virtual card");
    let mut player = Player::start(BENCH, &cards, &["--device", "vcard0"]).expect("a sound line");
    player.report("left", "well").expect("the card opens");
    for (level, low, high, hold) in [
        (1, 520.0, 650.0, 600),
        (2, 580.0, 780.0, 300),
        (3, 660.0, 880.0, 200),
        (4, 740.0, 1110.0, 150),
        (5, 800.0, 1400.0, 100),
    ] {
        let sound = undisturbed(&cards, &mut player, level);
        for turn in 0..1_200 / hold {
            // The middle of the note: clear of its neighbours.
            let note = &sound[(turn * hold + hold / 4) * MS..(turn * hold + 3 * hold / 4) * MS];
            let (right, wrong) = if turn % 2 == 0 { (low, high) } else { (high, low) };
            assert!(pitch(note, right) > 0.25, "level {level} note {turn}: {} at {right} Hz", pitch(note, right));
            assert!(pitch(note, wrong) < 0.1, "level {level} note {turn}: {} at {wrong} Hz", pitch(note, wrong));
        }
        assert!(sound.chunks(10 * MS).all(|c| loudness(c) > 0.2), "level {level} pauses");
    }
    let right = &cards.heard("vcard0").expect("recording")[1];
    assert!(right.iter().all(|s| *s == 0), "the other channel is silent");
    player.stop().expect("it stops");
}

#[test]
fn a_drill_sounds_unlike_the_real_thing() {
    let cards = VirtualCards::new("drill", &["vcard0"]).expect("a virtual card");
    let mut player = Player::start(BENCH, &cards, &[]).expect("a sound line on the default card");
    player.report("left", "well").expect("the card opens");
    player.tell("want left 100 1 drill:3 0").expect("told");
    let sound = heard(&cards, 0, 1_300);
    let pips = &sound[10 * MS..100 * MS];
    assert!(pitch(pips, 1000.0) > 0.25);
    assert!(loudness(&sound[120 * MS..210 * MS]) < 0.001, "a pause after the first pip");
    assert!(loudness(&sound[700 * MS..1_150 * MS]) < 0.001, "silence after the third pip");
    assert!(pitch(&sound[1_210 * MS..1_300 * MS], 1000.0) > 0.25, "and again");
}
