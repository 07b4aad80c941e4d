//! One coil of a Modbus relay board: written when it differs, always read back.

use crate::Driver;
use crate::line::{Line, Table};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;

/// One coil of a relay board.
#[derive(Clone, Debug)]
pub struct ModbusRelay {
    unit: u8,
    coil: u16,
    written: bool,
}

impl ModbusRelay {
    /// Coil `coil` (from 0) of the board at Modbus address `unit`.
    pub fn new(unit: u8, coil: u16) -> Self {
        Self { unit, coil, written: false }
    }

    fn read(&self, line: &mut Line) -> Result<bool, Fault> {
        line.read_bit(self.unit, Table::Coil, self.coil)
    }
}

impl Driver<bool> for ModbusRelay {
    /// The first time the coil is written whatever it reads: a board may have been replaced, or its coil may be in a
    /// timed mode of its own that a plain write ends.
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        if !self.written || self.read(line)? != *want {
            self.written = false;
            line.write_bit(self.unit, Table::Coil, self.coil, *want)?;
            let on = self.read(line)?;
            self.written = true;
            return Ok(Report::Switch { on, grade: Grade::Electrical });
        }
        Ok(Report::Switch { on: *want, grade: Grade::Electrical })
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        Ok(Report::Switch { on: self.read(line)?, grade: Grade::Electrical })
    }
}
