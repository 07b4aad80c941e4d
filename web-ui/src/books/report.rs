//! *Báo cáo*: the broadcasting journal of a window in the metrics the rules ask for, as figures, as files, as a paper to sign, and as
//! what the province is sent.

mod page;

use crate::air::orders::{Done, order};
use crate::body::Told;
use crate::books::paper::{Paper, WORKBOOK, attachment};
use crate::books::playlog::{PlaySum, PlayTime, ReportQuery, about, window};
use crate::described::{Bytes, NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::reads::{self, odd_query};
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::{Extension, Json};
use gateway_core::input::{Act, Outgoing};
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Days a report shows one by one; a longer window is shown by month.
const DAYS: usize = 62;

/// Figures of plays: of the station, a cluster, a field, a day or month.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Figures {
    /// Whose: a cluster's id, a field's code, `2026-11-22` or `2026-11`; empty = of all.
    key: String,
    /// How it is called.
    name: String,
    /// Plays asked for: one bulletin at one cluster each.
    plays: u64,
    /// Of these, sounded whole.
    done: u64,
    /// In part.
    partial: u64,
    /// Not at all.
    failed: u64,
    /// Emergencies.
    urgent: u64,
    /// Asked for, seconds.
    requested_s: f64,
    /// Sounded, seconds.
    actual_s: f64,
    /// How many lost the air to something else.
    interrupted: u64,
}

/// The report of a window. Drills count apart and in nothing else; silent tests leave no play at all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Report {
    /// The station.
    all: Figures,
    /// By cluster.
    clusters: Vec<Figures>,
    /// By *lĩnh vực*.
    fields: Vec<Figures>,
    /// By day or month, oldest first.
    times: Vec<Figures>,
    /// They are months.
    by_month: bool,
    /// Drills.
    drills: Figures,
}

impl Figures {
    fn of(key: &str, name: impl Into<String>) -> Self {
        Self { key: key.to_owned(), name: name.into(), ..Self::default() }
    }

    fn add(&mut self, result: &str, plays: u64, requested_s: f64, actual_s: f64, interrupted: u64) {
        self.plays += plays;
        match result {
            "done" => self.done += plays,
            "partial" => self.partial += plays,
            _ => self.failed += plays,
        }
        self.requested_s += requested_s;
        self.actual_s += actual_s;
        self.interrupted += interrupted;
    }

    fn take(&mut self, sum: &PlaySum) {
        self.add(&sum.result, sum.plays, sum.requested_s, sum.actual_s, sum.interrupted);
        if sum.priority == "emergency" {
            self.urgent += sum.plays;
        }
    }
}

/// Makes the report. Every cluster of the station is in it, one that never sounded too.
fn made(sums: &[PlaySum], times: &[PlayTime], view: &View) -> Report {
    let mut clusters: BTreeMap<&str, Figures> =
        view.clusters.iter().map(|c| (c.id.as_str(), Figures::of(c.id.as_str(), c.name.clone()))).collect();
    let mut fields: BTreeMap<&str, Figures> = BTreeMap::new();
    let (mut all, mut drills) = (Figures::of("", view.name.clone()), Figures::of("", "Diễn tập"));
    for sum in sums {
        if sum.drill {
            drills.take(sum);
            continue;
        }
        all.take(sum);
        clusters.entry(&sum.cluster).or_insert_with(|| Figures::of(&sum.cluster, "")).take(sum);
        fields.entry(&sum.field).or_insert_with(|| Figures::of(&sum.field, "")).take(sum);
    }
    let days: std::collections::BTreeSet<&str> = times.iter().map(|time| time.day.as_str()).collect();
    let by_month = days.len() > DAYS;
    let mut told: BTreeMap<&str, Figures> = BTreeMap::new();
    for time in times.iter().filter(|time| !time.drill) {
        let key = if by_month { time.day.get(..7).unwrap_or(&time.day) } else { &time.day };
        let row = told.entry(key).or_insert_with(|| Figures::of(key, ""));
        row.add(&time.result, time.plays, time.requested_s, time.actual_s, time.interrupted);
    }
    let (clusters, fields, times) = (clusters.into_values(), fields.into_values(), told.into_values());
    Report { all, clusters: clusters.collect(), fields: fields.collect(), times: times.collect(), by_month, drills }
}

/// The province's code list of fields (*lĩnh vực*).
const FIELDS: &str = "field";

type Asked = Result<Query<ReportQuery>, QueryRejection>;

async fn report(shared: &Arc<Shared>, from: Option<&str>, to: Option<&str>) -> Result<Report, Problem> {
    let (from_ms, to_ms) = window(from, to)?;
    let view = Arc::clone(&shared.desk.view.borrow());
    let (sums, times, codes) = reads::read(shared, move |reads| {
        Ok((reads.play_sums(from_ms, to_ms)?, reads.play_times(from_ms, to_ms)?, reads.codes()?))
    })
    .await?;
    let mut report = made(&sums, &times, &view);
    let sent = codes.iter().find(|kept| kept.list.list_id == FIELDS);
    for figures in &mut report.fields {
        // A code that is over keeps its name in what was aired under it.
        let code = sent.and_then(|kept| kept.list.codes.iter().find(|code| code.code == figures.key));
        figures.name = code.and_then(|code| code.names.get("vi").cloned()).unwrap_or_default();
    }
    Ok(report)
}

