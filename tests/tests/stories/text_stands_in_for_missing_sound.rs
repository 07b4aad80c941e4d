//! Sound that cannot be had fails its bulletin with the reason; an emergency falls back to its text, and waits for its sound.

use gateway_core::bulletin::State;
use serde_json::{Value, json};
use site_tests::told::{Told, bulletin, programme};

fn with_audio(mut body: Value, sha: char, text: bool) -> Value {
    let audio = json!({"type": "audio", "lang": "vi", "media": {"url": "https://hub.example.vn/a.mp3",
        "sha256": sha.to_string().repeat(64), "bytes": 40_000, "mime": "audio/mpeg"}});
    let spoken = body["content"][0].clone();
    body["content"] = if text { json!([audio, spoken]) } else { json!([audio]) };
    body
}

fn clip(sha: char) -> String {
    format!("clip {}", sha.to_string().repeat(64))
}

#[test]
fn what_has_no_text_fails_with_the_reason_and_the_others_go_on() {
    let mut told = Told::new();
    told.world.missing.insert("a".repeat(64));
    let jti = told.send("bulletin", &with_audio(bulletin("UT-1", "priority", "…"), 'a', false));
    told.send("bulletin", &bulletin("BT-2", "ordinary", "Tin khác."));
    told.send("programme", &programme("sang", "05:30", &["BT-2"]));
    told.run(5_000);
    assert_eq!(told.state("UT-1"), Some(State::Failed));
    assert_eq!(told.ack(&jti, "failed").map(|a| a["code"].clone()), Some(json!("no_content")));
    let why = told.site.bulletin_heads().into_iter().find(|h| h.id.as_str() == "UT-1").and_then(|h| h.reason);
    assert_eq!(why.as_deref(), Some("not to be had"));
    assert_eq!(told.outcome("BT-2"), Some(State::Done));
}

#[test]
fn the_text_is_spoken_until_the_sound_has_come() {
    let mut told = Told::new();
    told.world.fetch_ms = 8_000;
    (told.world.length_ms, told.world.speech_ms) = (4_000, Some(300));
    let mut body = with_audio(bulletin("KC-1", "emergency", "Vỡ đập."), 'b', true);
    body["repeat"] = json!(3);
    told.send("bulletin", &body);
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["tone 3".to_owned(), "Vỡ đập.".into(), "Vỡ đập.".into(), clip('b')]);
}

#[test]
fn sound_that_breaks_off_is_replaced_by_the_text() {
    let mut told = Told::new();
    told.world.broken.insert("c".repeat(64));
    told.world.speech_ms = Some(2_000);
    told.send("bulletin", &with_audio(bulletin("KC-1", "emergency", "Vỡ đập."), 'c', true));
    told.run(1_000_000);
    let heard = told.heard("hall");
    assert_eq!(
        (heard.first().cloned(), heard.last().cloned()),
        (Some("tone 3".to_owned()), Some("Vỡ đập.".to_owned()))
    );
}

#[test]
fn an_emergency_of_sound_alone_waits_for_a_slow_network() {
    let mut told = Told::new();
    (told.world.length_ms, told.world.speech_ms, told.world.fetch_ms) = (4_000, Some(300), 180_000);
    told.send("bulletin", &with_audio(bulletin("KC-1", "emergency", "…"), 'd', false));
    told.run(60_000);
    assert_eq!(told.playing("hall"), None, "half a minute of tone is enough");
    assert!(told.is_on("amp1"), "but the air is kept for it");
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(
        told.heard("hall"),
        ["tone 3".to_owned(), "tone 3".into(), clip('d')],
        "the tone tells that it is coming"
    );
}
