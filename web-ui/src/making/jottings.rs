//! Half-written things: what somebody was writing when the page closed, kept for that person alone.

use crate::air::acts::words;
use crate::body::{Named, Told};
use crate::described::Unavailable;
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The table.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS jotting (
    person TEXT NOT NULL, form TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (person, form)
) WITHOUT ROWID";

/// How many a person has at most.
const MOST: i64 = 50;

/// Longest, characters.
const LONGEST: usize = 40_000;

/// Something half written.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jotting {
    /// What stands in the form, as the page wrote it.
    body: String,
}

/// What was half written in a form
#[utoipa::path(get, path = "/api/v1/jottings/{form}", operation_id = "jotting", params(("form" = String, Path, description = "Name of the form.", example = "emergency")),
    responses((status = 200, description = "It; empty where nothing was.", body = Jotting), Unavailable))]
pub(crate) async fn read(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(form): Named,
) -> Result<Json<Jotting>, Problem> {
    let body = shared.desk.office.with(move |book| {
        let mut found = book.prepare_cached("SELECT body FROM jotting WHERE person = ?1 AND form = ?2")?;
        let mut rows = found.query_map([&by.name, &form], |row| row.get(0))?;
        rows.next().transpose().map(Option::unwrap_or_default)
    });
    Ok(Json(Jotting { body: body.await? }))
}

/// Keeps what is half written in a form
#[utoipa::path(put, path = "/api/v1/jottings/{form}", operation_id = "jot", params(("form" = String, Path, description = "Name of the form, 1 to 64 characters.", example = "emergency")),
    request_body = Jotting, responses((status = 204, description = "Kept; an empty one is forgotten."), Unavailable))]
pub(crate) async fn keep(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(form): Named,
    Told(jotting): Told<Jotting>,
) -> Result<StatusCode, Problem> {
    words("form", "Tên biểu mẫu", &form, 1, 64)?;
    if jotting.body.chars().count() > LONGEST {
        return Err(Problem::wrong(say(
            format!("Bản nháp dài quá {LONGEST} chữ cái."),
            format!("A jotting has {LONGEST} characters at most."),
        )));
    }
    let kept = shared.desk.office.with(move |book| {
        if jotting.body.is_empty() {
            book.execute("DELETE FROM jotting WHERE person = ?1 AND form = ?2", [&by.name, &form])?;
            return Ok(true);
        }
        let others = "SELECT count(*) FROM jotting WHERE person = ?1 AND form <> ?2";
        if book.query_row(others, [&by.name, &form], |row| row.get::<_, i64>(0))? >= MOST {
            return Ok(false);
        }
        book.execute("INSERT OR REPLACE INTO jotting VALUES (?1, ?2, ?3)", [&by.name, &form, &jotting.body])?;
        Ok(true)
    });
    if kept.await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::wrong(say(
        format!("Mỗi người giữ nhiều nhất {MOST} bản nháp. Hãy gửi hoặc bỏ bớt."),
        format!("Nobody keeps more than {MOST} jottings."),
    )))
}
