//! A message that comes again is not carried out again, and is answered with the rung it had reached.

use gateway_core::bulletin::State;
use gateway_core::verify::Verdict;
use serde_json::json;
use site_tests::told::{Told, bulletin};

#[test]
fn in_the_middle_of_its_ladder_and_after_its_end() {
    let mut told = Told::new();
    let message = told.signed("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."), "m-1");
    assert_eq!(told.deliver(&message), Some(Verdict::Accepted));
    told.run(3_000);
    assert_eq!(told.deliver(&message), Some(Verdict::Replayed));
    let answer = told.uplinks.last().expect("an answer").body.clone();
    assert_eq!((&answer["code"], &answer["of"]), (&json!("replayed"), &json!("m-1")));
    assert!(["audible", "shown"].contains(&answer["stage"].as_str().expect("a rung")), "{answer}");
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.cut_power(told.now.wall);
    assert_eq!(told.deliver(&message), Some(Verdict::Replayed));
    assert_eq!(told.uplinks.last().map(|u| u.body["stage"].clone()), Some(json!("done")));
    told.run(60_000);
    assert_eq!(told.heard("hall").iter().filter(|w| *w == "Vỡ đập.").count(), 1);
}

#[test]
fn with_its_own_rung_though_a_newer_version_took_its_place() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Bản một.");
    let old = told.signed("bulletin", &body, "m-1");
    told.deliver(&old);
    told.run(3_000);
    body["version"] = json!(2);
    told.send("bulletin", &body);
    told.deliver(&old);
    assert_eq!(told.uplinks.last().map(|u| u.body["stage"].clone()), Some(json!("partial")));
}
