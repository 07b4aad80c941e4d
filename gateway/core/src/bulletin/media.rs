//! Media files as a bulletin names them.

use crate::id::ClipId;
use serde::{Deserialize, Deserializer, Serialize};

/// A media file at the hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// HTTPS address.
    pub url: String,
    /// SHA-256, hexadecimal.
    #[serde(deserialize_with = "digest")]
    pub sha256: ClipId,
    /// Size, bytes.
    pub bytes: u64,
    /// Kind of file; not relied upon.
    #[serde(default)]
    pub mime: String,
    /// Length as the hub measured it, seconds.
    #[serde(default)]
    pub duration_s: Option<f64>,
}

/// What is wrong with a picture must not cost a warning its words.
pub(super) fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Media>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok())
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ClipId, D::Error> {
    let text = String::deserialize(deserializer)?.to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(ClipId::from(text))
    } else {
        Err(serde::de::Error::custom("sha256 is 64 hexadecimal digits"))
    }
}
