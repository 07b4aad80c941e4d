//! A priority bulletin plays first in the next programme, after the chime, and not before.

use gateway_core::bulletin::State;
use site_tests::told::{Told, bulletin, programme};

#[test]
fn after_the_chime_and_before_what_the_programme_names() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    let jti = told.send("bulletin", &bulletin("UT-1", "priority", "Tin ưu tiên."));
    told.run(1_700_000);
    assert!(told.heard("hall").is_empty(), "not before the programme");
    assert_eq!(told.outcome("BT-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["chime", "Tin ưu tiên.", "Tin thường."]);
    assert_eq!(told.heard("fm-audio"), ["chime", "Tin ưu tiên.", "Tin thường."]);
    let climbed = ["received", "accepted", "ready", "waiting", "keyed", "audible", "shown", "done"];
    assert_eq!(told.rungs(&jti), climbed);
    told.run(86_400_000);
    assert_eq!(told.heard("hall").iter().filter(|w| w.contains("ưu tiên")).count(), 1, "once, not every day");
}

#[test]
fn at_the_place_the_programme_keeps_for_it() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    let mut body = programme("sang", "05:30", &["BT-1"]);
    body["items"].as_array_mut().expect("items").push(serde_json::json!({"type": "priority_queue"}));
    told.send("programme", &body);
    told.send("bulletin", &bulletin("UT-1", "priority", "Tin ưu tiên."));
    assert_eq!(told.outcome("UT-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["chime", "Tin thường.", "Tin ưu tiên."]);
}
