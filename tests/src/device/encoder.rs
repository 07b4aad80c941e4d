//! An RDS encoder that takes UECP over TCP, and the receivers that hear what it sends.

use super::port::{Connection, Port};
use super::{Mood, Timeline};
use drivers::transmitter::cluster_code::{HOLD_S, Network, Saying, zones_of};
use drivers::transmitter::uecp_element::{Element, Group};
use drivers::transmitter::uecp_frame::{Decoder, Frame};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many groups are kept for a test to look at.
const KEPT_GROUPS: usize = 4096;

/// The encoder with its receivers.
#[derive(Debug)]
pub struct Encoder {
    port: Port,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    name: String,
    network: Network,
    acknowledges: bool,
    refuses: Option<u8>,
    here: bool,
    rds: bool,
    open: BTreeMap<u16, Instant>,
    groups: Vec<Group>,
    bad_frames: u64,
    timeline: Timeline,
}

impl Encoder {
    /// Starts an encoder at this address (port 0: any) whose receivers belong to this network.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, network: Network, timeline: Timeline) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            name: name.to_owned(),
            network,
            acknowledges: false,
            refuses: None,
            here: false,
            rds: false,
            open: BTreeMap::new(),
            groups: Vec::new(),
            bad_frames: 0,
            timeline,
        }));
        let (served, idle) = (Arc::clone(&state), Arc::clone(&state));
        let port = Port::open(address, move |line| serve(line, &served), move || lock(&idle).fall_silent())?;
        Ok(Self { port, state })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
    }

    /// Lets it answer each frame with this code (0: understood), or with nothing.
    pub fn set_acknowledge(&self, code: Option<u8>) {
        let mut state = lock(&self.state);
        (state.acknowledges, state.refuses) = (code.is_some(), code.filter(|code| *code != 0));
    }

    /// The zones whose receivers sound now.
    pub fn open_zones(&self) -> BTreeSet<u16> {
        lock(&self.state).open.keys().copied().collect()
    }

    /// The groups that were put on the air, oldest first.
    pub fn groups(&self) -> Vec<Group> {
        lock(&self.state).groups.clone()
    }

    /// Frames that were none.
    pub fn bad_frames(&self) -> u64 {
        lock(&self.state).bad_frames
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut line: Connection, state: &Mutex<State>) {
    let mut decoder = Decoder::default();
    while let Ok(bytes) = line.receive() {
        for byte in &bytes {
            let Some(decoded) = decoder.push(*byte) else { continue };
            let mood = line.mood();
            let answer = match decoded {
                Ok(frame) if matches!(mood, Mood::Well | Mood::Late(_) | Mood::Cut) => lock(state).take(&frame),
                Ok(_) => Some(Vec::new()),
                Err(_) => {
                    lock(state).bad_frames += 1;
                    None
                }
            };
            if let Some(answer) = answer
                && line.answer(mood, &bytes, &answer).is_err()
            {
                return;
            }
        }
    }
}

impl State {
    /// Carries out a frame; gives the acknowledgement where it makes one.
    fn take(&mut self, frame: &Frame) -> Option<Vec<u8>> {
        let known = match Element::decode(&frame.message) {
            Some(_) if self.refuses.is_some() => true,
            Some(Element::FreeFormat(group)) => {
                self.air(group);
                true
            }
            Some(Element::RdsOn(on)) => {
                if self.rds != on {
                    self.timeline.note(&self.name, "rds", on);
                }
                self.rds = on;
                true
            }
            Some(_) => true,
            None => false,
        };
        let code = self.refuses.unwrap_or(if known { 0 } else { 3 });
        let message = Element::Acknowledge { code, sequence: Some(frame.sequence) }.encode();
        let answer = Frame { address: frame.address, sequence: 0, message };
        self.acknowledges.then(|| answer.encode().ok()).flatten()
    }

    /// What the receivers do when a group goes on the air.
    fn air(&mut self, group: Group) {
        if self.groups.len() < KEPT_GROUPS {
            self.groups.push(group);
        }
        let before: BTreeSet<u16> = self.open.keys().copied().collect();
        let saying = Saying::read(&group, self.network);
        match saying {
            Some(Saying::Here(_)) => self.here = true,
            Some(Saying::CloseAll { .. }) => self.open.clear(),
            // A receiver that has not seen which code is on the air does not know what 11A means.
            Some(Saying::State { page, mask, .. }) if self.here => {
                self.open.retain(|zone, _| zone >> 4 != u16::from(page));
                let until = Instant::now() + Duration::from_secs(HOLD_S);
                self.open.extend(zones_of(page, mask).map(|zone| (zone, until)));
            }
            Some(Saying::State { .. }) | None => {}
        }
        self.tell(&before);
    }

    fn fall_silent(&mut self) {
        let before: BTreeSet<u16> = self.open.keys().copied().collect();
        let now = Instant::now();
        self.open.retain(|_, until| *until > now);
        self.tell(&before);
    }

    fn tell(&self, before: &BTreeSet<u16>) {
        let after: BTreeSet<u16> = self.open.keys().copied().collect();
        if after != *before {
            self.timeline.note(&self.name, "zones", json!(after));
        }
    }
}
