//! `gateway selftest` beside a running station: in silence it only looks, in full it tries every device, and what is deaf
//! is named with what to do about it.

use serde_json::{Value, json};
use site_tests::device::Mood;
use site_tests::stage::{BOARD, ENCODER, EXCITER, FAR_RELAY, FAR_UNIT, Plan, RELAYS, Stage};

/// Exit code, standard output, standard error.
fn selftest(stage: &Stage, words: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = std::iter::once("selftest").chain(words.iter().copied()).collect();
    let out = stage.station.command(&all).expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (out.status.code(), text(out.stdout), text(out.stderr))
}

fn row<'v>(result: &'v Value, id: &str) -> &'v Value {
    let rows = result["rows"].as_array().expect("rows");
    rows.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("no {id} in {result:#}"))
}

fn figure(result: &Value, id: &str, name: &str) -> Option<f64> {
    row(result, id)["figures"].as_array()?.iter().find(|f| f["name"] == name)?["value"].as_f64()
}

fn json_of(said: &(Option<i32>, String, String)) -> Value {
    serde_json::from_str(&said.1).unwrap_or_else(|e| panic!("{e}: {said:?}"))
}

#[test]
fn a_technician_tries_the_box_in_silence_in_full_and_with_a_deaf_relay() {
    let mut stage = Stage::up(&Plan::new("selftest")).expect("a stage");
    let ours = |device: &str| matches!(device, BOARD | ENCODER | EXCITER | FAR_RELAY | RELAYS);

    let before = stage.commune.now();
    let said = selftest(&stage, &["--json"]);
    assert_eq!(said.0, Some(0), "{said:?}\n{}", stage.station.last_words());
    let result = json_of(&said);
    for id in ["sink/hall", "switch/amp1", "switch/amp2", "switch/fm-mains", "board/gate", "clock", "disk", "hub"] {
        assert_eq!(row(&result, id)["outcome"], "pass", "{id}: {result:#}");
    }
    assert_eq!(row(&result, "transmitter/fm")["outcome"], "not_tested", "its mains are off");
    assert!(figure(&result, "switch/amp1", "answer_ms").is_some() && figure(&result, "sink/hall", "xruns").is_some());
    let touched: Vec<_> =
        stage.commune.timeline.events().into_iter().filter(|e| e.at_ns > before && ours(&e.device)).collect();
    assert!(touched.is_empty(), "a silent test touched {touched:?}");

    let since = stage.commune.now();
    let said = selftest(&stage, &["--full", "--json"]);
    assert_eq!(said.0, Some(0), "{said:?}\n{}", stage.station.last_words());
    let result = json_of(&said);
    assert_eq!(row(&result, "transmitter/fm")["outcome"], "pass");
    assert!(figure(&result, "transmitter/fm", "forward_w").is_some_and(|w| w > 0.0), "{result:#}");
    let commune = &stage.commune;
    for (relay, coil) in [(FAR_RELAY, "coil 0"), (RELAYS, "coil 0"), (RELAYS, "coil 1")] {
        let on = commune.when(relay, coil, &json!(true), since).unwrap_or_else(|| panic!("{relay} {coil} is closed"));
        assert!(commune.when(relay, coil, &json!(false), on).is_some(), "{relay} {coil} is opened again");
    }
    assert!(commune.when(EXCITER, "carrier", &json!(true), since).is_some());
    let events = commune.timeline.events();
    let zones = events.iter().filter(|e| e.at_ns > since && e.device == ENCODER && e.event == "zones");
    assert!(zones.clone().all(|e| e.value == json!([])), "no receiver opens: {:?}", zones.collect::<Vec<_>>());
    let shown = events.iter().find(|e| e.at_ns > since && e.device == BOARD && e.event == "shows");
    assert!(shown.is_some_and(|e| e.value.to_string().contains("KIỂM TRA")), "{shown:?}");
    stage.wait_off().expect("everything goes off");
    let tape = stage.tape().expect("a tape");
    assert!(!tape.is_empty(), "the card is open");
    assert!((0..2).all(|c| tape.channel(c).iter().all(|s| *s == 0)), "without a microphone no test sounds");

    stage.commune.bus.set_unit_mood(FAR_UNIT, Mood::Deaf);
    let (code, table, why) = selftest(&stage, &[]);
    assert_eq!(code, Some(1), "{table}{why}");
    let bad: Vec<&str> = table.lines().filter(|l| l.contains("HỎNG")).collect();
    assert!(matches!(bad.as_slice(), [one] if one.starts_with("switch/amp1 ")), "{table}");
    assert!(why.contains("1 thiết bị hỏng"), "{why}");
    let (code, list, _) = selftest(&stage, &["--print"]);
    assert_eq!(code, Some(1));
    assert!(list.contains("1. switch/amp1 – HỎNG") && list.contains("Việc cần làm: "), "{list}");
    let officer = stage.officer().expect("signed in");
    let desk = officer.get("/api/v1/selftest/last").expect("an answer");
    assert_eq!(
        (desk.status, desk.body.as_str().map(str::trim)),
        (200, Some(list.trim())),
        "the desk has the same list"
    );
    let told = stage.hub.uplinks().into_iter().find(|u| u.kind == "incident" && u.body["code"] == "selftest_failed");
    assert_eq!(told.map(|u| u.body["about"].clone()), Some(json!("switch/amp1")));

    stage.commune.bus.set_unit_mood(FAR_UNIT, Mood::Well);
    assert_eq!(selftest(&stage, &[]).0, Some(0), "mended");
    stage.station.stop().expect("it stops");
    let (code, table, why) = selftest(&stage, &[]);
    assert_eq!(code, Some(0), "{table}{why}");
    assert!(why.contains("trạm không chạy") && table.contains("switch/amp1"), "{why}{table}");
    assert_eq!(selftest(&stage, &["--full"]).0, Some(1), "nothing is switched behind a station's back");
}
