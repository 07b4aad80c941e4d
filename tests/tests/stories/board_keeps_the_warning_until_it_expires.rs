//! A board shows a warning at once and keeps it until its time is over; a blackout darkens it, and an officer sees both.

use gateway_core::bulletin::State;
use gateway_core::input::Act;
use serde_json::json;
use site_tests::told::{Told, bulletin};

#[test]
fn it_is_shown_in_the_same_step_and_stays_after_the_sound() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Bão gần bờ.");
    body["valid_until"] = json!("2026-11-21T08:00:00+07:00");
    told.send("bulletin", &body);
    assert_eq!(told.board("gate").as_deref(), Some("Bão gần bờ."));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.cut_power(told.now.wall);
    told.run(3_000_000);
    assert_eq!(told.board("gate").as_deref(), Some("Bão gần bờ."), "also after a power cut");

    let dark = Act::Blackout { boards: vec![], for_s: Some(60), reason: "thử".to_owned() };
    told.order(dark).expect("an officer may");
    assert_eq!(told.board("gate"), None);
    told.run(61_000);
    assert_eq!(told.board("gate").as_deref(), Some("Bão gần bờ."));
    told.run(3 * 3_600_000);
    assert_eq!(told.board("gate"), None, "eight o'clock has passed");
}

#[test]
fn without_an_end_it_goes_with_the_sound() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Cháy chợ."));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.board("gate"), None);
}

#[test]
fn for_boards_alone_it_stays_an_hour() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Đường ngập.");
    body["targets"] = json!({"clusters": [], "boards": ["gate"]});
    let jti = told.send("bulletin", &body);
    told.run(3_599_000);
    assert_eq!(told.board("gate").as_deref(), Some("Đường ngập."));
    told.run(2_000);
    assert_eq!(told.board("gate"), None);
    assert_eq!(told.rungs(&jti), ["received", "accepted", "shown", "ready", "done"]);
    assert!(told.heard("hall").is_empty());
}

#[test]
fn an_emergency_ends_with_its_time_in_the_middle_of_a_word() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Xả lũ.");
    body["repeat"] = json!(100);
    body["valid_until"] = json!("2026-11-21T05:01:00+07:00");
    let jti = told.send("bulletin", &body);
    told.run(70_000);
    assert_eq!((told.playing("hall"), told.board("gate")), (None, None));
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("partial"));
    assert_eq!(told.ack(&jti, "partial").map(|a| a["code"].clone()), Some(json!("expired")));
}
