//! Between emergencies the higher level has the air, equals go first come first served, and what supersedes replaces.

use gateway_core::bulletin::State;
use serde_json::{Value, json};
use site_tests::told::{Told, bulletin};

fn emergency(id: &str, text: &str, level: u8) -> Value {
    let mut body = bulletin(id, "emergency", text);
    body["hazard"] = json!({"type": "lu", "level": level});
    body["repeat"] = json!(2);
    body
}

#[test]
fn a_higher_level_takes_the_air_and_gives_it_back() {
    let mut told = Told::new();
    told.send("bulletin", &emergency("KC-3", "Cấp ba.", 3));
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Cấp ba.")));
    told.send("bulletin", &emergency("KC-5", "Cấp năm.", 5));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 5"), "in the same step");
    assert_eq!(told.board("gate").as_deref(), Some("Cấp năm."));
    assert_eq!(told.outcome("KC-5"), Some(State::Done));
    assert_eq!(told.board("gate").as_deref(), Some("Cấp ba."));
    assert_eq!(told.outcome("KC-3"), Some(State::Done));
    let after = told.heard("hall").iter().filter(|w| *w == "Cấp ba.").count();
    assert_eq!(after, 3, "the turn that was cut is said again from its start, and the second one after it");
}

#[test]
fn an_equal_one_waits() {
    let mut told = Told::new();
    told.send("bulletin", &emergency("KC-1", "Trước.", 4));
    told.run(2_000);
    told.send("bulletin", &emergency("KC-2", "Sau.", 4));
    assert_eq!(told.outcome("KC-2"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["tone 4", "Trước.", "Trước.", "tone 4", "Sau.", "Sau."]);
}

#[test]
fn one_that_supersedes_replaces_whatever_its_level() {
    let mut told = Told::new();
    let old = told.send("bulletin", &emergency("KC-1", "Cũ.", 5));
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Cũ.")));
    let mut new = emergency("KC-2", "Mới.", 2);
    new["supersedes"] = json!(["KC-1"]);
    told.send("bulletin", &new);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 2"));
    assert_eq!(told.rungs(&old).last().map(String::as_str), Some("partial"));
    assert_eq!(told.ack(&old, "partial").map(|a| a["code"].clone()), Some(json!("superseded")));
    assert_eq!(told.outcome("KC-2"), Some(State::Done));
    assert_eq!(told.heard("hall").iter().filter(|w| *w == "Cũ.").count(), 1);
}

#[test]
fn clusters_that_only_the_lower_one_names_hear_it_meanwhile() {
    let mut told = Told::new();
    let mut high = emergency("KC-5", "Cấp năm.", 5);
    high["targets"] = json!({"clusters": ["thon-1", "thon-2"], "boards": []});
    told.send("bulletin", &emergency("KC-3", "Cấp ba.", 3));
    told.send("bulletin", &high);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 5"));
    assert_eq!(told.playing("fm-audio").as_deref(), Some("tone 3"));
}
