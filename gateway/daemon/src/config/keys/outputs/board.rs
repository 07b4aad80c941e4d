//! Keys of displays.

use crate::config::keys::{Form, Key, Section, Shape, later, now};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "board",
    shape: Shape::Many,
    doc: "An LED or LCD display (bảng tin).",
    drivers: &[now("huidu"), later("onbon-k"), later("onbon-y"), later("cpower"), now("e131"), now("ddp"), now("html")],
    keys: &[
        Key::must("id", Form::Name, "\"gate\"", "Its name."),
        Key::may("name", Form::Text, "\"Cổng ủy ban\"", "Its name on screens; left out: the id."),
        Key::must(
            "driver",
            Form::Driver,
            "\"huidu\"",
            "`huidu` (SDK 2.0), `e131`, `ddp` (pixels), `html` (a browser on a television).",
        ),
        Key::must("address", Form::Text, "\"192.0.2.10:10001\"", "Host and port; with `e131` also \"multicast\".")
            .on(&["huidu", "e131", "ddp"]),
        Key::must("width", Form::Whole(8, 8192), "128", "Width.").unit("pixels").on(&["huidu", "e131", "ddp"]),
        Key::must("height", Form::Whole(8, 8192), "64", "Height.").unit("pixels").on(&["huidu", "e131", "ddp"]),
        Key::or("font", Form::Text, "Arial", "\"Arial\"", "A font of the card that has Vietnamese letters.")
            .on(&["huidu"]),
        Key::may("interface", Form::Text, "\"192.0.2.1\"", "The address of ours that the pixels leave from.")
            .on(&["e131", "ddp"]),
        Key::or("universe", Form::Whole(1, 63_999), "1", "1", "The first universe; each takes 170 pixels.")
            .on(&["e131"]),
        Key::or("priority", Form::Whole(0, 200), "150", "150", "Of several sources a controller shows the highest.")
            .on(&["e131"]),
        Key::or(
            "on_link_lost",
            Form::Text,
            "notice",
            "\"dark\"",
            "What the page does when it hears nothing of the gateway for 12 s: `notice` goes on until the message ends \
             and says so, `keep` goes on and says nothing, `dark` goes dark.",
        )
        .on(&["html"]),
    ],
}];
