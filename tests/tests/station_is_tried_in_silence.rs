//! `hub test` tries a station from the hub to its outputs and back: every rung, and nothing sounds, shows or switches.

use site_tests::stage::{BOARD, ENCODER, EXCITER, FAR_RELAY, Plan, RELAYS, STATION, Stage};
use std::process::Command;

#[test]
fn a_technical_test_climbs_the_ladder_and_nobody_notices() {
    let stage = Stage::up(&Plan::new("silent")).expect("a stage");
    let before = stage.commune.now();
    let out = Command::new(env!("CARGO_BIN_EXE_hub"))
        .args(["test", "--station", STATION, "--timeout", "60", "--broker", &stage.broker.url()])
        .arg("--pki")
        .arg(stage.path("pki"))
        .arg("--state")
        .arg(stage.path("hub"))
        .output()
        .expect("hub runs");
    let said = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&out.stderr));
    for rung in ["received", "accepted", "ready", "keyed", "audible", "shown", "done"] {
        assert!(said.lines().any(|l| l.contains(&format!("ms  {rung}"))), "{rung}:\n{said}");
    }
    for output in ["sink/hall", "switch/amp1", "transmitter/fm", "board/gate"] {
        assert!(said.contains(output), "{output} is named with its health:\n{said}");
    }
    let done = |device: &str| matches!(device, BOARD | ENCODER | EXCITER | FAR_RELAY | RELAYS);
    let touched: Vec<_> =
        stage.commune.timeline.events().into_iter().filter(|e| e.at_ns > before && done(&e.device)).collect();
    assert!(touched.is_empty(), "a silent test touched {touched:?}");
    let tape = stage.tape().expect("a tape");
    assert!(!tape.is_empty(), "the card is open");
    assert!((0..2).all(|c| tape.channel(c).iter().all(|s| *s == 0)), "a silent test sounded");
    assert!(stage.hub.uplinks().iter().all(|u| u.kind != "playlog" && u.kind != "incident"));
}