async fn paper(shared: &Arc<Shared>, query: Asked) -> Result<Paper, Problem> {
    let Query(ReportQuery { from, to }) = query.map_err(|fault| odd_query(&fault))?;
    let report = report(shared, from.as_deref(), to.as_deref()).await?;
    Ok(page::paper(&report, &shared.desk.view.borrow().name, about(from.as_deref(), to.as_deref())))
}

/// *Báo cáo*: the figures of a window
#[utoipa::path(get, path = "/api/v1/report", operation_id = "report", params(ReportQuery), responses(
    (status = 200, description = "The figures.", body = Report), Unavailable,
))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Json<Report>, Problem> {
    let Query(ReportQuery { from, to }) = query.map_err(|fault| odd_query(&fault))?;
    Ok(Json(report(&shared, from.as_deref(), to.as_deref()).await?))
}

/// The same as comma-separated values
#[utoipa::path(get, path = "/api/v1/report.csv", operation_id = "reportCsv", params(ReportQuery), responses(
    (status = 200, description = "Its tables below each other.", body = String, content_type = "text/csv"), Unavailable,
))]
pub(crate) async fn csv(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Response, Problem> {
    Ok(attachment("text/csv; charset=utf-8", "bao-cao-phat-thanh.csv", paper(&shared, query).await?.csv()))
}

/// The same as a workbook
#[utoipa::path(get, path = "/api/v1/report.xlsx", operation_id = "reportXlsx", params(ReportQuery), responses(
    (status = 200, description = "Office Open XML, a sheet a table.", body = inline(Bytes),
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Unavailable,
))]
pub(crate) async fn xlsx(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Response, Problem> {
    let paper = paper(&shared, query).await?;
    Ok(attachment(WORKBOOK, "bao-cao-phat-thanh.xlsx", reads::ask(&shared, move || paper.xlsx()).await?))
}

/// The same to print and sign: A4 pages
#[utoipa::path(get, path = "/api/v1/report.pdf", operation_id = "reportPdf", params(ReportQuery), responses(
    (status = 200, description = "The pages.", body = inline(Bytes), content_type = "application/pdf"), Unavailable,
))]
pub(crate) async fn pdf(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Response, Problem> {
    let paper = paper(&shared, query).await?;
    Ok(attachment("application/pdf", "bao-cao-phat-thanh.pdf", reads::ask(&shared, move || paper.pdf()).await?))
}

/// Which window is reported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportWindow, example = json!({"from": "2025-12-15", "to": "2026-12-14"}))]
pub(crate) struct Window {
    /// First day.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    from: String,
    /// Last day, whole.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    to: String,
}

/// Sends the province the report of a window
#[utoipa::path(post, path = "/api/v1/report", operation_id = "sendReport", request_body = Window, responses(
    (status = 200, description = "Committed to the journal; it leaves when the hub can be reached.", body = Done), NotOrdered,
))]
pub(crate) async fn send(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(Window { from, to }): Told<Window>,
) -> Result<Json<Done>, Problem> {
    if from > to {
        return Err(Problem::wrong(say("Ngày đầu (from) phải trước ngày cuối (to).", "from is not after to.")));
    }
    let report = report(&shared, Some(&from), Some(&to)).await?;
    let mut body = serde_json::to_value(&report).unwrap_or_default();
    body["report"] = "broadcast".into();
    body["from"] = from.clone().into();
    body["to"] = to.clone().into();
    order(
        &shared,
        by,
        Act::Send { kind: Outgoing::Report, body, what: format!("broadcast report {from} to {to} sent") },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(cluster: &str, result: &str, drill: bool, plays: u64) -> PlaySum {
        PlaySum {
            cluster: cluster.to_owned(),
            field: "y-te".to_owned(),
            priority: "emergency".to_owned(),
            result: result.to_owned(),
            drill,
            plays,
            requested_s: 60.0,
            actual_s: 30.0,
            interrupted: 1,
        }
    }

    #[test]
    fn drills_count_apart_and_long_windows_are_told_by_month() {
        let sums = [sum("a", "done", false, 3), sum("b", "failed", false, 2), sum("a", "done", true, 7)];
        let days = (1..=31).flat_map(|d| (1..=3).map(move |m| format!("2026-{m:02}-{d:02}")));
        let times: Vec<PlayTime> = days
            .map(|day| PlayTime {
                day,
                result: "done".to_owned(),
                drill: false,
                plays: 1,
                requested_s: 1.0,
                actual_s: 1.0,
                interrupted: 0,
            })
            .collect();
        let report = made(&sums, &times, &View::default());
        assert_eq!((report.all.plays, report.all.done, report.all.failed, report.all.urgent), (5, 3, 2, 5));
        assert_eq!((report.drills.plays, report.drills.done), (7, 7));
        assert_eq!(report.clusters.iter().map(|c| (c.key.as_str(), c.plays)).collect::<Vec<_>>(), [("a", 3), ("b", 2)]);
        assert!(report.by_month);
        assert_eq!(
            report.times.iter().map(|t| (t.key.as_str(), t.plays)).collect::<Vec<_>>(),
            [("2026-01", 31), ("2026-02", 31), ("2026-03", 31)]
        );
        assert!(!made(&sums, &times[..10], &View::default()).by_month);
    }
}
