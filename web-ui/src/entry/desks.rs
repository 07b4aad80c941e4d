//! Who sits where: sessions listed and ended, and a desk handed over by PIN.

use crate::air::orders::{Answer, Done, in_office};
use crate::body::{Named, Told};
use crate::described::{Locked, NotKept, NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::entry::session::{self, Signed as Sits};
use crate::entry::sittings::Seat;
use crate::entry::users::Taken;
use crate::problem::{Problem, not_found, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tower_sessions::Session;
use utoipa::ToSchema;

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatRow {
    /// Its number, to end it by; the secret of its cookie is told nobody.
    id: u64,
    /// Login name of who sits there.
    name: String,
    /// Browser and system, in a word or two; empty where it did not say.
    browser: String,
    /// A PIN opened it.
    pin: bool,
    /// Signed in so many seconds ago.
    since_s: u64,
    /// Last seen so many seconds ago.
    seen_s: u64,
    /// It is the session of this request.
    here: bool,
}

impl From<Seat> for SeatRow {
    fn from(seat: Seat) -> Self {
        let Seat { number, name, browser, pin, since_s, seen_s, here } = seat;
        Self { id: number, name, browser, pin, since_s, seen_s, here }
    }
}

/// Every session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Seats {
    sessions: Vec<SeatRow>,
}

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// Who sits where
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "sessions", responses(
    (status = 200, description = "The one used last first.", body = Seats),
))]
pub(crate) async fn list(State(shared): Desk, Extension(by): By) -> Json<Seats> {
    Json(Seats { sessions: shared.sittings.seats(by.sitting).into_iter().map(SeatRow::from).collect() })
}

/// End a session
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", operation_id = "endSession",
    params(("id" = u64, Path, description = "Its number.")), responses(
    (status = 200, description = "Ended; its streams too.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end(State(shared): Desk, Extension(by): By, Named(id): Named) -> Answer {
    let Some(whose) = id.parse().ok().and_then(|number| shared.sittings.end(number)) else {
        return Err(not_found().await);
    };
    in_office(&shared, &by, format!("kết thúc một phiên làm việc của {whose}")).await
}

/// End all sessions of a person
#[utoipa::path(delete, path = "/api/v1/people/{id}/sessions", operation_id = "endTheirSessions",
    params(("id" = String, Path, description = "Login name.", example = "mai")), responses(
    (status = 200, description = "Ended, but for the session of this request.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end_theirs(State(shared): Desk, Extension(by): By, Named(name): Named) -> Answer {
    if shared.desk.users.account(&name).is_none() {
        return Err(not_found().await);
    }
    shared.sittings.end_all(&name, by.sitting);
    in_office(&shared, &by, format!("kết thúc mọi phiên làm việc của {name}")).await
}

/// Somebody who may take a desk over.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hand {
    /// Login name.
    name: String,
    /// Name shown.
    shown: String,
}

/// Those who have a PIN.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hands {
    hands: Vec<Hand>,
}

/// What `POST session/hand` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TakeOver, example = json!({"name": "hoa", "pin": "402917"}))]
pub(crate) struct TakeOver {
    /// Login name of who sits down.
    #[schema(max_length = 64)]
    name: String,
    /// His PIN.
    #[schema(max_length = 64)]
    pin: String,
}

/// Those who may take this desk over by a PIN
#[utoipa::path(get, path = "/api/v1/session/hand", operation_id = "hands", responses(
    (status = 200, description = "Whoever has one.", body = Hands),
))]
pub(crate) async fn hands(State(shared): Desk) -> Json<Hands> {
    let hands = shared.desk.users.with_pin().into_iter().map(|(name, shown)| Hand { name, shown }).collect();
    Json(Hands { hands })
}

/// Take this desk over by a PIN
///
/// The page stays as it is; what is done from now on is done by the one who sat down. After five wrong PINs the PIN counts no
/// more until its owner has signed in with the password.
#[utoipa::path(post, path = "/api/v1/session/hand", operation_id = "takeOver", request_body = TakeOver, responses(
    (status = 200, description = "He sits here now.", body = Sits),
    Locked, NotKept, Unavailable,
))]
pub(crate) async fn take_over(
    State(shared): Desk,
    Extension(by): By,
    session: Session,
    headers: HeaderMap,
    Told(asked): Told<TakeOver>,
) -> Result<Json<Sits>, Problem> {
    let TakeOver { name, pin } = asked;
    if name.len() > 64 || pin.len() > 64 {
        return Err(wrong(4));
    }
    match shared.desk.users.take_pin(name.clone(), pin).await {
        Taken::Welcome => {}
        Taken::Wrong { left } => return Err(wrong(left)),
        Taken::Blocked { now } => {
            if now {
                note(&shared, &by, format!("mã PIN của {name} bị khóa sau 5 lần sai")).await;
            }
            return Err(blocked());
        }
        Taken::Busy => {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                say("Trạm đang bận", "The station is busy"),
                say("Hãy thử lại sau vài giây.", "Try again in a few seconds."),
            )
            .retry_after(3));
        }
    }
    session::sit(&session, &name, &headers, true).await?;
    let sits = session::signed_as(&shared, &session, name.clone(), true)?;
    let from = by.name.clone();
    note(&shared, &Signed { name, ..by }, format!("nhận bàn làm việc từ {from} bằng mã PIN")).await;
    Ok(sits)
}

/// Notes what has its effect in any case: a desk must change hands even where the disk is dead.
async fn note(shared: &Shared, by: &Signed, what: String) {
    if in_office(shared, by, what).await.is_err() {
        log::warn!("a hand-over of the desk is not in the journal");
    }
}

fn wrong(left: u8) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_pin",
        say("Mã PIN không đúng", "The PIN is wrong"),
        say(format!("Còn {left} lần thử."), format!("{left} more may be tried.")),
    )
}

fn blocked() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "pin_blocked",
        say("Mã PIN đã bị khóa", "The PIN is blocked"),
        say(
            "Sai 5 lần. Hãy đăng nhập bằng mật khẩu một lần để dùng lại mã PIN.",
            "Five were wrong. Sign in with the password once, and it counts again.",
        ),
    )
}
