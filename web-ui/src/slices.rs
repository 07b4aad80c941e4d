//! A file as an answer, whole or the part that was asked for (RFC 9110 §14), read a little at a time.

use crate::air::ears::Recorded;
use crate::reads;
use crate::routes::Shared;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Read at a time, bytes.
const SLICE: u64 = 64 * 1024;

/// What is asked of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    /// A part that is not there.
    Beyond,
}

/// Answers with a recording, or the part of it that `headers` ask for. It never changes, so its name is its tag.
pub(crate) fn answer(shared: &Arc<Shared>, recorded: Recorded, name: &str, headers: &HeaderMap) -> Response {
    let Recorded { file, bytes, media_type } = recorded;
    let tag = format!("\"{name}\"");
    let same = headers.get(IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let range = headers.get(RANGE).filter(|_| same).and_then(|r| r.to_str().ok());
    let (status, part) = match asked(range, bytes) {
        Asked::Whole => (StatusCode::OK, 0..bytes),
        Asked::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Asked::Beyond => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let mut response = (status, Body::from_stream(slices(Arc::clone(shared), file, part.clone()))).into_response();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    match status {
        StatusCode::PARTIAL_CONTENT => set(CONTENT_RANGE, format!("bytes {}-{}/{bytes}", part.start, part.end - 1)),
        StatusCode::RANGE_NOT_SATISFIABLE => set(CONTENT_RANGE, format!("bytes */{bytes}")),
        _ => {}
    }
    set(CONTENT_TYPE, media_type.to_owned());
    set(CONTENT_LENGTH, (part.end - part.start).to_string());
    set(ACCEPT_RANGES, "bytes".to_owned());
    set(ETAG, tag);
    response
}

/// One range is understood; anything else is answered with everything, as is allowed.
fn asked(range: Option<&str>, bytes: u64) -> Asked {
    let Some((first, last)) = range.and_then(|r| r.trim().strip_prefix("bytes=")).and_then(|r| r.split_once('-'))
    else {
        return Asked::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(bytes),
        (Some(first), None) if last.is_empty() => first..bytes,
        (None, Some(last)) if first.is_empty() && last > 0 => bytes.saturating_sub(last)..bytes,
        (None, Some(_)) if first.is_empty() => return Asked::Beyond,
        _ => return Asked::Whole,
    };
    if part.start < part.end { Asked::Part(part) } else { Asked::Beyond }
}

/// The bytes of a part, read as they are taken. A disk that does not answer in time breaks the stream off.
fn slices(
    shared: Arc<Shared>,
    file: File,
    part: Range<u64>,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, io::Error>> + Send {
    let state = (shared, Arc::new(file), part);
    stream::try_unfold(state, |(shared, file, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let (reader, from, length) = (Arc::clone(&file), part.start, (part.end - part.start).min(SLICE));
        let read = move || {
            let mut slice = vec![0; usize::try_from(length).unwrap_or_default()];
            reader
                .read_exact_at(&mut slice, from)
                .map_err(|e| reads::ReadFault(format!("reading a recording: {e}")))?;
            Ok(slice)
        };
        let slice = reads::ask(&shared, read).await.map_err(|_| io::Error::other("a recording cannot be read on"))?;
        Ok(Some((slice, (shared, file, from + length..part.end))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_nothing_beyond_the_end_is_given() {
        for (range, expected) in [
            ("bytes=0-99", Asked::Part(0..100)),
            ("bytes=0-", Asked::Part(0..1000)),
            ("bytes=999-", Asked::Part(999..1000)),
            ("bytes=900-5000", Asked::Part(900..1000)),
            ("bytes=-10", Asked::Part(990..1000)),
            ("bytes=-5000", Asked::Part(0..1000)),
            ("bytes=0-18446744073709551615", Asked::Part(0..1000)),
            ("bytes=1000-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=99999999999999999999-", Asked::Whole),
        ] {
            assert_eq!(asked(Some(range), 1000), expected, "{range}");
        }
        assert_eq!(asked(None, 1000), Asked::Whole);
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Beyond);
    }
}
