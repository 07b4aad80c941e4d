//! The tone starts at once and goes on until every output is keyed, five seconds at most; then the words come.

use gateway_core::id::OutputId;
use site_tests::told::{Mishap, Told, bulletin};

fn words_after(told: &mut Told) -> u64 {
    let at = told.now.mono;
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"), "in the step that admits it");
    assert!(told.run_until(60_000, |t| t.heard_at("hall", "Vỡ đập.").is_some()));
    told.heard_at("hall", "Vỡ đập.").map_or(0, |m| m.since(at))
}

#[test]
fn one_turn_of_the_tone_where_everything_answers() {
    let after = words_after(&mut Told::new());
    assert!((1_200..1_500).contains(&after), "{after} ms");
}

#[test]
fn a_slow_amplifier_is_waited_for() {
    let mut told = Told::new();
    told.world.set(&OutputId::Switch("amp2".into()), Some(Mishap::Slow), told.now.mono);
    let after = words_after(&mut told);
    assert!((3_000..3_500).contains(&after), "{after} ms");
}

#[test]
fn a_deaf_one_is_not_waited_for_longer_than_five_seconds() {
    let mut told = Told::new();
    told.world.set(&OutputId::Switch("amp2".into()), Some(Mishap::Deaf), told.now.mono);
    let after = words_after(&mut told);
    assert!((4_900..=5_100).contains(&after), "{after} ms");
}
