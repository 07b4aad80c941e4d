//! A Huidu LED card over SDK 2.0: shows one message or nothing, and says what it shows.

use super::huidu_packet::{Assembler, Fragment, Packet, Splitter, VERSION, error_name};
use super::huidu_xml::{Answer, FIRST_GUID, IF_VERSION, answer, request};
use super::layout::{guid, program};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest wait for an answer; a card writes a new programme to its flash first.
const ANSWER_WITHIN: Duration = Duration::from_millis(2000);

/// Asks which programme plays; older cards do not know it.
const TELL: &str = "GetCurrentPlayProgramGUID";
/// How often a message is put back on a board that somebody else writes to, before that is called a fault.
const PUT_BACK: u8 = 3;

/// A Huidu card.
#[derive(Clone, Debug)]
pub struct Huidu {
    width: u16,
    height: u16,
    font: String,
    session: Option<Session>,
    shown: Option<Shown>,
    /// The card knows how to say which programme it plays; found out by asking.
    tells: bool,
    /// How often in a row it was found playing another one than it had said yes to.
    strayed: u8,
}

/// What was agreed with the card on this connection.
#[derive(Clone, Debug)]
struct Session {
    opening: u64,
    guid: String,
}

/// What the card was last told, and said yes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Dark,
    Message(ShowId),
}

impl Huidu {
    /// A card that drives this many pixels.
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height, font: "Arial".to_owned(), session: None, shown: None, tells: true, strayed: 0 }
    }

    /// The same with another font of the card.
    #[must_use]
    pub fn with_font(mut self, font: impl Into<String>) -> Self {
        self.font = font.into();
        self
    }

    /// Begins a session unless one stands on this very connection; a new one knows nothing of what is shown.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.session.as_ref().is_some_and(|session| session.opening == line.openings()) {
            return Ok(());
        }
        (self.session, self.shown, self.tells) = (None, None, true);
        let asking = "greeting the card";
        send(line, asking, &[Packet::ServiceAsk(VERSION)])?;
        let opening = line.openings();
        let answer = self.await_packet(line, asking, |packet| matches!(packet, Packet::ServiceAnswer(..)))?;
        if !matches!(answer, Packet::ServiceAnswer(_, 0)) {
            return Err(Fault::Refused(format!("{asking}: {answer:?}")));
        }
        let first = call(line, FIRST_GUID, "GetIFVersion", IF_VERSION)?;
        accepted(&first)?;
        let guid = first.guid;
        let device = call(line, &guid, "GetDeviceInfo", "")?;
        accepted(&device)?;
        if let Some((width, height)) = device.screen.filter(|found| *found != (self.width, self.height)) {
            log::warn!(width, height; "the card drives another size of screen than configured");
        }
        if line.openings() != opening {
            return Err(Fault::Line(format!("{asking}: the connection broke meanwhile")));
        }
        self.session = Some(Session { opening, guid });
        Ok(())
    }

    fn ask(&mut self, line: &mut Line, method: &str, body: &str) -> Result<Answer, Fault> {
        let Some(session) = self.session.clone() else {
            return Err(Fault::Line(format!("{method}: no session with the card")));
        };
        let result = call(line, &session.guid, method, body).and_then(|answer| {
            accepted(&answer)?;
            Ok(answer)
        });
        // A card may refuse because it has forgotten the session: the next call begins a new one.
        if line.openings() != session.opening || (result.is_err() && method != TELL) {
            line.close();
            self.session = None;
        }
        result
    }

    fn show(&mut self, line: &mut Line, message: &BoardMessage) -> Result<(), Fault> {
        self.shown = None;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let body = program(message, self.width, self.height, &self.font, now).body();
        self.ask(line, "AddProgram", &body)?;
        // Opened last, so that a screen that was dark does not flash what it held before.
        self.ask(line, "OpenScreen", "")?;
        self.shown = Some(Shown::Message(message.id));
        Ok(())
    }

    /// Whether the card plays another programme than this one; a card that does not tell is believed.
    fn plays_other(&mut self, line: &mut Line, id: ShowId) -> Result<bool, Fault> {
        if !self.tells {
            return Ok(false);
        }
        match self.ask(line, TELL, "") {
            Ok(answer) => {
                let playing = answer.program.unwrap_or_default();
                Ok(!playing.eq_ignore_ascii_case(&guid(id, 0)))
            }
            Err(Fault::Refused(reason)) => {
                log::info!(reason; "the card does not tell what it plays");
                self.tells = false;
                Ok(false)
            }
            Err(fault @ Fault::Line(_)) => Err(fault),
        }
    }

    fn heartbeat(&mut self, line: &mut Line) -> Result<(), Fault> {
        let asking = "asking whether the card is there";
        send(line, asking, &[Packet::Heartbeat])?;
        self.await_packet(line, asking, |packet| *packet == Packet::HeartbeatAnswer).map(|_| ())
    }

    fn await_packet(
        &mut self,
        line: &mut Line,
        asking: &str,
        wanted: impl Fn(&Packet) -> bool,
    ) -> Result<Packet, Fault> {
        let mut splitter = Splitter::default();
        let until = Instant::now() + ANSWER_WITHIN;
        loop {
            let packet = next_packet(line, asking, &mut splitter, until)?;
            if wanted(&packet) {
                return Ok(packet);
            }
        }
    }

    fn report(&self) -> Report {
        let showing = match self.shown {
            Some(Shown::Message(id)) => Some(id),
            Some(Shown::Dark) | None => None,
        };
        Report::Board { showing, grade: Grade::Electrical }
    }
}

