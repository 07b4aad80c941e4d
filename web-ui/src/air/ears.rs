//! What can be heard: the sinks live, and recordings of what left them.

use crate::body::Named;
use crate::described::{Bytes, Clock, Unavailable};
use crate::entry::guard::{self, Signed};
use crate::entry::users::Right;
use crate::problem::{Problem, not_found, say};
use crate::reads::{self, ReadFault};
use crate::routes::Shared;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::{StreamExt, stream};
use gateway_core::id::{PlayId, SinkId};
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};

/// What the daemon lets an officer hear.
pub trait Ears: Send + Sync {
    /// Pieces of an endless Ogg/Opus stream of what leaves a sink, from its head on. Does not block. Dropping it ends
    /// it.
    ///
    /// # Errors
    /// There is no such sink, or it cannot be listened to now.
    fn listen(&self, sink: &SinkId, player: Player) -> Result<mpsc::Receiver<Vec<u8>>, Unheard>;

    /// Recordings that lie in a time, milliseconds since 1970, of one sink or of all; by age. Called on a thread that
    /// may block.
    ///
    /// # Errors
    /// When they cannot be looked up.
    fn recordings(&self, time: &Range<i64>, sink: Option<&SinkId>) -> Result<Vec<RecordingRow>, ReadFault>;

    /// A recording to be read; `None`: there is none of that name. Called on a thread that may block.
    ///
    /// # Errors
    /// When its file cannot be read.
    fn recording(&self, id: &str) -> Result<Option<Recorded>, ReadFault>;
}

/// What an officer listens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
    /// The media element of a browser, which gathers many bytes before it plays any.
    Browser,
    /// Anything else.
    Other,
}

/// Why a sink cannot be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// There is no such sink.
    Unknown,
    /// As many as may listen to it already.
    Full,
    /// The stream cannot be made.
    Broken,
}

/// A recording of what left a sink.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordingRow {
    /// Its name.
    pub id: String,
    /// Which sink it left.
    pub sink: SinkId,
    /// Its start, RFC 3339 with +07:00.
    #[schema(format = DateTime)]
    pub start: String,
    /// `trusted` or `untrusted`: what is to be thought of `start`.
    #[schema(inline, value_type = Clock)]
    pub clock: &'static str,
    /// Its length, milliseconds.
    pub duration_ms: u64,
    /// Its size, bytes.
    pub bytes: u64,
    /// What was due in it, in order.
    pub plays: Vec<PlayRow>,
    /// Silence in the place of what could not be kept, milliseconds.
    pub lost_ms: u64,
    /// The power failed before it was finished.
    pub torn: bool,
}

/// Where in a recording a play begins.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PlayRow {
    /// Its number in the journal; numbers begin anew at power-on.
    pub play: PlayId,
    /// From the start of the recording, milliseconds.
    pub at_ms: u64,
}

/// A recording that can be read.
#[derive(Debug)]
pub struct Recorded {
    /// Its file.
    pub file: File,
    /// Its size, bytes.
    pub bytes: u64,
    /// Its media type.
    pub media_type: &'static str,
}

/// A live stream ends after this: an officer who has signed out does not listen for ever.
const LONGEST: Duration = Duration::from_secs(3600);

