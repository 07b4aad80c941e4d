//! Accounts, for those who look after people: made, changed, given a new password, removed; each change is noted.

use crate::air::acts::words;
use crate::air::orders::{Answer, Done, in_office};
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::entry::users::{Account, Role, Unmade};
use crate::problem::{Problem, chain, not_found, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest name shown, characters.
const SHOWN: usize = 60;

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    /// Login name.
    name: String,
    /// Name shown at the desk.
    shown: String,
    /// What he is.
    role: Role,
    /// Has not chosen a password of his own yet.
    must_change: bool,
    /// Has a PIN to take a desk over with.
    pin: bool,
    /// Signs in with a second factor.
    second: bool,
    /// Counts its changes; sent back with the next one.
    version: u64,
    /// It is he who asks.
    you: bool,
}

/// Every account.
#[derive(Serialize, ToSchema)]
pub(crate) struct People {
    people: Vec<Person>,
}

impl Person {
    fn of(account: Account, by: &Signed) -> Self {
        let Account { name, shown, role, must_change, pin, second, version } = account;
        Self { you: name == by.name, name, shown, role, must_change, pin, second: second.is_some(), version }
    }
}

/// What `POST people` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "mai", "shown": "Chị Mai", "role": "officer"}))]
pub(crate) struct NewPerson {
    /// Login name: `A-Za-z0-9._-`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    name: String,
    /// Name shown at the desk; the login name where it is empty.
    #[serde(default)]
    #[schema(max_length = 60)]
    shown: String,
    /// What he is.
    role: Role,
}

/// What `PUT people/{id}` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"shown": "Chị Mai", "role": "approver", "version": 0}))]
pub(crate) struct Amended {
    /// Name shown at the desk.
    #[schema(max_length = 60)]
    shown: String,
    /// What he is.
    role: Role,
    /// Which version was looked at; refused with 409 where somebody else changed it meanwhile.
    version: u64,
}

/// A password that the station made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    /// Number of the journal entry.
    seq: u64,
    /// Told this once. It opens one door: a password of one's own is asked for behind it.
    password: String,
}

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// Every account
#[utoipa::path(get, path = "/api/v1/people", operation_id = "people", responses(
    (status = 200, description = "In the order of their login names.", body = People),
))]
pub(crate) async fn list(State(shared): Desk, Extension(by): By) -> Json<People> {
    let people = shared.desk.users.accounts().into_iter().map(|account| Person::of(account, &by)).collect();
    Json(People { people })
}

/// Add a person
#[utoipa::path(post, path = "/api/v1/people", operation_id = "addPerson", request_body = NewPerson, responses(
    (status = 200, description = "Added, with a password that the station made.", body = Made),
    NotOrdered,
))]
pub(crate) async fn add(
    State(shared): Desk,
    Extension(by): By,
    Told(asked): Told<NewPerson>,
) -> Result<Json<Made>, Problem> {
    let NewPerson { name, shown, role } = asked;
    let shown = words("shown", "Tên hiển thị", &shown, 0, SHOWN)?;
    let password = match shared.desk.users.add(name.clone(), shown, role).await {
        Ok(password) => password,
        Err(unmade) => return Err(refused(unmade).await),
    };
    let what = format!("tài khoản {name}: thêm, vai trò {}", role.shown());
    let Json(Done { seq }) = in_office(&shared, &by, what).await?;
    Ok(Json(Made { seq, password }))
}

/// Give a person another role or name shown
#[utoipa::path(put, path = "/api/v1/people/{id}", operation_id = "amendPerson",
    params(("id" = String, Path, description = "Login name.", example = "mai")), request_body = Amended, responses(
    (status = 200, description = "Changed; what he may not do any more he cannot from now on.", body = Done),
    NotOrdered,
))]
pub(crate) async fn amend(
    State(shared): Desk,
    Extension(by): By,
    Named(name): Named,
    Told(asked): Told<Amended>,
) -> Answer {
    let Amended { shown, role, version } = asked;
    let shown = words("shown", "Tên hiển thị", &shown, 0, SHOWN)?;
    if let Err(unmade) = shared.desk.users.amend(name.clone(), shown, role, version).await {
        return Err(refused(unmade).await);
    }
    shared.sittings.stir();
    in_office(&shared, &by, format!("tài khoản {name}: sửa, vai trò {}", role.shown())).await
}

/// Remove a person; the last one who looks after people stays
#[utoipa::path(delete, path = "/api/v1/people/{id}", operation_id = "removePerson",
    params(("id" = String, Path, description = "Login name.", example = "mai")), responses(
    (status = 200, description = "Removed; his sessions are ended.", body = Done),
    NotOrdered,
))]
pub(crate) async fn remove(State(shared): Desk, Extension(by): By, Named(name): Named) -> Answer {
    if let Err(unmade) = shared.desk.users.remove(name.clone()).await {
        return Err(refused(unmade).await);
    }
    shared.sittings.end_all(&name, None);
    in_office(&shared, &by, format!("tài khoản {name}: xóa")).await
}

