//! Keys of sensors.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "sensor",
    shape: Shape::Many,
    doc: "What measures, or tells whether something is alive.",
    drivers: &[now("reach")],
    keys: &[
        Key::must("id", Form::Name, "\"horn1-alive\"", "Its name."),
        Key::must("driver", Form::Driver, "\"reach\"", "`reach`: a device of the network takes a connection."),
        Key::must("address", Form::Text, "\"192.0.2.20:80\"", "Host and port.").on(&["reach"]),
    ],
}];
