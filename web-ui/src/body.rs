//! Takes a JSON body: of the right kind, of 64 KiB at most, within ten seconds, and of the right form.

use crate::problem::{Problem, say};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest body taken, bytes.
pub(crate) const LARGEST: usize = 64 * 1024;

/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(10);

/// What the asker told in the body.
pub(crate) struct Told<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                say("Kiểu nội dung không đúng", "Wrong kind of content"),
                say("Hãy gửi nội dung kiểu application/json.", "Send application/json."),
            ));
        }
        let bytes = tokio::time::timeout(SLOWEST, Bytes::from_request(request, state))
            .await
            .map_err(|_| {
                Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "too_slow",
                    say("Nội dung đến quá chậm", "The content came too slowly"),
                    say("Chưa làm gì cả. Hãy gửi lại.", "Nothing was done. Send it again."),
                )
            })?
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::new(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "too_large",
                        say("Nội dung quá lớn", "The content is too large"),
                        say("Nội dung dài hơn 64 KiB nên không được nhận.", "The body is larger than 64 KiB."),
                    )
                } else {
                    broken("the body ended early")
                }
            })?;
        serde_json::from_slice(&bytes).map(Told).map_err(|fault| match fault.classify() {
            serde_json::error::Category::Data => Problem::wrong(say(
                format!("Một mục bị thiếu, thừa hoặc sai kiểu: {fault}."),
                format!("A field is missing, unknown or of the wrong type: {fault}."),
            )),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => broken(&fault.to_string()),
        })
    }
}

fn broken(why: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed",
        say("Không đọc được nội dung", "The content cannot be read"),
        say(format!("Nội dung không phải JSON đúng: {why}."), format!("The body is not JSON: {why}.")),
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).and_then(|v| v.split(';').next());
    essence.is_some_and(|e| e.trim().eq_ignore_ascii_case("application/json"))
}
