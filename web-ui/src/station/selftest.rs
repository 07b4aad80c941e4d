//! Self-tests and drills at the desk: begun, ended, accepted as a baseline, and looked at in full.

use crate::air::acts::Ask;
use crate::air::orders::{self, Answer, Done};
use crate::body;
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::page::fill;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::station::faults;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use gateway_core::drill::{self, Kind};
use gateway_core::id::{BulletinId, ClusterId, DrillId};
use gateway_core::input::Act;
use gateway_core::time::Wall;
use gateway_core::trial::{Baselines, Trial, Tried};
use gateway_core::view::{Records, View};
use gateway_core::want::Grade;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

const PAGE: &str = include_str!("../../assets/selftest.html");
/// Outputs that one acceptance can name.
const NAMED: usize = 500;

/// What `POST selftest` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginSelftest, example = json!({"full": false}))]
pub(crate) struct Begin {
    /// Switch each relay, key the carrier, show a pattern, sound a chime where somebody listens; else only look.
    #[serde(default)]
    #[schema(default = false)]
    full: bool,
}

/// What `POST selftest/baseline` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outputs": []}))]
pub(crate) struct Baseline {
    /// Of which outputs; empty or left out: of all.
    #[serde(default)]
    #[schema(max_items = 500)]
    outputs: Vec<String>,
}

impl Ask for Baseline {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let tested = view.records.trials.last.iter().flat_map(|t| &t.rows);
        let known: Vec<&str> = tested.map(|r| r.id.as_str()).collect();
        let stranger = self.outputs.iter().find(|o| !known.contains(&o.as_str()));
        if self.outputs.len() > NAMED || stranger.is_some() {
            let name = stranger.map_or("", String::as_str);
            return Err(Problem::wrong(say(
                format!("Lần kiểm tra gần nhất không có thiết bị \"{name}\" (outputs)."),
                format!("outputs names \"{name}\", which the last self-test did not try."),
            )));
        }
        Ok(Act::Baseline { outputs: self.outputs })
    }
}

type Desk = State<Arc<Shared>>;

/// Begin a self-test; a full one is refused while anything is on air or about to be
#[utoipa::path(post, path = "/api/v1/selftest", operation_id = "beginSelftest", request_body = Begin, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn begin(
    State(shared): Desk,
    Extension(by): Extension<Signed>,
    body::Told(Begin { full }): body::Told<Begin>,
) -> Answer {
    orders::order(&shared, by, Act::SelfTest { full }).await
}

/// End the self-test that is running
#[utoipa::path(delete, path = "/api/v1/selftest", operation_id = "endSelftest", responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end(State(shared): Desk, Extension(by): Extension<Signed>) -> Answer {
    orders::order(&shared, by, Act::EndSelfTest).await
}

/// Take what was measured last as the figures of a good day
#[utoipa::path(post, path = "/api/v1/selftest/baseline", operation_id = "acceptBaseline", request_body = Baseline,
responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn accept(
    State(shared): Desk,
    Extension(by): Extension<Signed>,
    body::Told(ask): body::Told<Baseline>,
) -> Answer {
    orders::order(&shared, by, ask).await
}

fn view(shared: &Shared) -> (Arc<View>, Arc<Records>) {
    let view = Arc::clone(&shared.desk.view.borrow());
    let records = Arc::clone(&view.records);
    (view, records)
}

/// A self-test that is over, its moment as people and programs write it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Trial)]
pub struct Told {
    /// 1, 2, 3 …
    pub no: u64,
    /// Relays were switched, the carrier was keyed, boards and a sound were tried; otherwise it only looked.
    pub full: bool,
    /// Who began it; null: the clock.
    #[schema(required)]
    pub by: Option<String>,
    /// When it began, RFC 3339 with +07:00.
    pub at: String,
    /// How long it took, milliseconds.
    pub took_ms: u64,
    /// Why it was not carried to its end.
    #[schema(required)]
    pub given_up: Option<String>,
    /// One row for everything that was tried.
    pub rows: Vec<Tried>,
}

/// A result with its moment as people and programs write it.
pub fn told(trial: &Trial) -> Told {
    let Trial { no, full, by, at, took_ms, given_up, rows } = trial.clone();
    Told { no, full, by, at: at.rfc3339(), took_ms, given_up, rows }
}

/// Self-tests: what runs, the last results in full, the figures of a good day.
#[derive(Serialize, ToSchema)]
pub(crate) struct SelfTests {
    /// What a running one does just now, in Vietnamese.
    #[schema(required)]
    doing: Option<String>,
    /// The running one is a full one.
    full_running: bool,
    /// The last one that was carried to its end.
    #[schema(required)]
    last: Option<Told>,
    /// The last full one that was.
    #[schema(required)]
    full: Option<Told>,
    /// The newest one, where it was given up.
    #[schema(required)]
    given_up: Option<Told>,
    /// Figures of a good day: output, then name of the figure, then its value.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, f64>>, inline)]
    baselines: Baselines,
}

