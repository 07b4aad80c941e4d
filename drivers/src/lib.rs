//! drivers: makes devices do what is wanted; one file per device, this page is the table of contents.
//!
//! - [`line`](mod@line): serial ports and TCP connections, and who owns them
//! - [`switch`]: Modbus relays
//! - [`transmitter`]: FM exciters and their zone coders
//! - [`board`]: LED boards
//! - [`sound`]: decoding, mixing, sound cards, the recorder

use gateway_core::device::{Fault, Report};
use line::Line;

pub mod board;
pub mod line;
pub mod sound;
pub mod switch;
pub mod transmitter;

/// Makes one device do what is wanted. Blocking; called only by the thread that owns the device's line, which is why
/// the line is lent for each call instead of being shared.
pub trait Driver<W>: Send {
    /// Makes the device be as wanted, looks whether it is, and says what was seen. Being told twice is harmless.
    fn apply(&mut self, line: &mut Line, want: &W) -> Result<Report, Fault>;

    /// Looks how the device is, without changing it.
    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault>;
}
