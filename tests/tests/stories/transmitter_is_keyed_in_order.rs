//! Relay, warm-up, carrier, code, then words; and back in the opposite order.

use gateway_core::bulletin::State;
use gateway_core::id::OutputId;
use gateway_core::time::Mono;
use site_tests::told::{Told, bulletin};

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
