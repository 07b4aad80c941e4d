//! The main job, without a person: a bulletin into a programme, a clash and its decision, an alert across it all.

use super::report::{Facts, Report, rungs};
use super::witness;
use crate::device::Event;
use crate::hub::cap::Cap;
use crate::hub::{Ladder, unix_ms};
use crate::stage::{BOARD, Officer, PATIENCE, Plan, STATION, Stage};
use crate::vcard::player::{decoded, ffmpeg};
use anyhow::{Context, Result, ensure};
use gateway_core::time::Wall;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

/// What the ordinary bulletin says; its sound comes as an MP3.
const CLINIC: &str = "Trạm y tế xã thông báo. Sáng thứ hai, từ bảy giờ, trạm tiêm chủng cho trẻ dưới hai tuổi. \
                      Mời bà con đưa trẻ đến đúng giờ.";
/// What the province's priority bulletin says.
const ROAD: &str = "Ủy ban tỉnh thông báo cấm đường tránh bão.";
/// What the alert says: headline, description, instruction.
const FLOOD: [&str; 3] = ["Lũ quét", "Nước suối dâng nhanh", "Lên chỗ cao ngay"];
/// Hazard level of the alert.
pub(super) const LEVEL: u8 = 4;
/// How much of the bulletin is heard before the alert comes.
const BEFORE_ALERT: Duration = Duration::from_millis(2_500);

/// One message on its way.
pub(super) struct Message {
    /// Its identity.
    pub(super) jti: String,
    /// The bulletin it makes.
    pub(super) id: String,
    /// When it was published, by the hub's clock, milliseconds since 1970.
    sent_ms: i64,
    /// And by the devices' clock, nanoseconds.
    pub(super) sent_ns: u64,
}

/// Everything the witnesses need to know.
pub(super) struct Told {
    pub(super) stage: Stage,
    /// The MP3 as ffmpeg decodes it.
    pub(super) clinic_sound: Vec<i16>,
    pub(super) clinic: Message,
    pub(super) road: Message,
    pub(super) road_text: &'static str,
    pub(super) flood: Message,
    pub(super) flood_text: String,
    /// When the alert's ladder closed, by the devices' clock.
    pub(super) flood_over_ns: u64,
}

/// Tells the tale once and lets the devices bear witness.
pub fn once() -> Report {
    let begun = Instant::now();
    let mut report = Report::default();
    let told = tell(&mut report);
    let heard = told.and_then(|told| {
        witness::all(&mut report, &told);
        let mut stage = told.stage;
        report.step("the station stops: everything off, and the hub knows", |_| part(&mut stage))
    });
    report.ok = heard.is_some() && report.all_well();
    report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}

fn tell(report: &mut Report) -> Option<Told> {
    let stage = report.step("hub, broker, devices and station are up", |_| Stage::up(&Plan::new("demo")))?;
    let told = perform(report, &stage);
    if told.is_none() {
        log::error!("the station's last words:\n{}", stage.station.last_words());
    }
    let (clinic_sound, clinic, road, flood, flood_text, flood_over_ns) = told?;
    Some(Told { stage, clinic_sound, clinic, road, road_text: ROAD, flood, flood_text, flood_over_ns })
}

type Performed = (Vec<i16>, Message, Message, Message, String, u64);

fn perform(report: &mut Report, stage: &Stage) -> Option<Performed> {
    let (clinic, sound) = report.step("an ordinary bulletin comes, is fetched, and waits for a person", |facts| {
        let (clinic, sound) = publish_clinic(stage)?;
        facts.insert("rungs".into(), reach(stage, &clinic, "waiting")?);
        Ok((clinic, sound))
    })?;
    let officer = report.step("an officer signs in (POST session)", |_| stage.officer())?;
    report.step("puts it into a programme as the commune's priority item (POST programmes)", |facts| {
        book(&stage.leader()?, &clinic, facts)
    })?;
    let road = report.step("a priority bulletin of the province comes", |facts| {
        let body = json!({"bulletin_id": "BT-DEMO-2", "priority": "priority", "title": "Cấm đường",
            "content": [{"type": "text", "lang": "vi", "text": ROAD}],
            "targets": {"clusters": ["thon-2", "archive"], "boards": []}});
        let road = publish(stage, "bulletin", "BT-DEMO-2", &body)?;
        facts.insert("rungs".into(), reach(stage, &road, "waiting")?);
        Ok(road)
    })?;
    report.step("the two clash: the officer decides (POST decisions)", |facts| {
        let id = officer.wait_air("a decision", |air| {
            let open = air["decisions"].as_array()?.iter().find(|d| d["bulletin"] == "BT-DEMO-2")?;
            Some((open["id"].as_u64()?, open["default"].clone()))
        })?;
        facts.insert("default".into(), id.1);
        facts.insert("decided".into(), json!("commune"));
        officer.order(&format!("/api/v1/decisions/{}", id.0), &json!({"first": "commune"}))
    })?;
    report.step("the programme is on the air", |facts| {
        facts.insert("rungs".into(), reach(stage, &clinic, "audible")?);
        // Long enough for the alert to come in the middle of it.
        std::thread::sleep(BEFORE_ALERT);
        Ok(())
    })?;
    let (flood, text, over, reference) =
        report.step("a CAP alert breaks in, is heard, shown and over", |facts| alert(stage, facts))?;
    report.step("the programme goes on where it was, the province's item after the commune's", |facts| {
        facts.insert("ordinary".into(), climb(stage, &clinic, "done")?);
        facts.insert("priority".into(), climb(stage, &road, "done")?);
        Ok(())
    })?;
    report.step("CAP Cancel: the board goes dark", |facts| {
        let mut cap = Cap::new("Actual", "Cancel");
        cap.references = vec![reference];
        cap.headline = "Hết lũ".to_owned();
        let cancel = publish(stage, "alert", "", &json!({"cap": cap.xml()}))?;
        facts.insert("rungs".into(), reach(stage, &cancel, "done")?);
        let dark = |e: &Event| e.device == BOARD && e.event == "dark" && e.at_ns > cancel.sent_ns;
        ensure!(stage.commune.timeline.wait_for(PATIENCE, |all| all.iter().any(dark)), "the board stays lit");
        stage.wait_off()
    })?;
    Some((sound, clinic, road, flood, text, over))
}

