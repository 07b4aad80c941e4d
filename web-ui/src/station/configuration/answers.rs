//! Answers about the configuration: the sheet, a check, a proposal, versions.

use super::{Checked, Configuration, Finding, LONGEST, Lock, MOST, Probed, Sheet, Unfit, VersionRow, Wanted};
use crate::air::acts::words;
use crate::air::orders::{Done, in_office};
use crate::body::{Named, Told};
use crate::described::{Changed, NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// A proposal with its reason.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposal {
    /// What is proposed.
    wanted: Wanted,
    /// Why.
    #[schema(min_length = 3, max_length = 200)]
    why: String,
    /// Programmes need not be waited for; an emergency, a live voice and a drill always are.
    #[serde(default)]
    over_programmes: bool,
}

/// A version that was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    /// Its number.
    version: u32,
    /// Number of the journal entry that says so.
    seq: u64,
}

/// Versions of the configuration.
#[derive(Serialize, ToSchema)]
pub(crate) struct Versions {
    /// Newest first.
    versions: Vec<VersionRow>,
}

/// One version.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionText {
    /// Its text.
    text: String,
    /// What differs from the version that stands.
    checked: Option<Checked>,
}

/// A device to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Candidate {
    /// The file with it.
    wanted: Wanted,
    /// Its section: `switch`, `transmitter`, `board` or `sensor`.
    #[schema(max_length = 64)]
    section: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    id: String,
}

async fn asked<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn Configuration) -> Result<T, Unfit> + Send + 'static,
) -> Result<T, Problem> {
    let configuration = Arc::clone(&shared.desk.configuration);
    match tokio::task::spawn_blocking(move || how(&*configuration)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(unfit)) => Err(problem(unfit)),
        Err(error) => Err(problem(Unfit::Disk(error.to_string()))),
    }
}

fn bounded(wanted: &Wanted) -> Result<(), Problem> {
    if wanted.changes.len() > MOST || wanted.text.as_ref().is_some_and(|t| t.len() > LONGEST) {
        return Err(Problem::wrong(say(
            format!("Mỗi lần sửa nhiều nhất {MOST} mục, tệp dài nhất {LONGEST} byte."),
            format!("At most {MOST} changes, or a text of {LONGEST} bytes."),
        )));
    }
    Ok(())
}

/// The configuration as it stands
#[utoipa::path(get, path = "/api/v1/configuration", operation_id = "configuration", responses(
    (status = 200, description = "The file, and every key it may have.", body = Sheet),
    (status = 404, description = "This place has none."),
    Unavailable,
))]
pub(crate) async fn sheet(State(shared): Desk) -> Result<Json<Sheet>, Problem> {
    asked(&shared, |c| c.sheet()).await.map(Json)
}

/// Check a proposal, as `gateway check` would; nothing is changed
#[utoipa::path(post, path = "/api/v1/configuration/check", operation_id = "checkConfiguration", request_body = Wanted, responses(
    (status = 200, description = "What would become of it.", body = Checked),
    (status = 404, description = "This place has none."),
    Changed, Unavailable,
))]
pub(crate) async fn check(State(shared): Desk, Told(wanted): Told<Wanted>) -> Result<Json<Checked>, Problem> {
    bounded(&wanted)?;
    asked(&shared, move |c| c.check(&wanted)).await.map(Json)
}

/// Change the configuration: a new version, taken over by a restart as soon as nothing is on air
#[utoipa::path(put, path = "/api/v1/configuration", operation_id = "changeConfiguration", request_body = Proposal, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Kept),
    (status = 404, description = "This place has none."),
    NotOrdered,
))]
pub(crate) async fn change(
    State(shared): Desk,
    Extension(by): By,
    Told(proposal): Told<Proposal>,
) -> Result<Json<Kept>, Problem> {
    let Proposal { wanted, why, over_programmes } = proposal;
    bounded(&wanted)?;
    let why = words("why", "Lý do", &why, 3, 200)?;
    let (name, at) = (by.name.clone(), shared.desk.view.borrow().clock.clone());
    let version = asked(&shared, move |c| c.take(&wanted, &name, &why, over_programmes, at)).await?;
    let Json(Done { seq }) = in_office(&shared, &by, format!("configuration version {version}: to be tried")).await?;
    Ok(Json(Kept { version, seq }))
}

/// Take back the version that waits for its turn
#[utoipa::path(delete, path = "/api/v1/configuration/waiting", operation_id = "withdrawConfiguration", responses(
    (status = 200, description = "Taken back, and noted in the journal.", body = Done),
    (status = 404, description = "None waits."),
    NotOrdered,
))]
pub(crate) async fn withdraw(State(shared): Desk, Extension(by): By) -> Result<Json<Done>, Problem> {
    let version = asked(&shared, |c| c.withdraw()).await?;
    in_office(&shared, &by, format!("configuration version {version}: taken back")).await
}

/// Versions of the configuration: who, when, why, and what became of it
#[utoipa::path(get, path = "/api/v1/configuration/versions", operation_id = "configurationVersions", responses(
    (status = 200, description = "Newest first.", body = Versions),
    Unavailable,
))]
pub(crate) async fn versions(State(shared): Desk) -> Result<Json<Versions>, Problem> {
    Ok(Json(Versions { versions: asked(&shared, |c| c.versions()).await? }))
}

