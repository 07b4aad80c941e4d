//! Keys of the station itself: who it is, whom it serves, what it has decided for itself.

use super::{Form, Key, Section, Shape};

/// The sections of this file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "station",
        shape: Shape::Once,
        doc: "Who this station is. Paths that do not begin with `/` are meant from the folder of this file.",
        drivers: &[],
        keys: &[
            Key::must("id", Form::Name, "\"TN-25459-01\"", "Identity given by the hub, printed on the label."),
            Key::may(
                "name",
                Form::Text,
                "\"Xã Bình Minh\"",
                "Name of the place on screens; without, the identity is shown.",
            ),
            Key::must("province", Form::Text, "\"80\"", "Province code, 2 digits (QĐ 19/2025/QĐ-TTg)."),
            Key::must("commune", Form::Text, "\"25459\"", "Commune code, 5 digits (QĐ 19/2025/QĐ-TTg)."),
            Key::may("lat", Form::Number(-90.0, 90.0), "11.31", "Latitude, for alerts that name an area on the map.")
                .unit("degrees"),
            Key::may("lon", Form::Number(-180.0, 180.0), "106.10", "Longitude; given together with `lat`.")
                .unit("degrees"),
            Key::or(
                "data",
                Form::Text,
                "/var/lib/gateway",
                "\"/var/lib/gateway\"",
                "Folder of the database, the clips, the recordings and the signing key.",
            ),
            Key::or(
                "trust",
                Form::Text,
                "/etc/gateway/trust.json",
                "\"/etc/gateway/trust.json\"",
                "First trust store; later ones come signed.",
            ),
            Key::or(
                "profiles",
                Form::Text,
                "profiles",
                "\"profiles\"",
                "Folder of the site's own profiles of Modbus devices, one TOML file a kind (docs/devices/profiles.md); it \
                 may be missing.",
            ),
            Key::or(
                "trial_s",
                Form::Whole(2, 600),
                "60",
                "60",
                "How long a configuration changed at the desk has to prove itself: then everything must be well that was well \
                 before, or the one before comes back (docs/settings.md).",
            )
            .unit("s"),
        ],
    },
    Section {
        name: "hub",
        shape: Shape::Once,
        doc: "The provincial hub. Left out: the station works alone until it is enrolled.",
        drivers: &[],
        keys: &[
            Key::must(
                "url",
                Form::Text,
                "\"mqtts://hub.example.vn:8883\"",
                "Broker: `mqtts://host[:8883]`; `mqtt://host[:1883]` only to a loopback address.",
            ),
            Key::may(
                "ca",
                Form::Text,
                "\"ca.pem\"",
                "Certificate authority of the hub (PEM), also believed for media; needed with mqtts.",
            ),
            Key::may("cert", Form::Text, "\"station.pem\"", "Certificate of this station (PEM); needed with mqtts."),
            Key::may(
                "key",
                Form::Text,
                "\"station.key\"",
                "Private key of that certificate: a file, or the name of a systemd credential; needed with mqtts.",
            ),
            Key::may(
                "may_set",
                Form::Texts,
                "[\"policy.quiet_at_night\", \"policy.programme_hours\", \"cluster.languages\"]",
                "Keys of this file that the province may set by `config` messages, of those marked *province* in the manual; without, \
                 none.",
            ),
        ],
    },
    Section {
        name: "web",
        shape: Shape::Once,
        doc: "The three listeners, each an IP address and port.",
        drivers: &[],
        keys: &[
            Key::or("officer", Form::Text, "0.0.0.0:8443", "\"0.0.0.0:8443\"", "The desk, for officers; TLS, login."),
            Key::or(
                "officer_tls",
                Form::Flag,
                "true",
                "true",
                "`false` is taken only where `officer` is a loopback address.",
            ),
            Key::may(
                "officer_cert",
                Form::Text,
                "\"officer.pem\"",
                "Certificate of the desk (PEM), together with `officer_key`; left out: the station makes its own.",
            ),
            Key::may("officer_key", Form::Text, "\"officer.key\"", "Its private key: a file or a systemd credential."),
            Key::or("citizen", Form::Text, "0.0.0.0:8080", "\"0.0.0.0:8080\"", "What a citizen's telephone opens."),
            Key::or("ops", Form::Text, "127.0.0.1:9100", "\"127.0.0.1:9100\"", "Health and metrics."),
        ],
    },
    Section {
        name: "policy",
        shape: Shape::Once,
        doc: "What the site has decided for itself.",
        drivers: &[],
        keys: &[
            Key::or(
                "clash_default",
                Form::Word(&["province", "commune"]),
                "province",
                "\"province\"",
                "Whose priority item plays first when nobody answers a clash in time.",
            ).hub(),
            Key::or(
                "night",
                Form::Text,
                "21:00-05:00",
                "\"21:00-05:00\"",
                "When sinks play at `volume_night`; emergencies are always at full level.",
            ).hub(),
            Key::or(
                "resume",
                Form::Word(&["place", "start", "skip"]),
                "place",
                "\"start\"",
                "What becomes of an item that something more urgent has interrupted: it goes on where it was, begins again, or is over.",
            ).hub(),
            Key::or(
                "cross_fade",
                Form::Flag,
                "false",
                "true",
                "Items of a programme that follow each other without a pause overlap for the sink's `cross_fade_ms`.",
            ).hub(),
            Key::or(
                "duck_under_live",
                Form::Flag,
                "false",
                "true",
                "A programme stays audible, lower by the sink's `duck_db`, beneath a live voice.",
            ).hub(),
            Key::or(
                "live_chime",
                Form::Flag,
                "true",
                "false",
                "A live voice opens with the chime unless its speaker chooses otherwise on the page.",
            ).hub(),
            Key::or(
                "mute_minutes",
                Form::Whole(1, 240),
                "10",
                "10",
                "How long a mute or blackout lasts unless the officer says otherwise.",
            ).hub()
            .unit("minutes"),
            Key::may(
                "skip_approval",
                Form::Texts,
                "[\"approver\", \"officer:ordinary\"]",
                "Roles whose bulletins of the commune need no leader's word, alone or for one priority; without, every one is approved. Emergencies never need it.",
            ).hub(),
            Key::or("approve_own", Form::Flag, "false", "true", "A leader may approve what he made himself.").hub(),
            Key::or(
                "quiet_at_night",
                Form::Flag,
                "false",
                "true",
                "Programmes of the desk must not touch `night`; emergencies, live voices and the province's programmes may.",
            ).hub(),
            Key::may(
                "programme_minutes",
                Form::Whole(1, 1440),
                "60",
                "Longest programme of the desk; without, any length.",
            ).hub()
            .unit("minutes"),
            Key::may(
                "programme_days",
                Form::Texts,
                "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\"]",
                "Days on which programmes of the desk may be aired; without, every day.",
            ).hub(),
            Key::may(
                "programme_hours",
                Form::Texts,
                "[\"05:00-07:00\", \"16:30-18:30\"]",
                "Sessions in which programmes of the desk must lie; without, the whole day.",
            ).hub(),
        ],
    },
    Section {
        name: "filler",
        shape: Shape::Once,
        doc: "What is heard while nothing is due, within its hours and the site's (`quiet_at_night`, `programme_days`, \
              `programme_hours`, `programme_minutes` of each of its spans). Anything else takes the air from it. Without `input`: silence.",
        drivers: &[],
        keys: &[
            Key::may("input", Form::Of("input"), "\"vov1\"", "The input that is relayed."),
            Key::may(
                "hours",
                Form::Texts,
                "[\"05:00-06:00\", \"17:00-18:00\"]",
                "Spans of the day, each within one day.",
            ).hub(),
            Key::may("clusters", Form::Texts, "[\"thon-2\"]", "Where; left out: everywhere."),
        ],
    },
    Section {
        name: "clock",
        shape: Shape::Once,
        doc: "Who vouches for the wall clock. NTP always does once it has been reached.",
        drivers: &[],
        keys: &[
            Key::or(
                "rtc",
                Form::Word(&["none", "battery"]),
                "none",
                "\"none\"",
                "`battery`: a clock chip with a battery keeps the time over a power cut, so the time at start is true.",
            ),
            Key::or(
                "trust",
                Form::Word(&["kernel", "always"]),
                "kernel",
                "\"kernel\"",
                "`always`: whoever runs this machine vouches for its clock by other means (a container, a demonstration). \
                 Never on a real station: a false clock plays the wrong programme and takes expired messages.",
            ),
        ],
    },
    Section {
        name: "network",
        shape: Shape::Once,
        doc: "How the desk sets the machine's network: through NetworkManager, every change on trial.",
        drivers: &[],
        keys: &[
            Key::may(
                "bus",
                Form::Text,
                "\"unix:path=/run/dbus/system_bus_socket\"",
                "Address of NetworkManager's D-Bus; the system bus where it is left out.",
            ),
            Key::or(
                "confirm_s",
                Form::Whole(10, 600),
                "120",
                "120",
                "How long somebody has to confirm a change at the desk before the network before it returns by itself.",
            )
            .unit("s"),
        ],
    },
    Section {
        name: "speech",
        shape: Shape::Once,
        doc: "The voices that speak texts: each [[speech.engine]] in its order, and espeak-ng where none of them speaks.",
        drivers: &[],
        keys: &[
            Key::or(
                "dialect",
                Form::Word(&["north", "central", "south"]),
                "north",
                "\"south\"",
                "Which Vietnamese espeak-ng speaks.",
            ).hub(),
            Key::or(
                "command",
                Form::Text,
                "espeak-ng",
                "\"espeak-ng\"",
                "The program espeak-ng, found on the PATH, or one that takes its options.",
            ),
            Key::may(
                "voices",
                Form::Words,
                "{ en = \"en-gb\" }",
                "Voices of espeak-ng by language, instead of `dialect`. A language without a voice is not spoken; a voice of \
                 another language is refused.",
            ),
            Key::or("words_per_minute", Form::Whole(80, 300), "150", "150", "How fast espeak-ng speaks.").hub()
                .unit("words per minute"),
            Key::may(
                "engine",
                Form::Inlines("speech.engine"),
                "[{ name = \"piper\", command = [\"piper\", \"--model\", \"/var/lib/gateway/voices/vi.onnx\", \
                 \"--output_file\", \"-\"] }]",
                "Better voices, each preferred to those after it; also written as [[speech.engine]].",
            ),
        ],
    },
    Section {
        name: "speech.engine",
        shape: Shape::Inline,
        doc: "A program that speaks, such as Piper or sherpa-onnx with a voice that is installed. It is started anew for \
              each piece of text, under limits and never through a shell, and what it says is checked; one that fails is put \
              aside for a while.",
        drivers: &[],
        keys: &[
            Key::must("name", Form::Name, "\"piper\"", "Its name in the log and the metrics."),
            Key::must(
                "command",
                Form::Texts,
                "[\"piper\", \"--model\", \"/var/lib/gateway/voices/vi.onnx\", \"--output_file\", \"-\"]",
                "The program and its arguments. The text comes by its stdin, or in the place of `{text}`; a 16-bit WAV is \
                 awaited from its stdout, or in the file `{out}`.",
            ),
            Key::or("languages", Form::Texts, "[\"vi\"]", "[\"vi\"]", "Languages its voice speaks (BCP 47)."),
            Key::or("memory_mb", Form::Whole(32, 65_536), "1024", "1024", "Memory it may take.").unit("MiB"),
        ],
    },
    Section {
        name: "cache",
        shape: Shape::Once,
        doc: "How much disk the caches may take, and how long the office keeps what is done with; what a coming programme needs is never removed.",
        drivers: &[],
        keys: &[
            Key::or("clips_mb", Form::Whole(64, 1_000_000), "4096", "4096", "Media of the hub.").unit("MiB"),
            Key::or("lessons_mb", Form::Whole(0, 1_000_000), "1024", "1024", "Files of papers and films of lessons, beside the media; papers first, the newest of each.").unit("MiB"),
            Key::or("speech_mb", Form::Whole(32, 100_000), "512", "512", "Spoken texts.").unit("MiB"),
            Key::or("drafts_days", Form::Whole(7, 3_650), "90", "90", "Drafts whose bulletin is over, after their last change.").unit("days"),
            Key::or("library_days", Form::Whole(14, 36_500), "365", "365", "Files of the commune's bulletins, after they were handed in.").unit("days"),
        ],
    },
    Section {
        name: "recordings",
        shape: Shape::Once,
        doc: "What really left the sinks is recorded, for the play log and to be listened to again. The oldest recordings make room.",
        drivers: &[],
        keys: &[
            Key::or(
                "codec",
                Form::Word(&["opus", "flac", "off"]),
                "opus",
                "opus",
                "How it is recorded: `opus` takes 18 MB an hour, `flac` is exact to the sample and takes up to 350 MB; \
                 `off`: nothing is recorded.",
            ),
            Key::or("days", Form::Whole(1, 3650), "30", "30", "How long a recording is kept.").hub().unit("days"),
            Key::or("limit_mb", Form::Whole(64, 10_000_000), "2048", "2048", "How much disk all recordings may take.")
                .unit("MiB"),
        ],
    },
];
