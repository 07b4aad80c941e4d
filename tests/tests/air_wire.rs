//! What a card took is compared with what was meant: the right clip, another one, and nothing at all are told apart.

use drivers::sound::air::{Verdict, compare};
use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::{Player, decoded, ffmpeg};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");

fn floats(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|s| f32::from(*s) / 32_768.0).collect()
}

#[test]
fn a_recording_of_what_left_is_known_for_what_it_is() {
    let cards = VirtualCards::new("air-wire", &["vcard0"]).expect("a virtual card");
    for (name, seed) in [("a.mp3", 1), ("b.mp3", 4)] {
        let noise = format!(
            "anoisesrc=seed={seed}:duration=2:color=pink:amplitude=0.3:sample_rate=48000,tremolo=f={seed}.3:d=0.9"
        );
        ffmpeg(&["-f", "lavfi", "-i", &noise, "-ac", "1", "-b:a", "96k"], &cards.join(name)).expect("a clip");
    }
    let clips = cards.join("").display().to_string();
    let mut player = Player::start(BENCH, &cards, &["--device", "vcard0", "--clips", &clips]).expect("a sound line");
    player.report("left", "well").expect("the card opens");
    let from = cards.heard("vcard0").expect("recording")[0].len();
    player.tell("want left 100 1 clip:a.mp3 0").expect("told");
    player.about(1, "ended").expect("it ends");
    player.stop().expect("it stops");
    let [left, right] = cards.heard("vcard0").expect("recording").map(|mut channel| floats(&channel.split_off(from)));
    let begin = left.iter().position(|s| s.abs() > 0.001).expect("a sound").saturating_sub(4_800);
    let (left, right) = (&left[begin..], &right[begin..]);
    let clip = |name: &str| floats(&decoded(&cards.join(name)).expect("ffmpeg reads it"));
    let same = compare(&clip("a.mp3"), left, 48_000);
    println!("{same:?}");
    assert_eq!(same.verdict, Verdict::Same, "{same:?}");
    let other = compare(&clip("b.mp3"), left, 48_000);
    assert_eq!(other.verdict, Verdict::Different, "{other:?}");
    let nothing = compare(&clip("a.mp3"), right, 48_000);
    assert_eq!(nothing.verdict, Verdict::Silent, "{nothing:?}");
}
