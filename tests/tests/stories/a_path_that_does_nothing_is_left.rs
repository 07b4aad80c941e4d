//! A relay that takes the order and stays open, an exciter that sends nothing: both answer, and are left for the next path.

use gateway_core::bulletin::State;
use gateway_core::config::{Path, Settle, SiteConfig, Switch, Transmitter};
use gateway_core::device::Report;
use gateway_core::id::{ClusterId, OutputId};
use gateway_core::input::{Act, Input};
use gateway_core::journal::Event;
use gateway_core::time::Mono;
use serde_json::json;
use site_tests::told::{DAWN, Mishap, Told, bulletin, small_commune};

const MINUTE: u64 = 60_000;

fn amp1() -> OutputId {
    OutputId::Switch("amp1".into())
}

fn fm() -> OutputId {
    OutputId::Transmitter("fm".into())
}

/// A warning for one village that is said for so many turns of four seconds.
fn warn(told: &mut Told, id: &str, village: &str, turns: u16) {
    let mut body = bulletin(id, "emergency", "Vỡ đập.");
    (body["targets"], body["repeat"]) = (json!({"clusters": [village], "boards": []}), json!(turns));
    told.send("bulletin", &body);
}

fn addressed(told: &Told, sink: &str, village: &str) -> bool {
    told.site.air().addressed.get(&sink.into()).is_some_and(|c| c.contains(&ClusterId::from(village)))
}

fn routes(told: &Told, village: &str) -> Vec<usize> {
    let of = |event: &Event| {
        if let Event::Rerouted(r) = event { (r.cluster.as_str() == village).then_some(r.number) } else { None }
    };
    told.events.iter().filter_map(of).collect()
}

fn does_nothing(told: &Told, about: &OutputId) -> usize {
    let about = about.to_string();
    let of = |e: &&Event| matches!(e, Event::Incident { code, about: a, .. } if code == "no_effect" && *a == about);
    told.events.iter().filter(of).count()
}

fn recovered(told: &Told, about: &OutputId) -> bool {
    let about = about.to_string();
    told.events.iter().any(|e| matches!(e, Event::Recovered { about: a } if *a == about))
}

/// Radio first, then the wire.
fn by_radio_first() -> SiteConfig {
    let mut site = small_commune();
    if let Some(cluster) = site.clusters.get_mut(&ClusterId::from("thon-1")) {
        cluster.paths.reverse();
    }
    site
}

#[test]
fn a_relay_that_reads_back_open_is_left_in_five_seconds_and_not_taken_up_again() {
    let mut told = Told::new();
    told.world.set(&amp1(), Some(Mishap::Idle), told.now.mono);
    let at = told.now.mono;
    warn(&mut told, "KC-1", "thon-1", 10);
    assert!(told.run_until(10_000, |t| addressed(t, "fm-audio", "thon-1")));
    assert_eq!(told.now.mono.since(at), 5_000);
    assert!(!addressed(&told, "hall", "thon-1") && !told.site.wants().switches[&"amp1".into()]);
    // It answers, and is as healthy as before.
    told.step(Input::Device(amp1(), Report::Switch { on: false, grade: gateway_core::want::Grade::Electrical }));
    assert!(addressed(&told, "fm-audio", "thon-1"));
    assert_eq!(told.outcome("KC-1"), Some(State::Done), "the radio says all of it");
    assert!(told.played_rows("KC-1").iter().any(|r| r.path == "fm" && r.result == "done"));
    assert_eq!((routes(&told, "thon-1"), does_nothing(&told, &amp1())), (vec![2], 1));
    assert!(!recovered(&told, &amp1()));
}

#[test]
fn it_is_tried_again_after_an_hour_or_when_a_self_test_has_seen_it_close() {
    let mut told = Told::new();
    told.world.set(&amp1(), Some(Mishap::Idle), told.now.mono);
    warn(&mut told, "KC-1", "thon-1", 1);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.world.set(&amp1(), None, told.now.mono);
    told.run(MINUTE);
    assert_eq!(routes(&told, "thon-1"), [2], "that it answers proves nothing");
    told.order(Act::SelfTest { full: true }).expect("begun");
    assert!(told.run_until(5 * MINUTE, |t| routes(t, "thon-1") == [2, 1]));
    assert!(recovered(&told, &amp1()));

    told.run(5 * MINUTE);
    told.world.set(&amp1(), Some(Mishap::Idle), told.now.mono);
    warn(&mut told, "KC-2", "thon-1", 1);
    assert_eq!(told.outcome("KC-2"), Some(State::Done));
    told.run(59 * MINUTE);
    assert_eq!(routes(&told, "thon-1"), [2, 1, 2]);
    told.run(2 * MINUTE);
    assert_eq!(routes(&told, "thon-1"), [2, 1, 2, 1]);
}

