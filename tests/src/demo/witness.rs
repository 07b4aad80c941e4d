//! What the devices say: each looks only at its own record, and knows nothing of what the station believes.

use super::report::{Facts, Report};
use super::tale::{LEVEL, Told};
use crate::device::Event;
use crate::hub::Uplink;
use crate::stage::{BOARD, ENCODER, EXCITER, FAR_RELAY, RATE, RELAYS, SAME, Tape, locate, spoken};
use crate::vcard::player::decoded;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Channels of the card.
const HALL: usize = 0;
const FM: usize = 1;

/// Hears them all.
pub(super) fn all(report: &mut Report, told: &Told) {
    let Some(tape) = report.step("the card's recording can be read", |_| told.stage.tape()) else { return };
    report.step("card: the MP3 as ffmpeg decodes it, before the alert and on after it", |f| programme(told, &tape, f));
    report.step("card: the attention tone first, on both channels", |f| tone(told, &tape, f));
    report.step("card: then the words, three times, on both channels", |f| words(told, &tape, f));
    report.step("card: nothing on the transmitter's channel but the alert", |_| quiet(told, &tape));
    report.step("card: the province's item after the commune's, as decided", |f| order(told, &tape, f));
    report.step("recorder: the MP3, the alert's words and the province's item", |f| recorder(told, f));
    report.step("relays: only who was addressed", |f| relays(told, f));
    report.step("transmitter: mains, warm-up, carrier, code; code, carrier, mains", |f| transmitter(told, f));
    report.step("board: the words in the colour of the level", |f| board(told, f));
    report.step("hub: all ladders verified, a play log in one chain, no incident", |f| hub(told, f));
    report.step("log: no warning", |_| {
        let complaints = told.stage.station.complaints();
        ensure!(complaints.is_empty(), "{complaints:#?}");
        Ok(())
    });
}

fn ms(from_ns: u64, until_ns: u64) -> Value {
    json!((until_ns as f64 - from_ns as f64) / 1e6)
}

/// What was heard of the MP3: it began as it begins, and ended as it ends, on the other side of the alert.
fn programme(told: &Told, tape: &Tape, facts: &mut Facts) -> Result<()> {
    let (begin, rest) = told.clinic_sound.split_at(RATE * 2);
    let end = rest.get(rest.len().saturating_sub(RATE * 2)..).unwrap_or_default();
    let (alert, over) = (told.flood.sent_ns, told.flood_over_ns);
    let first = tape.find(HALL, begin, told.clinic.sent_ns, alert).context("the beginning was not played")?;
    let last = tape.find(HALL, end, over, u64::MAX).context("the end was not played")?;
    facts.insert("likeness".into(), json!([first.likeness, last.likeness]));
    ensure!(first.likeness > SAME && last.likeness > SAME, "it is not what ffmpeg decodes: {facts:?}");
    let early = tape.find(HALL, end, told.clinic.sent_ns, alert);
    ensure!(early.is_none_or(|e| e.likeness < SAME), "it had ended before the alert came");
    Ok(())
}

/// When the tone is first heard on a channel.
fn tone_begins(told: &Told, tape: &Tape, channel: usize) -> Result<u64> {
    let sent = told.flood.sent_ns;
    let until = sent + 5_000_000_000;
    let heard = (sent..until).step_by(500_000).find(|at| tape.has_tone(channel, *at, LEVEL, 4));
    let at = heard.with_context(|| format!("channel {channel} never played the tone of level {LEVEL}"))?;
    ensure!(tape.has_tone(channel, at + 20_000_000, LEVEL, 100), "a tone of one moment on channel {channel}");
    Ok(at)
}

fn tone(told: &Told, tape: &Tape, facts: &mut Facts) -> Result<()> {
    for (name, channel) in [("hall_ms", HALL), ("fm_ms", FM)] {
        let at = tone_begins(told, tape, channel)?;
        facts.insert(name.into(), ms(told.flood.sent_ns, at));
    }
    let first = tape.sounds_after(FM, told.flood.sent_ns).context("the transmitter's channel is silent")?;
    ensure!(tape.has_tone(FM, first, LEVEL, 100), "something sounded before the tone");
    Ok(())
}

