//! An RDS encoder that takes Pira-style ASCII over TCP, as its manual has it, and the receivers that hear what it sends.
//!
//! It is strict: a command it does not know is answered `!`, a value of the wrong length, form or range `-`, and only
//! what it took goes on the air.

use super::port::{Connection, Port};
use super::{Mood, Timeline};
use drivers::transmitter::rds::Content;
use drivers::transmitter::rds::group::Group;
use drivers::transmitter::zone_code::{Order, ZoneCode};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One group on the air.
const GROUP_TIME: Duration = Duration::from_micros(87_600);
/// How many groups are kept for a test to look at.
const KEPT_GROUPS: usize = 4096;
/// Longest command it takes, characters; the rest is dropped with it.
const LONGEST_COMMAND: usize = 255;

/// The encoder with its receivers.
#[derive(Debug)]
pub struct Pira {
    port: Port,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    name: String,
    code: ZoneCode,
    /// It has no command `G=`.
    without_g: bool,
    /// It says what it is told before it answers.
    echoes: bool,
    /// It takes groups and does not send them.
    swallows: bool,
    /// It shows its groups, and does not know how to stop.
    babbles: bool,
    pi: u16,
    ps: [u8; 8],
    content: Content,
    text_b: bool,
    on: bool,
    settings: BTreeMap<String, String>,
    once: VecDeque<[u16; 3]>,
    cycles: BTreeMap<u8, Vec<[u16; 3]>>,
    turn: usize,
    due: Instant,
    stream: bool,
    unsaid: Vec<[u16; 4]>,
    aired: Vec<[u16; 4]>,
    refused: Vec<String>,
    here: bool,
    open: BTreeMap<u16, Instant>,
    timeline: Timeline,
}

impl Pira {
    /// Starts an encoder at this address (port 0: any) whose receivers obey this code.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, code: ZoneCode, timeline: Timeline) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            name: name.to_owned(),
            code,
            without_g: false,
            echoes: false,
            swallows: false,
            babbles: false,
            pi: 0x0000,
            ps: *b"  NONE  ",
            content: Content::default(),
            text_b: false,
            on: false,
            settings: BTreeMap::new(),
            once: VecDeque::new(),
            cycles: BTreeMap::new(),
            turn: 0,
            due: Instant::now(),
            stream: false,
            unsaid: Vec::new(),
            aired: Vec::new(),
            refused: Vec::new(),
            here: false,
            open: BTreeMap::new(),
            timeline,
        }));
        let (served, idle) = (Arc::clone(&state), Arc::clone(&state));
        let port = Port::open(address, move |line| serve(line, &served), move || lock(&idle).run())?;
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

    /// Makes it one that has no `G=`.
    pub fn forget_g(&self) {
        lock(&self.state).without_g = true;
    }

    /// Makes it repeat what it is told.
    pub fn set_echo(&self) {
        lock(&self.state).echoes = true;
    }

    /// Makes it take groups and send none of them.
    pub fn swallow(&self) {
        lock(&self.state).swallows = true;
    }

    /// Makes it show its groups from the first moment, whatever it is told.
    pub fn babble(&self) {
        let mut state = lock(&self.state);
        (state.babbles, state.stream, state.on) = (true, true, true);
    }

    /// Gives it another name behind the gateway's back.
    pub fn rename(&self, ps: [u8; 8]) {
        lock(&self.state).ps = ps;
    }

    /// The zones whose receivers sound now.
    pub fn open_zones(&self) -> BTreeSet<u16> {
        lock(&self.state).open.keys().copied().collect()
    }

    /// All groups that went on the air, oldest first.
    pub fn aired(&self) -> Vec<[u16; 4]> {
        lock(&self.state).aired.clone()
    }

    /// What it did not take.
    pub fn refused(&self) -> Vec<String> {
        lock(&self.state).refused.clone()
    }

    /// The last value of a setting that makes no group, e.g. `TIME`.
    pub fn setting(&self, name: &str) -> Option<String> {
        lock(&self.state).settings.get(name).cloned()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut line: Connection, state: &Mutex<State>) {
    let mut command = Vec::new();
    while let Ok(bytes) = line.poll() {
        let mood = line.mood();
        let mut said = Vec::new();
        for byte in bytes.iter().flatten() {
            match byte {
                b'\r' => {
                    let text = String::from_utf8_lossy(&std::mem::take(&mut command)).into_owned();
                    if matches!(mood, Mood::Well | Mood::Late(_)) {
                        said.extend(lock(state).obey(&text));
                    } else {
                        said.extend(b"+\r\n\r\n");
                    }
                }
                b'\n' => {}
                _ if command.len() < LONGEST_COMMAND => command.push(*byte),
                _ => {}
            }
        }
        if mood == Mood::Well {
            said.extend(lock(state).stream());
        }
        if !said.is_empty() && line.answer(mood, &bytes.unwrap_or_default(), &said).is_err() {
            return;
        }
    }
}

impl State {
    fn obey(&mut self, command: &str) -> Vec<u8> {
        let echo = if self.echoes { format!("{command}\r\n") } else { String::new() };
        let answer = match command {
            "" => return Vec::new(),
            "*R" | "*r" if self.babbles => return echo.into_bytes(),
            "*R" | "*r" => {
                (self.stream, self.unsaid) = (command == "*R", Vec::new());
                return echo.into_bytes();
            }
            "PSW" => return format!("{echo}{}\r\n\r\n", String::from_utf8_lossy(&self.ps)).into_bytes(),
            _ => match command.split_once('=') {
                Some((name, value)) => self.set(name, value),
                None => "!",
            },
        };
        if answer != "+" {
            self.refused.push(format!("{command} {answer}"));
        }
        format!("{echo}{answer}\r\n\r\n").into_bytes()
    }

