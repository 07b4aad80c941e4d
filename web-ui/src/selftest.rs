//! Self-tests and drills at the desk: begun, ended, accepted as a baseline, and looked at in full.

use crate::acts::Ask;
use crate::body::Told;
use crate::faults;
use crate::guard::Signed;
use crate::orders::{self, Answer};
use crate::page::fill;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use gateway_core::drill::Held;
use gateway_core::input::Act;
use gateway_core::time::Wall;
use gateway_core::trial::Trial;
use gateway_core::view::{Records, View};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const PAGE: &str = include_str!("../assets/selftest.html");
/// Outputs that one acceptance can name.
const NAMED: usize = 500;

/// `POST selftest`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    #[serde(default)]
    full: bool,
}

impl Ask for Begin {
    fn act(self, _: &View) -> Result<Act, Problem> {
        Ok(Act::SelfTest { full: self.full })
    }
}

struct End;

impl Ask for End {
    fn act(self, _: &View) -> Result<Act, Problem> {
        Ok(Act::EndSelfTest)
    }
}

/// `POST selftest/baseline`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    #[serde(default)]
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

/// `POST selftest`.
pub(crate) async fn begin(State(shared): Desk, Extension(by): Extension<Signed>, Told(ask): Told<Begin>) -> Answer {
    orders::order(&shared, by, ask).await
}

/// `DELETE selftest`.
pub(crate) async fn end(State(shared): Desk, Extension(by): Extension<Signed>) -> Answer {
    orders::order(&shared, by, End).await
}

/// `POST selftest/baseline`.
pub(crate) async fn accept(State(shared): Desk, Extension(by): Extension<Signed>, Told(ask): Told<Baseline>) -> Answer {
    orders::order(&shared, by, ask).await
}

fn view(shared: &Shared) -> (Arc<View>, Arc<Records>) {
    let view = Arc::clone(&shared.desk.view.borrow());
    let records = Arc::clone(&view.records);
    (view, records)
}

/// A result with its moment as people and programs write it.
pub fn told(trial: &Trial) -> Value {
    let mut told = json!(trial);
    told["at"] = json!(trial.at.rfc3339());
    told
}

/// `GET selftest`.
pub(crate) async fn state(State(shared): Desk) -> Json<Value> {
    let (view, records) = view(&shared);
    let trials = &records.trials;
    let of = |trial: &Option<Trial>| trial.as_ref().map(told);
    Json(json!({
        "doing": view.selftest.doing, "full_running": view.selftest.full,
        "last": of(&trials.last), "full": of(&trials.full), "given_up": of(&trials.given_up),
        "baselines": trials.baselines,
    }))
}

/// `GET selftest/last`: the fault list, to be sent.
pub(crate) async fn list(State(shared): Desk) -> Response {
    let (view, records) = view(&shared);
    let text = faults::list(records.trials.last.as_ref(), &view.name, &view.station);
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `GET /selftest`: the fault list, to be printed.
pub(crate) async fn page(State(shared): Desk) -> Html<String> {
    let (view, records) = view(&shared);
    let last = records.trials.last.as_ref();
    let filled = fill(PAGE, &[("place", &view.name), ("station", &view.station), ("heading", &faults::heading(last))]);
    // The rows are HTML already, each value in them escaped.
    Html(filled.replace("<!-- rows -->", &last.map(faults::rows).unwrap_or_default()))
}

fn held(held: &Held) -> Value {
    let at = |wall: Option<Wall>| wall.map(Wall::rfc3339);
    let clusters: Vec<Value> = held
        .clusters
        .iter()
        .map(|c| {
            json!({"cluster": c.cluster, "result": c.result, "keyed": c.grade.is_some(), "grade": c.grade,
                   "path": c.path, "start": at(c.start)})
        })
        .collect();
    json!({"start": held.start.rfc3339(), "skipped": held.skipped, "bulletin": held.bulletin,
           "result": held.result, "code": held.code, "clusters": clusters})
}

/// `GET drills`: each drill with those that were due, newest first.
pub(crate) async fn drills(State(shared): Desk) -> Json<Value> {
    let (view, records) = view(&shared);
    let rows: Vec<Value> = view
        .drills
        .iter()
        .map(|drill| {
            let all = records.drills.0.get(&drill.id).map(Vec::as_slice).unwrap_or_default();
            let held: Vec<Value> = all.iter().rev().map(held).collect();
            json!({"id": drill.id, "title": drill.title, "kind": drill.kind, "next": drill.next, "held": held})
        })
        .collect();
    Json(json!({ "drills": rows }))
}
