//! Keys of switches.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "switch",
    shape: Shape::Many,
    doc: "A relay coil, amplifier standby or beacon light. One coil serves one cluster or one transmitter.",
    drivers: &[now("modbus-relay"), now("gpio"), now("barix-volume"), now("snmp-port"), now("http-relay")],
    keys: &[
        Key::must("id", Form::Name, "\"amp1\"", "Its name."),
        Key::must(
            "driver",
            Form::Driver,
            "\"modbus-relay\"",
            "`modbus-relay`, `gpio` (an output pin), `barix-volume`, `snmp-port` or `http-relay`.",
        ),
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
        Key::must("address", Form::Text, "\"192.0.2.20:161\"", "Address and port of the device.")
            .on(&["barix-volume", "snmp-port"]),
        Key::or("full", Form::Whole(0, 100), "100", "100", "Volume while it is on.").unit("%").on(&["barix-volume"]),
        Key::or("usual", Form::Whole(0, 100), "60", "60", "Volume while it is off.").unit("%").on(&["barix-volume"]),
        Key::may("password_file", Form::Text, "\"barix.pw\"", "File or credential with the password of the commands.")
            .on(&["barix-volume"]),
        Key::may(
            "access_file",
            Form::Text,
            "\"snmp.access\"",
            "File or credential. `snmp-port`: the community of v2c, or name, password and key of v3, a line each; \
             `http-relay`: the value of the header Authorization.",
        )
        .on(&["snmp-port", "http-relay"]),
        Key::may(
            "interface_index",
            Form::Whole(1, 2_147_483_647),
            "3",
            "The interface (ifIndex) whose link is switched.",
        )
        .on(&["snmp-port"]),
        Key::may("power_port", Form::Whole(1, 65_535), "3", "The port whose power over the cable is switched.")
            .on(&["snmp-port"]),
        Key::or("power_group", Form::Whole(1, 65_535), "1", "1", "The group of that port.").on(&["snmp-port"]),
        Key::must("on_url", Form::Text, "\"http://192.0.2.20/relay/0?turn=on\"", "Web address that switches on.")
            .on(&["http-relay"]),
        Key::must("off_url", Form::Text, "\"http://192.0.2.20/relay/0?turn=off\"", "Web address that switches off.")
            .on(&["http-relay"]),
        Key::may("body", Form::Text, "\"{}\"", "What is posted to either; left out: they are got.").on(&["http-relay"]),
        Key::may("read_url", Form::Text, "\"http://192.0.2.20/relay/0\"", "Web address that says how it is.")
            .on(&["http-relay"]),
        Key::may("read_on", Form::Text, "\"\\\"ison\\\":true\"", "Text in that answer while it is on.")
            .on(&["http-relay"]),
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
