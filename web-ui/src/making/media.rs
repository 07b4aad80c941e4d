//! Files that officers bring: taken in piece by piece within bounds, known by what is in them and never by their name.

mod book;
mod fault;

pub(crate) use book::{TABLES, Unused, find, insert, known, needs, stale, unused};
pub use fault::MediaFault;

use crate::air::ears::Recorded;
use crate::air::orders::in_office;
use crate::body::Named;
use crate::described::{Bytes, NotOrdered, Unavailable, Unfit};
use crate::entry::guard::Signed;
use crate::problem::{Problem, not_found, say};
use crate::reads::{self, ReadFault};
use crate::routes::Shared;
use crate::slices;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::{Extension, Json};
use fault::{fault, slow};
use futures_util::StreamExt;
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

/// One mebibyte.
const MIB: u64 = 1 << 20;

/// The next piece of a file may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The whole of it may take so long: 200 MiB over a poor Wi-Fi.
const LONGEST: Duration = Duration::from_secs(3600);

/// Looking at it may take so long, beyond the bound the daemon has for itself.
const LOOKING: Duration = Duration::from_secs(180);

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// A picture.
    Image,
    /// A film; boards that are pages show it.
    Video,
}

impl MediaKind {
    /// Largest file of this kind, bytes; that of a film is what the pages of boards can show.
    pub fn largest(self) -> u64 {
        match self {
            Self::Audio => 200 * MIB,
            Self::Image => 20 * MIB,
            Self::Video => 48 * MIB,
        }
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Image => "image",
            Self::Video => "video",
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Self::Audio => "âm thanh",
            Self::Image => "ảnh",
            Self::Video => "video",
        }
    }
}

/// The place where files are kept; the calls may block.
pub trait MediaShelf: Send + Sync {
    /// Takes a file in whose pieces come over the channel, until [`Arrived::All`]; where the channel ends before it, the
    /// rest never comes and nothing is kept. `announced` is how long it is said to be, `kind` what it is said to be.
    ///
    /// # Errors
    /// When it is not what it is said to be, is out of bounds, or there is no room for it; then nothing is kept.
    fn take(
        &self,
        announced: Option<u64>,
        kind: Option<MediaKind>,
        pieces: mpsc::Receiver<Arrived>,
    ) -> Result<MediaTaken, MediaFault>;

    /// A file to be read; `None`: there is none of that digest.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open(&self, sha256: &str) -> Result<Option<Recorded>, ReadFault>;

    /// The desk needs a file no longer; it stays while anything that is to be aired names it.
    fn release(&self, sha256: &str);

    /// The desk needs a file that came otherwise, and what that is, without an outline; `None`: it is not here.
    ///
    /// # Errors
    /// When it cannot be looked at or kept.
    fn hold(&self, _sha256: &str) -> Result<Option<MediaTaken>, ReadFault> {
        Ok(None)
    }

    /// Whether a file that is not here is on its way.
    fn is_coming(&self, _sha256: &str) -> bool {
        false
    }

    /// What nothing needs, in the order in which it goes.
    fn idle(&self) -> Idle {
        Idle::default()
    }
}

/// Whether a file can be had at `/api/v1/media/{id}`: `here`, `coming`, or `missing`: it will not come, or finds no room.
pub(crate) fn standing(shelf: &dyn MediaShelf, sha256: &str) -> Result<&'static str, ReadFault> {
    Ok(match shelf.open(sha256)? {
        Some(_) => "here",
        None if shelf.is_coming(sha256) => "coming",
        None => "missing",
    })
}

/// What of the cache nothing needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// How much may stay, bytes.
    pub room: u64,
    /// How much there is, bytes.
    pub used: u64,
    /// SHA-256, bytes, and when it was last needed, milliseconds since 1970; what goes first is first.
    pub files: Vec<(String, u64, i64)>,
}

/// A desk that takes no files.
#[derive(Debug)]
pub struct NoMedia;

impl MediaShelf for NoMedia {
    fn take(&self, _: Option<u64>, _: Option<MediaKind>, _: mpsc::Receiver<Arrived>) -> Result<MediaTaken, MediaFault> {
        Err(MediaFault::NoRoom)
    }

    fn open(&self, _: &str) -> Result<Option<Recorded>, ReadFault> {
        Ok(None)
    }

