//! The pages of televisions and walls, `/board/{id}`: no login, a token of the board's own instead.

pub(crate) mod addresses;

pub use addresses::{BoardAddress, NoBoards};

use crate::page;
use crate::problem::{self, Problem, not_found, say};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn;
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until};

const PAGE: &str = include_str!("../../assets/board.html");
/// Pages open at once, of all boards together.
const MOST: usize = 24;
/// How often a page hears that it is still connected.
const BEAT: Duration = Duration::from_secs(3);
/// A stream ends after this; the page comes back by itself.
const LONGEST: Duration = Duration::from_secs(3600);
/// Largest picture or film that is served, bytes.
const MEDIA_LIMIT: u64 = 48 * 1024 * 1024;

/// The boards of the station that are pages.
pub trait Boards: Send + Sync {
    /// The board of this name, for one who has its token. The comparison takes the same time whatever is wrong.
    fn admit(&self, board: &str, token: &str) -> Option<Arc<dyn Board>>;
    /// Every board with the token of its page, `base` before its path: for a technician's eyes, and for no log.
    fn addresses(&self, base: &str) -> Vec<BoardAddress>;
}

/// A board that is a page.
pub trait Board: Send + Sync {
    /// Tells each turn as it comes.
    fn turns(&self) -> watch::Receiver<u64>;
    /// What is to be shown now.
    fn scene(&self) -> BoardScene;
    /// The page has painted what it was told in this turn.
    fn seen(&self, turn: u64);
    /// The file of a clip of the cache. Called on a thread that may block.
    fn clip(&self, clip: &str) -> Option<PathBuf>;
    /// The commune, as it is written above.
    fn place(&self) -> String;
    /// What the page does without the gateway: `notice`, `keep`, `dark` or `idle`.
    fn link_lost(&self) -> &'static str;
    /// What it shows when its message ends and the gateway says nothing: `dark` or `idle`.
    fn message_end(&self) -> &'static str;
    /// The text of its quiet hours, which is what `idle` shows.
    fn idle(&self) -> Option<String>;
}

/// What a page is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BoardScene {
    /// Counts what it was told.
    pub turn: u64,
    /// The text; `None`: dark.
    pub text: Option<String>,
    /// Disaster risk level 1–5.
    pub level: Option<u8>,
    /// A drill.
    pub drill: bool,
    /// It flashes.
    pub flash: bool,
    /// Rows of a QR code, `1` a dark module.
    pub code: Vec<String>,
    /// A clip of the cache that is shown with it.
    pub picture: Option<String>,
    /// When it stops being true, milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// Per cent.
    pub brightness: u8,
}

struct Shared {
    boards: Arc<dyn Boards>,
    places: Arc<Semaphore>,
}

/// The pages of the boards, to be merged into the officers' listener.
pub fn boards(boards: Arc<dyn Boards>) -> Router {
    let shared = Arc::new(Shared { boards, places: Arc::new(Semaphore::new(MOST)) });
    Router::new()
        .route("/board/{id}", get(page))
        .route("/board/{id}/feed", get(feed))
        .route("/board/{id}/seen", post(seen))
        .route("/board/{id}/media/{clip}", get(media))
        .with_state(shared)
        .layer(DefaultBodyLimit::max(256))
        .layer(from_fn(crate::entry::guard::dress))
        .layer(from_fn(problem::speak))
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
}

/// Whoever has no token learns not even which boards there are.
async fn admitted(shared: &Shared, id: &str, token: &Token) -> Result<Arc<dyn Board>, Problem> {
    match shared.boards.admit(id, &token.token) {
        Some(board) => Ok(board),
        None => Err(not_found().await),
    }
}

async fn page(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(token): Query<Token>,
) -> Result<Html<String>, Problem> {
    let board = admitted(&shared, &id, &token).await?;
    let idle = board.idle().unwrap_or_default();
    let values = [
        ("place", board.place()),
        ("lost", board.link_lost().into()),
        ("end", board.message_end().into()),
        ("idle", idle),
    ];
    let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
    let filled = page::fill(PAGE, &values);
    Ok(Html(filled))
}

/// What the page's stream sends: the scene, and the time that its clock is to show.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    scene: &'a BoardScene,
    now_ms: i64,
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

struct Stream {
    board: Arc<dyn Board>,
    turns: watch::Receiver<u64>,
    ends_at: Instant,
    _place: OwnedSemaphorePermit,
}

async fn feed(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(token): Query<Token>,
) -> Result<impl IntoResponse, Problem> {
    let board = admitted(&shared, &id, &token).await?;
    let place = Arc::clone(&shared.places).try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            say("Quá nhiều màn hình đang mở", "Too many screens are open"),
            say("Hãy đóng bớt trang bảng tin trên các máy khác.", "Close the board's page on other machines."),
        )
        .retry_after(10)
    })?;
    let mut turns = board.turns();
    turns.mark_changed();
    let stream = Stream { board, turns, ends_at: Instant::now() + LONGEST, _place: place };
    Ok(Sse::new(stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    })))
}

impl Stream {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        let beat = Instant::now() + BEAT;
        tokio::select! {
            biased;
            () = sleep_until(self.ends_at) => None,
            changed = self.turns.changed() => {
                changed.ok()?;
                self.turns.mark_unchanged();
                let scene = self.board.scene();
                let told = Told { scene: &scene, now_ms: now_ms() };
                Event::default().event("scene").retry(Duration::from_secs(2)).json_data(told).ok()
            }
            () = sleep_until(beat) => Some(Event::default().event("beat").data(now_ms().to_string())),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    turn: u64,
}

async fn seen(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(token): Query<Token>,
    Json(seen): Json<Seen>,
) -> Result<StatusCode, Problem> {
    admitted(&shared, &id, &token).await?.seen(seen.turn);
    Ok(StatusCode::NO_CONTENT)
}

/// The clip that is being shown, and no other.
async fn media(
    State(shared): State<Arc<Shared>>,
    Path((id, clip)): Path<(String, String)>,
    Query(token): Query<Token>,
) -> Result<Response<axum::body::Body>, Problem> {
    let board = admitted(&shared, &id, &token).await?;
    if board.scene().picture.as_deref() != Some(clip.as_str()) {
        return Err(not_found().await);
    }
    let read = tokio::task::spawn_blocking(move || board.clip(&clip).and_then(|path| read(path).ok())).await;
    let Some((bytes, kind)) = read.ok().flatten().and_then(|bytes| kind(&bytes).map(|kind| (bytes, kind))) else {
        return Err(not_found().await);
    };
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

fn read(path: PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MEDIA_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a file is by its first bytes; `None`: nothing that is shown.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some("video/webm"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_and_films_are_served() {
        assert_eq!(kind(b"\xFF\xD8\xFF\xE0"), Some("image/jpeg"));
        assert_eq!(kind(b"\0\0\0\x20ftypisom"), Some("video/mp4"));
        for other in [&b""[..], b"<html>", b"{}", b"RIFF\0\0\0\0WAVE", b"#!/bin/sh"] {
            assert_eq!(kind(other), None);
        }
    }
}
