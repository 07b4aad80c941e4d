//! Keys of the lines that lead to the devices.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "line",
    shape: Shape::Many,
    doc: "A serial bus or TCP connection; one thread owns it and all devices on it.",
    drivers: &[now("serial"), now("tcp")],
    keys: &[
        Key::must("id", Form::Name, "\"bus1\"", "Its name."),
        Key::must("driver", Form::Driver, "\"serial\"", "`serial` or `tcp`."),
        Key::must(
            "port",
            Form::Text,
            "\"/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0\"",
            "Device file; the name under /dev/serial/by-id stays the same when plugs are moved.",
        )
        .on(&["serial"]),
        Key::or("baud", Form::Whole(300, 921_600), "9600", "9600", "Speed; 8 data bits.").unit("bit/s").on(&["serial"]),
        Key::or("parity", Form::Word(&["none", "even", "odd"]), "none", "\"even\"", "Parity bit.").on(&["serial"]),
        Key::or("stop_bits", Form::Whole(1, 2), "1", "2", "Stop bits.").on(&["serial"]),
        Key::must("address", Form::Text, "\"192.0.2.11:4001\"", "Host and port.").on(&["tcp"]),
        Key::or(
            "framing",
            Form::Word(&["modbus-tcp", "rtu"]),
            "modbus-tcp",
            "\"rtu\"",
            "How Modbus goes over it: `rtu` through a serial server that passes bytes on as they are.",
        )
        .on(&["tcp"]),
        Key::may(
            "record",
            Form::Text,
            "\"bus1.capture\"",
            "File that takes down every byte sent and received with its time, 4 MiB and one older file at most; for \
             finding faults, not for every day (docs/devices/lines.md).",
        ),
    ],
}];
