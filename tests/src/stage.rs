//! A whole commune on one machine: the real station between a reference hub and simulated devices and sound cards.
//!
//! ```text
//!   Hub ─ mosquitto (TLS) ─ MediaServer (HTTPS)          Officer
//!                 │                                         │
//!                 └──────────── Station: `gateway run` ─────┘
//!                      │ TCP                  │ ALSA
//!        Commune: relays, exciter,      VirtualCards: what left them
//!        RDS encoder, LED card          and when ─▶ Tape
//! ```
//! Everything is real but the devices, and those write down what was done to them on the clock the sound cards use.

mod commune;
pub mod disk;
mod officer;
mod settings;
mod station;
mod tape;
pub mod word;

pub use commune::{BOARD, Commune, ENCODER, EXCITER, EXCITER_UNIT, FAR_RELAY, FAR_UNIT, RELAY_UNIT, RELAYS};
pub use officer::{Answer, Officer};
pub use settings::{COMMUNE, PROVINCE, Ports, STATION};
pub use station::{Station, gateway};
pub use tape::{Found, RATE, SAME, Tape, locate, spoken};

use crate::broker::Broker;
use crate::hub::{Audience, Hub, HubOptions, Ladder, MediaServer, MediaStore, Pki, audience::Place};
use crate::scratch::Scratch;
use crate::vcard::VirtualCards;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long anything that must come may take, on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The card the station plays on.
pub const CARD: &str = "vcard0";

/// What is to be built.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Helps a person who looks while it runs.
    pub label: String,
    /// The officers' listener speaks TLS.
    pub officer_tls: bool,
    /// Whoever runs the machine vouches for its clock.
    pub clock: bool,
    /// The station knows a hub; `false` leaves `[hub]` out.
    pub hub: bool,
    /// A real sound card instead of the virtual one, by its ALSA name.
    pub card: Option<String>,
    /// The hub writes down what comes up, and the broker holds it while the hub is away.
    pub hub_keeps: bool,
    /// More for the station's environment.
    pub env: Vec<(String, String)>,
    /// The bus of a NetworkManager that others wrote, and how long a change of the network is tried, seconds. `None`: there is
    /// none; the one of this machine is nobody's to touch.
    pub network: Option<(String, u32)>,
    /// More for its configuration.
    pub more: String,
}

impl Plan {
    /// Everything, with TLS and a clock that is vouched for.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            officer_tls: true,
            clock: true,
            hub: true,
            card: None,
            hub_keeps: false,
            env: Vec::new(),
            network: None,
            more: String::new(),
        }
    }
}

/// The stage. Dropping it ends everything at once.
pub struct Stage {
    /// The station; first, so that it ends before what it talks to.
    pub station: Station,
    /// The province.
    pub hub: Hub,
    /// Its broker.
    pub broker: Broker,
    /// Its media server.
    pub media: MediaServer,
    /// Its media.
    pub shelf: MediaStore,
    /// Its keys and certificates.
    pub pki: Pki,
    /// The devices.
    pub commune: Commune,
    /// The sound card.
    pub cards: VirtualCards,
    scratch: Scratch,
    password: Mutex<Option<String>>,
}

impl Stage {
    /// Builds everything and leaves the station switched off.
    pub fn set(plan: &Plan) -> Result<Self> {
        let scratch = Scratch::new(&plan.label)?;
        let pki = Pki::create(&scratch.join("pki"), &[])?;
        pki.add_station(&Place {
            station: STATION.to_owned(),
            province: Some(PROVINCE.to_owned()),
            commune: Some(COMMUNE.to_owned()),
        })?;
        let broker = Broker::tls(&pki)?;
        let media = MediaServer::start(&scratch.join("media"), "127.0.0.1:0", pki.media_tls()?)?;
        let shelf = MediaStore::of_server(&scratch.join("media"))?;
        let options = HubOptions { keeps: plan.hub_keeps, ..HubOptions::passing(&broker.url(), &scratch.join("hub")) };
        let hub = Hub::connect(&pki, options)?;
        let commune = Commune::start(&scratch.join("timeline.jsonl"))?;
        let cards = VirtualCards::new(&plan.label, &[CARD])?;
        let ports = Ports::free()?;
        let config = scratch.join("gateway.toml");
        let text = settings::text(plan, ports, &broker.url(), &pki, &commune, scratch.path());
        std::fs::write(&config, text).context("writing the station's configuration")?;
        let mut env = plan.env.clone();
        if plan.card.is_none() {
            env.push(("ALSA_CONFIG_PATH".to_owned(), cards.config().display().to_string()));
        }
        let station = Station::new(config, ports, env)?;
        let password = Mutex::new(None);
        Ok(Self { station, hub, broker, media, shelf, pki, commune, cards, scratch, password })
    }

    /// Builds everything and waits until the station is ready and the hub has seen it.
    pub fn up(plan: &Plan) -> Result<Self> {
        let mut stage = Self::set(plan)?;
        stage.start()?;
        Ok(stage)
    }

