//! *Công văn*: papers from above, who has read them, and the reports that are wanted, computed here and handed in.

use crate::air::acts::words;
use crate::air::orders::{Answer, Done, order};
use crate::body::{Named, Told};
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::making::media::standing;
use crate::problem::{Problem, not_found, say};
use crate::reads::{self, read as look};
use crate::routes::Shared;
use axum::extract::State;
use axum::{Extension, Json};
use gateway_core::bulletin::Media;
use gateway_core::id::PaperId;
use gateway_core::input::Act;
use gateway_core::paper::{Paper, Reading, ReportRequest, Sheet};
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// Who and when.
#[derive(Serialize, ToSchema)]
#[schema(as = PaperReceipt)]
pub(crate) struct Receipt {
    /// Login name.
    by: String,
    /// When, RFC 3339 with +07:00; `null` where no clock was trusted.
    #[schema(required)]
    at: Option<String>,
}

impl From<&Reading> for Receipt {
    fn from(reading: &Reading) -> Self {
        Self { by: reading.by.clone(), at: reading.at.map(Wall::rfc3339) }
    }
}

/// A paper.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaperRow {
    /// Identity.
    id: PaperId,
    /// Version that stands.
    version: u32,
    /// A report is wanted; else it is to be read.
    report: bool,
    /// *Số, ký hiệu*.
    number: String,
    /// *Trích yếu*.
    title: String,
    /// Who issued it.
    issuer: String,
    /// When it was issued, RFC 3339.
    #[schema(required)]
    issued: Option<String>,
    /// When it came.
    #[schema(required)]
    at: Option<String>,
    /// By when it is to be read or handed in.
    #[schema(required)]
    due: Option<String>,
    /// First and last day of the window of a report.
    #[schema(required)]
    window: Option<Window>,
    /// Who has read it, in order.
    read: Vec<Receipt>,
    /// Whoever asks has read it.
    mine: bool,
    /// Who handed the report in last.
    #[schema(required)]
    submitted: Option<Receipt>,
    /// It waits to be read by somebody, or to be handed in.
    waits: bool,
}

/// Days, both in it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = PaperWindow)]
pub(crate) struct Window {
    /// `2026-12-15`.
    from: String,
    /// `2027-12-14`.
    until: String,
}

fn row(paper: &Paper, me: &str) -> PaperRow {
    let (number, issuer, issued, window) = match &paper.sheet {
        Sheet::Document(d) => (d.number.clone(), &d.issuer, d.issued, None),
        Sheet::ReportRequest(r) => {
            (String::new(), &r.issuer, None, Some(Window { from: r.from.clone(), until: r.until.clone() }))
        }
    };
    PaperRow {
        id: paper.sheet.id().clone(),
        version: paper.sheet.version(),
        report: window.is_some(),
        number,
        title: paper.sheet.title().to_owned(),
        issuer: issuer.name.clone(),
        issued: issued.map(Wall::rfc3339),
        at: paper.at.map(Wall::rfc3339),
        due: paper.sheet.due().map(Wall::rfc3339),
        window,
        read: paper.read.iter().map(Receipt::from).collect(),
        mine: paper.read.iter().any(|r| r.by == me),
        submitted: paper.submitted.as_ref().map(Receipt::from),
        waits: paper.waits(),
    }
}

/// All papers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Papers {
    papers: Vec<PaperRow>,
}

/// *Công văn*: papers from above
#[utoipa::path(get, path = "/api/v1/papers", operation_id = "papers", responses(
    (status = 200, description = "Newest first.", body = Papers),
))]
pub(crate) async fn list(State(shared): Desk, Extension(by): By) -> Json<Papers> {
    let view = Arc::clone(&shared.desk.view.borrow());
    Json(Papers { papers: view.papers.iter().map(|p| row(p, &by.name)).collect() })
}

/// A file of a paper, to be had at `/api/v1/media/{sha256}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaperFile {
    /// What it is called.
    name: String,
    /// SHA-256, hexadecimal.
    sha256: String,
    /// Media type.
    mime: String,
    /// Size.
    bytes: u64,
    /// `here`: it can be read; `coming`; `missing`: it will not come, or finds no room.
    state: &'static str,
}

impl PaperFile {
    fn of(media: &Media, state: &'static str) -> Self {
        let (sha256, mime, bytes) = (media.sha256.to_string(), media.mime.clone(), media.bytes);
        // What hubs call a file is the end of its address.
        let last = media.url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let safe = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let short: String = sha256.chars().take(12).collect();
        // A hub that names files by their digests names nothing.
        let name: String = last.replace(sha256.as_str(), &short).chars().filter(safe).take(100).collect();
        let name = if name.trim_matches('.').is_empty() { short } else { name };
        let name = if mime == "application/pdf" && !name.contains('.') { format!("{name}.pdf") } else { name };
        Self { name, sha256, mime, bytes, state }
    }
}

/// A paper with its words.
#[derive(Serialize, ToSchema)]
pub(crate) struct WholePaper {
    paper: PaperRow,
    /// Its words.
    text: String,
    /// Its files.
    files: Vec<PaperFile>,
}

async fn found(shared: &Shared, id: &str) -> Result<Paper, Problem> {
    let view = Arc::clone(&shared.desk.view.borrow());
    match view.papers.iter().find(|p| p.sheet.id().as_str() == id) {
        Some(paper) => Ok(paper.clone()),
        None => Err(not_found().await),
    }
}

