//! Keys of transmitters, their coders and their licence.

use crate::config::keys::{Form, Key, Section, Shape, later, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[
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
            Key::or("profile", Form::Text, "generic", "\"generic\"", "Its register map (docs/devices/profiles.md)."),
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
];
