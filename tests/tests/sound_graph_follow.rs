//! What follows, what lies beneath, and how one sound gives way to another, as it left the card.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, decoded, ffmpeg};
use site_tests::vcard::signal::{exactly, loudness, onset, pitch};
use std::fs;

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
const MS: usize = 48;

/// A line on `vcard0` with three clips of noise, each nowhere like itself or the others.
fn line(label: &str, args: &[&str]) -> (VirtualCards, Player) {
    let cards = VirtualCards::new(label, &["vcard0"]).expect("a virtual card");
    let clips = cards.join("").display().to_string();
    for (name, seed, seconds) in [("a", 1, "0.703"), ("b", 2, "0.5"), ("c", 3, "3")] {
        let noise = format!("anoisesrc=seed={seed}:duration={seconds}:color=pink:amplitude=0.4:sample_rate=48000");
        ffmpeg(&["-f", "lavfi", "-i", &noise, "-ac", "1"], &cards.join(&format!("{name}.wav"))).expect("a clip");
    }
    let args = [&["--device", "vcard0", "--clips", clips.as_str()], args].concat();
    let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
    player.wait("the card", |v| v["report"] == "well").expect("the card opens");
    (cards, player)
}

fn clip(cards: &VirtualCards, name: &str) -> Vec<i16> {
    decoded(&cards.join(&format!("{name}.wav"))).expect("ffmpeg reads it")
}

fn left(cards: &VirtualCards) -> Vec<i16> {
    let [left, _] = cards.heard("vcard0").expect("recording");
    left
}

/// Until it worked on a card that did not run dry meanwhile.
fn undisturbed<T>(cards: &VirtualCards, mut story: impl FnMut(u64) -> T) -> T {
    for attempt in 1..=5 {
        let before = cards.breaks("vcard0").expect("record");
        let outcome = story(10 * attempt);
        if cards.breaks("vcard0").expect("record") == before {
            return outcome;
        }
    }
    panic!("the card ran dry in each of five stories");
}

