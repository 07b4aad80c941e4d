//! What a device measures, as data: numbers with scale and unit, states that are bits, and when either is an alarm.

use super::table;
use crate::line::Table;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Units a profile may name.
pub const UNITS: &[&str] = &[
    "", "V", "mV", "A", "mA", "W", "kW", "VA", "Wh", "kWh", "Ah", "%", "°C", "K", "Hz", "kHz", "MHz", "Ω", "kΩ", "dB",
    "dBm", "dBµV", "s", "min", "h", "rpm", "hPa", "kPa", "lx", "m", "mm", "m/s", "ppm",
];

/// What one kind of sensor measures.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorProfile {
    /// Numbers.
    #[serde(default)]
    pub reading: Vec<ReadingProfile>,
    /// States.
    #[serde(default)]
    pub state: Vec<StateProfile>,
}

/// A number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingProfile {
    /// Its name, e.g. `battery_voltage`.
    pub quantity: String,
    /// Which table.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address of its (first) word, from 0.
    pub address: u16,
    /// How its words make a number.
    #[serde(default)]
    pub form: Form,
    /// Physical value of one count.
    #[serde(default = "one")]
    pub scale: f64,
    /// Added after scaling.
    #[serde(default)]
    pub offset: f64,
    /// Unit.
    #[serde(default)]
    pub unit: Unit,
    /// Value of the (first) word that means "not there": the reading is left out.
    pub none: Option<u16>,
    /// Below this it is an alarm.
    pub low: Option<f64>,
    /// Above this it is an alarm.
    pub high: Option<f64>,
}

/// A state, read as 0 or 1.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateProfile {
    /// Its name, e.g. `line_open`.
    pub quantity: String,
    /// Which table.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address, from 0.
    pub address: u16,
    /// Which bit of a word, 0–15; not for tables of bits.
    pub bit: Option<u8>,
    /// 0 of the device is 1 of ours.
    #[serde(default)]
    pub inverted: bool,
    /// Which of the two is an alarm, if either is.
    pub alarm: Option<bool>,
}

/// How words make a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One word.
    #[default]
    U16,
    /// One word, two's complement.
    I16,
    /// Two words, high one first.
    U32,
    /// Two words, high one first, two's complement.
    I32,
    /// Two words, low one first.
    #[serde(rename = "u32-low-first")]
    U32LowFirst,
    /// Two words, low one first, two's complement.
    #[serde(rename = "i32-low-first")]
    I32LowFirst,
    /// Two words, high one first, IEEE 754.
    F32,
}

/// When a quantity is an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Which.
    pub quantity: String,
    /// Below this.
    pub low: Option<f64>,
    /// Above this.
    pub high: Option<f64>,
    /// It is a state: 0 or 1.
    pub is_state: bool,
}

fn one() -> f64 {
    1.0
}

/// One of [`UNITS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit(
    /// As it is written.
    pub &'static str,
);

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = String::deserialize(from)?;
        UNITS.iter().find(|unit| **unit == written).map(|unit| Self(unit)).ok_or_else(|| {
            let known = UNITS.iter().filter(|unit| !unit.is_empty()).copied().collect::<Vec<_>>().join(" ");
            serde::de::Error::custom(format!("unknown unit `{written}`; known: {known}"))
        })
    }
}

impl Form {
    /// How many words it takes.
    pub fn words(self) -> u16 {
        match self {
            Self::U16 | Self::I16 => 1,
            Self::U32 | Self::I32 | Self::U32LowFirst | Self::I32LowFirst | Self::F32 => 2,
        }
    }

    /// The number; `None`: too few words, or no number.
    pub fn number(self, words: &[u16]) -> Option<f64> {
        let first = *words.first()?;
        let pair = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
        let second = || words.get(1).copied();
        Some(match self {
            Self::U16 => f64::from(first),
            Self::I16 => f64::from(first.cast_signed()),
            Self::U32 => f64::from(pair(first, second()?)),
            Self::I32 => f64::from(pair(first, second()?).cast_signed()),
            Self::U32LowFirst => f64::from(pair(second()?, first)),
            Self::I32LowFirst => f64::from(pair(second()?, first).cast_signed()),
            Self::F32 => f64::from(f32::from_bits(pair(first, second()?))),
        })
        .filter(|number| number.is_finite())
    }
}

impl SensorProfile {
    /// When which quantity is an alarm.
    pub fn limits(&self) -> Vec<Limit> {
        let numbers = self.reading.iter().map(|r| Limit {
            quantity: r.quantity.clone(),
            low: r.low,
            high: r.high,
            is_state: false,
        });
        let states = self.state.iter().map(|s| Limit {
            quantity: s.quantity.clone(),
            low: (s.alarm == Some(false)).then_some(0.5),
            high: (s.alarm == Some(true)).then_some(0.5),
            is_state: true,
        });
        numbers.chain(states).filter(|limit| limit.low.is_some() || limit.high.is_some()).collect()
    }

    /// What cannot be meant: a piece of the text it stands in, and why.
    pub(super) fn senseless(&self) -> Option<(String, String)> {
        let mut names = BTreeSet::new();
        let all = self.reading.iter().map(|r| &r.quantity).chain(self.state.iter().map(|s| &s.quantity));
        for name in all {
            let here = format!("\"{name}\"");
            let plain =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !plain {
                return Some((here, format!("the quantity `{name}` is not written in a-z, 0-9 and `_`")));
            }
            if !names.insert(name) {
                return Some((here, format!("the quantity `{name}` stands here twice")));
            }
        }
        if names.is_empty() {
            return Some(("sensor".to_owned(), "a sensor that measures nothing".to_owned()));
        }
        if names.len() > 64 {
            return Some(("sensor".to_owned(), "more than 64 quantities".to_owned()));
        }
        for reading in &self.reading {
            let here = format!("\"{}\"", reading.quantity);
            let what = if matches!(reading.table, Table::Coil | Table::Discrete) {
                "a bit is no number: make it a [[sensor.state]]"
            } else if reading.address.checked_add(reading.form.words() - 1).is_none() {
                "its second word has an address beyond 65535"
            } else if !reading.scale.is_finite() || reading.scale == 0.0 || !reading.offset.is_finite() {
                "a count is worth something: give a scale other than 0"
            } else if reading.low.zip(reading.high).is_some_and(|(low, high)| low >= high) {
                "`low` is not below `high`: it would always be an alarm"
            } else {
                continue;
            };
            return Some((here, what.to_owned()));
        }
        for state in &self.state {
            let what = match (state.table, state.bit) {
                (Table::Coil | Table::Discrete, Some(_)) => "a bit of a table of bits",
                (Table::Holding | Table::Input, Some(16..)) => "a word has the bits 0 to 15",
                (Table::Holding | Table::Input, None) => "say which bit of the word it is: `bit = 0`",
                (Table::Coil | Table::Discrete, None) | (Table::Holding | Table::Input, Some(_)) => continue,
            };
            return Some((format!("\"{}\"", state.quantity), what.to_owned()));
        }
        None
    }
}
