//! *Lịch trực*: who is on duty, by weekday and by date, kept in the office's book and changed over the version looked at.

use crate::air::acts::words;
use crate::air::orders::{Done, in_office};
use crate::body::Told;
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use gateway_core::programme::DAYS;
use jiff::civil::Date;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The table: one rota, as it was written.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS rota (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, body TEXT NOT NULL
)";

/// Rows a rota has at most.
const MOST: usize = 500;

/// Who is on duty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 3, "rows": [{"on": "mon", "session": "Sáng", "person": "Chị Lan"},
    {"on": "2027-02-06", "session": "", "person": "Anh Minh"}]}))]
pub(crate) struct Rota {
    /// The version that was looked at; the answer says the one that stands then.
    #[serde(default)]
    version: u32,
    /// Its rows. A row for a date stands in the place of all rows of that date's weekday.
    #[schema(max_items = 500)]
    rows: Vec<Duty>,
}

/// One row of the rota.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Duty {
    /// `mon` … `sun`, or a date, `2027-02-06`.
    #[schema(pattern = "^(mon|tue|wed|thu|fri|sat|sun|[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
    on: String,
    /// Which part of the day; empty = the whole day.
    #[serde(default)]
    #[schema(max_length = 60)]
    session: String,
    /// Who: a name as people at the office say it.
    #[schema(min_length = 1, max_length = 60)]
    person: String,
    /// Login name, where it is somebody with an account: the desk reminds him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64)]
    account: Option<String>,
}

/// The rota as it stands, and who may be picked for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct RotaNow {
    /// The version that stands.
    version: u32,
    /// Its rows. A row for a date stands in the place of all rows of that date's weekday.
    rows: Vec<Duty>,
    /// Everybody with an account.
    people: Vec<OnDuty>,
}

/// Somebody who may be picked.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnDuty {
    /// Login name.
    account: String,
    /// Name shown.
    person: String,
}

type Kept = Option<(u32, String)>;

fn kept(book: &rusqlite::Transaction<'_>) -> rusqlite::Result<Kept> {
    let mut found = book.prepare_cached("SELECT version, body FROM rota")?;
    found.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn rota_of(kept: Kept) -> Rota {
    let Some((version, body)) = kept else { return Rota::default() };
    let rows = serde_json::from_str(&body).unwrap_or_default();
    Rota { version, rows }
}

/// *Lịch trực*: who is on duty
#[utoipa::path(get, path = "/api/v1/rota", operation_id = "rota", responses(
    (status = 200, description = "The rota.", body = RotaNow),
    Unavailable,
))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>) -> Result<Json<RotaNow>, Problem> {
    let Rota { version, rows } = rota_of(shared.desk.office.with(kept).await?);
    let accounts = shared.desk.users.accounts().into_iter();
    let people = accounts.map(|one| OnDuty { account: one.name, person: one.shown }).collect();
    Ok(Json(RotaNow { version, rows, people }))
}

/// Replace the rota
#[utoipa::path(put, path = "/api/v1/rota", operation_id = "setRota", request_body = Rota, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn replace(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(rota): Told<Rota>,
) -> Result<Json<Done>, Problem> {
    let known = shared.desk.users.accounts();
    let rows = checked(rota.rows, |name| known.iter().any(|one| one.name == name))?;
    let body = serde_json::to_string(&rows).unwrap_or_default();
    let over = rota.version;
    let stands = shared.desk.office.with(move |book| {
        let before = kept(book)?;
        if before.as_ref().map_or(0, |(version, _)| *version) != over {
            return Ok(Some(before));
        }
        book.execute("INSERT OR REPLACE INTO rota VALUES (1, ?1, ?2)", rusqlite::params![over + 1, body])?;
        Ok(None)
    });
    if let Some(stands) = stands.await? {
        let current = serde_json::to_value(rota_of(stands)).unwrap_or_default();
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "changed",
            say("Người khác đã sửa lịch trực", "Somebody else has changed the rota"),
            say(
                "Chưa lưu gì cả, và những gì anh chị viết vẫn còn trên trang này.",
                "Nothing was stored; what stands is in `current`.",
            ),
        )
        .acted(false)
        .current(current));
    }
    in_office(&shared, &by, format!("rota version {}: {} rows", over + 1, rows.len())).await
}

fn checked(rows: Vec<Duty>, is_known: impl Fn(&str) -> bool) -> Result<Vec<Duty>, Problem> {
    if rows.len() > MOST {
        let (vi, en) = (format!("Lịch trực có nhiều nhất {MOST} dòng."), format!("rows has {MOST} rows at most."));
        return Err(Problem::wrong(say(vi, en)));
    }
    rows.into_iter()
        .map(|Duty { on, session, person, account }| {
            if !DAYS.contains(&on.as_str()) && on.parse::<Date>().is_err() {
                let (vi, en) =
                    ("Ngày trực (on) là mon … sun hoặc một ngày như 2027-02-06.", "on is mon … sun or a date.");
                return Err(Problem::wrong(say(vi, en)));
            }
            let session = words("session", "Buổi trực", &session, 0, 60)?;
            let person = words("person", "Người trực", &person, 1, 60)?;
            // Who has left since keeps his rows under the name they say.
            let account = account.filter(|name| is_known(name));
            Ok(Duty { on, session, person, account })
        })
        .collect()
}
