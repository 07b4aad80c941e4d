//! An FM exciter over Modbus: keys the carrier, and only the licensed one, into an antenna that takes it.

use super::exciter_points::{Points, Words};
use super::{Carrier, keyed_or_tripped, unseen};
use crate::Driver;
use crate::line::Line;
use crate::profile::ExciterProfile;
use gateway_core::device::{Fault, Report, TransmitterState};
use std::time::{Duration, Instant};

/// What the frequency licence allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Licence {
    /// Carrier frequency, MHz.
    pub frequency_mhz: f64,
    /// Highest transmitter power, watts.
    pub power_w: f64,
}

/// How long after keying the forward power may take to rise before the carrier is reported as it stands.
const RISE_WITHIN: Duration = Duration::from_millis(600);
/// Pause between two looks at the rising power.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Part of the licensed power that counts as "carrier up".
const CARRIER_PART: f64 = 0.05;
/// Part of the licensed power that may come back from the antenna unless the configuration says otherwise.
const REFLECTED_PART: f64 = 0.1;

/// An exciter with a Modbus register map.
///
/// ```text
///            want up, licence and faults in order
///   off ─────────────────────────────────────────▶ on
///    ▲ ◀────────── want down ───────────────────────┤
///    │                                              │ reflected power over the limit, a fault bit
///    └── want down ── tripped ◀─────────────────────┘
/// ```
/// A tripped carrier stays off until the want is taken back; the core wants it no more until a person re-arms it.
#[derive(Clone, Debug)]
pub struct ModbusExciter {
    unit: u8,
    licence: Licence,
    profile: ExciterProfile,
    reflected_limit_w: f64,
    tripped: Option<String>,
    before_keying: Points,
    reported: Points,
    carrier: Carrier,
}

impl ModbusExciter {
    /// The exciter at Modbus address `unit`.
    pub fn new(unit: u8, licence: Licence, profile: &ExciterProfile) -> Self {
        let reflected_limit_w = licence.power_w * REFLECTED_PART;
        Self {
            unit,
            licence,
            profile: profile.clone(),
            reflected_limit_w,
            tripped: None,
            before_keying: Points::before_keying(profile),
            reported: Points::reported(profile),
            carrier: Carrier::default(),
        }
    }

    /// The same with another limit of reflected power, watts.
    #[must_use]
    pub fn with_reflected_limit(mut self, watts: f64) -> Self {
        self.reflected_limit_w = watts;
        self
    }

    fn key(&self, line: &mut Line, on: bool) -> Result<(), Fault> {
        line.write_bit(self.unit, self.profile.rf_on.table, self.profile.rf_on.address, on)
    }

    fn keyed(&self, line: &mut Line) -> Result<bool, Fault> {
        line.read_bit(self.unit, self.profile.rf_on.table, self.profile.rf_on.address)
    }

    /// All that is reported, in one look; and why the carrier must not stay up in the state just seen.
    fn look(&mut self, line: &mut Line) -> Result<(TransmitterState, Option<String>), Fault> {
        let words = self.reported.read(line, self.unit)?;
        self.carrier.keyed = words.at(self.profile.rf_on)? != 0;
        let seen = self.state(&words, self.carrier.keyed)?;
        Ok((seen, self.trip_reason(&words, &seen)?))
    }

    fn state(&self, words: &Words, keyed: bool) -> Result<TransmitterState, Fault> {
        let forward_w = self.profile.forward.value(words.at(self.profile.forward)?);
        let reflected_w = self.profile.reflected.value(words.at(self.profile.reflected)?);
        let temperature_c = self.profile.temperature.signed(words.at(self.profile.temperature)?);
        Ok(TransmitterState {
            carrier: keyed && forward_w >= self.licence.power_w * CARRIER_PART,
            forward_w: forward_w as f32,
            reflected_w: reflected_w as f32,
            temperature_c: Some(temperature_c as f32),
        })
    }

