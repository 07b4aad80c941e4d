//! One's own account: password, PIN, second factor, and the sessions one has elsewhere.

use crate::air::orders::{Answer, Done, in_office};
use crate::body::Told;
use crate::described::{Locked, NotOrdered, NotSignedIn};
use crate::entry::desks::SeatRow;
use crate::entry::guard::Signed;
use crate::entry::people::refused;
use crate::entry::session::{admitted, time};
use crate::entry::users::{Account, Role};
use crate::problem::{Problem, not_found, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// One's own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Own {
    /// Login name.
    name: String,
    /// Name shown.
    shown: String,
    /// What one is.
    role: Role,
    /// One has a PIN.
    pin: bool,
    /// Paper codes that are left of the second factor; `null` where there is none.
    #[schema(required)]
    second: Option<usize>,
    /// One's sessions, the one used last first.
    sessions: Vec<SeatRow>,
}

/// What `PUT account/password` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"old": "abcd-efgh-2345", "new": "bốn mùa hoa nở trên đồi"}))]
pub(crate) struct OwnPassword {
    /// The one that holds now.
    #[schema(max_length = 1024)]
    old: String,
    /// The one to come.
    #[schema(min_length = 10, max_length = 128)]
    new: String,
}

/// What `PUT account/pin` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "bốn mùa hoa nở trên đồi", "pin": "402917"}))]
pub(crate) struct OwnPin {
    /// One's password.
    #[schema(max_length = 1024)]
    password: String,
    /// 6 to 12 digits; empty: no PIN any more.
    #[schema(max_length = 12)]
    pin: String,
}

/// One's password, to show that it is really oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "bốn mùa hoa nở trên đồi"}))]
pub(crate) struct Proof {
    /// One's password.
    #[schema(max_length = 1024)]
    password: String,
}

/// A second factor that waits for its first code.
#[derive(Serialize, ToSchema)]
#[schema(as = BegunSecond)]
pub(crate) struct Begun {
    /// For a telephone that cannot scan: base 32.
    secret: String,
    /// For one that can: a picture (SVG) of the key URI.
    qr: String,
}

/// What `PUT account/second` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "287082"}))]
pub(crate) struct FirstCode {
    /// What the telephone shows.
    #[schema(max_length = 64)]
    code: String,
}

/// A second factor that is asked for from now on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Confirmed {
    /// Number of the journal entry.
    seq: u64,
    /// Codes for when the telephone is lost; told this once, each taken once.
    paper: Vec<String>,
}

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// One's own account
#[utoipa::path(get, path = "/api/v1/account", operation_id = "account", responses(
    (status = 200, description = "It.", body = Own),
))]
pub(crate) async fn own(State(shared): Desk, Extension(by): By) -> Result<Json<Own>, Problem> {
    let Some(account) = shared.desk.users.account(&by.name) else { return Err(not_found().await) };
    let Account { name, shown, role, pin, second, .. } = account;
    let seats = shared.sittings.seats(by.sitting).into_iter().filter(|seat| seat.name == name);
    let sessions = seats.map(SeatRow::from).collect();
    Ok(Json(Own { name, shown, role, pin, second, sessions }))
}

/// Choose a password of one's own
///
/// One's other sessions are ended.
#[utoipa::path(put, path = "/api/v1/account/password", operation_id = "ownPassword", request_body = OwnPassword,
responses(
    (status = 200, description = "It holds from now on.", body = Done),
    NotSignedIn, Locked, NotOrdered,
))]
pub(crate) async fn password(State(shared): Desk, Extension(by): By, Told(asked): Told<OwnPassword>) -> Answer {
    let OwnPassword { old, new } = asked;
    prove(&shared, &by, old).await?;
    if let Err(unmade) = shared.desk.users.own_password(by.name.clone(), new).await {
        return Err(refused(unmade).await);
    }
    shared.sittings.end_all(&by.name, by.sitting);
    in_office(&shared, &by, format!("tài khoản {}: tự đổi mật khẩu", by.name)).await
}

