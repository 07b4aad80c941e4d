//! Measures the journal of a station with a million plays through its desk: pages near the top and deep down, filtered and not, and
//! the report of a year.
//!
//! Prints one JSON object. `journal_bench N`: with so many plays in place of a million.

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use site_tests::stage::{Officer, Plan, Stage};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// The last moment of the book: 2026-11-22 05:00 in Viet Nam.
const LAST_MS: i64 = 1_795_298_400_000;
/// The book goes back two years and a half.
const SPAN_MS: i64 = 900 * 86_400_000;
const CLUSTERS: i64 = 40;
const FIELDS: [&str; 6] = ["y-te", "phap-luat", "thien-tai", "nong-nghiep", "giao-duc", "thoi-su"];
/// How often each thing is asked.
const TRIALS: usize = 15;

fn main() -> Result<()> {
    let plays: i64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse()).context("how many plays")?;
    let mut stage = Stage::up(&Plan::new("journal-bench"))?;
    stage.station.stop()?;
    let filled = fill(&stage.data().join("gateway.db"), plays)?;
    stage.start()?;
    let officer = stage.officer()?;
    let mut figures = Map::new();
    figures.insert("plays".to_owned(), json!(plays));
    figures.insert("filled_s".to_owned(), json!(filled));
    for (name, query) in [
        ("newest", String::new()),
        ("a cluster", "cluster=thon-7".to_owned()),
        ("a field", "field=phap-luat".to_owned()),
        ("what failed", "result=failed".to_owned()),
        ("what failed of a field at a cluster", "cluster=thon-7&field=y-te&result=failed".to_owned()),
        ("two years ago", "to=2024-11-30".to_owned()),
        ("a cluster that has none", "cluster=nowhere".to_owned()),
        ("a page in the middle", format!("before={}-{}", LAST_MS - SPAN_MS / 2, plays / 2)),
    ] {
        figures.insert(format!("page: {name}"), asked(&officer, &format!("/api/v1/playlog?limit=200&{query}"))?);
    }
    figures.insert("report of a year".to_owned(), asked(&officer, "/api/v1/report?from=2025-11-22&to=2026-11-21")?);
    figures.insert("report of all".to_owned(), asked(&officer, "/api/v1/report")?);
    figures.insert(
        "PDF of the year's report".to_owned(),
        fetched(&officer, "/api/v1/report.pdf?from=2025-11-22&to=2026-11-21")?,
    );
    figures.insert(
        "PDF of a week's book".to_owned(),
        fetched(&officer, "/api/v1/playlog.pdf?from=2026-11-15&to=2026-11-21")?,
    );
    writeln!(std::io::stdout().lock(), "{}", Value::Object(figures)).context("saying the figures")
}

/// Writes the plays as the station does, a row an entry, and seconds it took. The chain of entries is not what is measured.
fn fill(file: &Path, plays: i64) -> Result<f64> {
    let began = Instant::now();
    let mut book = Connection::open(file).context("opening the journal")?;
    let change = book.transaction()?;
    {
        let mut insert =
            change.prepare("INSERT INTO played VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, 120.0, ?7, ?8, ?9, ?10)")?;
        for n in 0..plays {
            let at = LAST_MS - SPAN_MS + SPAN_MS * n / plays;
            let cluster = format!("thon-{}", n % CLUSTERS + 1);
            let field = FIELDS[usize::try_from(n / CLUSTERS)? % FIELDS.len()];
            let result = if n % 97 == 0 {
                "failed"
            } else if n % 31 == 0 {
                "partial"
            } else {
                "done"
            };
            let actual = if result == "done" { 120.0 } else { 40.0 };
            let row = json!({
                "bulletin": format!("BT-{}", n / CLUSTERS), "cluster": cluster, "planned": at - 130_000, "start": at - 120_000, "end": at,
                "requested_s": 120.0, "actual_s": actual, "result": result, "operator": "lan", "approver": "hoa", "path": "wired",
                "evidence": "electrical", "title": format!("Bản tin số {}: lịch gieo sạ vụ đông xuân", n / CLUSTERS), "field": field,
                "issuer": "Ủy ban nhân dân xã Bình Minh", "priority": "ordinary", "drill": n % 1000 == 0,
            });
            // Above every number the station gives in this run.
            let values = params![
                1_000_000_000 + n,
                at,
                cluster,
                field,
                "ordinary",
                result,
                actual,
                result == "partial",
                n % 1000 == 0,
                row.to_string()
            ];
            insert.execute(values)?;
        }
    }
    change.commit()?;
    Ok(began.elapsed().as_secs_f64())
}

fn spread(mut times: Vec<f64>, rows: usize) -> Value {
    times.sort_by(f64::total_cmp);
    let tenth = |ms: f64| (ms * 10.0).round() / 10.0;
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    json!({"p50_ms": tenth(middle), "max_ms": tenth(times.last().copied().unwrap_or_default()), "n": times.len(), "rows": rows})
}

fn asked(officer: &Officer, path: &str) -> Result<Value> {
    let (mut times, mut rows) = (Vec::new(), 0);
    for _ in 0..TRIALS {
        let began = Instant::now();
        let answer = officer.get(path)?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(answer.status == 200, "{path}: {answer:?}");
        rows = answer.body["plays"].as_array().or(answer.body["times"].as_array()).map_or(0, Vec::len);
    }
    Ok(spread(times, rows))
}

fn fetched(officer: &Officer, path: &str) -> Result<Value> {
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..3 {
        let began = Instant::now();
        bytes = officer.fetch(path)?.len();
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(spread(times, bytes))
}
