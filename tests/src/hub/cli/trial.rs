//! `hub test`: a silent trial of a station, from the hub to its outputs and back.

use super::{DeskArgs, say};
use crate::hub::audience::check_station;
use crate::hub::cap::Cap;
use crate::hub::{Audience, Ladder, Signing, envelope, unix_ms};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Station
    #[arg(long, value_name = "ID")]
    station: String,
    /// How long the ladder may take to close, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
}

/// Sends a CAP alert of status Test, which a station carries out in silence; yes if its ladder closed with `done`.
pub(super) fn run(args: &TestArgs) -> Result<bool> {
    check_station(&args.station)?;
    let (_, hub) = args.desk.open()?;
    let audience = Audience::Station(args.station.clone());
    let mut cap = Cap::new("Test", "Alert");
    cap.event = "Kiểm tra kỹ thuật".to_owned();
    cap.headline = "Kiểm tra không phát thanh".to_owned();
    let mut signing = Signing::to(&audience);
    // It must not be carried out later, when nobody looks.
    signing.exp = signing.iat + i64::try_from(args.timeout).unwrap_or(i64::MAX / 2) + 60;
    let key = hub.keyring().for_kind("alert", true)?;
    let jws = envelope::sign("alert", &json!({"cap": cap.xml()}), key, &signing);
    let start_ms = unix_ms();
    hub.publish_on(&audience.topic("alert"), jws.as_bytes())?;
    let mut shown = 0;
    let closed = hub.wait_for(Duration::from_secs(args.timeout), "the ladder to close", |uplinks| {
        let ladder = Ladder::of(uplinks, &args.station, &signing.jti);
        for rung in ladder.0.iter().skip(shown) {
            let note = |name: &str| rung.body.get(name).and_then(Value::as_str).map(|v| format!(" {v}"));
            let notes = [note("code"), note("grade")].into_iter().flatten().collect::<String>();
            // A closed pipe must not end the trial: its verdict is the exit code.
            say(format_args!("{:>8} ms  {}{notes}", rung.received_ms - start_ms, rung.stage)).ok();
        }
        shown = ladder.0.len();
        ladder.closing().cloned()
    });
    match closed {
        Ok(rung) => {
            for output in &rung.outputs {
                say(format_args!("             {output}"))?;
            }
            Ok(rung.stage == "done")
        }
        Err(_) => {
            say(format_args!("no end within {} s", args.timeout))?;
            Ok(false)
        }
    }
}
