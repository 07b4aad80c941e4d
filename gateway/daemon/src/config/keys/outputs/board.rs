//! Keys of displays.

use crate::config::keys::{Form, Key, Section, Shape, later, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
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
        Key::may(
            "idle",
            Form::Text,
            "\"UBND xã Bình Minh kính chào quý khách\"",
            "What it shows while nothing is due; left out: it is dark.",
        ),
        Key::may(
            "brightness",
            Form::Wholes(1, 100),
            "[20, 20, 20, 20, 20, 40, 70, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 80, 60, 50, 40, 30, 20, 20]",
            "Brightness in each hour of the day from midnight on; a warning is always at full. Left out: full.",
        )
        .unit("per cent"),
        Key::may(
            "qr",
            Form::Text,
            "\"https://binhminh.example.vn/q/cong\"",
            "Address shown as a QR code, where there is a corner free for it.",
        ),
        Key::may(
            "power",
            Form::Of("switch"),
            "\"gate-power\"",
            "The switch of its power or network port: a blackout opens it, for a card that does not answer.",
        ),
        Key::or("font", Form::Text, "Arial", "\"Arial\"", "A font of the card that has Vietnamese letters."),
    ],
}];
