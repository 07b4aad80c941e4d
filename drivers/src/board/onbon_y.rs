//! An Onbon BX-Y card over HTTP: shows pictures painted here, and is asked for a picture of what it shows.

mod trouble;

use super::clock as machine;
use super::frame::{Frame, Page};
use super::onbon_y_bulletin::{Stored, bulletin, no_bulletin};
use super::onbon_y_call::{CallError, alike, answer, at_a_time, brightness, challenged, clock, dynamic, request, text};
use super::painter::Painter;
use super::picture::{from_png, still};
use super::turns::Turns;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardWant, Grade, Show};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use trouble::Trouble;
use ureq::Agent;

/// Longest time for one call.
const CALL_WITHIN: Duration = Duration::from_secs(2);
/// Most bytes taken of an answer, and of a captured picture.
const ANSWER_BYTES: u64 = 256 * 1024;
const PICTURE_BYTES: u64 = 4 * 1024 * 1024;
/// How often the card is asked what it shows.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often it is asked whether the captured picture is ready.
const CAPTURE_EVERY: Duration = Duration::from_secs(2);
/// A captured picture that is not ready by then will not be.
const CAPTURE_WITHIN: Duration = Duration::from_secs(30);
/// How often a message is put back on a board that somebody else writes to, before that is called a fault.
const PUT_BACK: u8 = 3;
/// The card's word for a session that is over.
const SESSION_OVER: u32 = 11;

/// What an Onbon Y card is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnbonYConfig {
    /// `host:port`.
    pub address: String,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Name to sign in with.
    pub user: String,
    /// File with the password.
    pub password: PathBuf,
    /// What it keeps for the time after a power cut; `None`: nothing.
    pub stored: Option<Stored>,
}

/// An Onbon Y card.
#[derive(Debug)]
pub struct OnbonY {
    config: OnbonYConfig,
    painter: Painter,
    agent: Agent,
    session: Option<String>,
    shown: Option<Shown>,
    brightness: Option<u8>,
    strayed: u8,
}

/// What the card was last told, and said yes to.
#[derive(Debug)]
struct Shown {
    /// `None`: a black picture.
    id: Option<ShowId>,
    /// The end of what it keeps for the time after a power cut.
    until: Option<Wall>,
    turns: Turns,
    /// A captured picture was it.
    seen: bool,
    /// The last captured picture was not.
    doubted: bool,
    /// A picture is being captured: its name in the card, and since when.
    capture: Option<(String, Instant)>,
}

