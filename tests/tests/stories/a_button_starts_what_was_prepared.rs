//! A button at the station starts what was prepared under its name, recording and all; its own text while there is no such thing.

use gateway_core::bulletin::Content;
use gateway_core::config::{Button, Sensor};
use gateway_core::device::{Reading, Report};
use gateway_core::id::OutputId;
use gateway_core::input::{Act, Input};
use gateway_core::journal::Event;
use gateway_core::prepared::{Prepared, Purpose};
use serde_json::json;
use site_tests::told::{DAWN, Told, small_commune};
use std::collections::BTreeSet;

const OWN: &str = "Lũ về. Rời bờ suối ngay.";

fn station() -> Told {
    let mut config = small_commune();
    let prepared = Some("coi-lu".into());
    let button = Button::Emergency { text: OWN.to_owned(), level: 4, clusters: BTreeSet::new(), prepared };
    config.sensors.insert("panel".into(), Sensor { button: Some(button), ..Sensor::default() });
    let mut told = Told::in_commune(config, Some(DAWN));
    set(&mut told, 0.0);
    told
}

fn set(told: &mut Told, value: f64) {
    let reading = Reading { quantity: "pressed".to_owned(), value, unit: "" };
    told.step(Input::Device(OutputId::Sensor("panel".into()), Report::Sensed(vec![reading])));
}

/// Pressed for as long as it takes.
fn press(told: &mut Told) {
    set(told, 1.0);
    told.run(3_100);
    set(told, 0.0);
}

fn keep(told: &mut Told, version: u32, content: Vec<Content>) {
    let (id, title) = ("coi-lu".into(), "Lũ ống".to_owned());
    let item = Prepared { id, version, purpose: Purpose::Emergency, title, level: 5, content };
    told.order(Act::Prepare(item)).expect("kept");
    told.run(5_000);
}

fn clip() -> Content {
    let media = json!({"url": "", "sha256": "cd".repeat(32), "bytes": 9, "mime": "audio/wav"});
    serde_json::from_value(json!({"type": "audio", "lang": "vi", "media": media})).expect("a clip")
}

#[test]
fn its_recording_sounds_after_the_tone_and_the_journal_says_who() {
    let mut told = station();
    keep(&mut told, 1, vec![clip()]);
    press(&mut told);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 4"), "the button's own level");
    assert!(
        told.run_until(6_000, |t| t.playing("hall").is_some_and(|p| p.contains("cdcd"))),
        "{:?}",
        told.heard("hall")
    );
    let by = |e: &Event| matches!(e, Event::Ordered { by, .. } if by == "sensor/panel");
    assert_eq!(told.events.iter().filter(|e| by(e)).count(), 1);
    assert_eq!(told.heard_at("hall", OWN), None, "the recording is said instead of any text");
}

#[test]
fn what_was_changed_since_is_said_as_it_is_now_and_what_is_gone_leaves_the_text() {
    let mut told = station();
    press(&mut told);
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some(OWN)), "nothing was prepared yet");
    told.order(Act::Stop { bulletin: None, correction: None, prepared: None, reason: "thử".to_owned() })
        .expect("ended");
    keep(&mut told, 1, vec![Content::Text { lang: "vi".to_owned(), text: "Lời cũ.".to_owned() }]);
    keep(&mut told, 2, vec![Content::Text { lang: "vi".to_owned(), text: "Lên đồi trường học.".to_owned() }]);
    press(&mut told);
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("Lên đồi trường học.")));
    assert_eq!(told.heard_at("hall", "Lời cũ."), None);
}
