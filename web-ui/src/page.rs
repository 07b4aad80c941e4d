//! Pages and their files, and the description of the API; all of it inside the program.

use crate::body::Named;
use crate::bundle;
use crate::problem::{Problem, not_found};
use crate::routes::OPENAPI;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const WOFF2: &str = "font/woff2";

type Asset = (&'static str, &'static str, &'static [u8]);

/// Files of the pages that are not the app's: boards, and what is printed.
const ASSETS: &[Asset] = &[
    ("boards.css", CSS, include_bytes!("../assets/boards.css")),
    ("selftest.css", CSS, include_bytes!("../assets/selftest.css")),
    ("posters.css", CSS, include_bytes!("../assets/posters.css")),
    ("trust.css", CSS, include_bytes!("../assets/trust.css")),
    ("board.css", CSS, include_bytes!("../assets/board.css")),
    ("board.js", JS, include_bytes!("../assets/board.js")),
    ("icon.svg", SVG, include_bytes!("../assets/icon.svg")),
    FONTS[0],
    FONTS[1],
    FONTS[2],
    FONTS[3],
];

/// Be Vietnam Pro, regular and bold, in two parts so that a page loads what it draws.
pub(crate) const FONTS: [Asset; 4] = [
    ("vi-400.woff2", WOFF2, include_bytes!("../assets/be-vietnam-pro-vietnamese-400-normal.woff2")),
    ("vi-700.woff2", WOFF2, include_bytes!("../assets/be-vietnam-pro-vietnamese-700-normal.woff2")),
    ("latin-400.woff2", WOFF2, include_bytes!("../assets/be-vietnam-pro-latin-400-normal.woff2")),
    ("latin-700.woff2", WOFF2, include_bytes!("../assets/be-vietnam-pro-latin-700-normal.woff2")),
];

/// The desk
///
/// The same for everybody: who is there is asked by `GET /api/v1/session`.
#[utoipa::path(get, path = "/", responses(
    (status = 200, description = "The desk.", body = String, content_type = "text/html"),
    (status = 304, description = "Not changed."),
))]
pub(crate) async fn desk(headers: HeaderMap) -> Result<Response, Problem> {
    of_the_app("index.html", &headers).await
}

/// A file of the desk that browsers look for at the top: its icons, its manifest, its service worker
#[utoipa::path(get, path = "/{name}", params(
    ("name" = String, Path, description = "Name of the file.", example = "desk.webmanifest"),
), responses(
    (status = 200, description = "The file.", content_type = "*/*"),
    (status = 304, description = "Not changed."),
))]
pub(crate) async fn top(Named(name): Named, headers: HeaderMap) -> Result<Response, Problem> {
    of_the_app(&name, &headers).await
}

/// A stylesheet, script, picture or font of the pages
#[utoipa::path(get, path = "/assets/{name}", params(
    ("name" = String, Path, description = "Name of the file.", example = "board.css"),
), responses(
    (status = 200, description = "The file.", content_type = "*/*"),
    (status = 304, description = "Not changed."),
))]
pub(crate) async fn asset(Named(name): Named, headers: HeaderMap) -> Result<Response, Problem> {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some(asset) => Ok(file(asset, &headers)),
        None => of_the_app(&format!("assets/{name}"), &headers).await,
    }
}

async fn of_the_app(path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    match bundle::find(path) {
        Some(file) => Ok(bundle::answer(file, headers)),
        None => Err(not_found().await),
    }
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", responses(
    (status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json"),
))]
pub(crate) async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], OPENAPI.as_str()).into_response()
}

/// A file of the program, asked for again by its digest after an update.
pub(crate) fn file((_, kind, bytes): &Asset, asked: &HeaderMap) -> Response {
    let tag = bundle::tag(bytes);
    let same = asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(*bytes).into_response() };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Puts escaped values where the page says `{{name}}`; a value is never looked at again.
pub(crate) fn fill(page: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(page.len() + 256);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((key, after)) = after.split_once("}}") else { break };
        if let Some((_, value)) = values.iter().find(|(k, _)| *k == key) {
            out.push_str(&escaped(value));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text made harmless in HTML, inside and outside quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_not_filled_twice() {
        let page = fill("<p title=\"{{a}}\">{{b}}{{none}}</p>", &[("a", "\"><script>"), ("b", "{{a}}")]);
        assert_eq!(page, "<p title=\"&quot;&gt;&lt;script&gt;\">{{a}}</p>");
    }
}
