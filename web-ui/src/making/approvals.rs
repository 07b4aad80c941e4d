//! *Duyệt*: bulletins in full, and a leader's word on those of the commune.

use crate::air::acts::words;
use crate::air::orders::{Answer, Done, order};
use crate::air::outlook::ahead;
use crate::body::{Named, Told};
use crate::described::{Bytes, NotOrdered, Unavailable, Unfit};
use crate::entry::guard::Signed;
use crate::making::lexicon;
use crate::problem::{Problem, not_found};
use crate::routes::Shared;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Json};
use gateway_core::bulletin::{Content, Targets};
use gateway_core::id::{BulletinId, ClusterId};
use gateway_core::input::Act;
use gateway_core::view::BulletinHead;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// A bulletin in full.
#[derive(Serialize, ToSchema)]
pub(crate) struct Whole {
    /// As lists show it.
    head: BulletinHead,
    /// Where.
    targets: Targets,
    /// Clusters of this station it goes to.
    clusters: Vec<ClusterId>,
    /// How often it is said.
    repeat: u16,
    /// What is said and shown.
    content: Vec<Part>,
}

/// A rendition, or a picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct Part {
    /// `audio`, `text`, `image`, `video`, `relay`.
    kind: &'static str,
    /// Its language; empty for pictures.
    lang: String,
    /// Its text.
    #[schema(required)]
    text: Option<String>,
    /// SHA-256 of its file.
    #[schema(required)]
    sha256: Option<String>,
    /// The file is on the station.
    here: bool,
    /// Length of its sound, seconds.
    #[schema(required)]
    duration_s: Option<f64>,
}

/// A bulletin in full
#[utoipa::path(get, path = "/api/v1/bulletins/{id}", operation_id = "bulletin", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), responses((status = 200, description = "It.", body = Whole), Unavailable))]
pub(crate) async fn read(State(shared): Desk, Named(id): Named) -> Result<Json<Whole>, Problem> {
    let ahead = ahead(&shared).await?;
    let Some(standing) = ahead.bulletin(&BulletinId::from(id)) else { return Err(not_found().await) };
    let bulletin = &standing.bulletin;
    let part = |kind, lang: &str| Part {
        kind,
        lang: lang.to_owned(),
        text: None,
        sha256: None,
        here: false,
        duration_s: None,
    };
    let filed = |kind, lang: &str, media: Option<&gateway_core::bulletin::Media>| {
        let made = media.and_then(|m| ahead.clip(&m.sha256));
        let here = matches!(made, Some(gateway_core::input::Made::Ready { .. }));
        let (sha256, duration_s) = (media.map(|m| m.sha256.to_string()), media.and_then(|m| m.duration_s));
        Part { sha256, here, duration_s, ..part(kind, lang) }
    };
    let content = bulletin.content.iter().filter_map(|content| match content {
        Content::Audio { lang, media } => Some(filed("audio", lang, Some(media))),
        Content::Text { lang, text } => Some(Part { text: Some(text.clone()), here: true, ..part("text", lang) }),
        Content::Image { media } => Some(filed("image", "", media.as_ref())),
        Content::Video { media } => Some(filed("video", "", media.as_ref())),
        Content::Relay { lang, input, .. } => {
            Some(Part { text: Some(input.to_string()), here: true, ..part("relay", lang) })
        }
        Content::Other => None,
    });
    let content = content.collect();
    let (targets, repeat) = (bulletin.targets.clone(), bulletin.repeat);
    Ok(Json(Whole { head: standing.head(), clusters: ahead.clusters(&targets), targets, repeat, content }))
}

/// The Vietnamese text of a bulletin, as the station's voice says it
#[utoipa::path(get, path = "/api/v1/bulletins/{id}/voice", operation_id = "hearBulletin", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), responses((status = 200, description = "A WAV file.", body = inline(Bytes), content_type = "audio/wav"),
    Unfit, Unavailable))]
pub(crate) async fn voice(State(shared): Desk, Named(id): Named) -> Result<Response, Problem> {
    let ahead = ahead(&shared).await?;
    let spoken = ahead.bulletin(&BulletinId::from(id)).and_then(|s| s.bulletin.spoken().map(|t| t.into_owned()));
    match spoken {
        Some(text) => lexicon::say_aloud(&shared, text, None).await,
        None => Err(not_found().await),
    }
}

/// What is approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 1}))]
pub(crate) struct Approve {
    /// The version that was looked at and listened to.
    version: u32,
}

/// What is sent back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 1, "reason": "sai ngày: thứ tư"}))]
pub(crate) struct SendBack {
    /// The version that was looked at.
    version: u32,
    /// What is to be mended; its author reads it. 3 to 500 characters after trimming.
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// *Duyệt*: say yes to a bulletin of the commune
#[utoipa::path(post, path = "/api/v1/bulletins/{id}/approve", operation_id = "approve", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = Approve, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done), NotOrdered))]
pub(crate) async fn approve(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(Approve { version }): Told<Approve>,
) -> Answer {
    order(&shared, by, Act::Approve { bulletin: BulletinId::from(id), version }).await
}

/// *Trả lại*: send a bulletin of the commune back to its author, with the reason
#[utoipa::path(post, path = "/api/v1/bulletins/{id}/return", operation_id = "sendBack", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = SendBack, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done), NotOrdered))]
pub(crate) async fn send_back(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(SendBack { version, reason }): Told<SendBack>,
) -> Answer {
    let reason = words("reason", "Lý do", &reason, 3, 500)?;
    order(&shared, by, Act::SendBack { bulletin: BulletinId::from(id), version, reason }).await
}

/// *Rút lại*: take back a bulletin that one handed in and that waits for approval
#[utoipa::path(post, path = "/api/v1/bulletins/{id}/withdraw", operation_id = "withdraw", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = Approve, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done), NotOrdered))]
pub(crate) async fn withdraw(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(Approve { version }): Told<Approve>,
) -> Answer {
    order(&shared, by, Act::Withdraw { bulletin: BulletinId::from(id), version }).await
}