    fn release(&self, _: &str) {}
}

/// What comes of a file that is being sent.
#[derive(Debug)]
pub enum Arrived {
    /// The next piece.
    Piece(axum::body::Bytes),
    /// That was all.
    All,
}

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaTaken {
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// What it is.
    pub kind: MediaKind,
    /// Its media type, as its bytes say.
    pub mime: &'static str,
    /// Its size, bytes.
    pub bytes: u64,
    /// Length of its sound, milliseconds.
    pub duration_ms: Option<u64>,
    /// Width and height of a picture, pixels.
    pub pixels: Option<(u32, u32)>,
    /// Outline of its sound: peaks, 255 = full scale.
    pub peaks: Vec<u8>,
}

/// A file that was taken in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Medium {
    /// SHA-256, lower-case hexadecimal: its name.
    pub(crate) sha256: String,
    /// What it is.
    pub(crate) kind: MediaKind,
    /// Its media type, as its bytes say.
    pub(crate) mime: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Length of its sound, milliseconds.
    #[schema(required)]
    pub(crate) duration_ms: Option<u64>,
    /// Width of a picture, pixels.
    #[schema(required)]
    pub(crate) width: Option<u32>,
    /// Height of a picture, pixels.
    #[schema(required)]
    pub(crate) height: Option<u32>,
    /// Outline of its sound, at most 800 peaks of 0 to 255.
    pub(crate) peaks: Vec<u8>,
    /// Who brought it.
    pub(crate) by: String,
}

/// Take a file in: sound, a picture, a film
///
/// What it is follows from its bytes; a `Content-Type` that says something else is refused, and a name is not asked for. At most
/// 200 MiB of sound (two hours), 20 MiB of a picture (21 million pixels), 48 MiB of a film.
#[utoipa::path(post, path = "/api/v1/media", operation_id = "takeMedia",
    request_body(content = inline(Bytes), content_type = "application/octet-stream",
        description = "The file; `audio/*`, `image/*` and `video/*` are taken too, and must be true."),
    responses((status = 200, description = "Kept.", body = Medium), Unfit, NotOrdered))]
pub(crate) async fn take(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Medium>, Problem> {
    let said = said(&headers)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok()?.parse::<u64>().ok());
    let limit = said.map_or(MediaKind::Audio.largest(), MediaKind::largest);
    if announced.is_some_and(|bytes| bytes > limit) {
        return Err(fault(&MediaFault::TooLarge(limit)));
    }
    let taken = pour(&shared, announced, said, limit, body).await?;
    let MediaTaken { sha256, kind, mime, bytes, duration_ms, pixels, peaks } = taken;
    let (width, height) = (pixels.map(|p| p.0), pixels.map(|p| p.1));
    let medium =
        Medium { sha256, kind, mime: mime.to_owned(), bytes, duration_ms, width, height, peaks, by: by.name.clone() };
    keep(&shared, &medium).await?;
    let what = format!("media {} {} {} bytes", &medium.sha256[..12], kind.as_str(), bytes);
    let Json(_) = in_office(&shared, &by, what).await?;
    Ok(Json(medium))
}

/// What a file is said to be; `None`: its bytes will say it.
fn said(headers: &HeaderMap) -> Result<Option<MediaKind>, Problem> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match said.split('/').next().unwrap_or_default() {
        "audio" => Ok(Some(MediaKind::Audio)),
        "image" => Ok(Some(MediaKind::Image)),
        "video" => Ok(Some(MediaKind::Video)),
        _ if said == "application/octet-stream" => Ok(None),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "no_medium",
            say("Loại tệp này không dùng được", "This kind of file is not taken"),
            say(
                "Hãy chọn tệp âm thanh (MP3, WAV, M4A, OGG, FLAC), ảnh (JPEG, PNG, WebP) hoặc video (MP4, WebM). Chưa lưu gì.",
                "Choose sound (MP3, WAV, M4A, OGG, FLAC), a picture (JPEG, PNG, WebP) or a film (MP4, WebM). Nothing was kept.",
            ),
        )),
    }
}

