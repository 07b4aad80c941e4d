//! `gateway verify` gives every message of `vectors/` exactly the verdict of its name (contract §9).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn gateway() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/gateway");
    assert!(path.exists(), "{} is not there: run `cargo build -p gateway` first", path.display());
    path
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn verify(messages: &[PathBuf]) -> Output {
    Command::new(gateway())
        .args(["verify", "--station", "TN-25459-01", "--province", "80", "--commune", "25459", "--now", "1795000000"])
        .arg("--trust")
        .arg(vectors().join("trust.json"))
        .args(messages)
        .output()
        .expect("gateway runs")
}

#[test]
fn every_vector_gets_its_verdict_and_each_is_judged_afresh() {
    let mut messages: Vec<PathBuf> = std::fs::read_dir(vectors())
        .expect("vectors")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jws"))
        .collect();
    messages.sort();
    assert_eq!(messages.len(), 32, "all vectors are there");
    // The first one again at the end: a fresh state for each, so it is not `replayed`.
    messages.push(messages.first().expect("a vector").clone());
    let out = verify(&messages);
    let text = String::from_utf8(out.stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), messages.len(), "a line each:\n{text}{}", String::from_utf8_lossy(&out.stderr));
    for (line, path) in lines.iter().zip(&messages) {
        let name = path.file_name().and_then(|n| n.to_str()).expect("name");
        let (file, verdict) = line.split_once('\t').unwrap_or_else(|| panic!("{line:?} is MESSAGE<TAB>verdict"));
        assert_eq!(Path::new(file), path, "in the order given");
        assert_eq!(Some(verdict), name.split('.').next(), "{name}");
    }
    assert_eq!(out.status.code(), Some(0), "all could be judged");
}

#[test]
fn a_message_that_cannot_be_read_is_said_and_fails() {
    let out = verify(&[vectors().join("no-such-message.jws")]);
    assert_eq!(out.status.code(), Some(1));
    let none = verify(&[]);
    assert_eq!(none.status.code(), Some(2), "without a message it is wrong usage");
}
