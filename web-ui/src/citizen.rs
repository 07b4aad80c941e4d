//! The citizens' listener: a calm notice, and nothing of the officer's.

use crate::body;
use crate::entry::guard;
use crate::page::{FONTS, escaped, file, fill};
use crate::problem::{self, Problem, not_found, wrong_method};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use gateway_core::view::{OnAir, View};
use std::sync::Arc;
use tokio::sync::watch;

const NOTICE: &str = include_str!("../assets/notice.html");
const LOST: &str = include_str!("../assets/lost.html");
const CSS: (&str, &str, &[u8]) = ("notice.css", "text/css; charset=utf-8", include_bytes!("../assets/notice.css"));

type Seen = State<watch::Receiver<Arc<View>>>;

/// The citizens' listener: `/`, `/p` and `/q/{point}` show the emergency that stands, or that there is none; its
/// stylesheet and letters are under `/notice/`.
pub fn citizen(view: watch::Receiver<Arc<View>>) -> Router {
    Router::new()
        .route("/", get(notice))
        .route("/p", get(notice))
        .route("/q/{point}", get(point))
        .route("/notice/{name}", get(asset))
        .fallback(lost)
        .method_not_allowed_fallback(wrong_method)
        .with_state(view)
        .layer(DefaultBodyLimit::max(body::LARGEST))
        .layer(from_fn(guard::dress))
        .layer(from_fn(problem::speak))
}

async fn lost() -> Response {
    (StatusCode::NOT_FOUND, Html(LOST)).into_response()
}

async fn point(seen: Seen, Path(point): Path<String>) -> Response {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if point.is_empty() || point.len() > 64 || !point.chars().all(name) {
        return lost().await;
    }
    notice(seen).await.into_response()
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    match FONTS.iter().chain([&CSS]).find(|(known, ..)| *known == name) {
        Some(asset) => Ok(file(asset, &headers)),
        None => Err(not_found().await),
    }
}

async fn notice(State(view): Seen) -> Html<String> {
    let view = Arc::clone(&view.borrow());
    let Some(standing) = standing(&view) else { return Html(fill(NOTICE, &[("state", "quiet")])) };
    let text = view.boards.iter().find(|b| b.level.is_some()).and_then(|b| b.text.as_deref());
    let text = text.filter(|text| *text != standing.title).unwrap_or_default();
    let level = standing.level.filter(|l| (1..=5).contains(l)).map(|l| l.to_string()).unwrap_or_default();
    let page = fill(
        NOTICE,
        &[("state", if standing.drill { "drill" } else { "emergency" }), ("level", &level), ("title", &standing.title)],
    );
    // Lines of the text are paragraphs; each is escaped by itself.
    let lines: String =
        text.lines().filter(|l| !l.trim().is_empty()).map(|l| format!("<p>{}</p>", escaped(l))).collect();
    Html(page.replacen("<!--text-->", &lines, 1))
}

/// The emergency that stands: a real one before a drill, then the highest level.
fn standing(view: &View) -> Option<&OnAir> {
    let airs = view.clusters.iter().filter_map(|c| c.now.as_ref());
    airs.filter(|air| air.rank == "emergency").max_by_key(|air| (!air.drill, air.level))
}
