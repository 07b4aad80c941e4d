//! A Huidu LED card over SDK 2.0: shows one message or nothing, and says what it shows.

use super::huidu_album::{self, Album};
use super::huidu_packet::{Packet, VERSION};
use super::huidu_xml::{Answer, FIRST_GUID, IF_VERSION};
use super::layout::{album, guid, program};
use super::painter::Painter;
use super::{clock, huidu_file, picture};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use talk::{accepted, await_packet, call, send, upload};

mod talk;

/// All pictures of a message go into the card within this time.
const PICTURES_WITHIN: Duration = Duration::from_secs(10);
/// How often the card is asked what it shows; it wants to hear something within 30 s.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often a message is put back on a board that somebody else writes to, before that is called a fault.
const PUT_BACK: u8 = 3;
/// How long a message outlives the gateway where it is to go dark then: each renewal is written to the card's memory,
/// which bears some hundred thousand of them.
const LEASE: Duration = Duration::from_secs(3600);
/// What the names of our files begin with.
const OURS: &str = "gw-";

/// A Huidu card.
#[derive(Clone, Debug)]
pub struct Huidu {
    painter: Painter,
    width: u16,
    height: u16,
    /// A message lasts no longer than this unless it is sent again.
    lease: Option<Duration>,
    /// Letters of the card in place of pictures: the name of its font.
    font: Option<String>,
    session: Option<Session>,
    shown: Option<Shown>,
    brightness: Option<u8>,
    /// How the card says which programme it plays; found out by asking.
    tells: Tells,
    /// How often in a row it was found playing another one than it had said yes to.
    strayed: u8,
}

/// What was agreed with the card on this connection.
#[derive(Clone, Debug)]
struct Session {
    opening: u64,
    guid: String,
    /// Our files that are in the card for sure.
    files: BTreeSet<String>,
    /// Those of the message that was brought last.
    used: BTreeSet<String>,
}

/// What the card was last told, and said yes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Dark,
    Message { id: ShowId, until: Option<Wall>, sent: Instant },
}

/// How a card says what it plays; older ones do not know how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    /// The programme that plays now.
    Playing,
    /// The programmes it holds.
    Holding,
    Nothing,
}

impl Tells {
    fn method(self) -> Option<&'static str> {
        match self {
            Self::Playing => Some("GetCurrentPlayProgramGUID"),
            Self::Holding => Some("GetProgram"),
            Self::Nothing => None,
        }
    }
}

impl Huidu {
    /// A card that drives this many pixels and is sent pictures.
    pub fn new(width: u16, height: u16) -> Self {
        let (session, shown, brightness, tells, strayed) = (None, None, None, Tells::Playing, 0);
        let painter = Painter::new(width, height);
        Self { painter, width, height, lease: None, font: None, session, shown, brightness, tells, strayed }
    }

    /// The same with letters of the card, of this font, in place of pictures.
    #[must_use]
    pub fn with_font(mut self, font: impl Into<String>) -> Self {
        self.font = Some(font.into());
        self
    }

    /// The same with another painter.
    #[must_use]
    pub fn with_painter(mut self, painter: Painter) -> Self {
        self.painter = painter;
        self
    }

    /// The same, going dark by itself some time after it has lost the gateway.
    #[must_use]
    pub fn dark_when_lost(mut self) -> Self {
        self.lease = Some(LEASE);
        self
    }

