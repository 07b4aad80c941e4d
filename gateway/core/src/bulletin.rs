//! Bulletins (*bản tin*): the three priorities of TT 39/2020/TT-BTTTT, their content, targets and states.

mod media;
mod state;

pub use media::Media;
pub use state::{Approval, State};

use crate::id::{BoardId, BulletinId, ClusterId, InputId, LiveId};
use crate::time::Wall;
use media::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// The word without which no drill is said or shown.
pub const DRILL: &str = "DIỄN TẬP";

/// The three priorities of TT 39/2020; no other code list of the wire is an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// *Thông thường*: waits for a person's choice, never plays by itself.
    Ordinary,
    /// *Ưu tiên*: first in the next programme.
    Priority,
    /// *Khẩn cấp*: at once.
    Emergency,
}

/// A relay that names no length ends after this, milliseconds.
const RELAY_MS: u64 = 1_800_000;

/// One bulletin, as the hub sends it (contract §5) or as an alert or the desk makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bulletin {
    /// Identity; stays the same over versions.
    pub bulletin_id: BulletinId,
    /// Counts up; a lower or equal one is a duplicate.
    #[serde(default = "one")]
    pub version: u32,
    /// Priority.
    pub priority: Priority,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// *Lĩnh vực*: a code of the hub's list.
    #[serde(default)]
    pub field: String,
    /// Who issued it.
    #[serde(default)]
    pub issuer: Issuer,
    /// Renditions; one of several languages each.
    #[serde(default)]
    pub content: Vec<Content>,
    /// Where.
    #[serde(default)]
    pub targets: Targets,
    /// Not before.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Wall>,
    /// Not after.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Wall>,
    /// How often it is said, 1–100.
    #[serde(default = "one_u16")]
    pub repeat: u16,
    /// Silence between two times, seconds.
    #[serde(default)]
    pub gap_s: u16,
    /// Hazard of an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazard: Option<Hazard>,
    /// Bulletins it takes the place of.
    #[serde(default)]
    pub supersedes: Vec<BulletinId>,
    /// A drill: said and shown as one.
    #[serde(default)]
    pub drill: bool,
    /// It is no recording but a voice that speaks now; made of a `live` message or at the desk, never read of a
    /// bulletin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

/// A live transmission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Identity.
    pub id: LiveId,
    /// Where its sound comes from.
    pub from: LiveFrom,
    /// The speaker is cut off after, milliseconds.
    pub max_ms: u64,
    /// It opens with the chime.
    #[serde(default = "yes")]
    pub chime: bool,
    /// Login name of whoever has the microphone of the desk now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
}

fn yes() -> bool {
    true
}

/// Where the sound of a live transmission comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveFrom {
    /// An input of the site.
    Input(InputId),
    /// A network stream.
    Url(String),
    /// The microphone of a browser at the desk.
    Desk,
}

fn one() -> u32 {
    1
}

fn one_u16() -> u16 {
    1
}

/// Who issued a bulletin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// `central`, `province`, `commune`; data, since the levels of the state change.
    #[serde(default)]
    pub level: String,
    /// Name on screens.
    #[serde(default)]
    pub name: String,
}

/// One rendition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// A sound file.
    Audio {
        /// BCP 47 language.
        #[serde(default = "vietnamese")]
        lang: String,
        /// The file.
        media: Media,
    },
    /// A text, spoken where there is no audio in its language, and shown on boards.
    Text {
        /// BCP 47 language.
        #[serde(default = "vietnamese")]
        lang: String,
        /// The text.
        text: String,
    },
    /// A relay (*tiếp âm*) of an input of the site.
    Relay {
        /// BCP 47 language.
        #[serde(default = "vietnamese")]
        lang: String,
        /// Which input.
        input: InputId,
        /// For how long at most, seconds; half an hour unless said.
        #[serde(default)]
        duration_s: Option<u32>,
    },
    /// A picture, for boards that can show one beside the text.
    Image {
        /// The file; `None` where it is not described as it should be: the words count all the same.
        #[serde(default, deserialize_with = "lenient")]
        media: Option<Media>,
    },
    /// A film, for boards that can play one.
    Video {
        /// As of a picture.
        #[serde(default, deserialize_with = "lenient")]
        media: Option<Media>,
    },
    /// What this release does not know.
    #[serde(other)]
    Other,
}

fn vietnamese() -> String {
    "vi".to_owned()
}

/// Which clusters and boards; `*` = all of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Targets {
    /// Clusters.
    #[serde(default)]
    pub clusters: Vec<ClusterId>,
    /// Boards.
    #[serde(default)]
    pub boards: Vec<BoardId>,
}

