//! The addresses of televisions with their tokens, for a technician who sets one up: to be scanned, or copied.

use crate::Board;
use crate::page::{escaped, fill};
use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Html;
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use utoipa::ToSchema;

const PAGE: &str = include_str!("../../../assets/boards.html");

/// A board that is a page, as the one who sets it up needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardAddress {
    /// Which.
    pub id: String,
    /// Its page with the token that opens it.
    pub url: String,
    /// Rows of the QR code of that, `1` a dark module.
    pub code: Vec<String>,
}

/// The addresses as they are seen from where this request came from.
fn addresses(shared: &Shared, headers: &HeaderMap) -> Vec<BoardAddress> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let base = match (host.is_empty() || !host.bytes().all(plain), shared.desk.secure_cookie) {
        (true, _) => String::new(),
        (false, true) => format!("https://{host}"),
        (false, false) => format!("http://{host}"),
    };
    shared.desk.boards.addresses(&base)
}

/// The boards that are pages.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoardAddresses {
    boards: Vec<BoardAddress>,
}

/// Addresses of the boards that are pages, each with the token that opens it
#[utoipa::path(get, path = "/api/v1/boards", operation_id = "boardAddresses", responses(
    (status = 200, description = "The addresses, as seen from where this was asked.", body = BoardAddresses),
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<BoardAddresses> {
    Json(BoardAddresses { boards: addresses(&shared, &headers) })
}

/// Addresses of the boards that are pages, to be scanned from the screen or from paper
#[utoipa::path(get, path = "/boards", operation_id = "boardAddressesPage", responses(
    (status = 200, description = "A page with a QR code each.", body = String, content_type = "text/html"),
))]
pub(crate) async fn page(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Html<String> {
    let name = shared.desk.view.borrow().name.clone();
    let mut rows = String::new();
    for board in addresses(&shared, &headers) {
        let (id, url) = (escaped(&board.id), escaped(&board.url));
        // Writing to a String cannot fail.
        writeln!(rows, "<article><h2>{id}</h2>{}<p><code>{url}</code></p></article>", drawn(&board.code)).ok();
    }
    if rows.is_empty() {
        rows.push_str("<p>Trạm không có bảng tin nào là trang web (driver = \"html\").</p>");
    }
    // The rows are HTML already, each value in them escaped.
    Html(fill(PAGE, &[("place", &name)]).replace("<!-- rows -->", &rows))
}

/// A code with its quiet zone.
fn drawn(code: &[String]) -> String {
    const QUIET: usize = 4;
    let side = code.len() + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in code.iter().enumerate() {
        for (x, _) in row.bytes().enumerate().filter(|(_, module)| *module == b'1') {
            write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET).ok();
        }
    }
    format!(
        "<svg viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"Mã QR\">\
         <path d=\"{path}\"/></svg>"
    )
}

/// A station without such boards.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBoards;

impl crate::Boards for NoBoards {
    fn admit(&self, _: &str, _: &str) -> Option<Arc<dyn Board>> {
        None
    }

    fn addresses(&self, _: &str) -> Vec<BoardAddress> {
        Vec::new()
    }
}
