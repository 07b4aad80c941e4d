//! Keys of sensors.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "sensor",
    shape: Shape::Many,
    doc: "What measures (power, temperature, batteries, doors), or tells whether something is alive.",
    drivers: &[now("modbus-sensor"), now("reach")],
    keys: &[
        Key::must("id", Form::Name, "\"solar\"", "Its name."),
        Key::must(
            "driver",
            Form::Driver,
            "\"modbus-sensor\"",
            "`modbus-sensor`, or `reach`: a device of the network takes a connection.",
        ),
        Key::must("address", Form::Text, "\"192.0.2.20:80\"", "Host and port.").on(&["reach"]),
        Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on.").on(&["modbus-sensor"]),
        Key::must("profile", Form::Text, "\"epever\"", "What it measures where (docs/devices/profiles.md).")
            .on(&["modbus-sensor"]),
        Key::or(
            "unit",
            Form::Whole(1, 247),
            "1",
            "4",
            "Modbus address; left out: that of a new device of the profile.",
        )
        .on(&["modbus-sensor"]),
    ],
}];
