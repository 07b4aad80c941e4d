//! A horn that only listens cannot say that it is dead; what watches it can, and the village hears the rest by radio.

use gateway_core::config::Path;
use gateway_core::device::{Fault, Report};
use gateway_core::id::{ClusterId, OutputId};
use gateway_core::input::Input;
use gateway_core::journal::{Event, Rerouted};
use site_tests::told::{DAWN, Told, bulletin, small_commune};

fn watched() -> Told {
    let mut site = small_commune();
    let horn = site.clusters.get_mut(&ClusterId::from("thon-1")).expect("thon-1");
    let Some(Path::Direct { watch, .. }) = horn.paths.first_mut() else { panic!("a path over a sink") };
    *watch = Some("horn-1".into());
    Told::in_commune(site, Some(DAWN))
}

fn horn(told: &mut Told, report: Report) {
    told.step(Input::Device(OutputId::Sensor("horn-1".into()), report));
}

fn addressed(told: &Told, sink: &str) -> bool {
    told.site.air().addressed.get(&sink.into()).is_some_and(|c| c.contains(&ClusterId::from("thon-1")))
}

#[test]
fn the_next_path_is_keyed_in_the_step_that_finds_the_horn_dead() {
    let mut told = watched();
    told.world.length_ms = 20_000;
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(told.run_until(8_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    assert!(addressed(&told, "hall"));
    told.run(2_000);
    horn(&mut told, Report::Fault(Fault::Line("connecting: refused".into())));
    assert!(!addressed(&told, "hall") && addressed(&told, "fm-audio"));
    let open = |t: &Told| t.site.wants().coders.values().any(|c| c.zones.contains(&1));
    assert!(told.run_until(3_000, open), "mains, warm-up, carrier, then the zone");
    let by_radio = Event::Rerouted(Rerouted { cluster: "thon-1".into(), number: 2, path: "fm".to_owned() });
    assert_eq!(told.events.iter().filter(|e| **e == by_radio).count(), 1);
    assert!(told.run_until(60_000, |t| t.state("KC-1").is_some_and(gateway_core::bulletin::State::is_final)));
    let rows = told.played_rows("KC-1");
    let paths: Vec<&str> = rows.iter().filter(|r| r.cluster.as_str() == "thon-1").map(|r| r.path.as_str()).collect();
    assert!(paths.contains(&"fm"), "{rows:?}");
}

#[test]
fn a_horn_that_comes_back_is_used_again() {
    let mut told = watched();
    horn(&mut told, Report::Fault(Fault::Line("connecting: refused".into())));
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(addressed(&told, "fm-audio"));
    assert!(told.run_until(90_000, |t| t.state("KC-1").is_some_and(gateway_core::bulletin::State::is_final)));
    horn(&mut told, Report::Sensed(Vec::new()));
    told.send("bulletin", &bulletin("KC-2", "emergency", "Lũ về."));
    assert!(addressed(&told, "hall"));
    let back = Event::Rerouted(Rerouted { cluster: "thon-1".into(), number: 1, path: "wired".to_owned() });
    assert!(told.events.contains(&back));
}
