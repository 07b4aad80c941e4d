//! What the screens are given tells programmes alike apart, has a row for each transmitter, and says of each alarm where to go.

use gateway_core::device::Report;
use gateway_core::id::OutputId;
use gateway_core::input::Input;
use serde_json::json;
use site_tests::told::{Mishap, Told, bulletin, programme};
use std::collections::BTreeSet;

#[test]
fn two_programmes_with_one_title_and_one_start_are_two() {
    let mut told = Told::new();
    for (id, cluster) in [("thon-hai", "thon-2"), ("thon-ba", "thon-3")] {
        let mut one = programme(id, "17:00", &[]);
        one["title"] = json!("Bản tin thôn");
        one["targets"] = json!({"clusters": [cluster], "boards": []});
        told.send("programme", &one);
    }
    told.run(1_000);
    let next = told.site.view(told.now).next;
    assert_eq!((next.len(), &next[0].title, &next[0].at), (2, &next[1].title, &next[1].at));
    assert_ne!(next[0].programme, next[1].programme);
}

#[test]
fn a_transmitter_has_its_row_with_its_carrier_and_whom_it_reaches() {
    let mut told = Told::new();
    told.run(100);
    let row = |told: &Told| told.site.view(told.now).transmitters.first().cloned().expect("the transmitter");
    let quiet = row(&told);
    assert_eq!((quiet.id.as_str(), quiet.wanted, quiet.clusters), ("fm", false, vec!["thon-3".into()]));
    told.world.set(&OutputId::Sink("hall".into()), Some(Mishap::Dead), told.now.mono);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    let up = |t: &Told| row(t).carrier == Some(true);
    assert!(told.run_until(10_000, up));
    let aired = row(&told);
    assert!(aired.wanted);
    assert_eq!(aired.clusters, vec!["thon-1".into(), "thon-3".into()], "thon-1 has left its cable");
}

#[test]
fn every_alarm_says_where_something_can_be_done() {
    let mut told = Told::new();
    told.world.set(&OutputId::Sink("hall".into()), Some(Mishap::Dead), told.now.mono);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    told.run(10_000);
    told.step(Input::Device(OutputId::Sink("fm-audio".into()), Report::Howl { on: true, hz: 1_180 }));
    let alarms = told.site.view(told.now).alarms;
    let abouts: BTreeSet<&str> = alarms.iter().map(|a| a.about.as_str()).collect();
    assert_eq!(abouts, BTreeSet::from(["silence", "sink/hall"]), "{alarms:?}");
    assert!(
        alarms.iter().filter(|a| a.about == "sink/hall").count() >= 3,
        "two villages and the sink itself: {alarms:?}"
    );
}
