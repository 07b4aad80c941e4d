//! A C-Power5200 card, stricter than a real one: wrong sums, lengths, orders and pictures that do not fit are refused.

use super::super::multidrop::Branch;
use super::super::port::{Connection, Feeling, Next, Port, Talk};
use super::super::{Mood, Timeline};
use drivers::board::cpower_packet::{Link, Packet, Splitter, command};
use drivers::board::frame::Frame;
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod picture;

/// The card.
#[derive(Debug)]
pub struct Cpower {
    end: End,
    state: Arc<Mutex<State>>,
}

/// Where it is reached.
#[derive(Debug)]
enum End {
    Port(Port),
    Line(Feeling),
}

#[derive(Debug)]
struct State {
    name: String,
    size: (u16, u16),
    card: u8,
    /// Answers say that they are answers: firmware 3.3 and later.
    says: bool,
    on: bool,
    window: bool,
    picture: Option<Frame>,
    pictures: u32,
    refused: u32,
    brightness: [u8; 24],
    clock: Option<[u8; 7]>,
    /// Parts of an external call so far, and the number of the next.
    call: (Vec<u8>, u8),
    timeline: Timeline,
}

impl Cpower {
    /// Starts card 1 with a screen of this size at this address (port 0: any); serial packets come through a serial
    /// server.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, size: (u16, u16), link: Link, timeline: Timeline) -> io::Result<Self> {
        let state = State::new(name, 1, size, timeline);
        let served = Arc::clone(&state);
        let serve = move |line: Connection| {
            line.serve(Talking { state: Arc::clone(&served), link, splitter: Splitter::new(link) });
        };
        let port = Port::open(address, serve, || {})?;
        Ok(Self { end: End::Port(port), state })
    }

    /// A card with this number, to be put on a serial line with others.
    pub fn on_line(name: &str, card: u8, size: (u16, u16), timeline: Timeline) -> (Self, Branch) {
        let (mood, state) = (Feeling::default(), State::new(name, card, size, timeline));
        let (felt, served) = (mood.clone(), Arc::clone(&state));
        let talk = move || -> Box<dyn Talk> {
            let (state, link, splitter) = (Arc::clone(&served), Link::Serial, Splitter::new(Link::Serial));
            Box::new(Talking { state, link, splitter })
        };
        (Self { end: End::Line(mood), state }, Branch { mood: felt, talk: Box::new(talk) })
    }

    /// Where it listens.
    ///
    /// # Panics
    /// When it is on a line.
    pub fn address(&self) -> SocketAddr {
        match &self.end {
            End::Port(port) => port.address,
            End::Line(_) => panic!("a card on a line has no address"),
        }
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        match &self.end {
            End::Port(port) => port.mood.set(mood),
            End::Line(feeling) => feeling.set(mood),
        }
    }

    /// Makes its firmware one that does not mark its answers.
    pub fn make_old(&self) {
        lock(&self.state).says = false;
    }

    /// What a passer-by sees; `None`: nothing is lit.
    pub fn screen_picture(&self) -> Option<Frame> {
        let state = lock(&self.state);
        state.picture.clone().filter(|_| state.on)
    }

    /// How many pictures it was sent.
    pub fn pictures(&self) -> u32 {
        lock(&self.state).pictures
    }

    /// How many packets it refused or could not read.
    pub fn refused(&self) -> u32 {
        lock(&self.state).refused
    }

    /// Brightness of each hour, 0–31.
    pub fn brightness(&self) -> [u8; 24] {
        lock(&self.state).brightness
    }

    /// The clock it was set to: second, minute, hour, weekday, day, month, year.
    pub fn clock(&self) -> Option<[u8; 7]> {
        lock(&self.state).clock
    }

    /// Switches its screen, as somebody with the maker's program does.
    pub fn tamper(&self, on: bool) {
        let mut state = lock(&self.state);
        state.on = on;
        state.tell();
    }

    /// Takes its power away and gives it back: windows and pictures are gone, the screen is on.
    pub fn cut_power(&self) {
        let mut state = lock(&self.state);
        (state.on, state.window, state.picture) = (true, false, None);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection to the card.
struct Talking {
    state: Arc<Mutex<State>>,
    link: Link,
    splitter: Splitter,
}

impl Talk for Talking {
    fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
    }

    fn next(&mut self, acts: bool) -> Next {
        let packet = match self.splitter.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Next::More,
            Err(_) if self.link == Link::Serial => {
                lock(&self.state).refused += 1;
                return Next::Silence;
            }
            Err(_) => return Next::End(Vec::new()),
        };
        let answer = if acts { lock(&self.state).take(&packet) } else { None };
        Next::Answer(answer.map(|packet| packet.encode(self.link)).unwrap_or_default())
    }
}

