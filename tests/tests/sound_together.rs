//! Two cards, one 200 ppm fast and one 200 ppm slow, and two network sinks are told one programme: they stay within 10 ms
//! of each other, from the first moment on and across what follows without a gap. `sound_bench --together 3600` is the same
//! for an hour.

use site_tests::together::{Outcome, Told, run};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
/// How long, seconds: left alone, the cards would be 16 ms apart in the end.
const SECONDS: u32 = 40;
/// Two horns that are no further apart sound as one outdoors, milliseconds.
const TOGETHER_MS: f64 = 10.0;
/// All four sinks, in the order of [`site_tests::together::Look`].
const ALL: [usize; 4] = [0, 1, 2, 3];

/// What is the matter with what was measured, if anything is.
fn judged(outcome: &Outcome) -> Result<(), String> {
    let all = outcome.spreads(&ALL, 0.0, f64::INFINITY);
    if all.len() != SECONDS as usize {
        return Err(format!("{} of {SECONDS} moments were found everywhere", all.len()));
    }
    if all.iter().any(|ms| *ms >= TOGETHER_MS) {
        return Err(format!("apart, ms: {all:.1?}"));
    }
    // What the crystals would do in half of the time is 8 ms.
    let mean = |from: f64, to: f64| {
        let spreads = outcome.spreads(&ALL, from, to);
        spreads.iter().sum::<f64>() / spreads.len() as f64
    };
    let (early, late) = (mean(12.0, 22.0), mean(32.0, 42.0));
    if late - early > 2.0 { Err(format!("they part: from {early:.1} ms to {late:.1} ms")) } else { Ok(()) }
}

#[test]
fn two_cards_and_two_network_sinks_sound_as_one() {
    let mut why = String::new();
    for seed in 1..=3 {
        let told = Told { seconds: SECONDS, item_s: 9, seed, tell: false };
        let outcome = run(BENCH, &told, |_| Ok(())).expect("they play");
        println!("{}", outcome.table());
        assert!(outcome.trouble.is_empty(), "{:?}", outcome.trouble);
        match judged(&outcome) {
            Ok(()) => return,
            // A card that ran dry has lost sound, which takes some seconds to be made good, on a machine that had none to
            // spare.
            Err(said) if outcome.breaks[..2] != [0, 0] => why = said,
            Err(said) => panic!("{said}"),
        }
    }
    panic!("in each of three programmes a card ran dry and then: {why}");
}