impl OnbonY {
    /// The driver of such a card.
    pub fn new(config: OnbonYConfig) -> Self {
        let settings = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("gateway/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(CALL_WITHIN));
        let agent = settings.build().new_agent();
        let painter = Painter::new(config.width, config.height);
        Self { config, painter, agent, session: None, shown: None, brightness: None, strayed: 0 }
    }

    /// The same with another painter.
    #[must_use]
    pub fn with_painter(self, painter: Painter) -> Self {
        Self { painter, ..self }
    }

    /// Makes a call, signing in first where need be, and again where the session is over.
    fn call(&mut self, name: &str, input: Value) -> Result<Value, Fault> {
        let fresh = self.session.is_none();
        let session = match self.session.clone() {
            Some(session) => session,
            None => self.sign_in()?,
        };
        match self.post(&format!("/;stok={session}/"), name, Some(input.clone())) {
            Err(Trouble::Call(CallError::Refused { code: SESSION_OVER })) if !fresh => {
                self.session = None;
                let session = self.sign_in()?;
                self.post(&format!("/;stok={session}/"), name, Some(input)).map_err(|trouble| trouble.fault(name))
            }
            other => other.map_err(|trouble| trouble.fault(name)),
        }
    }

    fn sign_in(&mut self) -> Result<String, Fault> {
        let asking = "signing in";
        let fault = |trouble: Trouble| trouble.fault(asking);
        let password = std::fs::read_to_string(&self.config.password)
            .map_err(|error| Fault::Refused(format!("{asking}: password not readable: {error}")))?;
        let user = &self.config.user;
        let output = self.post("/", "getVerificationCode", Some(json!({ "username": user }))).map_err(fault)?;
        let code = text(&output, "verificationcode").map_err(|error| fault(error.into()))?;
        let password = challenged(&code, password.trim_end_matches(['\r', '\n']));
        let input = json!({ "username": user, "verificationcode": code, "password": password });
        let output = self.post("/", "userLogin", Some(input)).map_err(fault)?;
        let session = text(&output, "sessionID").map_err(|error| fault(error.into()))?;
        if session.len() > 128 || !session.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::Line(format!("{asking}: no sensible answer: a session of strange letters")));
        }
        self.session = Some(session.clone());
        // The card's log and timers are in its own time; the message does not depend on it.
        let path = format!("/;stok={session}/");
        if let Err(trouble) = self.post(&path, "systemClockCorrect", Some(clock(machine::now()))) {
            match trouble.fault("setting the clock") {
                Fault::Refused(reason) => log::info!(reason; "the card does not take the time"),
                fault @ Fault::Line(_) => return Err(fault),
            }
        }
        Ok(session)
    }

    fn post(&self, path: &str, name: &str, input: Option<Value>) -> Result<Value, Trouble> {
        let url = format!("http://{}{path}", self.config.address);
        let ask = self.agent.post(&url).header("accept", "text/json");
        let mut response = ask
            .header("content-type", "application/json;charset=UTF-8")
            .send(request(name, input).as_bytes())
            .map_err(|error| Trouble::Line(error.to_string()))?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let body = body.map_err(|error| Trouble::Line(error.to_string()))?;
        if !status.is_success() {
            return Err(Trouble::Status(status.as_u16()));
        }
        Ok(answer(name, &body)?)
    }

    /// A file of the card; `None`: there is none yet.
    fn fetch(&mut self, file: &str) -> Result<Option<Vec<u8>>, Fault> {
        let asking = "fetching the captured picture";
        let sound = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
        if !sound || file.contains("..") {
            return Err(Fault::Line(format!("{asking}: no sensible answer: a file of strange letters")));
        }
        self.call("enableUploadDownload", json!({ "type": "download", "flag": "on" }))?;
        let url = format!("http://{}/download/{}", self.config.address, file.trim_start_matches('/'));
        let fetched = self.agent.get(&url).call().and_then(|mut response| {
            let whole = response.body_mut().with_config().limit(PICTURE_BYTES).read_to_vec()?;
            Ok((response.status(), whole))
        });
        self.call("enableUploadDownload", json!({ "type": "download", "flag": "off" }))?;
        match fetched {
            Ok((status, file)) if status.is_success() => Ok(Some(file)),
            Ok((status, _)) if status.as_u16() == 404 => Ok(None),
            Ok((status, _)) => Err(Fault::Refused(format!("{asking}: card answers {}", status.as_u16()))),
            Err(error) => Err(Fault::Line(format!("{asking}: {error}"))),
        }
    }

    /// Makes the card show these pages of a message with this end.
    fn send(&mut self, id: Option<ShowId>, until: Option<Wall>, turns: Turns) -> Result<(), Fault> {
        self.shown = None;
        let (width, height) = (self.config.width, self.config.height);
        let input = dynamic(width, height, turns.now()).map_err(|error| Fault::Refused(error.to_string()))?;
        self.call("updateDynamic", input)?;
        self.shown = Some(Shown { id, until, turns, seen: false, doubted: false, capture: None });
        Ok(())
    }

    fn show(&mut self, want: &Show) -> Result<(), Fault> {
        let (width, height) = (self.config.width, self.config.height);
        let (id, pages) = match want {
            Show::Dark => {
                (None, vec![Page { frame: Frame::new(width, height), hold: Duration::from_secs(60), runs: false }])
            }
            Show::Message(message) => (Some(message.id), still(&self.painter.paint(message), width, height)),
        };
        let count = at_a_time(&pages).map_err(|error| Fault::Refused(error.to_string()))?;
        let count = count.ok_or_else(|| Fault::Refused("a picture is larger than the card takes".to_owned()))?;
        self.send(id, end(want), Turns::new(&pages, count, Instant::now()))?;
        self.store(want)
    }

    /// Has the card keep the text for the time after a power cut; what is shown now does not depend on it.
    fn store(&mut self, want: &Show) -> Result<(), Fault> {
        let Some(stored) = self.config.stored.clone() else { return Ok(()) };
        let (width, height) = (self.config.width, self.config.height);
        let (name, input) = match want {
            Show::Message(message) => ("createBulletin", bulletin(&stored, message, width, height)),
            Show::Dark => ("deleteBulletin", no_bulletin()),
        };
        match self.call(name, input) {
            Ok(_) => Ok(()),
            Err(Fault::Refused(reason)) => {
                log::info!(reason; "the card keeps nothing for the time after a power cut");
                Ok(())
            }
            Err(fault @ Fault::Line(_)) => Err(fault),
        }
    }

    /// Looks at what the card shows; `false`: it is something else, for sure.
    fn look(&mut self) -> Result<bool, Fault> {
        let (width, height) = (self.config.width.to_string(), self.config.height.to_string());
        let Some(mut shown) = self.shown.take() else { return Ok(true) };
        let outcome = match shown.capture.take() {
            None => {
                let input = json!({ "suffix": "png", "framecount": "1", "picwidth": width, "picheight": height });
                self.call("screenCapture", input).and_then(|output| {
                    let file = text(&output, "filepath").map_err(|e| Trouble::from(e).fault("screenCapture"))?;
                    shown.capture = Some((file, Instant::now()));
                    Ok(true)
                })
            }
            Some((file, since)) => self.fetch(&file).map(|found| match found.map(|file| from_png(&file)) {
                Some(Ok(captured)) => {
                    let right = shown.turns.now().iter().any(|page| alike(&captured, &page.frame));
                    // One picture may have been taken while the card drew; two were not.
                    let sure = !right && std::mem::replace(&mut shown.doubted, !right);
                    shown.seen = right || (shown.seen && !sure);
                    !sure
                }
                Some(Err(error)) => {
                    log::info!(error:% = error; "the captured picture cannot be read");
                    shown.seen = false;
                    true
                }
                None if since.elapsed() < CAPTURE_WITHIN => {
                    shown.capture = Some((file, since));
                    true
                }
                None => {
                    log::info!("the card does not capture its screen");
                    shown.seen = false;
                    true
                }
            }),
        };
        self.shown = Some(shown);
        match outcome {
            // A card that cannot capture is believed.
            Err(Fault::Refused(reason)) => {
                log::info!(reason; "the card does not show what it shows");
                Ok(true)
            }
            other => other,
        }
    }

    fn report(&self) -> Report {
        let seen = self.shown.as_ref().is_some_and(|shown| shown.seen);
        let grade = if seen { Grade::Content } else { Grade::Electrical };
        Report::Board { showing: self.shown.as_ref().and_then(|shown| shown.id), grade }
    }

    fn dim(&mut self, percent: u8) -> Result<(), Fault> {
        if self.brightness == Some(percent) {
            return Ok(());
        }
        match self.call("systemBrightness", brightness(percent)) {
            Ok(_) => {}
            Err(Fault::Refused(reason)) => log::info!(reason; "the card does not take the brightness"),
            Err(fault @ Fault::Line(_)) => return Err(fault),
        }
        self.brightness = Some(percent);
        Ok(())
    }
}

