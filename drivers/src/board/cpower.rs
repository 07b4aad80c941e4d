//! A C-Power5200 card: shows pictures painted here, one at a time, and says whether its screen is on.

use super::answer::{Owed, answer};
use super::clock;
use super::cpower_packet::{CHUNK, Link, MOST_PACKETS, Packet, Splitter, command, error_name};
use super::cpower_picture::{Colours, one_window, picture_len, show_picture, simple_picture};
use super::painter::Painter;
use super::picture::still;
use super::turns::Turns;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);
/// The packets of one picture take no longer than this together.
const PICTURE_WITHIN: Duration = Duration::from_secs(6);
/// How often the card is looked at while it shows something.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A card on a serial line that lost its power does not say so: the picture is sent again this often.
const AFRESH: Duration = Duration::from_secs(60);
/// How often a screen that somebody else switches is put right, before that is called a fault.
const PUT_BACK: u8 = 3;

/// What a C-Power card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpowerConfig {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// What colours it has.
    pub colours: Colours,
    /// Its number, 1–254.
    pub card: u8,
    /// How it is reached.
    pub link: Link,
}

impl CpowerConfig {
    /// Bytes a picture of the whole screen takes, or why the card cannot be sent one.
    ///
    /// # Errors
    /// What is too large, in words.
    pub fn picture_bytes(&self) -> Result<usize, String> {
        let bytes = picture_len(self.width, self.height, self.colours);
        if bytes > MOST_PACKETS * CHUNK {
            let most = MOST_PACKETS * CHUNK;
            return Err(format!("a picture takes {bytes} bytes, and the card counts packets of no more than {most}"));
        }
        Ok(bytes)
    }

    /// Bits per second that bring a picture to the card while it is waited for: ten a byte, and a third more for escapes,
    /// heads and answers.
    ///
    /// # Errors
    /// As [`Self::picture_bytes`].
    pub fn least_baud(&self) -> Result<u32, String> {
        let bits = self.picture_bytes()?.saturating_mul(10) as u64;
        Ok(u32::try_from(bits * 4 / 3 / PICTURE_WITHIN.as_secs()).unwrap_or(u32::MAX))
    }
}

/// A C-Power card.
#[derive(Clone, Debug)]
pub struct Cpower {
    config: CpowerConfig,
    painter: Painter,
    opening: Option<u64>,
    shown: Option<Shown>,
    brightness: Option<u8>,
    strayed: u8,
    owed: Owed,
}

#[derive(Clone, Debug)]
enum Shown {
    Dark,
    Message { id: ShowId, turns: Turns, sent: Instant },
}

impl Cpower {
    /// The driver of such a card.
    pub fn new(config: CpowerConfig) -> Self {
        let painter = Painter::new(config.width, config.height).with_colours(config.colours);
        Self { config, painter, opening: None, shown: None, brightness: None, strayed: 0, owed: Owed::default() }
    }

    /// The same with another painter.
    #[must_use]
    pub fn with_painter(self, painter: Painter) -> Self {
        Self { painter: painter.with_colours(self.config.colours), ..self }
    }

    /// Whether the screen is on; sets the clock of a card that is new on this connection.
    fn is_on(&mut self, line: &mut Line) -> Result<bool, Fault> {
        self.owed.wait(line)?;
        line.look_alive()?;
        let new = self.opening != Some(line.openings());
        if new {
            (self.shown, self.brightness) = (None, None);
        }
        let answer = self.ask(line, "asking whether the screen is on", command::POWER, &[1])?;
        let [1, on, ..] = *answer.data else {
            return Err(line.garbled("asking whether the screen is on", "an answer of another shape"));
        };
        if new {
            self.introduce(line)?;
            let data = time_data(clock::now());
            match self.ask(line, "setting the clock", command::TIME, &data) {
                Ok(answer) if answer.data.first() == Some(&1) => {}
                Ok(_) | Err(Fault::Refused(_)) => log::info!("the card does not take the time"),
                Err(fault @ Fault::Line(_)) => return Err(fault),
            }
            self.opening = Some(line.openings());
        }
        Ok(on != 0)
    }

    /// Asks what card this is, for whoever reads the log; old ones do not say.
    fn introduce(&mut self, line: &mut Line) -> Result<(), Fault> {
        match self.ask(line, "asking for its version", command::VERSION, &[0]) {
            Ok(answer) => match version(&answer.data) {
                Some((kind, program)) => log::info!(kind, program; "a card answers"),
                None => log::info!("a card answers, and says its version in another shape"),
            },
            Err(Fault::Refused(reason)) => log::info!(reason; "the card does not tell its version"),
            Err(fault @ Fault::Line(_)) => return Err(fault),
        }
        Ok(())
    }

