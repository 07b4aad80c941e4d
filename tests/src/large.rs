//! A commune as large as they come, on one machine: 80 clusters, 3 transmitters, 6 boards, 4 RS-485 buses of 9600 bit/s
//! that keep the time of their wires.
//!
//! ```text
//!   Hub ─ mosquitto (TLS) ── Station ─┬─ bus0 … bus3 (ptys): 3 relay boards each, an exciter on three of them
//!                                     ├─ 3 RDS encoders (TCP), 6 LED cards (TCP)
//!                                     └─ one virtual sound card: left the amplifiers, right the transmitters
//! ```
//! Each cluster has a second path: the transmitter of another bus.

mod alert;
pub mod place;
mod settings;

pub use alert::{Alert, Dead};

use crate::broker::Broker;
use crate::hub::audience::Place;
use crate::hub::{Audience, Hub, HubOptions, Pki, Uplink};
use crate::scratch::Scratch;
use crate::stage::{CARD, COMMUNE, PATIENCE, PROVINCE, Ports, STATION, Station};
use crate::vcard::VirtualCards;
use anyhow::{Context, Result, ensure};
use place::Devices;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The commune. Dropping it ends everything at once.
pub struct Large {
    /// The station; first, so that it ends before what it talks to.
    pub station: Station,
    /// The province.
    pub hub: Hub,
    /// Its broker.
    pub broker: Broker,
    /// Its keys and certificates.
    pub pki: Pki,
    /// The devices.
    pub devices: Devices,
    _cards: VirtualCards,
    scratch: Scratch,
    alerts: std::cell::Cell<u32>,
}

impl Large {
    /// Builds everything and waits until every output is well.
    pub fn up(label: &str) -> Result<Self> {
        let scratch = Scratch::new(label)?;
        let pki = Pki::create(&scratch.join("pki"), &[])?;
        pki.add_station(&Place {
            station: STATION.to_owned(),
            province: Some(PROVINCE.to_owned()),
            commune: Some(COMMUNE.to_owned()),
        })?;
        let broker = Broker::tls(&pki)?;
        let hub = Hub::connect(&pki, HubOptions::passing(&broker.url(), &scratch.join("hub")))?;
        let devices = Devices::start(scratch.path())?;
        let cards = VirtualCards::new(label, &[CARD])?;
        let ports = Ports::free()?;
        let config = scratch.join("gateway.toml");
        let text = settings::text(&devices, ports, &broker.url(), &pki, scratch.path());
        std::fs::write(&config, text).context("writing the station's configuration")?;
        let env = vec![("ALSA_CONFIG_PATH".to_owned(), cards.config().display().to_string())];
        let station = Station::new(config, ports, env)?;
        let alerts = std::cell::Cell::new(0);
        let mut large = Self { station, hub, broker, pki, devices, _cards: cards, scratch, alerts };
        large.station.start()?;
        large.station.wait_ready()?;
        large.wait_well()?;
        Ok(large)
    }

    /// Waits until the station says that every device answers.
    pub fn wait_well(&self) -> Result<()> {
        // A sink that never sounded yet is neither well nor ill.
        self.wait_outputs("every output well", |id, state| state == "well" || id.starts_with("sink/"))
    }

    /// Waits until the station's last status says this of every output.
    pub fn wait_outputs(&self, what: &str, holds: impl Fn(&str, &str) -> bool) -> Result<()> {
        let waited = self.hub.wait_for(PATIENCE, what, |uplinks: &[Uplink]| {
            let status = uplinks.iter().rfind(|u| u.kind == "status")?;
            let outputs = status.body["outputs"].as_array().filter(|all| !all.is_empty())?;
            let word = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            outputs.iter().all(|o| holds(&word(&o["id"]), &word(&o["state"]))).then_some(())
        });
        waited.with_context(|| format!("the station says:\n{}", self.station.last_words()))
    }

    /// Waits until everything that carries sound or power to the outside is off.
    pub fn wait_off(&self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !self.devices.is_off() {
            ensure!(Instant::now() < until, "something stays on; the station says:\n{}", self.station.last_words());
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The commune as an audience.
    pub fn audience(&self) -> Audience {
        Audience::Commune(COMMUNE.to_owned())
    }

    /// A path that goes with the commune.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }
}
