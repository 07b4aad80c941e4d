//! A Huidu LED card, stricter than a real one: wrong lengths, identities or order are refused.

use super::port::{Connection, Next, Port, Talk};
use super::{Mood, Timeline};
use drivers::board::frame::Frame;
use drivers::board::huidu_packet::{Assembler, Fragment, Packet, Splitter, VERSION};
use drivers::board::huidu_xml::FIRST_GUID;
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub mod cpower;
mod image;
pub mod onbon_k;
pub mod onbon_y;
mod programme;
mod upload;

pub use programme::Shown;
use upload::{Shelf, Upload};

const LENGTH: u16 = 7;
const PARSE: u16 = 22;
const SESSION: u16 = 43;

/// The card.
#[derive(Debug)]
pub struct Card {
    port: Port,
    state: Arc<Mutex<State>>,
}

/// What a card holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Lit.
    pub open: bool,
    /// Identity of the programme in the card.
    pub program: Option<String>,
    /// Its texts, top to bottom, each with its colour.
    pub texts: Vec<(String, String)>,
    /// Its pictures, in order.
    pub pictures: Vec<Shown>,
    /// From when until when it is shown, as the card was told; it is shown always where there is none.
    pub between: Option<(String, String)>,
    /// Per cent, as last set.
    pub brightness: u8,
    /// As last set, `YYYY-MM-DD hh:mm:ss`.
    pub time: String,
}

#[derive(Debug)]
struct State {
    name: String,
    guid: String,
    size: (u16, u16),
    screen: Screen,
    shelf: Shelf,
    methods: Vec<String>,
    refuse: Option<(String, String)>,
    timeline: Timeline,
}

/// Where a connection stands.
#[derive(Debug, Default)]
struct Session {
    greeted: bool,
    identified: bool,
    document: Assembler,
    upload: Option<Upload>,
}

impl Card {
    /// Starts a card with a screen of this size at this address (port 0: any).
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, size: (u16, u16), timeline: Timeline) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            name: name.to_owned(),
            guid: "11112222333344445555666677778888".to_owned(),
            size,
            screen: Screen { open: true, ..Screen::default() },
            shelf: Shelf::default(),
            methods: Vec::new(),
            refuse: None,
            timeline,
        }));
        let served = Arc::clone(&state);
        let serve = move |line: Connection| {
            let (state, splitter, session) = (Arc::clone(&served), Splitter::default(), Session::default());
            line.serve(Talking { state, splitter, session });
        };
        let port = Port::open(address, serve, || {})?;
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

    /// Lets it answer one method with this result; `None`: all as they should be.
    pub fn set_refusal(&self, refusal: Option<(&str, &str)>) {
        lock(&self.state).refuse = refusal.map(|(method, result)| (method.to_owned(), result.to_owned()));
    }

    /// What it holds.
    pub fn screen(&self) -> Screen {
        lock(&self.state).screen.clone()
    }

    /// What a passer-by sees when the programme begins; `None`: nothing is lit, or the card shows letters of its own.
    pub fn screen_picture(&self) -> Option<Frame> {
        let state = lock(&self.state);
        state.screen.pictures.first().filter(|_| state.screen.open).map(|shown| shown.frame.clone())
    }

    /// Puts another programme on it, as somebody with the maker's telephone app does.
    pub fn tamper(&self, text: &str) {
        let mut state = lock(&self.state);
        state.screen.program = Some("00000000-dead-beef-0000-000000000000".to_owned());
        state.screen.texts = vec![(text.to_owned(), "#00ff00".to_owned())];
        state.screen.pictures.clear();
        state.tell();
    }

    /// Forgets its sessions, as after a restart that its connections outlive.
    pub fn forget(&self) {
        lock(&self.state).guid = "99998888777766665555444433332222".to_owned();
    }

    /// Names of the files it was sent.
    pub fn files(&self) -> Vec<String> {
        lock(&self.state).shelf.files.keys().cloned().collect()
    }

    /// The methods it was asked, in order.
    pub fn methods(&self) -> Vec<String> {
        lock(&self.state).methods.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection to the card.
struct Talking {
    state: Arc<Mutex<State>>,
    splitter: Splitter,
    session: Session,
}

impl Talk for Talking {
    fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
    }

    fn next(&mut self, acts: bool) -> Next {
        let packet = match self.splitter.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Next::More,
            Err(_) => return Next::End(Vec::new()),
        };
        let answers = if acts { lock(&self.state).take(&mut self.session, packet) } else { Vec::new() };
        Next::Answer(answers.iter().filter_map(|packet| packet.encode().ok()).flatten().collect())
    }
}

