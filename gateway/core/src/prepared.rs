//! What is kept ready to be said: warnings and corrections made ahead, with their sound made ahead too.

use crate::bulletin::Content;
use crate::id::PreparedId;
use serde::{Deserialize, Serialize};

/// As many as are kept at most: every one has its sound on the disk.
pub const MOST: usize = 100;
/// Longest text, characters.
pub const TEXT: usize = 2_000;
/// Renditions of one at most.
const RENDITIONS: usize = 10;

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// *Phát khẩn cấp*.
    Emergency,
    /// *Đính chính*.
    Correction,
}

/// Something kept ready.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// Identity.
    pub id: PreparedId,
    /// Counts up by one.
    pub version: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// Name on screens.
    pub title: String,
    /// Disaster risk level 1–5 of a warning.
    pub level: u8,
    /// Its text and its clips.
    pub content: Vec<Content>,
}

impl Prepared {
    /// What is wrong with it, in the officer's language.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=64).contains(&self.id.as_str().len()) {
            return Err("Mã có từ 1 đến 64 chữ cái".to_owned());
        }
        if self.title.trim().is_empty() || self.title.chars().count() > 200 {
            return Err("Tên gọi có từ 1 đến 200 chữ cái".to_owned());
        }
        if !(1..=5).contains(&self.level) {
            return Err("Cấp độ từ 1 đến 5".to_owned());
        }
        let says = self.content.iter().any(|c| match c {
            Content::Audio { .. } => true,
            Content::Text { text, .. } => !text.trim().is_empty(),
            Content::Relay { .. } | Content::Image { .. } | Content::Video { .. } | Content::Other => false,
        });
        if !says || self.content.len() > RENDITIONS {
            return Err(format!("Cần lời viết hoặc bản ghi âm, nhiều nhất {RENDITIONS} bản"));
        }
        let long = |c: &Content| matches!(c, Content::Text { text, .. } if text.chars().count() > TEXT);
        if self.content.iter().any(long) {
            return Err(format!("Lời viết dài quá {TEXT} chữ cái"));
        }
        Ok(())
    }

    /// Its Vietnamese text; empty where it has none.
    pub fn text(&self) -> &str {
        let text = self.content.iter().find_map(|c| match c {
            Content::Text { lang, text } if crate::bulletin::same_language(lang, "vi") => Some(text.as_str()),
            Content::Text { .. }
            | Content::Audio { .. }
            | Content::Relay { .. }
            | Content::Image { .. }
            | Content::Video { .. }
            | Content::Other => None,
        });
        text.unwrap_or_default()
    }
}
