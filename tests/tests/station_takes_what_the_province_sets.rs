//! Code lists of the province are kept over a restart; its rulings on policy are taken over by the way a technician's change takes,
//! and only where the site lets it.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use site_tests::stage::{Officer, PATIENCE, Plan, Stage};
use std::time::{Duration, Instant};

fn fields(version: u32, name: &str) -> Value {
    json!({"list_id": "field", "version": version, "names": {"vi": "Lĩnh vực", "en": "Fields"}, "codes": [
        {"code": "y-te", "names": {"vi": name, "en": "Health"}},
        {"code": "suc-khoe", "names": {"vi": "Sức khỏe"}, "valid_until": "2020-12-31", "successor": "y-te"}]})
}

/// The answer of the station to a message: the `ack` of that stage.
fn told(stage: &Stage, jti: &str, rung: &str) -> Result<Value> {
    let said = stage.hub.wait_for(PATIENCE, &format!("{rung} of {jti}"), |uplinks| {
        uplinks.iter().find(|u| u.of() == Some(jti) && u.body["stage"] == rung).map(|u| u.body.clone())
    });
    said.with_context(|| format!("the station says:\n{}", stage.station.last_words()))
}

/// Looks until it is as wanted; between two lives nobody listens.
fn until<T>(stage: &Stage, what: &str, look: impl Fn(&Officer) -> Result<Option<T>>) -> Result<T> {
    let (end, mut last) = (Instant::now() + PATIENCE, String::new());
    while Instant::now() < end {
        match stage.officer().and_then(|officer| look(&officer)) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => last = format!("{error:#}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("{what} never came: {last}\n{}", stage.station.last_words())
}

#[test]
fn a_code_list_is_receipted_superseded_and_there_after_a_power_cut() -> Result<()> {
    let mut stage = Stage::up(&Plan::new("codes"))?;
    let (first, _) = stage.publish("codes", &fields(2, "Y tế, dân số"))?;
    ensure!(told(&stage, &first, "done")?["code"].is_null());
    let (older, _) = stage.publish("codes", &fields(1, "Y tế"))?;
    ensure!(told(&stage, &older, "done")?["code"] == "duplicate");
    let (bad, _) =
        stage.publish("codes", &json!({"list_id": "field", "version": 3, "names": {"vi": "x"}, "codes": []}))?;
    let refused = told(&stage, &bad, "refused")?;
    ensure!(refused["code"] == "bad_body" && refused["why"].as_str().is_some_and(|w| w.contains("codes")), "{refused}");
    let look = |stage: &Stage| -> Result<()> {
        let officer = stage.officer()?;
        let lists = officer.get("/api/v1/codes")?;
        let head = &lists.body["lists"][0];
        ensure!(
            head["id"] == "field" && head["version"] == 2 && head["count"] == 2 && head["at"].is_string(),
            "{lists:?}"
        );
        let whole = officer.get("/api/v1/codes/field")?.body;
        ensure!(
            whole["codes"][0]["names"]["vi"] == "Y tế, dân số" && whole["codes"][0]["standing"] == "valid",
            "{whole}"
        );
        ensure!(whole["codes"][1]["standing"] == "over" && whole["codes"][1]["successor"] == "y-te", "{whole}");
        ensure!(officer.get("/api/v1/codes/unit")?.status == 404);
        Ok(())
    };
    look(&stage)?;
    stage.power_cut()?;
    look(&stage)?;
    let (again, _) = stage.publish("codes", &fields(2, "Y tế"))?;
    ensure!(told(&stage, &again, "done")?["code"] == "duplicate", "the version was forgotten");
    Ok(())
}

fn ruling(id: &str, changes: &Value) -> Value {
    json!({"config_id": id, "version": 1, "why": "Giờ mùa hè của tỉnh", "changes": changes})
}

#[test]
fn a_ruling_is_taken_over_where_the_site_lets_the_province_and_refused_by_its_key_otherwise() -> Result<()> {
    let mut stage = Stage::set(&Plan::new("rulings"))?;
    let file = stage.station.config.clone();
    let read = || std::fs::read_to_string(&file).context("the file");
    let may = "[hub]\nmay_set = [\"policy.night\", \"policy.mute_minutes\", \"cluster.languages\"]\n";
    // A device that is not asked while its relay is open lets a trial last its whole time.
    std::fs::write(&file, read()?.replace("[hub]\n", may).replace("[station]\n", "[station]\ntrial_s = 8\n"))?;
    stage.start()?;
    let first = read()?;

    // One key that is not the province's: nothing of it is taken, and the key is named.
    for foreign in [
        json!({"section": "policy", "key": "skip_approval", "value": ["officer"]}),
        json!({"section": "transmitter", "id": "fm", "key": "licence", "value": "98"}),
        json!({"section": "station", "key": "trust", "value": "other.json"}),
        json!({"section": "hub", "key": "may_set", "value": ["policy.skip_approval"]}),
    ] {
        let changes = json!([{"section": "policy", "key": "mute_minutes", "value": 15}, foreign]);
        let (jti, _) = stage.publish("config", &ruling("CH-no", &changes))?;
        let refused = told(&stage, &jti, "refused")?;
        let key = format!(
            "{}.{}",
            foreign["section"].as_str().unwrap_or_default(),
            foreign["key"].as_str().unwrap_or_default()
        );
        ensure!(refused["code"] == "not_permitted", "{refused}");
        ensure!(refused["why"].as_str().is_some_and(|why| why.starts_with(&key)), "{key}: {refused}");
    }
    // What `gateway check` refuses is refused as it says it.
    let (jti, _) = stage
        .publish("config", &ruling("CH-bad", &json!([{"section": "policy", "key": "mute_minutes", "value": 999}])))?;
    let failed = told(&stage, &jti, "failed")?;
    ensure!(failed["code"] == "bad_configuration", "{failed}");
    ensure!(failed["why"].as_str().is_some_and(|why| why.starts_with("policy.mute_minutes")), "{failed}");
    ensure!(read()? == first, "the file was touched");

    // A good one waits for an emergency, is taken over, and stands.
    let officer = stage.officer()?;
    let emergency = json!({"text": "Nước đang lên, bà con lên chỗ cao.", "level": 4, "repeat": 10, "reason": "thử"});
    officer.order("/api/v1/emergency", &emergency)?;
    let changes = json!([{"section": "policy", "key": "night", "value": "22:00-04:30"},
        {"section": "cluster", "id": "thon-2", "key": "languages", "value": ["vi", "km"]}]);
    let (jti, _) = stage.publish("config", &ruling("CH-1", &changes))?;
    let waiting = told(&stage, &jti, "waiting")?;
    ensure!(waiting["code"] == "kept" && waiting["version"] == 2, "{waiting}");
    until(&stage, "waiting for the emergency", |officer| {
        let sheet = officer.get("/api/v1/configuration")?.body;
        Ok((sheet["underway"]["waits_for"] == "emergency").then_some(()))
    })?;
    ensure!(read()? == first, "the emergency was not waited for");
    officer.order("/api/v1/stop", &json!({"reason": "thử"}))?;
    let done = told(&stage, &jti, "done")?;
    ensure!(done["code"] == "stands" && done["version"] == 2 && done["config_id"] == "CH-1", "{done}");
    let now = read()?;
    ensure!(now.contains("night = \"22:00-04:30\"") && now.contains("languages = [\"vi\", \"km\"]"), "{now}");
    let history =
        until(&stage, "the history", |officer| Ok(Some(officer.get("/api/v1/configuration/versions")?.body)))?;
    let newest = &history["versions"][0];
    ensure!(newest["of"] == "CH-1/1" && newest["by"].is_null() && newest["why"] == "Giờ mùa hè của tỉnh", "{newest}");
    ensure!(newest["fate"] == "stands", "{newest}");

    // It is not carried out twice, nor in an older version; and the desk may undo it.
    let (again, _) = stage
        .publish("config", &ruling("CH-1", &json!([{"section": "policy", "key": "night", "value": "20:00-04:30"}])))?;
    ensure!(told(&stage, &again, "done")?["code"] == "duplicate");
    let undo = json!({"wanted": {"over": 2, "text": first}, "why": "xã giữ giờ cũ"});
    let undone = until(&stage, "the desk", |officer| Ok(Some(officer.put("/api/v1/configuration", &undo)?)))?;
    ensure!(undone.status == 200, "{undone:?}");
    until(&stage, "the old file", |_| Ok((read()? == first).then_some(())))?;
    Ok(())
}

#[test]
fn a_site_that_says_nothing_lets_the_province_set_nothing() -> Result<()> {
    let stage = Stage::up(&Plan::new("no-rulings"))?;
    let changes = json!([{"section": "policy", "key": "quiet_at_night", "value": true}]);
    let (jti, _) = stage.publish("config", &ruling("CH-1", &changes))?;
    let refused = told(&stage, &jti, "refused")?;
    ensure!(refused["code"] == "not_permitted", "{refused}");
    Ok(())
}
