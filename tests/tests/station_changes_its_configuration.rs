//! A running station takes a changed configuration over, refuses a bad one with its line, waits for an emergency to end, and
//! goes back by itself where the new one does not do.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use site_tests::stage::{Officer, PATIENCE, Plan, Stage};
use std::time::Instant;

/// Signs in and waits until this version stands and nothing is underway. Sessions end with the process that made them.
fn standing(stage: &Stage, version: u64) -> Result<(Officer, Value)> {
    let until = Instant::now() + PATIENCE;
    let mut last = String::new();
    while Instant::now() < until {
        match stage.officer().and_then(|officer| Ok((officer.get("/api/v1/configuration")?, officer))) {
            Ok((sheet, officer)) if sheet.body["version"] == version && sheet.body["underway"].is_null() => {
                return Ok((officer, sheet.body));
            }
            Ok((sheet, _)) => last = format!("{} {}", sheet.body["version"], sheet.body["underway"]),
            // Between two lives nobody listens.
            Err(error) => last = format!("{error:#}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    bail!("version {version} never stood: {last}\n{}", stage.station.last_words())
}

fn set(section: &str, id: Option<&str>, key: &str, value: Value) -> Value {
    json!({"act": "set", "section": section, "id": id, "key": key, "value": value})
}

fn propose(officer: &Officer, over: u64, changes: &[Value]) -> Result<site_tests::stage::Answer> {
    let body = json!({"wanted": {"over": over, "changes": changes}, "why": "thử", "over_programmes": true});
    officer.put("/api/v1/configuration", &body)
}

fn of_line(text: &str, words: &str) -> usize {
    text.lines().position(|l| l.contains(words)).map_or(0, |i| i + 1)
}

#[test]
fn a_bad_one_is_refused_a_good_one_taken_over_and_one_that_fails_is_given_up() -> Result<()> {
    let stage = Stage::up(&Plan::new("settings"))?;
    let read = || std::fs::read_to_string(&stage.station.config).context("the file");
    let first = read()?;
    let pid = stage.station.pid();
    let (officer, sheet) = standing(&stage, 1)?;
    ensure!(sheet["read_only"].is_null() && sheet["text"] == first, "{sheet}");

    // What the check refuses is refused with its line, and nothing is touched.
    let bad = propose(&officer, 1, &[set("sink", Some("record"), "volume_day", json!(180))])?;
    let problem = &bad.body["current"]["problems"][0];
    ensure!(bad.status == 422 && bad.body["code"] == "bad_configuration", "{bad:?}");
    ensure!(problem["key"] == "sink.volume_day", "{problem}");
    let checked = officer.post(
        "/api/v1/configuration/check",
        &json!({"over": 1, "changes": [set("sink", Some("record"), "volume_day", json!(180))]}),
    )?;
    let would = checked.body["text"].as_str().unwrap_or_default();
    ensure!(problem["line"] == of_line(would, "volume_day = 180"), "{problem} in\n{would}");
    let text = first.replace("frequency_mhz = 60.5", "frequency_mhz = 61.5");
    let body = json!({"wanted": {"over": 1, "text": text}, "why": "đổi tần số"});
    let locked = officer.put("/api/v1/configuration", &body)?;
    ensure!(locked.status == 409 && locked.body["code"] == "locked", "{locked:?}");
    let stale = propose(&officer, 7, &[set("policy", None, "mute_minutes", json!(5))])?;
    ensure!(stale.status == 409 && stale.body["current"]["version"] == 1, "{stale:?}");
    ensure!(read()? == first, "the file was touched");

    // A device is asked on the line that runs, before it is kept.
    let with = |unit: u8| {
        let value = json!({"id": "amp9", "driver": "modbus-relay", "line": "bus1", "unit": unit, "coil": 2});
        let wanted = json!({"over": 1, "changes": [{"act": "add", "section": "switch", "value": value}]});
        officer.post("/api/v1/configuration/probe", &json!({"wanted": wanted, "section": "switch", "id": "amp9"}))
    };
    let (there, nobody) = (with(1)?, with(99)?);
    ensure!(there.body["well"] == true && nobody.body["well"] == false, "{there:?} {nobody:?}");

    // While an emergency is on the air a good one waits; it is taken over once that is over.
    let emergency = json!({"text": "Nước đang lên, bà con lên chỗ cao.", "level": 4, "repeat": 10, "reason": "thử"});
    officer.order("/api/v1/emergency", &emergency)?;
    let good = propose(
        &officer,
        1,
        &[set("station", None, "trial_s", json!(8)), set("policy", None, "mute_minutes", json!(15))],
    )?;
    ensure!(good.status == 200 && good.body["version"] == 2, "{good:?}");
    let until = Instant::now() + PATIENCE;
    while officer.get("/api/v1/configuration")?.body["underway"]["waits_for"] != "emergency" {
        ensure!(Instant::now() < until, "it does not say what it waits for");
    }
    ensure!(read()? == first, "it did not wait");
    officer.order("/api/v1/stop", &json!({"reason": "xong"}))?;
    let (officer, _) = standing(&stage, 2)?;
    ensure!(read()?.contains("mute_minutes = 15"), "{}", read()?);
    ensure!(stage.station.pid() == pid, "another process");

    // One that the check believes and the devices do not: the station goes back by itself, and says why.
    let lost = propose(&officer, 2, &[set("line", Some("bus1"), "address", json!("127.0.0.1:1"))])?;
    ensure!(lost.status == 200, "{lost:?}");
    stage.station.wait_log("a changed configuration is given up")?;
    let (officer, _) = standing(&stage, 2)?;
    ensure!(!read()?.contains("127.0.0.1:1\""), "it stays");
    let versions = officer.get("/api/v1/configuration/versions")?.body;
    let row = &versions["versions"][0];
    ensure!(row["no"] == 3 && row["fate"] == "fell_back" && row["by"] == "admin", "{versions}");
    ensure!(row["told"].as_str().is_some_and(|t| t.contains("switch/amp")), "{row}");
    stage.wait_well()?;

    // Back to the first, as a new version.
    let old = officer.get("/api/v1/configuration/versions/1")?.body;
    let body = json!({"wanted": {"over": 2, "text": old["text"]}, "why": "như cũ", "over_programmes": true});
    let undone = officer.put("/api/v1/configuration", &body)?;
    ensure!(undone.status == 200 && undone.body["version"] == 4, "{undone:?}");
    standing(&stage, 4)?;
    ensure!(read()? == first, "{}", read()?);
    Ok(())
}
