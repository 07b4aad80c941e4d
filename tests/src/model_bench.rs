//! A bench for every model that the drivers name, so that each lives the same story ([`story`]).
//!
//! # A row for a new model
//!
//! `tests/tests/every_model_lives_the_same_story.rs` walks the drivers' `MODELS` and fails for a model without a row in
//! [`rows`]. A row names its kind and model, and its way where a model has several (a card that takes pictures or
//! letters), and has a function of 5–15 lines that
//!
//! 1. starts a simulated device (`tests/src/device/…`), real if there is one that needs no more than this machine;
//! 2. makes the driver from the model's own `…Config`, as the configuration does;
//! 3. says what "on" and "off" are: a level each ([`Leveled::boxed`], with what a report must say), or for a sensor a state of
//!    the far end that must be read ([`Measured`]), for a sink a sound or none;
//! 4. reads the far end (`far`), past the driver: coil, screen, zones, packets;
//! 5. lets the device be deaf, late and gone (`mood`), and forget what it was told when it is gone, as without power;
//! 6. puts a second device on the same line, where the kind can share one (`beside`).
//!
//! 7. for a board, says what a passer-by sees (`seen`): tesseract must read the picture exactly.
//!
//! What makes no sense for a model (a one-way device cannot be late) is declared in `lacks` with the reason. The test
//! prints it; a step that is neither taken nor declared does not compile or fails.

mod rows;
pub mod story;

pub use rows::{FLOOD, rows};

use crate::device::Mood;
use crate::scratch::Scratch;
use drivers::Driver;
use drivers::board::frame::Frame;
use drivers::line::{Line, LineConfig};
use gateway_core::device::{Fault, Report};
use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

/// Which table of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `drivers::switch::MODELS`
    Switch,
    /// `drivers::transmitter::MODELS`
    Transmitter,
    /// `drivers::transmitter::CODER_MODELS`
    Coder,
    /// `drivers::board::MODELS`
    Board,
    /// `drivers::sensor::MODELS`
    Sensor,
    /// `drivers::sound::MODELS`
    Sink,
    /// `drivers::sound::TONE_MODELS`
    Tones,
    /// `drivers::tuner::MODELS`
    Tuner,
}

impl Kind {
    /// All of them, each with its models.
    pub const ALL: &[(Self, &[drivers::Model])] = &[
        (Self::Switch, drivers::switch::MODELS),
        (Self::Transmitter, drivers::transmitter::MODELS),
        (Self::Coder, drivers::transmitter::CODER_MODELS),
        (Self::Board, drivers::board::MODELS),
        (Self::Sensor, drivers::sensor::MODELS),
        (Self::Sink, drivers::sound::MODELS),
        (Self::Tones, drivers::sound::TONE_MODELS),
        (Self::Tuner, drivers::tuner::MODELS),
    ];
}

/// A step of the story that a model may lack, for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The device takes everything and says nothing: a line fault within the budget of a call, and recovery.
    Deaf,
    /// It answers late: the answer is never taken for the next one.
    Late,
    /// Its plug is pulled and put back.
    Unplug,
    /// Another device on the same line goes on when it dies.
    Beside,
}

/// Later than the first wait of most drivers.
const LATE: Duration = Duration::from_millis(1200);

/// One model and its bench.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its table.
    pub kind: Kind,
    /// Its name there.
    pub model: &'static str,
    /// Which way of it, where there are several; empty for what it is unless said.
    pub way: &'static str,
    /// Makes the bench; files go into the folder.
    pub make: fn(&Scratch) -> Bench,
    /// How late it answers when it is late: later than its driver waits, unless that waits for the whole of a call.
    pub late: Duration,
    /// Steps that make no sense for it, each with the reason.
    pub lacks: &'static [(Step, &'static str)],
}

