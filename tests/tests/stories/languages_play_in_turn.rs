//! Renditions play one after another in the order of the clusters' languages; the Vietnamese voice reads Vietnamese only.

use gateway_core::bulletin::State;
use serde_json::{Value, json};
use site_tests::told::{DAWN, Told, bulletin, small_commune};

fn khmer() -> Told {
    let mut config = small_commune();
    for cluster in config.clusters.values_mut() {
        cluster.languages = vec!["km".to_owned(), "vi".to_owned()];
    }
    Told::in_commune(config, Some(DAWN))
}

fn in_both(khmer: Value) -> Value {
    let mut body = bulletin("KC-1", "emergency", "Nước lên.");
    body["repeat"] = json!(2);
    body["content"] = json!([{"type": "text", "lang": "vi-VN", "text": "Nước lên."}, khmer]);
    body
}

#[test]
fn khmer_first_then_vietnamese_in_each_turn() {
    let mut told = khmer();
    let media =
        json!({"url": "https://hub.example.vn/k.mp3", "sha256": "e".repeat(64), "bytes": 1, "mime": "audio/mpeg"});
    told.send("bulletin", &in_both(json!({"type": "audio", "lang": "km", "media": media})));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    let clip = format!("clip {}", "e".repeat(64));
    assert_eq!(told.heard("hall"), ["tone 3", &clip, "Nước lên.", &clip, "Nước lên."]);
}

#[test]
fn a_khmer_text_is_never_read_by_the_vietnamese_voice() {
    let mut told = khmer();
    told.send("bulletin", &in_both(json!({"type": "text", "lang": "km", "text": "ទឹកឡើង"})));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.heard("hall"), ["tone 3", "Nước lên.", "Nước lên."]);
    let mut only = bulletin("KC-2", "emergency", "");
    only["content"] = json!([{"type": "text", "lang": "km", "text": "ទឹកឡើង"}]);
    told.send("bulletin", &only);
    assert_eq!(told.outcome("KC-2"), Some(State::Failed), "nothing can say it, and it says so");
    assert!(!told.heard("hall").iter().any(|w| w.contains("ទឹក")));
}
