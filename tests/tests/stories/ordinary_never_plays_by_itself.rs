//! An ordinary bulletin lands in the inbox and makes no sound until a person puts it in a programme.

use gateway_core::bulletin::State;
use gateway_core::input::Act;
use site_tests::told::{Told, bulletin, programme};

#[test]
fn it_waits_for_days_and_plays_when_an_officer_chooses_it() {
    let mut told = Told::new();
    let jti = told.send("bulletin", &bulletin("BT-1", "ordinary", "Lịch tiêm chủng tháng 12."));
    told.send("programme", &programme("tinh", "06:00", &[]));
    told.run(3 * 86_400_000);
    assert_eq!(told.state("BT-1"), Some(State::WaitingChoice));
    assert!(!told.heard("hall").iter().any(|w| w.contains("tiêm chủng")), "three programmes went by without it");
    assert_eq!(told.rungs(&jti), ["received", "accepted", "ready", "waiting"]);

    let choice = serde_json::from_value(programme("xa", "05:30", &["BT-1"])).expect("a programme");
    told.order(Act::Programme(choice)).expect("an officer may");
    assert_eq!(told.state("BT-1"), Some(State::Scheduled));
    assert_eq!(told.outcome("BT-1"), Some(State::Done));
    assert_eq!(told.played_rows("BT-1").len(), 3, "a row of the play log for each cluster");
}

#[test]
fn a_daily_programme_says_it_every_day_and_logs_it_every_day() {
    let mut told = Told::new();
    let jti = told.send("bulletin", &bulletin("BT-1", "ordinary", "Giờ thu gom rác."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    told.run(3 * 86_400_000);
    assert_eq!(told.heard("hall").iter().filter(|w| w.contains("rác")).count(), 3);
    assert_eq!(told.played_rows("BT-1").len(), 9, "three days, three clusters");
    let closing = told.rungs(&jti).iter().filter(|r| *r == "done").count();
    assert_eq!(closing, 1, "its ladder closed once, on the first day");
}
