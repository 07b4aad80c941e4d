//! Modbus on a line (application protocol V1.1b3): one question, one answer, nothing left over for the next.
//!
//! An RTU reply does not say which question it answers. So a wait that ended without an answer is followed by
//! listening for the straggler, an answer to a repeated question counts only when no second one follows, and a
//! device that stayed silent is not asked again for a second or more. A Modbus TCP connection is closed instead.
//!
//! While others wait for the line ([`Haste`](super::Haste)) nothing is asked twice, and nobody waits for a device whose
//! last answer did not come. Such a device is asked once more when they are served ([`Terms::Again`]), and that tells.

use super::exchange::{Attempt, Question, exchange};
use super::pace::Pace;
use super::wire::WireError;
use super::{ASK_BUDGET, Line, Terms};
use gateway_core::device::Fault;
use std::time::{Duration, Instant};
use tokio_modbus::ExceptionCode;
use tokio_modbus::prelude::{Request, Response};

/// Attempts at one question before a device that answered last time is called silent.
const ATTEMPTS: usize = 3;

/// The four tables of a Modbus device; addresses count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Bits that can be written (functions 01, 05, 15).
    Coil,
    /// Bits that can only be read (function 02).
    Discrete,
    /// 16-bit words that can be written (functions 03, 06, 16).
    Holding,
    /// 16-bit words that can only be read (function 04).
    Input,
}

/// Values of function 05 that the standard knows.
const ON_OFF: [u16; 2] = [0xFF00, 0x0000];

impl Line {
    /// Reads one coil or discrete input; words read as "not zero".
    ///
    /// # Errors
    /// [`Fault::Refused`] when the device answers with an exception, [`Fault::Line`] when no sensible answer comes.
    pub fn read_bit(&mut self, unit: u8, table: Table, address: u16) -> Result<bool, Fault> {
        Ok(self.read_bits(unit, table, address, 1)?.first().copied().unwrap_or(false))
    }

    /// Reads `count` neighbours at once (1–2000 bits, 1–125 words, which read as "not zero").
    ///
    /// # Errors
    /// As [`Self::read_bit`].
    pub fn read_bits(&mut self, unit: u8, table: Table, address: u16, count: u16) -> Result<Vec<bool>, Fault> {
        let many = if count == 1 { String::new() } else { format!("+{count}") };
        let (asking, request) = match table {
            Table::Coil => (format!("reading coil {address}{many} of unit {unit}"), Request::ReadCoils(address, count)),
            Table::Discrete => {
                let asking = format!("reading input bit {address}{many} of unit {unit}");
                (asking, Request::ReadDiscreteInputs(address, count))
            }
            Table::Holding | Table::Input => {
                return Ok(self.read_words(unit, table, address, count)?.iter().map(|word| *word != 0).collect());
            }
        };
        let response = self.ask(unit, &asking, &Question::Plain(request))?;
        if let Response::ReadCoils(bits) | Response::ReadDiscreteInputs(bits) = response {
            return Ok(bits.into_iter().take(usize::from(count)).collect());
        }
        Err(Fault::Line(format!("{asking}: answered {response:?}")))
    }

