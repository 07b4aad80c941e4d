//! Refusals as RFC 9457 problems, said in the language the asker reads.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// One sentence in both languages of the API.
#[derive(Clone, Debug)]
pub(crate) struct Say {
    vi: String,
    en: String,
}

/// Pairs a Vietnamese sentence with its English one.
pub(crate) fn say(vi: impl Into<String>, en: impl Into<String>) -> Say {
    Say { vi: vi.into(), en: en.into() }
}

/// Why a request was not answered as asked: what happened, what it means, what to do.
///
/// As a response it carries no text yet: [`speak`], the outermost layer, writes it in the asker's language.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Said>);

#[derive(Clone, Debug)]
struct Said {
    status: StatusCode,
    code: &'static str,
    title: Say,
    detail: Say,
    acted: Option<bool>,
    retry_s: Option<u64>,
    current: Option<serde_json::Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, title: Say, detail: Say) -> Self {
        Self(Box::new(Said { status, code, title, detail, acted: None, retry_s: None, current: None }))
    }

    /// A field that is missing or wrong (422).
    pub(crate) fn wrong(detail: Say) -> Self {
        let title = say("Nội dung gửi chưa đúng", "What was sent is not right");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", title, detail)
    }

    /// What it means, in Vietnamese.
    pub(crate) fn vietnamese(&self) -> &str {
        &self.0.detail.vi
    }

    /// Says whether the order took effect although the answer is a refusal.
    pub(crate) fn acted(mut self, acted: bool) -> Self {
        self.0.acted = Some(acted);
        self
    }

    /// Says what stands where somebody else was faster.
    pub(crate) fn current(mut self, current: serde_json::Value) -> Self {
        self.0.current = Some(current);
        self
    }

    /// The order took effect all the same.
    pub(crate) fn has_acted(&self) -> bool {
        self.0.acted == Some(true)
    }

    /// Its code, the same in every language.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// Says when to ask again, seconds.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_s = Some(seconds.max(1));
        self
    }
}

/// RFC 9457: why a request was not answered as asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// `about:blank`: the status says it.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What happened.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What it means and what to do.
    detail: String,
    /// The same in every language.
    code: &'static str,
    /// An order took effect, or did not, although the answer is a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    acted: Option<bool>,
    /// What stands where somebody else was faster; `null` where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<serde_json::Value>,
}

impl Said {
    fn spoken(&self, english: bool) -> (StatusCode, Json<Body>) {
        let pick = |s: &Say| if english { s.en.clone() } else { s.vi.clone() };
        let body = Body {
            kind: "about:blank",
            title: pick(&self.title),
            status: self.status.as_u16(),
            detail: pick(&self.detail),
            code: self.code,
            acted: self.acted,
            current: self.current.clone(),
        };
        (self.status, Json(body))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem a response carries, in the asker's language; the outermost layer.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let english = reads_english(request.headers());
    let mut response = next.run(request).await;
    let Some(Problem(problem)) = response.extensions_mut().remove() else { return response };
    let (status, body) = problem.spoken(english);
    let (parts, body) = (status, body).into_response().into_parts();
    *response.status_mut() = parts.status;
    *response.body_mut() = axum::body::Body::new(body);
    let headers = response.headers_mut();
    headers.remove(axum::http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(if english { "en" } else { "vi" }));
    if let Some(seconds) = problem.retry_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Session"));
    }
    response
}

/// English only where `Accept-Language` weighs it above Vietnamese (RFC 9110 §12.5.4).
fn reads_english(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()) else { return false };
    let (mut vi, mut en) = (0.0_f32, 0.0_f32);
    for part in text.split(',').take(16) {
        let mut fields = part.split(';');
        let tag = fields.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight =
            fields.find_map(|f| f.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0).clamp(0.0, 1.0);
        let slot = match tag.split('-').next() {
            Some("vi") => &mut vi,
            Some("en") => &mut en,
            Some(_) | None => continue,
        };
        *slot = slot.max(weight);
    }
    en > vi
}

/// No such page or path (404).
pub(crate) async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        say("Không có trang này", "There is no such page"),
        say("Địa chỉ này không có trên trạm. Hãy về trang đầu.", "The station has nothing at this address."),
    )
}

/// A known path, but not so (405).
pub(crate) async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        say("Cách gọi không đúng", "This method is not allowed here"),
        say("Địa chỉ này có, nhưng không nhận cách gọi đó.", "The address exists but does not take this method."),
    )
}

/// A fault with everything beneath it, on one line.
pub(crate) fn chain(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut below = fault.source();
    while let Some(source) = below {
        text.push_str(": ");
        text.push_str(&source.to_string());
        below = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_unless_english_weighs_more() {
        let asked = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            reads_english(&headers)
        };
        assert!(asked("en"));
        assert!(asked("en-GB,en;q=0.9,vi;q=0.8"));
        assert!(!asked("vi-VN,vi;q=0.9,en;q=0.8"));
        assert!(!asked("en;q=0"));
        assert!(!asked("fr, *;q=0.1"));
        assert!(!asked(";;,,q=x"));
        assert!(!reads_english(&HeaderMap::new()));
    }
}
