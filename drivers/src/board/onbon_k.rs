//! An Onbon BX-5K or BX-6K card: shows a text in plain letters of its own, and says yes or no to what it is told.

use super::answer::{Owed, answer};
use super::clock;
use super::onbon_k_area::{self, Area, Motion, Series, folded};
use super::onbon_k_frame::{ANY_SCREEN, Frame, PC, Splitter, error_name};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);
/// How often the card is told again that its screen is to be on, or off: there is no way to ask.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A card that lost its power does not say so: the text is sent again this often.
const AFRESH: Duration = Duration::from_secs(600);
/// How long a text outlives the gateway where it is to go dark then.
const LEASE: Duration = Duration::from_secs(1200);
/// Letters of the card, pixels.
const LETTER: (u16, u16) = (8, 16);
/// What the text of a drill begins with.
const DRILL: &str = "DIEN TAP: ";

/// What an Onbon K card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnbonKConfig {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Which series.
    pub series: Series,
    /// Number of the screen.
    pub screen: u16,
    /// It has red, green and yellow; otherwise one colour.
    pub dual: bool,
    /// It goes dark by itself some time after it has lost the gateway.
    pub dark_when_lost: bool,
}

/// An Onbon K card.
#[derive(Clone, Debug)]
pub struct OnbonK {
    config: OnbonKConfig,
    opening: Option<u64>,
    shown: Option<Shown>,
    owed: Owed,
}

#[derive(Clone, Copy, Debug)]
enum Shown {
    Dark,
    /// The card counts to the end by itself: another end is another thing to tell it.
    Message {
        id: ShowId,
        until: Option<Wall>,
        sent: Instant,
    },
}

impl OnbonK {
    /// The driver of such a card.
    pub fn new(config: OnbonKConfig) -> Self {
        Self { config, opening: None, shown: None, owed: Owed::default() }
    }

    /// Sets the clock of a card that is new on this connection, and knows nothing of what it shows.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        self.owed.wait(line)?;
        line.look_alive()?;
        if self.opening == Some(line.openings()) {
            return Ok(());
        }
        self.shown = None;
        match self.ask(line, "setting the clock", &onbon_k_area::clock(self.config.screen, clock::now())) {
            Ok(()) => {}
            Err(Fault::Refused(reason)) => log::info!(reason; "the card does not take the time"),
            Err(fault @ Fault::Line(_)) => return Err(fault),
        }
        self.opening = Some(line.openings());
        Ok(())
    }

    fn power(&mut self, line: &mut Line, on: bool) -> Result<(), Fault> {
        let asking = if on { "switching the screen on" } else { "switching the screen off" };
        self.ask(line, asking, &onbon_k_area::power(self.config.screen, on))
    }

    fn show(&mut self, line: &mut Line, message: &BoardMessage) -> Result<(), Fault> {
        self.shown = None;
        let area = area(&self.config, message);
        let frame = onbon_k_area::dynamic(self.config.screen, self.config.series, &area, true);
        self.ask(line, "sending a text", &frame)?;
        // Switched on last, so that a screen that was dark does not flash what it held before.
        self.power(line, true)?;
        self.shown = Some(Shown::Message { id: message.id, until: message.until, sent: Instant::now() });
        Ok(())
    }

    fn ask(&mut self, line: &mut Line, asking: &str, frame: &Frame) -> Result<(), Fault> {
        line.send(asking, &frame.encode())?;
        let ours = self.config.screen;
        let said = answer(line, asking, Splitter::default(), ANSWER_WITHIN, |found| match found {
            // What another screen on this line says, or says to another: its yes is not ours.
            Frame { to, from, .. } if to != PC || (from != ours && from != ANY_SCREEN) => None,
            Frame { group: 0xA0, command: 0, flag: 0, .. } => Some(Ok(())),
            Frame { group: 0xA0, command: 0 | 1, flag, .. } => {
                Some(Err(Fault::Refused(format!("{asking}: card says {} ({flag})", error_name(flag)))))
            }
            Frame { .. } => None,
        });
        self.owed.noted(said)
    }

    fn report(&self) -> Report {
        let showing = match self.shown {
            Some(Shown::Message { id, .. }) => Some(id),
            Some(Shown::Dark) | None => None,
        };
        Report::Board { showing, grade: Grade::Electrical }
    }
}

/// The text of a message on a board of this size: still where it fits, running where it does not.
fn area(config: &OnbonKConfig, message: &BoardMessage) -> Area {
    let mut plain = folded(&message.text.split_whitespace().collect::<Vec<_>>().join(" "));
    if message.drill && !plain.to_ascii_uppercase().starts_with(b"DIEN TAP") {
        plain.splice(..0, DRILL.bytes());
    }
    let (columns, rows) = (config.width / LETTER.0, config.height / LETTER.1);
    let fits = plain.len() <= usize::from(columns) * usize::from(rows);
    let mut text = Vec::new();
    if config.dual {
        text.extend(match message.level {
            Some(4..) => b"\\C1",
            Some(2 | 3) => b"\\C3",
            Some(0 | 1) | None => b"\\C2",
        });
    }
    text.extend(plain);
    let now = clock::now();
    let end = clock::end(message.until, config.dark_when_lost.then_some(LEASE), now);
    let left_s = end.map(|end| (end.0 - now.0).div_euclid(1000).clamp(1, i64::from(u16::MAX)));
    Area {
        rectangle: (0, 0, config.width, config.height),
        id: 0,
        dark_after_s: left_s.map(|seconds| seconds as u16),
        text,
        speech: None,
        motion: if fits { Motion::AtOnce } else { Motion::Left },
        hold: if fits { 10 } else { 0 },
        wraps: fits,
    }
}

impl Driver<BoardWant> for OnbonK {
    fn apply(&mut self, line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        self.greet(line)?;
        match (&want.show, self.shown) {
            (Show::Dark, _) => {
                self.shown = None;
                self.power(line, false)?;
                self.shown = Some(Shown::Dark);
            }
            (Show::Message(message), Some(Shown::Message { id, until, sent }))
                if (id, until) == (message.id, message.until) && sent.elapsed() < AFRESH =>
            {
                self.power(line, true)?;
            }
            (Show::Message(message), _) => self.show(line, message)?,
        }
        Ok(self.report())
    }

    /// There is nothing to ask: the card is told again what it has said yes to.
    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        match self.shown {
            Some(Shown::Message { .. }) => self.power(line, true)?,
            Some(Shown::Dark) => self.power(line, false)?,
            None => {}
        }
        Ok(self.report())
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        Some(LOOK_EVERY)
    }
}