    /// Reads `count` words; bits read as 0 or 1.
    ///
    /// # Errors
    /// As [`Self::read_bit`].
    pub fn read_words(&mut self, unit: u8, table: Table, address: u16, count: u16) -> Result<Vec<u16>, Fault> {
        let (asking, request) = match table {
            Table::Holding => (
                format!("reading holding registers {address}+{count} of unit {unit}"),
                Request::ReadHoldingRegisters(address, count),
            ),
            Table::Input => (
                format!("reading input registers {address}+{count} of unit {unit}"),
                Request::ReadInputRegisters(address, count),
            ),
            Table::Coil | Table::Discrete => {
                return Ok(self.read_bits(unit, table, address, count)?.into_iter().map(u16::from).collect());
            }
        };
        let response = self.ask(unit, &asking, &Question::Plain(request))?;
        if let Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words) = response {
            return Ok(words);
        }
        Err(Fault::Line(format!("{asking}: answered {response:?}")))
    }

    /// Writes one coil (function 05); a holding register takes 1 or 0 (function 06).
    ///
    /// # Errors
    /// As [`Self::read_bit`]; a table that cannot be written is [`Fault::Refused`].
    pub fn write_bit(&mut self, unit: u8, table: Table, address: u16, on: bool) -> Result<(), Fault> {
        let asking = format!("switching {table:?} {address} of unit {unit} {}", if on { "on" } else { "off" });
        let request = match table {
            Table::Coil => Request::WriteSingleCoil(address, on),
            Table::Holding => Request::WriteSingleRegister(address, u16::from(on)),
            Table::Discrete | Table::Input => {
                return Err(Fault::Refused(format!("{asking}: such a table can only be read")));
            }
        };
        self.ask(unit, &asking, &Question::Plain(request)).map(|_| ())
    }

    /// Writes neighbours at once: coils by function 15 (at most 1968), holding registers as 1 or 0 by function 16 (at
    /// most 123).
    ///
    /// # Errors
    /// As [`Self::write_bit`]; no bits, or more than the function takes, is [`Fault::Refused`].
    pub fn write_bits(&mut self, unit: u8, table: Table, address: u16, on: &[bool]) -> Result<(), Fault> {
        let asking = format!("switching {table:?} {address}+{} of unit {unit}", on.len());
        let most = match table {
            Table::Coil => 1968,
            Table::Holding => 123,
            Table::Discrete | Table::Input => {
                return Err(Fault::Refused(format!("{asking}: such a table can only be read")));
            }
        };
        if !(1..=most).contains(&on.len()) {
            return Err(Fault::Refused(format!("{asking}: 1 to {most} can be written at once")));
        }
        let request = if table == Table::Coil {
            Request::WriteMultipleCoils(address, on.to_vec().into())
        } else {
            Request::WriteMultipleRegisters(address, on.iter().map(|on| u16::from(*on)).collect())
        };
        self.ask(unit, &asking, &Question::Plain(request)).map(|_| ())
    }

    /// Writes one value: a holding register (function 06), or a coil with a value of the board's own (function 05), such
    /// as a pulse it times itself.
    ///
    /// # Errors
    /// As [`Self::write_bit`].
    pub fn write_value(&mut self, unit: u8, table: Table, address: u16, value: u16) -> Result<(), Fault> {
        let asking = format!("writing {value:04X}h to {table:?} {address} of unit {unit}");
        let question = match table {
            Table::Coil if ON_OFF.contains(&value) => Question::Plain(Request::WriteSingleCoil(address, value != 0)),
            Table::Coil => Question::CoilValue { address, value },
            Table::Holding => Question::Plain(Request::WriteSingleRegister(address, value)),
            Table::Discrete | Table::Input => {
                return Err(Fault::Refused(format!("{asking}: such a table can only be read")));
            }
        };
        self.ask(unit, &asking, &question).map(|_| ())
    }

    /// Puts one question until it is answered, refused or given up.
    fn ask(&mut self, unit: u8, asking: &str, question: &Question) -> Result<Response, Fault> {
        if self.terms == Terms::Spare && self.haste.is_on() {
            self.gave_way = true;
            return Err(Fault::Line(format!("{asking}: put off, others wait for the line")));
        }
        let start = Instant::now();
        let mut pace = self.paces.get(&unit).cloned().unwrap_or_default();
        if let Some(left) = pace.resting(start) {
            let left = left.as_millis();
            return Err(Fault::Line(format!("{asking}: the device was silent, asked again in {left} ms")));
        }
        self.state.lock().requests += 1;
        let result = self.attempts(unit, asking, question, &mut pace, start);
        if matches!(result, Err(Fault::Line(_))) && self.wire.is_some() && !self.gave_way && self.terms != Terms::Again
        {
            pace.silent(Instant::now());
        }
        self.paces.insert(unit, pace);
        result
    }

    fn attempts(
        &mut self,
        unit: u8,
        asking: &str,
        question: &Question,
        pace: &mut Pace,
        start: Instant,
    ) -> Result<Response, Fault> {
        let again = self.terms == Terms::Again;
        let attempts = if pace.doubtful() || again { 1 } else { ATTEMPTS };
        let mut last = WireError::Timeout;
        for attempt in 0..attempts {
            let timeout = pace.timeout() + self.config.airtime();
            if attempt > 0 && start.elapsed() + timeout * 2 > ASK_BUDGET {
                break;
            }
            if attempt > 0 && self.hurried() {
                self.gave_way = true;
                break;
            }
            self.open()?;
            let owed = pace.owes();
            match self.attempt(unit, question, timeout, owed) {
                Ok(found) => {
                    // An answer after an unanswered attempt may be the belated one; then the true one follows it.
                    let doubted = (attempt > 0 || owed) && self.config.rtu();
                    match if doubted { self.straggler(timeout) } else { Some(false) } {
                        Some(false) => {}
                        Some(true) => {
                            pace.late();
                            last = WireError::Garbage("the device answers too late".to_owned());
                            continue;
                        }
                        // Whether it was the belated one will never be known.
                        None => {
                            self.gave_way = true;
                            pace.left();
                            last = WireError::LeftOff;
                            break;
                        }
                    }
                    self.state.answered(asking);
                    match found {
                        Attempt::Answer(response, took) => {
                            pace.answered(took);
                            return Ok(response);
                        }
                        Attempt::Exception(code, took) => {
                            pace.answered(took);
                            return Err(self.exception(asking, code));
                        }
                    }
                }
                Err(error) => {
                    match &error {
                        WireError::LeftOff => {
                            self.gave_way = true;
                            pace.left();
                        }
                        WireError::Timeout => {
                            self.state.lock().timeouts += 1;
                            pace.missed();
                            if !self.config.rtu() {
                                self.close();
                            } else if !again && self.straggler(timeout) == Some(true) {
                                pace.late();
                            }
                        }
                        WireError::Garbage(_) if self.config.rtu() => {
                            if self.straggler(timeout / 4).is_none() {
                                pace.left();
                            }
                        }
                        WireError::Garbage(_) | WireError::Gone(_) => self.close(),
                    }
                    last = error;
                    if self.gave_way {
                        break;
                    }
                }
            }
        }
        Err(self.failed(asking, &last))
    }

    /// Whether others wait behind the call that is made.
    fn hurried(&self) -> bool {
        self.terms == Terms::Brief || self.haste.is_on()
    }

    /// One question and the wait for its answer, on an open line; a device that `owes` one is not waited for while others
    /// wait.
    fn attempt(&mut self, unit: u8, question: &Question, timeout: Duration, owes: bool) -> Result<Attempt, WireError> {
        let Some(mut wire) = self.wire.take() else {
            return Err(WireError::Gone(std::io::ErrorKind::NotConnected.into()));
        };
        let (rtu, haste) = (self.config.rtu(), self.haste.clone());
        let (mut thrown, mut sent, spoken) = (0, Instant::now(), self.spoken);
        let result = self.run(async {
            if rtu {
                tokio::time::sleep(spoken.saturating_duration_since(sent)).await;
                thrown = wire.settle().await?;
                sent = Instant::now();
            }
            tokio::select! {
                answer = exchange(&mut wire, unit, question, timeout) => answer,
                () = haste.come(), if owes && rtu => Err(WireError::LeftOff),
            }
        });
        self.state.lock().discarded += thrown;
        if matches!(result, Err(WireError::LeftOff)) {
            // It may still be leaving the port: what follows it without a silence is no question to anybody.
            self.spoken = sent + self.config.sending(question.length());
        }
        if result.is_err() {
            wire.forget_modbus();
        }
        self.wire = Some(wire);
        result
    }

    /// Listens this long for an answer that is overdue; whether one came. `None`: others wait, and it is not known.
    fn straggler(&mut self, within: Duration) -> Option<bool> {
        if self.hurried() {
            return None;
        }
        let haste = self.haste.clone();
        let Some(mut wire) = self.wire.take() else { return Some(false) };
        let heard = self.run(async {
            let first = tokio::select! {
                biased;
                first = wire.discard(within) => Some(first?),
                () = haste.come() => None,
            };
            Ok(match first {
                None | Some(0) => first,
                Some(some) => Some(some + wire.settle().await?),
            })
        });
        match heard {
            Ok(count) => {
                self.wire = Some(wire);
                self.state.lock().discarded += count.unwrap_or(0);
                count.map(|count| count > 0)
            }
            Err(_) => {
                self.close();
                Some(false)
            }
        }
    }

    fn exception(&mut self, asking: &str, code: ExceptionCode) -> Fault {
        let text = format!("{asking}: exception {:02X} ({code})", u8::from(code));
        self.state.failed(&text);
        match code {
            // A gateway speaks here, and says that the device itself did not.
            ExceptionCode::GatewayPathUnavailable | ExceptionCode::GatewayTargetDevice => Fault::Line(text),
            ExceptionCode::IllegalFunction
            | ExceptionCode::IllegalDataAddress
            | ExceptionCode::IllegalDataValue
            | ExceptionCode::ServerDeviceFailure
            | ExceptionCode::Acknowledge
            | ExceptionCode::ServerDeviceBusy
            | ExceptionCode::MemoryParityError
            | ExceptionCode::Custom(_) => Fault::Refused(text),
        }
    }
}
