//! Answers about the machine's network: its state, a look round, changes on trial, their confirmation and their undoing.

use super::checks::{self, AddressAsked, ApnAsked, JoinAsked};
use super::{Elsewhere, Network, NetworkChange, NetworkChanged, NetworkState, TrialRow, Unset, WifiRow};
use crate::air::orders::{Done, in_office};
use crate::body::{Named, Told};
use crate::described::{Gone, NotOrdered, Unavailable};
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

/// A change that was begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct NetworkBegun {
    /// Number of the journal entry that says so.
    seq: u64,
    /// The trial it is on; `null`: nothing in use depends on it, and it is done.
    #[schema(required)]
    trial: Option<TrialRow>,
}

/// Which trial is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichTrial {
    /// Its number.
    no: u32,
}

/// Which Wi-Fi card looks round.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanAsked {
    /// Its name.
    #[schema(min_length = 1, max_length = 15)]
    device: String,
}

/// What a Wi-Fi card sees.
#[derive(Serialize, ToSchema)]
pub(crate) struct Scanned {
    /// Strongest first.
    networks: Vec<WifiRow>,
}

async fn asked<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn Network) -> Result<T, Unset> + Send + 'static,
) -> Result<T, Problem> {
    let network = Arc::clone(&shared.desk.network);
    match tokio::task::spawn_blocking(move || how(&*network)).await {
        Ok(told) => told.map_err(problem),
        Err(error) => Err(problem(Unset::Refused(error.to_string()))),
    }
}

async fn begin(shared: &Shared, by: &Signed, change: NetworkChange) -> Result<Json<NetworkBegun>, Problem> {
    let name = by.name.clone();
    let NetworkChanged { what, trial } = asked(shared, move |n| n.change(change, &name)).await?;
    let Json(Done { seq }) = in_office(shared, by, what).await?;
    Ok(Json(NetworkBegun { seq, trial }))
}

/// The machine's network: devices, Wi-Fi, mobile network, and the change on trial
#[utoipa::path(get, path = "/api/v1/network", operation_id = "network", responses(
    (status = 200, description = "As it is now; `elsewhere` where it is not set here.", body = NetworkState),
    Unavailable,
))]
pub(crate) async fn state(State(shared): Desk) -> Result<Json<NetworkState>, Problem> {
    asked(&shared, |n| Ok(n.state())).await.map(Json)
}

/// Let a Wi-Fi card look round
#[utoipa::path(post, path = "/api/v1/network/scan", operation_id = "scanWifi", request_body = ScanAsked, responses(
    (status = 200, description = "What it sees, within some seconds.", body = Scanned),
    (status = 404, description = "There is no such card."),
    NotOrdered,
))]
pub(crate) async fn scan(
    State(shared): Desk,
    Told(ScanAsked { device }): Told<ScanAsked>,
) -> Result<Json<Scanned>, Problem> {
    checks::device(&device)?;
    asked(&shared, move |n| n.scan(&device)).await.map(|networks| Json(Scanned { networks }))
}

/// Give a device an address of its own, or let it ask for one; on trial
#[utoipa::path(put, path = "/api/v1/network/address", operation_id = "setAddress", request_body = AddressAsked, responses(
    (status = 200, description = "On trial, and noted in the journal.", body = NetworkBegun),
    (status = 404, description = "There is no such device."),
    NotOrdered,
))]
pub(crate) async fn address(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<AddressAsked>,
) -> Result<Json<NetworkBegun>, Problem> {
    begin(&shared, &by, asked.checked()?).await
}

/// Join a Wi-Fi; on trial
#[utoipa::path(put, path = "/api/v1/network/wifi", operation_id = "joinWifi", request_body = JoinAsked, responses(
    (status = 200, description = "On trial, and noted in the journal.", body = NetworkBegun),
    (status = 404, description = "There is no such card."),
    NotOrdered,
))]
pub(crate) async fn join(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<JoinAsked>,
) -> Result<Json<NetworkBegun>, Problem> {
    begin(&shared, &by, asked.checked()?).await
}

