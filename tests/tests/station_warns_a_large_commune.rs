//! A commune of 80 clusters on four slow buses: an emergency reaches every one, a dead bus delays none of the others, and
//! a board that dies is asked once before its neighbours are served.

use drivers::line::CALL_BUDGET;
use site_tests::device::bus::{Bus, IN_VAIN};
use site_tests::device::{Event, Mood};
use site_tests::large::{Alert, Dead, Large, place};
use site_tests::load::stretched;
use std::collections::BTreeMap;
use std::time::Duration;

/// A path that proves silent is left within so long.
const LEFT_WITHIN: Duration = Duration::from_secs(5);

fn alert(large: &Large, dead: &Dead) -> Alert {
    large.alert(dead).unwrap_or_else(|error| panic!("{error:#}"))
}

/// All but this bus were keyed before a single call on it could have ended; four of its units have one each.
fn no_other_waited(alert: &Alert, dead: usize) {
    assert_eq!(alert.buses.iter().position(Option::is_none), Some(dead));
    let slowest = alert.buses.iter().flatten().copied().fold(0.0, f64::max);
    assert!(slowest < stretched(CALL_BUDGET).as_secs_f64() * 1e3, "{alert:?}");
}

/// How often each device of these was asked in vain from the alert's sending until `ms` after it.
fn asked_in_vain(large: &Large, alert: &Alert, ms: f64, device: &str) -> usize {
    let until = alert.begun_ns.saturating_add((ms * 1e6) as u64);
    let mine = |e: &&Event| e.device == device && e.event == IN_VAIN && (alert.begun_ns..until).contains(&e.at_ns);
    large.devices.timeline.events().iter().filter(mine).count()
}

fn well_again(large: &Large) {
    large.wait_well().expect("what was dead comes back");
}

#[test]
fn an_emergency_reaches_every_one_whatever_bus_is_dead() {
    let large = Large::up("large").expect("a large commune");
    alert(&large, &Dead::default());

    // It dies in the moment of the alert: nobody knows it yet.
    let dead = Dead { buses: vec![1], ..Dead::default() };
    large.devices.silence(1, true);
    let silent = alert(&large, &dead);
    no_other_waited(&silent, 1);
    // Each of its four units was asked before any of them was asked again with patience: twice at most, where one was being
    // looked at when the alert came.
    let units: Vec<String> = (1..=3).map(|unit| place::relays(1, unit)).chain([place::exciter(1)]).collect();
    let events = large.devices.timeline.events();
    let in_vain =
        events.iter().filter(|e| e.at_ns >= silent.begun_ns && e.event == IN_VAIN && units.contains(&e.device));
    let mut asked = BTreeMap::new();
    for event in in_vain {
        *asked.entry(event.device.as_str()).or_insert(0) += 1;
        if asked.len() == units.len() {
            break;
        }
    }
    assert_eq!(asked.len(), units.len(), "every unit was asked: {asked:?}");
    assert!(asked.values().all(|times| *times <= 2), "{asked:?}");
    // What stands in for the silent bus was told in time.
    assert!(silent.zones < stretched(LEFT_WITHIN).as_secs_f64() * 1e3, "{silent:?}");
    large.devices.silence(1, false);
    well_again(&large);
    large.devices.buses[1].set_mood(Mood::Absent);
    no_other_waited(&alert(&large, &dead), 1);
    large.devices.buses[1].set_mood(Mood::Well);
    well_again(&large);

    // The first board that is told on its bus: the others, and the carrier after them, wait for one answer of it at most.
    let dead = Dead { unit: Some((2, 1)), ..Dead::default() };
    large.devices.buses[2].set_unit_mood(1, Mood::Deaf);
    let alert = alert(&large, &dead);
    let (keyed, dead) = (alert.buses[2].expect("the others are keyed"), place::relays(2, 1));
    let before = asked_in_vain(&large, &alert, keyed, &dead);
    let ever = asked_in_vain(&large, &alert, f64::MAX, &dead);
    assert!(before <= 1 && ever > 0, "asked {before} times before its neighbours were keyed: {alert:?}");

    // A far end that the machine lets sleep sees two questions closer than they were; a gateway that kept no silence would
    // crowd every one of them.
    let sum = |of: fn(&Bus) -> u64| large.devices.buses.iter().map(of).sum::<u64>();
    let (crowded, all) = (sum(Bus::crowded), sum(Bus::requests));
    assert!(crowded * 50 <= all, "{crowded} of {all} questions came before the silence after the last frame was over");
}
