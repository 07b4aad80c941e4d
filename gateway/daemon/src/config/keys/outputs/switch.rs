//! Keys of switches.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "switch",
    shape: Shape::Many,
    doc: "A relay coil, amplifier standby or beacon light. One coil serves one cluster or one transmitter.",
    drivers: &[now("modbus-relay")],
    keys: &[
        Key::must("id", Form::Name, "\"amp1\"", "Its name."),
        Key::must("driver", Form::Driver, "\"modbus-relay\"", "`modbus-relay`."),
        Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on."),
        Key::or("unit", Form::Whole(1, 255), "1", "1", "Modbus address of its board."),
        Key::must("coil", Form::Whole(0, 65_535), "0", "Coil on that board, counted from 0."),
        Key::or(
            "settle_s",
            Form::Number(0.0, 60.0),
            "0",
            "0.5",
            "How long what it feeds takes to be usable once the coil is closed.",
        )
        .unit("s"),
    ],
}];
