//! An input whose tuner hears another station is not relayed: what comes next in the programme takes its place.

use gateway_core::input::{Input, Tuned};
use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{Told, bulletin, programme};

fn relayed() -> Told {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thay tiếp âm."));
    let mut book = programme("sang", "05:30:00", &["BT-1"]);
    book["items"] = json!([
        {"type": "relay", "input": "vov1", "duration_s": 600},
        {"type": "bulletin", "bulletin_id": "BT-1"},
    ]);
    book["duration_s"] = json!(1800);
    told.send("programme", &book);
    told
}

fn tuned(told: &mut Told, to: Tuned) {
    told.step(Input::Tuned("vov1".into(), to));
}

#[test]
fn another_station_is_left_at_once_and_said_once() {
    let mut told = relayed();
    told.run(1_860_000);
    assert_eq!(told.playing("hall").as_deref(), Some("input vov1"));
    for _ in 0..2 {
        tuned(&mut told, Tuned::Wrong("the tuner receives PI 7C05, not 7A01".to_owned()));
    }
    assert_eq!(told.playing("hall").as_deref(), Some("Tin thay tiếp âm."));
    assert_eq!((told.incidents("input_mistuned"), told.incidents("input_lost")), (1, 1));
    tuned(&mut told, Tuned::Right);
    assert!(told.events.iter().any(|e| matches!(e, Event::Recovered { about } if about == "input/vov1")));
}

#[test]
fn it_is_not_put_on_the_air_however_long_ago_it_was_said() {
    let mut told = relayed();
    tuned(&mut told, Tuned::Wrong("the tuner receives \"ABC\", not \"VOV1\"".to_owned()));
    told.run(1_860_000);
    assert_eq!(told.heard("hall").first().map(String::as_str), Some("Tin thay tiếp âm."));
    tuned(&mut told, Tuned::Wrong("of an input that is not there".to_owned()));
    told.step(Input::Tuned("none".into(), Tuned::Wrong("nobody's".to_owned())));
    assert_eq!(told.incidents("input_mistuned"), 1);
}

#[test]
fn a_tuner_that_does_not_know_begins_no_relay_and_what_was_wrong_stays_wrong() {
    let mut told = relayed();
    tuned(&mut told, Tuned::Wrong("the tuner receives PI 7C05, not 7A01".to_owned()));
    tuned(&mut told, Tuned::Unknown);
    let recovered =
        |t: &Told| t.events.iter().any(|e| matches!(e, Event::Recovered { about } if about == "input/vov1"));
    told.run(1_860_000);
    assert!(!recovered(&told), "nobody saw it come back");
    assert_eq!((told.incidents("input_mistuned"), told.incidents("input_unidentified")), (1, 1));
    assert_eq!(told.heard("hall").first().map(String::as_str), Some("Tin thay tiếp âm."));
    tuned(&mut told, Tuned::Right);
    assert!(recovered(&told));

    let mut told = relayed();
    tuned(&mut told, Tuned::Unknown);
    told.run(1_860_000);
    assert_eq!(told.incidents("input_unidentified"), 1, "the feed is dead from the start");
    assert_eq!(told.heard("hall").first().map(String::as_str), Some("Tin thay tiếp âm."));
}

#[test]
fn one_that_is_just_being_heard_is_waited_for_and_one_that_fades_is_heard_on() {
    let mut told = relayed();
    told.run(1_797_000);
    tuned(&mut told, Tuned::Unknown);
    told.run(8_000);
    assert_eq!(told.playing("hall"), None, "some seconds are given to it");
    tuned(&mut told, Tuned::Right);
    assert!(told.run_until(1_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    tuned(&mut told, Tuned::Unknown);
    told.run(60_000);
    assert_eq!(told.playing("hall").as_deref(), Some("input vov1"), "names fade before voices do");
    assert_eq!(told.incidents("input_unidentified"), 1);
}
