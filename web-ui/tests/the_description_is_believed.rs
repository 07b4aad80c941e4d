//! An independent reader of the API's description (Schemathesis) asks everything it offers, and believes every word: no
//! answer that is not described, none of another shape, none that the station broke down over.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use door::{PASSWORD, Place, Scratch};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tokio::net::TcpListener;
use web_ui::{OPENAPI, Outcome, ROUTES, Right, Role, Route, Who, users};

/// Longest run, seconds; one takes a small fraction of it.
const LONGEST: &str = "300";

/// What is not asked: signing out ends the session that all else is asked with, the stream of events has no end, and
/// speech is of a kind that Schemathesis cannot make. Tests of their own ask all four.
const LEFT_OUT: [(&str, &str); 4] = [
    ("DELETE", "/api/v1/session"),
    // The session it asks by is one of them.
    ("DELETE", "/api/v1/sessions/{id}"),
    ("GET", "/api/v1/events"),
    ("POST", "/api/v1/live/{id}/voice"),
];

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,\
    allow_header_conformance,ignored_auth";

/// The operations of these routes, by the names they have in the description.
fn operations(wanted: impl Fn(&Route) -> bool) -> Vec<String> {
    let described: Value = serde_json::from_str(&OPENAPI).expect("a description");
    let asked = ROUTES.iter().filter(|r| wanted(r) && !LEFT_OUT.contains(&(r.method, r.path.as_str())));
    let name = |r: &Route| described["paths"][&r.path][r.method.to_lowercase()]["operationId"].clone();
    asked.map(|r| name(r).as_str().expect("a name").to_owned()).collect()
}

/// Lets Schemathesis ask a desk as somebody of this role.
async fn asked(role: Role, operations: Vec<String>) -> Output {
    let dir = Scratch::new();
    users::add_user(dir.path(), "hoa", role, PASSWORD).expect("a user");
    let place = Place::over(dir, invented::view("programme"), invented::Book::default(), true);
    let cookie = place.sign_in("hoa").await;
    let Place { router, mut asked, dir, told: _told, .. } = place;
    let door = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", door.local_addr().expect("an address"));
    let desk = tokio::spawn(async move { axum::serve(door, router).await });
    let daemon = tokio::spawn(async move {
        let mut seq = 1200;
        while let Some(order) = asked.recv().await {
            seq += 1;
            // He may have gone meanwhile.
            order.answer.send(Outcome::Done { seq }).ok();
        }
    });
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/schemathesis");
    assert!(tool.exists(), "{} is missing: run scripts/setup", tool.display());
    let mut command = Command::new("timeout");
    command.args(["-k", "5", LONGEST]).arg(tool).args(["run", &format!("{base}/api/v1/openapi.json"), "--url", &base]);
    command.args(["-H", &format!("Cookie: {cookie}"), "--checks", CHECKS]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "12", "--no-shrink"]);
    // The session is always sent; that it is asked for everywhere is for `ignored_auth` to say.
    command.args(["--generation-with-security-parameters", "false"]);
    command.args(["--generation-deterministic", "--continue-on-failure", "--no-color"]);
    for operation in operations {
        command.args(["--include-operation-id", &operation]);
    }
    command.current_dir(dir.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it was waited for");
    desk.abort();
    daemon.abort();
    output.expect("schemathesis runs")
}

fn well(output: &Output) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}

fn may(role: Role, route: &Route) -> bool {
    match route.who {
        Who::Anyone => role.may(Right::Look),
        Who::May(right) => role.may(right),
    }
}

#[tokio::test]
async fn by_an_approver() {
    well(&asked(Role::Approver, operations(|route| may(Role::Approver, route))).await);
}

#[tokio::test]
async fn by_a_technician_where_an_approver_may_not() {
    let theirs = operations(|route| may(Role::Technician, route) && !may(Role::Approver, route));
    assert!(!theirs.is_empty());
    well(&asked(Role::Technician, theirs).await);
}