    /// Begins a session unless one stands on this very connection; a new one knows nothing of what is shown.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.session.as_ref().is_some_and(|session| session.opening == line.openings()) {
            return Ok(());
        }
        (self.session, self.shown, self.brightness, self.tells) = (None, None, None, Tells::Playing);
        let asking = "greeting the card";
        send(line, asking, &[Packet::ServiceAsk(VERSION)])?;
        let opening = line.openings();
        let status = await_packet(line, asking, |packet| match packet {
            Packet::ServiceAnswer(_, status) => Some(*status),
            Packet::ServiceAsk(_)
            | Packet::SdkAsk(_)
            | Packet::SdkAnswer(_)
            | Packet::Heartbeat
            | Packet::HeartbeatAnswer
            | Packet::Error(_)
            | Packet::Other(..) => None,
        })?;
        if status != 0 {
            return Err(Fault::Refused(format!("{asking}: card says {status}")));
        }
        let first = call(line, FIRST_GUID, "GetIFVersion", IF_VERSION)?;
        accepted(&first)?;
        let guid = first.guid;
        let device = call(line, &guid, "GetDeviceInfo", "")?;
        accepted(&device)?;
        if let Some((width, height)) = device.screen.filter(|found| *found != (self.width, self.height)) {
            log::warn!(width, height; "the card drives another size of screen than configured");
        }
        // Messages have their end told in the card's own time.
        let time = call(line, &guid, "SetTimeInfo", &huidu_album::time(clock::now()))?;
        if let Err(fault) = accepted(&time) {
            log::info!(fault:% = fault; "the card does not take the time");
        }
        if line.openings() != opening {
            return Err(Fault::Line(format!("{asking}: the connection broke meanwhile")));
        }
        self.session = Some(Session { opening, guid, files: BTreeSet::new(), used: BTreeSet::new() });
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
        // A card that refuses what a message needs, or says so, has forgotten the session: the next call begins a new one.
        let needed = ["AddProgram", "OpenScreen", "CloseScreen"].contains(&method);
        if line.openings() != session.opening || result.as_ref().is_err_and(|fault| needed || forgot(fault)) {
            line.close();
            self.session = None;
        }
        result
    }

    /// Asks for something the message does not depend on; a refusal is only logged.
    fn ask_kindly(&mut self, line: &mut Line, method: &str, body: &str) -> Result<Option<Answer>, Fault> {
        match self.ask(line, method, body) {
            Ok(answer) => Ok(Some(answer)),
            Err(Fault::Refused(reason)) => {
                log::info!(reason; "the card does not do everything it was asked");
                Ok(None)
            }
            Err(fault @ Fault::Line(_)) => Err(fault),
        }
    }

    fn show(&mut self, line: &mut Line, message: &BoardMessage) -> Result<(), Fault> {
        self.shown = None;
        let now = clock::now();
        let timestamp = u64::try_from(now.0).unwrap_or_default();
        let body = match &self.font {
            Some(font) => program(message, self.width, self.height, font, timestamp).body(),
            None => {
                let mut album = self.bring_pictures(line, message)?;
                album.timestamp_ms = timestamp;
                // A card whose clock is wrong would show nothing: the second time it is not told the end.
                let end = clock::end(message.until, self.lease, now);
                album.between = end.filter(|_| self.strayed == 0).map(|until| (now, until));
                album.body()
            }
        };
        self.ask(line, "AddProgram", &body)?;
        // Opened last, so that a screen that was dark does not flash what it held before.
        self.ask(line, "OpenScreen", "")?;
        self.shown = Some(Shown::Message { id: message.id, until: self.told_end(message), sent: Instant::now() });
        Ok(())
    }

    /// Paints the message, brings its pictures into the card, and makes the album of them.
    fn bring_pictures(&mut self, line: &mut Line, message: &BoardMessage) -> Result<Album, Fault> {
        let until = Instant::now() + PICTURES_WITHIN;
        let playlist = self.painter.paint(message);
        let (mut pages, mut used) = (Vec::new(), BTreeSet::new());
        for page in &playlist.pages {
            for frame in picture::pieces(&page.frame, self.width, self.height) {
                let file = picture::png(&frame).map_err(|error| Fault::Refused(error.to_string()))?;
                let digest = huidu_file::digest(&file);
                let name = format!("{OURS}{}.png", digest.get(..16).unwrap_or_default());
                let there = self.session.as_ref().is_some_and(|session| session.files.contains(&name));
                if !there {
                    if Instant::now() > until {
                        return Err(line.gave_up("sending the pictures"));
                    }
                    let sent = upload(line, &name, &file);
                    if sent.is_err() {
                        line.close();
                    }
                    sent?;
                    if let Some(session) = &mut self.session {
                        session.files.insert(name.clone());
                    }
                }
                used.insert(name.clone());
                pages.push((name, page.hold, page.runs));
            }
        }
        if let Some(session) = &mut self.session {
            session.used = used;
        }
        Ok(album(message, (self.width, self.height), pages))
    }

    /// Takes pictures of earlier messages out of the card, so that it does not fill up.
    fn tidy(&mut self, line: &mut Line) -> Result<(), Fault> {
        let Some(listed) = self.ask_kindly(line, "GetFiles", "")? else { return Ok(()) };
        let Some(session) = &mut self.session else { return Ok(()) };
        let is_old = |name: &&str| name.starts_with(OURS) && !session.used.contains(*name);
        let old: Vec<&str> = listed.files.iter().map(String::as_str).filter(is_old).collect();
        if old.is_empty() {
            return Ok(());
        }
        session.files = session.used.clone();
        self.ask_kindly(line, "DeleteFiles", &huidu_album::files(old))?;
        Ok(())
    }

    fn dim(&mut self, line: &mut Line, percent: u8) -> Result<(), Fault> {
        if self.brightness != Some(percent) {
            self.ask_kindly(line, "SetLuminancePloy", &huidu_album::brightness(percent))?;
            self.brightness = Some(percent);
        }
        Ok(())
    }

    /// Whether the card plays another programme than this one; a card that does not tell is believed.
    fn plays_other(&mut self, line: &mut Line, id: ShowId) -> Result<bool, Fault> {
        let ours = guid(id, 0);
        while let Some(method) = self.tells.method() {
            match self.ask(line, method, "") {
                Ok(answer) => return Ok(!answer.programs.iter().any(|found| found.eq_ignore_ascii_case(&ours))),
                Err(fault @ Fault::Refused(_)) if forgot(&fault) => return Err(fault),
                Err(Fault::Refused(reason)) => {
                    log::info!(reason; "the card does not tell what it plays in this way");
                    self.tells = if self.tells == Tells::Playing { Tells::Holding } else { Tells::Nothing };
                }
                Err(fault @ Fault::Line(_)) => return Err(fault),
            }
        }
        Ok(false)
    }

    /// Whether it was told this message with this end.
    fn shows(&self, wanted: &BoardMessage) -> bool {
        let end = self.told_end(wanted);
        matches!(self.shown, Some(Shown::Message { id, until, .. }) if (id, until) == (wanted.id, end))
    }

    /// The end that the card is told with a message; letters of its own have none.
    fn told_end(&self, message: &BoardMessage) -> Option<Wall> {
        message.until.filter(|_| self.font.is_none())
    }

    /// Half of its lease is over.
    fn is_stale(&self) -> bool {
        let Some(Shown::Message { sent, .. }) = self.shown else { return false };
        self.lease.is_some_and(|lease| sent.elapsed() >= lease / 2)
    }

    fn report(&self) -> Report {
        let showing = match self.shown {
            Some(Shown::Message { id, .. }) => Some(id),
            Some(Shown::Dark) | None => None,
        };
        Report::Board { showing, grade: Grade::Electrical }
    }
}

