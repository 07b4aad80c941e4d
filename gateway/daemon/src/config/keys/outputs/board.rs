//! Keys of displays.

use crate::config::keys::{Form, Key, Section, Shape, later, now};

/// Boards of a size of their own; a television has that of its page.
const SIZED: &[&str] = &["huidu", "onbon-k", "onbon-y", "cpower", "e131", "artnet", "ddp"];
/// Those that are sent pictures.
const PAINTED: &[&str] = &["huidu", "onbon-y", "cpower", "e131", "artnet", "ddp"];

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[Section {
    name: "board",
    shape: Shape::Many,
    doc: "An LED or LCD display (bảng tin).",
    drivers: &[
        now("huidu"),
        now("onbon-k"),
        now("onbon-y"),
        now("cpower"),
        now("e131"),
        now("artnet"),
        now("ddp"),
        now("html"),
        later("alpha"),
    ],
    keys: &[
        Key::must("id", Form::Name, "\"gate\"", "Its name."),
        Key::may("name", Form::Text, "\"Cổng ủy ban\"", "Its name on screens; left out: the id."),
        Key::must(
            "driver",
            Form::Driver,
            "\"huidu\"",
            "`huidu` (SDK 2.0), `onbon-k` (BX-5K, 6K), `onbon-y` (BX-Y), `cpower` (C-Power5200), `e131`, \
             `artnet`, `ddp` (pixels), `html` (a browser on a television).",
        ),
        Key::may("address", Form::Text, "\"192.0.2.10:10001\"", "Host and port; with `e131` also \"multicast\".").on(SIZED),
        Key::may("line", Form::Of("line"), "\"bus1\"", "The line it is on, in place of an address.")
            .on(&["onbon-k", "cpower"]),
        Key::must("width", Form::Whole(8, 8192), "128", "Width.").unit("pixels").on(SIZED),
        Key::must("height", Form::Whole(8, 8192), "64", "Height.").unit("pixels").on(SIZED),
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
        Key::or(
            "letters",
            Form::Word(&["bitmap", "card"]),
            "bitmap",
            "\"bitmap\"",
            "`bitmap`: it is sent pictures painted by the gateway; `card`: text in its own letters.",
        )
        .on(&["huidu"]),
        Key::may(
            "font",
            Form::Text,
            "\"Arial\"",
            "A font of the card that has Vietnamese letters. `huidu` with `letters = \"card\"`: left out, Arial; `onbon-y` with \
             `on_power_up = \"text\"`: left out, letters without accents.",
        )
        .on(&["huidu", "onbon-y"]),
        Key::may(
            "font_file",
            Form::Text,
            "\"/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf\"",
            "Font file with Vietnamese letters that the pictures are painted with; left out: the best one of the box.",
        )
        .on(PAINTED),
        Key::or(
            "on_power_up",
            Form::Word(&["dark", "text"]),
            "dark",
            "\"text\"",
            "What the card shows after a power cut until the gateway reaches it: nothing of ours, or the text in its own letters.",
        )
        .on(&["onbon-y"]),
        Key::or(
            "colours",
            Form::Word(&["mono", "dual", "eight", "full"]),
            "eight",
            "\"eight\"",
            "What it can show: one colour, red and green, eight colours, or full colour. Letters of `onbon-k` are \
             mono unless this says dual.",
        )
        .on(&["onbon-k", "cpower"]),
        Key::or("series", Form::Word(&["5k", "6k"]), "6k", "\"6k\"", "Series of the card.").on(&["onbon-k"]),
        Key::or("screen", Form::Whole(1, 65_533), "1", "1", "Number of the screen in the card.").on(&["onbon-k"]),
        Key::or("card", Form::Whole(1, 254), "1", "1", "Number of the card.").on(&["cpower"]),
        Key::or(
            "network_id",
            Form::Whole(0, 0xFFFF_FFFF),
            "0xFFFFFFFF",
            "0xFFFFFFFF",
            "Identity set in the card for its own TCP port.",
        )
        .on(&["cpower"]),
        Key::or("user", Form::Text, "guest", "\"guest\"", "Name to sign in with.").on(&["onbon-y"]),
        Key::may(
            "password",
            Form::Text,
            "\"board.password\"",
            "Its password: a file, or the name of a systemd credential; must be there.",
        )
        .on(&["onbon-y"]),
        Key::may("interface", Form::Text, "\"192.0.2.1\"", "The address of ours that the pixels leave from.")
            .on(&["e131", "artnet", "ddp"]),
        Key::or("universe", Form::Whole(1, 63_999), "1", "1", "The first universe; each takes 170 pixels.")
            .on(&["e131", "artnet"]),
        Key::or("priority", Form::Whole(0, 200), "150", "150", "Of several sources a controller shows the highest.")
            .on(&["e131"]),
        Key::may(
            "on_link_lost",
            Form::Text,
            "\"dark\"",
            "What it does without the gateway. A page that hears nothing for 12 s: `notice` (unless said) goes on until the \
             message ends and says so, `keep` goes on and says nothing, `dark` goes dark, `idle` shows the text of `idle`. \
             A card: `keep` (unless said), or `dark` after an hour (`huidu`) or 20 minutes (`onbon-k`).",
        )
        .on(&["html", "huidu", "onbon-k"]),
        Key::or(
            "on_message_end",
            Form::Word(&["dark", "idle"]),
            "dark",
            "\"idle\"",
            "What the page shows when its message ends and it hears nothing of the gateway: nothing, or the text of `idle`.",
        )
        .on(&["html"]),
    ],
}];
