//! Officers' voices: an emergency spoken into the browser's microphone, and a microphone that passes from one to another.

use crate::air::acts::{Ask, warning, why, words, wrong};
use crate::air::orders::{Answer, order};
use crate::air::studio::{Begun, on_air, speaking_time};
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::entry::users::Right;
use crate::problem::{Problem, not_found, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use gateway_core::bulletin::Targets;
use gateway_core::id::LiveId;
use gateway_core::input::Act;
use gateway_core::view::View;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// What `POST emergency/voice` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmergencyVoice, example = json!({"text": "Vỡ đê ở Thôn 3. Bà con lên chỗ cao ngay.", "level": 4,
    "targets": {"clusters": ["*"], "boards": ["*"]}, "max_s": 600, "reason": "Chủ tịch xã trực tiếp thông báo"}))]
pub(crate) struct Voice {
    /// Shown on boards, and said by the station where the voice breaks off; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    text: String,
    /// Disaster risk level (QĐ 18/2021/QĐ-TTg).
    #[schema(minimum = 1, maximum = 5)]
    level: u8,
    /// Where; everywhere where it is not given.
    #[serde(default = "Targets::everything")]
    targets: Targets,
    /// The speaker is cut off after so many seconds.
    #[serde(default = "ten_minutes")]
    #[schema(minimum = 1, maximum = 3600, default = 600)]
    max_s: u32,
    /// Shown as a drill; the speaker says that it is one.
    #[serde(default)]
    #[schema(default = false)]
    drill: bool,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

fn ten_minutes() -> u32 {
    600
}

struct SpokenBy(Voice, LiveId);

impl Ask for SpokenBy {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let Self(Voice { text, level, targets, max_s, drill, reason }, live) = self;
        warning(level, 1, &targets, view)?;
        crate::air::acts::targets_of(&targets, view)?;
        speaking_time(max_s)?;
        let text = words("text", "Nội dung", &text, 0, 2000)?;
        Ok(Act::EmergencyVoice { live, text, level, targets, max_s, drill, reason: why(&reason)? })
    }
}

/// *Phát khẩn cấp* in one's own voice
///
/// The attention tone first, at forced levels; the microphone is open before the station waits for it, and speech is sent as to any
/// live transmission. Where it stops coming for five seconds without `DELETE live/{id}`, the station says the text instead.
/// Where the disk takes nothing it is on air all the same: the refusal has `acted`, and `current.live_id`.
#[utoipa::path(post, path = "/api/v1/emergency/voice", operation_id = "emergencyVoice", request_body = Voice, responses(
    (status = 200, description = "It is on air; the microphone is open.", body = Begun),
    NotOrdered,
))]
pub(crate) async fn emergency(
    State(shared): Desk,
    Extension(by): By,
    Told(ask): Told<Voice>,
) -> Result<Json<Begun>, Problem> {
    on_air(&shared, by, |live| SpokenBy(ask, live)).await
}

/// Ask whoever speaks for the microphone
#[utoipa::path(post, path = "/api/v1/live/{id}/ask", operation_id = "askForMicrophone", params(
    ("id" = String, Path, description = "Which transmission, as `talks` of the view says."),
), responses(
    (status = 200, description = "Whoever speaks sees it.", body = crate::air::orders::Done),
    NotOrdered,
))]
pub(crate) async fn ask(State(shared): Desk, Extension(by): By, Named(id): Named) -> Answer {
    order(&shared, by, Act::AskLive { live: LiveId::from(id) }).await
}

/// What `POST live/{id}/hand` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandMicrophone, example = json!({"to": "hoa", "reason": ""}))]
pub(crate) struct Hand {
    /// Login name of who speaks from now on.
    #[schema(min_length = 1, max_length = 64)]
    to: String,
    /// Why; 3 to 200 characters where the microphone is taken.
    #[serde(default)]
    #[schema(max_length = 200)]
    reason: String,
}

/// Hand the microphone over, or take it
///
/// Whoever speaks may hand it to somebody who may go on air; who may approve may take it, with a reason. What is on air goes on:
/// there is no second chime and no gap.
#[utoipa::path(post, path = "/api/v1/live/{id}/hand", operation_id = "handMicrophone", params(
    ("id" = String, Path, description = "Which transmission."),
), request_body = Hand, responses(
    (status = 200, description = "Handed over, and committed to the journal.", body = crate::air::orders::Done),
    NotOrdered,
))]
pub(crate) async fn hand(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(Hand { to, reason }): Told<Hand>,
) -> Answer {
    if to.is_empty() || to.len() > 64 || !shared.desk.users.standing(&to).is_some_and(|u| u.role.may(Right::Air)) {
        return wrong("Người nhận micro (to) không có quyền phát.", "to may not go on air.");
    }
    let live = LiveId::from(id);
    let view = Arc::clone(&shared.desk.view.borrow());
    let Some(talk) = view.talks.iter().find(|t| t.live == live) else { return Err(not_found().await) };
    let reason = if talk.speaker.as_deref() == Some(by.name.as_str()) {
        words("reason", "Lý do", &reason, 0, 200)?
    } else if to == by.name && by.role.may(Right::Approve) {
        why(&reason)?
    } else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "not_yours",
            say("Micro này do người khác giữ", "Somebody else has this microphone"),
            say(
                "Hãy xin micro và chờ người đang nói trao; lãnh đạo duyệt có thể nhận ngay và ghi lý do.",
                "Ask for it and wait until it is handed over; who may approve can take it, with a reason.",
            ),
        ));
    };
    let done = order(&shared, by, Act::HandLive { live: live.clone(), to: to.clone(), reason }).await;
    if done.as_ref().is_ok() || done.as_ref().is_err_and(Problem::has_acted) {
        shared.desk.studio.hand(&live, &to);
    }
    done
}
