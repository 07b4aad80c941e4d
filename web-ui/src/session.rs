//! Signing in and out.

use crate::body::Told;
use crate::described::{Locked, NotKept, NotSignedIn, Unavailable};
use crate::guard::{self, NAME};
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::users::{Right, Role, SignIn};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tower_sessions::Session;
use utoipa::ToSchema;

/// Name and password, as the sign-in form sends them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "lan", "password": "một mật khẩu dài"}))]
pub(crate) struct Credentials {
    /// Login name.
    name: String,
    /// Password.
    password: String,
}

/// Who is signed in, and what he may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Signed {
    /// Login name.
    name: String,
    /// What he is.
    role: Role,
    /// What he may do.
    rights: &'static [Right],
}

impl Signed {
    fn new(name: String, role: Role) -> Json<Self> {
        Json(Self { name, role, rights: role.rights() })
    }
}

/// Sign in
#[utoipa::path(post, path = "/api/v1/session", operation_id = "signIn", request_body = Credentials, responses(
    (status = 200, description = "Signed in; the cookie is `HttpOnly`, `SameSite=Strict`, and `Secure` under TLS. It \
        ends after 12 idle hours.", body = Signed, headers(("Set-Cookie" = String))),
    NotSignedIn, Locked, NotKept, Unavailable,
))]
pub(crate) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Told(asked): Told<Credentials>,
) -> Result<Json<Signed>, Problem> {
    if asked.name.len() > 256 || asked.password.len() > 1024 {
        return Err(wrong());
    }
    let name = asked.name.trim().to_owned();
    let role = match shared.desk.users.sign_in(name.clone(), asked.password).await {
        SignIn::Welcome(role) => role,
        SignIn::Wrong => return Err(wrong()),
        SignIn::Locked(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "locked",
                say("Sai nhiều lần nên phải chờ", "Too many failed attempts"),
                say(
                    format!("Hãy thử lại sau {seconds} giây. Ai đang đăng nhập sẵn vẫn làm việc bình thường."),
                    format!("Try again in {seconds} s. Those already signed in are not affected."),
                ),
            )
            .retry_after(seconds));
        }
        SignIn::Busy => {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                say("Trạm đang bận", "The station is busy"),
                say("Nhiều người cùng đăng nhập. Hãy thử lại sau vài giây.", "Try again in a few seconds."),
            )
            .retry_after(3));
        }
    };
    let kept = async {
        if session.id().is_some() {
            session.flush().await?;
        }
        session.insert(NAME, &name).await
    };
    kept.await.map_err(|fault| not_kept(&fault))?;
    Ok(Signed::new(name, role))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", operation_id = "signed", responses(
    (status = 200, description = "He who asks.", body = Signed),
))]
pub(crate) async fn signed(Extension(by): Extension<guard::Signed>) -> Json<Signed> {
    Signed::new(by.name, by.role)
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "signOut", responses(
    (status = 204, description = "Signed out."),
    NotKept,
))]
pub(crate) async fn sign_out(session: Session) -> Result<StatusCode, Problem> {
    session.flush().await.map_err(|fault| not_kept(&fault))?;
    Ok(StatusCode::NO_CONTENT)
}

fn wrong() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong_password",
        say("Tên hoặc mật khẩu không đúng", "Wrong name or password"),
        say("Hãy kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi nhập lại.", "Check the keyboard and try again."),
    )
}

fn not_kept(fault: &tower_sessions::session::Error) -> Problem {
    log::error!(error:% = fault; "a session cannot be kept");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "session",
        say("Trạm không giữ được phiên làm việc", "The session cannot be kept"),
        say("Hãy thử lại; nếu vẫn vậy, báo kỹ thuật.", "Try again; if it stays so, call the technician."),
    )
}
