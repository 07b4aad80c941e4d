//! *Nhật ký phát thanh*: what was played where, as a list, as a file for a spreadsheet, and in sums.

mod book;

use crate::books::paper::{Paper, WORKBOOK, attachment, day_vi};
use crate::described::{Bytes, Unavailable};
use crate::problem::{Problem, say};
use crate::reads::{self, limit, odd_query};
use crate::routes::Shared;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A form the book is taken in.
#[derive(Clone, Copy)]
struct Form {
    /// Longest, rows.
    longest: usize,
    /// The page to sign.
    signed: bool,
}

/// For a spreadsheet: years of a large commune are written in parts.
const FILE: Form = Form { longest: 100_000, signed: false };

/// To sign: some four hundred pages.
const BOOK: Form = Form { longest: 10_000, signed: true };

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct PlayAsk {
    /// Not before, milliseconds since 1970.
    pub from_ms: i64,
    /// Not after.
    pub to_ms: i64,
    /// Of this cluster only.
    pub cluster: Option<String>,
    /// Of this field only.
    pub field: Option<String>,
    /// With this result only.
    pub result: Option<String>,
    /// Older than this row: its moment and its number.
    pub before: Option<(i64, i64)>,
    /// Longest list.
    pub limit: usize,
}

/// One row of the broadcasting journal: one bulletin at one cluster.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Play {
    /// Number of its entry in the chain.
    pub seq: u64,
    /// When it was written down, RFC 3339 with +07:00: at the end of the play.
    pub at: String,
    /// The same, milliseconds since 1970.
    pub at_ms: i64,
    /// The clock was trusted then.
    pub trusted: bool,
    /// Which bulletin.
    pub bulletin: String,
    /// Its title; empty in rows older than this column.
    pub title: String,
    /// *Lĩnh vực*: a code of the hub's list.
    pub field: String,
    /// Who issued it.
    pub issuer: String,
    /// `ordinary`, `priority`, `emergency`.
    #[schema(required)]
    pub priority: Option<String>,
    /// A drill.
    pub drill: bool,
    /// Which cluster.
    pub cluster: String,
    /// `wired`, `ip`, `fm`, `recorder`.
    pub path: String,
    /// When it should have begun.
    #[schema(required)]
    pub planned: Option<String>,
    /// When it was first heard.
    #[schema(required)]
    pub start: Option<String>,
    /// When it was over.
    #[schema(required)]
    pub end: Option<String>,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// What took the air from it.
    #[schema(required)]
    pub interrupted_by: Option<String>,
    /// Who wrote it, where the commune made it; rows older than this column name the author as operator.
    #[schema(required)]
    pub author: Option<String>,
    /// Who booked the programme that said it, or fired it; `null` where the province did.
    #[schema(required)]
    pub operator: Option<String>,
    /// Who approved it.
    #[schema(required)]
    pub approver: Option<String>,
    /// How it is known that it sounded: `sent`, `electrical`, `tone`, `content`.
    #[schema(required)]
    pub evidence: Option<String>,
}

/// Sums of plays that are alike.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaySum {
    /// Which cluster.
    pub cluster: String,
    /// *Lĩnh vực*.
    pub field: String,
    /// `ordinary`, `priority`, `emergency`; empty in rows older than this column.
    pub priority: String,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// Drills.
    pub drill: bool,
    /// How many.
    pub plays: u64,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// How many lost the air to something else.
    pub interrupted: u64,
}

