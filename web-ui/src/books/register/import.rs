//! A file of another program taken into the register: shown first, row by row, and kept over the version that was looked at. A row is
//! known by its name; what a file leaves empty stays as it was, and nothing is taken out.

mod cells;
mod read;

use super::rows::{Board, Condition, Estate, Hamlet, Point, Station, Technology};
use super::{Register, changed, kept, register};
use crate::air::orders::in_office;
use crate::described::{Bytes, NotOrdered, Unfit};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::reads::{self, odd_query};
use crate::routes::Shared;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use cells::{Grid, grids};
use read::{Field, Line, Table, lines};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

/// Largest file, bytes.
const LARGEST: usize = 2 << 20;
/// It may take so long to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Faults that are told at once.
const FAULTS: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Over {
    /// The version of the register that was looked at.
    version: u32,
    /// Take it in; without it is only shown what would change.
    #[serde(default)]
    take: bool,
}

/// What a file would change, or has changed.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisterImport)]
pub(crate) struct Import {
    /// Rows that were read.
    rows: usize,
    /// What changes, in the order of the file.
    changes: Vec<Difference>,
    /// What is wrong with it, by row; with any of these nothing is taken.
    faults: Vec<Fault>,
    /// Number of the journal entry where it was taken in.
    #[schema(required)]
    seq: Option<u64>,
}

/// A row that changes.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ImportedRow)]
pub(crate) struct Difference {
    /// `hamlets`, `stations`, `points` or `boards`.
    table: &'static str,
    /// Its name.
    name: String,
    /// It is new.
    added: bool,
    /// What changes in it.
    fields: Vec<FieldChange>,
}

/// A field that changes.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ImportedField)]
pub(crate) struct FieldChange {
    /// Which, as in the register.
    key: String,
    /// What it was.
    before: serde_json::Value,
    /// What it becomes.
    after: serde_json::Value,
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ImportFault)]
pub(crate) struct Fault {
    /// The sheet it stands on; empty for a file without sheets.
    sheet: String,
    /// The row of the file, from 1.
    row: u32,
    /// What is wrong, in Vietnamese, and what would be right.
    what: String,
}

/// Take a file into the register: CSV or XLSX, with the heads of the register's own tables
///
/// 2 MiB at most. A row is known by its name; cells that are empty leave the register as it is.
#[utoipa::path(post, path = "/api/v1/register/import", operation_id = "importRegister", params(Over),
    request_body(content = inline(Bytes), content_type = "application/octet-stream", description = "The file."),
    responses((status = 200, description = "What would change, or has changed.", body = Import), Unfit, NotOrdered))]
pub(crate) async fn import(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    query: Result<Query<Over>, QueryRejection>,
    body: Body,
) -> Result<Json<Import>, Problem> {
    let Query(Over { version: over, take }) = query.map_err(|fault| odd_query(&fault))?;
    let bytes = match timeout(PATIENCE, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) | Err(_) => {
            return Err(unfit(
                "Tệp lớn quá 2 MB, hoặc chưa tới đủ. Hãy chỉ giữ các bảng của sổ rà soát trong tệp rồi nạp lại. Chưa lưu gì.",
                "The file is larger than 2 MiB, or not all of it came. Nothing was kept.",
            ));
        }
    };
    let read = reads::ask(&shared, move || Ok(grids(&bytes))).await?;
    let grids = read.map_err(|cells::Unread { vi, en }| unfit(vi, en))?;
    let stands = super::stands(&shared).await?;
    if stands.version != over {
        return Err(changed(stands));
    }
    let Register { estate: before, .. } = stands;
    let Taken { estate, rows, changes, faults } = taken(&before, &grids);
    if rows == 0 && faults.is_empty() {
        return Err(unfit(
            "Không thấy bảng nào của sổ rà soát trong tệp. Dòng đầu mỗi bảng phải ghi tên cột, ví dụ: Thôn, tổ dân phố | Số hộ | \
             Nghe được đài. Có thể tải tệp XLSX của sổ về làm mẫu.",
            "No table of the register is in the file; a table begins with the heads of its columns.",
        ));
    }
    if !take || !faults.is_empty() || changes.is_empty() {
        return Ok(Json(Import { rows, changes, faults, seq: None }));
    }
    estate.check()?;
    let text = serde_json::to_string(&estate).unwrap_or_default();
    let stands = shared.desk.office.with(move |book| {
        let (version, before) = kept(book)?;
        if version != over {
            return Ok(Some((version, before)));
        }
        let put = "INSERT OR REPLACE INTO register VALUES (1, ?1, ?2)";
        book.execute(put, rusqlite::params![over.saturating_add(1), text])?;
        Ok(None)
    });
    if let Some((version, estate)) = stands.await? {
        return Err(changed(register(version, estate, &shared.desk.view.borrow())));
    }
    let what = format!("register version {} of a file: {} rows changed", over.saturating_add(1), changes.len());
    let Json(done) = in_office(&shared, &by, what).await?;
    Ok(Json(Import { rows, changes, faults, seq: Some(done.seq) }))
}

fn unfit(vi: &str, en: &str) -> Problem {
    let title = say("Tệp này không nạp được", "This file cannot be taken in");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", title, say(vi, en)).acted(false)
}

/// What comes of a file.
struct Taken {
    estate: Estate,
    rows: usize,
    changes: Vec<Difference>,
    faults: Vec<Fault>,
}

/// A row of the register that a file may change.
trait Row: Clone + Serialize {
    fn name(&self) -> &str;
    fn fresh(id: String, name: String) -> Self;
    /// Writes a cell into it; the error says what would be right.
    fn set(&mut self, field: Field, cell: &str) -> Result<(), String>;
}

