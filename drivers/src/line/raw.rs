//! Bytes as they are, for devices that speak neither Modbus nor each other's protocols.

use super::Line;
use super::wire::WireError;
use gateway_core::device::Fault;
use std::time::Duration;

/// Longest time a write may take.
const WRITE_WITHIN: Duration = Duration::from_millis(1000);

impl Line {
    /// Opens the line if need be and sends all the bytes, after throwing away what had come unasked; a connection that
    /// turns out to be closed is opened once more.
    ///
    /// # Errors
    /// [`Fault::Line`] when they cannot be sent.
    pub fn send(&mut self, asking: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.state.lock().requests += 1;
        self.open()?;
        match self.try_send(bytes) {
            Ok(()) => return Ok(()),
            Err(WireError::Gone(_)) => self.close(),
            Err(error @ (WireError::Timeout | WireError::LeftOff | WireError::Garbage(_))) => {
                self.close();
                return Err(self.failed(asking, &error));
            }
        }
        self.open()?;
        self.try_send(bytes).map_err(|error| {
            self.close();
            self.failed(asking, &error)
        })
    }

    /// Opens the line if it is not open, or no longer is: a connection the far end closed is noticed here, so that a
    /// device with sessions can begin a new one before it is asked for something.
    ///
    /// # Errors
    /// [`Fault::Line`] when it cannot be opened.
    pub fn look_alive(&mut self) -> Result<(), Fault> {
        self.open()?;
        if let Some(mut wire) = self.wire.take() {
            match self.run(async { wire.settle().await }) {
                Ok(thrown) => {
                    self.state.lock().discarded += thrown;
                    self.wire = Some(wire);
                }
                Err(_) => self.close(),
            }
        }
        self.open()
    }

    /// Waits at most this long for bytes; empty: none came.
    ///
    /// # Errors
    /// [`Fault::Line`] when the line is closed or breaks.
    pub fn receive(&mut self, asking: &str, within: Duration) -> Result<Vec<u8>, Fault> {
        let Some(mut wire) = self.wire.take() else {
            return Err(self.failed(asking, &WireError::Gone(std::io::ErrorKind::NotConnected.into())));
        };
        match self.run(async { wire.read(within).await }) {
            Ok(bytes) => {
                self.wire = Some(wire);
                if !bytes.is_empty() {
                    self.state.answered(asking);
                }
                Ok(bytes)
            }
            Err(error) => {
                self.close();
                Err(self.failed(asking, &error))
            }
        }
    }

    /// Notes that an answer did not come in time, and closes the line so that it cannot come later.
    pub fn gave_up(&mut self, asking: &str) -> Fault {
        self.state.lock().timeouts += 1;
        self.close();
        self.failed(asking, &WireError::Timeout)
    }

    /// Notes that what came is no answer, and closes the line.
    pub fn garbled(&mut self, asking: &str, what: impl Into<String>) -> Fault {
        self.close();
        self.failed(asking, &WireError::Garbage(what.into()))
    }

    /// Notes that a driver broke down in the middle of a call, and closes the line: nobody knows what was still to come.
    pub fn broke_down(&mut self, asking: &str) -> Fault {
        self.state.lock().breakdowns += 1;
        self.close();
        let error = std::io::Error::other("a fault of this program, see its log");
        self.failed(asking, &WireError::Gone(error))
    }

    fn try_send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let Some(mut wire) = self.wire.take() else {
            return Err(WireError::Gone(std::io::ErrorKind::NotConnected.into()));
        };
        let mut thrown = 0;
        let sent = self.run(async {
            thrown = wire.settle().await?;
            wire.write(bytes, WRITE_WITHIN).await
        });
        self.state.lock().discarded += thrown;
        self.wire = Some(wire);
        sent
    }
}
