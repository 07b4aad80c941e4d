//! Keys of transmitters, their coders and their licence.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[
    Section {
        name: "transmitter",
        shape: Shape::Many,
        doc: "An FM transmitter; it is on the air only while one of its clusters is addressed.",
        drivers: &[now("modbus-exciter"), now("tx-ascii")],
        keys: &[
            Key::must("id", Form::Name, "\"fm\"", "Its name."),
            Key::must(
                "driver",
                Form::Driver,
                "\"modbus-exciter\"",
                "`modbus-exciter`, or `tx-ascii` (the `TX.*` commands of Crown FME, Ecreso and kin).",
            ),
            Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on."),
            Key::or("unit", Form::Whole(1, 247), "1", "5", "Modbus address.").on(&["modbus-exciter"]),
            Key::or("profile", Form::Text, "generic", "\"generic\"", "Its register map (docs/devices/profiles.md).")
                .on(&["modbus-exciter"]),
            Key::must("sink", Form::Of("sink"), "\"fm-audio\"", "The sink that feeds it."),
            Key::may("switch", Form::Of("switch"), "\"fm-mains\"", "The switch of its mains, where it has one."),
            Key::or("warm_up_s", Form::Number(0.0, 300.0), "0", "3", "From mains to a usable carrier.").unit("s"),
            Key::or("carrier_settle_s", Form::Number(0.0, 30.0), "0", "0.3", "From the carrier to the zone code.")
                .unit("s"),
            Key::or("code_settle_s", Form::Number(0.0, 30.0), "0", "0.5", "From the zone code to the sound.").unit("s"),
            Key::or(
                "let_go_s",
                Form::Number(0.5, 30.0),
                "2",
                "2",
                "How long the code, then the carrier, may take to go before the next step is taken anyway.",
            )
            .unit("s"),
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
                "Its zone coder; with neither this nor `zone_tones` its receivers cannot be told apart.",
            ),
            Key::may(
                "zone_tones",
                Form::Inline("transmitter.zone_tones"),
                "{ open = \"*{zone:2}#\", close = \"#{zone:2}*\" }",
                "Tones in the sound (DTMF) that open and close its receivers, where they listen for those.",
            ),
            Key::or(
                "silence_off_s",
                Form::Number(0.0, 3600.0),
                "60",
                "30",
                "The carrier goes after so long without sound, and comes back with it; 0: it stays.",
            )
            .unit("s"),
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
        drivers: &[now("uecp"), now("pira")],
        keys: &[
            Key::must(
                "driver",
                Form::Driver,
                "\"uecp\"",
                "`uecp` (EBU SPB 490), or `pira` (ASCII commands of Pira encoders and their clones).",
            ),
            Key::must("line", Form::Of("line"), "\"rds1\"", "The line it is on."),
            Key::or("site", Form::Whole(0, 1023), "0", "0", "UECP site address; 0 = all.").on(&["uecp"]),
            Key::or("encoder", Form::Whole(0, 63), "0", "0", "UECP encoder address; 0 = all.").on(&["uecp"]),
            Key::or(
                "stuffing",
                Form::Word(&["standard", "letters", "after"]),
                "standard",
                "\"standard\"",
                "How its firmware keeps frame marks out of the bytes between them.",
            )
            .on(&["uecp"]),
            Key::or(
                "groups",
                Form::Word(&["once", "cyclic"]),
                "once",
                "\"once\"",
                "`once` (`G=`), or `cyclic` (`UDG1=`, `UDG2=`) for encoders without it: those hold zones open when the \
                 station dies.",
            )
            .on(&["pira"]),
            Key::or(
                "read_back",
                Form::Flag,
                "false",
                "true",
                "It shows what it sends (`*R`, `PSW`), and is looked at.",
            )
            .on(&["pira"]),
            Key::or(
                "code",
                Form::Text,
                "open",
                "\"open\"",
                "Cluster profile: `open`, `orders` (an example), or a TOML file beside this one.",
            ),
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
            Key::or("two_way", Form::Flag, "false", "true", "The encoder answers what it is told."),
            Key::may(
                "pi",
                Form::Whole(1, 65_535),
                "0x7A01",
                "RDS programme identification to set, where the encoder does not keep its own.",
            ),
            Key::or(
                "foreign_pi",
                Form::Flag,
                "false",
                "false",
                "A programme identification that does not begin with 7, Viet Nam, is permitted.",
            ),
            Key::may(
                "ps",
                Form::Text,
                "\"XA A\"",
                "RDS programme name to set likewise, 1–8 letters; accents are folded.",
            ),
            Key::or(
                "pty",
                Form::Whole(0, 29),
                "0",
                "1",
                "Programme type while there is no emergency; 30 and 31 are the drill's and the emergency's.",
            ),
            Key::or(
                "tp",
                Form::Flag,
                "false",
                "true",
                "Says that the station makes announcements, even while none is on.",
            ),
            Key::may(
                "text",
                Form::Text,
                "\"Đài truyền thanh xã A\"",
                "RadioText while nothing else is said; accents are folded.",
            ),
            Key::or(
                "clock",
                Form::Flag,
                "false",
                "true",
                "Clock-time groups, +07:00, while somebody vouches for the station's clock.",
            ),
        ],
    },
    Section {
        name: "transmitter.zone_tones",
        shape: Shape::Inline,
        doc: "Zone tones of a transmitter, said over its sink before and after what is for its receivers. `{zone}` stands \
              for the number of the zone, `{zone:3}` for three digits of it.",
        drivers: &[],
        keys: &[
            Key::must("open", Form::Text, "\"*{zone:2}#\"", "Opens one zone: 1–32 of `0–9 * # A–D`."),
            Key::may("close", Form::Text, "\"#{zone:2}*\"", "Closes one zone; this or `close_all` is needed."),
            Key::may("open_all", Form::Text, "\"*00#\"", "Opens every zone at once, where receivers have such a code."),
            Key::may("close_all", Form::Text, "\"#00*\"", "Closes every zone at once, likewise."),
            Key::or("digit_s", Form::Number(0.04, 2.0), "0.1", "0.1", "A digit.").unit("s"),
            Key::or("pause_s", Form::Number(0.04, 2.0), "0.1", "0.08", "The pause after a digit.").unit("s"),
            Key::or(
                "twist_db",
                Form::Number(-4.0, 8.0),
                "2",
                "2",
                "How much louder the upper tone of a digit is than the lower one.",
            )
            .unit("dB"),
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
