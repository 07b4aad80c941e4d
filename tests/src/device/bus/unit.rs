//! One device on the bus: its coils and registers, and what they do.

use crate::device::Timeline;
use crate::device::port::Feeling;
use serde::Serialize;

/// A device.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) mood: Feeling,
    pub(super) mains: Option<(u8, usize)>,
    /// Takes several coils in one request (function 15), and gives several registers in one.
    pub(super) many: bool,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Kind {
    Relay(Vec<bool>),
    Exciter(Exciter),
}

/// An FM exciter with the `generic` register map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exciter {
    /// Keyed.
    pub rf_on: bool,
    /// Set frequency, 10 kHz.
    pub frequency: u16,
    /// Set power, W.
    pub power_w: u16,
    /// Part of the forward power that the antenna sends back, per cent.
    pub reflected_percent: u16,
    /// Temperature, 0.1 °C.
    pub temperature: i16,
    /// Fault bits.
    pub faults: u16,
    /// The final stage gives no power though keyed.
    pub dead_final: bool,
    /// It refuses its input registers: coil and settings are there, its meters are not.
    pub blind: bool,
}

impl Exciter {
    /// One that is set to this frequency (MHz) and power (W) and has a good antenna.
    pub fn new(frequency_mhz: f64, power_w: u16) -> Self {
        Self {
            rf_on: false,
            frequency: (frequency_mhz * 100.0).round() as u16,
            power_w,
            reflected_percent: 2,
            temperature: 415,
            faults: 0,
            dead_final: false,
            blind: false,
        }
    }

    fn forward(&self) -> u16 {
        if self.rf_on && !self.dead_final { self.power_w * 10 } else { 0 }
    }

    fn reflected(&self) -> u16 {
        (u32::from(self.forward()) * u32::from(self.reflected_percent) / 100) as u16
    }
}

const ILLEGAL_FUNCTION: u8 = 1;
const ILLEGAL_ADDRESS: u8 = 2;
const ILLEGAL_VALUE: u8 = 3;

impl Unit {
    /// How a coil stands; `None`: there is none of this number.
    pub(super) fn coil(&self, coil: usize) -> Option<bool> {
        match &self.kind {
            Kind::Relay(coils) => coils.get(coil).copied(),
            Kind::Exciter(exciter) => (coil == 0).then_some(exciter.rf_on),
        }
    }

    /// Sets a coil; whether there is one of this number.
    pub(super) fn set_coil(&mut self, coil: u16, on: bool, timeline: &Timeline) -> bool {
        let (place, event) = match &mut self.kind {
            Kind::Relay(coils) => (coils.get_mut(usize::from(coil)), format!("coil {coil}")),
            Kind::Exciter(exciter) => ((coil == 0).then_some(&mut exciter.rf_on), "carrier".to_owned()),
        };
        let Some(place) = place else { return false };
        if *place != on {
            *place = on;
            timeline.note(&self.name, &event, on);
        }
        true
    }

    fn words(&self, input: bool) -> Vec<u16> {
        match (&self.kind, input) {
            (Kind::Relay(_), _) | (Kind::Exciter(Exciter { blind: true, .. }), true) => Vec::new(),
            (Kind::Exciter(exciter), false) => vec![exciter.frequency, exciter.power_w],
            (Kind::Exciter(exciter), true) => {
                let temperature = exciter.temperature.cast_unsigned();
                vec![exciter.forward(), exciter.reflected(), temperature, exciter.faults]
            }
        }
    }

    /// Carries out a request and gives the answer.
    pub(super) fn act(&mut self, pdu: &[u8], timeline: &Timeline) -> Vec<u8> {
        if let &[function @ 15, a, b, c, d, count, ref packed @ ..] = pdu {
            let (address, many) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let fits = packed.len() == usize::from(count) && packed.len() == usize::from(many).div_ceil(8) && many > 0;
            return match self.write_coils(address, many, packed, fits, timeline) {
                Ok(()) => vec![function, a, b, c, d],
                Err(code) => vec![function | 0x80, code],
            };
        }
        let &[function, a, b, c, d] = pdu else {
            return vec![pdu.first().copied().unwrap_or(0) | 0x80, ILLEGAL_VALUE];
        };
        let (address, value) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let done = match function {
            1 => self.read_coils(address, value),
            3 => self.read_words(false, address, value),
            4 => self.read_words(true, address, value),
            5 => self.write_coil(address, value, timeline).map(|()| vec![a, b, c, d]),
            _ => Err(ILLEGAL_FUNCTION),
        };
        match done {
            Ok(rest) => [&[function], &rest[..]].concat(),
            Err(code) => vec![function | 0x80, code],
        }
    }

    fn read_coils(&self, address: u16, count: u16) -> Result<Vec<u8>, u8> {
        let bits = (address..address.saturating_add(count)).map(|coil| self.coil(usize::from(coil)));
        let bits: Vec<bool> =
            bits.collect::<Option<_>>().filter(|bits: &Vec<_>| !bits.is_empty()).ok_or(ILLEGAL_ADDRESS)?;
        let packed = bits.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |byte, on| byte << 1 | u8::from(*on)));
        Ok([bits.len().div_ceil(8) as u8].into_iter().chain(packed).collect())
    }

    fn read_words(&self, input: bool, address: u16, count: u16) -> Result<Vec<u8>, u8> {
        let (words, from) = (self.words(input), usize::from(address));
        if count > 1 && !self.many {
            return Err(ILLEGAL_VALUE);
        }
        let asked = words.get(from..from + usize::from(count)).filter(|asked| !asked.is_empty());
        let asked = asked.ok_or(ILLEGAL_ADDRESS)?;
        Ok([asked.len() as u8 * 2].into_iter().chain(asked.iter().flat_map(|word| word.to_be_bytes())).collect())
    }

    fn write_coils(
        &mut self,
        address: u16,
        many: u16,
        packed: &[u8],
        fits: bool,
        timeline: &Timeline,
    ) -> Result<(), u8> {
        if !self.many {
            return Err(ILLEGAL_FUNCTION);
        }
        if !fits {
            return Err(ILLEGAL_VALUE);
        }
        let coils = address..address.checked_add(many).ok_or(ILLEGAL_ADDRESS)?;
        if coils.clone().any(|coil| self.coil(usize::from(coil)).is_none()) {
            return Err(ILLEGAL_ADDRESS);
        }
        for (place, coil) in coils.enumerate() {
            let on = packed.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1);
            self.set_coil(coil, on, timeline);
        }
        Ok(())
    }

    fn write_coil(&mut self, address: u16, value: u16, timeline: &Timeline) -> Result<(), u8> {
        let on = match value {
            0xFF00 => true,
            0 => false,
            _ => return Err(ILLEGAL_VALUE),
        };
        if self.set_coil(address, on, timeline) { Ok(()) } else { Err(ILLEGAL_ADDRESS) }
    }
}