/// Choose a PIN to take a desk over with, or have none
#[utoipa::path(put, path = "/api/v1/account/pin", operation_id = "ownPin", request_body = OwnPin, responses(
    (status = 200, description = "It holds from now on.", body = Done),
    NotSignedIn, Locked, NotOrdered,
))]
pub(crate) async fn pin(State(shared): Desk, Extension(by): By, Told(asked): Told<OwnPin>) -> Answer {
    let OwnPin { password, pin } = asked;
    prove(&shared, &by, password).await?;
    let what = if pin.is_empty() { "bỏ mã PIN" } else { "tự đặt mã PIN" };
    if let Err(unmade) = shared.desk.users.own_pin(by.name.clone(), pin).await {
        return Err(refused(unmade).await);
    }
    in_office(&shared, &by, format!("tài khoản {}: {what}", by.name)).await
}

/// Begin a second factor (RFC 6238)
///
/// Nothing is asked for at sign-in before its first code has confirmed it.
#[utoipa::path(post, path = "/api/v1/account/second", operation_id = "beginSecond", request_body = Proof, responses(
    (status = 200, description = "What the telephone is to take in.", body = Begun),
    NotSignedIn, Locked, NotOrdered,
))]
pub(crate) async fn begin_second(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<Proof>,
) -> Result<Json<Begun>, Problem> {
    prove(&shared, &by, asked.password).await?;
    clock(&shared)?;
    let (secret, uri) = match shared.desk.users.begin_second(&by.name) {
        Ok(begun) => begun,
        Err(unmade) => return Err(refused(unmade).await),
    };
    // The URI is far shorter than what a QR code holds.
    let drawn =
        QrCode::new(uri.as_bytes()).map(|code| code.render::<svg::Color<'_>>().min_dimensions(240, 240).build());
    Ok(Json(Begun { secret, qr: drawn.unwrap_or_default() }))
}

/// Confirm a second factor by its first code
#[utoipa::path(put, path = "/api/v1/account/second", operation_id = "confirmSecond", request_body = FirstCode,
responses(
    (status = 200, description = "It is asked for from now on.", body = Confirmed),
    NotOrdered,
))]
pub(crate) async fn confirm_second(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<FirstCode>,
) -> Result<Json<Confirmed>, Problem> {
    let now = clock(&shared)?;
    let paper = match shared.desk.users.confirm_second(by.name.clone(), asked.code, now).await {
        Ok(paper) => paper,
        Err(unmade) => return Err(refused(unmade).await),
    };
    let Json(Done { seq }) = in_office(&shared, &by, format!("tài khoản {}: bật xác thực hai lớp", by.name)).await?;
    Ok(Json(Confirmed { seq, paper }))
}

/// Have no second factor any more
#[utoipa::path(post, path = "/api/v1/account/second/end", operation_id = "endSecond", request_body = Proof, responses(
    (status = 200, description = "The password alone is asked for.", body = Done),
    NotSignedIn, Locked, NotOrdered,
))]
pub(crate) async fn end_second(State(shared): Desk, Extension(by): By, Told(asked): Told<Proof>) -> Answer {
    prove(&shared, &by, asked.password).await?;
    if let Err(unmade) = shared.desk.users.end_second(by.name.clone()).await {
        return Err(refused(unmade).await);
    }
    in_office(&shared, &by, format!("tài khoản {}: tự bỏ xác thực hai lớp", by.name)).await
}

/// End one's sessions elsewhere
#[utoipa::path(delete, path = "/api/v1/account/sessions", operation_id = "endOwnSessions", responses(
    (status = 200, description = "Only the session of this request is left.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end_sessions(State(shared): Desk, Extension(by): By) -> Answer {
    shared.sittings.end_all(&by.name, by.sitting);
    in_office(&shared, &by, format!("tài khoản {}: tự kết thúc các phiên ở máy khác", by.name)).await
}

/// Whoever found a desk open does not change what belongs to the one who left it.
pub(crate) async fn prove(shared: &Shared, by: &Signed, password: String) -> Result<(), Problem> {
    if password.len() > 1024 {
        return Err(crate::entry::session::wrong());
    }
    admitted(shared.desk.users.prove(&by.name, password).await, true)
}

/// The time, without which no code can be checked.
fn clock(shared: &Shared) -> Result<u64, Problem> {
    time(shared).ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "no_clock",
            say("Đồng hồ của trạm chưa tin cậy", "The station's clock is not trusted"),
            say(
                "Mã trên điện thoại đi theo giờ. Hãy đợi trạm có giờ đúng rồi bật.",
                "The telephone's codes follow the time. Wait until the station knows it.",
            ),
        )
        .acted(false)
    })
}
