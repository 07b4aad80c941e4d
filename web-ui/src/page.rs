//! The desk's page, the files it is made of, and the description of the API; all of it inside the program.

use crate::guard::Signed;
use crate::problem::{Problem, not_found};
use crate::routes::Shared;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use ring::digest;
use std::fmt::Write as _;
use std::sync::Arc;

const DESK: &str = include_str!("../assets/desk.html");
const SIGN_IN: &str = include_str!("../assets/sign-in.html");
const OPENAPI: &str = include_str!("../../docs/openapi.json");

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const WOFF2: &str = "font/woff2";

type Asset = (&'static str, &'static str, &'static [u8]);

const ASSETS: &[Asset] = &[
    ("desk.css", CSS, include_bytes!("../assets/desk.css")),
    ("desk.js", JS, include_bytes!("../assets/desk.js")),
    ("acts.js", JS, include_bytes!("../assets/acts.js")),
    ("ear.js", JS, include_bytes!("../assets/ear.js")),
    ("lines.js", JS, include_bytes!("../assets/lines.js")),
    ("trial.js", JS, include_bytes!("../assets/trial.js")),
    ("boards.css", CSS, include_bytes!("../assets/boards.css")),
    ("selftest.css", CSS, include_bytes!("../assets/selftest.css")),
    ("sinks.js", JS, include_bytes!("../assets/sinks.js")),
    ("sensors.js", JS, include_bytes!("../assets/sensors.js")),
    ("paint.js", JS, include_bytes!("../assets/paint.js")),
    ("words.js", JS, include_bytes!("../assets/words.js")),
    ("sign-in.js", JS, include_bytes!("../assets/sign-in.js")),
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

/// `GET /`: the desk, for one who has signed in.
pub(crate) async fn desk(State(shared): State<Arc<Shared>>, Extension(by): Extension<Signed>) -> Html<String> {
    let view = Arc::clone(&shared.desk.view.borrow());
    Html(fill(
        DESK,
        &[
            ("station", &view.station),
            ("place", &view.name),
            ("commune", &view.commune),
            ("name", &by.name),
            ("role", by.role.as_str()),
            ("role-shown", by.role.shown()),
        ],
    ))
}

/// The sign-in page, in place of the desk.
pub(crate) fn sign_in() -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Session")], Html(SIGN_IN)).into_response()
}

/// `GET /assets/{name}`.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some(asset) => Ok(file(asset, &headers)),
        None => Err(not_found().await),
    }
}

/// `GET openapi.json`.
pub(crate) async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// A file of the program, asked for again by its digest after an update.
pub(crate) fn file((_, kind, bytes): &Asset, asked: &HeaderMap) -> Response {
    let mut tag = String::from("\"");
    for byte in digest::digest(&digest::SHA256, bytes).as_ref().iter().take(12) {
        // Writing to a String cannot fail.
        write!(tag, "{byte:02x}").ok();
    }
    tag.push('"');
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
