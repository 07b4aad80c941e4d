//! Another box of the same identity throws the station off the broker: it is noticed, said at the desk and to the province, and given
//! way to. The other box is a client that others wrote, at a broker that others wrote.

use anyhow::{Context, Result, bail, ensure};
use site_tests::stage::{PATIENCE, Plan, STATION, Stage};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The other box, as long as it lives.
struct Double(Child);

impl Double {
    /// Connects with the station's own name and certificate, and keeps its session as a station does.
    fn connect(stage: &Stage) -> Result<Self> {
        let mine = stage.pki.station_dir(STATION);
        let child = Command::new("mosquitto_sub")
            .args(["-V", "mqttv5", "-c", "-x", "3600", "-q", "1", "-h", "localhost", "-i", STATION])
            .args(["-p", &stage.broker.port().to_string(), "-t", &format!("ttcs/1/g/{STATION}/down/#")])
            .arg("--cafile")
            .arg(mine.join("ca.pem"))
            .arg("--cert")
            .arg(mine.join("station.pem"))
            .arg("--key")
            .arg(mine.join("station.key"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(Self(child.context("starting mosquitto_sub (package `mosquitto-clients`)")?))
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn until(stage: &Stage, what: &str, look: impl Fn() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if look()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("{what} never came; the station says:\n{}", stage.station.last_words())
}

#[test]
fn a_second_box_is_noticed_said_and_given_way_to() -> Result<()> {
    let stage = Stage::up(&Plan::new("double"))?;
    let takeovers = || stage.station.metric("gateway_hub_takeovers_total");
    let connects = || stage.station.log().iter().filter(|line| line.contains("connected to the hub")).count();
    let alarm = || -> Result<bool> {
        let air = stage.officer()?.get("/api/v1/air")?.body;
        Ok(air["alarms"].to_string().contains("Có hai máy cùng mang mã trạm này"))
    };
    ensure!(takeovers()? == 0.0 && !alarm()?);
    // Debian's mosquitto closes the old connection without a word: then it takes five closings.
    for time in 1..=5_u32 {
        let before = connects();
        let double = Double::connect(&stage)?;
        until(&stage, "the takeover", || Ok(takeovers()? >= f64::from(time)))?;
        ensure!(!alarm()? || time >= 3, "once is no second box");
        if time == 5 {
            until(&stage, "the alarm", alarm)?;
        }
        drop(double);
        if time < 5 {
            until(&stage, "the link", || Ok(connects() > before))?;
        }
    }
    let incident = stage.hub.wait_for(PATIENCE, "the incident", |uplinks| {
        uplinks.iter().find(|u| u.kind == "incident" && u.body["code"] == "second_box").map(|u| u.body.clone())
    })?;
    ensure!(incident["about"] == "hub", "{incident}");
    stage.station.wait_log("two boxes of the same identity are on the broker")?;
    let count = stage.hub.uplinks().iter().filter(|u| u.body["code"] == "second_box").count();
    ensure!(count == 1, "said {count} times");
    Ok(())
}