/// A paper with its words
#[utoipa::path(get, path = "/api/v1/papers/{id}", operation_id = "paper", params(
    ("id" = String, Path, description = "Identity of the paper."),
), responses((status = 200, description = "It.", body = WholePaper), Unavailable))]
pub(crate) async fn paper(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
) -> Result<Json<WholePaper>, Problem> {
    let paper = found(&shared, &id).await?;
    let text = match &paper.sheet {
        Sheet::Document(d) => d.text.clone(),
        Sheet::ReportRequest(r) => r.text.clone(),
    };
    let (shelf, named) = (Arc::clone(&shared.desk.media), paper.sheet.files().to_vec());
    let file = move |media: &Media| Ok(PaperFile::of(media, standing(&*shelf, media.sha256.as_str())?));
    let files = reads::ask(&shared, move || named.iter().map(file).collect()).await?;
    Ok(Json(WholePaper { paper: row(&paper, &by.name), text, files }))
}

/// Say that one has read a paper: the receipt goes up
#[utoipa::path(post, path = "/api/v1/papers/{id}/read", operation_id = "readPaper", params(
    ("id" = String, Path, description = "Identity of the paper."),
), responses(
    (status = 200, description = "Noted; the receipt goes up once for each person.", body = Done),
    NotOrdered,
))]
pub(crate) async fn read(State(shared): Desk, Extension(by): By, Named(id): Named) -> Answer {
    order(&shared, by, Act::ReadPaper { paper: found(&shared, &id).await?.sheet.id().clone() }).await
}

/// What was aired of a field in a cluster.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = ReportFigure)]
pub(crate) struct Figure {
    /// Cluster.
    cluster: String,
    /// *Lĩnh vực*.
    field: String,
    /// Times aired.
    plays: u64,
    /// Of those, to their end.
    done: u64,
    /// Of those, interrupted.
    interrupted: u64,
    /// Asked for, seconds.
    requested_s: f64,
    /// Heard, seconds.
    actual_s: f64,
}

/// The figures of a report.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportFigures)]
pub(crate) struct Figures {
    window: Window,
    rows: Vec<Figure>,
    /// All of them together, with `cluster` and `field` empty.
    sum: Figure,
}

fn request(paper: Paper) -> Option<ReportRequest> {
    match paper.sheet {
        Sheet::ReportRequest(request) => Some(request),
        Sheet::Document(_) => None,
    }
}

/// Counted from the broadcasting journal; drills are left out.
async fn count(shared: &Shared, id: &str) -> Result<Figures, Problem> {
    let Some(asked) = request(found(shared, id).await?) else { return Err(not_found().await) };
    let edge = |day: &str, time: &str| Wall::parse(&format!("{day}T{time}+07:00")).map_or(0, |wall| wall.0);
    let (from, until) = (edge(&asked.from, "00:00:00"), edge(&asked.until, "23:59:59.999"));
    let sums = look(shared, move |reads| reads.play_sums(from, until)).await?;
    let (mut rows, mut sum) = (BTreeMap::<(String, String), Figure>::new(), Figure::default());
    for part in sums.into_iter().filter(|s| !s.drill) {
        let (cluster, field) = (part.cluster.clone(), part.field.clone());
        let row = rows.entry((cluster.clone(), field.clone())).or_insert_with(|| Figure {
            cluster,
            field,
            ..Figure::default()
        });
        for row in [row, &mut sum] {
            row.plays += part.plays;
            row.done += if part.result == "done" { part.plays } else { 0 };
            row.interrupted += part.interrupted;
            row.requested_s += part.requested_s;
            row.actual_s += part.actual_s;
        }
    }
    let window = Window { from: asked.from, until: asked.until };
    Ok(Figures { window, rows: rows.into_values().collect(), sum })
}

/// The figures of a report that is wanted, as they stand now
#[utoipa::path(get, path = "/api/v1/papers/{id}/figures", operation_id = "reportFigures", params(
    ("id" = String, Path, description = "Identity of the paper that wants a report."),
), responses(
    (status = 200, description = "Counted from the broadcasting journal.", body = Figures),
    Unavailable,
))]
pub(crate) async fn figures(State(shared): Desk, Named(id): Named) -> Result<Json<Figures>, Problem> {
    Ok(Json(count(&shared, &id).await?))
}

/// What `POST papers/{id}/report` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitReport, example = json!({"note": "Cụm loa Thôn 3 hỏng từ 12/11, đang sửa."}))]
pub(crate) struct Submit {
    /// Words beside the figures.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Hand in a report that was wanted, with the figures as they stand now
#[utoipa::path(post, path = "/api/v1/papers/{id}/report", operation_id = "submitReport", params(
    ("id" = String, Path, description = "Identity of the paper that wants a report."),
), request_body = Submit, responses(
    (status = 200, description = "On its way up, and in the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn submit(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(Submit { note }): Told<Submit>,
) -> Answer {
    let note = words("note", "Ghi chú", &note, 0, 2000)?;
    let Figures { rows, .. } = count(&shared, &id).await?;
    let rows = serde_json::to_value(rows).map_err(|fault| Problem::wrong(say(fault.to_string(), fault.to_string())))?;
    order(&shared, by, Act::SubmitReport { paper: PaperId::from(id), rows, note }).await
}