    /// Why this exciter, as it is set now, must not be keyed; `None`: it may.
    fn objection(&self, words: &Words) -> Result<Option<String>, Fault> {
        let unit = self.unit;
        let frequency = self.profile.frequency.value(words.at(self.profile.frequency)?);
        // Half a count of the register is as near as the exciter can say.
        if (frequency - self.licence.frequency_mhz).abs() > self.profile.frequency.scale / 2.0 {
            let licensed = self.licence.frequency_mhz;
            return Ok(Some(format!(
                "exciter {unit} is set to {frequency:.2} MHz, the licence says {licensed:.2} MHz: carrier kept off"
            )));
        }
        let power = self.profile.power_set.value(words.at(self.profile.power_set)?);
        if power > self.licence.power_w + self.profile.power_set.scale / 2.0 {
            let licensed = self.licence.power_w;
            return Ok(Some(format!(
                "exciter {unit} is set to {power:.1} W, the licence allows {licensed:.1} W: carrier kept off"
            )));
        }
        Ok(None)
    }

    /// Why the carrier must not stay up in the state just seen; a person must look first.
    fn trip_reason(&self, words: &Words, seen: &TransmitterState) -> Result<Option<String>, Fault> {
        let unit = self.unit;
        if f64::from(seen.reflected_w) > self.reflected_limit_w {
            return Ok(Some(format!(
                "exciter {unit}: {:.1} W come back from the antenna, {:.1} W are the limit: carrier off",
                seen.reflected_w, self.reflected_limit_w
            )));
        }
        let Some(point) = self.profile.faults else { return Ok(None) };
        let names = self.profile.faults_in(words.at(point)?);
        Ok((!names.is_empty()).then(|| format!("exciter {unit} reports {}: carrier off", names.join(", "))))
    }

    /// Takes the carrier down for this reason and says so.
    fn refuse(&mut self, line: &mut Line, reason: String) -> Fault {
        match self.put_down(line) {
            Ok(()) => Fault::Refused(reason),
            Err(error) => Fault::Line(format!("{reason}; taking the carrier down: {error}")),
        }
    }

    fn put_down(&mut self, line: &mut Line) -> Result<(), Fault> {
        self.key(line, false)?;
        self.carrier.keyed = self.keyed(line)?;
        match self.carrier.keyed {
            false => Ok(()),
            true => Err(Fault::Refused(format!("exciter {} stays keyed after being told off", self.unit))),
        }
    }

    fn put_up(&mut self, line: &mut Line) -> Result<TransmitterState, Fault> {
        if let Some(reason) = self.tripped.clone() {
            return Err(self.refuse(line, reason));
        }
        let words = self.before_keying.read(line, self.unit)?;
        if let Some(reason) = self.objection(&words)? {
            return Err(self.refuse(line, reason));
        }
        let before = self.state(&words, true)?;
        let reason = self.trip_reason(&words, &before)?;
        // Without power and not known to be keyed, it is told to be: a question less while people wait.
        let keyed = (self.carrier.keyed || before.carrier || reason.is_some()) && self.keyed(line)?;
        if let Some(reason) = reason {
            // A fault that stood before keying (not locked yet, still warm) may pass by itself; one under power may not.
            return Err(if keyed { self.trip(line, reason) } else { self.refuse(line, reason) });
        }
        if keyed && before.carrier {
            return Ok(before);
        }
        if !keyed {
            // Its answer may be lost on the way, and the order not.
            self.carrier.keyed = true;
            self.key(line, true)?;
        }
        let start = Instant::now();
        loop {
            let (seen, reason) = self.look(line)?;
            if let Some(reason) = reason {
                return Err(self.trip(line, reason));
            }
            // One that has had its time to rise is not waited for again: others wait for the line.
            if seen.carrier || keyed || start.elapsed() > RISE_WITHIN {
                return Ok(seen);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn trip(&mut self, line: &mut Line, reason: String) -> Fault {
        log::warn!(unit = self.unit, reason; "carrier tripped");
        self.tripped = Some(reason.clone());
        self.refuse(line, reason)
    }
}

impl Driver<bool> for ModbusExciter {
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
        self.look(line).map(|(seen, _)| Report::Transmitter(seen))
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.look(line).map(|(seen, _)| Report::Transmitter(seen))
    }

    fn again_after(&self, want: &bool) -> Option<Duration> {
        self.carrier.again_after(*want)
    }
}
