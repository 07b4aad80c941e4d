//! What is kept ready has its sound on the disk before it is needed: warnings sound after the tone, corrections within five seconds.

use gateway_core::bulletin::{Content, Targets};
use gateway_core::id::PreparedId;
use gateway_core::input::Act;
use gateway_core::prepared::{Prepared, Purpose};
use serde_json::json;
use site_tests::told::{Told, bulletin};

const SAID: &str = "Tin vỡ đập là sai. Bà con yên tâm.";

fn item(id: &str, version: u32, purpose: Purpose, content: Vec<Content>) -> Prepared {
    Prepared { id: id.into(), version, purpose, title: "Soạn sẵn".to_owned(), level: 4, content }
}

fn text(said: &str) -> Vec<Content> {
    vec![Content::Text { lang: "vi".to_owned(), text: said.to_owned() }]
}

fn clip() -> Content {
    let media = json!({"url": "https://hub/x", "sha256": "ab".repeat(32), "bytes": 9, "mime": "audio/mpeg"});
    serde_json::from_value(json!({"type": "audio", "lang": "vi", "media": media})).expect("a clip")
}

fn state(told: &Told, id: &str) -> Option<&'static str> {
    told.site.view(told.now).prepared.iter().find(|p| p.item.id.as_str() == id).map(|p| p.state)
}

/// A station whose voice takes half a minute for anything.
fn slow_voice() -> Told {
    let mut told = Told::new();
    told.world.speech_ms = Some(30_000);
    told
}

#[test]
fn a_prepared_correction_is_dark_and_silent_at_once_and_said_within_five_seconds() {
    let mut told = slow_voice();
    told.order(Act::Prepare(item("sai-dap", 1, Purpose::Correction, text(SAID)))).expect("kept");
    assert_eq!(state(&told, "sai-dap"), Some("coming"));
    told.run(31_000);
    assert_eq!(state(&told, "sai-dap"), Some("ready"));
    let mut warning = bulletin("KC-1", "emergency", "Vỡ đập.");
    warning["repeat"] = json!(50);
    told.send("bulletin", &warning);
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    let at = told.now.mono;
    let (prepared, reason) = (Some(PreparedId::from("sai-dap")), "sai".to_owned());
    told.order(Act::Stop { bulletin: None, correction: None, prepared, reason }).expect("stopped");
    assert_ne!(told.playing("hall").as_deref(), Some("Vỡ đập."), "silent in the same step");
    assert_ne!(told.board("gate").as_deref(), Some("Vỡ đập."));
    assert!(told.run_until(5_000, |t| t.heard_at("hall", SAID).is_some()), "{:?}", told.heard("hall"));
    assert!(told.heard_at("hall", SAID).expect("said").since(at) <= 5_000);
}

#[test]
fn a_prepared_warning_is_said_after_the_tone_whatever_the_voice_takes() {
    let mut told = slow_voice();
    told.order(Act::Prepare(item("lu", 1, Purpose::Emergency, text("Lũ ống.")))).expect("kept");
    told.run(31_000);
    let (targets, reason) = (Targets::everything(), "nước dâng".to_owned());
    let act = Act::EmergencyPrepared { prepared: "lu".into(), level: None, targets, repeat: 2, drill: false, reason };
    told.order(act).expect("on air");
    assert_eq!(told.playing("hall").as_deref(), Some("tone 4"));
    assert!(told.run_until(6_000, |t| t.playing("hall").as_deref() == Some("Lũ ống.")));
}

#[test]
fn a_clip_is_fetched_beforehand_and_no_drill_plays_it() {
    let mut told = slow_voice();
    told.order(Act::Prepare(item("coi", 1, Purpose::Emergency, vec![clip()]))).expect("kept");
    assert!(told.site.wants().clips.contains_key(&"ab".repeat(32).as_str().into()));
    told.run(31_000);
    assert_eq!(state(&told, "coi"), Some("ready"));
    let air = |drill| {
        let (targets, reason) = (Targets::everything(), "thử".to_owned());
        Act::EmergencyPrepared { prepared: "coi".into(), level: Some(2), targets, repeat: 1, drill, reason }
    };
    assert!(told.order(air(true)).is_err(), "no recording says DIỄN TẬP");
    told.order(air(false)).expect("on air");
    assert!(told.run_until(6_000, |t| t.playing("hall").is_some_and(|p| p.starts_with("clip") || p.contains("abab"))));
}

#[test]
fn it_is_kept_by_version_through_a_power_cut_and_gone_when_dropped() {
    let mut told = Told::new();
    told.order(Act::Prepare(item("lu", 1, Purpose::Emergency, text("Một.")))).expect("kept");
    assert!(told.order(Act::Prepare(item("lu", 1, Purpose::Emergency, text("Hai.")))).is_err(), "somebody was faster");
    assert!(told.order(Act::Prepare(item("lu", 2, Purpose::Emergency, Vec::new()))).is_err(), "it says nothing");
    told.order(Act::Prepare(item("lu", 2, Purpose::Emergency, text("Hai.")))).expect("kept");
    let wall = told.now.wall;
    told.cut_power(wall);
    told.run(5_000);
    assert_eq!(state(&told, "lu"), Some("ready"), "its sound is wanted again");
    assert!(told.order(Act::DropPrepared { prepared: "lu".into(), version: 1 }).is_err());
    told.order(Act::DropPrepared { prepared: "lu".into(), version: 2 }).expect("gone");
    assert_eq!(state(&told, "lu"), None);
    assert!(told.site.wants().speech.is_empty(), "nobody needs its sound");
}