/// Pours a body into a thread that keeps it and looks at it.
async fn pour(
    shared: &Shared,
    announced: Option<u64>,
    said: Option<MediaKind>,
    limit: u64,
    body: Body,
) -> Result<MediaTaken, Problem> {
    let (to, pieces) = mpsc::channel(8);
    let (answer, looked) = oneshot::channel();
    let shelf = Arc::clone(&shared.desk.media);
    let work = move || {
        // Who asked may be gone.
        answer.send(shelf.take(announced, said, pieces)).ok();
    };
    let thread = std::thread::Builder::new().name("intake".into()).spawn(work);
    thread.map_err(|error| fault(&MediaFault::Disk(error.to_string())))?;
    let (mut body, mut came, began) = (body.into_data_stream(), 0_u64, Instant::now());
    loop {
        let piece = match timeout(PATIENCE, body.next()).await {
            Ok(Some(Ok(piece))) if began.elapsed() < LONGEST => piece,
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(fault(&MediaFault::Broken)),
            Ok(Some(Ok(_))) | Err(_) => return Err(slow()),
        };
        came = came.saturating_add(piece.len() as u64);
        if came > limit {
            return Err(fault(&MediaFault::TooLarge(limit)));
        }
        if to.send(Arrived::Piece(piece)).await.is_err() {
            // Whoever took it has a reason to have stopped.
            break;
        }
    }
    to.send(Arrived::All).await.ok();
    drop(to);
    match timeout(LOOKING, looked).await {
        Ok(Ok(Ok(taken))) => Ok(taken),
        Ok(Ok(Err(why))) => Err(fault(&why)),
        Ok(Err(_)) => Err(fault(&MediaFault::Disk("the taking ended".to_owned()))),
        Err(_) => Err(fault(&MediaFault::Endless)),
    }
}

/// Writes down what was taken in, and lets go of what nobody needs.
async fn keep(shared: &Arc<Shared>, medium: &Medium) -> Result<(), Problem> {
    let (medium, now) = (medium.clone(), now_ms(shared));
    let stale = shared.desk.office.with(move |book| {
        book::insert(book, &medium, now)?;
        book::stale(book, now)
    });
    let_go(shared, stale.await?).await
}

/// The office needs these files no longer.
pub(crate) async fn let_go(shared: &Arc<Shared>, stale: Vec<String>) -> Result<(), Problem> {
    if stale.is_empty() {
        return Ok(());
    }
    let shelf = Arc::clone(&shared.desk.media);
    reads::ask(shared, move || {
        stale.iter().for_each(|sha256| shelf.release(sha256));
        Ok(())
    })
    .await
}

/// The station's trusted clock, milliseconds since 1970.
pub(crate) fn now_ms(shared: &Shared) -> Option<i64> {
    let view = Arc::clone(&shared.desk.view.borrow());
    view.clock.as_deref().and_then(Wall::parse).map(|wall| wall.0)
}

/// A file of the cache: one that was taken in here, or came from the hub
#[utoipa::path(get, path = "/api/v1/media/{id}", operation_id = "medium", params(
    ("id" = String, Path, description = "Its SHA-256, 64 hexadecimal digits."),
), responses(
    (status = 200, description = "All of it.", body = inline(Bytes), content_type = "application/octet-stream"),
    (status = 206, description = "The part that was asked for.", body = inline(Bytes), content_type = "application/octet-stream"),
    (status = 416, description = "There is no such part."),
    Unavailable,
))]
pub(crate) async fn file(
    State(shared): State<Arc<Shared>>,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (shelf, name) = (Arc::clone(&shared.desk.media), id.clone());
    match reads::ask(&shared, move || shelf.open(&name)).await? {
        Some(recorded) => Ok(slices::answer(&shared, recorded, &id, &headers)),
        None => Err(not_found().await),
    }
}

/// What is known of a file that was taken in here
#[utoipa::path(get, path = "/api/v1/media/{id}/about", operation_id = "aboutMedium", params(
    ("id" = String, Path, description = "Its SHA-256, 64 hexadecimal digits."),
), responses((status = 200, description = "It.", body = Medium), Unavailable))]
pub(crate) async fn about(State(shared): State<Arc<Shared>>, Named(id): Named) -> Result<Json<Medium>, Problem> {
    match known(&shared.desk.office, &id).await? {
        Some(medium) => Ok(Json(medium)),
        None => Err(not_found().await),
    }
}