fn taken(before: &Estate, grids: &[Grid]) -> Taken {
    let mut made = Taken { estate: before.clone(), rows: 0, changes: Vec::new(), faults: Vec::new() };
    let mut seen = BTreeSet::new();
    for line in grids.iter().flat_map(lines) {
        made.rows += 1;
        if !seen.insert((line.table, read::plain(&line.name))) {
            fault(&mut made.faults, &line, format!("\"{}\" có hai dòng trong tệp: chỉ giữ một", line.name));
            continue;
        }
        let Taken { estate, changes, faults, .. } = &mut made;
        match line.table {
            Table::Hamlets => put(&mut estate.hamlets, &line, changes, faults),
            Table::Stations => put(&mut estate.stations, &line, changes, faults),
            Table::Points => put(&mut estate.points, &line, changes, faults),
            Table::Boards => put(&mut estate.boards, &line, changes, faults),
        }
    }
    if made.faults.is_empty()
        && let Err(problem) = made.estate.check()
    {
        made.faults.push(Fault { sheet: String::new(), row: 1, what: problem.vietnamese().to_owned() });
    }
    made
}

fn fault(faults: &mut Vec<Fault>, line: &Line, what: String) {
    if faults.len() < FAULTS {
        faults.push(Fault { sheet: line.sheet.clone(), row: line.row, what });
    }
}

/// Puts a row of the file into its table, and says what that changes.
fn put<R: Row>(rows: &mut Vec<R>, line: &Line, changes: &mut Vec<Difference>, faults: &mut Vec<Fault>) {
    let name = read::plain(&line.name);
    let at = rows.iter().position(|row| read::plain(row.name()) == name);
    let fresh = || {
        let of = format!("{}\n{name}", line.table.word());
        let id = gateway_core::journal::sha256_hex(of.as_bytes()).chars().take(16).collect();
        R::fresh(id, line.name.clone())
    };
    let before = at.and_then(|at| rows.get(at).cloned()).unwrap_or_else(fresh);
    let mut row = before.clone();
    for (field, cell) in &line.cells {
        if let Err(right) = row.set(*field, cell) {
            fault(faults, line, format!("cột {}: \"{cell}\" {right}", field.head()));
        }
    }
    let fields = differences(&before, &row);
    if at.is_none() || !fields.is_empty() {
        changes.push(Difference { table: line.table.word(), name: line.name.clone(), added: at.is_none(), fields });
    }
    match at.and_then(|at| rows.get_mut(at)) {
        Some(known) => *known = row,
        None => rows.push(row),
    }
}

fn differences(before: &impl Serialize, after: &impl Serialize) -> Vec<FieldChange> {
    let map = |row: serde_json::Value| row.as_object().cloned().unwrap_or_default();
    let [before, after] =
        [serde_json::to_value(before), serde_json::to_value(after)].map(|v| map(v.unwrap_or_default()));
    let changed = after.into_iter().filter(|(key, value)| before.get(key) != Some(value));
    changed
        .map(|(key, after)| FieldChange { before: before.get(&key).cloned().unwrap_or_default(), key, after })
        .collect()
}

impl Row for Hamlet {
    fn name(&self) -> &str {
        &self.name
    }

    fn fresh(id: String, name: String) -> Self {
        Self { id, name, households: None, served: None }
    }

    fn set(&mut self, field: Field, cell: &str) -> Result<(), String> {
        match field {
            Field::Households => self.households = Some(read::number(cell, 100_000)?),
            Field::Served => self.served = Some(read::yes(cell)?),
            Field::Technology | Field::Year | Field::Condition | Field::Connected | Field::Speakers => {}
        }
        Ok(())
    }
}

impl Row for Station {
    fn name(&self) -> &str {
        &self.name
    }

    fn fresh(id: String, name: String) -> Self {
        let (technology, condition) = (Technology::Unknown, Condition::Unknown);
        Self { id, name, technology, year: None, condition, connected: None }
    }

    fn set(&mut self, field: Field, cell: &str) -> Result<(), String> {
        match field {
            Field::Technology => self.technology = read::technology(cell)?,
            Field::Year => self.year = Some(read::year(cell)?),
            Field::Condition => self.condition = read::condition(cell)?,
            Field::Connected => self.connected = Some(read::yes(cell)?),
            Field::Households | Field::Served | Field::Speakers => {}
        }
        Ok(())
    }
}

impl Row for Point {
    fn name(&self) -> &str {
        &self.name
    }

    fn fresh(id: String, name: String) -> Self {
        let (technology, condition) = (Technology::Unknown, Condition::Unknown);
        Self { id, name, technology, speakers: None, year: None, condition }
    }

    fn set(&mut self, field: Field, cell: &str) -> Result<(), String> {
        match field {
            Field::Technology => self.technology = read::technology(cell)?,
            Field::Speakers => self.speakers = u16::try_from(read::number(cell, 1000)?).ok(),
            Field::Year => self.year = Some(read::year(cell)?),
            Field::Condition => self.condition = read::condition(cell)?,
            Field::Households | Field::Served | Field::Connected => {}
        }
        Ok(())
    }
}

impl Row for Board {
    fn name(&self) -> &str {
        &self.name
    }

    fn fresh(id: String, name: String) -> Self {
        Self { id, name, year: None, condition: Condition::Unknown, connected: None }
    }

    fn set(&mut self, field: Field, cell: &str) -> Result<(), String> {
        match field {
            Field::Year => self.year = Some(read::year(cell)?),
            Field::Condition => self.condition = read::condition(cell)?,
            Field::Connected => self.connected = Some(read::yes(cell)?),
            Field::Households | Field::Served | Field::Technology | Field::Speakers => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
