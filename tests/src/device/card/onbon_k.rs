//! An Onbon BX-5K or BX-6K card, stricter than a real one: wrong sums, lengths, units and dates are refused.

use super::super::multidrop::Branch;
use super::super::port::{Connection, Feeling, Next, Port, Talk};
use super::super::{Mood, Timeline};
use drivers::board::onbon_k_area::Series;
use drivers::board::onbon_k_frame::{Frame, FrameError, Splitter};
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const GROUP: u8 = 1;
const COMMAND: u8 = 2;
const MEMORY: u8 = 4;
const CRC: u8 = 5;
const TYPE: u8 = 10;
const DATE: u8 = 14;

/// The card, which is screen 1 unless it shares a line.
#[derive(Debug)]
pub struct OnbonK {
    end: End,
    state: Arc<Mutex<State>>,
}

/// Where it is reached.
#[derive(Debug)]
enum End {
    Port(Port),
    Line(Feeling),
}

/// A text on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// In plain letters, with the card's codes of colour.
    pub text: String,
    /// It runs from right to left in one line.
    pub runs: bool,
    /// Seconds after which it goes dark unless it is sent again.
    pub dark_after_s: Option<u16>,
    /// What the card speaks.
    pub speech: Option<String>,
    /// Left, top, width, height, pixels.
    pub rectangle: (u16, u16, u16, u16),
}

#[derive(Debug)]
struct State {
    name: String,
    screen: u16,
    size: (u16, u16),
    series: Series,
    on: bool,
    text: Option<Text>,
    texts: u32,
    clock: Option<[u8; 8]>,
    refuse: Option<u8>,
    timeline: Timeline,
}