impl OnbonY {
    fn bring_about(&mut self, want: &BoardWant) -> Result<Report, Fault> {
        let id = match &want.show {
            Show::Dark => None,
            Show::Message(message) => Some(message.id),
        };
        match self.shown.take() {
            Some(mut shown) if shown.id == id => {
                if shown.until != end(&want.show) {
                    self.store(&want.show)?;
                    shown.until = end(&want.show);
                }
                if shown.turns.turn(Instant::now()) {
                    self.send(id, shown.until, shown.turns)?;
                } else {
                    self.shown = Some(shown);
                    if self.look()? {
                        let seen = self.shown.as_ref().is_some_and(|shown| shown.seen && !shown.doubted);
                        self.strayed = if seen { 0 } else { self.strayed };
                    } else if self.strayed < PUT_BACK {
                        log::warn!("the board shows something else; showing the message again");
                        self.strayed += 1;
                        self.show(&want.show)?;
                    } else {
                        self.shown = None;
                        return Err(Fault::Refused("the board shows something else again and again".to_owned()));
                    }
                }
            }
            Some(_) => {
                self.strayed = 0;
                self.show(&want.show)?;
            }
            None => self.show(&want.show)?,
        }
        if id.is_some() {
            self.dim(want.brightness)?;
        }
        Ok(self.report())
    }

    fn look_only(&mut self) -> Result<Report, Fault> {
        if self.shown.is_none() {
            self.call("getState", json!({ "rtctime": "" }))?;
        } else if !self.look()? {
            return Ok(Report::Board { showing: None, grade: Grade::Content });
        }
        Ok(self.report())
    }

    /// A card that was lost may have lost its power, and with it what it showed.
    fn known(&mut self, result: Result<Report, Fault>) -> Result<Report, Fault> {
        if matches!(result, Err(Fault::Line(_))) {
            (self.shown, self.brightness) = (None, None);
        }
        result
    }
}

impl Driver<BoardWant> for OnbonY {
    fn apply(&mut self, _line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        let result = self.bring_about(want);
        self.known(result)
    }

    fn probe(&mut self, _line: &mut Line) -> Result<Report, Fault> {
        let result = self.look_only();
        self.known(result)
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        let Some(shown) = &self.shown else { return Some(LOOK_EVERY) };
        let looking = shown.capture.is_some() || !shown.seen;
        let look = if looking { CAPTURE_EVERY } else { LOOK_EVERY };
        Some(shown.turns.left(Instant::now()).map_or(look, |left| left.min(look)))
    }
}

/// When what is wanted ends.
fn end(show: &Show) -> Option<Wall> {
    match show {
        Show::Message(message) => message.until,
        Show::Dark => None,
    }
}
