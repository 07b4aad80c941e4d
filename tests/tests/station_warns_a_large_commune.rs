//! A commune of 80 clusters on four slow buses: an emergency reaches every one, a dead bus delays none of the others, and
//! a board that dies is asked once before its neighbours are served.

use drivers::line::CALL_BUDGET;
use site_tests::device::Mood;
use site_tests::device::bus::IN_VAIN;
use site_tests::large::{Alert, Dead, Large, place};

fn alert(large: &Large, dead: &Dead) -> Alert {
    large.alert(dead).unwrap_or_else(|error| panic!("{error:#}"))
}

/// All but this bus were keyed before a single call on it could have ended; four of its units have one each.
fn no_other_waited(alert: &Alert, dead: usize) {
    assert_eq!(alert.buses.iter().position(Option::is_none), Some(dead));
    let slowest = alert.buses.iter().flatten().copied().fold(0.0, f64::max);
    assert!(slowest < CALL_BUDGET.as_secs_f64() * 1e3, "{alert:?}");
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
    // What stands in for the silent bus was told well before each of its four units had been asked with patience.
    assert!(silent.zones < 2.0 * CALL_BUDGET.as_secs_f64() * 1e3, "{silent:?}");
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
    let until_ns = alert.begun_ns + (alert.buses[2].expect("the others are keyed") * 1e6) as u64;
    let mine = |event: &&site_tests::device::Event| event.device == place::relays(2, 1) && event.event == IN_VAIN;
    let events = large.devices.timeline.events();
    let in_vain: Vec<u64> = events.iter().filter(mine).map(|event| event.at_ns).collect();
    let before = in_vain.iter().filter(|at| (alert.begun_ns..until_ns).contains(*at)).count();
    assert!(before <= 1 && !in_vain.is_empty(), "asked {before} times before its neighbours were keyed: {alert:?}");

    let crowded: u64 = large.devices.buses.iter().map(|bus| bus.crowded()).sum();
    assert_eq!(crowded, 0, "no question comes before the silence after the last frame is over");
}
