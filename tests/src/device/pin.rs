//! A pin that no chip has: what is driven is read back, and its chip can go and come back.

use drivers::gpio::Pins;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The pin; its clones are the same pin.
#[derive(Clone, Debug, Default)]
pub struct Pin {
    wire: Arc<Mutex<Wire>>,
    taken: bool,
}

#[derive(Debug, Default)]
struct Wire {
    level: bool,
    gone: bool,
    takings: u32,
    waits: Vec<Duration>,
}

impl Pin {
    /// Puts the pin at this level from outside.
    pub fn set_level(&self, level: bool) {
        self.wire().level = level;
    }

    /// How it stands.
    pub fn level(&self) -> bool {
        self.wire().level
    }

    /// Takes its chip away, or puts it back.
    pub fn set_gone(&self, gone: bool) {
        self.wire().gone = gone;
    }

    /// How often it was taken from its chip.
    pub fn takings(&self) -> u32 {
        self.wire().takings
    }

    /// How long it was waited for a change, each time it was asked.
    pub fn waits(&self) -> Vec<Duration> {
        self.wire().waits.clone()
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pins for Pin {
    fn listen(&mut self) -> Result<(), String> {
        self.there()?;
        if !std::mem::replace(&mut self.taken, true) {
            self.wire().takings += 1;
        }
        Ok(())
    }

    fn drive(&mut self, on: bool) -> Result<(), String> {
        self.listen()?;
        self.set_level(on);
        Ok(())
    }

    fn there(&self) -> Result<(), String> {
        if self.wire().gone { Err("no such chip".to_owned()) } else { Ok(()) }
    }

    fn level_after(&mut self, wait: Duration) -> Result<bool, String> {
        self.wire().waits.push(wait);
        self.there()?;
        if self.taken { Ok(self.level()) } else { Err("asked before it was taken".to_owned()) }
    }

    fn release(&mut self) {
        self.taken = false;
    }
}
