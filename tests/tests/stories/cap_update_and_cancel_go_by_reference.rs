//! One alert is one alert over all its paths; an update takes its place, a cancel ends it, in whatever order they come.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::hub::cap::Cap;
use site_tests::told::Told;

fn alert(kind: &str, headline: &str) -> Cap {
    let mut cap = Cap::new("Actual", kind);
    cap.headline = headline.to_owned();
    cap.level = Some(4);
    cap.expires = Some("2026-11-21T23:00:00+07:00".to_owned());
    cap
}

fn id(cap: &Cap) -> String {
    format!("cap:{},{}", cap.reference(), cap.status)
}

#[test]
fn the_same_alert_by_another_way_sounds_once_and_both_ladders_are_climbed() {
    let mut told = Told::new();
    let cap = alert("Alert", "Lũ quét");
    let first = told.send("alert", &json!({"cap": cap.xml()}));
    told.run(5_000);
    let second = told.send("alert", &json!({"cap": cap.xml()}));
    assert_eq!(told.outcome(&id(&cap)), Some(State::Done));
    let tones = told.heard("hall").iter().filter(|w| w.starts_with("tone")).count();
    assert_eq!(tones, 1, "{:?}", told.heard("hall"));
    assert_eq!(told.rungs(&first).last().map(String::as_str), Some("done"));
    assert_eq!(told.rungs(&second).last().map(String::as_str), Some("done"));
    assert_eq!(told.ack(&second, "accepted").map(|a| a["code"].clone()), Some(json!("duplicate")));
}

#[test]
fn an_update_replaces_and_a_lower_level_replaces_too() {
    let mut told = Told::new();
    let first = alert("Alert", "Lũ quét");
    told.send("alert", &json!({"cap": first.xml()}));
    assert_eq!(told.outcome(&id(&first)), Some(State::Done));
    assert_eq!(told.board("gate").as_deref(), Some("Lũ quét."), "in force until it expires");
    let mut update = alert("Update", "Lũ rút");
    update.level = Some(3);
    update.urgency = "Expected".to_owned();
    update.references = vec![first.reference()];
    let mut pressing = update.clone();
    pressing.level = Some(4);
    told.send("alert", &json!({"cap": pressing.xml()}));
    assert_eq!(told.board("gate").as_deref(), Some("Lũ rút."));
    assert_eq!(told.outcome(&id(&pressing)), Some(State::Done));
    assert_eq!(told.board("gate").as_deref(), Some("Lũ rút."), "the first one never comes back");
}

#[test]
fn a_cancel_silences_and_one_that_comes_first_keeps_silent() {
    let mut told = Told::new();
    let first = alert("Alert", "Lũ quét");
    let jti = told.send("alert", &json!({"cap": first.xml()}));
    told.run(3_000);
    let mut cancel = alert("Cancel", "");
    cancel.references = vec![first.reference()];
    let end = told.send("alert", &json!({"cap": cancel.xml()}));
    assert_eq!((told.playing("hall"), told.board("gate")), (None, None));
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("recalled"));
    assert_eq!(told.rungs(&end).last().map(String::as_str), Some("done"));

    let late = alert("Alert", "Sạt lở");
    let mut cancel = alert("Cancel", "");
    cancel.references = vec![late.reference()];
    told.send("alert", &json!({"cap": cancel.xml()}));
    let jti = told.send("alert", &json!({"cap": late.xml()}));
    told.run(60_000);
    assert_eq!(told.rungs(&jti), ["received", "accepted", "recalled"]);
    assert!(!told.heard("hall").iter().any(|w| w.contains("Sạt lở")));
}

#[test]
fn an_alert_that_its_update_overtook_is_not_aired() {
    let mut told = Told::new();
    let first = alert("Alert", "Lũ quét");
    let mut update = alert("Update", "Lũ rút");
    update.references = vec![first.reference()];
    told.send("alert", &json!({"cap": update.xml()}));
    let jti = told.send("alert", &json!({"cap": first.xml()}));
    assert_eq!(told.outcome(&id(&update)), Some(State::Done));
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("expired"));
    assert_eq!(told.ack(&jti, "expired").map(|a| a["code"].clone()), Some(json!("superseded")));
    assert!(!told.heard("hall").iter().any(|w| w.contains("Lũ quét")));
}

#[test]
fn acknowledgements_errors_drafts_and_system_messages_are_journalled_only() {
    let mut told = Told::new();
    for (status, kind) in [("Actual", "Ack"), ("Actual", "Error"), ("System", "Alert"), ("Draft", "Alert")] {
        let jti = told.send("alert", &json!({"cap": Cap::new(status, kind).xml()}));
        assert_eq!(told.rungs(&jti), ["received", "accepted", "done"]);
        assert_eq!(told.ack(&jti, "done").map(|a| a["code"].clone()), Some(json!("journalled")));
    }
    told.run(60_000);
    assert!(told.heard("hall").is_empty());
}