impl Driver<BoardWant> for Huidu {
    fn apply(&mut self, line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        self.greet(line)?;
        match &want.show {
            Show::Dark if self.shown == Some(Shown::Dark) => self.heartbeat(line)?,
            Show::Dark => {
                self.shown = None;
                self.ask(line, "CloseScreen", "")?;
                self.shown = Some(Shown::Dark);
            }
            Show::Message(message) if self.shown == Some(Shown::Message(message.id)) => {
                if !self.plays_other(line, message.id)? {
                    self.strayed = 0;
                } else if self.strayed < PUT_BACK {
                    // Somebody else wrote to the board, or the card lost its programme.
                    log::warn!("the board shows something else; showing the message again");
                    self.strayed += 1;
                    self.show(line, message)?;
                } else {
                    return Err(Fault::Refused("the board shows something else again and again".to_owned()));
                }
            }
            Show::Message(message) => {
                self.strayed = 0;
                self.show(line, message)?;
            }
        }
        Ok(self.report())
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        self.heartbeat(line)?;
        if let Some(Shown::Message(id)) = self.shown
            && self.plays_other(line, id)?
        {
            return Ok(Report::Board { showing: None, grade: Grade::Electrical });
        }
        Ok(self.report())
    }
}

fn send(line: &mut Line, asking: &str, packets: &[Packet]) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    for packet in packets {
        bytes.extend(packet.encode().map_err(|error| Fault::Refused(format!("{asking}: {error}")))?);
    }
    line.send(asking, &bytes)
}

/// One request document and its answer.
fn call(line: &mut Line, guid: &str, method: &str, body: &str) -> Result<Answer, Fault> {
    let document = request(guid, method, body);
    let parts: Vec<Packet> = Fragment::parts(document.as_bytes()).into_iter().map(Packet::SdkAsk).collect();
    send(line, method, &parts)?;
    let until = Instant::now() + ANSWER_WITHIN;
    let (mut splitter, mut assembler) = (Splitter::default(), Assembler::default());
    loop {
        let Packet::SdkAnswer(part) = next_packet(line, method, &mut splitter, until)? else { continue };
        let Some(whole) = assembler.push(&part).map_err(|error| line.garbled(method, error.to_string()))? else {
            continue;
        };
        let answer = answer(&whole).map_err(|error| line.garbled(method, error))?;
        if answer.method == method {
            return Ok(answer);
        }
    }
}

fn next_packet(line: &mut Line, asking: &str, splitter: &mut Splitter, until: Instant) -> Result<Packet, Fault> {
    loop {
        match splitter.next_packet() {
            Ok(Some(Packet::Error(code))) => {
                return Err(Fault::Refused(format!("{asking}: card says {} ({code})", error_name(code))));
            }
            Ok(Some(packet)) => return Ok(packet),
            Ok(None) => {}
            Err(error) => return Err(line.garbled(asking, error.to_string())),
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(line.gave_up(asking));
        }
        splitter.push(&line.receive(asking, left)?);
    }
}

fn accepted(answer: &Answer) -> Result<(), Fault> {
    if answer.result == "kSuccess" {
        return Ok(());
    }
    Err(Fault::Refused(format!("{}: card says {}", answer.method, answer.result)))
}
