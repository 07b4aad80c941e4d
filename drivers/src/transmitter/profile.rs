//! Register maps of exciters, as data: no two makers agree, so a map is chosen by name and never written as code.

use crate::line::Table;

/// One value of an exciter: where it is and what one unit of it is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Which table.
    pub table: Table,
    /// Address, from 0.
    pub address: u16,
    /// Physical value of one count.
    pub scale: f64,
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
#[derive(Clone, Debug, PartialEq)]
pub struct ExciterProfile {
    /// Name in the configuration.
    pub name: &'static str,
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
    pub fault_names: &'static [&'static str],
}

const fn holding(address: u16, scale: f64) -> Point {
    Point { table: Table::Holding, address, scale }
}

const fn input(address: u16, scale: f64) -> Point {
    Point { table: Table::Input, address, scale }
}

/// The map an exciter or a small translator in front of it can be made to follow; `docs/devices/exciter.md` shows it.
pub const GENERIC: ExciterProfile = ExciterProfile {
    name: "generic",
    rf_on: Point { table: Table::Coil, address: 0, scale: 1.0 },
    frequency: holding(0, 0.01),
    power_set: holding(1, 1.0),
    forward: input(0, 0.1),
    reflected: input(1, 0.1),
    temperature: input(2, 0.1),
    faults: Some(input(3, 1.0)),
    fault_names: &["high VSWR", "over temperature", "PLL not locked", "supply voltage", "drive", "interlock open"],
};

/// All register maps.
pub const PROFILES: &[ExciterProfile] = &[GENERIC];

/// The register map of this name.
pub fn profile(name: &str) -> Option<&'static ExciterProfile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

impl ExciterProfile {
    /// The names of the faults whose bits are set.
    pub fn faults_in(&self, bits: u16) -> Vec<String> {
        (0..16)
            .filter(|bit| bits & (1 << bit) != 0)
            .map(|bit| self.fault_names.get(bit).map_or_else(|| format!("fault bit {bit}"), ToString::to_string))
            .collect()
    }
}