/// Whether the card says that it does not know the session (error 43).
fn forgot(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused(reason) if reason.ends_with("(43)"))
}

fn heartbeat(line: &mut Line) -> Result<(), Fault> {
    let asking = "asking whether the card is there";
    send(line, asking, &[Packet::Heartbeat])?;
    await_packet(line, asking, |packet| (*packet == Packet::HeartbeatAnswer).then_some(()))
}

impl Driver<BoardWant> for Huidu {
    fn apply(&mut self, line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        self.greet(line)?;
        match &want.show {
            Show::Dark if self.shown == Some(Shown::Dark) => heartbeat(line)?,
            Show::Dark => {
                self.shown = None;
                self.ask(line, "CloseScreen", "")?;
                self.shown = Some(Shown::Dark);
            }
            Show::Message(message) if self.shows(message) => {
                if self.is_stale() {
                    self.show(line, message)?;
                } else if !self.plays_other(line, message.id)? {
                    self.strayed = 0;
                } else if self.strayed < PUT_BACK {
                    // Somebody else wrote to the board, or the card lost its programme.
                    log::warn!("the board shows something else; showing the message again");
                    self.strayed += 1;
                    self.show(line, message)?;
                } else {
                    return Err(Fault::Refused("the board shows something else again and again".to_owned()));
                }
                self.dim(line, want.brightness)?;
            }
            Show::Message(message) => {
                self.strayed = 0;
                self.show(line, message)?;
                self.dim(line, want.brightness)?;
                if self.font.is_none() {
                    self.tidy(line)?;
                }
            }
        }
        Ok(self.report())
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        heartbeat(line)?;
        if let Some(Shown::Message { id, .. }) = self.shown
            && self.plays_other(line, id)?
        {
            return Ok(Report::Board { showing: None, grade: Grade::Electrical });
        }
        Ok(self.report())
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        Some(LOOK_EVERY)
    }
}
