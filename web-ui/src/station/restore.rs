//! *Khôi phục*: a backup brought to the desk, looked at before it is taken, taken by a restart, and undone.

use crate::air::acts::words;
use crate::air::orders::{Done, in_office};
use crate::body::Told;
use crate::described::{Bytes, Locked, NotOrdered, NotSignedIn, Unavailable, Unfit};
use crate::entry::account::prove;
use crate::entry::guard::{Signed, not_his};
use crate::entry::users::Right;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::station::configuration::{Fate, Finding, Lock, placed, why_locked};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use utoipa::ToSchema;

/// Largest backup that a desk takes, bytes.
const LARGEST: u64 = 1 << 30;
/// How long a piece of it may be waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(1800);

/// What a backup holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupSight {
    /// Station it is of.
    pub station: String,
    /// This station.
    pub here: String,
    /// When it was made, RFC 3339, by the clock of the box that made it.
    pub made: String,
    /// Release that made it.
    pub version: String,
    /// The keys are in it: whoever has them speaks as that station.
    pub keys: bool,
    /// Its size.
    pub bytes: u64,
    /// What is in it, by the names of the data folder.
    pub holds: Vec<String>,
}

/// How a restore stands.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RestoreState {
    /// It waits for its turn, or is being tried.
    #[schema(required)]
    pub underway: Option<Fate>,
    /// What it waits for, as a configuration does.
    #[schema(required)]
    pub waits_for: Option<String>,
    /// Why the last one was given up, where it was since the station was started.
    #[schema(required)]
    pub told: Option<String>,
    /// What was there before the last one is kept: its station.
    #[schema(required)]
    pub station: Option<String>,
    /// And when it was put aside, RFC 3339.
    #[schema(required)]
    pub at: Option<String>,
}

/// Why a backup is not restored.
#[derive(Clone, Debug)]
pub enum Unrestored {
    /// None was brought, or nothing is kept.
    Nothing,
    /// The passphrase does not open it.
    Passphrase,
    /// It is no backup, or damaged.
    Broken(String),
    /// It is of another station, and nobody said that this is meant.
    OtherStation(String),
    /// It would change what no desk may change.
    Locked {
        /// `transmitter.licence`, `trust` …
        key: String,
        /// Why.
        lock: Lock,
    },
    /// Its configuration does not fit this box.
    Wrong(Vec<Finding>),
    /// Something else waits or is being tried.
    Waits,
    /// The disk does not give or take it.
    Disk(String),
}

/// A backup that was brought.
#[derive(Serialize, ToSchema)]
pub(crate) struct Brought {
    /// Its size.
    bytes: u64,
}

/// What `POST restore/look` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// What opens it.
    #[schema(min_length = 10, max_length = 128)]
    passphrase: String,
}

/// What `POST restore` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RestoreAsked)]
pub(crate) struct Taking {
    /// What opens it.
    #[schema(min_length = 10, max_length = 128)]
    passphrase: String,
    /// One's own password, to show that it is really oneself.
    #[schema(max_length = 1024)]
    password: String,
    /// It may be of another station: this box becomes that one.
    #[serde(default)]
    other_station: bool,
    /// Why.
    #[schema(min_length = 3, max_length = 200)]
    why: String,
}

/// What `POST restore/undo` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undoing {
    /// One's own password, to show that it is really oneself.
    #[schema(max_length = 1024)]
    password: String,
    /// Why.
    #[schema(min_length = 3, max_length = 200)]
    why: String,
}

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// Accounts come with a backup: it takes the right to see to them too, and a password of one's own.
async fn strictly(shared: &Shared, by: &Signed, password: String) -> Result<(), Problem> {
    if !by.role.may(Right::People) {
        return Err(not_his(Right::People));
    }
    prove(shared, by, password).await
}

async fn asked<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn crate::Machine) -> Result<T, Unrestored> + Send + 'static,
) -> Result<T, Problem> {
    let machine = Arc::clone(&shared.desk.machine);
    let told = tokio::task::spawn_blocking(move || how(&*machine)).await;
    told.unwrap_or_else(|error| Err(Unrestored::Disk(error.to_string()))).map_err(problem)
}

/// How a restore stands, and whether the state before the last one is kept
#[utoipa::path(get, path = "/api/v1/restore", operation_id = "restoring", responses(
    (status = 200, description = "As it is now.", body = RestoreState), Unavailable,
))]
pub(crate) async fn state(State(shared): Desk) -> Result<Json<RestoreState>, Problem> {
    asked(&shared, |m| Ok(m.restore_state())).await.map(Json)
}

