//! A transmitter that speaks the `TX.*` language: keyed only as its licence says and into an antenna that takes it.

use super::exciter::Licence;
use super::tx_text::{Lines, Name, either, number, reflected, standby};
use super::{Carrier, keyed_or_tripped, unseen};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report, TransmitterState};
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// How long after keying the forward power may take to rise.
const RISE_WITHIN: Duration = Duration::from_millis(1500);
/// Part of the licensed power that counts as "carrier up".
const CARRIER_PART: f64 = 0.05;
/// Part of the licensed power that may come back unless the configuration says otherwise.
const REFLECTED_PART: f64 = 0.1;
/// Standing wave ratio that trips besides: where the unit of reflected power was misread, this was not.
const VSWR_LIMIT: f64 = 2.0;
/// As near as `TX.FREQ` says a frequency, MHz.
const FREQUENCY_STEP: f64 = 0.01;

/// A transmitter with the `TX.*` language. What trips it and what does not is as with
/// [`ModbusExciter`](super::ModbusExciter).
#[derive(Clone, Debug)]
pub struct TxAscii {
    licence: Licence,
    reflected_limit_w: f64,
    tripped: Option<String>,
    carrier: Carrier,
}

impl TxAscii {
    /// A transmitter with this licence; a limit of reflected power in watts, or the driver's rule.
    pub fn new(licence: Licence, reflected_limit_w: Option<f64>) -> Self {
        let reflected_limit_w = reflected_limit_w.unwrap_or(licence.power_w * REFLECTED_PART);
        Self { licence, reflected_limit_w, tripped: None, carrier: Carrier::default() }
    }

    fn ask(&self, line: &mut Line, name: Name) -> Result<String, Fault> {
        let asking = format!("asking {}", name.word());
        line.send(&asking, &name.question())?;
        let until = Instant::now() + ANSWER_WITHIN;
        let mut lines = Lines::default();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(line.gave_up(&asking));
            }
            for byte in line.receive(&asking, left)? {
                if let Some(value) = lines.push(byte).and_then(|said| name.value(&said)) {
                    return Ok(value);
                }
            }
        }
    }

    fn read<T>(&self, line: &mut Line, name: Name, of: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let value = self.ask(line, name)?;
        of(&value).ok_or_else(|| line.garbled(&format!("asking {}", name.word()), format!("it says {value:?}")))
    }

    fn keyed(&self, line: &mut Line) -> Result<bool, Fault> {
        self.read(line, Name::Standby, |v| either(v, "OFF", "ON"))
    }

    fn look(&mut self, line: &mut Line) -> Result<TransmitterState, Fault> {
        let forward_w = self.read(line, Name::Forward, number)?;
        let reflected_w = self.read(line, Name::Reflected, reflected)?;
        let present = self.read(line, Name::RfPresent, |v| either(v, "PRES", "NOT PRES"))?;
        let keyed = self.keyed(line)?;
        self.carrier.keyed = keyed;
        Ok(TransmitterState {
            carrier: keyed && present && forward_w >= self.licence.power_w * CARRIER_PART,
            forward_w: forward_w as f32,
            reflected_w: reflected_w as f32,
            temperature_c: None,
        })
    }

    /// Why this transmitter, as it is set now, must not be keyed; `None`: it may.
    fn objection(&self, line: &mut Line) -> Result<Option<String>, Fault> {
        let Licence { frequency_mhz, power_w } = self.licence;
        let frequency = self.read(line, Name::Frequency, number)?;
        if (frequency - frequency_mhz).abs() > FREQUENCY_STEP / 2.0 {
            return Ok(Some(format!(
                "transmitter is set to {frequency:.2} MHz, the licence says {frequency_mhz:.2} MHz: carrier kept off"
            )));
        }
        let power = self.read(line, Name::Power, number)?;
        let over = power > power_w;
        Ok(over.then(|| {
            format!("transmitter is set to {power:.1} W, the licence allows {power_w:.1} W: carrier kept off")
        }))
    }

    fn trip_reason(&self, line: &mut Line, seen: &TransmitterState) -> Result<Option<String>, Fault> {
        if f64::from(seen.reflected_w) > self.reflected_limit_w {
            return Ok(Some(format!(
                "{:.1} W come back from the antenna, {:.1} W are the limit: carrier off",
                seen.reflected_w, self.reflected_limit_w
            )));
        }
        // Without power the ratio is of nothing.
        let vswr = if seen.carrier { self.read(line, Name::Vswr, number)? } else { 1.0 };
        if vswr > VSWR_LIMIT {
            return Ok(Some(format!("standing wave ratio {vswr:.1}, {VSWR_LIMIT:.1} is the limit: carrier off")));
        }
        if self.read(line, Name::AlarmVswr, |v| either(v, "ON", "OFF"))? {
            return Ok(Some("transmitter reports high VSWR: carrier off".to_owned()));
        }
        let fault = self.read(line, Name::Fault, |v| either(v, "FAULT", "OK"))?;
        Ok(fault.then(|| "transmitter reports a fault: carrier off".to_owned()))
    }

    fn put_down(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.send("taking the carrier down", &standby(true))?;
        self.carrier.keyed = self.keyed(line)?;
        match self.carrier.keyed {
            false => Ok(()),
            true => Err(Fault::Refused("transmitter stays keyed after being told off".to_owned())),
        }
    }

    fn refuse(&mut self, line: &mut Line, reason: String) -> Fault {
        match self.put_down(line) {
            Ok(()) => Fault::Refused(reason),
            Err(error) => Fault::Line(format!("{reason}; taking the carrier down: {error}")),
        }
    }

    fn trip(&mut self, line: &mut Line, reason: String) -> Fault {
        log::warn!(reason; "carrier tripped");
        self.tripped = Some(reason.clone());
        self.refuse(line, reason)
    }

    fn put_up(&mut self, line: &mut Line) -> Result<TransmitterState, Fault> {
        if let Some(reason) = self.tripped.clone() {
            return Err(self.trip(line, reason));
        }
        if let Some(reason) = self.objection(line)? {
            return Err(self.refuse(line, reason));
        }
        let (before, keyed) = (self.look(line)?, self.keyed(line)?);
        if let Some(reason) = self.trip_reason(line, &before)? {
            return Err(if keyed { self.trip(line, reason) } else { self.refuse(line, reason) });
        }
        if !keyed {
            // Its answer may be lost on the way, and the order not.
            self.carrier.keyed = true;
            line.send("taking the carrier up", &standby(false))?;
            if !self.keyed(line)? {
                return Err(Fault::Refused("transmitter stays in standby: is it set to local?".to_owned()));
            }
        }
        let start = Instant::now();
        loop {
            let seen = self.look(line)?;
            if let Some(reason) = self.trip_reason(line, &seen)? {
                return Err(self.trip(line, reason));
            }
            // One that has had its time to rise is not waited for again: others wait for the line.
            if seen.carrier || keyed || start.elapsed() > RISE_WITHIN {
                return Ok(seen);
            }
        }
    }
}

impl Driver<bool> for TxAscii {
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        if *want {
            let mut up = self.put_up(line);
            if self.carrier.seen(&up)
                && let Err(fault) = &up
            {
                up = Err(self.refuse(line, unseen(fault)));
            }
            return keyed_or_tripped(up, self.tripped.as_deref());
        }
        self.tripped = None;
        if self.keyed(line)? {
            self.put_down(line)?;
        }
        self.look(line).map(Report::Transmitter)
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.look(line).map(Report::Transmitter)
    }

    fn again_after(&self, want: &bool) -> Option<Duration> {
        self.carrier.again_after(*want)
    }
}