    fn switch(&mut self, line: &mut Line, on: bool) -> Result<(), Fault> {
        let asking = if on { "switching the screen on" } else { "switching the screen off" };
        let answer = self.ask(line, asking, command::POWER, &power_data(on))?;
        match *answer.data {
            [0, state, ..] if (state != 0) == on => Ok(()),
            _ => Err(Fault::Refused(format!("{asking}: the card says no"))),
        }
    }

    fn dim(&mut self, line: &mut Line, percent: u8) -> Result<(), Fault> {
        if self.brightness == Some(percent) {
            return Ok(());
        }
        let asking = "setting the brightness";
        let data = brightness_data(percent);
        let answer = self.ask(line, asking, command::BRIGHTNESS, &data)?;
        if answer.data.first() == Some(&1) {
            // Read back: a sensor of the card, or a table of somebody else's, may have the last word.
            let kept = self.ask(line, "asking for the brightness", command::BRIGHTNESS, &[1])?;
            if kept.data.get(1..) != data.get(1..) {
                log::warn!("the card keeps another brightness than it took");
            }
        } else {
            log::info!("the card does not take the brightness");
        }
        self.brightness = Some(percent);
        Ok(())
    }

    /// Sends the picture of a page; `whole`: with its window.
    fn picture(&mut self, line: &mut Line, turns: &Turns, whole: bool) -> Result<(), Fault> {
        let CpowerConfig { width, height, colours, .. } = self.config;
        let until = Instant::now() + PICTURE_WITHIN;
        if whole {
            self.call(line, "dividing the screen", &one_window(width, height), until)?;
        }
        let Some(page) = turns.now().first() else {
            return Err(Fault::Refused("a message without pages".to_owned()));
        };
        let stay = u16::try_from(page.hold.as_secs()).unwrap_or(u16::MAX).max(1);
        let picture = simple_picture(&page.frame, colours);
        self.call(line, "sending a picture", &show_picture(&picture, stay), until)
    }

    fn show(&mut self, line: &mut Line, message: &BoardMessage) -> Result<(), Fault> {
        self.shown = None;
        let CpowerConfig { width, height, .. } = self.config;
        let pages = still(&self.painter.paint(message), width, height);
        let turns = Turns::new(&pages, 1, Instant::now());
        self.picture(line, &turns, true)?;
        // Switched on last, so that a screen that was dark does not flash what it held before.
        self.switch(line, true)?;
        self.shown = Some(Shown::Message { id: message.id, turns, sent: Instant::now() });
        Ok(())
    }

    /// Turns the page if it is time, and sends what may have been lost.
    fn keep(&mut self, line: &mut Line, id: ShowId, mut turns: Turns, sent: Instant) -> Result<(), Fault> {
        let now = Instant::now();
        let afresh = self.config.link == Link::Serial && now.duration_since(sent) >= AFRESH;
        let mut sent = sent;
        if turns.turn(now) || afresh {
            self.shown = None;
            self.picture(line, &turns, afresh)?;
            sent = if afresh { now } else { sent };
        }
        self.shown = Some(Shown::Message { id, turns, sent });
        Ok(())
    }

    fn call(&mut self, line: &mut Line, asking: &str, body: &[u8], until: Instant) -> Result<(), Fault> {
        let Some(packets) = Packet::call(self.config.card, body) else {
            return Err(Fault::Refused(format!("{asking}: {} bytes are more than one call takes", body.len())));
        };
        for packet in packets {
            if Instant::now() > until {
                return Err(line.gave_up(asking));
            }
            let answer = self.exchange(line, asking, &packet)?;
            if answer.flag != 0 {
                return Err(Fault::Refused(format!(
                    "{asking}: card says {} ({})",
                    error_name(answer.flag),
                    answer.flag
                )));
            }
        }
        Ok(())
    }

    fn ask(&mut self, line: &mut Line, asking: &str, command: u8, data: &[u8]) -> Result<Packet, Fault> {
        self.exchange(line, asking, &Packet::ask(self.config.card, command, data))
    }

    fn exchange(&mut self, line: &mut Line, asking: &str, packet: &Packet) -> Result<Packet, Fault> {
        line.send(asking, &packet.encode(self.config.link))?;
        let is_answer = |found: &Packet| {
            // An adapter that echoes gives back the question itself; old firmware answers without saying so.
            found != packet && found.command == packet.command && found.card == self.config.card
        };
        let cutter = Splitter::new(self.config.link);
        let said = answer(line, asking, cutter, ANSWER_WITHIN, |found| is_answer(&found).then_some(Ok(found)));
        self.owed.noted(said)
    }

