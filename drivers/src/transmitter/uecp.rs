//! A zone coder behind an RDS encoder that takes UECP: names, flags, text and clock, and again and again the open zones.

use super::announcer::{Announcer, Step};
use super::rds::Programme;
use super::rds::clock::OFFSET_HALF_HOURS;
use super::rds::fold::LONGEST_TEXT;
use super::uecp_element::{Element, refusal};
use super::uecp_frame::{Address, Decoder, Frame, Stuffing};
use super::zone_code::ZoneCode;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::{CoderWant, Grade};
use std::time::{Duration, Instant};

/// Longest wait for an acknowledgement; an encoder may take a while with each group (87.6 ms on the air).
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_millis(1000);

/// What an encoder and its receivers need to be told apart from others.
#[derive(Clone, Debug)]
pub struct UecpConfig {
    /// Whom the frames are for.
    pub address: Address,
    /// How its firmware stuffs bytes.
    pub stuffing: Stuffing,
    /// The encoder acknowledges; one that does not, then, is a line fault.
    pub two_way: bool,
    /// What it says of the programme.
    pub programme: Programme,
    /// What its receivers understand.
    pub code: ZoneCode,
}

impl UecpConfig {
    /// A one-way encoder that keeps its own names, and these receivers.
    pub fn new(code: ZoneCode) -> Self {
        Self {
            address: Address::default(),
            stuffing: Stuffing::Standard,
            two_way: false,
            programme: Programme::default(),
            code,
        }
    }
}

/// An RDS encoder that opens and closes zones. `apply` is called again while zones are open: that is the keep-alive
/// without which the receivers fall silent.
#[derive(Clone, Debug)]
pub struct Uecp {
    address: Address,
    stuffing: Stuffing,
    two_way: bool,
    announcer: Announcer,
    /// Number of the line's opening that the encoder was set up in.
    session: u64,
    sequence: u8,
}

impl Uecp {
    /// A coder that has told its receivers nothing yet.
    pub fn new(config: UecpConfig) -> Self {
        let UecpConfig { address, stuffing, two_way, programme, code } = config;
        Self { address, stuffing, two_way, announcer: Announcer::new(programme, code), session: 0, sequence: 0 }
    }

    fn grade(&self) -> Grade {
        if self.two_way { Grade::Electrical } else { Grade::Sent }
    }

    /// Sets the encoder up once per connection.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.session == line.openings() {
            return Ok(());
        }
        // Taken before sending: the line may be opened once more while we speak.
        let session = line.openings();
        if self.two_way {
            self.say(line, &Element::TwoWay(true), "asking the encoder to acknowledge")?;
        }
        for step in self.announcer.greeting() {
            self.tell(line, &step)?;
        }
        self.session = session;
        Ok(())
    }

    fn tell(&mut self, line: &mut Line, step: &Step) -> Result<(), Fault> {
        self.say(line, &element(step), step.doing())
    }

    fn tell_all(&mut self, line: &mut Line, steps: &[Step]) -> Result<(), Fault> {
        let told = steps.iter().try_for_each(|step| self.tell(line, step));
        if told.is_err() {
            self.announcer.was_cut_off();
        }
        told
    }

    fn say(&mut self, line: &mut Line, element: &Element, asking: &str) -> Result<(), Fault> {
        self.sequence = if self.two_way { self.sequence % 255 + 1 } else { 0 };
        let frame = Frame { address: self.address, sequence: self.sequence, message: element.encode() };
        let bytes = frame.encode_by(self.stuffing).map_err(|error| Fault::Refused(format!("{asking}: {error}")))?;
        line.send(asking, &bytes)?;
        if self.two_way { self.acknowledged(line, asking) } else { Ok(()) }
    }

    fn acknowledged(&self, line: &mut Line, asking: &str) -> Result<(), Fault> {
        let until = Instant::now() + ACKNOWLEDGE_WITHIN;
        let mut decoder = Decoder::by(self.stuffing);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(line.gave_up(&format!("{asking}: waiting for the acknowledgement")));
            }
            for byte in line.receive(asking, left)? {
                let Some(decoded) = decoder.push(byte) else { continue };
                let frame = match decoded {
                    Ok(frame) => frame,
                    Err(error) => return Err(line.garbled(asking, error.to_string())),
                };
                match Element::decode(&frame.message) {
                    Some(Element::Acknowledge { sequence: Some(other), .. }) if other != self.sequence => {}
                    Some(Element::Acknowledge { code: 0, .. }) => return Ok(()),
                    Some(Element::Acknowledge { code, .. }) => {
                        return Err(Fault::Refused(format!("{asking}: encoder says {} ({code})", refusal(code))));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn element(step: &Step) -> Element {
    match step {
        Step::Pi(pi) => Element::Pi(*pi),
        Step::Ps(name) => Element::Ps(*name),
        Step::TaTp { ta, tp } => Element::TaTp { ta: *ta, tp: *tp },
        Step::Pty(pty) => Element::Pty(*pty),
        Step::RdsOn => Element::RdsOn(true),
        // The encoder puts its own flags into block 2.
        Step::Group(group, _) => Element::FreeFormat(*group),
        Step::Text { text, b } => {
            // A text that is shorter than it may be ends with a carriage return.
            let end = if text.is_empty() || text.len() >= LONGEST_TEXT { "" } else { "\r" };
            Element::RadioText { text: format!("{text}{end}").into_bytes(), b: *b }
        }
        Step::Clock(now) => {
            let c = now.civil(0);
            let at = [(c.year % 100) as u8, c.month, c.day, c.hour, c.minute, c.second, now.centisecond];
            Element::Clock { at, offset: OFFSET_HALF_HOURS }
        }
        Step::ClockOn(on) => Element::ClockOn(*on),
    }
}

impl Driver<CoderWant> for Uecp {
    fn apply(&mut self, line: &mut Line, want: &CoderWant) -> Result<Report, Fault> {
        // What the code cannot say is refused before anything is sent.
        self.announcer.check(want)?;
        self.greet(line)?;
        let steps = self.announcer.steps(want)?;
        self.tell_all(line, &steps)?;
        self.announcer.was_told();
        Ok(Report::Coder { zones: want.zones.clone(), grade: self.grade() })
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        let steps = self.announcer.upkeep();
        self.tell_all(line, &steps)?;
        self.say(line, &Element::RdsOn(true), "asking whether the encoder is there")?;
        Ok(Report::Coder { zones: self.announcer.zones(), grade: self.grade() })
    }

    /// Receivers that hear nothing for a while fall silent by themselves.
    fn again_after(&self, want: &CoderWant) -> Option<Duration> {
        self.announcer.again_after(want)
    }
}