fn words(told: &Told, tape: &Tape, facts: &mut Facts) -> Result<()> {
    // The tone fades out under the first word; from the second tenth of a second on, the voice is alone.
    let said = spoken(&told.flood_text, &told.stage.path(""))?.split_off(RATE / 5);
    for (name, channel) in [("hall_ms", HALL), ("fm_ms", FM)] {
        let tone = tone_begins(told, tape, channel)?;
        let times = tape.times(channel, &said, told.flood.sent_ns, told.flood_over_ns);
        facts.insert(name.into(), times.iter().map(|f| ms(told.flood.sent_ns, f.at_ns)).collect());
        ensure!(times.len() == 3, "{} times on channel {channel}: {times:?}", times.len());
        ensure!(times.iter().all(|f| f.at_ns > tone), "words before the tone");
    }
    Ok(())
}

fn quiet(told: &Told, tape: &Tape) -> Result<()> {
    let before = tape.between(FM, 0, told.flood.sent_ns);
    let after = tape.between(FM, told.flood_over_ns, u64::MAX);
    ensure!(!before.is_empty() && !after.is_empty(), "there is no recording of it");
    ensure!(before.iter().chain(after).all(|s| *s == 0), "it sounded outside the alert");
    Ok(())
}

fn order(told: &Told, tape: &Tape, facts: &mut Facts) -> Result<()> {
    let said = spoken(told.road_text, &told.stage.path(""))?;
    let end = told.clinic_sound.get(told.clinic_sound.len().saturating_sub(RATE)..).unwrap_or_default();
    let own = tape.find(HALL, end, told.flood_over_ns, u64::MAX).context("the commune's item has no end")?;
    let theirs = tape.find(HALL, &said, told.road.sent_ns, u64::MAX).context("the province's item was not said")?;
    facts.insert("likeness".into(), json!(theirs.likeness));
    ensure!(theirs.likeness > SAME, "it is not what the voice says: {theirs:?}");
    ensure!(theirs.at_ns > own.at_ns, "the province's item came first");
    Ok(())
}

