//! An emergency takes the air from a programme at once, and gives it back.

use gateway_core::bulletin::State;
use gateway_core::want::Source;
use serde_json::json;
use site_tests::told::{Told, bulletin};

#[test]
fn the_tone_is_wanted_in_the_same_step_and_the_programme_goes_on_after_it() {
    let mut told = Told::new();
    let ordinary = told.send("bulletin", &bulletin("BT-1", "ordinary", "Lịch tiêm chủng tháng 12."));
    told.run(2_000);
    assert_eq!(told.state("BT-1"), Some(State::WaitingChoice), "an ordinary bulletin waits for a person");
    told.send(
        "programme",
        &json!({
            "programme_id": "sang", "version": 1, "title": "Bản tin sáng", "start": "05:01", "duration_s": 600,
            "targets": {"clusters": ["*"], "boards": []},
            "items": [{"type": "chime"}, {"type": "bulletin", "bulletin_id": "BT-1"}],
        }),
    );
    assert!(told.run_until(90_000, |t| matches!(t.world.source("hall"), Some(Source::Speech(_)))), "it is on air");
    told.run(1_000);
    let alert = told.send("bulletin", &bulletin("KC-1", "emergency", "Nước lũ đang lên nhanh."));
    assert!(matches!(told.world.source("hall"), Some(Source::Tone { .. })), "in the step that admitted it");
    assert!(told.run_until(60_000, |t| t.state("KC-1") == Some(State::Done)));
    assert!(matches!(told.world.source("hall"), Some(Source::Speech(_))), "the programme goes on");

    assert!(told.run_until(60_000, |t| t.state("BT-1") == Some(State::Done)));
    assert_eq!(told.rungs(&alert), ["received", "accepted", "keyed", "audible", "shown", "ready", "done"]);
    let climbed = ["received", "accepted", "ready", "waiting", "keyed", "audible", "shown", "done"];
    assert_eq!(told.rungs(&ordinary), climbed);
}