impl OnbonK {
    /// Starts a card with a screen of this size at this address (port 0: any).
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, size: (u16, u16), series: Series, timeline: Timeline) -> io::Result<Self> {
        let state = State::new(name, 1, size, series, timeline);
        let served = Arc::clone(&state);
        let serve = move |line: Connection| {
            line.serve(Talking { state: Arc::clone(&served), splitter: Splitter::default() });
        };
        let port = Port::open(address, serve, || {})?;
        Ok(Self { end: End::Port(port), state })
    }

    /// A card with this number, to be put on a line with others.
    pub fn on_line(name: &str, screen: u16, size: (u16, u16), series: Series, timeline: Timeline) -> (Self, Branch) {
        let (mood, state) = (Feeling::default(), State::new(name, screen, size, series, timeline));
        let (felt, served) = (mood.clone(), Arc::clone(&state));
        let talk = move || -> Box<dyn Talk> {
            Box::new(Talking { state: Arc::clone(&served), splitter: Splitter::default() })
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

    /// Lets it refuse texts with this error; `None`: take them.
    pub fn set_refusal(&self, error: Option<u8>) {
        lock(&self.state).refuse = error;
    }

    /// What a passer-by reads; `None`: nothing is lit.
    pub fn screen_text(&self) -> Option<Text> {
        let state = lock(&self.state);
        state.text.clone().filter(|_| state.on)
    }

    /// How many texts it was sent.
    pub fn texts(&self) -> u32 {
        lock(&self.state).texts
    }

    /// The clock it was set to, eight BCD bytes.
    pub fn clock(&self) -> Option<[u8; 8]> {
        lock(&self.state).clock
    }

    /// Switches its screen, as somebody with the maker's program does.
    pub fn tamper(&self, on: bool) {
        lock(&self.state).on = on;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection to the card.
struct Talking {
    state: Arc<Mutex<State>>,
    splitter: Splitter,
}

impl Talk for Talking {
    fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
    }

    fn next(&mut self, acts: bool) -> Next {
        let screen = lock(&self.state).screen;
        let taken = match self.splitter.next_frame() {
            Ok(None) => return Next::More,
            Ok(Some(frame)) if frame.to != screen || frame.from != 0x8000 => return Next::Silence,
            Ok(Some(frame)) => Ok(frame),
            Err(FrameError::Crc { .. }) => Err(CRC),
            Err(FrameError::Length(_) | FrameError::Escape(_)) => return Next::Silence,
        };
        if !acts {
            return Next::Answer(Vec::new());
        }
        let said = taken.and_then(|frame| lock(&self.state).take(&frame));
        let (command, flag) = said.map_or_else(|error| (1, error), |()| (0, 0));
        let body = vec![0, 0];
        Next::Answer(Frame { to: 0x8000, from: screen, group: 0xA0, command, flag, body }.encode())
    }
}

impl State {
    fn new(name: &str, screen: u16, size: (u16, u16), series: Series, timeline: Timeline) -> Arc<Mutex<Self>> {
        let (name, on, text, texts, clock, refuse) = (name.to_owned(), true, None, 0, None, None);
        Arc::new(Mutex::new(Self { name, screen, size, series, on, text, texts, clock, refuse, timeline }))
    }

    fn take(&mut self, frame: &Frame) -> Result<(), u8> {
        if frame.flag != 1 {
            return Err(TYPE);
        }
        match (frame.group, frame.command, frame.body.as_slice()) {
            (0xA3, 0x00, [0, 0, on @ (1 | 2)]) => {
                self.on = *on == 1;
                self.timeline.note(&self.name, if self.on { "lit" } else { "dark" }, true);
                Ok(())
            }
            (0xA3, 0x10, [0, 0]) => {
                self.text = None;
                Ok(())
            }
            (0xA3, 0x06, [0 | 1, 0, 0, 1, low, high, area @ ..]) => {
                if let Some(error) = self.refuse {
                    return Err(error);
                }
                if usize::from(u16::from_le_bytes([*low, *high])) != area.len() {
                    return Err(MEMORY);
                }
                let text = self.area(area).ok_or(TYPE)?;
                self.timeline.note(&self.name, "shows", json!(text.text));
                self.text = Some(text);
                self.texts += 1;
                Ok(())
            }
            (0xA2, 0x03, [0, 0, clock @ ..]) => {
                let clock = <[u8; 8]>::try_from(clock).map_err(|_| DATE)?;
                let digits =
                    clock.map(|byte| (byte >> 4 < 10 && byte & 15 < 10).then(|| (byte >> 4) * 10 + (byte & 15)));
                let [Some(_), Some(20), Some(1..=12), Some(1..=31), Some(..24), Some(..60), Some(..60), Some(1..=7)] =
                    digits
                else {
                    return Err(DATE);
                };
                self.clock = Some(clock);
                Ok(())
            }
            (0xA2 | 0xA3, ..) => Err(COMMAND),
            _ => Err(GROUP),
        }
    }

    /// Reads a dynamic area as the makers' frames have it; everything must be used up.
    fn area(&self, bytes: &[u8]) -> Option<Text> {
        let (head, rest) = bytes.split_first_chunk::<14>()?;
        let &[0, x0, x1, y0, y1, w0, w1, h0, h1, id, _space, run, t0, t1] = head else { return None };
        let [x, y, width, height] = [[x0, x1], [y0, y1], [w0, w1], [h0, h1]].map(u16::from_le_bytes);
        let unit = match self.series {
            Series::K5 => 8,
            Series::K6 => 1,
        };
        let rectangle = (x.checked_mul(unit)?, y, width.checked_mul(unit)?, height);
        let inside = rectangle.0 + rectangle.2 <= self.size.0 && y + height <= self.size.1 && id < 4;
        let (speech, rest) = match rest {
            [0, rest @ ..] => (None, rest),
            [2, _, 0..=10, 1..=10, rest @ ..] => {
                let (speech, rest) = text(rest)?;
                (Some(speech), rest)
            }
            _ => return None,
        };
        let [0, 0..=2, lines @ (1 | 2), 1 | 2, motion @ 1..=6, 0, _, _, rest @ ..] = rest else { return None };
        let (text, []) = text(rest)? else { return None };
        let runs = *lines == 1 && *motion == 3;
        let dark_after_s = (run == 2).then(|| u16::from_le_bytes([t0, t1]));
        (inside && run <= 5).then_some(Text { text, runs, dark_after_s, speech, rectangle })
    }
}

/// Length and as many characters of the card; only those of ASCII are known here.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let text = String::from_utf8(text.to_vec()).ok()?;
    (text.is_ascii() && !text.is_empty()).then_some((text, rest))
}