/// Sums of the plays of a day that are alike.
#[derive(Clone, Debug)]
pub struct PlayTime {
    /// The day, `2026-11-22`.
    pub day: String,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// Drills.
    pub drill: bool,
    /// How many.
    pub plays: u64,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// How many lost the air to something else.
    pub interrupted: u64,
}

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlayQuery {
    /// First day.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// Last day, whole.
    #[param(example = "2026-11-30")]
    to: Option<String>,
    /// Of this cluster only.
    cluster: Option<String>,
    /// Of this field only.
    field: Option<String>,
    /// With this result only: `done`, `partial`, `failed`.
    result: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    /// Longest page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

/// Which rows of a file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// First day.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// Last day, whole.
    #[param(example = "2026-11-30")]
    to: Option<String>,
    /// Of this cluster only.
    cluster: Option<String>,
    /// Of this field only.
    field: Option<String>,
    /// With this result only: `done`, `partial`, `failed`.
    result: Option<String>,
}

impl PlayQuery {
    fn ask(self, most: usize) -> Result<PlayAsk, Problem> {
        let (from_ms, to_ms) = window(self.from.as_deref(), self.to.as_deref())?;
        let before = match self.before.as_deref() {
            None => None,
            Some(text) => Some(place(text).ok_or_else(|| {
                Problem::wrong(say("before phải là next của trang trước.", "before is the next of the page before."))
            })?),
        };
        let Self { cluster, field, result, .. } = self;
        Ok(PlayAsk { from_ms, to_ms, cluster, field, result, before, limit: most })
    }
}

/// `1764300000000-42`.
fn place(text: &str) -> Option<(i64, i64)> {
    let (at, seq) = text.split_once('-')?;
    Some((at.parse().ok()?, seq.parse().ok()?))
}

/// The window of two days, both whole; without them everything.
pub(crate) fn window(from: Option<&str>, to: Option<&str>) -> Result<(i64, i64), Problem> {
    let day = |text: &str, time: &str| Wall::parse(&format!("{text}T{time}+07:00")).map(|wall| wall.0);
    let wrong = || Problem::wrong(say("Ngày (from, to) phải viết như 2026-11-21.", "A day is written 2026-11-21."));
    let from = from.map_or(Some(0), |text| day(text, "00:00:00")).ok_or_else(wrong)?;
    let to = to.map_or(Some(i64::MAX), |text| day(text, "23:59:59").map(|ms| ms + 999)).ok_or_else(wrong)?;
    Ok((from, to))
}

/// A page of the broadcasting journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Plays {
    plays: Vec<Play>,
    /// `before` of the next, older page; `null` at the end.
    #[schema(required)]
    next: Option<String>,
}

type Asked = Result<Query<PlayQuery>, QueryRejection>;
type FileAsked = Result<Query<FileQuery>, QueryRejection>;

/// *Nhật ký phát thanh*: what was played where, newest first
#[utoipa::path(get, path = "/api/v1/playlog", operation_id = "playlog", params(PlayQuery), responses(
    (status = 200, description = "The page.", body = Plays), Unavailable,
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Json<Plays>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let most = limit(query.limit, 100)?;
    let asked = query.ask(most)?;
    let plays = reads::read(&shared, move |reads| reads.plays(&asked)).await?;
    let next = plays.last().filter(|_| plays.len() >= most).map(|last| format!("{}-{}", last.at_ms, last.seq));
    Ok(Json(Plays { plays, next }))
}

/// The same as comma-separated values, UTF-8 with a mark that spreadsheets know
#[utoipa::path(get, path = "/api/v1/playlog.csv", operation_id = "playlogCsv", params(FileQuery), responses(
    (status = 200, description = "Oldest first; more than 100,000 rows are refused, never cut.", body = String, content_type = "text/csv"), Unavailable,
))]
pub(crate) async fn csv(State(shared): State<Arc<Shared>>, query: FileAsked) -> Result<Response, Problem> {
    let paper = whole(&shared, query, FILE).await?;
    let made = reads::ask(&shared, move || Ok(paper.csv())).await?;
    Ok(attachment("text/csv; charset=utf-8", "nhat-ky-phat-thanh.csv", made))
}

