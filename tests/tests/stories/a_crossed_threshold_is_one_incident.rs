//! A crossed threshold is one incident, stands on the desk with what to do, and ends with a note; numbers go up thinned.

use gateway_core::config::{Bound, Sensor, SensorAlarm};
use gateway_core::device::{Fault, Reading, Report};
use gateway_core::id::OutputId;
use gateway_core::input::Input;
use gateway_core::journal::Event;
use site_tests::told::{DAWN, Told, small_commune};

fn alarm(code: &str, quantity: &str, bound: Bound, clears: f64, for_ms: u64) -> SensorAlarm {
    let text = "Pin yếu. Bật máy phát điện.".to_owned();
    SensorAlarm { code: code.to_owned(), quantity: quantity.to_owned(), bound, clears, for_ms, text, grave: true }
}

fn station() -> Told {
    let mut config = small_commune();
    let alarms = vec![
        alarm("on_battery", "on_battery", Bound::Above(0.5), 0.5, 0),
        alarm("battery_low", "battery", Bound::Below(11.5), 12.0, 60_000),
    ];
    config.sensors.insert("ups".into(), Sensor { name: "Bộ lưu điện".to_owned(), alarms, ..Sensor::default() });
    Told::in_commune(config, Some(DAWN))
}

fn ups() -> OutputId {
    OutputId::Sensor("ups".into())
}

fn say(told: &mut Told, volts: f64, on_battery: f64) {
    let reading = |quantity: &str, value, unit| Reading { quantity: quantity.to_owned(), value, unit };
    let readings = vec![reading("battery", volts, "V"), reading("on_battery", on_battery, "")];
    told.step(Input::Device(ups(), Report::Sensed(readings)));
}

/// Says the same every ten seconds, as a sensor does.
fn say_for(told: &mut Told, seconds: u64, volts: f64) {
    for _ in 0..seconds / 10 {
        say(told, volts, 0.0);
        told.run(10_000);
    }
}

fn alarms(told: &Told) -> Vec<String> {
    let view = told.site.view(told.now);
    view.alarms.into_iter().filter(|a| a.grave).map(|a| a.text).collect()
}

fn recovered(told: &Told) -> usize {
    told.events.iter().filter(|e| matches!(e, Event::Recovered { about } if about == "sensor/ups/battery")).count()
}

#[test]
fn it_takes_its_time_stands_until_well_clear_and_is_told_once() {
    let mut told = station();
    say_for(&mut told, 60, 12.4);
    say_for(&mut told, 50, 11.4);
    assert_eq!(told.incidents("battery_low"), 0, "not for a minute yet");
    say_for(&mut told, 20, 11.4);
    assert_eq!(told.incidents("battery_low"), 1);
    assert_eq!(alarms(&told), ["Bộ lưu điện: Pin yếu. Bật máy phát điện. (11,4 V)"]);
    say_for(&mut told, 300, 11.8);
    assert_eq!((alarms(&told).len(), recovered(&told)), (1, 0), "11.8 V is not yet 12 V");
    say_for(&mut told, 40, 12.1);
    assert_eq!((alarms(&told).len(), recovered(&told)), (0, 1));
    assert_eq!(told.incidents("battery_low"), 1);
}

#[test]
fn a_dip_is_none_and_a_loose_contact_makes_no_flood() {
    let mut told = station();
    for _ in 0..20 {
        say_for(&mut told, 50, 11.0);
        say_for(&mut told, 10, 12.5);
    }
    assert_eq!(told.incidents("battery_low"), 0, "never for a whole minute");
    for _ in 0..600 {
        say(&mut told, 12.5, 1.0);
        told.run(100);
        say(&mut told, 12.5, 0.0);
        told.run(900);
    }
    assert_eq!(told.incidents("on_battery"), 1, "ten minutes of chatter");
}

#[test]
fn mains_that_fail_are_told_at_once_and_a_lost_ups_keeps_what_it_said_last() {
    let mut told = station();
    say(&mut told, 12.6, 0.0);
    say(&mut told, 12.6, 1.0);
    assert_eq!(told.incidents("on_battery"), 1);
    told.step(Input::Device(ups(), Report::Fault(Fault::Refused("upsd: DATA-STALE".to_owned()))));
    let view = told.site.view(told.now);
    assert_eq!((view.sensors[0].state, told.incidents("device_lost")), ("lost", 1));
    told.run(600_000);
    assert_eq!(alarms(&told).len(), 1, "nobody has said that the mains are back");
    say(&mut told, 12.6, 0.0);
    told.run(14_000);
    assert_eq!(alarms(&told).len(), 1);
    told.run(2_000);
    assert_eq!(alarms(&told).len(), 0, "nothing is measured meanwhile: the station wakes by itself");
}

#[test]
fn numbers_go_up_every_quarter_of_an_hour_every_hour_alone_and_with_an_alarm() {
    let mut told = station();
    let sent = |told: &Told| told.uplinks.iter().filter(|u| u.kind == "telemetry").count();
    told.step(Input::Link { up: true });
    say_for(&mut told, 4 * 3_600, 12.5);
    assert_eq!(sent(&told), 16, "after a minute, then every quarter of an hour");
    told.step(Input::Link { up: false });
    say_for(&mut told, 4 * 3_600, 12.5);
    assert_eq!(sent(&told), 20, "every hour");
    say(&mut told, 12.5, 1.0);
    told.run(60_000);
    assert_eq!(sent(&told), 21);
    let last = told.uplinks.iter().rfind(|u| u.kind == "telemetry").expect("one");
    assert_eq!(last.lane, 5);
    assert_eq!(last.body["alarms"], serde_json::json!(["sensor/ups/on_battery"]));
    assert_eq!(
        last.body["readings"][0],
        serde_json::json!({"sensor": "ups", "quantity": "battery", "value": 12.5, "unit": "V"})
    );
}

#[test]
fn a_station_without_sensors_sends_no_numbers() {
    let mut told = Told::new();
    told.run(24 * 3_600_000);
    assert_eq!(told.uplinks.iter().filter(|u| u.kind == "telemetry").count(), 0);
}
