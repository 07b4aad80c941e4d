//! Who may pass: requests of other sites, strangers and those without the right are stopped before a body is read.

use crate::entry::sittings::{NAME, PIN};
use crate::entry::users::{Right, Role, Standing};
use crate::problem::{Problem, say};
use crate::routes::{Route, Shared, Who};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_sessions::Session;
use tower_sessions::session::Id;

/// Who is asking; put into the request by [`admit`].
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Name shown at the desk.
    pub(crate) shown: String,
    /// The password is not his own yet.
    pub(crate) must_change: bool,
    /// A PIN opened this session, no password.
    pub(crate) pin: bool,
    /// His session.
    pub(crate) sitting: Option<Id>,
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
    let Who::May(right) = route.who else { return next.run(request).await };
    let Some(signed) = signed(&shared, request.extensions().get::<Session>()).await else {
        return stranger().into_response();
    };
    if !signed.role.may(right) {
        return not_his(right).into_response();
    }
    if signed.must_change && !matches!(right, Right::Look | Right::Air | Right::Devices) {
        return not_his_password().into_response();
    }
    if signed.pin && right == Right::People {
        return pin_is_not_enough().into_response();
    }
    request.extensions_mut().insert(signed);
    next.run(request).await
}

async fn signed(shared: &Shared, session: Option<&Session>) -> Option<Signed> {
    let session = session?;
    let kept = async {
        let name = session.get::<String>(NAME).await?;
        Ok::<_, tower_sessions::session::Error>((name, session.get::<bool>(PIN).await?))
    };
    let (name, pin) = match kept.await {
        Ok((name, pin)) => (name?, pin.unwrap_or(false)),
        Err(fault) => {
            log::warn!(error:% = fault; "a session cannot be read");
            return None;
        }
    };
    let standing = shared.desk.users.standing(&name)?;
    let Standing { role, shown, must_change } = standing;
    Some(Signed { name, role, shown, must_change, pin, sitting: session.id() })
}

/// Ends when somebody loses his session or this right, or has another role than before: what a stream that stays open waits for beside its own end.
pub(crate) async fn loses(shared: Arc<Shared>, by: Signed, right: Right) {
    let mut moved = shared.sittings.moved();
    loop {
        let sits = by.sitting.is_some_and(|id| shared.sittings.is_of(id, &by.name));
        if !sits || !shared.desk.users.standing(&by.name).is_some_and(|s| s.role == by.role && s.role.may(right)) {
            return;
        }
        if moved.changed().await.is_err() {
            return;
        }
    }
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

pub(crate) fn not_his(right: Right) -> Problem {
    let may = || Role::ALL.into_iter().filter(|role| role.may(right));
    let shown: Vec<_> = may().map(Role::shown).collect();
    let named: Vec<_> = may().map(Role::as_str).collect();
    Problem::new(
        StatusCode::FORBIDDEN,
        "role",
        say("Tài khoản này không có quyền làm việc này", "This account may not do this"),
        say(
            format!("Chưa làm gì cả. Hãy nhờ người có vai trò: {}.", shown.join(", ")),
            format!("Nothing was done. Roles that may: {}.", named.join(", ")),
        ),
    )
}

fn not_his_password() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "change_password",
        say("Hãy đặt mật khẩu của riêng mình trước", "Choose a password of your own first"),
        say(
            "Mật khẩu hiện nay do người khác đặt. Khẩn cấp, tắt tiếng và thiết bị vẫn dùng được.",
            "The present one was made by somebody else. Emergencies, mute and devices work all the same.",
        ),
    )
}

fn pin_is_not_enough() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "password_wanted",
        say("Việc này cần đăng nhập bằng mật khẩu", "This wants a password"),
        say(
            "Bàn này được nhận bằng mã PIN. Hãy đăng xuất rồi đăng nhập bằng mật khẩu.",
            "This desk was taken over by a PIN. Sign out and in again with the password.",
        ),
    )
}

const ALWAYS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(self), geolocation=()"),
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
