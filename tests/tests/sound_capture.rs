//! What comes in through a card goes out as it came in, on several sinks, and comes back when the card does.

use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::Player;
use site_tests::vcard::signal::{likeness, loudness};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");

/// A second of low noise, another on each channel: the rate gives way a little, which high pitches would not bear
/// in a comparison.
fn noise(seed: u64) -> Vec<i16> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut slow, mut slower) = (0.0, 0.0);
    let mut next = || {
        slow += (dice.f64() - 0.5 - slow) * 0.02;
        slower += (slow - slower) * 0.02;
        (slower * 200_000.0).clamp(-30_000.0, 30_000.0) as i16
    };
    (0..48_000).map(|_| next()).collect()
}

/// How alike the last tenth of a second is to some place of what came in, which comes over and over.
fn like(heard: &[i16], spoken: &[i16]) -> f64 {
    let piece = &heard[heard.len() - 4_800..];
    likeness(&[spoken, spoken].concat(), piece, spoken.len() + 100).0
}

#[test]
fn a_microphone_is_heard_on_two_sinks_and_again_after_it_was_pulled_out() {
    let cards = VirtualCards::new("capture", &["vcard0", "mic0"]).expect("virtual cards");
    let (left, right) = (noise(1), noise(2));
    cards.speak("mic0", [&left, &right]).expect("written");
    let args = ["--device", "vcard0", "--input", "one=capture:mic0:0", "--input", "two=capture:mic0:1"];
    let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
    player.report("left", "well").expect("the card opens");
    player.tell("want left 100 1 input:one 0").expect("told");
    player.tell("want right 100 2 input:two 0").expect("told");
    player.about(1, "sounding").expect("it sounds");
    let settled = |what: &str, from: usize| {
        cards
            .wait("vcard0", what, |_| {
                let [l, r] = cards.heard("vcard0").expect("recording");
                // The rate has settled; a busy machine may lose a period now and then, so any whole piece will do.
                l.len() > from + 96_000 && like(&l, &left) > 0.99 && like(&r, &right) > 0.99
            })
            .expect("it sounds as it was spoken");
    };
    settled("the microphone", 0);
    cards.unplug("mic0", true).expect("pulled out");
    cards
        .wait("vcard0", "silence", |_| {
            let l = &cards.heard("vcard0").expect("recording")[0];
            loudness(&l[l.len() - 9_600..]) < 0.000_1
        })
        .expect("nothing comes in");
    let from = cards.heard("vcard0").expect("recording")[0].len();
    cards.unplug("mic0", false).expect("put back");
    settled("the microphone again", from);
    player.tell("want left 100").expect("told");
    player.tell("want right 100").expect("told");
    player.stop().expect("it stops");
    assert!(!player.story().iter().any(|s| s.starts_with("ended")), "{:?}", player.story());
}
