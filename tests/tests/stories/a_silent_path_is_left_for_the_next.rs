//! A path that proves silent is left for the next: the village hears the warning by radio when its cable is dead.

use gateway_core::bulletin::State;
use gateway_core::id::OutputId;
use site_tests::told::{Mishap, Told, bulletin};

#[test]
fn a_dead_sink_is_left_in_the_step_that_finds_it_dead() {
    let mut told = Told::new();
    told.world.set(&OutputId::Sink("hall".into()), Some(Mishap::Dead), told.now.mono);
    told.run(100);
    let jti = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    let zones = |t: &Told| t.site.air().addressed.get(&"fm-audio".into()).map(std::collections::BTreeSet::len);
    assert_eq!(zones(&told), Some(2), "thon-1 by its second path, thon-3 by its only one");
    assert_eq!(told.outcome("KC-1"), Some(State::Partial), "thon-2 has no second path");
    let ack = told.ack(&jti, "partial").expect("the closing rung");
    let of = |id: &str| {
        let found = ack["outputs"].as_array().and_then(|o| o.iter().find(|o| o["id"] == id)).cloned();
        found.map(|o| (o["result"].as_str().unwrap_or("").to_owned(), o["path"].as_str().unwrap_or("").to_owned()))
    };
    assert_eq!(of("thon-1"), Some(("done".to_owned(), "fm".to_owned())));
    assert_eq!(of("thon-2"), Some(("failed".to_owned(), "wired".to_owned())));
    assert_eq!(told.incidents("device_lost"), 1);
}

#[test]
fn a_sink_that_takes_everything_and_says_nothing_is_found_out_in_five_seconds() {
    let mut told = Told::new();
    told.world.set(&OutputId::Sink("hall".into()), Some(Mishap::Deaf), told.now.mono);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    let by_radio = |t: &Told| t.site.wants().coders.values().any(|c| c.zones.contains(&1));
    assert!(told.run_until(10_000, by_radio), "zone 1 of the transmitter is thon-1's second path");
    assert_eq!(told.incidents("silence_while_due"), 1);
    assert!(told.outcome("KC-1").is_some_and(State::is_final), "it does not stand for ever");
}
