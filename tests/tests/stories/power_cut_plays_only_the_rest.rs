//! After a power cut only the repeats that were not finished play, and a message that was not committed is executed then.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::told::{Told, bulletin};

#[test]
fn two_of_three_were_said_so_one_is_left() {
    let mut told = Told::new();
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["repeat"] = json!(3);
    let jti = told.send("bulletin", &body);
    let said = |told: &Told| told.heard("hall").iter().filter(|w| *w == "Vỡ đập.").count();
    assert!(told.run_until(60_000, |t| said(t) == 3));
    told.cut_power(told.now.wall.map(|w| w.plus(5_000)));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"), "at once");
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(said(&told), 4, "the third one, which was cut, from its start");
    assert_eq!(told.rungs(&jti).iter().filter(|r| *r == "done").count(), 1);
}

#[test]
fn a_message_that_was_not_committed_is_executed_when_it_is_delivered_again() {
    let mut told = Told::new();
    told.commits = false;
    let message = told.signed("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."), "m-1");
    told.deliver(&message);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"), "sound does not wait for the disk");
    assert!(told.rungs("m-1").is_empty(), "an answer does");
    told.cut_power(told.now.wall);
    assert_eq!((told.state("KC-1"), told.playing("hall")), (None, None));
    told.commits = true;
    told.deliver(&message);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.deliver(&message);
    told.run(60_000);
    assert_eq!(told.rungs("m-1").iter().filter(|r| *r == "accepted").count(), 1);
    assert_eq!(told.heard("hall").iter().filter(|w| *w == "Vỡ đập.").count(), 1);
}
