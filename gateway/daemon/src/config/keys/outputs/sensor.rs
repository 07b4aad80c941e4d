//! Keys of sensors.

use crate::config::keys::{Form, Key, Section, Shape};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "sensor",
    shape: Shape::Many,
    doc: "What measures: power, temperature, batteries, doors.",
    drivers: &[],
    keys: &[
        Key::must("id", Form::Name, "\"ups\"", "Its name."),
        Key::must("driver", Form::Driver, "\"nut\"", "What it is."),
    ],
}];