/// Forget a Wi-Fi; on trial where it is in use
#[utoipa::path(delete, path = "/api/v1/network/wifi/{id}", operation_id = "forgetWifi",
    params(("id" = String, Path, description = "Its connection, as the state names it.")), responses(
    (status = 200, description = "Forgotten or on trial, and noted in the journal.", body = NetworkBegun),
    (status = 404, description = "There is no such Wi-Fi."),
    NotOrdered,
))]
pub(crate) async fn forget(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
) -> Result<Json<NetworkBegun>, Problem> {
    begin(&shared, &by, NetworkChange::Forget { id }).await
}

/// Name the access point of the mobile network; on trial where there is a modem
#[utoipa::path(put, path = "/api/v1/network/apn", operation_id = "setApn", request_body = ApnAsked, responses(
    (status = 200, description = "Kept or on trial, and noted in the journal.", body = NetworkBegun),
    (status = 404, description = "There is no modem and no connection for one."),
    NotOrdered,
))]
pub(crate) async fn apn(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<ApnAsked>,
) -> Result<Json<NetworkBegun>, Problem> {
    begin(&shared, &by, asked.checked()?).await
}

/// Keep what is on trial: whoever says so has reached the desk over the new network
#[utoipa::path(post, path = "/api/v1/network/keep", operation_id = "keepNetwork", request_body = WhichTrial, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Done),
    Gone, NotOrdered,
))]
pub(crate) async fn keep(
    State(shared): Desk,
    Extension(by): By,
    Told(WhichTrial { no }): Told<WhichTrial>,
) -> Result<Json<Done>, Problem> {
    asked(&shared, move |n| n.keep(no)).await?;
    in_office(&shared, &by, format!("network change {no}: kept")).await
}

/// Go back to the network before the trial, at once
#[utoipa::path(post, path = "/api/v1/network/undo", operation_id = "undoNetwork", request_body = WhichTrial, responses(
    (status = 200, description = "Gone back, and noted in the journal.", body = Done),
    Gone, NotOrdered,
))]
pub(crate) async fn undo(
    State(shared): Desk,
    Extension(by): By,
    Told(WhichTrial { no }): Told<WhichTrial>,
) -> Result<Json<Done>, Problem> {
    asked(&shared, move |n| n.undo(no)).await?;
    in_office(&shared, &by, format!("network change {no}: taken back")).await
}

fn refused(code: &'static str, title: (&str, &str), detail: (&str, &str)) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, say(title.0, title.1), say(detail.0, detail.1)).acted(false)
}

