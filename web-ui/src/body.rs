//! Takes a JSON body: of the right kind, of 64 KiB at most, within ten seconds, and of the right form. What is refused
//! is heard out all the same, within limits, so that the refusal arrives.

use crate::problem::{Problem, not_found, say};
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE, header::EXPECT};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Largest body taken, bytes.
pub(crate) const LARGEST: usize = 64 * 1024;

/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(10);

/// How much of a body nobody wants is still taken, bytes.
const HEARD_OUT: usize = 1024 * 1024;

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes what is left of a body when the answer is there already. A line that is closed while the client still writes
/// is reset, and the answer is lost with it.
pub(crate) async fn hear_out(request: Request, next: Next) -> Response {
    // One who asks before he sends has sent nothing yet.
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let lent = stream::poll_fn({
        let rest = Arc::clone(&rest);
        move |context| lock(&rest).poll_next_unpin(context)
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(lent))).await;
    let mut left = HEARD_OUT;
    let hear = async {
        while let Some(Ok(piece)) = stream::poll_fn(|context| lock(&rest).poll_next_unpin(context)).next().await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                break;
            }
        }
    };
    // Too slow or too long: then the line is closed on him after all.
    tokio::time::timeout(PATIENCE, hear).await.ok();
    response
}

fn lock(body: &Mutex<BodyDataStream>) -> std::sync::MutexGuard<'_, BodyDataStream> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

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
        let Piece(bytes) = Piece::from_request(request, state).await?;
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

/// A body of any kind.
pub(crate) struct Piece(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Piece {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        tokio::time::timeout(SLOWEST, Bytes::from_request(request, state))
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
            })
            .map(Self)
    }
}

/// The one name in a path; one that is no text is the name of nothing.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(not_found().await),
        }
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
