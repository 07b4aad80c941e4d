//! Keys of what a station switches, shows and sends out by radio, and of the lines that lead there.

use super::{Form, Key, Known, Section, Shape};

pub(super) const fn now(name: &'static str) -> Known {
    Known { name, ready: true }
}

const fn later(name: &'static str) -> Known {
    Known { name, ready: false }
}

/// The sections of this file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
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
            Key::or("baud", Form::Whole(300, 921_600), "9600", "9600", "Speed; 8 data bits, no parity, 1 stop bit.")
                .unit("bit/s")
                .on(&["serial"]),
            Key::must("address", Form::Text, "\"192.0.2.11:4001\"", "Host and port.").on(&["tcp"]),
            Key::or(
                "framing",
                Form::Word(&["modbus-tcp", "rtu"]),
                "modbus-tcp",
                "\"rtu\"",
                "How Modbus goes over it: `rtu` through a serial server that passes bytes on as they are.",
            )
            .on(&["tcp"]),
        ],
    },
    Section {
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
    },
    Section {
        name: "transmitter",
        shape: Shape::Many,
        doc: "An FM transmitter; it is on the air only while one of its clusters is addressed.",
        drivers: &[now("modbus-exciter")],
        keys: &[
            Key::must("id", Form::Name, "\"fm\"", "Its name."),
            Key::must("driver", Form::Driver, "\"modbus-exciter\"", "`modbus-exciter`."),
            Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on."),
            Key::or("unit", Form::Whole(1, 247), "1", "5", "Modbus address."),
            Key::or("profile", Form::Text, "generic", "\"generic\"", "Its register map, by name."),
            Key::must("sink", Form::Of("sink"), "\"fm-audio\"", "The sink that feeds it."),
            Key::may("switch", Form::Of("switch"), "\"fm-mains\"", "The switch of its mains, where it has one."),
            Key::or("warm_up_s", Form::Number(0.0, 300.0), "0", "3", "From mains to a usable carrier.").unit("s"),
            Key::may(
                "reflected_limit_w",
                Form::Number(0.1, 1000.0),
                "3",
                "Reflected power above which the carrier is taken off; left out: a tenth of the licensed power.",
            )
            .unit("W"),
            Key::may(
                "rds",
                Form::Inline("transmitter.rds"),
                "{ driver = \"uecp\", line = \"rds1\" }",
                "Its zone coder; left out: its receivers cannot be told apart.",
            ),
            Key::must(
                "licence",
                Form::Inline("transmitter.licence"),
                "{ frequency_mhz = 60.5, power_w = 30 }",
                "What the frequency licence allows; no message and no screen can change it.",
            ),
        ],
    },
    Section {
        name: "transmitter.rds",
        shape: Shape::Inline,
        doc: "The zone coder of a transmitter.",
        drivers: &[now("uecp"), later("pira")],
        keys: &[
            Key::must("driver", Form::Driver, "\"uecp\"", "`uecp` (EBU SPB 490)."),
            Key::must("line", Form::Of("line"), "\"rds1\"", "The line it is on."),
            Key::or("site", Form::Whole(0, 1023), "0", "0", "UECP site address; 0 = all."),
            Key::or("encoder", Form::Whole(0, 63), "0", "0", "UECP encoder address; 0 = all."),
            Key::or(
                "aid",
                Form::Whole(0, 65_535),
                "0xCAFE",
                "0xCAFE",
                "Application identification of the zone code, registered with the RDS Forum; 0xCAFE is for trials.",
            ),
            Key::or(
                "network",
                Form::Whole(0, 4095),
                "0",
                "12",
                "Number of this commune's receivers, so that they do not obey a neighbour.",
            ),
            Key::or("two_way", Form::Flag, "false", "true", "The encoder acknowledges what it is told."),
            Key::may(
                "pi",
                Form::Whole(1, 65_535),
                "0x7C01",
                "RDS programme identification to set, where the encoder does not keep its own.",
            ),
            Key::may("ps", Form::Text, "\"XA A\"", "RDS programme name to set likewise, 1–8 plain letters."),
        ],
    },
    Section {
        name: "transmitter.licence",
        shape: Shape::Inline,
        doc: "The frequency licence. Commune stations are planned at 54–68 MHz and at most 30 W; anything else needs \
              `permit`.",
        drivers: &[],
        keys: &[
            Key::must("frequency_mhz", Form::Number(47.0, 108.0), "60.5", "Carrier frequency.").unit("MHz"),
            Key::must("power_w", Form::Number(0.1, 1000.0), "30", "Transmitter power.").unit("W"),
            Key::may(
                "permit",
                Form::Text,
                "\"123456/GP-CTS, until 2027-06-30\"",
                "Number and date of the licence that allows a frequency outside 54–68 MHz or more than 30 W.",
            ),
        ],
    },
    Section {
        name: "cluster",
        shape: Shape::Many,
        doc: "An addressable group of horns (cụm loa).",
        drivers: &[],
        keys: &[
            Key::must("id", Form::Name, "\"thon-1\"", "Its name on the wire."),
            Key::may("name", Form::Text, "\"Thôn 1\"", "Its name on screens; left out: the id."),
            Key::must(
                "paths",
                Form::Inlines("cluster.paths"),
                "[{ sink = \"hall\", switch = \"amp1\" }, { transmitter = \"fm\", zone = 3 }]",
                "Ways to reach it, best first; one that proves silent is left for the next.",
            ),
            Key::or(
                "languages",
                Form::Texts,
                "[\"vi\"]",
                "[\"vi\"]",
                "Languages of the place (BCP 47), in the order renditions play.",
            ),
            Key::or("speakers", Form::Whole(0, 10_000), "1", "2", "Number of loudspeakers."),
        ],
    },
    Section {
        name: "cluster.paths",
        shape: Shape::Inline,
        doc: "One way to reach a cluster: a sink with or without a switch, or a zone of a transmitter.",
        drivers: &[],
        keys: &[
            Key::may("sink", Form::Of("sink"), "\"hall\"", "Straight from this sink."),
            Key::may("switch", Form::Of("switch"), "\"amp1\"", "Through this amplifier or line relay."),
            Key::may("transmitter", Form::Of("transmitter"), "\"fm\"", "Over the air."),
            Key::may("zone", Form::Whole(0, 255), "3", "The zone its coder opens; needed with `transmitter`."),
        ],
    },
    Section {
        name: "board",
        shape: Shape::Many,
        doc: "An LED or LCD display (bảng tin).",
        drivers: &[
            now("huidu"),
            later("onbon-k"),
            later("onbon-y"),
            later("cpower"),
            later("e131"),
            later("ddp"),
            later("html"),
        ],
        keys: &[
            Key::must("id", Form::Name, "\"gate\"", "Its name."),
            Key::may("name", Form::Text, "\"Cổng ủy ban\"", "Its name on screens; left out: the id."),
            Key::must("driver", Form::Driver, "\"huidu\"", "`huidu` (SDK 2.0)."),
            Key::must("address", Form::Text, "\"192.0.2.10:10001\"", "Host and port."),
            Key::must("width", Form::Whole(8, 8192), "128", "Width.").unit("pixels"),
            Key::must("height", Form::Whole(8, 8192), "64", "Height.").unit("pixels"),
            Key::or("font", Form::Text, "Arial", "\"Arial\"", "A font of the card that has Vietnamese letters."),
        ],
    },
];
