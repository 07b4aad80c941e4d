//! The demonstration of a large commune: 80 clusters on four slow buses, by hand or telling one tale by itself.

use super::by_hand::{say, until_ctrl_c};
use super::report::{Facts, Report};
use crate::large::place::{BUSES, limit};
use crate::large::{Alert, Dead, Large};
use anyhow::{Result, ensure};
use serde_json::json;
use std::time::Instant;

/// Whole, one bus silent, whole again: an emergency reaches every cluster each time.
pub fn large_once() -> Report {
    let begun = Instant::now();
    let mut report = Report::default();
    let told = tell(&mut report);
    report.ok = told.is_some() && report.all_well();
    report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}

fn tell(report: &mut Report) -> Option<()> {
    let mut large = report
        .step("80 clusters, 3 transmitters, 6 boards and 4 buses of 9600 bit/s are up", |_| Large::up("demo-large"))?;
    report.step("an emergency reaches every one", |facts| {
        let alert = large.alert(&Dead::default())?;
        note(&alert, facts);
        Ok(())
    })?;
    report.step(
        "a bus falls silent: its clusters are reached by another's transmitter, and nobody else waits",
        |facts| {
            large.devices.silence(1, true);
            let alert = large.alert(&Dead { buses: vec![1], ..Dead::default() })?;
            large.devices.silence(1, false);
            note(&alert, facts);
            large.wait_well()
        },
    )?;
    report.step("the bus is back: an emergency reaches every one", |facts| {
        let alert = large.alert(&Dead::default())?;
        note(&alert, facts);
        Ok(())
    })?;
    report.step("the station stops: everything off", |_| {
        let ended = large.station.stop()?;
        ensure!(ended.success(), "the station ended with {ended}");
        ensure!(large.devices.is_off(), "it left something on");
        Ok(())
    })
}

/// When the last device of each bus was keyed, and how that compares with what the bus needs at least.
fn note(alert: &Alert, facts: &mut Facts) {
    let tenth = |ms: f64| (ms * 10.0).round() / 10.0;
    for (bus, keyed) in alert.buses.iter().enumerate().take(BUSES) {
        let least = limit(bus).as_secs_f64() * 1e3;
        let row = keyed.map(|ms| {
            json!({"last_keyed_ms": tenth(ms), "limit_ms": tenth(least), "ratio": (ms / least * 100.0).round() / 100.0})
        });
        facts.insert(format!("bus{bus}"), row.unwrap_or_else(|| json!("dead")));
    }
    facts.insert("zones_open_ms".to_owned(), json!(tenth(alert.zones)));
    facts.insert("boards_shown_ms".to_owned(), json!(tenth(alert.boards)));
}

/// Runs everything until Ctrl-C.
pub fn large_by_hand() -> Result<()> {
    let mut large = Large::up("demo-large")?;
    let hub = std::env::current_exe()?.with_file_name("hub");
    let ports = large.station.ports;
    say(&format!(
        r#"
A station with 80 clusters, 3 transmitters, 6 boards and 4 RS-485 buses of 9600 bit/s runs.

  desk              https://127.0.0.1:{officer}      user admin, password in {password}
  health            http://127.0.0.1:{ops}/readyz   /metrics
  configuration     {config}
  devices' diary    {timeline}

Try, from another terminal:

{hub} publish --pki {pki} --state {state} --broker {broker} --aud {aud} alert --level 4 \
  --headline "Lũ quét" --text "Nước suối dâng nhanh" --instruction "Lên chỗ cao ngay"

Ctrl-C ends everything and removes it.
"#,
        officer = ports.officer,
        ops = ports.ops,
        password = large.path("data").join("first-password").display(),
        config = large.station.config.display(),
        timeline = large.path("timeline.jsonl").display(),
        hub = hub.display(),
        pki = large.path("pki").display(),
        state = large.path("hub").display(),
        broker = large.broker.url(),
        aud = large.audience(),
    ))?;
    until_ctrl_c(|| Ok(()))?;
    say("\nDừng trạm …")?;
    let ended = large.station.stop()?;
    say(&format!("{ended}"))
}
