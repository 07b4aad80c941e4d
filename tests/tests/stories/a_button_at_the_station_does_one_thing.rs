//! A button at the station does one thing: mute and lift, an emergency after three seconds, a voice while it is pressed.

use gateway_core::config::{Bound, Button, Buzzer, Sensor, SensorAlarm, Switch};
use gateway_core::device::{Fault, Reading, Report};
use gateway_core::id::OutputId;
use gateway_core::input::Input;
use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, small_commune};
use std::collections::BTreeSet;

fn station(button: Button) -> Told {
    let mut config = small_commune();
    config.sensors.insert("panel".into(), Sensor { button: Some(button), ..Sensor::default() });
    let mut told = Told::in_commune(config, Some(DAWN));
    set(&mut told, 0.0);
    told
}

fn set(told: &mut Told, value: f64) {
    let reading = Reading { quantity: "pressed".to_owned(), value, unit: "" };
    told.step(Input::Device(OutputId::Sensor("panel".into()), Report::Sensed(vec![reading])));
}

fn prepared() -> Button {
    Button::Emergency {
        text: "Lũ về. Rời bờ suối ngay.".to_owned(),
        level: 4,
        clusters: BTreeSet::new(),
        prepared: None,
    }
}

fn emergencies(told: &Told) -> usize {
    told.events.iter().filter(|e| matches!(e, Event::Admitted { .. })).count()
}

#[test]
fn the_first_press_mutes_and_the_next_lifts() {
    let mut told = station(Button::Mute { clusters: BTreeSet::new() });
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["repeat"] = json!(100);
    told.send("bulletin", &body);
    assert!(told.run_until(20_000, |t| t.playing("hall").is_some()));
    set(&mut told, 1.0);
    assert_eq!(told.playing("hall"), None);
    assert_eq!(told.incidents("emergency_muted"), 1);
    set(&mut told, 1.0);
    set(&mut told, 0.0);
    assert_eq!(told.playing("hall"), None, "letting go is nothing");
    set(&mut told, 1.0);
    assert!(told.playing("hall").is_some());
    let by = told.events.iter().filter(|e| matches!(e, Event::Ordered { by, .. } if by == "sensor/panel")).count();
    assert_eq!(by, 2, "the journal knows who");
}

#[test]
fn an_emergency_needs_three_seconds_and_comes_once() {
    let mut told = station(prepared());
    for held in [100, 2_900] {
        set(&mut told, 1.0);
        told.run(held);
        set(&mut told, 0.0);
        told.run(10_000);
        assert_eq!(emergencies(&told), 0, "{held} ms");
    }
    set(&mut told, 1.0);
    told.run(3_100);
    assert_eq!(emergencies(&told), 1);
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("Lũ về. Rời bờ suối ngay.")));
    told.run(20_000);
    assert_eq!(emergencies(&told), 1, "it is still held");
}

#[test]
fn a_button_that_is_stuck_when_the_station_starts_does_nothing() {
    let mut config = small_commune();
    config.sensors.insert("panel".into(), Sensor { button: Some(prepared()), ..Sensor::default() });
    let mut told = Told::in_commune(config, Some(DAWN));
    set(&mut told, 1.0);
    told.run(60_000);
    assert_eq!(emergencies(&told), 0);
    told.step(Input::Device(OutputId::Sensor("panel".into()), Report::Fault(Fault::Line("no chip".to_owned()))));
    set(&mut told, 1.0);
    told.run(60_000);
    assert_eq!(emergencies(&told), 0, "nor one that comes back pressed");
}