    fn set(&mut self, name: &str, value: &str) -> &'static str {
        let taken = match name {
            "PI" => hex_word(value).map(|pi| self.pi = pi),
            "PS" => value.as_bytes().try_into().ok().map(|ps| self.ps = ps),
            "PTY" => number(value, 31).map(|pty| self.content.pty = pty),
            "TP" => bit(value).map(|on| self.content.tp = on),
            "TA" => bit(value).map(|on| self.content.ta = on),
            "RT1" if value.len() <= 64 && value.is_ascii() => {
                if self.content.text != value {
                    self.text_b = !self.text_b;
                }
                value.clone_into(&mut self.content.text);
                Some(())
            }
            "RDSGEN" => bit(value).map(|on| self.on = on),
            "G" if self.without_g => return "!",
            "G" => one_group(value).map(|group| self.once.push_back(group)),
            "UDG1" | "UDG2" => groups(value).map(|all| {
                self.cycles.insert(if name == "UDG1" { 1 } else { 2 }, all);
            }),
            "CT" => bit(value).map(|_| self.keep(name, value)),
            "LTO" => value.parse::<i8>().ok().filter(|n| n.abs() <= 24).map(|_| self.keep(name, value)),
            "TIME" => digits(value, ':', &[2, 2, 2]).then(|| self.keep(name, value)),
            "DATE" => digits(value, '.', &[2, 2, 4]).then(|| self.keep(name, value)),
            _ => return "!",
        };
        if taken.is_some() { "+" } else { "-" }
    }

    fn keep(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// What goes on the air when nothing is handed over: names and texts in turn, and what is cyclic between them.
    fn own(&mut self) -> Vec<[u16; 3]> {
        let bearing = self.content.bearing();
        let mut all: Vec<[u16; 3]> = Vec::new();
        let names = self.content.name_groups(&self.ps);
        let texts = self.content.text_groups(self.text_b);
        for at in 0..names.len().max(texts.len()) {
            let both = [names.get(at % names.len()), texts.get(at)];
            all.extend(both.into_iter().flatten().map(|g| g.blocks(bearing)));
        }
        all.extend(self.cycles.values().flatten());
        all
    }

    /// Puts on the air what is due.
    fn run(&mut self) {
        let now = Instant::now();
        while self.on && self.due <= now {
            self.due = (self.due + GROUP_TIME).max(now.checked_sub(GROUP_TIME * 4).unwrap_or(now));
            let own = self.own();
            let next = match self.once.pop_front() {
                Some(_) if self.swallows => None,
                Some(group) => Some(group),
                None => {
                    self.turn += 1;
                    own.get(self.turn % own.len().max(1)).copied()
                }
            };
            if let Some([b, c, d]) = next {
                self.air([self.pi, b, c, d]);
            }
        }
        let before: BTreeSet<u16> = self.open.keys().copied().collect();
        self.open.retain(|_, until| *until > now);
        self.tell(&before);
    }

    fn air(&mut self, blocks: [u16; 4]) {
        if self.aired.len() < KEPT_GROUPS {
            self.aired.push(blocks);
        }
        if self.stream {
            self.unsaid.push(blocks);
        }
        let [_, rest @ ..] = blocks;
        let before: BTreeSet<u16> = self.open.keys().copied().collect();
        let until = Instant::now() + Duration::from_secs(u64::from(self.code.profile.auto_off_s));
        match self.code.read(&Group::of(rest).0) {
            Some((Order::Here, _)) => self.here = true,
            // A receiver that has not seen which code is on the air does not know what the groups mean.
            Some(_) if !self.here && !self.code.profile.announce.is_empty() => {}
            Some((Order::CloseAll, _)) => self.open.clear(),
            Some((Order::Open(zone), _)) => {
                self.open.insert(zone, until);
            }
            Some((Order::Close(zone), _)) => {
                self.open.remove(&zone);
            }
            Some((Order::State { page, mask }, _)) => {
                self.open.retain(|zone, _| zone >> 4 != page);
                self.open.extend((0..16).filter(|bit| mask >> bit & 1 == 1).map(|bit| (page << 4 | bit, until)));
            }
            None => {}
        }
        self.tell(&before);
    }

    fn tell(&self, before: &BTreeSet<u16>) {
        let after: BTreeSet<u16> = self.open.keys().copied().collect();
        if after != *before {
            self.timeline.note(&self.name, "zones", json!(after));
        }
    }

    /// The groups that went on the air since they were asked for last, as `*R` shows them.
    fn stream(&mut self) -> Vec<u8> {
        let show = |[a, b, c, d]: [u16; 4]| format!("G:\r\n{a:04X}{b:04X}{c:04X}{d:04X}\r\n\r\n").into_bytes();
        std::mem::take(&mut self.unsaid).into_iter().flat_map(show).collect()
    }
}

fn hex_word(text: &str) -> Option<u16> {
    let plain = text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    u16::from_str_radix(text, 16).ok().filter(|_| plain)
}

fn one_group(text: &str) -> Option<[u16; 3]> {
    let block = |at: usize| hex_word(text.get(at..at + 4)?);
    Some([block(0)?, block(4)?, block(8)?]).filter(|_| text.len() == 12)
}

fn groups(text: &str) -> Option<Vec<[u16; 3]>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let all: Option<Vec<_>> = text.split(',').map(one_group).collect();
    all.filter(|all| all.len() <= 8)
}

fn bit(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn number(text: &str, most: u8) -> Option<u8> {
    text.parse().ok().filter(|n| *n <= most && !text.starts_with('+'))
}

fn digits(text: &str, between: char, lengths: &[usize]) -> bool {
    let parts: Vec<&str> = text.split(between).collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(p, n)| p.len() == *n && p.bytes().all(|b| b.is_ascii_digit()))
}