fn recorder(told: &Told, facts: &mut Facts) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(10);
    let files = loop {
        let mut files: Vec<_> =
            std::fs::read_dir(told.stage.path("recordings"))?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
        files.retain(|f| f.extension().is_some_and(|e| e == "wav" || e == "part"));
        files.sort();
        // A second of silence ends a recording.
        if files.iter().all(|f| f.extension().is_some_and(|e| e == "wav")) || Instant::now() > until {
            break files;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let mut heard = Vec::new();
    for file in &files {
        heard.extend(decoded(file)?);
    }
    facts.insert("files".into(), json!(files.len()));
    let dir = told.stage.path("");
    let begin = told.clinic_sound.get(..RATE * 2).unwrap_or_default().to_vec();
    for wanted in [begin, spoken(&told.flood_text, &dir)?, spoken(told.road_text, &dir)?] {
        let likeness = locate(&heard, &wanted).map_or(0.0, |(_, likeness)| likeness);
        ensure!(likeness > SAME, "{likeness} in {files:?}");
    }
    Ok(())
}

/// What became of one thing of one device, with the milliseconds since the alert was published.
fn course(told: &Told, device: &str, event: &str) -> Vec<(f64, Value)> {
    let ours = |e: &Event| e.device == device && e.event == event;
    let events = told.stage.commune.timeline.events();
    let since = |e: Event| ((e.at_ns as f64 - told.flood.sent_ns as f64) / 1e6, e.value);
    events.into_iter().filter(ours).map(since).collect()
}

/// On once and off once: when.
fn on_and_off(told: &Told, device: &str, event: &str) -> Result<(f64, f64)> {
    match course(told, device, event).as_slice() {
        [(on, Value::Bool(true)), (off, Value::Bool(false))] => Ok((*on, *off)),
        other => bail!("{device} {event} went {other:?}, not on and off once"),
    }
}

fn relays(told: &Told, facts: &mut Facts) -> Result<()> {
    let over = (told.flood_over_ns - told.flood.sent_ns) as f64 / 1e6;
    let (amp1, amp2) = (on_and_off(told, FAR_RELAY, "coil 0")?, on_and_off(told, RELAYS, "coil 0")?);
    facts.insert("amp1_ms".into(), json!([amp1.0, amp1.1]));
    facts.insert("amp2_ms".into(), json!([amp2.0, amp2.1]));
    ensure!(amp1.0 > 0.0, "amp1 was on before the alert, though its hamlet was not addressed");
    ensure!(amp2.0 < 0.0 && amp2.1 > over, "amp2 was not on from the programme's beginning to its end");
    ensure!(amp2.1 > amp1.1, "amp1 was left on after the alert");
    Ok(())
}

fn transmitter(told: &Told, facts: &mut Facts) -> Result<()> {
    let mains = on_and_off(told, RELAYS, "coil 1")?;
    let carrier = on_and_off(told, EXCITER, "carrier")?;
    let zones = course(told, ENCODER, "zones");
    let [(open, which), (shut, none)] = zones.as_slice() else { bail!("the zones went {zones:?}") };
    facts.insert("up_ms".into(), json!({"mains": mains.0, "carrier": carrier.0, "code": open}));
    facts.insert("down_ms".into(), json!({"code": shut, "carrier": carrier.1, "mains": mains.1}));
    ensure!(*which == json!([3]) && *none == json!([]), "the zones went {zones:?}");
    ensure!(0.0 < mains.0 && mains.0 < carrier.0 && carrier.0 < *open, "not keyed in order: {facts:?}");
    ensure!(carrier.0 - mains.0 >= 500.0, "the exciter was not given time to warm up: {facts:?}");
    ensure!(*open < *shut && *shut < carrier.1 && carrier.1 < mains.1, "not let go in order: {facts:?}");
    Ok(())
}

fn board(told: &Told, facts: &mut Facts) -> Result<()> {
    let shows = course(told, BOARD, "shows");
    let with = |colour: &str, text: &str| shows.iter().find(|(_, v)| *v == json!([[text, colour]])).map(|(at, _)| *at);
    let news = with("#ffffff", "Lịch tiêm chủng").with_context(|| format!("no news in {shows:?}"))?;
    let alert = with("#ff0000", &told.flood_text).with_context(|| format!("no alert in {shows:?}"))?;
    facts.insert("alert_ms".into(), json!(alert));
    ensure!(news < 0.0 && alert > 0.0, "not in order: {shows:?}");
    Ok(())
}

fn hub(told: &Told, facts: &mut Facts) -> Result<()> {
    let uplinks = told.stage.hub.uplinks();
    let refused = told.stage.hub.refused();
    ensure!(refused.is_empty(), "uplinks that did not verify: {refused:?}");
    let incidents: Vec<&Value> = uplinks.iter().filter(|u| u.kind == "incident").map(|u| &u.body).collect();
    ensure!(incidents.is_empty(), "{incidents:?}");
    let rows: Vec<&Uplink> = uplinks.iter().filter(|u| u.kind == "playlog").collect();
    for (before, row) in rows.iter().zip(rows.iter().skip(1)) {
        ensure!(row.body["prev"] == before.body["hash"], "the play log's chain is broken at {}", row.body);
    }
    let of = |id: &str| rows.iter().filter(|r| r.body["bulletin"] == id).count();
    let (clinic, road) = (of(&told.clinic.id), of(&told.road.id));
    ensure!(
        (clinic, road, rows.len()) == (2, 2, 8),
        "a row a cluster: 2, 2 and 4, not {clinic}, {road} of {}",
        rows.len()
    );
    ensure!(rows.iter().all(|r| r.body["result"] == "done"), "not all was done: {rows:?}");
    for message in [&told.clinic, &told.road, &told.flood] {
        let stages = told.stage.hub.ladder(crate::stage::STATION, &message.jti);
        facts.insert(message.id.clone(), json!(stages.stages()));
    }
    Ok(())
}