    /// Switches the station on and waits until it is ready, its devices answer, and the hub has seen it come.
    pub fn start(&mut self) -> Result<()> {
        let before = self.hub.uplinks().iter().filter(|u| u.kind == "status").count();
        self.station.start()?;
        self.station.wait_ready()?;
        self.well_after(before)
    }

    /// Waits until the hub hears that every output is well.
    pub fn wait_well(&self) -> Result<()> {
        self.well_after(self.hub.uplinks().iter().filter(|u| u.kind == "status").count().saturating_sub(1))
    }

    fn well_after(&self, before: usize) -> Result<()> {
        self.hub.wait_for(PATIENCE, "a status in which every output is well", |uplinks| {
            let fresh = uplinks.iter().filter(|u| u.kind == "status").skip(before);
            fresh.last().filter(|u| all_well(&u.body)).map(drop)
        })
    }

    /// Switches it off as SIGTERM does, and on again.
    pub fn restart(&mut self) -> Result<()> {
        self.station.stop()?;
        self.start()
    }

    /// Cuts its power, and brings it back.
    pub fn power_cut(&mut self) -> Result<()> {
        self.station.kill();
        self.start()
    }

    /// A path that goes with the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }

    /// The station's data directory.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// What left the sound card so far.
    pub fn tape(&self) -> Result<Tape> {
        Tape::read(&self.cards, CARD)
    }

    /// Waits until what left the sound card is as wanted; looks every 20 ms.
    pub fn wait_tape<T>(&self, what: &str, look: impl Fn(&Tape) -> Option<T>) -> Result<T> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.tape()?) {
                return Ok(found);
            }
            if Instant::now() > until {
                bail!("the card never played {what}; the station says:\n{}", self.station.last_words());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The commune as an audience.
    pub fn audience(&self) -> Audience {
        Audience::Commune(COMMUNE.to_owned())
    }

    /// Publishes a message to the commune and writes the moment on the timeline; its identity and that moment,
    /// CLOCK_MONOTONIC in nanoseconds.
    pub fn publish(&self, kind: &str, body: &Value) -> Result<(String, u64)> {
        self.commune.timeline.note("hub", "publishes", kind);
        let at = self.commune.now();
        Ok((self.hub.send(kind, body, &self.audience())?, at))
    }

    /// Waits until a message of the hub has reached a stage; its ladder so far.
    pub fn reach(&self, jti: &str, stage: &str) -> Result<Ladder> {
        let ladder = self.hub.wait_stage(STATION, jti, stage, PATIENCE);
        ladder.with_context(|| format!("the station says:\n{}", self.station.last_words()))
    }

    /// Waits until everything that carries sound or power to the outside is off.
    pub fn wait_off(&self) -> Result<()> {
        // Looked at from outside: the devices hold their own locks while they write the timeline.
        let until = Instant::now() + PATIENCE;
        while !self.commune.is_off() {
            if Instant::now() > until {
                bail!("something stays on; the station says:\n{}", self.station.last_words());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// What the voice makes of [`word::WORDS`], without its first tenths, which the tone still covers.
    pub fn words(&self) -> Result<Vec<i16>> {
        Ok(spoken(word::WORDS, &self.path(""))?.split_off(RATE / 5))
    }

    /// An officer who has signed in: the first user, whose first password lies on the station's disk.
    pub fn officer(&self) -> Result<Officer> {
        let mut password = self.password.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let word = match &*password {
            Some(known) => known.clone(),
            None => {
                let file = self.data().join("first-password");
                let word = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
                word.trim().to_owned()
            }
        };
        let officer = Officer::sign_in(&self.officer_url(), self.officer_certificate(), "admin", &word)?;
        *password = Some(word);
        Ok(officer)
    }

    /// A leader who has signed in: he may what [`Self::officer`] may on air, and composes and approves.
    pub fn leader(&self) -> Result<Officer> {
        let word = "mot-mat-khau-cho-lanh-dao";
        web_ui::users::add_user(&self.data(), "hoa", web_ui::Role::Approver, word)?;
        Officer::sign_in(&self.officer_url(), self.officer_certificate(), "hoa", word)
    }

    /// Address of the desk.
    pub fn officer_url(&self) -> String {
        let scheme = if self.officer_certificate().is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.station.ports.officer)
    }

    /// The authority the station made itself, where the desk speaks TLS.
    pub fn officer_certificate(&self) -> Option<PathBuf> {
        Some(self.data().join("tls/ca.pem")).filter(|p| p.exists())
    }
}

fn all_well(status: &Value) -> bool {
    let outputs = status["outputs"].as_array();
    outputs.is_some_and(|all| !all.is_empty() && all.iter().all(|o| o["state"] == "well" || asleep(o)))
}

/// A transmitter behind its mains relay says nothing before it is keyed.
fn asleep(output: &Value) -> bool {
    output["id"] == "transmitter/fm" && output["state"] == "unknown"
}