fn problem(unset: Unset) -> Problem {
    let not_set = ("Chưa đổi được mạng", "The network was not changed");
    let (code, detail) = match unset {
        Unset::Elsewhere(why) => return elsewhere(why),
        Unset::Nothing => {
            return Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                say("Không có thiết bị hay kết nối này", "There is no such device or connection"),
                say("Có thể đã bị rút hoặc xóa. Hãy xem lại danh sách.", "It may have been unplugged or removed."),
            );
        }
        Unset::Over => {
            return Problem::new(
                StatusCode::GONE,
                "over",
                say("Lần thử này đã kết thúc", "This trial is over"),
                say(
                    "Đã quá thời gian xác nhận hoặc đã có người quyết định. Trang này cho biết mạng nào đang dùng.",
                    "It was too late, or somebody has decided. The page says which network stands.",
                ),
            );
        }
        Unset::Refused(why) => {
            log::warn!(error = why.as_str(); "NetworkManager refuses a change");
            let title = say(not_set.0, not_set.1);
            let detail = say(
                format!("NetworkManager từ chối: {why}. Mạng cũ vẫn giữ nguyên."),
                format!("NetworkManager refuses: {why}. The network is as it was."),
            );
            return Problem::new(StatusCode::CONFLICT, "refused", title, detail).acted(false);
        }
        Unset::Waits => (
            "waits",
            (
                "Một thay đổi mạng khác đang được thử. Hãy giữ hoặc bỏ thay đổi đó trước, hoặc chờ nó kết thúc.",
                "Another change is on trial. Keep it or take it back first, or wait until it ends.",
            ),
        ),
        Unset::NotOurs => (
            "not_ours",
            (
                "Thiết bị này do chương trình khác trên máy quản lý, không đổi được ở đây.",
                "Another program of this machine looks after this device.",
            ),
        ),
        Unset::OutOfReach => (
            "out_of_reach",
            (
                "Không thấy Wi-Fi này. Hãy tìm lại, lại gần hơn, hoặc đánh dấu là mạng ẩn.",
                "No such Wi-Fi is in reach. Look again, come closer, or say that it is hidden.",
            ),
        ),
        Unset::Enterprise => (
            "enterprise",
            (
                "Wi-Fi này đòi tài khoản riêng của từng người (WPA Enterprise), trạm không vào được.",
                "This Wi-Fi wants an account of each user (WPA Enterprise), which the station has not.",
            ),
        ),
        Unset::Outdated => (
            "outdated",
            (
                "Wi-Fi này dùng WEP, không còn an toàn. Hãy đổi bộ phát sang WPA2 rồi thử lại.",
                "This Wi-Fi uses WEP, which is not safe any more. Set its access point to WPA2.",
            ),
        ),
        Unset::NeedsPassword => {
            ("needs_password", ("Wi-Fi này cần mật khẩu. Hãy nhập mật khẩu.", "This Wi-Fi wants a password. Give it."))
        }
        Unset::Unprotected => (
            "unprotected",
            (
                "Wi-Fi này không có mật khẩu, có thể là của người khác giả tên. Nếu đúng là mạng của mình, hãy để trống mật khẩu.",
                "This Wi-Fi has no password and may be somebody else's of the same name. Leave the password out if it is yours.",
            ),
        ),
        Unset::TooEarly => (
            "too_early",
            (
                "Mạng mới chưa lên nên chưa xác nhận được. Hãy chờ vài giây.",
                "The new network does not stand yet. Wait some seconds.",
            ),
        ),
        Unset::NotWritten => {
            return Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_written",
                say("Chưa ghi được", "It could not be written"),
                say(
                    "Mạng mới đang dùng nhưng chưa ghi được, sẽ mất khi máy khởi động lại. Hãy xem thẻ nhớ.",
                    "The new network stands but could not be written: it is lost when the machine restarts.",
                ),
            )
            .acted(true);
        }
        Unset::NoConnection => (
            "no_connection",
            (
                "Thiết bị này chưa vào mạng nào nên chưa đặt địa chỉ được. Hãy vào Wi-Fi trước.",
                "This device is in no network yet. Join a Wi-Fi first.",
            ),
        ),
    };
    refused(code, not_set, detail)
}

fn elsewhere(why: Elsewhere) -> Problem {
    let title = ("Mạng của máy này không đặt ở đây", "This machine's network is not set here");
    match why {
        Elsewhere::Absent => refused(
            "set_elsewhere",
            title,
            (
                "Máy không dùng NetworkManager. Hãy đặt mạng bằng công cụ của máy.",
                "There is no NetworkManager on this machine. Set the network by the machine's own means.",
            ),
        ),
        Elsewhere::Silent => refused(
            "silent",
            title,
            (
                "NetworkManager không trả lời. Hãy thử lại sau ít phút; nếu vẫn vậy, khởi động lại máy.",
                "NetworkManager does not answer. Try again in some minutes; then restart the machine.",
            ),
        ),
        Elsewhere::Forbidden => refused(
            "not_allowed",
            title,
            (
                "NetworkManager chưa cho trạm đổi mạng: thiếu tệp quyền 49-gateway-network.rules khi cài đặt.",
                "NetworkManager does not let the station change it: 49-gateway-network.rules is not installed.",
            ),
        ),
    }
}