    fn report(&self) -> Report {
        let showing = match &self.shown {
            Some(Shown::Message { id, .. }) => Some(*id),
            Some(Shown::Dark) | None => None,
        };
        Report::Board { showing, grade: Grade::Electrical }
    }

    /// Counts how often somebody else switched the screen.
    fn stray(&mut self) -> Result<(), Fault> {
        if self.strayed >= PUT_BACK {
            return Err(Fault::Refused("somebody else switches the screen again and again".to_owned()));
        }
        log::warn!("somebody else switched the screen; putting it right");
        self.strayed += 1;
        Ok(())
    }
}

impl Driver<BoardWant> for Cpower {
    fn apply(&mut self, line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        let on = self.is_on(line)?;
        match (&want.show, self.shown.take()) {
            (Show::Dark, Some(Shown::Dark)) if !on => {
                self.strayed = 0;
                self.shown = Some(Shown::Dark);
            }
            (Show::Dark, before) => {
                if matches!(before, Some(Shown::Dark)) {
                    self.stray()?;
                } else {
                    self.strayed = 0;
                }
                self.switch(line, false)?;
                self.shown = Some(Shown::Dark);
            }
            (Show::Message(message), Some(Shown::Message { id, turns, sent })) if id == message.id => {
                if on {
                    self.strayed = 0;
                    self.keep(line, id, turns, sent)?;
                } else {
                    self.stray()?;
                    self.show(line, message)?;
                }
                self.dim(line, want.brightness)?;
            }
            (Show::Message(message), _) => {
                self.strayed = 0;
                self.show(line, message)?;
                self.dim(line, want.brightness)?;
            }
        }
        Ok(self.report())
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        match (self.is_on(line)?, &self.shown) {
            (false, Some(Shown::Message { .. })) => Ok(Report::Board { showing: None, grade: Grade::Electrical }),
            (true, Some(Shown::Dark)) => Err(Fault::Refused("the screen is on though it was switched off".to_owned())),
            (true | false, _) => Ok(self.report()),
        }
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        let left = match &self.shown {
            Some(Shown::Message { turns, .. }) => turns.left(Instant::now()),
            Some(Shown::Dark) | None => None,
        };
        Some(left.unwrap_or(LOOK_EVERY).min(LOOK_EVERY))
    }
}

/// Body of command 76: as long as in the makers' printed frames, which is one byte less than in their table.
pub fn power_data(on: bool) -> [u8; 9] {
    [0, u8::from(on), 0, 0, 0, 0, 0, 0, 0]
}

/// What an answer to command 2E says: the kind of card, and the version of its program; `None`: it has another shape.
pub fn version(data: &[u8]) -> Option<(u8, String)> {
    let &[0, kind, _logic, _bios, _, _, _, program, ..] = data else { return None };
    Some((kind, format!("{}.{}", program >> 4, program & 15)))
}

/// Body of command 46 for one brightness all day: 24 values of 0–31; never quite dark.
pub fn brightness_data(percent: u8) -> Vec<u8> {
    let level = (u16::from(percent.min(100)) * 31).div_ceil(100).max(1) as u8;
    [&[0][..], &[level; 24]].concat()
}

/// Body of command 47: the clock of Viet Nam, Sunday = 0.
pub fn time_data(now: Wall) -> Vec<u8> {
    let (date, time) = now.local();
    let small = |value: i8| u8::try_from(value).unwrap_or_default();
    let week = small(date.weekday().to_sunday_zero_offset());
    let year = u8::try_from(date.year().rem_euclid(100)).unwrap_or_default();
    let (hour, minute, second) = (small(time.hour()), small(time.minute()), small(time.second()));
    vec![0, second, minute, hour, week, small(date.day()), small(date.month()), year]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_another_shape_is_not() {
        assert_eq!(version(&[0, 0x2C, 0x41, 0x15, 0, 0, 0, 0x36, 9]), Some((0x2C, "3.6".to_owned())));
        assert_eq!((version(&[]), version(&[1, 2, 3, 4, 5, 6, 7, 8]), version(&[0; 7])), (None, None, None));
    }

    #[test]
    fn brightness_and_time_are_laid_out_as_the_document_says() {
        assert_eq!(brightness_data(100), [&[0][..], &[31; 24]].concat());
        assert_eq!((brightness_data(0)[1], brightness_data(1)[1], brightness_data(50)[24]), (1, 1, 16));
        let now = Wall::parse("2026-11-22T08:05:09+07:00").expect("a time");
        assert_eq!(time_data(now), [0, 9, 5, 8, 0, 22, 11, 26]);
    }
}