/// Bring a backup: 1 GiB at most; it takes the place of one that was brought before
#[utoipa::path(post, path = "/api/v1/restore/file", operation_id = "bringBackup",
    request_body(content = inline(Bytes), content_type = "application/octet-stream", description = "The file."),
    responses((status = 200, description = "It lies ready to be looked at; nothing is changed.", body = Brought), Unfit, NotOrdered))]
pub(crate) async fn bring(State(shared): Desk, Extension(by): By, body: Body) -> Result<Json<Brought>, Problem> {
    if !by.role.may(Right::People) {
        return Err(not_his(Right::People));
    }
    let mut file = asked(&shared, |m| m.restore_begin().map_err(Unrestored::Disk)).await?;
    let (to, mut pieces) = mpsc::channel::<axum::body::Bytes>(8);
    let (answer, written) = oneshot::channel();
    let work = move || {
        let mut write = || {
            while let Some(piece) = pieces.blocking_recv() {
                file.write_all(&piece)?;
            }
            file.sync_all()
        };
        // Who asked may be gone.
        answer.send(write()).ok();
    };
    let disk = |error: std::io::Error| problem(Unrestored::Disk(error.to_string()));
    std::thread::Builder::new().name("restore".into()).spawn(work).map_err(disk)?;
    let (mut body, mut bytes, began) = (body.into_data_stream(), 0_u64, Instant::now());
    loop {
        let piece = match timeout(PATIENCE, body.next()).await {
            Ok(Some(Ok(piece))) if began.elapsed() < LONGEST => piece,
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => return Err(problem(Unrestored::Broken("it did not come whole".to_owned()))),
        };
        bytes += piece.len() as u64;
        if bytes > LARGEST {
            return Err(too_large());
        }
        if to.send(piece).await.is_err() {
            // The disk took no more; it says why.
            break;
        }
    }
    drop(to);
    if bytes == 0 {
        return Err(problem(Unrestored::Broken("nothing came".to_owned())));
    }
    match written.await {
        Ok(Ok(())) => Ok(Json(Brought { bytes })),
        Ok(Err(error)) => Err(disk(error)),
        Err(_) => Err(problem(Unrestored::Disk("the writing ended".to_owned()))),
    }
}

/// Look at the backup that was brought: what it holds, and whether it can be taken; nothing is changed
#[utoipa::path(post, path = "/api/v1/restore/look", operation_id = "lookAtBackup", request_body = Opening, responses(
    (status = 200, description = "It can be taken.", body = BackupSight),
    (status = 404, description = "None was brought."),
    Unfit, NotOrdered,
))]
pub(crate) async fn look(State(shared): Desk, Told(asked_): Told<Opening>) -> Result<Json<BackupSight>, Problem> {
    words("passphrase", "Câu mật khẩu", &asked_.passphrase, 10, 128)?;
    asked(&shared, move |m| m.restore_look(&asked_.passphrase)).await.map(Json)
}

/// Restore the backup that was brought: the station restarts into it as soon as nothing is on air
#[utoipa::path(post, path = "/api/v1/restore", operation_id = "restore", request_body = Taking, responses(
    (status = 200, description = "It waits for its turn, and is noted in the journal.", body = Done),
    (status = 404, description = "None was brought."),
    NotSignedIn, Locked, Unfit, NotOrdered,
))]
pub(crate) async fn take(
    State(shared): Desk,
    Extension(by): By,
    Told(taking): Told<Taking>,
) -> Result<Json<Done>, Problem> {
    let Taking { passphrase, password, other_station, why } = taking;
    words("passphrase", "Câu mật khẩu", &passphrase, 10, 128)?;
    let why = words("why", "Lý do", &why, 3, 200)?;
    strictly(&shared, &by, password).await?;
    let sight = asked(&shared, move |m| m.restore_take(&passphrase, other_station)).await?;
    let BackupSight { station, made, .. } = sight;
    in_office(&shared, &by, format!("restore of station {station}, made {made}: waits for its turn ({why})")).await
}

/// Undo the last restore: what was there before comes back, what stands now is kept
#[utoipa::path(post, path = "/api/v1/restore/undo", operation_id = "undoRestore", request_body = Undoing, responses(
    (status = 200, description = "It waits for its turn, and is noted in the journal.", body = Done),
    (status = 404, description = "Nothing is kept."),
    NotSignedIn, Locked, NotOrdered,
))]
pub(crate) async fn undo(
    State(shared): Desk,
    Extension(by): By,
    Told(undoing): Told<Undoing>,
) -> Result<Json<Done>, Problem> {
    let why = words("why", "Lý do", &undoing.why, 3, 200)?;
    strictly(&shared, &by, undoing.password).await?;
    asked(&shared, |m| m.restore_undo()).await?;
    in_office(&shared, &by, format!("restore undone: waits for its turn ({why})")).await
}

