//! Keys of sensors.

use crate::config::keys::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[
    Section {
        name: "sensor",
        shape: Shape::Many,
        doc: "What measures (power, temperature, batteries, doors, buttons), or tells whether something is alive.",
        drivers: &[
            now("modbus-sensor"),
            now("reach"),
            now("machine"),
            now("nut"),
            now("gps"),
            now("modem"),
            now("gpio"),
        ],
        keys: &[
            Key::must("id", Form::Name, "\"box\"", "Its name."),
            Key::may("name", Form::Text, "\"Máy trạm\"", "Its name on screens; left out: the usual one of its kind."),
            Key::must(
                "driver",
                Form::Driver,
                "\"machine\"",
                "`machine` (the machine itself), `nut` (an uninterruptible power supply), `gps` (a receiver behind gpsd), \
                 `modem` (a mobile modem behind ModemManager), `gpio` (an input pin), `modbus-sensor` (by profile) or \
                 `reach` (whether a device of the network takes a connection).",
            ),
            Key::may(
                "disk",
                Form::Text,
                "\"/var/lib/gateway\"",
                "A folder of the disk whose room is measured; left out: the data folder.",
            )
            .on(&["machine"]),
            Key::may(
                "address",
                Form::Text,
                "\"127.0.0.1:3493\"",
                "Host and port of upsd or gpsd (left out: this machine, 3493 or 2947), or of what is looked for.",
            )
            .on(&["nut", "gps", "reach"]),
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
            Key::must("ups", Form::Text, "\"tram\"", "The supply's name in ups.conf.").on(&["nut"]),
            Key::may("user", Form::Text, "\"gateway\"", "User of upsd.users, where upsd wants one.").on(&["nut"]),
            Key::may(
                "password_file",
                Form::Text,
                "\"ups.password\"",
                "File with that user's password, beside this file or a systemd credential; needed with `user`.",
            )
            .on(&["nut"]),
            Key::or("clock", Form::Flag, "true", "true", "Its time, with a fix, vouches for the clock.").on(&["gps"]),
            Key::may("bus", Form::Text, "\"unix:path=/run/dbus/system_bus_socket\"", "D-Bus; left out: the system's.")
                .on(&["modem"]),
            Key::or("chip", Form::Text, "/dev/gpiochip0", "\"/dev/gpiochip0\"", "The pins' device.").on(&["gpio"]),
            Key::must("pin", Form::Whole(0, 1023), "17", "The pin's number on that chip.").on(&["gpio"]),
            Key::or(
                "active",
                Form::Word(&["low", "high"]),
                "low",
                "\"low\"",
                "`low`: a contact to ground, with the pull-up on. `high`: a contact to the supply, with the pull-down on.",
            )
            .on(&["gpio"]),
            Key::or(
                "role",
                Form::Word(&["input", "door", "power_fail", "mute_button", "emergency_button", "ptt"]),
                "input",
                "\"door\"",
                "What the contact is: `door` and `power_fail` are incidents while it is closed; `mute_button` mutes and \
                 lifts; `emergency_button`, held for 3 s, begins the emergency of `text`; `ptt` keeps `input` on air while \
                 it is pressed. `input` is only measured.",
            )
            .on(&["gpio"]),
            Key::may(
                "text",
                Form::Text,
                "\"Khẩn cấp: lũ đang về. Bà con rời bờ suối ngay.\"",
                "What the emergency button says; needed with `role = \"emergency_button\"`.",
            )
            .on(&["gpio"]),
            Key::may(
                "prepared",
                Form::Text,
                "\"lu-ong\"",
                "What the desk keeps ready under this name (with its clip) is said in the place of `text`, while there is such a \
                 thing.",
            )
            .on(&["gpio"]),
            Key::or("risk_level", Form::Whole(1, 5), "3", "4", "Disaster risk level of that text.").on(&["gpio"]),
            Key::may("input", Form::Of("input"), "\"mic\"", "What goes on air while the `ptt` is pressed.").on(&["gpio"]),
            Key::may(
                "clusters",
                Form::Texts,
                "[\"thon-1\", \"thon-2\"]",
                "Where the button's emergency is said, its voice heard, or its mute counts; left out: everywhere.",
            )
            .on(&["gpio"]),
            Key::or("max_s", Form::Whole(1, 3600), "300", "300", "It is cut off after.").unit("s").on(&["gpio"]),
            Key::may(
                "buzzer",
                Form::Of("switch"),
                "\"buzzer\"",
                "What sounds at the station when one of its alarms begins; a mute button silences it.",
            ),
            Key::or("buzzer_s", Form::Number(1.0, 3600.0), "60", "60", "For how long at most.").unit("s"),
            Key::may(
                "alarms",
                Form::Inlines("sensor.alarms"),
                "[{ quantity = \"battery\", below = 30, text = \"Pin yếu. Bật máy phát điện.\" }]",
                "What must not stand for long, besides the usual alarms of its kind or profile; one that names a quantity replaces \
                 the usual one of that quantity.",
            ),
        ],
    },
    Section {
        name: "sensor.alarms",
        shape: Shape::Inline,
        doc: "A threshold of one quantity: either `below` or `above`.",
        drivers: &[],
        keys: &[
            Key::must("quantity", Form::Text, "\"battery\"", "The quantity, as docs/devices names it."),
            Key::may("below", Form::Number(-1e6, 1e6), "30", "Less than this is wrong."),
            Key::may("above", Form::Number(-1e6, 1e6), "80", "More than this is wrong."),
            Key::may(
                "clears",
                Form::Number(-1e6, 1e6),
                "35",
                "Where it must come back to for the alarm to end; left out: 5 % of the bound beyond it.",
            ),
            Key::or("for_s", Form::Number(0.0, 86_400.0), "60", "60", "For how long it must be wrong.").unit("s"),
            Key::must("text", Form::Text, "\"Pin yếu. Bật máy phát điện.\"", "What is wrong and the one thing to do."),
            Key::or("grave", Form::Flag, "false", "true", "People outside may not hear what they should."),
            Key::or("code", Form::Text, "sensor", "\"battery_low\"", "The word the hub is told."),
        ],
    },
];
