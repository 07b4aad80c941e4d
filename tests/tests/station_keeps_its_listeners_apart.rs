//! On real sockets: nothing of the officer's exists on the citizens' listener or the supervisor's, the desk speaks TLS with
//! its own certificate only, and orders of other sites and strangers are turned away.

use serde_json::json;
use site_tests::stage::{Plan, Stage, word};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

/// What an officer's listener answers to somebody who has not signed in: status and headers.
fn curl(stage: &Stage, args: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["-sS", "-i", "--max-time", "20"]).args(args);
    if let Some(certificate) = stage.officer_certificate() {
        command.arg("--cacert").arg(certificate);
    }
    let out = command.output().expect("curl runs");
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

const PATHS: [&str; 9] = [
    "/api/v1/openapi.json",
    "/api/v1/session",
    "/api/v1/air",
    "/api/v1/bulletins",
    "/api/v1/journal",
    "/api/v1/events",
    "/api/v1/emergency",
    "/desk.webmanifest",
    "/monitor/hall",
];

#[test]
fn each_listener_serves_its_own_people() {
    let stage = Stage::up(&Plan::new("doors")).expect("a stage");
    for path in PATHS {
        assert_eq!(stage.station.citizen(path).expect("an answer").0, 404, "{path} at the citizens' door");
        assert_eq!(stage.station.ops(path).expect("an answer").0, 404, "{path} at the supervisor's door");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(stage.station.ops(path).expect("an answer").0, 200, "{path}");
        assert_eq!(stage.station.citizen(path).expect("an answer").0, 404, "{path} at the citizens' door");
    }
    let (status, page) = stage.station.citizen("/").expect("an answer");
    assert!(status == 200 && page.contains("<html") && !page.contains("password"), "{status} {page}");

    let desk = stage.officer_url();
    let answer = curl(&stage, &[&format!("{desk}/api/v1/air")]);
    assert!(answer.contains(" 401 "), "a stranger sees the air: {answer}");
    assert!(answer.contains("application/problem+json") && !answer.contains("thon-1"), "{answer}");
    let order = word::typed_emergency(1).to_string();
    let post = format!("{desk}/api/v1/emergency");
    let json = ["-H", "content-type: application/json", "-d", &order];
    let answer = curl(&stage, &[&json[..], &[&post]].concat());
    assert!(answer.contains(" 401 "), "a stranger gives orders: {answer}");
    let answer = curl(&stage, &[&json[..], &["-H", "origin: https://evil.example", &post]].concat());
    assert!(answer.contains(" 403 "), "another site gives orders: {answer}");
    // One who may not order anything is told so, however much he sends.
    let large = "x".repeat(900_000);
    let file = stage.data().join("large.json");
    std::fs::write(&file, large).expect("written");
    let body = format!("@{}", file.display());
    let answer = curl(&stage, &["-H", "content-type: application/json", "-H", "expect:", "-d", &body, &post]);
    assert!(answer.contains(" 401 ") && answer.contains("problem+json"), "a refusal is lost: {answer}");
    let answer = curl(&stage, &[&format!("{desk}/healthz")]);
    assert!(answer.contains(" 404 "), "{answer}");

    // Another certificate is not believed, and plain HTTP is not spoken.
    let ca = stage.pki.path("ca.pem").display().to_string();
    let other = Command::new("curl").args(["-sS", "--cacert", &ca, &desk]).output().expect("curl runs");
    assert!(!other.status.success(), "the desk's certificate is not its own");
    let mut plain = TcpStream::connect(("127.0.0.1", stage.station.ports.officer)).expect("a connection");
    plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    plain.set_read_timeout(Some(std::time::Duration::from_secs(20))).expect("a limit");
    let mut answer = Vec::new();
    // An error is as good an answer as none.
    plain.read_to_end(&mut answer).ok();
    assert!(!String::from_utf8_lossy(&answer).contains("200"), "plain HTTP at the desk");
}

#[test]
fn an_officer_is_let_in_once_the_password_is_known_and_the_first_one_is_gone() {
    let stage = Stage::up(&Plan::new("door")).expect("a stage");
    let file = stage.data().join("first-password");
    assert!(file.exists());
    let word = std::fs::read_to_string(&file).expect("the first password");
    let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().expect("the file"));
    assert_eq!(mode & 0o777, 0o600);
    let officer = stage.officer().expect("an officer");
    assert!(!file.exists(), "it lies there after the first sign-in");
    assert_eq!(officer.get("/api/v1/air").expect("the air").status, 200);
    // Too large, of a wrong type, unknown fields: said, and nothing stored.
    let before = officer.journal().expect("the journal").len();
    let large = json!({"text": "x".repeat(100_000), "level": 4, "reason": "thử"});
    assert_eq!(officer.post("/api/v1/emergency", &large).expect("an answer").status, 413);
    for bad in [json!({"text": "x", "level": 9, "reason": "thử"}), json!({"text": "x", "level": 4}), json!([])] {
        assert_eq!(officer.post("/api/v1/emergency", &bad).expect("an answer").status, 422, "{bad}");
    }
    let markup = json!({"text": "<script>alert(1)</script>", "level": 4, "reason": "<b>thử</b>", "colour": "red"});
    assert_eq!(officer.post("/api/v1/emergency", &markup).expect("an answer").status, 422);
    assert_eq!(officer.journal().expect("the journal").len(), before, "something was stored");
    // The password still lets in, another does not, and the log knows neither.
    assert!(stage.officer().is_ok());
    let other = site_tests::stage::Officer::sign_in(&stage.officer_url(), stage.officer_certificate(), "admin", "x");
    assert!(other.is_err());
    assert!(!stage.station.log().join("\n").contains(word.trim()));
}
