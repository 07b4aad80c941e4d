//! *Rà soát*: the estate of the commune, edited over the version looked at, with the official indicators computed from it, and sent to
//! the province as `inventory`.

pub(crate) mod import;
mod indicators;
mod page;
mod rows;

use crate::air::orders::{Done, in_office, order};
use crate::body::Told;
use crate::books::paper::{Paper, WORKBOOK, attachment};
use crate::described::{Bytes, NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::reads;
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use gateway_core::input::{Act, Outgoing};
use gateway_core::view::View;
use indicators::Indicator;
use rows::Estate;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The table: one register, as it was written.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS register (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, body TEXT NOT NULL
)";

/// The register with what follows from it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Register {
    /// The version that stands; 0 = nothing was written yet.
    version: u32,
    /// The estate; clusters and boards of the configuration stand in it from the beginning.
    estate: Estate,
    /// Every row of the official indicators.
    indicators: Vec<Indicator>,
}

/// A changed register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegisterChange)]
pub(crate) struct Change {
    /// The version that was looked at.
    version: u32,
    /// The whole estate.
    #[schema(value_type = serde_json::Value)]
    estate: Estate,
}

/// Which version is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegisterVersion, example = json!({"version": 3}))]
pub(crate) struct Version {
    /// The version that was looked at.
    version: u32,
}

fn kept(book: &rusqlite::Transaction<'_>) -> rusqlite::Result<(u32, Estate)> {
    let mut found = book.prepare_cached("SELECT version, body FROM register")?;
    let kept: Option<(u32, String)> = found.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(kept.map(|(version, body)| (version, serde_json::from_str(&body).unwrap_or_default())).unwrap_or_default())
}

fn register(version: u32, mut estate: Estate, view: &View) -> Register {
    estate.learn(view);
    let year = view.clock.as_deref().and_then(|at| at.get(..4)).and_then(|year| year.parse().ok());
    let indicators = indicators::of(&estate, year);
    Register { version, estate, indicators }
}

async fn stands(shared: &Arc<Shared>) -> Result<Register, Problem> {
    let (version, estate) = shared.desk.office.with(kept).await?;
    Ok(register(version, estate, &shared.desk.view.borrow()))
}

fn changed(stands: Register) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "changed",
        say("Người khác đã sửa sổ rà soát", "Somebody else has changed the register"),
        say(
            "Chưa lưu gì cả, và những gì anh chị viết vẫn còn trên trang này.",
            "Nothing was stored; what stands is in `current`.",
        ),
    )
    .acted(false)
    .current(serde_json::to_value(stands).unwrap_or_default())
}

/// *Rà soát*: the estate and its indicators
#[utoipa::path(get, path = "/api/v1/register", operation_id = "register", responses(
    (status = 200, description = "The register.", body = Register), Unavailable,
))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>) -> Result<Json<Register>, Problem> {
    Ok(Json(stands(&shared).await?))
}

/// Replaces the register
#[utoipa::path(put, path = "/api/v1/register", operation_id = "setRegister", request_body = Change, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Done), NotOrdered,
))]
pub(crate) async fn replace(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(Change { version: over, estate }): Told<Change>,
) -> Result<Json<Done>, Problem> {
    estate.check()?;
    let body = serde_json::to_string(&estate).unwrap_or_default();
    let stands = shared.desk.office.with(move |book| {
        let (version, before) = kept(book)?;
        if version != over {
            return Ok(Some((version, before)));
        }
        book.execute(
            "INSERT OR REPLACE INTO register VALUES (1, ?1, ?2)",
            rusqlite::params![over.saturating_add(1), body],
        )?;
        Ok(None)
    });
    if let Some((version, estate)) = stands.await? {
        return Err(changed(register(version, estate, &shared.desk.view.borrow())));
    }
    in_office(&shared, &by, format!("register version {}", over.saturating_add(1))).await
}

/// Sends the province the register as `inventory`
#[utoipa::path(post, path = "/api/v1/register/inventory", operation_id = "sendInventory", request_body = Version, responses(
    (status = 200, description = "Committed to the journal; it leaves when the hub can be reached.", body = Done), NotOrdered,
))]
pub(crate) async fn send(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(Version { version }): Told<Version>,
) -> Result<Json<Done>, Problem> {
    let stands = stands(&shared).await?;
    if stands.version != version {
        return Err(changed(stands));
    }
    let body = serde_json::to_value(&stands).unwrap_or_default();
    order(&shared, by, Act::Send { kind: Outgoing::Inventory, body, what: format!("inventory version {version} sent") })
        .await
}

async fn paper(shared: &Arc<Shared>) -> Result<Paper, Problem> {
    let register = stands(shared).await?;
    let view = Arc::clone(&shared.desk.view.borrow());
    Ok(page::paper(&register, &view))
}

/// The register as comma-separated values
#[utoipa::path(get, path = "/api/v1/register.csv", operation_id = "registerCsv", responses(
    (status = 200, description = "Its tables below each other.", body = String, content_type = "text/csv"), Unavailable,
))]
pub(crate) async fn csv(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    Ok(attachment("text/csv; charset=utf-8", "so-ra-soat.csv", paper(&shared).await?.csv()))
}

/// The register as a workbook
#[utoipa::path(get, path = "/api/v1/register.xlsx", operation_id = "registerXlsx", responses(
    (status = 200, description = "Office Open XML, a sheet a table.", body = inline(Bytes),
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Unavailable,
))]
pub(crate) async fn xlsx(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let paper = paper(&shared).await?;
    Ok(attachment(WORKBOOK, "so-ra-soat.xlsx", reads::ask(&shared, move || paper.xlsx()).await?))
}

/// The register to print and sign: A4 pages
#[utoipa::path(get, path = "/api/v1/register.pdf", operation_id = "registerPdf", responses(
    (status = 200, description = "The pages.", body = inline(Bytes), content_type = "application/pdf"), Unavailable,
))]
pub(crate) async fn pdf(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let paper = paper(&shared).await?;
    Ok(attachment("application/pdf", "so-ra-soat.pdf", reads::ask(&shared, move || paper.pdf()).await?))
}
