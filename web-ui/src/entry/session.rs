//! Signing in and out.

use crate::body::Told;
use crate::described::{Locked, NotKept, NotSignedIn, Unavailable};
use crate::entry::guard;
use crate::entry::sittings::{BROWSER, NAME, PIN};
use crate::entry::users::{Right, Role, SignIn, Standing};
use crate::problem::{Problem, Say, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use gateway_core::time::Wall;
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
    /// Code of the second factor, where the account has one: six digits of the telephone, or one of those on paper.
    #[serde(default)]
    code: Option<String>,
}

/// Who is signed in, and what he may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Signed {
    /// Login name.
    name: String,
    /// What he is.
    role: Role,
    /// Name shown at the desk.
    shown: String,
    /// What he may do.
    rights: &'static [Right],
    /// The password was made by somebody else: until it is changed he looks, and does what cannot wait.
    must_change: bool,
    /// A PIN opened this desk; looking after people wants the password.
    pin: bool,
}

impl From<guard::Signed> for Signed {
    fn from(by: guard::Signed) -> Self {
        let guard::Signed { name, role, shown, must_change, pin, sitting: _ } = by;
        Self { name, role, shown, rights: role.rights(), must_change, pin }
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
    headers: HeaderMap,
    Told(asked): Told<Credentials>,
) -> Result<Json<Signed>, Problem> {
    let Credentials { name, password, code } = asked;
    if name.len() > 256 || password.len() > 1024 || code.as_ref().is_some_and(|c| c.len() > 64) {
        return Err(wrong());
    }
    let name = name.trim().to_owned();
    let clock = time(&shared);
    let told = shared.desk.users.sign_in(name.clone(), password, code, clock).await;
    admitted(told, clock.is_some())?;
    sit(&session, &name, &headers, false).await?;
    signed_as(&shared, &session, name, false)
}

/// The station's time, seconds since 1970; `None` where its clock is not trusted.
pub(crate) fn time(shared: &Shared) -> Option<u64> {
    let clock = shared.desk.view.borrow().clock.as_deref().and_then(Wall::parse);
    clock.and_then(|wall| u64::try_from(wall.unix_s()).ok())
}

/// Begins a session anew: whoever knows the old cookie has nothing of it.
pub(crate) async fn sit(session: &Session, name: &str, headers: &HeaderMap, pin: bool) -> Result<(), Problem> {
    let kept = async {
        if session.id().is_some() {
            session.flush().await?;
        }
        session.insert(BROWSER, browser(headers)).await?;
        session.insert(PIN, pin).await?;
        session.insert(NAME, name).await?;
        session.save().await
    };
    kept.await.map_err(|fault| not_kept(&fault))
}

/// What one is told who sits now.
pub(crate) fn signed_as(shared: &Shared, session: &Session, name: String, pin: bool) -> Result<Json<Signed>, Problem> {
    // Removed between the check and here: as wrong as a name that never was.
    let Standing { role, shown, must_change } = shared.desk.users.standing(&name).ok_or_else(wrong)?;
    Ok(Json(guard::Signed { name, role, shown, must_change, pin, sitting: session.id() }.into()))
}

/// The browser and what it runs on, in a word or two.
fn browser(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, word)| *word);
    // Those that call themselves by the names of others too come first.
    let what = first(&[
        ("Zalo", "Zalo"),
        ("coc_coc", "Cốc Cốc"),
        ("SamsungBrowser", "Samsung"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let on = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    [what, on].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Refuses unless the password, and the code where one is wanted, are right.
pub(crate) fn admitted(told: SignIn, clock: bool) -> Result<(), Problem> {
    match told {
        SignIn::Welcome(_) => Ok(()),
        SignIn::Wrong => Err(wrong()),
        SignIn::CodeWanted => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "code_wanted",
            say("Cần thêm mã xác thực", "A code is wanted as well"),
            on_paper(clock),
        )),
        SignIn::CodeWrong => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong_code",
            say("Mã xác thực không đúng hoặc đã dùng rồi", "The code is wrong, or was used already"),
            on_paper(clock),
        )),
        SignIn::Locked(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "locked",
                say("Sai nhiều lần nên phải chờ", "Too many failed attempts"),
                say(
                    format!("Hãy thử lại sau {seconds} giây. Ai đang đăng nhập sẵn vẫn làm việc bình thường."),
                    format!("Try again in {seconds} s. Those already signed in are not affected."),
                ),
            )
            .retry_after(seconds))
        }
        SignIn::Busy => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            say("Trạm đang bận", "The station is busy"),
            say("Nhiều người cùng đăng nhập. Hãy thử lại sau vài giây.", "Try again in a few seconds."),
        )
        .retry_after(3)),
    }
}

fn on_paper(clock: bool) -> Say {
    if clock {
        say(
            "Nhập 6 số đang hiện trong ứng dụng xác thực trên điện thoại, hoặc một mã dự phòng trên giấy.",
            "Give the six digits that the telephone shows now, or a code on paper.",
        )
    } else {
        say(
            "Đồng hồ của trạm chưa tin cậy nên mã trên điện thoại chưa dùng được. Hãy nhập một mã dự phòng trên giấy.",
            "The station's clock is not trusted, so that the telephone's codes do not count. Give a code on paper.",
        )
    }
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", operation_id = "signed", responses(
    (status = 200, description = "He who asks.", body = Signed),
))]
pub(crate) async fn signed(Extension(by): Extension<guard::Signed>) -> Json<Signed> {
    Json(by.into())
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

pub(crate) fn wrong() -> Problem {
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