/// The same as a workbook
#[utoipa::path(get, path = "/api/v1/playlog.xlsx", operation_id = "playlogXlsx", params(FileQuery), responses(
    (status = 200, description = "Office Open XML; oldest first; more than 100,000 rows are refused, never cut.", body = inline(Bytes),
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Unavailable,
))]
pub(crate) async fn xlsx(State(shared): State<Arc<Shared>>, query: FileAsked) -> Result<Response, Problem> {
    let paper = whole(&shared, query, FILE).await?;
    let made = reads::ask(&shared, move || paper.xlsx()).await?;
    Ok(attachment(WORKBOOK, "nhat-ky-phat-thanh.xlsx", made))
}

/// The book to print and sign: A4 pages
#[utoipa::path(get, path = "/api/v1/playlog.pdf", operation_id = "playlogPdf", params(FileQuery), responses(
    (status = 200, description = "Oldest first; more than 10,000 rows are refused, never cut.", body = inline(Bytes), content_type = "application/pdf"), Unavailable,
))]
pub(crate) async fn pdf(State(shared): State<Arc<Shared>>, query: FileAsked) -> Result<Response, Problem> {
    let paper = whole(&shared, query, BOOK).await?;
    let made = reads::ask(&shared, move || paper.pdf()).await?;
    Ok(attachment("application/pdf", "nhat-ky-phat-thanh.pdf", made))
}

/// The book of a window, whole: one that is too long is refused, as rows left out would be missed by nobody.
async fn whole(shared: &Arc<Shared>, query: FileAsked, form: Form) -> Result<Paper, Problem> {
    let Query(FileQuery { from, to, cluster, field, result }) = query.map_err(|fault| odd_query(&fault))?;
    let (from_ms, to_ms) = window(from.as_deref(), to.as_deref())?;
    let asked = PlayAsk { from_ms, to_ms, cluster, field, result, before: None, limit: form.longest + 1 };
    let mut plays = reads::read(shared, move |reads| reads.plays(&asked)).await?;
    if plays.len() > form.longest {
        return Err(too_long(form));
    }
    plays.reverse();
    let view = Arc::clone(&shared.desk.view.borrow());
    let about = about(from.as_deref(), to.as_deref());
    Ok(book::paper(&plays, &view, about, form.signed))
}

fn too_long(Form { longest, signed }: Form) -> Problem {
    let (why, remedy) = if signed {
        ("in ra sẽ quá dày", "từng tháng hoặc từng quý, hoặc tải XLSX")
    } else {
        ("một tệp không chứa hết", "từng quý hoặc từng năm rồi tải từng tệp")
    };
    Problem::wrong(say(
        format!("Khoảng này có hơn {longest} dòng, {why}. Hãy chọn {remedy}."),
        format!("More than {longest} rows, and none may be left out: choose a shorter window."),
    ))
}

/// A window in words.
pub(crate) fn about(from: Option<&str>, to: Option<&str>) -> String {
    let day = |day: Option<&str>, none: &str| day.map_or_else(|| none.to_owned(), day_vi);
    format!("Từ ngày {} đến ngày {}", day(from, "đầu"), day(to, "nay"))
}

/// Which window.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// First day.
    #[param(example = "2025-12-15")]
    pub(crate) from: Option<String>,
    /// Last day, whole.
    #[param(example = "2026-12-14")]
    pub(crate) to: Option<String>,
}

/// Sums of a window.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sums {
    sums: Vec<PlaySum>,
}

/// The broadcasting journal in sums, by cluster, field and result
#[utoipa::path(get, path = "/api/v1/playlog/sums", operation_id = "playlogSums", params(ReportQuery), responses(
    (status = 200, description = "The sums.", body = Sums), Unavailable,
))]
pub(crate) async fn sums(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Result<Json<Sums>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let (from, to) = window(query.from.as_deref(), query.to.as_deref())?;
    let sums = reads::read(&shared, move |reads| reads.play_sums(from, to)).await?;
    Ok(Json(Sums { sums }))
}
