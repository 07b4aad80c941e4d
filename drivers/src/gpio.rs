//! Pins of the machine (Linux GPIO character device): inputs with a debounce, an output for a buzzer.

mod chip;

use crate::Driver;
use crate::line::Line;
use crate::sensor::reading;
use chip::Chip;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use std::path::PathBuf;
use std::time::Duration;

/// A contact that changes for less than this has not changed.
pub const DEBOUNCE: Duration = Duration::from_millis(30);
/// How long a look at an input waits for it to change; the line's thread is for this pin alone.
const WAIT: Duration = Duration::from_secs(1);

/// One pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its chip, e.g. `/dev/gpiochip0`.
    pub chip: PathBuf,
    /// Its number there.
    pub offset: u32,
    /// It is on when it is low: a contact to ground, with the pull-up switched on.
    pub active_low: bool,
}

/// What holds a pin: the kernel, or a fake in tests.
pub trait Pins: Send {
    /// Takes the pin as an input with [`DEBOUNCE`]; calls after the first change nothing.
    fn listen(&mut self) -> Result<(), String>;

    /// Takes the pin as an output at this level, or sets it.
    fn drive(&mut self, on: bool) -> Result<(), String>;

    /// Whether its chip is there, without taking the pin.
    fn there(&self) -> Result<(), String>;

    /// Waits until it changes, at most this long, or not at all if it has since the last look; then its level.
    fn level_after(&mut self, wait: Duration) -> Result<bool, String>;

    /// Lets go of it.
    fn release(&mut self);
}

/// An input that reports one quantity, 0 or 1.
pub struct Input {
    pins: Box<dyn Pins>,
    quantity: &'static str,
    name: String,
}

impl Input {
    /// The input of the kernel.
    pub fn new(pin: Pin, quantity: &'static str) -> Self {
        let name = name(&pin);
        Self::on(Box::new(Chip::new(pin)), name, quantity)
    }

    /// The input of whoever holds the pin.
    pub fn on(pins: Box<dyn Pins>, name: String, quantity: &'static str) -> Self {
        Self { pins, quantity, name }
    }

    fn look(&mut self, wait: Duration) -> Result<Report, Fault> {
        let level = self.pins.listen().and_then(|()| self.pins.level_after(wait));
        let level = level.map_err(|why| {
            self.pins.release();
            Fault::Line(format!("{}: {why}", self.name))
        })?;
        Ok(Report::Sensed(vec![reading(self.quantity, f64::from(u8::from(level)), "")]))
    }
}

impl Driver<()> for Input {
    /// The first look says how it is, at once.
    fn apply(&mut self, _: &mut Line, (): &()) -> Result<Report, Fault> {
        self.look(Duration::ZERO)
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        self.look(WAIT)
    }

    fn again_after(&self, (): &()) -> Option<Duration> {
        // It waits for itself.
        Some(Duration::ZERO)
    }
}

/// An output: a buzzer or a lamp. Let go when the program ends, and then as the board pulls it.
pub struct Output {
    pins: Box<dyn Pins>,
    name: String,
    driven: bool,
}

impl Output {
    /// The output of the kernel.
    pub fn new(pin: Pin) -> Self {
        let name = name(&pin);
        Self::on(Box::new(Chip::new(pin)), name)
    }

    /// The output of whoever holds the pin.
    pub fn on(pins: Box<dyn Pins>, name: String) -> Self {
        Self { pins, name, driven: false }
    }

    fn failed(&mut self, why: &str) -> Fault {
        self.pins.release();
        self.driven = false;
        Fault::Line(format!("{}: {why}", self.name))
    }
}

impl Driver<bool> for Output {
    fn apply(&mut self, _: &mut Line, want: &bool) -> Result<Report, Fault> {
        let driven = self.pins.drive(*want).and_then(|()| self.pins.level_after(Duration::ZERO));
        let on = driven.map_err(|why| self.failed(&why))?;
        self.driven = true;
        // The kernel says what it drives; whether anything hangs on the pin nobody knows.
        Ok(Report::Switch { on, grade: Grade::Sent })
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        if !self.driven {
            // Reading an output means taking it, which may turn it.
            return self.pins.there().map(|()| Report::Well).map_err(|why| self.failed(&why));
        }
        let on = self.pins.level_after(Duration::ZERO).map_err(|why| self.failed(&why))?;
        Ok(Report::Switch { on, grade: Grade::Sent })
    }
}

fn name(pin: &Pin) -> String {
    format!("pin {} of {}", pin.offset, pin.chip.display())
}
