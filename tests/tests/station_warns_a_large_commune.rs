//! A commune of 80 clusters on four slow buses: an emergency reaches every one, a dead bus delays none of the others, and
//! a board that dies is asked once before its neighbours are served.

use drivers::line::CALL_BUDGET;
use site_tests::device::bus::IN_VAIN;
use site_tests::device::{Event, Mood};
use site_tests::large::{Alert, Dead, Large, place};

/// A path that proves silent is left within so long, milliseconds.
const LEFT_WITHIN: f64 = 5_000.0;

fn alert(large: &Large, dead: &Dead) -> Alert {
    large.alert(dead).unwrap_or_else(|error| panic!("{error:#}"))
}

/// All but this bus were keyed before a single call on it could have ended; four of its units have one each.
fn no_other_waited(alert: &Alert, dead: usize) {
    assert_eq!(alert.buses.iter().position(Option::is_none), Some(dead));
    let slowest = alert.buses.iter().flatten().copied().fold(0.0, f64::max);
    assert!(slowest < CALL_BUDGET.as_secs_f64() * 1e3, "{alert:?}");
}

/// How often each device of these was asked in vain from the alert's sending until `ms` after it.
fn asked_in_vain(large: &Large, alert: &Alert, ms: f64, device: &str) -> usize {
    let until = alert.begun_ns + (ms * 1e6) as u64;
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
    // What stands in for the silent bus was told after each of its four units had been asked once, briefly, and the first of
    // them once more, which decided for all: none was asked with patience before.
    let units = (1..=3).map(|unit| place::relays(1, unit)).chain([place::exciter(1)]);
    let asked: Vec<usize> = units.map(|unit| asked_in_vain(&large, &silent, silent.zones, &unit)).collect();
    assert!(asked.iter().all(|times| *times <= 2), "asked {asked:?} times: {silent:?}");
    assert!(asked.iter().sum::<usize>() > 0, "it did fall silent: {silent:?}");
    assert!(silent.zones < LEFT_WITHIN, "{silent:?}");
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

    let crowded: u64 = large.devices.buses.iter().map(|bus| bus.crowded()).sum();
    assert_eq!(crowded, 0, "no question comes before the silence after the last frame is over");
}
