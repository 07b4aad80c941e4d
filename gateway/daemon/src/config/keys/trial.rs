//! Keys of what the station does to know that it works: self-tests and drills.

use super::{Form, Key, Section, Shape};

const DAYS: Form = Form::Word(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

/// The sections of this file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "selftest",
        shape: Shape::Once,
        doc: "When the station tests itself, and how far a figure may go from that of a good day before it is said to drift.",
        drivers: &[],
        keys: &[
            Key::or(
                "nightly",
                Form::Text,
                "03:10",
                "\"03:10\"",
                "When every night everything is read and nothing is changed: inaudible. `off`: never.",
            ).hub(),
            Key::or("answer_times", Form::Number(1.1, 100.0), "2", "2", "An answer may take so many times as long.")
                .unit("times"),
            Key::or("reflected_rise_pct", Form::Number(5.0, 1000.0), "50", "50", "Reflected power may rise so far.")
                .unit("per cent"),
            Key::or("forward_drop_pct", Form::Number(1.0, 99.0), "20", "20", "Forward power may fall so far.")
                .unit("per cent"),
            Key::or("other_change_pct", Form::Number(1.0, 1000.0), "25", "25", "Any other figure may rise or fall so far.")
                .unit("per cent"),
            Key::may(
                "limit",
                Form::Inlines("selftest.limit"),
                "[{ output = \"transmitter/fm\", reflected_rise_pct = 30 }]",
                "The same for single outputs; also written as [[selftest.limit]].",
            ),
        ],
    },
    Section {
        name: "selftest.limit",
        shape: Shape::Inline,
        doc: "Limits of one output; what is left out is that of [selftest].",
        drivers: &[],
        keys: &[
            Key::must("output", Form::Text, "\"transmitter/fm\"", "Which: its kind, a `/` and its id."),
            Key::may("answer_times", Form::Number(1.1, 100.0), "3", "As in [selftest].").unit("times"),
            Key::may("reflected_rise_pct", Form::Number(5.0, 1000.0), "30", "As in [selftest].").unit("per cent"),
            Key::may("forward_drop_pct", Form::Number(1.0, 99.0), "10", "As in [selftest].").unit("per cent"),
            Key::may("other_change_pct", Form::Number(1.0, 1000.0), "5", "As in [selftest].").unit("per cent"),
        ],
    },
    Section {
        name: "drill",
        shape: Shape::Many,
        doc: "A drill (*diễn tập*) held by the calendar. It opens with the tone of drills, says DIỄN TẬP before and after, and is \
              left out while an emergency is on or in force.",
        drivers: &[],
        keys: &[
            Key::must("id", Form::Name, "\"tuan\"", "Its name."),
            Key::may("title", Form::Text, "\"Thử loa hằng tuần\"", "Its title on screens; without, its name.").hub(),
            Key::must(
                "every",
                Form::Word(&["week", "month", "quarter"]),
                "\"week\"",
                "How often; `month` and `quarter`: on the first such weekday of it.",
            ).hub(),
            Key::must("weekday", DAYS, "\"sat\"", "On which day.").hub(),
            Key::must("time", Form::Text, "\"16:00\"", "At what time.").hub(),
            Key::or(
                "kind",
                Form::Word(&["short", "full"]),
                "short",
                "\"full\"",
                "`short`: said once at the sinks' own volume, never by night. `full`: said twice at the forced level, as an \
                 emergency is.",
            ).hub(),
            Key::must(
                "text",
                Form::Text,
                "\"Đây là buổi thử hệ thống truyền thanh của xã. Bà con không cần làm gì.\"",
                "What is said between the words that call it a drill.",
            ).hub(),
            Key::or("level", Form::Whole(1, 5), "1", "3", "Disaster risk level whose drill tone is played.").hub(),
            Key::or("clusters", Form::Texts, "[\"*\"]", "[\"thon-1\"]", "Where it is said; `*`: everywhere."),
            Key::may(
                "boards",
                Form::Texts,
                "[\"gate\"]",
                "Where it is shown; without: on all boards if `full`, else on none.",
            ),
        ],
    },
];
