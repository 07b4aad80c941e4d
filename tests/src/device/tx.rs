//! A transmitter that takes the `TX.*` commands over TCP. It is strict: what it does not know, or must not be set, is
//! answered with `ERROR`, and whoever sets its frequency or power is written down.

use super::port::{Connection, Port};
use super::{Mood, Timeline};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The transmitter.
#[derive(Debug)]
pub struct Tx {
    port: Port,
    state: Arc<Mutex<State>>,
}

/// Its knobs and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Frequency as it says it, MHz.
    pub frequency: String,
    /// Set power, watts.
    pub power_w: u16,
    /// Part of the forward power that comes back, per cent.
    pub reflected_percent: u16,
    /// Reflected power is said in watts, with a decimal point; else in tenths without one.
    pub points: bool,
    /// It is set to local, and obeys nobody else.
    pub local: bool,
    /// It says `FAULT`.
    pub fault: bool,
    /// It says that the ratio was too high.
    pub alarm: bool,
    /// It says names before its values.
    pub names: bool,
    /// Its final stage is dead: keyed, and no power.
    pub dead_final: bool,
    /// It knows nothing of reflected power any more.
    pub blind: bool,
    /// It is keyed.
    pub keyed: bool,
    /// What somebody tried to set that is not theirs to set.
    pub meddled: Vec<String>,
}

#[derive(Debug)]
struct State {
    name: String,
    panel: Panel,
    timeline: Timeline,
}

impl Tx {
    /// Starts a transmitter at this address (port 0: any).
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, timeline: Timeline) -> io::Result<Self> {
        let panel = Panel {
            frequency: "60.50".to_owned(),
            power_w: 30,
            reflected_percent: 2,
            points: false,
            local: false,
            fault: false,
            alarm: false,
            names: true,
            dead_final: false,
            blind: false,
            keyed: false,
            meddled: Vec::new(),
        };
        let state = Arc::new(Mutex::new(State { name: name.to_owned(), panel, timeline }));
        let served = Arc::clone(&state);
        let port = Port::open(address, move |line| serve(line, &served), || {})?;
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

    /// Turns its knobs.
    pub fn turn(&self, turn: impl FnOnce(&mut Panel)) {
        turn(&mut lock(&self.state).panel);
    }

    /// How it is set.
    pub fn panel(&self) -> Panel {
        lock(&self.state).panel.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut line: Connection, state: &Mutex<State>) {
    let mut command = Vec::new();
    while let Ok(bytes) = line.receive() {
        let mood = line.mood();
        let mut said = Vec::new();
        for byte in &bytes {
            match byte {
                b'\r' => {
                    let text = String::from_utf8_lossy(&std::mem::take(&mut command)).into_owned();
                    let answer = match mood {
                        Mood::Well | Mood::Late(_) | Mood::Cut => lock(state).obey(&text),
                        Mood::Deaf | Mood::Wrong | Mood::Echo | Mood::Absent => "nothing".to_owned(),
                    };
                    said.extend(format!("{answer}\r\n").bytes());
                }
                b'\n' => {}
                _ if command.len() < 64 => command.push(*byte),
                _ => {}
            }
        }
        if !said.is_empty() && line.answer(mood, &bytes, &said).is_err() {
            return;
        }
    }
}

impl State {
    fn obey(&mut self, command: &str) -> String {
        let panel = &mut self.panel;
        if let Some((name, value)) = command.split_once('=') {
            return match (name, value) {
                ("TX.SBY", "ON" | "OFF") => {
                    let on = value == "OFF";
                    if !panel.local && panel.keyed != on {
                        panel.keyed = on;
                        self.timeline.note(&self.name, "carrier", on);
                    }
                    "OK".to_owned()
                }
                ("TX.FREQ" | "TX.PWR", _) => {
                    panel.meddled.push(command.to_owned());
                    "ERROR".to_owned()
                }
                (_, _) => "ERROR".to_owned(),
            };
        }
        let forward = if panel.keyed && !panel.dead_final { panel.power_w } else { 0 };
        let tenths = u32::from(forward) * u32::from(panel.reflected_percent) / 10;
        let back = f64::from(panel.reflected_percent) / 100.0;
        let ratio = if forward == 0 { 1.0 } else { (1.0 + back.sqrt()) / (1.0 - back.sqrt()) };
        let either = |on: bool, yes: &str, no: &str| if on { yes } else { no }.to_owned();
        let Some(name) = command.strip_suffix('?') else { return "ERROR".to_owned() };
        let value = match name {
            "TX.PWR" => format!("{}", panel.power_w),
            "TX.PFWD" => format!("{forward}"),
            "TX.PREF" if panel.blind => return "ERROR".to_owned(),
            "TX.PREF" if panel.points => format!("{:03}.{}", tenths / 10, tenths % 10),
            "TX.PREF" => format!("{tenths}"),
            "TX.VSWR" => format!("{ratio:04.1}"),
            "TX.FREQ" => panel.frequency.clone(),
            "TX.SBY" => either(panel.keyed, "OFF", "ON"),
            "TX.FAULT" => either(panel.fault, "FAULT", "OK"),
            "TX.RFPRESENT" => either(forward > 0, "PRES", "NOT PRES"),
            "TX.ALARM.VSWR" => either(panel.alarm, "ON", "OFF"),
            _ => return "ERROR".to_owned(),
        };
        if panel.names { format!("{name}={value}") } else { value }
    }
}
