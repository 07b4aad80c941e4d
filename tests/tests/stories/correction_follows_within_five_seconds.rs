//! The correction of what was heard begins within five seconds, also when another warning is waiting for the air.

use serde_json::json;
use site_tests::told::{Told, bulletin};

fn level(mut body: serde_json::Value, level: u8) -> serde_json::Value {
    body["hazard"] = json!({"type": "lu", "level": level});
    body["repeat"] = json!(5);
    body
}

#[test]
fn it_is_said_where_the_recalled_one_was_heard() {
    let mut told = Told::new();
    told.send("bulletin", &level(bulletin("KC-1", "emergency", "Vỡ đập."), 5));
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    let correction = json!([{"type": "text", "lang": "vi", "text": "Tin vỡ đập là sai."}]);
    let at = told.now.mono;
    let recall = told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "sai", "correction": correction}));
    assert_eq!(told.rungs(&recall), ["received", "accepted"], "not done before the correction is");
    assert!(told.run_until(60_000, |t| t.heard_at("fm-audio", "Tin vỡ đập là sai.").is_some()));
    for sink in ["hall", "fm-audio"] {
        let said = told.heard_at(sink, "Tin vỡ đập là sai.").expect("it is said");
        assert!(said.since(at) <= 5_000, "{sink}: {} ms", said.since(at));
    }
    assert!(told.run_until(60_000, |t| t.rungs(&recall).len() == 3));
    assert_eq!(told.rungs(&recall)[2], "done");
    assert_eq!(told.board("gate"), None, "no end was named: with the sound the board is done");
}

#[test]
fn it_does_not_stand_in_line_behind_an_equal_warning() {
    let mut told = Told::new();
    told.send("bulletin", &level(bulletin("KC-1", "emergency", "Vỡ đập."), 4));
    told.send("bulletin", &level(bulletin("KC-2", "emergency", "Lốc xoáy."), 4));
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    let correction = json!([{"type": "text", "lang": "vi", "text": "Tin vỡ đập là sai."}]);
    let at = told.now.mono;
    told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "sai", "correction": correction}));
    assert!(told.run_until(5_000, |t| t.heard_at("hall", "Tin vỡ đập là sai.").is_some()));
    assert!(told.run_until(60_000, |t| t.heard_at("hall", "Lốc xoáy.").is_some()), "then the other one has its turn");
    assert!(told.now.mono > at);
}

#[test]
fn what_nobody_heard_needs_no_correction() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin sai."));
    told.run(5_000);
    let correction = json!([{"type": "text", "lang": "vi", "text": "Đính chính."}]);
    let recall = told.send("recall", &json!({"bulletin_id": "BT-1", "reason": "sai", "correction": correction}));
    told.run(60_000);
    assert!(told.heard("hall").is_empty());
    assert_eq!(told.rungs(&recall), ["received", "accepted", "done"]);
}
