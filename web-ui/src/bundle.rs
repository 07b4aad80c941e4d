//! The desk's app as it was built: every file inside the program, the text ones compressed.

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use ring::digest;
use std::fmt::Write as _;
use std::io::Read as _;

/// A file: its path on the listener, its kind, whether the bytes are compressed, the bytes.
pub(crate) type File = (&'static str, &'static str, bool, &'static [u8]);

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/desk.rs"));

/// The file of a path without its first slash, `index.html`.
pub(crate) fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|(known, ..)| *known == path)
}

/// A file of the program. One whose name holds its digest never changes; another is asked for again by its digest.
pub(crate) fn answer((path, kind, packed, bytes): &File, asked: &HeaderMap) -> Response {
    let tag = tag(bytes);
    let same = asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let unpacks = asked.get(ACCEPT_ENCODING).and_then(|a| a.to_str().ok()).is_some_and(|a| a.contains("gzip"));
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else if *packed && !unpacks {
        Body::from(unpacked(bytes)).into_response()
    } else {
        Body::from(*bytes).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if *packed {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if unpacks && !same {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// What the build compressed; it can be read back.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 4);
    if let Err(fault) = GzDecoder::new(bytes).read_to_end(&mut out) {
        log::error!(error:% = fault; "a file of the desk cannot be unpacked");
    }
    out
}

/// The entity tag of some bytes.
pub(crate) fn tag(bytes: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in digest::digest(&digest::SHA256, bytes).as_ref().iter().take(12) {
        // Writing to a String cannot fail.
        write!(tag, "{byte:02x}").ok();
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_everything_it_names_is_inside() {
        let (.., packed, bytes) = find("index.html").expect("a page");
        assert!(*packed);
        let page = String::from_utf8(unpacked(bytes)).expect("text");
        let mut named = 0;
        for part in page.split('"').filter(|p| p.starts_with('/') && p.len() > 1) {
            assert!(find(&part[1..]).is_some(), "{part} is named by the page and not there");
            named += 1;
        }
        assert!(named >= 4, "{page}");
    }

    #[test]
    fn who_cannot_unpack_gets_it_unpacked() {
        let file = find("shell.js").expect("a script");
        let plain = answer(file, &HeaderMap::new());
        assert!(plain.headers().get(CONTENT_ENCODING).is_none());
        let mut asks = HeaderMap::new();
        asks.insert(ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"));
        let packed = answer(file, &asks);
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        asks.insert(IF_NONE_MATCH, packed.headers()[ETAG].clone());
        assert_eq!(answer(file, &asks).status(), StatusCode::NOT_MODIFIED);
    }
}
