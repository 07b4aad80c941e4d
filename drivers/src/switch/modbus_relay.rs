//! One relay of a Modbus board: written when it differs, always read back where the board says how it stands.

use crate::Driver;
use crate::line::Line;
use crate::profile::{Place, Pulse, RelayProfile};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use std::sync::Arc;
use std::time::Duration;

/// A pulse is renewed so many times before it would be over: a lost renewal or two open no relay.
const RENEWALS: u32 = 3;

/// One relay of a board.
///
/// With a hold the relay is closed by the board's own timed pulse and the pulse is renewed while it is wanted, so that
/// a dead gateway or a cut line leaves nothing closed for longer than the hold.
#[derive(Clone, Debug)]
pub struct ModbusRelay {
    unit: u8,
    board: Arc<RelayProfile>,
    /// How far it is from the first relay.
    offset: u16,
    hold: Option<Hold>,
    /// What was written last, and went well.
    written: Option<bool>,
}

/// A dead-man's hold.
#[derive(Clone, Copy, Debug)]
struct Hold {
    pulse: Pulse,
    word: u16,
    long: Duration,
}

impl ModbusRelay {
    /// Coil `coil` (from 0) of the board at Modbus address `unit`.
    pub fn new(unit: u8, coil: u16) -> Self {
        Self { unit, board: Arc::new(RelayProfile::coils()), offset: coil, hold: None, written: None }
    }

    /// Relay `number` of such a board, as the board counts; with a `hold` it opens by itself that long after the last
    /// word of the gateway. `None`: the board has no relay of this number, or no pulse as long as the hold.
    pub fn by_profile(unit: u8, number: u16, board: Arc<RelayProfile>, hold: Option<Duration>) -> Option<Self> {
        let offset = board.offset(number)?;
        let hold = match hold {
            Some(long) => {
                let pulse = board.pulse?;
                Some(Hold { pulse, word: pulse.word(long)?, long })
            }
            None => None,
        };
        Some(Self { unit, board, offset, hold, written: None })
    }

    /// How it stands; `None`: the board does not say.
    fn read(&self, line: &mut Line) -> Result<Option<bool>, Fault> {
        let Some(Place { table, first }) = self.board.read else { return Ok(None) };
        line.read_bit(self.unit, table, first.wrapping_add(self.offset)).map(Some)
    }

    fn write(&self, line: &mut Line, on: bool) -> Result<(), Fault> {
        let board = &self.board;
        let (table, first, value) = match (self.hold, on) {
            (Some(Hold { pulse, word, .. }), true) => (pulse.table, pulse.first, word),
            (_, true) => (board.table, board.first, board.on),
            (_, false) => (board.table, board.first, board.off),
        };
        line.write_value(self.unit, table, first.wrapping_add(self.offset), value)
    }
}

impl Driver<bool> for ModbusRelay {
    /// The first time the relay is written whatever it reads: a board may have been replaced, or its relay may be in a
    /// timed mode of its own that a plain write ends. A held relay is written each time: that is what holds it.
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        let held = self.hold.is_some() && *want;
        if self.written.is_some() && !held && self.read(line)? == Some(*want) {
            return Ok(Report::Switch { on: *want, grade: Grade::Electrical });
        }
        self.written = None;
        self.write(line, *want)?;
        let read = self.read(line)?;
        self.written = Some(*want);
        Ok(told(read, *want))
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        match (self.read(line)?, self.written) {
            (None, None) => line.open().map(|()| Report::Well),
            (read, written) => Ok(told(read, written.unwrap_or_default())),
        }
    }

    fn again_after(&self, want: &bool) -> Option<Duration> {
        self.hold.filter(|_| *want).map(|hold| hold.long / RENEWALS)
    }
}

fn told(read: Option<bool>, written: bool) -> Report {
    match read {
        Some(on) => Report::Switch { on, grade: Grade::Electrical },
        None => Report::Switch { on: written, grade: Grade::Sent },
    }
}
