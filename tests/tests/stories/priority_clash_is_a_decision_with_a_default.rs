//! Where the hub's priority item and the commune's own meet, a person decides; if nobody does, the stated default counts.

use gateway_core::bulletin::State;
use gateway_core::config::First;
use gateway_core::input::Act;
use gateway_core::journal::Event;
use site_tests::told::{Told, bulletin, programme, small_commune};

/// A programme of the commune with a priority item of its own, and a priority bulletin of the hub before it.
fn clash(mut told: Told) -> Told {
    told.send("bulletin", &bulletin("XA-1", "ordinary", "Tin của xã."));
    let mut body = programme("sang", "05:30", &["XA-1"]);
    body["items"][1]["priority"] = true.into();
    told.order(Act::Programme(serde_json::from_value(body).expect("a programme"))).expect("an officer may");
    told.send("bulletin", &bulletin("TINH-1", "priority", "Tin của tỉnh."));
    told.run(2_000);
    told
}

fn taken(told: &Told) -> Option<(First, Option<String>)> {
    told.events
        .iter()
        .find_map(|e| if let Event::DecisionTaken { first, by, .. } = e { Some((*first, by.clone())) } else { None })
}

#[test]
fn an_officer_who_answers_is_obeyed() {
    let mut told = clash(Told::new());
    let open = told.site.view(told.now).decisions;
    assert_eq!((open.len(), open[0].bulletin.as_str(), open[0].default), (1, "TINH-1", First::Province));
    told.order(Act::Decide { id: open[0].id, first: First::Commune }).expect("the decision is open");
    assert!(told.order(Act::Decide { id: open[0].id, first: First::Province }).is_err(), "it is decided once");
    assert_eq!(told.outcome("TINH-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["chime", "Tin của xã.", "Tin của tỉnh."]);
    assert_eq!(taken(&told), Some((First::Commune, Some("lan".to_owned()))));
}

#[test]
fn if_nobody_answers_the_province_goes_first_and_it_is_written_down() {
    let mut told = clash(Told::new());
    assert_eq!(told.outcome("TINH-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["chime", "Tin của tỉnh.", "Tin của xã."]);
    assert_eq!(taken(&told), Some((First::Province, None)));
}

#[test]
fn the_default_is_the_sites_to_state() {
    let mut config = small_commune();
    config.policy.clash_default = First::Commune;
    let mut told = clash(Told::in_commune(config, Some(site_tests::told::DAWN)));
    assert_eq!(told.outcome("TINH-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["chime", "Tin của xã.", "Tin của tỉnh."]);
    assert_eq!(taken(&told), Some((First::Commune, None)));
}
