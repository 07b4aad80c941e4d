//! Parts of a lesson as the page gets them; films with what is said in them, timed, from this box and from nowhere else.

use super::find;
use crate::body::Named;
use crate::described::Unavailable;
use crate::making::media::standing;
use crate::problem::{Problem, not_found};
use crate::reads::{self, odd_query};
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use gateway_core::lesson::{Footage, Part};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A part of a lesson.
#[derive(Serialize, ToSchema)]
pub(crate) struct Piece {
    /// `text`, `image`, `audio` or `video`.
    kind: &'static str,
    /// What stands over it.
    heading: String,
    /// Paragraphs, parted by empty lines; lines that begin with `- ` are a list. Beside a file, what is in it.
    text: String,
    /// The file, to be had at `/api/v1/media/{id}`.
    #[schema(required)]
    file: Option<PieceFile>,
}

/// The file of a part.
#[derive(Serialize, ToSchema)]
pub(crate) struct PieceFile {
    /// SHA-256, lower-case hexadecimal.
    sha256: String,
    /// Its size.
    bytes: u64,
    /// Length, seconds.
    #[schema(required)]
    duration_s: Option<f64>,
    /// Where the part stands in the lesson, from 0: `part` of the captions; `null` where it has none.
    #[schema(required)]
    captions: Option<usize>,
    /// `here`: it can be looked at; `coming`; `missing`: it will not come, or finds no room.
    state: &'static str,
}

/// The parts as they can be shown now.
pub(super) async fn pieces(shared: &Arc<Shared>, parts: Vec<Part>) -> Result<Vec<Piece>, Problem> {
    let shelf = Arc::clone(&shared.desk.media);
    reads::ask(shared, move || {
        let file = |at: usize, footage: &Footage| {
            let sha256 = footage.media.sha256.to_string();
            let state = standing(&*shelf, &sha256)?;
            let captions = (!footage.captions.is_empty()).then_some(at);
            Ok(PieceFile { sha256, bytes: footage.media.bytes, duration_s: footage.media.duration_s, captions, state })
        };
        let piece = |(at, part): (usize, Part)| {
            let (kind, footage) = match part {
                Part::Text { heading, text } => return Some(Ok(Piece { kind: "text", heading, text, file: None })),
                Part::Image(footage) => ("image", footage),
                Part::Audio(footage) => ("audio", footage),
                Part::Video(footage) => ("video", footage),
                Part::Unknown => return None,
            };
            Some(file(at, &footage).map(|file| {
                let Footage { heading, text, .. } = footage;
                Piece { kind, heading, text, file: Some(file) }
            }))
        };
        parts.into_iter().enumerate().filter_map(piece).collect()
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// Where the part stands in the lesson, from 0.
    #[serde(default)]
    #[param(minimum = 0, maximum = 39, example = 0)]
    part: u16,
}

/// What is said in a film of a lesson, timed (WebVTT)
#[utoipa::path(get, path = "/api/v1/lessons/{id}/captions", operation_id = "lessonCaptions",
    params(("id" = String, Path, description = "Identity of the lesson.", example = "trang-dau"), Of),
    responses((status = 200, description = "The captions.", body = String, content_type = "text/vtt"), Unavailable))]
pub(crate) async fn captions(
    State(shared): State<Arc<Shared>>,
    Named(id): Named,
    query: Result<Query<Of>, QueryRejection>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let Query(Of { part }) = query.map_err(|fault| odd_query(&fault))?;
    let (lesson, _) = find(&shared, &id).await?;
    match lesson.parts.get(usize::from(part)).and_then(Part::footage).filter(|footage| !footage.captions.is_empty()) {
        Some(footage) => Ok(([(CONTENT_TYPE, "text/vtt; charset=utf-8")], footage.captions.clone())),
        None => Err(not_found().await),
    }
}
