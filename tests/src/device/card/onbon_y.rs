//! An Onbon BX-Y card, stricter than a real one: calls without a session, values that are no strings, pictures that do
//! not fit and bodies that are too long are refused.

use super::super::port::{Connection, Next, Port, Talk};
use super::super::{Mood, Timeline, http};
use drivers::board::frame::Frame;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod call;

/// The card.
#[derive(Debug)]
pub struct OnbonY {
    port: Port,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    name: String,
    size: (u16, u16),
    password: String,
    /// Codes given out and not used yet, and the sessions that stand.
    codes: Vec<String>,
    sessions: Vec<String>,
    given: u64,
    pages: Vec<Frame>,
    /// Bulletins by their order; kept without power.
    bulletins: BTreeMap<u8, Bulletin>,
    shows: u32,
    sign_ins: u32,
    brightness: u8,
    clock: Option<String>,
    /// How often a captured picture is asked for in vain before it is there.
    slow: u32,
    /// The picture being captured: its name, and how often it is still asked for in vain.
    capture: Option<(String, u32)>,
    captures: bool,
    download: bool,
    timeline: Timeline,
}

/// A text in letters of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulletin {
    /// What it says.
    pub text: String,
    /// Name of the font.
    pub font: String,
    /// Day and time of its end; empty: none.
    pub stop: (String, String),
}

impl OnbonY {
    /// Starts a card with a screen of this size at this address (port 0: any); its guest's password is `guest`.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, name: &str, size: (u16, u16), timeline: Timeline) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            name: name.to_owned(),
            size,
            password: "guest".to_owned(),
            codes: Vec::new(),
            sessions: Vec::new(),
            given: 0,
            pages: Vec::new(),
            bulletins: BTreeMap::new(),
            shows: 0,
            sign_ins: 0,
            brightness: 255,
            clock: None,
            slow: 0,
            capture: None,
            captures: true,
            download: false,
            timeline,
        }));
        let served = Arc::clone(&state);
        let serve = move |line: Connection| {
            line.serve(Talking { state: Arc::clone(&served), bytes: Vec::new() });
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

    /// Lets a captured picture be asked for so often in vain.
    pub fn set_slow(&self, times: u32) {
        lock(&self.state).slow = times;
    }

    /// Takes away its gift of capturing.
    pub fn set_blind(&self) {
        lock(&self.state).captures = false;
    }

    /// Ends every session.
    pub fn end_sessions(&self) {
        lock(&self.state).sessions.clear();
    }

    /// What a passer-by sees first; `None`: nothing is lit.
    pub fn screen_picture(&self) -> Option<Frame> {
        lock(&self.state).seen()
    }

    /// What it keeps by itself, and shows where nothing else is.
    pub fn bulletin(&self) -> Option<Bulletin> {
        lock(&self.state).bulletins.values().next().cloned()
    }

    /// All pictures of its area, in turns.
    pub fn pages(&self) -> Vec<Frame> {
        lock(&self.state).pages.clone()
    }

    /// How often it was told what to show.
    pub fn shows(&self) -> u32 {
        lock(&self.state).shows
    }

    /// How often somebody signed in.
    pub fn sign_ins(&self) -> u32 {
        lock(&self.state).sign_ins
    }

    /// Brightness, 1–255.
    pub fn brightness(&self) -> u8 {
        lock(&self.state).brightness
    }

    /// The time of Greenwich it was set to.
    pub fn clock(&self) -> Option<String> {
        lock(&self.state).clock.clone()
    }

    /// Puts another picture on it, as somebody with the maker's program does.
    pub fn tamper(&self) {
        let mut state = lock(&self.state);
        let (width, height) = state.size;
        let mut frame = Frame::new(width, height);
        for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))).filter(|(x, y)| (x + y) % 2 == 0) {
            frame.set(x, y, [0, 255, 0]);
        }
        state.pages = vec![frame];
    }

    /// Takes its power away and gives it back: what it showed and who was signed in is gone.
    pub fn cut_power(&self) {
        let mut state = lock(&self.state);
        state.pages.clear();
        state.sessions.clear();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection to the card.
struct Talking {
    state: Arc<Mutex<State>>,
    bytes: Vec<u8>,
}

impl Talk for Talking {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    fn next(&mut self, acts: bool) -> Next {
        match http::take(&mut self.bytes) {
            Ok(Some(request)) if acts => Next::Answer(lock(&self.state).take(&request)),
            Ok(Some(_)) => Next::Answer(Vec::new()),
            Ok(None) => Next::More,
            Err(status) => Next::End(http::answer(status, "text/plain", b"")),
        }
    }
}

impl State {
    fn seen(&self) -> Option<Frame> {
        let lit = |frame: &&Frame| frame.pixels().iter().any(|pixel| *pixel != [0; 3]);
        self.pages.first().filter(lit).cloned()
    }

    fn take(&mut self, request: &http::Request) -> Vec<u8> {
        match request.method.as_str() {
            "GET" => self.download(&request.path),
            "POST" if request.json => {
                let session = request.path.strip_prefix("/;stok=").and_then(|rest| rest.strip_suffix('/'));
                if session.is_none() && request.path != "/" {
                    return http::answer(404, "text/plain", b"");
                }
                if request.body.len() > 32_000 {
                    return http::answer(500, "text/plain", b"");
                }
                let said = call::take(self, session, &request.body);
                http::answer(200, "application/json", said.to_string().as_bytes())
            }
            _ => http::answer(400, "text/plain", b""),
        }
    }

    /// A captured picture, once it is there and the way is open.
    fn download(&mut self, path: &str) -> Vec<u8> {
        let Some(file) = path.strip_prefix("/download/").filter(|_| self.download) else {
            return http::answer(403, "text/plain", b"");
        };
        match &mut self.capture {
            Some((name, waits)) if name == file && *waits > 0 => {
                *waits -= 1;
                http::answer(404, "text/plain", b"")
            }
            Some((name, _)) if name == file => {
                self.capture = None;
                let (width, height) = self.size;
                let frame = self.pages.first().cloned().unwrap_or_else(|| Frame::new(width, height));
                http::answer(200, "image/png", &super::image::to_png(&frame))
            }
            Some(_) | None => http::answer(404, "text/plain", b""),
        }
    }

    /// Writes down what a passer-by sees now.
    fn tell(&self) {
        let lit = self.seen().map_or(0, |frame| frame.pixels().iter().filter(|pixel| **pixel != [0; 3]).count());
        self.timeline.note(&self.name, if lit > 0 { "lit" } else { "dark" }, json!(lit));
    }
}

/// An answer that says no.
fn no(name: &str, code: u32) -> Value {
    json!({ "remotefunction": { "name": name, "error": { "code": code.to_string(), "mesg": "" } } })
}