/// *Tự kiểm tra*: what runs, the last results in full, the figures of a good day
#[utoipa::path(get, path = "/api/v1/selftest", operation_id = "selftest", responses(
    (status = 200, description = "Self-tests.", body = SelfTests),
))]
pub(crate) async fn state(State(shared): Desk) -> Json<SelfTests> {
    let (view, records) = view(&shared);
    let trials = &records.trials;
    let of = |trial: &Option<Trial>| trial.as_ref().map(told);
    Json(SelfTests {
        doing: view.selftest.doing.clone(),
        full_running: view.selftest.full,
        last: of(&trials.last),
        full: of(&trials.full),
        given_up: of(&trials.given_up),
        baselines: trials.baselines.clone(),
    })
}

/// The fault list of the last self-test as plain text, to be sent
#[utoipa::path(get, path = "/api/v1/selftest/last", operation_id = "faultList", responses(
    (status = 200, description = "The list.", body = String, content_type = "text/plain"),
))]
pub(crate) async fn list(State(shared): Desk) -> Response {
    let (view, records) = view(&shared);
    let text = faults::list(records.trials.last.as_ref(), &view.name, &view.station);
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// *Danh sách hỏng hóc*: the last self-test as a page to be printed
#[utoipa::path(get, path = "/selftest", operation_id = "selftestPage", responses(
    (status = 200, description = "The page.", body = String, content_type = "text/html"),
))]
pub(crate) async fn page(State(shared): Desk) -> Html<String> {
    let (view, records) = view(&shared);
    let last = records.trials.last.as_ref();
    let filled = fill(PAGE, &[("place", &view.name), ("station", &view.station), ("heading", &faults::heading(last))]);
    // The rows are HTML already, each value in them escaped.
    Html(filled.replace("<!-- rows -->", &last.map(faults::rows).unwrap_or_default()))
}

/// What came of a drill in one cluster.
#[derive(Serialize, ToSchema)]
struct DrillHeard {
    /// Which.
    cluster: ClusterId,
    /// `done`, `partial`, `failed`.
    result: String,
    /// Something was keyed there.
    keyed: bool,
    /// How it is known that it sounded; null: nothing was keyed.
    #[schema(required)]
    grade: Option<Grade>,
    /// `wired`, `ip`, `fm`, `recorder`.
    path: String,
    /// When it was first heard there, RFC 3339.
    #[schema(required)]
    start: Option<String>,
}

/// A drill that was held, or was due and not held.
#[derive(Serialize, ToSchema)]
struct HeldDrill {
    /// When it was due, RFC 3339.
    start: String,
    /// Why it was not held: `emergency`, `live`, `quiet_hours`, `muted`, `full_drill`, `missed`.
    #[schema(required)]
    skipped: Option<String>,
    /// The bulletin it was.
    #[schema(required)]
    bulletin: Option<BulletinId>,
    /// `done`, `partial`, `failed`, once it is over.
    #[schema(required)]
    result: Option<String>,
    /// What broke it off.
    #[schema(required)]
    code: Option<String>,
    /// What came of it in each cluster.
    clusters: Vec<DrillHeard>,
}

/// A drill of the calendar with those that were due.
#[derive(Serialize, ToSchema)]
struct Drill {
    /// Identity.
    id: DrillId,
    /// Title.
    title: String,
    /// How much of the real thing it is.
    kind: Kind,
    /// When it is due next, RFC 3339; null where the clock is not trusted.
    #[schema(required)]
    next: Option<String>,
    /// Newest first.
    held: Vec<HeldDrill>,
}

/// Every drill.
#[derive(Serialize, ToSchema)]
pub(crate) struct Drills {
    drills: Vec<Drill>,
}

fn heard(heard: drill::Heard) -> DrillHeard {
    let drill::Heard { cluster, result, grade, path, start } = heard;
    DrillHeard { cluster, result, keyed: grade.is_some(), grade, path, start: start.map(Wall::rfc3339) }
}

fn held(held: drill::Held) -> HeldDrill {
    let drill::Held { start, skipped, bulletin, result, code, clusters } = held;
    let clusters = clusters.into_iter().map(heard).collect();
    HeldDrill { start: start.rfc3339(), skipped, bulletin, result, code, clusters }
}

/// *Diễn tập*: each drill of the calendar with those that were due, newest first
#[utoipa::path(get, path = "/api/v1/drills", responses((status = 200, description = "Drills.", body = Drills)))]
pub(crate) async fn drills(State(shared): Desk) -> Json<Drills> {
    let (view, records) = view(&shared);
    let of = |id: &DrillId| records.drills.0.get(id).into_iter().flatten().rev().cloned().map(held).collect();
    let drills = view.drills.iter().map(|d| Drill {
        id: d.id.clone(),
        title: d.title.clone(),
        kind: d.kind,
        next: d.next.clone(),
        held: of(&d.id),
    });
    Json(Drills { drills: drills.collect() })
}
