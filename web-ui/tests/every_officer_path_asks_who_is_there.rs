//! Each route of the officer's table refuses strangers, is described in the published API, and is nowhere on the
//! citizens' listener.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json, knock};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use web_ui::{ROUTES, Right, Role, Route, Who, users};

fn path_of(route: &web_ui::Route) -> String {
    route
        .path
        .replace("/lessons/{id}", "/lessons/trang-dau")
        .replace("{id}", "7")
        .replace("{name}", "board.css")
        .replace("{sink}", "hall")
        .replace("{form}", "thu")
}

/// Routes that ask who is there, with the right they ask for.
fn guarded() -> impl Iterator<Item = (&'static Route, Right)> {
    ROUTES.iter().filter_map(|route| match route.who {
        Who::Anyone => None,
        Who::May(right) => Some((route, right)),
    })
}

/// Somebody of each role.
async fn everybody(place: &Place) -> [(Role, String); 4] {
    users::add_user(place.dir.path(), "hoa", Role::Approver, door::PASSWORD).expect("a user");
    let [khach, lan, hoa, ky] = ["khach", "lan", "hoa", "ky"].map(|name| place.sign_in(name));
    [(Role::Viewer, khach.await), (Role::Officer, lan.await), (Role::Approver, hoa.await), (Role::Technician, ky.await)]
}

fn refused(answer: &door::Answer, route: &Route, who: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {} {who}", route.method, route.path);
    assert_eq!(answer.header("www-authenticate"), "Session");
    assert!(!answer.text.contains("thon-1"), "{} {} tells a stranger about the air", route.method, route.path);
}

#[tokio::test]
async fn a_missing_or_made_up_session_is_refused_everywhere() {
    let place = Place::new("programme");
    for (route, _) in guarded() {
        for cookie in ["", "desk=AAAAAAAAAAAAAAAAAAAAAA", "desk=%00%ff", "desk=", "id=x; desk=1; desk=2"] {
            refused(&place.knock(json(route.method, &path_of(route), cookie, "{}")).await, route, cookie);
        }
    }
}

#[tokio::test]
async fn a_session_that_idled_too_long_is_refused_everywhere() {
    let place = Place::new("programme");
    let cookies = everybody(&place).await;
    for (_, cookie) in &cookies {
        assert_eq!(place.knock(bare("GET", "/api/v1/air", cookie)).await.status, StatusCode::OK);
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(12 * 3600 + 1)).await;
    for (route, _) in guarded() {
        for (role, cookie) in &cookies {
            let answer = place.knock(json(route.method, &path_of(route), cookie, "{}")).await;
            refused(&answer, route, role.as_str());
        }
    }
}