impl State {
    fn take(&mut self, session: &mut Session, packet: Packet) -> Vec<Packet> {
        match packet {
            Packet::ServiceAsk(version) => {
                session.greeted = version <= VERSION;
                vec![Packet::ServiceAnswer(VERSION, if session.greeted { 0 } else { 3 })]
            }
            Packet::Heartbeat => vec![Packet::HeartbeatAnswer],
            Packet::SdkAsk(_) | Packet::Other(..) if !session.greeted => vec![Packet::Error(SESSION)],
            Packet::SdkAsk(part) => match session.document.push(&part) {
                Ok(None) => Vec::new(),
                Ok(Some(document)) => match self.carry_out(session, &document) {
                    Ok(answer) => Fragment::parts(answer.as_bytes()).into_iter().map(Packet::SdkAnswer).collect(),
                    Err(code) => vec![Packet::Error(code)],
                },
                Err(_) => vec![Packet::Error(21)],
            },
            Packet::Other(command, payload) => {
                let answer = self.shelf.take(&mut session.upload, command, &payload);
                answer.unwrap_or_else(|code| Some(Packet::Error(code))).into_iter().collect()
            }
            Packet::ServiceAnswer(..) | Packet::SdkAnswer(_) | Packet::HeartbeatAnswer | Packet::Error(_) => {
                vec![Packet::Error(LENGTH)]
            }
        }
    }