#[test]
fn a_voice_is_on_air_while_the_button_is_pressed_and_no_longer_than_its_time() {
    let mut told = station(Button::Talk { input: "vov1".into(), max_s: 30, clusters: BTreeSet::new() });
    set(&mut told, 1.0);
    assert!(told.run_until(5_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    set(&mut told, 0.0);
    assert!(told.run_until(1_000, |t| t.playing("hall").is_none()));
    set(&mut told, 1.0);
    assert!(told.run_until(5_000, |t| t.playing("hall").is_some()), "again, under a name of its own");
    assert!(told.run_until(40_000, |t| t.playing("hall").is_none()), "cut off");
    set(&mut told, 0.0);
    set(&mut told, 1.0);
    assert!(told.run_until(5_000, |t| t.playing("hall").is_some()));
    told.step(Input::Device(OutputId::Sensor("panel".into()), Report::Fault(Fault::Line("no chip".to_owned()))));
    assert!(told.run_until(1_000, |t| t.playing("hall").is_none()), "nobody knows whether it is still pressed");
}

#[test]
fn a_button_for_one_hamlet_mutes_that_one() {
    let mut told = station(Button::Mute { clusters: BTreeSet::from(["thon-2".into()]) });
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["repeat"] = json!(100);
    told.send("bulletin", &body);
    assert!(told.run_until(20_000, |t| t.playing("hall").is_some()));
    let on = |t: &Told, amp: &str| t.site.wants().switches[&amp.into()];
    set(&mut told, 1.0);
    assert!(on(&told, "amp1") && !on(&told, "amp2"), "the other hears on");
    set(&mut told, 0.0);
    set(&mut told, 1.0);
    assert!(on(&told, "amp1") && on(&told, "amp2"), "pressed again, it lifts what it muted");
}

#[test]
fn a_prepared_emergency_may_be_for_one_hamlet() {
    let clusters = BTreeSet::from(["thon-2".into()]);
    let mut told =
        station(Button::Emergency { text: "Cháy nhà kho.".to_owned(), level: 3, clusters, prepared: None });
    set(&mut told, 1.0);
    told.run(4_000);
    let addressed: Vec<String> = told.site.air().addressed.values().flatten().map(ToString::to_string).collect();
    assert_eq!(addressed, ["thon-2"]);
}

#[test]
fn an_alarm_sounds_its_buzzer_for_its_time_and_a_mute_button_silences_it() {
    let mut config = small_commune();
    config.switches.insert("buzzer".into(), Switch::default());
    let button = Some(Button::Mute { clusters: BTreeSet::new() });
    config.sensors.insert("panel".into(), Sensor { button, ..Sensor::default() });
    let alarm = SensorAlarm {
        code: "intrusion".to_owned(),
        quantity: "door".to_owned(),
        bound: Bound::Above(0.5),
        clears: 0.5,
        for_ms: 0,
        text: "cửa đang mở".to_owned(),
        grave: false,
    };
    let buzzer = Some(Buzzer { switch: "buzzer".into(), for_ms: 60_000 });
    config.sensors.insert("door".into(), Sensor { alarms: vec![alarm], buzzer, ..Sensor::default() });
    let mut told = Told::in_commune(config, Some(DAWN));
    set(&mut told, 0.0);
    let door = |told: &mut Told, value: f64| {
        let reading = Reading { quantity: "door".to_owned(), value, unit: "" };
        told.step(Input::Device(OutputId::Sensor("door".into()), Report::Sensed(vec![reading])));
    };
    let sounds = |t: &Told| t.site.wants().switches[&"buzzer".into()];
    door(&mut told, 0.0);
    assert!(!sounds(&told));
    door(&mut told, 1.0);
    assert!(sounds(&told), "at once");
    door(&mut told, 0.0);
    told.run(40_000);
    assert!(!sounds(&told), "it ends with the alarm, before its time is over");
    door(&mut told, 1.0);
    told.run(59_000);
    assert!(sounds(&told));
    told.run(2_000);
    assert!(!sounds(&told), "nobody came, and it has told enough");
    door(&mut told, 0.0);
    told.run(40_000);
    door(&mut told, 1.0);
    assert!(sounds(&told), "it is opened again");
    set(&mut told, 1.0);
    assert!(!sounds(&told), "somebody is there");
}
