//! Keys of clusters and the ways to reach them.

use crate::config::keys::{Form, Key, Section, Shape};

/// The sections of this file.
pub(in crate::config::keys) const SECTIONS: &[Section] = &[
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
            )
            .hub(),
            Key::may(
                "lat",
                Form::Number(-90.0, 90.0),
                "11.3102",
                "Where it stands, for the plan on the desk: latitude.",
            )
            .unit("degrees"),
            Key::may("lon", Form::Number(-180.0, 180.0), "106.1014", "Longitude; given together with `lat`.")
                .unit("degrees"),
            Key::or("speakers", Form::Whole(0, 10_000), "1", "2", "Number of loudspeakers."),
            Key::may(
                "beacon",
                Form::Of("switch"),
                "\"light1\"",
                "A light that is on while an emergency is said to it, for those who do not hear; clusters may share one.",
            ),
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
            Key::may(
                "force",
                Form::Of("switch"),
                "\"horn1-full\"",
                "What forces the level at the horns to full for an emergency: the relay that bypasses volume controls, the \
                 horn's own volume.",
            ),
            Key::may(
                "watch",
                Form::Of("sensor"),
                "\"horn1-alive\"",
                "What tells whether the horn is alive: while it does not answer, the next path is taken.",
            ),
            Key::may("transmitter", Form::Of("transmitter"), "\"fm\"", "Over the air."),
            Key::may(
                "zone",
                Form::Whole(0, 65_535),
                "3",
                "The zone that its coder or its zone tones open, as far as those can say it; needed with `transmitter`.",
            ),
        ],
    },
];