impl Row {
    /// A model, its bench, and what it lacks.
    const fn new(
        kind: Kind,
        model: &'static str,
        make: fn(&Scratch) -> Bench,
        lacks: &'static [(Step, &'static str)],
    ) -> Self {
        Self { kind, model, way: "", make, late: LATE, lacks }
    }

    /// The same by another way.
    const fn by(self, way: &'static str) -> Self {
        Self { way, ..self }
    }

    /// The same for a driver that waits longer.
    const fn late(self, late: Duration) -> Self {
        Self { late, ..self }
    }

    /// What it is called when it fails.
    pub fn name(&self) -> String {
        format!("{:?} {} {}", self.kind, self.model, self.way).trim_end().to_owned()
    }
}

/// A device at the far end of a line, and its driver at the near one.
pub struct Bench {
    /// The line.
    pub line: LineConfig,
    /// The driver and its two levels.
    pub subject: Box<dyn Subject>,
    /// How the far end stands: on or off.
    pub far: Box<dyn Fn() -> bool>,
    /// Lets the device, or its whole port, feel so; [`Mood::Absent`] pulls the plug, and a device with a memory loses it.
    pub mood: Box<dyn Fn(Mood)>,
    /// The second device.
    pub beside: Option<Beside>,
    /// What a passer-by sees of it, where there is something to be seen.
    pub sight: Option<Box<dyn Fn() -> Sight>>,
    /// What must live as long as the bench.
    pub keep: Vec<Box<dyn Any>>,
}

/// What is seen of a board.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A picture, of which other eyes must read the text.
    Picture(Frame),
    /// Letters of the device's own, in lines.
    Letters(Vec<String>),
    /// Nothing here: this test looks at it.
    Elsewhere(&'static str),
    /// Nothing at all.
    Dark,
}

impl Sight {
    /// A picture, if there is one.
    fn picture(frame: Option<Frame>) -> Self {
        frame.map_or(Self::Dark, Self::Picture)
    }
}

impl Bench {
    /// The same with something to be seen.
    fn seen<D: 'static>(mut self, device: &Rc<D>, sight: impl Fn(&D) -> Sight + 'static) -> Self {
        let device = Rc::clone(device);
        self.sight = Some(Box::new(move || sight(&device)));
        self
    }
}

/// A second device on the line of a bench.
pub struct Beside {
    /// Its driver.
    pub subject: Box<dyn Subject>,
    /// How it stands.
    pub far: Box<dyn Fn() -> bool>,
    /// Lets only the first device feel so.
    pub first: Box<dyn Fn(Mood)>,
}

/// Something that can be told to be on or off, and says what it is.
pub trait Subject {
    /// Brings the level about; what the report says.
    ///
    /// # Errors
    /// As the driver.
    fn tell(&mut self, line: &mut Line, on: bool) -> Result<bool, Fault>;
}

/// A driver that is told levels.
pub struct Leveled<W> {
    driver: Box<dyn Driver<W>>,
    on: W,
    off: W,
    says: fn(&Report) -> Option<bool>,
}

impl<W: 'static> Leveled<W> {
    /// A driver, its two levels, and what a report says of them (`None`: nothing to the point).
    pub fn boxed(driver: Box<dyn Driver<W>>, on: W, off: W, says: fn(&Report) -> Option<bool>) -> Box<dyn Subject> {
        Box::new(Self { driver, on, off, says })
    }
}

impl<W> Subject for Leveled<W> {
    fn tell(&mut self, line: &mut Line, on: bool) -> Result<bool, Fault> {
        let report = self.driver.apply(line, if on { &self.on } else { &self.off })?;
        (self.says)(&report).ok_or_else(|| Fault::Refused(format!("a report beside the point: {report:?}")))
    }
}

/// A driver that only looks, and a far end that can be put in two states.
pub struct Measured {
    /// The driver.
    pub driver: Box<dyn Driver<()>>,
    /// Puts the far end in the state.
    pub set: Box<dyn Fn(bool)>,
    /// What a report says of it.
    pub says: fn(&Report) -> Option<bool>,
}

impl Subject for Measured {
    fn tell(&mut self, line: &mut Line, on: bool) -> Result<bool, Fault> {
        (self.set)(on);
        let report = self.driver.apply(line, &())?;
        (self.says)(&report).ok_or_else(|| Fault::Refused(format!("a report beside the point: {report:?}")))
    }
}
