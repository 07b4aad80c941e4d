//! What is recalled is silent and dark in the same step, and stays so after a restart, a repetition, and in a programme.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::told::{Told, bulletin, programme};

#[test]
fn an_emergency_on_air_is_silenced_in_the_step_of_the_recall() {
    let mut told = Told::new();
    let alert = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    assert_eq!(told.board("gate").as_deref(), Some("Vỡ đập."));
    let recall = told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "sai"}));
    assert_eq!((told.playing("hall"), told.playing("fm-audio"), told.board("gate")), (None, None, None));
    assert_eq!(told.rungs(&alert).last().map(String::as_str), Some("recalled"));
    assert_eq!(told.rungs(&recall), ["received", "accepted", "done"]);

    told.cut_power(told.now.wall);
    told.run(3_600_000);
    let again = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    told.run(3_600_000);
    assert_eq!(told.rungs(&again), ["received", "accepted", "recalled"], "accepted, and silent");
    assert_eq!(told.heard("hall").iter().filter(|w| w.contains("Vỡ đập")).count(), 1);
    assert_eq!(told.board("gate"), None);
}

#[test]
fn a_warning_that_was_said_and_still_stands_on_the_board_goes_dark() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Bão gần bờ.");
    body["valid_until"] = json!("2026-11-21T20:00:00+07:00");
    let alert = told.send("bulletin", &body);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.board("gate").as_deref(), Some("Bão gần bờ."));
    told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "bão tan"}));
    assert_eq!(told.board("gate"), None);
    assert_eq!(told.rungs(&alert).last().map(String::as_str), Some("done"), "its ladder was closed, and stays so");
}

#[test]
fn what_a_programme_says_for_the_second_time_is_silenced_too() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Số điện thoại sai."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    assert_eq!(told.outcome("BT-1"), Some(State::Done));
    assert!(told.run_until(2 * 86_400_000, |t| t.heard("hall").iter().filter(|w| w.contains("sai")).count() == 2));
    told.send("recall", &json!({"bulletin_id": "BT-1", "reason": "sai số"}));
    assert_ne!(told.playing("hall").as_deref(), Some("Số điện thoại sai."));
    assert_eq!(told.state("BT-1"), Some(State::Recalled));
    told.run(3 * 86_400_000);
    assert_eq!(told.heard("hall").iter().filter(|w| w.contains("sai")).count(), 2);
}