fn publish(stage: &Stage, kind: &str, id: &str, body: &Value) -> Result<Message> {
    let sent_ms = unix_ms();
    let (jti, sent_ns) = stage.publish(kind, body)?;
    Ok(Message { jti, id: id.to_owned(), sent_ms, sent_ns })
}

/// Waits for a rung; how long each took.
fn reach(stage: &Stage, message: &Message, rung: &str) -> Result<Value> {
    Ok(rungs(&stage.hub.wait_stage(STATION, &message.jti, rung, PATIENCE)?, message.sent_ms))
}

/// As [`reach`], and looks that no rung below it was left out.
fn climb(stage: &Stage, message: &Message, rung: &str) -> Result<Value> {
    let ladder: Ladder = stage.hub.wait_stage(STATION, &message.jti, rung, PATIENCE)?;
    for below in ["received", "accepted", "ready", "keyed", "audible"] {
        ensure!(ladder.rung(below).is_some(), "{}: no rung {below} in {:?}", message.id, ladder.stages());
    }
    Ok(json!({"rungs": rungs(&ladder, message.sent_ms), "outputs": ladder.rung(rung).map(|r| r.outputs.clone())}))
}

/// Speech made into an MP3, served over HTTPS, and announced.
fn publish_clinic(stage: &Stage) -> Result<(Message, Vec<i16>)> {
    let (wav, mp3) = (stage.path("clinic.wav"), stage.path("clinic.mp3"));
    let spoke = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&wav).arg(CLINIC).status();
    ensure!(spoke.context("running espeak-ng")?.success(), "espeak-ng could not speak");
    let wav = wav.display().to_string();
    ffmpeg(&["-i", &wav, "-ar", "44100", "-ac", "1", "-codec:a", "libmp3lame", "-b:a", "96k"], &mp3)?;
    let media = stage.shelf.add(&mp3)?;
    let body = json!({"bulletin_id": "BT-DEMO-1", "priority": "ordinary", "title": "Lịch tiêm chủng",
        "content": [{"type": "audio", "lang": "vi", "media": media}],
        "targets": {"clusters": ["thon-2", "archive"], "boards": ["gate"]}});
    Ok((publish(stage, "bulletin", "BT-DEMO-1", &body)?, decoded(&mp3)?))
}

fn book(leader: &Officer, clinic: &Message, facts: &mut Facts) -> Result<u64> {
    let start = Wall(unix_ms() + 4_000).rfc3339();
    let start = start.get(11..19).context("a time of day")?.to_owned();
    facts.insert("start".into(), json!(start));
    let programme = json!({"programme_id": "CT-DEMO", "version": 1, "title": "Bản tin trong ngày", "start": start,
        "duration_s": 300, "targets": {"clusters": ["thon-2", "archive"], "boards": ["gate"]},
        "items": [{"type": "chime"}, {"type": "bulletin", "bulletin_id": clinic.id, "priority": true},
                  {"type": "priority_queue"}]});
    leader.order("/api/v1/programmes", &programme)
}

fn alert(stage: &Stage, facts: &mut Facts) -> Result<(Message, String, u64, String)> {
    let mut cap = Cap::new("Actual", "Alert");
    let [headline, description, instruction] = FLOOD.map(str::to_owned);
    (cap.headline, cap.description, cap.instruction) = (headline, description, instruction);
    cap.level = Some(LEVEL);
    cap.locate(&stage.audience());
    let flood = publish(stage, "alert", "CAP", &json!({"cap": cap.xml()}))?;
    let climbed = climb(stage, &flood, "done")?;
    let over = stage.commune.now();
    ensure!(climbed["rungs"]["shown"].is_i64(), "it was not seen on the board: {climbed}");
    facts.insert("rungs".into(), climbed["rungs"].clone());
    facts.insert("outputs".into(), climbed["outputs"].clone());
    Ok((flood, format!("{}.", FLOOD.join(". ")), over, cap.reference()))
}

/// A stop that was meant.
fn part(stage: &mut Stage) -> Result<()> {
    let ended = stage.station.stop()?;
    ensure!(ended.success(), "the station ended with {ended}");
    ensure!(stage.commune.is_off(), "it left something on");
    stage.hub.wait_for(PATIENCE, "the station's farewell", |uplinks| {
        let last = uplinks.iter().rfind(|u| u.kind == "status")?;
        (last.body["state"] == "offline").then_some(())
    })
}
