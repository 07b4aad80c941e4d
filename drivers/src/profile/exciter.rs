//! Register maps of exciters as data: no two makers agree, so a map is chosen by name and never written as code.

use super::table;
use crate::line::Table;
use serde::Deserialize;

/// One value of an exciter: where it is and what one unit of it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Which table.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address, from 0.
    pub address: u16,
    /// Physical value of one count.
    #[serde(default = "one")]
    pub scale: f64,
}

fn one() -> f64 {
    1.0
}

impl Point {
    /// The physical value of what was read.
    pub fn value(self, word: u16) -> f64 {
        f64::from(word) * self.scale
    }

    /// The same for a value that may be negative (two's complement).
    pub fn signed(self, word: u16) -> f64 {
        f64::from(word.cast_signed()) * self.scale
    }
}

/// The register map of one kind of exciter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExciterProfile {
    /// Carrier on or off; the only point that is ever written.
    pub rf_on: Point,
    /// Set frequency; value in MHz.
    pub frequency: Point,
    /// Set power; value in watts.
    pub power_set: Point,
    /// Forward power; value in watts.
    pub forward: Point,
    /// Reflected power; value in watts.
    pub reflected: Point,
    /// Temperature of the power amplifier; value in degrees Celsius, signed.
    pub temperature: Point,
    /// Fault bits, if the exciter has them.
    pub faults: Option<Point>,
    /// What each fault bit means, from bit 0.
    #[serde(default)]
    pub fault_names: Vec<String>,
}

impl ExciterProfile {
    /// The names of the faults whose bits are set.
    pub fn faults_in(&self, bits: u16) -> Vec<String> {
        (0..16)
            .filter(|bit| bits & (1 << bit) != 0)
            .map(|bit| self.fault_names.get(bit).map_or_else(|| format!("fault bit {bit}"), ToString::to_string))
            .collect()
    }

    /// What cannot be meant: a piece of the text it stands in, and why.
    pub(super) fn senseless(&self) -> Option<(String, String)> {
        let at = |key: &str, what: &str| Some((key.to_owned(), what.to_owned()));
        if matches!(self.rf_on.table, Table::Discrete | Table::Input) {
            return at("rf_on", "the carrier is written, and this table can only be read");
        }
        let scaled = [
            ("frequency", self.frequency),
            ("power_set", self.power_set),
            ("forward", self.forward),
            ("reflected", self.reflected),
            ("temperature", self.temperature),
        ];
        if let Some((key, _)) = scaled.iter().find(|(_, point)| !point.scale.is_finite() || point.scale <= 0.0) {
            return at(key, "a count is worth something: give a scale above 0");
        }
        if self.fault_names.len() > 16 {
            return at("fault_names", "a word has 16 bits");
        }
        None
    }
}