/// Give a person a new password
///
/// For one who forgot it. His sessions are ended, and his PIN is taken away; a second factor stays.
#[utoipa::path(post, path = "/api/v1/people/{id}/password", operation_id = "renewPassword",
    params(("id" = String, Path, description = "Login name.", example = "mai")), responses(
    (status = 200, description = "The password that the station made.", body = Made),
    NotOrdered,
))]
pub(crate) async fn renew(State(shared): Desk, Extension(by): By, Named(name): Named) -> Result<Json<Made>, Problem> {
    let password = match shared.desk.users.renew(name.clone()).await {
        Ok(password) => password,
        Err(unmade) => return Err(refused(unmade).await),
    };
    shared.sittings.end_all(&name, None);
    let Json(Done { seq }) = in_office(&shared, &by, format!("tài khoản {name}: cấp mật khẩu mới")).await?;
    Ok(Json(Made { seq, password }))
}

/// Take a person's second factor away
///
/// For one who lost the telephone and the codes on paper.
#[utoipa::path(delete, path = "/api/v1/people/{id}/second", operation_id = "endTheirSecond",
    params(("id" = String, Path, description = "Login name.", example = "mai")), responses(
    (status = 200, description = "He signs in with the password alone.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end_second(State(shared): Desk, Extension(by): By, Named(name): Named) -> Answer {
    if let Err(unmade) = shared.desk.users.end_second(name.clone()).await {
        return Err(refused(unmade).await);
    }
    in_office(&shared, &by, format!("tài khoản {name}: bỏ xác thực hai lớp")).await
}

/// Why a change was not made, for the person who asked for it.
pub(crate) async fn refused(unmade: Unmade) -> Problem {
    let conflict = |code, title, detail| Problem::new(StatusCode::CONFLICT, code, title, detail);
    match unmade {
        Unmade::Gone => not_found().await,
        Unmade::Taken => conflict(
            "name_taken",
            say("Tên đăng nhập này đã có người dùng", "This login name is taken"),
            say("Hãy chọn tên khác, ví dụ thêm chữ lót.", "Choose another."),
        ),
        Unmade::Full => conflict(
            "too_many",
            say("Đã có quá nhiều tài khoản", "There are too many accounts"),
            say("Hãy xóa tài khoản không còn dùng.", "Remove those that are not used any more."),
        ),
        Unmade::Last => conflict(
            "last_one",
            say("Phải còn ít nhất một người quản lý tài khoản", "Somebody must be left who looks after people"),
            say(
                "Chưa thay đổi gì. Hãy cho một người khác vai trò lãnh đạo duyệt hoặc kỹ thuật trước.",
                "Nothing was changed. Make another person approver or technician first.",
            ),
        ),
        Unmade::Stale => conflict(
            "changed",
            say("Người khác vừa sửa tài khoản này", "Somebody else has just changed this account"),
            say("Chưa thay đổi gì. Hãy xem lại rồi sửa tiếp.", "Nothing was changed. Look at it again."),
        ),
        Unmade::Unfit => Problem::wrong(say(
            "Tên đăng nhập chỉ gồm chữ không dấu, số và . _ -. Mật khẩu dài từ 10 đến 128 chữ, khác mật khẩu cũ. \
             Mã PIN gồm 6 đến 12 số, không phải dãy số liền nhau hay một số lặp lại.",
            "A login name is of A-Z a-z 0-9 . _ -. A password has 10 to 128 characters and is not the old one. A PIN has 6 \
             to 12 digits that are not all one nor count up or down.",
        )),
        Unmade::WrongCode => Problem::wrong(say(
            "Mã không đúng. Hãy quét lại mã QR, xem giờ của điện thoại, rồi nhập 6 số đang hiện.",
            "The code is wrong. Scan again, see to the telephone's clock, and give the six digits it shows.",
        )),
        Unmade::Fault(fault) => {
            log::error!(error:% = chain(&fault); "an account cannot be changed");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_written",
                say("Thẻ nhớ không ghi được", "The storage takes nothing"),
                say("Chưa thay đổi gì. Hãy gọi kỹ thuật.", "Nothing was changed. Call the technician."),
            )
            .acted(false)
        }
        Unmade::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            say("Trạm đang bận", "The station is busy"),
            say("Hãy thử lại sau vài giây.", "Try again in a few seconds."),
        )
        .acted(false)
        .retry_after(3),
    }
}
