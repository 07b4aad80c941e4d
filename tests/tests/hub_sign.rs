//! Messages of the hub are read by PyJWT, and messages of PyJWT by the station: neither side wrote the other's code.

use gateway_core::time::Wall;
use gateway_core::verify::{Judge, Verdict};
use serde_json::{Value, json};
use site_tests::hub::{Audience, Keyring, Pki, Signing, envelope, sign, unix_s};
use site_tests::scratch::Scratch;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const STATION: &str = "TN-25459-01";

fn peer() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../target/venv/bin/python");
    assert!(
        python.exists(),
        "no Python for foreign peers: python3 -m venv target/venv && target/venv/bin/pip install -r tests/peers/requirements.txt"
    );
    python
}

fn pyjwt(what: &str, key: &Path, input: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/jws.py");
    run(Command::new(peer()).arg(script).arg(what).arg(key), input)
}

fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it has an input").write_all(input.as_bytes()).expect("it reads its input");
    child.wait_with_output().expect("it ends")
}

fn judge(keyring: &Keyring, message: &str) -> Result<String, Verdict> {
    let now = Wall::from_unix_s(unix_s());
    let judge = Judge {
        station: STATION,
        province: "80",
        commune: "25459",
        scope: Some("c:25459"),
        wall: Some(now),
        floor: now,
    };
    keyring.trust().verify(message.as_bytes(), &judge).map(|v| v.get().jti.clone()).map_err(|r| r.verdict)
}

#[test]
fn pyjwt_reads_what_the_hub_signs() {
    let scratch = Scratch::new("sign").expect("scratch");
    let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
    let keyring = pki.keyring().expect("keys");
    let body = json!({"bulletin_id": "BT-1", "priority": "ordinary", "title": "Tiêm chủng \"mở rộng\" – xã"});
    let signing = Signing::to(&Audience::Commune("25459".to_owned()));
    let message = sign("bulletin", &body, keyring.get("hub-content").expect("key"), &signing);
    let out = pyjwt("verify", &pki.path("keys/hub-content.json"), &message);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let read: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(read["header"], json!({"alg": "EdDSA", "typ": "ttcs+jwt", "kid": "hub-content"}));
    assert_eq!(read["claims"]["body"], body);
    assert_eq!(read["claims"]["aud"], "c:25459");
    assert_eq!(read["claims"]["jti"], signing.jti.as_str());
    assert_eq!(judge(&keyring, &message), Ok(signing.jti));

    let other = pyjwt("verify", &pki.path("keys/root.json"), &message);
    assert!(!other.status.success(), "another key must not verify it");
}

#[test]
fn the_station_accepts_what_pyjwt_signs_and_nothing_altered() {
    let scratch = Scratch::new("sign").expect("scratch");
    let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
    let keyring = pki.keyring().expect("keys");
    let now = unix_s();
    let claims = json!({"iss": "other-hub", "aud": "c:25459", "jti": "py-1", "iat": now, "exp": now + 60,
        "kind": "recall", "body": {"bulletin_id": "BT-1", "reason": "sai"}});
    let out = pyjwt("sign", &pki.path("keys/hub-content.json"), &claims.to_string());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let message = String::from_utf8(out.stdout).expect("text");
    assert_eq!(judge(&keyring, &message), Ok("py-1".to_owned()));

    let other = envelope::sign_parts(
        &json!({"alg": "EdDSA", "typ": "ttcs+jwt", "kid": "hub-content"}),
        &json!({"iss": "x", "aud": "all", "jti": "py-2", "iat": now, "exp": now + 60, "kind": "recall", "body": {}}),
        keyring.get("root").expect("key"),
    );
    assert_eq!(judge(&keyring, &other), Err(Verdict::BadSignature));
}

#[test]
fn the_command_signs_many_each_with_its_own_identity() {
    let scratch = Scratch::new("sign").expect("scratch");
    let dir = scratch.join("pki");
    let pki = Pki::create(&dir, &[]).expect("pki");
    let keyring = pki.keyring().expect("keys");
    let hub = || Command::new(env!("CARGO_BIN_EXE_hub"));
    let body = r#"{"bulletin_id":"BT-@N@","priority":"emergency","content":[]}"#;
    let out = scratch.join("out");
    let many = run(
        hub()
            .args(["sign", "bulletin", "--aud", "c:25459", "--body", "-", "--count", "20", "--pki"])
            .arg(&dir)
            .arg("--out")
            .arg(&out),
        body,
    );
    assert!(many.status.success(), "{}", String::from_utf8_lossy(&many.stderr));
    let mut identities = std::collections::BTreeSet::new();
    for number in 1..=20 {
        let message = std::fs::read_to_string(out.join(format!("{number:06}.jws"))).expect("message");
        let claims = envelope::peek(&message).expect("claims");
        assert_eq!(claims.body["bulletin_id"], format!("BT-{number}"));
        assert_eq!(judge(&keyring, &message).as_ref(), Ok(&claims.jti), "the key for emergencies was chosen");
        identities.insert(claims.jti);
    }
    assert_eq!(identities.len(), 20);

    let one = run(
        hub()
            .args([
                "sign", "teleport", "--key", "hub-ops", "--aud", "p:80", "--body", "-", "--iat", "1000", "--exp",
                "2000",
            ])
            .args(["--jti", "j-1", "--pki"])
            .arg(&dir),
        "{}",
    );
    let claims = envelope::peek(&String::from_utf8_lossy(&one.stdout)).expect("claims");
    assert_eq!((claims.iat, claims.exp, claims.jti.as_str(), claims.kind.as_str()), (1000, 2000, "j-1", "teleport"));

    let same = run(
        hub()
            .args(["sign", "recall", "--aud", "all", "--body", "-", "--count", "2", "--jti", "x", "--pki"])
            .arg(&dir)
            .arg("--out")
            .arg(&out),
        "{}",
    );
    assert_eq!(same.status.code(), Some(1), "one identity for two messages is refused");
    assert_eq!(run(hub().arg("sign"), "").status.code(), Some(2), "wrong usage");
}

#[test]
fn private_keys_are_for_their_owner_alone_and_stations_are_added_later() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new("sign").expect("scratch");
    let dir = scratch.join("pki");
    let hub = |args: &[&str]| run(Command::new(env!("CARGO_BIN_EXE_hub")).args(args).arg("--out").arg(&dir), "");
    assert!(hub(&["pki", "--station", STATION, "--province", "80", "--commune", "25459"]).status.success());
    assert!(hub(&["pki", "--station", "TN-25459-02"]).status.success());
    assert_eq!(hub(&["pki", "--station", STATION]).status.code(), Some(1), "twice");
    assert_eq!(hub(&["pki", "--station", "hub"]).status.code(), Some(1), "the hub's own name");
    assert_eq!(hub(&["pki", "--station", "a/../b"]).status.code(), Some(1));
    assert_eq!(hub(&["pki", "--station", "x", "--province", "8"]).status.code(), Some(1));
    let pki = Pki::open(&dir).expect("pki");
    assert_eq!(pki.stations().expect("stations").len(), 2);
    for secret in ["ca.key", "hub.key", "broker.key", "media.key", "keys/root.json", "stations/TN-25459-01/station.key"]
    {
        let mode = std::fs::metadata(pki.path(secret)).expect(secret).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    pki.station_tls("TN-25459-02").expect("a station can use its files");
}
