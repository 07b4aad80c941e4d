//! Relay, warm-up, carrier, code, then words; and back in the opposite order.

use gateway_core::bulletin::State;
use gateway_core::id::OutputId;
use gateway_core::time::Mono;
use site_tests::told::{Mishap, Told, bulletin};

#[test]
fn mains_then_carrier_then_zones_and_back() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["targets"] = serde_json::json!({"clusters": ["thon-3"], "boards": []});
    told.send("bulletin", &body);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.run(30_000);
    let moments = |id| -> Vec<(Mono, String)> { told.turned(&id) };
    let mains = moments(OutputId::Switch("mains".into()));
    let carrier = moments(OutputId::Transmitter("fm".into()));
    let zones = moments(OutputId::Coder("fm".into()));
    let levels = |of: &[(Mono, String)]| of.iter().map(|(_, w)| w.clone()).collect::<Vec<_>>();
    assert_eq!(levels(&mains), ["true", "false"]);
    assert_eq!(levels(&carrier), ["true", "false"]);
    assert_eq!(levels(&zones), ["{3}", "{}"]);
    assert!(carrier[0].0.since(mains[0].0) >= 700, "200 ms until the mains are steady, 500 ms of warming up");
    let words = told.heard_at("fm-audio", "Vỡ đập.").expect("it is said");
    assert!(mains[0].0 < carrier[0].0 && carrier[0].0 < zones[0].0 && zones[0].0 < words, "on in order");
    assert!(zones[1].0 < carrier[1].0 && carrier[1].0 < mains[1].0, "off in order");
}

#[test]
fn when_the_mains_drop_the_exciter_warms_up_again() {
    let mut told = Told::new();
    told.world.length_ms = 60_000;
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["targets"] = serde_json::json!({"clusters": ["thon-3"], "boards": []});
    told.send("bulletin", &body);
    let carrier = |t: &Told| t.site.wants().transmitters[&"fm".into()];
    assert!(told.run_until(30_000, |t| t.playing("fm-audio").as_deref() == Some("Vỡ đập.")));
    assert!(carrier(&told));
    let mains = OutputId::Switch("mains".into());
    told.world.set(&mains, Some(Mishap::Idle), told.now.mono);
    assert!(told.run_until(1_000, |t| !carrier(t)), "a carrier without mains is not wanted");
    assert!(told.site.wants().switches[&"mains".into()], "but its mains are");
    told.run(2_000);
    told.world.set(&mains, None, told.now.mono);
    let back = told.now.mono;
    assert!(told.run_until(5_000, carrier));
    assert!(told.now.mono.since(back) >= 700, "200 ms until the mains are steady, 500 ms of warming up");
}

#[test]
fn a_relay_that_does_not_answer_for_a_moment_costs_no_carrier_and_silence_of_both_does() {
    let mut told = Told::new();
    told.world.length_ms = 120_000;
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["targets"] = serde_json::json!({"clusters": ["thon-3"], "boards": []});
    told.send("bulletin", &body);
    let carrier = |t: &Told| t.site.wants().transmitters[&"fm".into()];
    assert!(told.run_until(30_000, |t| t.playing("fm-audio").as_deref() == Some("Vỡ đập.")));
    let (mains, fm) = (OutputId::Switch("mains".into()), OutputId::Transmitter("fm".into()));
    told.world.set(&mains, Some(Mishap::Dead), told.now.mono);
    told.run(15_000);
    assert!(carrier(&told), "the carrier still reads up");
    told.world.set(&mains, None, told.now.mono);
    told.run(1_000);
    told.world.set(&mains, Some(Mishap::Dead), told.now.mono);
    told.world.set(&fm, Some(Mishap::Dead), told.now.mono);
    told.run(9_000);
    assert!(carrier(&told), "it may be the line");
    told.run(2_000);
    assert!(!carrier(&told), "the power has failed, and not the line");
}
