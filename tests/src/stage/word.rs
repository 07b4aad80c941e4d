//! Messages the stories are made of, each as short as it can be.

use crate::hub::media::sha256_hex;
use gateway_core::bulletin::Media;
use serde_json::{Value, json};

/// What an emergency of a story says: as short as speech can be told from speech.
pub const WORDS: &str = "Nước lên nhanh.";

/// An emergency of level 4 that says [`WORDS`] so often, everywhere.
pub fn emergency(id: &str, repeat: u16) -> Value {
    json!({"bulletin_id": id, "priority": "emergency", "title": "Lũ", "hazard": {"type": "lu", "level": 4},
        "content": [{"type": "text", "lang": "vi", "text": WORDS}], "repeat": repeat, "gap_s": 1,
        "targets": {"clusters": ["*"], "boards": ["*"]}})
}

/// An ordinary bulletin with a text, everywhere.
pub fn ordinary(id: &str, text: &str) -> Value {
    json!({"bulletin_id": id, "priority": "ordinary", "title": "Tin xã",
        "content": [{"type": "text", "lang": "vi", "text": text}],
        "targets": {"clusters": ["*"], "boards": ["*"]}})
}

/// Puts a file of the hub into a bulletin, before what is there.
pub fn with_audio(mut bulletin: Value, media: &Media) -> Value {
    if let Some(content) = bulletin["content"].as_array_mut() {
        content.insert(0, json!({"type": "audio", "lang": "vi", "media": media}));
    }
    bulletin
}

/// A file the hub never had.
pub fn unknown_media(base_url: &str) -> Media {
    let sha256 = sha256_hex(b"never made");
    Media {
        url: format!("{base_url}/media/{sha256}.mp3"),
        sha256: sha256.as_str().into(),
        bytes: 20_000,
        mime: "audio/mpeg".to_owned(),
        duration_s: None,
    }
}

/// An officer's emergency of level 4 that says [`WORDS`] so often.
pub fn typed_emergency(repeat: u16) -> Value {
    json!({"text": WORDS, "level": 4, "repeat": repeat, "reason": "thử trên bàn"})
}
