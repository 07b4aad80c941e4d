//! Who may pass: requests of other sites, strangers and viewers are stopped before a body is read.

use crate::page;
use crate::problem::{Problem, say};
use crate::routes::{Route, Shared, Who};
use crate::users::Role;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_sessions::Session;

/// Key of the login name in a session.
pub(crate) const NAME: &str = "name";

/// Who is asking; put into the request by [`admit`].
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// Stands before every route: origin first, then session, then role.
pub(crate) async fn admit(
    State((shared, route)): State<(Arc<Shared>, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let changes = *request.method() != Method::GET && *request.method() != Method::HEAD;
    if changes && !same_origin(request.headers()) {
        return foreign().into_response();
    }
    if route.who == Who::Anyone {
        return next.run(request).await;
    }
    let Some(signed) = signed(&shared, request.extensions().get::<Session>()).await else {
        return if route.path == "/" { page::sign_in() } else { stranger().into_response() };
    };
    if route.who == Who::Acts && !signed.role.acts() {
        return looks_only().into_response();
    }
    if route.who == Who::Technician && signed.role != Role::Technician {
        return technicians_only().into_response();
    }
    request.extensions_mut().insert(signed);
    next.run(request).await
}

async fn signed(shared: &Shared, session: Option<&Session>) -> Option<Signed> {
    let name = match session?.get::<String>(NAME).await {
        Ok(name) => name?,
        Err(fault) => {
            log::warn!(error:% = fault; "a session cannot be read");
            return None;
        }
    };
    let role = shared.desk.users.role(&name)?;
    Some(Signed { name, role })
}

/// Whether a changing request comes from our own pages. Every browser says so in `Sec-Fetch-Site`, or at least names
/// an `Origin`; a program that is no browser says neither, and no browser will send it our cookie unasked.
fn same_origin(headers: &HeaderMap) -> bool {
    let site_well = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin_well = headers.get(header::ORIGIN).is_none_or(|origin| {
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let named = origin.to_str().ok().and_then(|o| o.split_once("://"));
        host.zip(named).is_some_and(|(host, (_, named))| named.eq_ignore_ascii_case(host))
    });
    site_well && origin_well
}

fn foreign() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        say("Lệnh đến từ trang khác", "The request comes from another site"),
        say(
            "Chưa làm gì cả. Chỉ bàn điều khiển của trạm mới ra lệnh được; hãy mở lại trang của trạm.",
            "Nothing was done. Only the station's own pages may give orders.",
        ),
    )
}

fn stranger() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "not_signed_in",
        say("Chưa đăng nhập", "Not signed in"),
        say("Hãy đăng nhập rồi làm lại.", "Sign in, then try again."),
    )
}

fn looks_only() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "role",
        say("Tài khoản này chỉ được xem", "This account may only look"),
        say(
            "Chưa làm gì cả. Hãy nhờ người biên tập, lãnh đạo hoặc kỹ thuật.",
            "Nothing was done. Ask an officer, an approver or a technician.",
        ),
    )
}

fn technicians_only() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "role",
        say("Chỉ dành cho kỹ thuật", "For technicians only"),
        say("Hãy đăng nhập bằng tài khoản kỹ thuật.", "Sign in as a technician."),
    )
}

const ALWAYS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Puts the headers every answer has on it; what says nothing about keeping is not kept.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        same_origin(&headers)
    }

    #[test]
    fn only_our_own_pages_and_programs_pass() {
        assert!(asked(&[("host", "10.0.0.5:8443")]));
        assert!(asked(&[("host", "10.0.0.5:8443"), ("origin", "https://10.0.0.5:8443")]));
        assert!(asked(&[("host", "Gate:8443"), ("origin", "https://gate:8443"), ("sec-fetch-site", "same-origin")]));
        assert!(!asked(&[("host", "10.0.0.5:8443"), ("origin", "https://10.0.0.5:8080")]));
        assert!(!asked(&[("host", "10.0.0.5:8443"), ("origin", "https://10.0.0.5:8443.evil.vn")]));
        assert!(!asked(&[("host", "10.0.0.5:8443"), ("origin", "null")]));
        assert!(!asked(&[("origin", "https://10.0.0.5:8443")]));
        for site in ["cross-site", "same-site", "none"] {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            assert!(!same_origin(&headers), "{site}");
        }
    }
}
