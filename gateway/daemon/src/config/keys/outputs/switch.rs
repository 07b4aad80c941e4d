//! Keys of switches.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "switch",
    shape: Shape::Many,
    doc: "A relay coil, amplifier standby or beacon light. One coil serves one cluster or one transmitter.",
    drivers: &[now("modbus-relay"), now("gpio")],
    keys: &[
        Key::must("id", Form::Name, "\"amp1\"", "Its name."),
        Key::must("driver", Form::Driver, "\"modbus-relay\"", "`modbus-relay`, or `gpio` (an output pin)."),
        Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on.").on(&["modbus-relay"]),
        Key::or(
            "unit",
            Form::Whole(1, 255),
            "1",
            "1",
            "Modbus address of its board; left out where a profile is named: that of a new board.",
        )
        .on(&["modbus-relay"]),
        Key::must(
            "coil",
            Form::Whole(0, 65_535),
            "0",
            "Relay on that board, counted from 0 unless its profile counts otherwise.",
        )
        .on(&["modbus-relay"]),
        Key::may(
            "profile",
            Form::Text,
            "\"waveshare-relay\"",
            "What board it is (docs/devices/profiles.md); left out: relays are coils from 0.",
        )
        .on(&["modbus-relay"]),
        Key::may(
            "hold_s",
            Form::Number(2.0, 3000.0),
            "30",
            "Dead-man: the board itself opens the relay this long after the gateway's last word; the profile must have \
             a pulse.",
        )
        .unit("s")
        .on(&["modbus-relay"]),
        Key::or("chip", Form::Text, "/dev/gpiochip0", "\"/dev/gpiochip0\"", "The pins' device.").on(&["gpio"]),
        Key::must("pin", Form::Whole(0, 1023), "18", "The pin's number on that chip.").on(&["gpio"]),
        Key::or("active", Form::Word(&["high", "low"]), "high", "\"high\"", "The level at which it is on.")
            .on(&["gpio"]),
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