impl State {
    fn new(name: &str, card: u8, size: (u16, u16), timeline: Timeline) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            name: name.to_owned(),
            size,
            card,
            says: true,
            on: true,
            window: false,
            picture: None,
            pictures: 0,
            refused: 0,
            brightness: [31; 24],
            clock: None,
            call: (Vec::new(), 0),
            timeline,
        }))
    }

    fn take(&mut self, packet: &Packet) -> Option<Packet> {
        if packet.answer || !(packet.card == self.card || packet.card == 0xFF) {
            return None;
        }
        let (flag, data) = match packet.command {
            command::CALL => match self.part(&packet.data) {
                Ok(echo) => (0, echo),
                Err(code) => {
                    self.refused += 1;
                    (code, Vec::new())
                }
            },
            // A command of another shape is not answered at all.
            other => (
                packet.flag,
                self.basic(other, &packet.data).or_else(|| {
                    self.refused += 1;
                    None
                })?,
            ),
        };
        let answer = Packet { answer: self.says, card: self.card, command: packet.command, flag, data };
        (packet.flag & 1 == 1).then_some(answer)
    }

    fn basic(&mut self, command: u8, data: &[u8]) -> Option<Vec<u8>> {
        match (command, data) {
            (command::POWER, [1]) => Some([&[1, u8::from(self.on)][..], &[0; 8]].concat()),
            // The makers' table and their printed frames differ by one byte.
            (command::POWER, [0, on @ (0 | 1), 0, 0, 0, 0, 0, 0, 0] | [0, on @ (0 | 1), 0, 0, 0, 0, 0, 0, 0, 0]) => {
                self.on = *on == 1;
                self.tell();
                Some(vec![0, *on])
            }
            // Kind, logic, BIOS, program 3.6.
            (command::VERSION, [0]) => Some(vec![0, 0x2C, 0x41, 0x15, 0, 0, 0, 0x36, 0]),
            (command::BRIGHTNESS, [1]) => Some([&[1][..], &self.brightness].concat()),
            (command::BRIGHTNESS, [0, hours @ ..]) => {
                let hours = <[u8; 24]>::try_from(hours).ok()?;
                self.brightness = hours;
                Some(vec![1])
            }
            (command::TIME, [0, time @ ..]) => {
                let time = <[u8; 7]>::try_from(time).ok()?;
                let [second, minute, hour, week, day, month, _] = time;
                let sound = second < 60 && minute < 60 && hour < 24 && week < 7;
                let sound = sound && (1..=31).contains(&day) && (1..=12).contains(&month);
                if sound {
                    self.clock = Some(time);
                }
                Some(vec![u8::from(sound)])
            }
            _ => None,
        }
    }

    /// One part of an external call; 2: out of order or of wrong length.
    fn part(&mut self, data: &[u8]) -> Result<Vec<u8>, u8> {
        let [low, high, number, last, body @ ..] = data else { return Err(2) };
        if usize::from(u16::from_le_bytes([*low, *high])) != body.len() || body.len() > 512 || number > last {
            return Err(2);
        }
        if *number == 0 {
            self.call = (Vec::new(), 0);
        }
        if self.call.1 != *number {
            return Err(2);
        }
        self.call.0.extend(body);
        self.call.1 = number.wrapping_add(1);
        let sub = self.call.0.first().copied().ok_or(2)?;
        if number == last {
            let (whole, _) = std::mem::take(&mut self.call);
            self.carry_out(&whole)?;
        }
        Ok(vec![1, 0, *number, *last, sub])
    }

    fn carry_out(&mut self, body: &[u8]) -> Result<(), u8> {
        let (width, height) = self.size;
        match body {
            // One window over the whole screen is all this one can.
            [1, 1, place @ ..] => {
                let wanted: Vec<u8> = [0, 0, width, height].iter().flat_map(|value| value.to_be_bytes()).collect();
                if place != wanted {
                    return Err(3);
                }
                (self.window, self.picture) = (true, None);
                Ok(())
            }
            [3, 0, 0, 1..=100, _, _, 4, 0, 0, 0, 0, picture @ ..] if self.window => {
                let frame = picture::simple(picture).ok_or(4)?;
                if (frame.width(), frame.height()) != self.size {
                    return Err(4);
                }
                self.picture = Some(frame);
                self.pictures += 1;
                self.tell();
                Ok(())
            }
            _ => Err(3),
        }
    }

    /// Writes down what a passer-by sees now.
    fn tell(&self) {
        if self.on {
            let lit = self.picture.iter().flat_map(Frame::pixels).filter(|pixel| **pixel != [0; 3]).count();
            self.timeline.note(&self.name, "lit", json!(lit));
        } else {
            self.timeline.note(&self.name, "dark", true);
        }
    }
}