#[tokio::test]
async fn a_role_without_the_right_is_refused_and_told_who_has_it() {
    let place = Place::new("programme");
    let cookies = everybody(&place).await;
    for (route, right) in guarded() {
        for (role, cookie) in cookies.iter().filter(|(role, _)| !role.may(right)) {
            let answer = place.knock(json(route.method, &path_of(route), cookie, "{}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {} {role:?}", route.method, route.path);
            assert_eq!(answer.code(), "role");
            let mut english = json(route.method, &path_of(route), cookie, "{}");
            english.headers_mut().insert("accept-language", "en".parse().expect("a header"));
            let detail = place.knock(english).await.json()["detail"].to_string();
            for other in Role::ALL {
                assert_eq!(detail.contains(other.as_str()), other.may(right), "{}: {detail}", route.path);
            }
        }
    }
    assert!(place.asked.is_empty(), "an order went through");
}

#[tokio::test]
async fn another_site_is_refused_whoever_asks() {
    let place = Place::new("programme");
    let mut cookies = everybody(&place).await.map(|(_, cookie)| cookie).to_vec();
    cookies.push(String::new());
    let foreign = [
        ("origin", "https://gate.test:8444"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ];
    for route in ROUTES.iter().filter(|r| r.changes()) {
        for cookie in &cookies {
            for (name, value) in foreign {
                let mut request = json(route.method, &path_of(route), cookie, "{}");
                request.headers_mut().insert(name, value.parse().expect("a header"));
                let answer = place.knock(request).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {} {name}: {value}", route.method, route.path);
                assert_eq!(answer.code(), "cross_site");
            }
        }
    }
    assert!(place.asked.is_empty(), "an order went through");
}

#[test]
fn only_signing_in_and_what_it_needs_is_open() {
    let open: Vec<_> = ROUTES.iter().filter(|r| r.who == Who::Anyone).map(|r| (r.method, r.path.as_str())).collect();
    assert_eq!(
        open,
        [
            ("GET", "/"),
            ("GET", "/{name}"),
            ("GET", "/assets/{name}"),
            ("GET", "/api/v1/openapi.json"),
            ("GET", "/trust"),
            ("GET", "/trust/ca.crt"),
            ("GET", "/trust/address.svg"),
            ("POST", "/api/v1/session")
        ]
    );
    // What is one's own, everybody may change.
    let own = |path: &str| {
        let learning = path.starts_with("/api/v1/lessons/");
        learning || (path.starts_with("/api/v1/session") && !path.starts_with("/api/v1/sessions"))
    };
    for (route, right) in guarded().filter(|(r, _)| !own(&r.path) && !r.path.starts_with("/api/v1/account")) {
        assert!(!route.changes() || right != Right::Look, "{} {}: what is no GET is an act", route.method, route.path);
    }
}

#[test]
fn each_role_has_its_rights_and_no_others() {
    use Right::{Air, Approve, Compose, Devices, Look, People};
    assert_eq!(Role::Viewer.rights(), [Look]);
    assert_eq!(Role::Officer.rights(), [Look, Air, Compose]);
    assert_eq!(Role::Approver.rights(), [Look, Air, Compose, Approve, People]);
    assert_eq!(Role::Technician.rights(), [Look, Air, Devices, People], "the first user makes the others");
}

#[tokio::test]
async fn a_viewer_sees_everything() {
    let place = Place::new("programme");
    let cookie = place.sign_in("khach").await;
    for (route, _) in guarded().filter(|(route, right)| *right == Right::Look && !route.changes()) {
        // The stream of events has no end; its own test reads it.
        if !route.path.ends_with("/events") {
            let answer = place.knock(json(route.method, &path_of(route), &cookie, "{}")).await;
            // He is told that there is nothing of this name, as everybody is.
            let absent = route.path.contains("{id}") && answer.status == StatusCode::NOT_FOUND;
            assert!(absent || answer.status == StatusCode::OK, "{} {}: {}", route.method, route.path, answer.text);
        }
    }
}

#[tokio::test]
async fn what_opens_a_board_is_told_to_technicians_alone() {
    let place = Place::new("programme");
    for name in ["lan", "khach"] {
        let cookie = place.sign_in(name).await;
        for path in ["/boards", "/api/v1/boards"] {
            let answer = place.knock(bare("GET", path, &cookie)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {path}");
            assert!(!answer.text.contains("b-0123"), "{}", answer.text);
        }
    }
    let cookie = place.sign_in("ky").await;
    let told = place.knock(bare("GET", "/api/v1/boards", &cookie)).await.json();
    assert_eq!(told["boards"][0]["id"], "gate");
    let url = told["boards"][0]["url"].as_str().expect("an address");
    assert!(url.ends_with("/board/gate?token=b-0123456789abcdef01234567"), "{url}");
    let page = place.knock(bare("GET", "/boards", &cookie)).await;
    assert!(page.text.contains(url) && page.text.contains("<path d=\"M"), "{}", page.text);
    assert!(page.header("cache-control").contains("no-store"));
}

#[tokio::test]
async fn nothing_of_the_officers_is_on_the_citizens_listener() {
    let place = Place::new("emergency");
    let cookie = place.sign_in("lan").await;
    let citizen = web_ui::citizen(place.told.subscribe());
    for route in ROUTES.iter().filter(|r| r.path != "/") {
        for method in ["GET", "POST", "DELETE", "PUT"] {
            let answer = knock(&citizen, json(method, &path_of(route), &cookie, "{}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {}", route.path);
        }
    }
    // `/` is there for citizens too, and holds their notice only, whoever asks.
    let answer = knock(&citizen, bare("GET", "/", &cookie)).await;
    assert_eq!(answer.status, StatusCode::OK);
    for word in ["desk.js", "sign-in", "data-role", "<script", "<form", "/api/"] {
        assert!(!answer.text.contains(word), "{word}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    for path in ["/api/v1/nothing", "/api/v2/air", "/assets/../Cargo.toml", "/assets/none.js", "/board/gate"] {
        let answer = place.knock(bare("GET", path, &cookie)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.code(), "not_found");
    }
    for route in ROUTES.iter() {
        let answer = place.knock(json("PATCH", &path_of(route), &cookie, "{}")).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{}", route.path);
        assert_eq!(answer.code(), "method_not_allowed");
        assert!(answer.header("allow").contains(route.method), "{}: {}", route.path, answer.header("allow"));
    }
}

#[tokio::test]
async fn the_published_description_has_these_routes_and_no_others() {
    let place = Place::new("quiet");
    let answer = place.knock(bare("GET", "/api/v1/openapi.json", "")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let described = answer.json();
    assert_eq!(described["openapi"], "3.1.0");
    let mut there = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            there.insert((method.to_uppercase(), path.clone(), open));
        }
    }
    let table: BTreeSet<_> =
        ROUTES.iter().map(|r| (r.method.to_owned(), r.path.clone(), r.who == Who::Anyone)).collect();
    assert_eq!(there, table);
}

#[tokio::test]
async fn the_published_description_names_the_fields_that_are_sent() {
    let place = Place::new("emergency");
    let cookie = place.sign_in("lan").await;
    let keeper = place.sign_in("ky").await;
    let described = place.knock(bare("GET", "/api/v1/openapi.json", "")).await.json();
    let mut view = invented::view("programme");
    view.alarms = invented::view("trouble").alarms;
    place.told.send_replace(std::sync::Arc::new(view));
    let mut compared = BTreeSet::new();
    let air = place.knock(bare("GET", "/api/v1/air", &cookie)).await.json();
    compare(&described, "View", &air, &mut compared);
    let bulletins = place.knock(bare("GET", "/api/v1/bulletins", &cookie)).await.json();
    compare(&described, "BulletinHead", &bulletins["bulletins"][0], &mut compared);
    let journal = place.knock(bare("GET", "/api/v1/journal", &cookie)).await.json();
    compare(&described, "JournalRow", &journal["entries"][0], &mut compared);
    let recordings = place.knock(bare("GET", "/api/v1/recordings", &cookie)).await.json();
    compare(&described, "RecordingRow", &recordings["recordings"][0], &mut compared);
    let lexicon = place.knock(bare("GET", "/api/v1/lexicon", &cookie)).await.json();
    compare(&described, "Lexicon", &lexicon, &mut compared);
    let sinks = place.knock(bare("GET", "/api/v1/sinks", &cookie)).await.json();
    compare(&described, "SinkRow", &sinks["sinks"][0], &mut compared);
    let lines = place.knock(bare("GET", "/api/v1/lines", &cookie)).await.json();
    compare(&described, "LineRow", &lines["lines"][0], &mut compared);
    let trials = place.knock(bare("GET", "/api/v1/selftest", &cookie)).await.json();
    compare(&described, "SelfTests", &trials, &mut compared);
    // The first row that drifts says how far.
    compare(&described, "Drift", &trials["last"]["rows"][4]["drift"][0], &mut compared);
    let drills = place.knock(bare("GET", "/api/v1/drills", &cookie)).await.json();
    compare(&described, "Drill", &drills["drills"][0], &mut compared);
    let people = place.knock(bare("GET", "/api/v1/people", &keeper)).await.json();
    compare(&described, "Person", &people["people"][0], &mut compared);
    let sessions = place.knock(bare("GET", "/api/v1/sessions", &keeper)).await.json();
    compare(&described, "SeatRow", &sessions["sessions"][0], &mut compared);
    let own = place.knock(bare("GET", "/api/v1/account", &cookie)).await.json();
    compare(&described, "Own", &own, &mut compared);
    let signed = place.knock(bare("GET", "/api/v1/session", &cookie)).await.json();
    compare(&described, "Signed", &signed, &mut compared);
    let sensors = place.knock(bare("GET", "/api/v1/sensors", &cookie)).await.json();
    compare(&described, "SensorView", &sensors["sensors"][0], &mut compared);
    let technician = place.sign_in("ky").await;
    let boards = place.knock(bare("GET", "/api/v1/boards", &technician)).await.json();
    compare(&described, "BoardAddress", &boards["boards"][0], &mut compared);
    let problem = place.knock(bare("GET", "/api/v1/air", "")).await.json();
    compare(&described, "Problem", &problem, &mut compared);
    let all = [
        "AlarmView",
        "BoardAddress",
        "BoardView",
        "BulletinHead",
        "ClusterView",
        "DecisionView",
        "Drift",
        "Drill",
        "DrillHeard",
        "DrillView",
        "Figure",
        "HeldDrill",
        "JournalRow",
        "Lexicon",
        "LineRow",
        "NextView",
        "OnAir",
        "OutputView",
        "Own",
        "Person",
        "PlayRow",
        "Problem",
        "ReadingView",
        "RecordingRow",
        "SeatRow",
        "SelfTestHead",
        "SelfTestView",
        "SelfTests",
        "SensorView",
        "Signed",
        "SinkRow",
        "TransmitterView",
        "Trial",
        "Tried",
        "View",
    ];
    assert_eq!(compared.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// The fields of a value are those of its schema; optional ones may be absent.
fn compare(described: &Value, schema: &str, value: &Value, compared: &mut BTreeSet<String>) {
    compared.insert(schema.to_owned());
    let shape = &described["components"]["schemas"][schema];
    let known: BTreeSet<&String> = shape["properties"].as_object().expect(schema).keys().collect();
    let sent: BTreeSet<&String> = value.as_object().expect(schema).keys().collect();
    let extra: Vec<_> = sent.difference(&known).collect();
    assert!(extra.is_empty(), "{schema} sends {extra:?} that nobody described");
    for field in shape["required"].as_array().expect(schema) {
        assert!(value.get(field.as_str().expect("a name")).is_some(), "{schema} does not send {field}");
    }
    for (name, property) in shape["properties"].as_object().expect(schema) {
        let (property, value) = if property["items"].is_object() {
            (&property["items"], &value[name][0])
        } else {
            (property, &value[name])
        };
        // A field that may be null is one of two.
        let of = property["$ref"].as_str().or_else(|| property["oneOf"][1]["$ref"].as_str()).unwrap_or_default();
        if let Some(of) = of.strip_prefix("#/components/schemas/").filter(|_| value.is_object()) {
            compare(described, of, value, compared);
        }
    }
}
