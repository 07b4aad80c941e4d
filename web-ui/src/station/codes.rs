//! *Danh mục mã từ tỉnh*: code lists as the hub sent them last, and which of their codes may be used today.

use crate::body::Named;
use crate::described::Unavailable;
use crate::problem::{Problem, say};
use crate::reads;
use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gateway_core::codes::{Code, CodeList};
use gateway_core::time::Wall;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// A code list that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCodes {
    /// When it came, milliseconds since 1970; `None` where the clock was not trusted.
    pub at_ms: Option<i64>,
    /// It.
    pub list: CodeList,
}

/// A code list without its codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodesHead {
    /// Identity: `field`, `programme_kind`, `reflection_kind`, `unit`, or another.
    id: String,
    /// Its version.
    version: u32,
    /// What it is called, by language.
    names: BTreeMap<String, String>,
    /// How many codes it has.
    count: usize,
    /// When it came, RFC 3339 with +07:00; `null` where the clock was not trusted.
    #[schema(required)]
    at: Option<String>,
}

/// Every code list.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeLists {
    lists: Vec<CodesHead>,
}

/// Whether a code may be used today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeStanding {
    /// It may; so may all where the clock is not trusted.
    Valid,
    /// Not yet.
    Coming,
    /// No longer: what has it keeps it.
    Over,
}

/// A code.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeRow {
    /// As it stands in messages.
    code: String,
    /// What it means, by language.
    names: BTreeMap<String, String>,
    /// First day on which it may be used.
    #[schema(required)]
    valid_from: Option<String>,
    /// Last day on which it may be used.
    #[schema(required)]
    valid_until: Option<String>,
    /// The code that takes its place.
    #[schema(required)]
    successor: Option<String>,
    /// Whether it may be used today.
    standing: CodeStanding,
}

/// A code list with its codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodesWhole {
    #[serde(flatten)]
    head: CodesHead,
    /// In the order in which they are offered.
    codes: Vec<CodeRow>,
}

fn head(kept: &KeptCodes) -> CodesHead {
    let KeptCodes { at_ms, list } = kept;
    CodesHead {
        id: list.list_id.clone(),
        version: list.version,
        names: list.names.clone(),
        count: list.codes.len(),
        at: at_ms.map(|ms| Wall(ms).rfc3339()),
    }
}

/// `today` as `2026-01-31`, which days compare with as they are written; `None`: nobody knows.
fn row(code: Code, today: Option<&str>) -> CodeRow {
    let Code { code, names, valid_from, valid_until, successor } = code;
    let standing = match today {
        Some(today) if valid_until.as_deref().is_some_and(|last| last < today) => CodeStanding::Over,
        Some(today) if valid_from.as_deref().is_some_and(|first| today < first) => CodeStanding::Coming,
        Some(_) | None => CodeStanding::Valid,
    };
    CodeRow { code, names, valid_from, valid_until, successor, standing }
}

/// Code lists of the province: names, versions, when they came
#[utoipa::path(get, path = "/api/v1/codes", operation_id = "codes", responses(
    (status = 200, description = "The lists.", body = CodeLists), Unavailable,
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<CodeLists>, Problem> {
    let kept = reads::read(&shared, |reads| reads.codes()).await?;
    Ok(Json(CodeLists { lists: kept.iter().map(head).collect() }))
}

/// A code list with all its codes
#[utoipa::path(get, path = "/api/v1/codes/{id}", operation_id = "codeList",
    params(("id" = String, Path, description = "Identity of the list.", example = "field")),
    responses((status = 200, description = "The list.", body = CodesWhole), Unavailable))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>, Named(id): Named) -> Result<Json<CodesWhole>, Problem> {
    let kept = reads::read(&shared, |reads| reads.codes()).await?;
    let Some(found) = kept.into_iter().find(|kept| kept.list.list_id == id) else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            say("Không có danh mục này", "There is no such list"),
            say("Tỉnh chưa gửi danh mục này xuống trạm.", "The province has not sent it."),
        ));
    };
    let today = shared.desk.view.borrow().clock.as_deref().and_then(|now| now.get(..10).map(str::to_owned));
    let head = head(&found);
    let codes = found.list.codes.into_iter().map(|code| row(code, today.as_deref())).collect();
    Ok(Json(CodesWhole { head, codes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_on_its_first_and_on_its_last_day_and_on_any_where_nobody_knows_the_day() {
        let code = || Code {
            code: "y-te".to_owned(),
            names: BTreeMap::new(),
            valid_from: Some("2026-02-01".to_owned()),
            valid_until: Some("2026-02-28".to_owned()),
            successor: None,
        };
        for (today, standing) in [
            (Some("2026-01-31"), CodeStanding::Coming),
            (Some("2026-02-01"), CodeStanding::Valid),
            (Some("2026-02-28"), CodeStanding::Valid),
            (Some("2026-03-01"), CodeStanding::Over),
            (None, CodeStanding::Valid),
        ] {
            assert_eq!(row(code(), today).standing, standing, "{today:?}");
        }
    }
}