/// Take back a restore that waits for its turn
#[utoipa::path(delete, path = "/api/v1/restore", operation_id = "withdrawRestore", responses(
    (status = 200, description = "Taken back, and noted in the journal.", body = Done),
    (status = 404, description = "None waits."),
    NotOrdered,
))]
pub(crate) async fn withdraw(State(shared): Desk, Extension(by): By) -> Result<Json<Done>, Problem> {
    asked(&shared, |m| if m.restore_withdraw() { Ok(()) } else { Err(Unrestored::Nothing) }).await?;
    in_office(&shared, &by, "restore taken back".to_owned()).await
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        say("Tệp quá lớn", "The file is too large"),
        say(
            "Bàn điều khiển nhận bản sao lưu đến 1 GiB; lớn hơn thì khôi phục tại máy (gateway restore). Chưa đổi gì.",
            "The desk takes 1 GiB; restore a larger one at the machine (gateway restore). Nothing was changed.",
        ),
    )
}

fn problem(why: Unrestored) -> Problem {
    const NOTHING: &str = "Chưa đổi gì.";
    let unfit = |code, title: (&str, &str), detail: (String, String)| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, say(title.0, title.1), say(detail.0, detail.1))
            .acted(false)
    };
    let refused = |code, title: (&str, &str), detail: (String, String)| {
        Problem::new(StatusCode::CONFLICT, code, say(title.0, title.1), say(detail.0, detail.1)).acted(false)
    };
    match why {
        Unrestored::Nothing => Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            say("Không có gì để khôi phục", "There is nothing to restore"),
            say("Hãy chọn lại tệp sao lưu.", "Choose the backup again."),
        ),
        Unrestored::Passphrase => unfit(
            "wrong_passphrase",
            ("Câu mật khẩu không mở được tệp này", "The passphrase does not open it"),
            (
                format!("Hãy nhập lại đúng câu đã ghi khi sao lưu. {NOTHING}"),
                "Type the one it was made with. Nothing was changed.".to_owned(),
            ),
        ),
        Unrestored::Broken(why) => unfit(
            "broken_backup",
            ("Tệp này không phải bản sao lưu, hoặc đã hỏng", "This is no backup, or it is damaged"),
            (format!("Hãy dùng bản khác. {NOTHING}"), format!("{why}. Use another one. Nothing was changed.")),
        ),
        Unrestored::OtherStation(station) => refused(
            "other_station",
            ("Bản sao lưu của trạm khác", "The backup is of another station"),
            (
                format!(
                    "Đây là bản của trạm {station}. Chỉ xác nhận khi máy này thay cho trạm đó và máy cũ đã rút điện. {NOTHING}"
                ),
                format!("It is of station {station}: confirm only where this box takes its place."),
            ),
        ),
        Unrestored::Locked { key, lock } => {
            let (vi, en) = why_locked(lock);
            refused(
                "locked",
                ("Bản này đổi điều không đổi được từ bàn điều khiển", "It would change what no desk may change"),
                (
                    format!("{key}: {vi} Kỹ thuật khôi phục tại máy bằng gateway restore. {NOTHING}"),
                    format!("{key}: {en} Restore it at the machine (gateway restore)."),
                ),
            )
        }
        Unrestored::Wrong(findings) => {
            let first = findings.first().map(placed).unwrap_or_default();
            let detail = (format!("{first}. {NOTHING}"), first.clone());
            unfit(
                "bad_configuration",
                ("Cấu hình trong bản này không hợp với máy", "Its configuration does not fit this box"),
                detail,
            )
            .current(serde_json::json!({ "problems": findings }))
        }
        Unrestored::Waits => refused(
            "waits",
            ("Một thay đổi khác đang chờ hoặc đang được thử", "Another change waits or is being tried"),
            (format!("Hãy đợi nó xong. {NOTHING}"), "Wait for it.".to_owned()),
        ),
        Unrestored::Disk(why) => {
            log::error!(error = why.as_str(); "a restore at the desk");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_restored",
                say("Chưa khôi phục được", "It could not be restored"),
                say(format!("{why}. {NOTHING}"), why),
            )
            .acted(false)
            .retry_after(5)
        }
    }
}
