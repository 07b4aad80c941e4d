//! A commune of 80 clusters on four slow buses: an emergency reaches every one, and a dead bus, pulled out or silent,
//! delays none of the others.

use site_tests::device::Mood;
use site_tests::large::{Dead, Large, place};

#[test]
fn an_emergency_reaches_every_one_and_a_dead_bus_delays_none_of_the_others() {
    let large = Large::up("large").expect("a large commune");
    let well = large.alert(&Dead::default()).unwrap_or_else(|error| panic!("{error:#}"));
    eprintln!("all well: {well:?}, limits {:?}", (0..place::BUSES).map(place::limit).collect::<Vec<_>>());
    let crowded: u64 = large.devices.buses.iter().map(|bus| bus.crowded()).sum();
    assert_eq!(crowded, 0, "no question comes before the silence after the last frame is over");

    // Dies in the moment of the alert: nobody knows it yet.
    large.devices.silence(1, true);
    let silent = Dead { buses: vec![1], ..Dead::default() };
    let alert = large.alert(&silent).unwrap_or_else(|error| panic!("{error:#}"));
    eprintln!("bus 1 silent: {alert:?}");
    large.devices.silence(1, false);
    large.wait_outputs("every output well", |_, state| state == "well").expect("it comes back");

    large.devices.buses[2].set_mood(Mood::Absent);
    let pulled = Dead { buses: vec![2], ..Dead::default() };
    let alert = large.alert(&pulled).unwrap_or_else(|error| panic!("{error:#}"));
    eprintln!("bus 2 pulled out: {alert:?}");
}
