//! Sends an officer's order to the loop and waits, for a bounded time, for what became of it.

use crate::air::acts::{Ask, Blackout, Decide, DecideBody, Emergency, Mute, Rearm, Stop};
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::{Asked, Outcome};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use gateway_core::input::Act;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

/// How long an officer waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an order waits for a place in the queue.
const QUEUEING: Duration = Duration::from_secs(2);

/// An order that was carried out and written down.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    /// Number of the journal entry that says so.
    pub(crate) seq: u64,
}

pub(crate) type Answer = Result<Json<Done>, Problem>;
type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// Answer a decision
#[utoipa::path(post, path = "/api/v1/decisions/{id}", params(
    ("id" = u64, Path, description = "Number of the decision, as the view says it."),
), request_body = DecideBody, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn decide(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(answer): Told<DecideBody>,
) -> Answer {
    // A number no decision has answers as a decision that is gone.
    let id = id.parse().unwrap_or(u64::MAX);
    order(&shared, by, Decide { id, answer }).await
}

/// *Phát khẩn cấp*: say a typed text at once
#[utoipa::path(post, path = "/api/v1/emergency", request_body = Emergency, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn emergency(State(shared): Desk, Extension(by): By, Told(ask): Told<Emergency>) -> Answer {
    order(&shared, by, ask).await
}

/// *Dừng và đính chính*: end a bulletin everywhere, at once and for good
#[utoipa::path(post, path = "/api/v1/stop", request_body = Stop, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn stop(State(shared): Desk, Extension(by): By, Told(ask): Told<Stop>) -> Answer {
    order(&shared, by, ask).await
}

/// *Tắt tiếng*: silence clusters, or lift a mute
#[utoipa::path(post, path = "/api/v1/mute", request_body = Mute, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn mute(State(shared): Desk, Extension(by): By, Told(ask): Told<Mute>) -> Answer {
    order(&shared, by, ask).await
}

/// *Tắt bảng*: darken boards, or lift a blackout
#[utoipa::path(post, path = "/api/v1/blackout", request_body = Blackout, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn blackout(State(shared): Desk, Extension(by): By, Told(ask): Told<Blackout>) -> Answer {
    order(&shared, by, ask).await
}

/// *Cho phát lại*: free a transmitter that its protection has taken off the air
#[utoipa::path(post, path = "/api/v1/rearm", request_body = Rearm, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn rearm(State(shared): Desk, Extension(by): By, Told(ask): Told<Rearm>) -> Answer {
    order(&shared, by, ask).await
}

/// Hands an order to the loop.
pub(crate) async fn order(shared: &Shared, by: Signed, ask: impl Ask) -> Answer {
    let view = Arc::clone(&shared.desk.view.borrow());
    let act = ask.act(&view)?;
    hand(shared, by.name, act).await
}

/// Hands an act to the loop.
async fn hand(shared: &Shared, by: String, act: Act) -> Answer {
    let (answer, outcome) = oneshot::channel();
    let start = Instant::now();
    let place = timeout_at(start + QUEUEING, shared.desk.orders.reserve()).await;
    let Ok(Ok(place)) = place else { return Err(busy()) };
    place.send(Asked { by, act, answer });
    match timeout_at(start + PATIENCE, outcome).await {
        Err(_) => Err(no_answer()),
        Ok(Err(_)) => Err(busy()),
        Ok(Ok(Outcome::Busy)) => Err(busy()),
        Ok(Ok(Outcome::Done { seq })) => Ok(Json(Done { seq })),
        Ok(Ok(Outcome::Refused(why))) => Err(refused(why)),
        Ok(Ok(Outcome::ActedNotWritten)) => Err(unwritten().acted(true)),
        Ok(Ok(Outcome::NotWritten)) => Err(unwritten().acted(false)),
    }
}

/// Notes what was done in the office (decision 0012: the change is made before). `what` holds no personal data but login names.
pub(crate) async fn in_office(shared: &Shared, by: &Signed, what: String) -> Answer {
    order(shared, by.clone(), Act::Office { what }).await.map_err(|problem| problem.acted(true))
}

/// Notes what the station did in the office by itself.
pub(crate) async fn by_itself(shared: &Shared, what: String) -> Answer {
    hand(shared, "station".to_owned(), Act::Office { what }).await
}

fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        say("Trạm đang bận", "The station is busy"),
        say(
            "Lệnh chưa được nhận. Hãy thử lại ngay; nếu khẩn cấp, dùng micro hoặc công tắc tại trạm.",
            "The order was not taken. Try again at once.",
        ),
    )
    .acted(false)
    .retry_after(1)
}

fn no_answer() -> Problem {
    Problem::new(
        StatusCode::GATEWAY_TIMEOUT,
        "no_answer",
        say("Chưa biết lệnh đã được làm hay chưa", "It is not known whether the order was carried out"),
        say(
            "Trạm đã nhận lệnh nhưng chưa trả lời sau 10 giây. Hãy nhìn mục Đang phát trước khi gửi lại.",
            "The order was taken but not answered within 10 s. Look at what is on air before sending it again.",
        ),
    )
}

fn refused(why: String) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "refused",
        say("Trạm không nhận lệnh này", "The station refused the order"),
        // The journal keeps the reason as it was given: in Vietnamese.
        say(why.clone(), format!("Its reason, in Vietnamese: {why}")),
    )
    .acted(false)
}

fn unwritten() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_written",
        say("Thẻ nhớ không ghi được", "The storage takes nothing"),
        say(
            "Dừng, tắt tiếng, tắt bảng và phát khẩn cấp vẫn có hiệu lực ngay nhưng không vào nhật ký; việc khác thì \
             chưa làm. Hãy ghi lại bằng giấy và gọi kỹ thuật.",
            "Stop, mute, blackout and emergency take effect but are not in the journal; other orders were not carried \
             out. Note it on paper and call the technician.",
        ),
    )
}
