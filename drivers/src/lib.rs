//! drivers: makes devices do what is wanted; one file per device, this page is the table of contents.
//!
//! - [`line`](mod@line): serial ports and TCP connections, and who owns them
//! - [`profile`]: what a kind of Modbus device has where, as data
//! - [`switch`]: Modbus relays
//! - [`transmitter`]: FM exciters and their zone coders
//! - [`board`]: LED boards
//! - [`gpio`]: pins of the machine
//! - [`sensor`]: what measures: power, temperature, batteries, doors
//! - [`tuner`]: what a tuner says it receives
//! - [`sound`]: decoding, mixing, sound cards, the recorder
//!
//! Each kind has a table of its models (`MODELS`) and a `…Config` that names one of them and makes its driver.

use gateway_core::device::{Fault, Report};
use line::Line;
use std::time::Duration;

pub mod board;
pub mod gpio;
pub mod line;
pub mod profile;
pub mod sensor;
pub mod sound;
pub mod switch;
pub mod transmitter;
pub mod tuner;

/// Makes one device do what is wanted. Blocking; called only by the thread that owns the device's line, which is why
/// the line is lent for each call instead of being shared.
pub trait Driver<W>: Send {
    /// Makes the device be as wanted, looks whether it is, and says what was seen. Being told twice is harmless.
    fn apply(&mut self, line: &mut Line, want: &W) -> Result<Report, Fault>;

    /// Looks how the device is, without changing it.
    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault>;

    /// How often this want must be applied again while it lasts, because the device lets go by itself; `None`: once is
    /// enough, and looking now and then.
    fn again_after(&self, want: &W) -> Option<Duration> {
        let _ = want;
        None
    }
}

/// One model of device the configuration can name.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The word after `driver =`; the key that makes one, where it has no such word.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its own configuration keys: name, then what it means with unit and range.
    pub keys: &'static [(&'static str, &'static str)],
}
