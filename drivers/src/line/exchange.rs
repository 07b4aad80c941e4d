//! One Modbus exchange on an open wire: what is asked, what comes back, and whether it answers the question.

use super::direct::write_coil;
use super::wire::{Wire, WireError};
use std::time::{Duration, Instant};
use tokio_modbus::ExceptionCode;
use tokio_modbus::prelude::{Client as _, Request, Response, Slave, SlaveContext as _};

/// What is asked of a device.
pub(super) enum Question {
    /// What the library can put.
    Plain(Request<'static>),
    /// Function 05 with a value of the board's own.
    CoilValue { address: u16, value: u16 },
}

impl Question {
    /// Bytes it is as an RTU frame.
    pub(super) fn length(&self) -> u32 {
        let more = match self {
            Self::Plain(Request::WriteMultipleCoils(_, bits)) => 1 + bits.len().div_ceil(8),
            Self::Plain(Request::WriteMultipleRegisters(_, words)) => 1 + 2 * words.len(),
            Self::Plain(_) | Self::CoilValue { .. } => 0,
        };
        u32::try_from(8 + more).unwrap_or(256)
    }
}

/// How one attempt ended.
pub(super) enum Attempt {
    Answer(Response, Duration),
    Exception(ExceptionCode, Duration),
}

/// One question and its answer on an open wire.
pub(super) async fn exchange(
    wire: &mut Wire,
    unit: u8,
    question: &Question,
    timeout: Duration,
) -> Result<Attempt, WireError> {
    let sent = Instant::now();
    let request = match question {
        Question::Plain(request) => request,
        Question::CoilValue { address, value } => {
            let written = write_coil(wire, (unit, *address, *value), timeout).await?;
            let took = sent.elapsed();
            // The echo, in the shape the library gives one of two words.
            let echo = || Attempt::Answer(Response::WriteSingleRegister(*address, *value), took);
            return Ok(written.map_or_else(|code| Attempt::Exception(code, took), |()| echo()));
        }
    };
    let modbus = wire.modbus();
    modbus.set_slave(Slave(unit));
    let answer = match tokio::time::timeout(timeout, modbus.call(request.clone())).await {
        Err(_) => return Err(WireError::Timeout),
        Ok(Err(tokio_modbus::Error::Transport(error))) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(WireError::Garbage(error.to_string()));
        }
        Ok(Err(tokio_modbus::Error::Transport(error))) => return Err(WireError::Gone(error)),
        Ok(Err(tokio_modbus::Error::Protocol(error))) => return Err(WireError::Garbage(error.to_string())),
        Ok(Ok(answer)) => answer,
    };
    let took = sent.elapsed();
    match answer {
        Err(code) => Ok(Attempt::Exception(code, took)),
        Ok(response) if answers(request, &response) => Ok(Attempt::Answer(response, took)),
        Ok(response) => Err(WireError::Garbage(format!("{response:?}"))),
    }
}

/// Whether the response has the shape the request asks for.
fn answers(request: &Request<'_>, response: &Response) -> bool {
    match (request, response) {
        (Request::ReadCoils(_, count), Response::ReadCoils(bits))
        | (Request::ReadDiscreteInputs(_, count), Response::ReadDiscreteInputs(bits)) => {
            bits.len() == usize::from(*count).next_multiple_of(8)
        }
        (Request::ReadHoldingRegisters(_, count), Response::ReadHoldingRegisters(words))
        | (Request::ReadInputRegisters(_, count), Response::ReadInputRegisters(words)) => {
            words.len() == usize::from(*count)
        }
        (Request::WriteSingleCoil(address, on), Response::WriteSingleCoil(there, is)) => address == there && on == is,
        (Request::WriteMultipleCoils(address, bits), Response::WriteMultipleCoils(there, count)) => {
            address == there && bits.len() == usize::from(*count)
        }
        (Request::WriteMultipleRegisters(address, words), Response::WriteMultipleRegisters(there, count)) => {
            address == there && words.len() == usize::from(*count)
        }
        (Request::WriteSingleRegister(address, word), Response::WriteSingleRegister(there, is)) => {
            address == there && word == is
        }
        _ => false,
    }
}