#[test]
fn three_clips_leave_as_one() {
    let (cards, mut player) = line("follow", &[]);
    let wanted = [clip(&cards, "a"), clip(&cards, "b"), clip(&cards, "a")].concat();
    let heard = undisturbed(&cards, |n| {
        let (from, [a, b, again]) = (left(&cards).len(), [n, n + 1, n + 2]);
        player.tell(&format!("want left 100 {a} clip:a.wav 0 next {b} clip:b.wav 0")).expect("told");
        player.about(b, "sounding").expect("the second begins by itself");
        // The caller hears of it and names the one after that.
        player.tell(&format!("want left 100 {b} clip:b.wav 0 next {again} clip:a.wav 0")).expect("told");
        let ended = player.about(again, "ended").expect("the third ends");
        assert_eq!(ended["played_ms"], 703);
        player.tell("want left 100").expect("told");
        left(&cards).split_off(from)
    });
    assert!(exactly(&heard, &wanted).is_some(), "not sample for sample");
    let story = player.story();
    let last = &story[story.len() - 6..];
    let orders: Vec<&str> = last.iter().map(|s| s.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(orders, ["sounding", "ended", "sounding", "ended", "sounding", "ended"], "{last:?}");
    player.stop().expect("it stops");
}

#[test]
fn what_was_pre_empted_goes_on_at_the_same_sample() {
    let (cards, mut player) = line("held", &[]);
    let whole = clip(&cards, "c");
    let heard = undisturbed(&cards, |n| {
        let from = left(&cards).len();
        player.tell(&format!("want left 100 {n} clip:c.wav 0")).expect("told");
        player.about(n, "sounding").expect("it sounds");
        cards.wait("vcard0", "a second of it", |_| left(&cards).len() > from + 1_300 * MS).expect("it goes on");
        player.tell(&format!("want left 100 {} tone:5 0 under held {n} clip:c.wav 0", n + 1)).expect("told");
        player.about(n + 1, "sounding").expect("the tone sounds");
        player.tell(&format!("want left 100 {n} clip:c.wav 0")).expect("told");
        let ended = player.about(n, "ended").expect("the clip ends");
        assert_eq!(ended["played_ms"], 3_000, "all of it was played");
        player.tell("want left 100").expect("told");
        left(&cards).split_off(from)
    });
    // Its beginning, up to the tone, and its end, from the tone on, are there sample for sample, and between them no more
    // is missing than what faded: 3 ms out, 5 ms in, and what the tone kept the limiter busy with, which is nothing.
    let begin = exactly(&heard, &whole[..900 * MS]).expect("the beginning");
    let tail = 1_500 * MS;
    let end = exactly(&heard, &whole[whole.len() - tail..]).expect("the end");
    let same_before = (0..whole.len()).take_while(|i| heard[begin + i] == whole[*i]).count();
    let shift = end + tail;
    let same_after = (0..whole.len()).take_while(|i| heard[shift - 1 - i] == whole[whole.len() - 1 - i]).count();
    let missing = whole.len() - same_before - same_after;
    println!("{missing} samples of the clip lie in the fades");
    assert!(missing <= 8 * MS + 2, "{missing}");
    player.stop().expect("it stops");
}

#[test]
fn what_is_ducked_is_heard_far_lower_and_what_is_unheard_is_not() {
    let (cards, mut player) = line("duck", &[]);
    let tone = cards.join("low.wav");
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=3000:d=30", "-af", "volume=4", "-ar", "48000"], &tone).expect("a clip");
    for (n, how, least, most) in [(10, "ducked", 0.045, 0.055), (20, "unheard", 0.0, 0.0005)] {
        player.tell(&format!("want left 100 {n} clip:low.wav 0")).expect("told");
        player.about(n, "sounding").expect("it sounds");
        let over = format!("want left 100 {} clip:b.wav 0 under {how} {n} clip:low.wav 0", n + 1);
        player.tell(&over).expect("told");
        player.about(n + 1, "ended").expect("what stood above it ends");
        let heard = left(&cards);
        // The last tenth of a second, when nothing else sounds, is what is beneath alone.
        cards.wait("vcard0", "more", |_| left(&cards).len() > heard.len() + 200 * MS).expect("it goes on");
        let beneath = left(&cards)[heard.len() + 50 * MS..][..100 * MS].to_vec();
        let seen = pitch(&beneath, 3_000.0);
        assert!((least..=most).contains(&seen), "{how}: {seen}");
        let back = left(&cards).len();
        player.tell(&format!("want left 100 {n} clip:low.wav 0")).expect("told");
        cards.wait("vcard0", "its full level", |_| left(&cards).len() > back + 800 * MS).expect("it comes back");
        let heard = left(&cards);
        assert!(pitch(&heard[heard.len() - 100 * MS..], 3_000.0) > 0.45, "{how}: it is not back");
    }
    player.tell("want left 100").expect("told");
    player.stop().expect("it stops");
    let about: Vec<_> = player.story().into_iter().filter(|s| s.ends_with(" 10") || s.ends_with(" 20")).collect();
    // The last may not have been read yet.
    assert_eq!(
        about[..3],
        ["sounding 10", "sounding 10", "sounding 20"],
        "what comes back is told anew, and never ends"
    );
}

#[test]
fn a_cross_fade_keeps_the_power() {
    let (cards, mut player) = line("cross", &["--processing", "-16,6,-1,0,400,20"]);
    let (a, b) = (clip(&cards, "a"), clip(&cards, "b"));
    let heard = undisturbed(&cards, |n| {
        let from = left(&cards).len();
        player.tell(&format!("want left 100 {n} clip:a.wav 0 next {} clip:b.wav+cross 0", n + 1)).expect("told");
        player.about(n + 1, "ended").expect("the second ends");
        player.tell("want left 100").expect("told");
        left(&cards).split_off(from)
    });
    let begin = exactly(&heard, &a[..200 * MS]).expect("the beginning of the first");
    let end = exactly(&heard, &b[b.len() - 100 * MS..]).expect("the end of the second") + 100 * MS;
    let overlap = a.len() + b.len() - (end - begin);
    println!("they overlap by {} ms", overlap / MS);
    assert!((345..=400).contains(&(overlap / MS)), "half of the first is 351 ms");
    // Two noises of one power: the middle of the change is as loud as either of them, within the chance of short pieces.
    let middle = begin + a.len() - overlap / 2;
    let (both, one) = (loudness(&heard[middle - 60 * MS..middle + 60 * MS]), loudness(&a));
    println!("in the middle {:.2} dB of one alone", 20.0 * (both / one).log10());
    assert!((20.0 * (both / one).log10()).abs() < 1.5, "{both} beside {one}");
    player.stop().expect("it stops");
}

#[test]
fn those_who_listen_hear_what_left() {
    let dir = VirtualCards::new("ears", &[]).expect("a directory");
    let heard_at = dir.join("").display().to_string();
    let (cards, mut player) = line("listen", &["--listen", &heard_at]);
    player.tell("want left 100 1 clip:a.wav 0 next 2 clip:b.wav 0").expect("told");
    player.wait("the first to be due", |v| v["sink"] == "left" && v["due"] == 1).expect("it is due");
    player.wait("the second to be due", |v| v["sink"] == "left" && v["due"] == 2).expect("it is due");
    let none = player.wait("silence", |v| v["sink"] == "left" && !v["gap"].is_null() && v["due"].is_null());
    none.expect("nothing is due");
    player.stop().expect("it stops");
    let said = |key: &str| player.said.iter().filter(|v| v[key] == true).count();
    assert_eq!(said("gap"), 0, "nothing was lost");
    let bytes = fs::read(dir.join("left.left")).expect("what was listened to");
    let heard: Vec<i16> = bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    let wanted = [clip(&cards, "a"), clip(&cards, "b")].concat();
    assert!(exactly(&heard, &wanted).is_some(), "not sample for sample");
    let right = fs::read(dir.join("right.left")).expect("the other sink");
    assert!(right.len() > 48_000 && right.iter().all(|b| *b == 0), "the other sink is silent");
    assert!(onset(&heard).is_some());
}
