//! *Xem trước*: what each board would show of a text, before anybody outside sees it.

use crate::air::acts::words;
use crate::body::Told;
use crate::described::Unavailable;
use crate::problem::Problem;
use crate::reads;
use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gateway_core::id::BoardId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Boards looked at in one request.
const BOARDS: usize = 8;
/// Pages of one board that are shown.
const PAGES: usize = 12;

/// What paints for the desk; called on a thread that may block.
pub trait Preview: Send + Sync {
    /// What a board would show of a text and a picture of the cache; `None`: there is no such board.
    fn sight(&self, board: &BoardId, text: &str, picture: Option<&str>) -> Option<BoardSight>;
}

/// What a board would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardSight {
    /// Pixels across; 0 where the board sets the text itself.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// The text as the board shows it, where it has letters of its own or is a page.
    pub text: Option<String>,
    /// A PNG file, how long it stands in milliseconds, whether it runs.
    pub pages: Vec<(Vec<u8>, u64, bool)>,
    /// It is a page of a browser: a picture or a film stands beside the text.
    pub is_page: bool,
}

/// A desk without boards.
#[derive(Debug)]
pub struct NoPreview;

impl Preview for NoPreview {
    fn sight(&self, _: &BoardId, _: &str, _: Option<&str>) -> Option<BoardSight> {
        None
    }
}

/// What is to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreviewOf, example = json!({"text": "Lịch tiêm chủng: sáng thứ tư", "boards": ["gate"]}))]
pub(crate) struct Of {
    /// The text.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
    /// SHA-256 of a picture.
    #[serde(default)]
    picture: Option<String>,
    /// Which boards; those that are not there are left out.
    boards: Vec<BoardId>,
}

/// What the boards would show.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sights {
    boards: Vec<SightRow>,
}

/// What one board would show.
#[derive(Serialize, ToSchema)]
pub(crate) struct SightRow {
    /// Which.
    id: BoardId,
    /// Pixels across; 0 where the board sets the text itself.
    width: u16,
    /// Pixels down.
    height: u16,
    /// The text as the board shows it, where it has letters of its own or is a page.
    #[schema(required)]
    text: Option<String>,
    /// Its pages in order, 12 at most.
    pages: Vec<SightPage>,
    /// It is a page of a browser: a picture or a film stands beside the text.
    is_page: bool,
}

/// A page of a board.
#[derive(Serialize, ToSchema)]
pub(crate) struct SightPage {
    /// A PNG file as a `data:` address; wider than the board where it runs.
    png: String,
    /// How long it stands, milliseconds.
    hold_ms: u64,
    /// It runs through the board from right to left.
    runs: bool,
}

/// What each board would show of a text, just as its card would be sent it
#[utoipa::path(post, path = "/api/v1/preview", operation_id = "preview", request_body = Of, responses(
    (status = 200, description = "The pages of each board.", body = Sights), Unavailable))]
pub(crate) async fn preview(State(shared): State<Arc<Shared>>, Told(of): Told<Of>) -> Result<Json<Sights>, Problem> {
    let text = words("text", "Nội dung", &of.text, 1, 2000)?;
    let painter = Arc::clone(&shared.desk.preview);
    let boards = reads::ask(&shared, move || {
        let picture = of.picture.as_deref();
        let row = |id: BoardId| painter.sight(&id, &text, picture).map(|sight| row(id, sight));
        Ok(of.boards.into_iter().take(BOARDS).filter_map(row).collect())
    });
    Ok(Json(Sights { boards: boards.await? }))
}

fn row(id: BoardId, sight: BoardSight) -> SightRow {
    let BoardSight { width, height, text, pages, is_page } = sight;
    let page = |(png, hold_ms, runs): (Vec<u8>, u64, bool)| SightPage {
        png: format!("data:image/png;base64,{}", BASE64.encode(png)),
        hold_ms,
        runs,
    };
    SightRow { id, width, height, text, pages: pages.into_iter().take(PAGES).map(page).collect(), is_page }
}
