//! Relay boards as data: where the relays are, what switches them, and the pulse that ends by itself.

use super::table;
use crate::line::Table;
use serde::Deserialize;
use std::time::Duration;

/// The relays of a board.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayProfile {
    /// Where they are written.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address of the first.
    pub first: u16,
    /// What the board, and so the configuration, calls the first.
    #[serde(default)]
    pub numbered_from: u16,
    /// How many there are at most.
    pub count: u16,
    /// Value that closes one.
    pub on: u16,
    /// Value that opens one.
    pub off: u16,
    /// Where their state is read; `None`: the board does not say.
    pub read: Option<Place>,
    /// Several can be written at once.
    #[serde(default)]
    pub group: bool,
    /// The board can let go by itself.
    pub pulse: Option<Pulse>,
}

/// Where the first of several neighbours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Which table.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address of the first.
    pub first: u16,
}

/// A pulse the board times itself: the relay closes now and opens when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pulse {
    /// Where it is written.
    #[serde(deserialize_with = "table")]
    pub table: Table,
    /// Address of the first relay's.
    pub first: u16,
    /// The number of steps is added to this value.
    #[serde(default)]
    pub value: u16,
    /// Length of a step, milliseconds.
    pub step_ms: u16,
    /// Most steps.
    pub most: u16,
}

impl Pulse {
    /// The value of a pulse at least this long; `None`: longer than the board can.
    pub fn word(&self, long: Duration) -> Option<u16> {
        let steps = long.as_millis().div_ceil(u128::from(self.step_ms.max(1))).max(1);
        let steps = u16::try_from(steps).ok().filter(|steps| *steps <= self.most)?;
        self.value.checked_add(steps)
    }

    /// The longest pulse.
    pub fn longest(&self) -> Duration {
        Duration::from_millis(u64::from(self.step_ms) * u64::from(self.most))
    }
}

impl RelayProfile {
    /// A board whose relays are coils from 0, as most are.
    pub fn coils() -> Self {
        let read = Some(Place { table: Table::Coil, first: 0 });
        Self {
            table: Table::Coil,
            first: 0,
            numbered_from: 0,
            count: u16::MAX,
            on: 0xFF00,
            off: 0,
            read,
            group: true,
            pulse: None,
        }
    }

    /// How far the relay of this number is from the first; `None`: there is none of this number.
    pub fn offset(&self, number: u16) -> Option<u16> {
        number.checked_sub(self.numbered_from).filter(|offset| *offset < self.count)
    }

    /// What cannot be meant: a piece of the text it stands in, and why.
    pub(super) fn senseless(&self) -> Option<(String, String)> {
        let only_read = |table| matches!(table, Table::Discrete | Table::Input);
        let at = |key: &str, what: &str| Some((key.to_owned(), what.to_owned()));
        if only_read(self.table) || self.pulse.is_some_and(|pulse| only_read(pulse.table)) {
            return at("table", "relays are written, and this table can only be read");
        }
        if self.on == self.off {
            return at("off", "`on` and `off` are the same value");
        }
        if self.count == 0 {
            return at("count", "a board without relays");
        }
        let last = |first: u16| first.checked_add(self.count.saturating_sub(1)).is_none();
        let pulse = self.pulse.is_some_and(|pulse| last(pulse.first));
        if last(self.first) || pulse || self.read.is_some_and(|read| last(read.first)) {
            return at("count", "the last relay has an address beyond 65535");
        }
        let pulse = self.pulse?;
        if pulse.step_ms == 0 || pulse.most == 0 || pulse.value.checked_add(pulse.most).is_none() {
            return at("most", "a pulse needs steps of at least 1 ms, and values up to 65535");
        }
        None
    }
}