#[test]
fn an_exciter_that_sends_nothing_is_left_for_the_wire() {
    let mut told = Told::in_commune(by_radio_first(), Some(DAWN));
    told.world.set(&fm(), Some(Mishap::Idle), told.now.mono);
    warn(&mut told, "KC-1", "thon-1", 20);
    let keyed = |t: &Told| t.site.wants().transmitters[&"fm".into()];
    assert!(told.run_until(5_000, keyed));
    let at = told.now.mono;
    assert!(told.run_until(10_000, |t| addressed(t, "hall", "thon-1")));
    assert_eq!(told.now.mono.since(at), 5_000, "beyond mains and warm-up");
    assert!(told.run_until(5_000, |t| !t.site.wants().switches[&"mains".into()]), "and is let go");
    assert!(!keyed(&told));
    // Without its mains it is not asked any more.
    told.step(Input::Device(fm(), Report::Asleep));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!((routes(&told, "thon-1"), does_nothing(&told, &fm())), (vec![2], 1));
    assert!(told.played_rows("KC-1").iter().any(|r| r.path == "wired" && r.result == "done"));
}

#[test]
fn an_exciter_that_failed_and_was_put_to_sleep_does_not_take_the_path_back() {
    let mut told = Told::in_commune(by_radio_first(), Some(DAWN));
    told.run(1_000);
    told.world.set(&fm(), Some(Mishap::Dead), told.now.mono);
    warn(&mut told, "KC-1", "thon-1", 20);
    assert!(told.run_until(5_000, |t| addressed(t, "hall", "thon-1")));
    told.run(5_000);
    told.step(Input::Device(fm(), Report::Asleep));
    assert!(addressed(&told, "hall", "thon-1"), "nobody knows that it is mended");
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert!(!routes(&told, "thon-1").contains(&1), "{:?}", routes(&told, "thon-1"));
}

#[test]
fn the_second_of_two_transmitters_is_keyed_where_the_first_sends_nothing() {
    let mut site = small_commune();
    let second = Transmitter {
        sink: "fm-audio".into(),
        mains: Some("mains2".into()),
        warm_up_ms: 500,
        settle: Settle::default(),
        coded: true,
        tones: None,
        silence_off_ms: 60_000,
    };
    site.transmitters.insert("fm2".into(), second);
    site.switches.insert("mains2".into(), Switch::default());
    if let Some(cluster) = site.clusters.get_mut(&ClusterId::from("thon-3")) {
        cluster.paths.push(Path::Radio { transmitter: "fm2".into(), zone: 3 });
    }
    let mut told = Told::in_commune(site, Some(DAWN));
    told.world.set(&fm(), Some(Mishap::Idle), told.now.mono);
    let at = told.now.mono;
    warn(&mut told, "KC-1", "thon-3", 20);
    let zones = |t: &Told| t.site.wants().coders[&"fm2".into()].zones.contains(&3);
    assert!(told.run_until(20_000, zones));
    let took = told.now.mono.since(at);
    assert!(took < 7_000, "five seconds beyond mains and warm-up of the first, and its own: {took}");
    assert!(told.run_until(5_000, |t| t.reached("KC-1", gateway_core::journal::Stage::Audible)));
    assert!(told.outcome("KC-1").is_some_and(State::is_final));
    assert!(told.played_rows("KC-1").iter().any(|r| r.path == "fm" && r.actual_s > 60.0));
}

#[test]
fn an_only_path_is_tried_for_as_long_as_it_is_wanted() {
    let mut told = Told::new();
    told.world.set(&fm(), Some(Mishap::Idle), told.now.mono);
    warn(&mut told, "KC-1", "thon-3", 20);
    told.run(20_000);
    assert_eq!((does_nothing(&told, &fm()), routes(&told, "thon-3")), (1, vec![]));
    assert!(told.site.wants().transmitters[&"fm".into()]);
    told.world.set(&fm(), None, told.now.mono);
    assert!(told.run_until(5_000, |t| recovered(t, &fm())), "it is seen to send");
    assert!(told.run_until(30_000, |t| t.reached("KC-1", gateway_core::journal::Stage::Audible)));
}

#[test]
fn a_drop_that_is_over_soon_costs_no_path() {
    let mut told = Told::new();
    told.world.length_ms = 30_000;
    warn(&mut told, "KC-1", "thon-1", 1);
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    let at: Mono = told.now.mono;
    told.world.set(&amp1(), Some(Mishap::Idle), at);
    told.run(3_000);
    told.world.set(&amp1(), None, told.now.mono);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!((does_nothing(&told, &amp1()), routes(&told, "thon-1")), (0, vec![]));
}
