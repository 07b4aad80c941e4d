//! While nobody vouches for the time programmes wait, emergencies do not, and every record says so.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

#[test]
fn the_programme_waits_for_the_clock_and_the_emergency_does_not() {
    let mut told = Told::in_commune(small_commune(), None);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    let jti = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.ack(&jti, "done").map(|a| a["clock"].clone()), Some(json!("untrusted")));
    told.run(4 * 3_600_000);
    assert!(!told.heard("hall").iter().any(|w| w == "Tin thường."));

    let at = DAWN.plus(29 * 60_000);
    let time = told.send("time", &json!({"unix_ms": at.0}));
    assert_eq!(told.ack(&time, "done").map(|a| a["clock"].clone()), Some(json!("trusted")));
    assert!(told.run_until(120_000, |t| t.heard("hall").iter().any(|w| w == "Tin thường.")));
}

#[test]
fn a_programme_that_the_power_cut_into_waits_too() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    assert!(told.run_until(3_600_000, |t| t.playing("hall").as_deref() == Some("Tin thường.")));
    let back = told.now.wall.map(|w| w.plus(3 * 3_600_000));
    told.cut_power(None);
    told.run(60_000);
    assert_eq!(told.playing("hall"), None, "it may be the middle of the night");
    told.now.wall = back;
    told.happen();
    told.run(60_000);
    assert_eq!(told.playing("hall"), None, "and its time is over");
    assert_eq!(told.site.memory().sessions.len(), 0);
}
