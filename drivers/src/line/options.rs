//! How a line's characters look on the wire, and whether what passes is recorded.

use std::path::PathBuf;

/// The bit that makes the ones of a character even or odd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parity {
    /// There is none.
    #[default]
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

/// What a line needs besides where it leads; by default 8N1 and no recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// Parity of a serial port.
    pub parity: Parity,
    /// Two stop bits on a serial port, instead of one.
    pub two_stop_bits: bool,
    /// File that takes down every byte sent and received; bounded, see [`super::tape`].
    pub record: Option<PathBuf>,
}

impl LineOptions {
    /// The character as it is written on type plates, e.g. `8N1`.
    pub fn character(&self) -> &'static str {
        match (self.parity, self.two_stop_bits) {
            (Parity::None, false) => "8N1",
            (Parity::None, true) => "8N2",
            (Parity::Even, false) => "8E1",
            (Parity::Even, true) => "8E2",
            (Parity::Odd, false) => "8O1",
            (Parity::Odd, true) => "8O2",
        }
    }

    /// The same for the serial library.
    pub(super) fn bits(&self) -> (tokio_serial::Parity, tokio_serial::StopBits) {
        let parity = match self.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Even => tokio_serial::Parity::Even,
            Parity::Odd => tokio_serial::Parity::Odd,
        };
        let stop = if self.two_stop_bits { tokio_serial::StopBits::Two } else { tokio_serial::StopBits::One };
        (parity, stop)
    }
}