impl Targets {
    /// Everything the site has.
    pub fn everything() -> Self {
        Self { clusters: vec![ClusterId::from("*")], boards: vec![BoardId::from("*")] }
    }

    /// Whether a cluster is meant.
    pub fn has_cluster(&self, id: &ClusterId) -> bool {
        self.clusters.iter().any(|c| c.as_str() == "*" || c == id)
    }

    /// Whether a board is meant.
    pub fn has_board(&self, id: &BoardId) -> bool {
        self.boards.iter().any(|b| b.as_str() == "*" || b == id)
    }
}

/// What threatens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hazard {
    /// A code of the hub's list, e.g. `bao`, `lu`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Disaster risk level 1–5 (QĐ 18/2021/QĐ-TTg, Điều 4).
    #[serde(default)]
    pub level: u8,
}

impl Bulletin {
    /// Disaster risk level: the hazard's, or 3 for an emergency that names none.
    pub fn level(&self) -> u8 {
        self.hazard.as_ref().map_or(3, |h| h.level.clamp(1, 5))
    }

    /// The audio rendition in a language.
    pub fn audio(&self, lang: &str) -> Option<&Media> {
        self.content.iter().find_map(|content| {
            let Content::Audio { lang: of, media } = content else { return None };
            same_language(of, lang).then_some(media)
        })
    }

    /// The relay in a language: which input, and for how long at most, milliseconds.
    pub fn relay(&self, lang: &str) -> Option<(&InputId, u64)> {
        self.content.iter().find_map(|content| {
            let Content::Relay { lang: of, input, duration_s } = content else { return None };
            same_language(of, lang).then(|| (input, duration_s.map_or(RELAY_MS, |s| u64::from(s) * 1000)))
        })
    }

    /// The text rendition in a language.
    pub fn text(&self, lang: &str) -> Option<&str> {
        self.content.iter().find_map(|content| {
            let Content::Text { lang: of, text } = content else { return None };
            (same_language(of, lang) && !text.trim().is_empty()).then_some(text.as_str())
        })
    }

    /// What boards may show of it besides the text: a picture or a film.
    pub fn pictures(&self) -> impl Iterator<Item = &Media> {
        self.content.iter().filter_map(|content| {
            let (Content::Image { media } | Content::Video { media }) = content else { return None };
            media.as_ref()
        })
    }

    /// Every media file it needs.
    pub fn media(&self) -> impl Iterator<Item = &Media> {
        self.content.iter().filter_map(|c| match c {
            Content::Audio { media, .. } => Some(media),
            Content::Image { media } | Content::Video { media } => media.as_ref(),
            Content::Text { .. } | Content::Relay { .. } | Content::Other => None,
        })
    }

    /// Languages it can be heard in: any that has audio, and Vietnamese where it has text.
    pub fn heard_in(&self) -> Vec<&str> {
        if self.live.is_some() {
            return vec!["vi"];
        }
        let mut langs: Vec<&str> = Vec::new();
        for content in &self.content {
            let lang = match content {
                Content::Audio { lang, .. } | Content::Relay { lang, .. } => lang.as_str(),
                Content::Text { lang, text } if same_language(lang, "vi") && !text.trim().is_empty() => lang.as_str(),
                Content::Text { .. } | Content::Image { .. } | Content::Video { .. } | Content::Other => continue,
            };
            if !langs.iter().any(|l| same_language(l, lang)) {
                langs.push(lang);
            }
        }
        langs
    }

    /// What the voice says: the Vietnamese text, and that it is a drill where it is one.
    pub fn spoken(&self) -> Option<Cow<'_, str>> {
        let text = self.text("vi")?;
        if !self.drill || text.contains(DRILL) {
            return Some(Cow::Borrowed(text));
        }
        Some(Cow::Owned(format!("{DRILL}. {DRILL}. {} Đây là {DRILL}.", text.trim())))
    }

    /// What a board would show: the Vietnamese text, else the title.
    pub fn board_text(&self) -> &str {
        self.text("vi").unwrap_or(&self.title)
    }
}

/// `vi` and `vi-VN` are the same language.
pub fn same_language(a: &str, b: &str) -> bool {
    let primary = |l: &str| l.split('-').next().unwrap_or_default().to_ascii_lowercase();
    primary(a) == primary(b)
}

/// RFC 3339 on the wire, milliseconds inside.
pub(crate) mod moment {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(at: &Option<Wall>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Wall::rfc3339).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Wall>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        Wall::parse(&text).map(Some).ok_or_else(|| serde::de::Error::custom("a moment is RFC 3339 with an offset"))
    }
}