    fn carry_out(&mut self, session: &mut Session, document: &[u8]) -> Result<String, u16> {
        let text = std::str::from_utf8(document).map_err(|_| PARSE)?;
        let tree = roxmltree::Document::parse(text).map_err(|_| PARSE)?;
        let guid = tree.root_element().attribute("guid").ok_or(PARSE)?;
        let asked = tree.root_element().first_element_child().filter(|node| node.has_tag_name("in")).ok_or(PARSE)?;
        let method = asked.attribute("method").ok_or(PARSE)?.to_owned();
        let first = method == "GetIFVersion";
        if guid != if first { FIRST_GUID } else { self.guid.as_str() } || !(first || session.identified) {
            return Err(SESSION);
        }
        session.identified = true;
        self.methods.push(method.clone());
        let (result, body) = match self.refuse.clone().filter(|(refused, _)| *refused == method) {
            Some((_, result)) => (result, String::new()),
            None => self.method(&method, asked),
        };
        Ok(format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<sdk guid=\"{}\">\r\n  <out method=\"{method}\" \
             result=\"{result}\">{body}</out>\r\n</sdk>",
            self.guid
        ))
    }

    fn method(&mut self, method: &str, asked: roxmltree::Node<'_, '_>) -> (String, String) {
        let success = |body: String| ("kSuccess".to_owned(), body);
        match method {
            "GetIFVersion" => success("<version value=\"1000000\"/>".to_owned()),
            "GetDeviceInfo" => {
                let (width, height) = self.size;
                success(format!(
                    "<device cpu=\"\" model=\"HD-C16\" id=\"C16-SIM\" name=\"sim\"/>\
                     <version fpga=\"\" app=\"7.4\" kernel=\"\"/>\
                     <screen width=\"{width}\" height=\"{height}\" rotation=\"0\"/>"
                ))
            }
            "AddProgram" => self.add_program(asked).map_or_else(|result| (result.to_owned(), String::new()), success),
            "OpenScreen" | "CloseScreen" => {
                self.screen.open = method == "OpenScreen";
                self.tell();
                success(String::new())
            }
            "GetCurrentPlayProgramGUID" => {
                success(format!("<program guid=\"{}\"/>", self.screen.program.as_deref().unwrap_or_default()))
            }
            "GetProgram" => success(format!(
                "<screen><program guid=\"{}\" type=\"normal\"/></screen>",
                self.screen.program.as_deref().unwrap_or_default()
            )),
            "GetFiles" => {
                let file = |(name, bytes): (&String, &Vec<u8>)| {
                    format!("<file name=\"{name}\" size=\"{}\" type=\"image\"/>", bytes.len())
                };
                success(format!("<files>{}</files>", self.shelf.files.iter().map(file).collect::<String>()))
            }
            "DeleteFiles" => self.delete_files(asked),
            "SetLuminancePloy" => {
                let value = |tag: &str| child(asked, tag).and_then(|node| node.attribute("value"));
                let percent = value("default").and_then(|text| text.parse().ok()).filter(|p| (1..=100).contains(p));
                match (value("mode"), percent) {
                    (Some("default"), Some(percent)) => {
                        self.screen.brightness = percent;
                        success(String::new())
                    }
                    _ => ("kParameterError".to_owned(), String::new()),
                }
            }
            "SetTimeInfo" => {
                let time = child(asked, "time").and_then(|node| node.attribute("value")).filter(|t| t.len() == 19);
                let zone = child(asked, "timezone").and_then(|node| node.attribute("value"));
                match (time, zone.is_some_and(|zone| zone.starts_with("(UTC+07:00)"))) {
                    (Some(time), true) => {
                        self.screen.time = time.to_owned();
                        success(String::new())
                    }
                    _ => ("kParameterError".to_owned(), String::new()),
                }
            }
            _ => ("kUnsupportMethod".to_owned(), String::new()),
        }
    }

    fn add_program(&mut self, asked: roxmltree::Node<'_, '_>) -> Result<String, &'static str> {
        let programme = programme::read(asked, &self.shelf.files, self.size)?;
        self.screen.program = Some(programme.guid);
        self.screen.texts = programme.texts;
        self.screen.pictures = programme.pictures;
        self.screen.between = programme.between;
        self.tell();
        Ok(String::new())
    }

    /// A file that is shown cannot be deleted, nor one that is not there.
    fn delete_files(&mut self, asked: roxmltree::Node<'_, '_>) -> (String, String) {
        let named = asked.descendants().filter(|node| node.has_tag_name("file"));
        let names: Vec<String> = named.filter_map(|node| node.attribute("name")).map(str::to_owned).collect();
        if names.is_empty() {
            return ("kParameterError".to_owned(), String::new());
        }
        if names.iter().any(|name| self.screen.pictures.iter().any(|shown| shown.file == *name)) {
            return ("kFileOccupied".to_owned(), String::new());
        }
        if names.iter().any(|name| self.shelf.files.remove(name).is_none()) {
            return ("kNotFound".to_owned(), String::new());
        }
        ("kSuccess".to_owned(), String::new())
    }

    /// Writes down what a passer-by sees now.
    fn tell(&self) {
        if self.screen.open {
            self.timeline.note(&self.name, "shows", json!(self.screen.texts));
            if !self.screen.pictures.is_empty() {
                self.timeline.note(&self.name, "pictures", json!(self.screen.pictures.len()));
            }
        } else {
            self.timeline.note(&self.name, "dark", true);
        }
    }
}

fn child<'n, 'i>(node: roxmltree::Node<'n, 'i>, name: &str) -> Option<roxmltree::Node<'n, 'i>> {
    node.children().find(|node| node.has_tag_name(name))
}