/// One version, and what differs from the one that stands
#[utoipa::path(get, path = "/api/v1/configuration/versions/{no}", operation_id = "configurationVersion",
    params(("no" = String, Path, description = "Its number.", example = "1")), responses(
    (status = 200, description = "It.", body = VersionText),
    Unavailable,
))]
pub(crate) async fn version(State(shared): Desk, Named(no): Named) -> Result<Json<VersionText>, Problem> {
    let no = no.parse().map_err(|_| problem(Unfit::Nothing))?;
    asked(&shared, move |c| {
        let text = c.version(no)?;
        let over = c.sheet()?.version;
        let checked = c.check(&Wanted { over, changes: Vec::new(), text: Some(text.clone()) }).ok();
        Ok(Json(VersionText { text, checked }))
    })
    .await
}

/// Ask a device that is to be added whether it is there; nothing is kept
#[utoipa::path(post, path = "/api/v1/configuration/probe", operation_id = "probeDevice", request_body = Candidate, responses(
    (status = 200, description = "What it said.", body = Probed),
    (status = 404, description = "There is no such device in the proposal."),
    Changed, Unavailable,
))]
pub(crate) async fn probe(State(shared): Desk, Told(candidate): Told<Candidate>) -> Result<Json<Probed>, Problem> {
    let Candidate { wanted, section, id } = candidate;
    bounded(&wanted)?;
    asked(&shared, move |c| c.probe(&wanted, &section, &id)).await.map(Json)
}

fn refused(code: &'static str, title: (&str, &str), detail: (String, String)) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, say(title.0, title.1), say(detail.0, detail.1)).acted(false)
}

fn problem(unfit: Unfit) -> Problem {
    const NOTHING: &str = "Trạm giữ nguyên như cũ.";
    match unfit {
        Unfit::Changed(version) => refused(
            "changed",
            ("Người khác đã sửa cấu hình", "Somebody else has changed the configuration"),
            (
                format!("Nay là phiên bản {version}. Chưa lưu gì; những gì anh chị viết vẫn còn trên trang này."),
                format!("Version {version} stands now; nothing was stored."),
            ),
        )
        .current(serde_json::json!({ "version": version })),
        Unfit::Locked { key, lock } => {
            let (vi, en) = why_locked(lock);
            refused(
                "locked",
                ("Mục này không sửa được từ bàn điều khiển", "No desk may change this"),
                (format!("{key}: {vi} {NOTHING}"), format!("{key}: {en}")),
            )
        }
        Unfit::Wrong(findings) => {
            let first = findings.first().map(placed).unwrap_or_default();
            let count = findings.len();
            let title = say("Cấu hình có chỗ sai", "The configuration is refused");
            let detail = say(format!("{first} (có {count} chỗ). {NOTHING}"), format!("{first} ({count} to correct)"));
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_configuration", title, detail)
                .acted(false)
                .current(serde_json::json!({ "problems": findings }))
        }
        Unfit::ReadOnly(why) => refused(
            "read_only",
            ("Trạm không ghi được tệp cấu hình", "The station cannot write its configuration"),
            (
                format!("{why}. Hãy tải tệp đã kiểm tra về và nhờ kỹ thuật đặt vào chỗ cũ. {NOTHING}"),
                format!("{why}. Download the checked file and have it put in place."),
            ),
        ),
        Unfit::Waits(version) => refused(
            "waits",
            ("Một phiên bản khác đang chờ hoặc đang được thử", "Another version waits or is being tried"),
            (format!("Phiên bản {version}. Hãy đợi nó xong hoặc rút nó lại."), format!("Version {version}.")),
        ),
        Unfit::Same => refused(
            "same",
            ("Không có gì thay đổi", "Nothing is changed"),
            ("Nội dung giống hệt cấu hình hiện nay.".to_owned(), "It is what stands already.".to_owned()),
        ),
        Unfit::Nothing => Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            say("Không có mục này", "There is no such thing"),
            say("Có thể nó đã được dọn đi.", "It may have been cleared away."),
        ),
        Unfit::Misplaced(what) => Problem::wrong(say(
            format!("Không tìm được chỗ sửa trong tệp: {what}."),
            format!("A change finds no place in the file: {what}."),
        )),
        Unfit::Disk(why) => {
            log::error!(error = why.as_str(); "the configuration at the desk");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "configuration_unavailable",
                say("Cấu hình không đọc ghi được", "The configuration cannot be read or written"),
                say(format!("{why}. {NOTHING}"), why),
            )
            .acted(false)
            .retry_after(5)
        }
    }
}

/// A finding in one line.
pub(crate) fn placed(finding: &Finding) -> String {
    let Finding { line, key, what, remedy } = finding;
    let place = if *line == 0 { String::new() } else { format!("dòng {line}, ") };
    format!("{place}{key}: {what}; {remedy}")
}

pub(crate) fn why_locked(lock: Lock) -> (&'static str, &'static str) {
    match lock {
        Lock::Licence => (
            "tần số và công suất FM theo giấy phép, không màn hình nào đổi được; khi giấy phép đổi, kỹ thuật sửa tệp tại máy.",
            "FM frequency and power come from the licence, and no screen changes them.",
        ),
        Lock::Trust => (
            "ai được tin là việc của kho tin cậy có chữ ký, không phải của bàn điều khiển.",
            "whose word is believed is no matter of the desk.",
        ),
        Lock::Identity => (
            "mã trạm, mã tỉnh, mã xã và thư mục dữ liệu do lúc lắp đặt đặt ra.",
            "who the station is, and where it keeps what it has, is set where it is installed.",
        ),
        Lock::Hub => ("đường lên trung tâm đến bằng gói ghi danh.", "the way to the hub comes by enrolment."),
        Lock::Listeners => (
            "sai địa chỉ này thì chính bàn điều khiển không mở được nữa; kỹ thuật sửa tệp tại máy.",
            "a mistake here would shut the desk itself.",
        ),
        Lock::Program => (
            "chương trình mà trạm sẽ chạy chỉ đặt được tại máy.",
            "which programs the station starts is set at the machine alone.",
        ),
    }
}