/// What leaves a sink, live: an Ogg/Opus stream that goes on through silence; ends after an hour
#[utoipa::path(get, path = "/monitor/{sink}", params(("sink" = String, Path, description = "Which sink.")), responses(
    (status = 200, description = "The stream.", body = inline(Bytes), content_type = "audio/ogg; codecs=opus"),
    Unavailable,
))]
pub(crate) async fn monitor(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(sink): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let element = headers.get("sec-fetch-dest").is_some_and(|to| to == "audio" || to == "video");
    let player = if element { Player::Browser } else { Player::Other };
    let pieces = match shared.desk.ears.listen(&SinkId::from(sink), player) {
        Ok(pieces) => pieces,
        Err(Unheard::Unknown) => return Err(not_found().await),
        Err(Unheard::Full) => {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_streams",
                say("Đã có đủ người nghe đường tiếng này", "Too many listen to this sink already"),
                say("Hãy đóng bớt trang nghe trên các máy khác.", "Stop listening on another machine."),
            )
            .retry_after(10));
        }
        Err(Unheard::Broken) => {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no_stream",
                say("Chưa nghe trực tiếp được", "The sink cannot be listened to now"),
                say("Loa vẫn phát bình thường. Hãy thử lại.", "Loudspeakers are not affected. Try again."),
            )
            .retry_after(10));
        }
    };
    let end = Instant::now() + LONGEST;
    let body = stream::unfold(pieces, move |mut pieces| async move {
        let piece = timeout_at(end, pieces.recv()).await.ok().flatten()?;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    let body = body.take_until(Box::pin(guard::loses(shared, by, Right::Look)));
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("audio/ogg; codecs=opus"))], Body::from_stream(body)).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordingQuery {
    /// Of this sink only.
    sink: Option<String>,
    /// Only what ended after this moment, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// Only what began before this moment, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
    /// Longest list.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

/// A list of recordings.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recordings {
    recordings: Vec<RecordingRow>,
}

/// Recordings of what left the sinks, newest first
#[utoipa::path(get, path = "/api/v1/recordings", params(RecordingQuery), responses(
    (status = 200, description = "The list.", body = Recordings),
    Unavailable,
))]
pub(crate) async fn recordings(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<RecordingQuery>, QueryRejection>,
) -> Result<Json<Recordings>, Problem> {
    let Query(query) = query.map_err(|fault| reads::odd_query(&fault))?;
    let limit = reads::limit(query.limit, 100)?;
    let time = moment(query.from.as_deref(), i64::MIN)?..moment(query.to.as_deref(), i64::MAX)?;
    let sink = query.sink.map(SinkId::from);
    let ears = Arc::clone(&shared.desk.ears);
    let mut recordings = reads::ask(&shared, move || ears.recordings(&time, sink.as_ref())).await?;
    recordings.reverse();
    recordings.truncate(limit);
    Ok(Json(Recordings { recordings }))
}

fn moment(text: Option<&str>, otherwise: i64) -> Result<i64, Problem> {
    let Some(text) = text else { return Ok(otherwise) };
    Wall::parse(text).map(|wall| wall.0).ok_or_else(|| {
        Problem::wrong(say(
            format!("{text:?} không phải thời điểm; viết như 2026-11-21T05:00:00%2B07:00."),
            format!("{text:?} is no moment; write for example 2026-11-21T05:00:00%2B07:00."),
        ))
    })
}

/// A recording, or the part of it a Range header names
#[utoipa::path(get, path = "/api/v1/recordings/{id}", params(
    ("id" = String, Path, description = "Its name."),
    ("Range" = Option<String>, Header, description = "One range of bytes.", example = "bytes=0-65535"),
), responses(
    (status = 200, description = "The file: Opus in Ogg, or FLAC.",
        content((inline(Bytes) = "audio/ogg"), (inline(Bytes) = "audio/flac"))),
    (status = 206, description = "The part.",
        content((inline(Bytes) = "audio/ogg"), (inline(Bytes) = "audio/flac"))),
    (status = 416, description = "There is no such part; `Content-Range` says how long the file is.",
        content((inline(Bytes) = "audio/ogg"), (inline(Bytes) = "audio/flac"))),
    Unavailable,
))]
pub(crate) async fn recording(
    State(shared): State<Arc<Shared>>,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ears = Arc::clone(&shared.desk.ears);
    let asked = id.clone();
    match reads::ask(&shared, move || ears.recording(&asked)).await? {
        Some(recorded) => Ok(crate::slices::answer(&shared, recorded, &id, &headers)),
        None => Err(not_found().await),
    }
}
