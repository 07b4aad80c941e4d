//! What really left a sink, for those who listen: the recorder, the monitor in the browser, the meter.

use gateway_core::id::PlayId;
use std::time::Instant;

/// A piece of what left a sink: at most 20 ms, after the limiter, as the device was given it.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// When its first sample leaves the device, as far as the driver knows.
    pub at: Instant,
    /// Sample rate, hertz.
    pub rate: u32,
    /// One channel, −1…1.
    pub samples: &'a [f32],
    /// The play that was due in it; `None`: nothing was, and it should be silent.
    pub due: Option<PlayId>,
    /// Pieces were lost between this one and the one before, because the listeners were too slow.
    pub gap: bool,
}

/// One who listens to a sink. Called on a thread of its line that may be late but never holds up the sound: it must
/// not wait for anything.
pub trait Listener: Send {
    /// Takes the next piece.
    fn hear(&mut self, left: &Left<'_>);

    /// The sink is closed: nothing more will come.
    fn close(&mut self) {}
}
