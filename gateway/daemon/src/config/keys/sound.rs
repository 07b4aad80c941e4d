//! Keys of where sound goes to and where it comes in from.

use super::{Form, Key, Section, Shape, now};

/// The sections of this file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "sink",
        shape: Shape::Many,
        doc: "An audio output that carries one programme at a time.",
        drivers: &[now("soundcard"), now("recorder"), now("rtp"), now("sip")],
        keys: &[
            Key::must("id", Form::Name, "\"hall\"", "Its name."),
            Key::must(
                "driver",
                Form::Driver,
                "\"soundcard\"",
                "`soundcard`, `rtp` (the network), `sip` (a loudspeaker that is called), or `recorder`, which writes files.",
            ),
            Key::or("device", Form::Text, "default", "\"default\"", "Name of the card, as ALSA knows it.")
                .on(&["soundcard"]),
            Key::must(
                "channels",
                Form::Wholes(0, 31),
                "[0]",
                "Channels of the card it plays on, counted from 0; no other sink may have them.",
            )
            .on(&["soundcard"]),
            Key::must("dir", Form::Text, "\"recordings\"", "Folder the recordings go to.").on(&["recorder"]),
            Key::or("limit_mb", Form::Whole(16, 1_000_000), "1024", "1024", "The oldest recordings go beyond this.")
                .unit("MiB")
                .on(&["recorder"]),
            Key::may(
                "preset",
                Form::Text,
                "\"algo\"",
                "Addresses, codec and channels as a maker's receivers expect them: `algo`, `barix`, `snom`, `yealink`, \
                 `axis`, `polycom`. Every other key goes before it.",
            )
            .on(&["rtp"]),
            Key::or("zone", Form::Whole(1, 8), "1", "2", "Zone of the preset: each has addresses of its own.")
                .on(&["rtp"]),
            Key::may(
                "address",
                Form::Text,
                "\"239.192.7.1:5004\"",
                "Where programmes go: a multicast group or one receiver, IPv4, and port; of a loudspeaker that is called, \
                 where it takes calls. Only a preset may stand in for it.",
            )
            .on(&["rtp", "sip"]),
            Key::may("user", Form::Text, "\"loa1\"", "Name of the loudspeaker at its address.").on(&["sip"]),
            Key::may("emergency_user", Form::Text, "\"khancap\"", "The name emergencies are called by, if it has one.")
                .on(&["sip"]),
            Key::or("account", Form::Text, "gateway", "\"gateway\"", "Our name in the calls.").on(&["sip"]),
            Key::or("caller", Form::Text, "Dai truyen thanh", "\"Dai truyen thanh\"", "What displays show of us.")
                .on(&["sip"]),
            Key::may("password_file", Form::Text, "\"sip.pw\"", "File or credential with the password of the account.")
                .on(&["sip"]),
            Key::may("sip_port", Form::Whole(1024, 65_535), "5062", "UDP port of ours; left out: any.").on(&["sip"]),
            Key::may(
                "resource_priority",
                Form::Text,
                "\"ets.0\"",
                "Name and rank of emergencies for exchanges that rank calls (RFC 4412).",
            )
            .on(&["sip"]),
            Key::may(
                "emergency_address",
                Form::Text,
                "\"239.192.7.1:5006\"",
                "Where emergencies go, so that receivers with priorities let them through; left out: as programmes.",
            )
            .on(&["rtp"]),
            Key::may(
                "interface",
                Form::Text,
                "\"192.0.2.10\"",
                "The network interface it sends from, by its address or name; a group must have one.",
            )
            .on(&["rtp", "sip"]),
            Key::or("ttl", Form::Whole(0, 255), "1", "4", "Routers that may pass a group's packets on, plus one.")
                .on(&["rtp"]),
            Key::or(
                "codec",
                Form::Text,
                "L16/44100/1",
                "\"G722\"",
                "`L16/RATE/CHANNELS` (8000–48000 hertz, 1 or 2), `PCMU`, `PCMA`, `G722` or `opus/48000/2`. Calls: `G722` unless told \
                 otherwise, `PCMU` or `PCMA`.",
            )
            .on(&["rtp", "sip"]),
            Key::or(
                "payload_type",
                Form::Whole(96, 127),
                "97",
                "97",
                "RTP payload type, for codecs that have none of their own.",
            )
            .on(&["rtp"]),
            Key::may(
                "packet_ms",
                Form::Whole(1, 60),
                "20",
                "Length of a packet; left out: 8 for L16, 10 for Opus, 20 for the others.",
            )
            .unit("ms")
            .on(&["rtp"]),
            Key::or("hang_ms", Form::Whole(0, 60_000), "500", "500", "Silence sent after the last sound; a call is kept for 3000.")
                .unit("ms")
                .on(&["rtp", "sip"]),
            Key::or("keep_alive", Form::Flag, "false", "true", "Silence is sent whenever nothing plays.").on(&["rtp"]),
            Key::or("announce", Form::Flag, "true", "false", "Groups are announced on the network (SAP).").on(&["rtp"]),
            Key::may(
                "polycom",
                Form::Inline("sink.polycom"),
                "{ channel = 26, caller = \"UBND\" }",
                "Pages Polycom and Spectralink telephones in place of sending RTP; `PCMU` or `G722`.",
            )
            .on(&["rtp"]),
            Key::or("volume_day", Form::Whole(0, 100), "80", "80", "Level by day.").unit("%"),
            Key::or("volume_night", Form::Whole(0, 100), "50", "50", "Level by night (`policy.night`).").unit("%"),
            Key::or(
                "loudness_lufs",
                Form::Number(-30.0, -10.0),
                "-16.0",
                "-16.0",
                "Loudness (EBU R 128) at which every programme leaves at full level, however loud its file is.",
            )
            .unit("LUFS"),
            Key::or("emergency_lu", Form::Number(0.0, 15.0), "6.0", "6.0", "How much louder an emergency leaves.")
                .unit("LU"),
            Key::or(
                "ceiling_dbtp",
                Form::Number(-12.0, 0.0),
                "-1.0",
                "-1.0",
                "Highest true peak: the limiter lets nothing beyond it.",
            )
            .unit("dBTP"),
            Key::or(
                "pre_emphasis_us",
                Form::Whole(0, 75),
                "0",
                "50",
                "Pre-emphasis for an FM transmitter that has none of its own: 50 in Việt Nam; 0: none.",
            )
            .unit("µs"),
            Key::or(
                "cross_fade_ms",
                Form::Whole(0, 3000),
                "800",
                "800",
                "How long one programme and the next are heard together where they are to be; 0: never.",
            )
            .unit("ms"),
            Key::or(
                "duck_db",
                Form::Number(6.0, 40.0),
                "20.0",
                "20.0",
                "How much lower a programme goes on under a voice.",
            )
            .unit("dB"),
        ],
    },
    Section {
        name: "sink.polycom",
        shape: Shape::Inline,
        doc: "Group paging of Polycom and Spectralink telephones.",
        drivers: &[],
        keys: &[
            Key::or("channel", Form::Whole(1, 50), "26", "26", "Channel of programmes; 26–50 are group pages."),
            Key::or("emergency_channel", Form::Whole(1, 50), "50", "50", "Channel of emergencies; telephones know 50."),
            Key::or(
                "host",
                Form::Whole(0, 0xFFFF_FFFF),
                "1",
                "1",
                "Number of the caller; of two on a channel the lower is heard.",
            ),
            Key::or(
                "caller",
                Form::Text,
                "LOA",
                "\"UBND\"",
                "Name on the displays: at most 13 letters without accents.",
            ),
        ],
    },
    Section {
        name: "input",
        shape: Shape::Many,
        doc: "Where sound may come in from (nguồn tiếp âm): what a programme relays, or who speaks at the station.",
        drivers: &[now("stream"), now("capture"), now("rtp")],
        keys: &[
            Key::must("id", Form::Name, "\"vov1\"", "Its name."),
            Key::may("name", Form::Text, "\"Đài Tiếng nói Việt Nam\"", "Its name on screens; left out: the id."),
            Key::must(
                "driver",
                Form::Driver,
                "\"stream\"",
                "`stream`, from the net, `capture`, a microphone, line-in or tuner on a sound card, or `rtp`, from another \
                 station or a paging desk.",
            ),
            Key::must(
                "url",
                Form::Text,
                "\"https://stream.example.vn/vov1/index.m3u8\"",
                "Address of an HLS list, or of a stream as Icecast serves it (MP3, AAC, Ogg, FLAC), or of an .m3u or .pls \
                 list; https, or http within the site's own network.",
            )
            .on(&["stream"]),
            Key::or("device", Form::Text, "default", "\"default\"", "Name of the card, as ALSA knows it.")
                .on(&["capture"]),
            Key::may(
                "channels",
                Form::Wholes(0, 31),
                "[0]",
                "Channels of the card, counted from 0, that are mixed to one; left out: all.",
            )
            .on(&["capture"]),
            Key::or(
                "kind",
                Form::Word(&["microphone", "line"]),
                "microphone",
                "\"line\"",
                "What is on the card: a microphone hears the street and can feed back; a line hears nothing but programme.",
            )
            .on(&["capture"]),
            Key::must("address", Form::Text, "\"239.192.7.1:5004\"", "IPv4 group, or own address, and port.").on(&["rtp"]),
            Key::or("codec", Form::Text, "L16/44100/1", "\"opus/48000/2\"", "What comes: as for a sink of `rtp`.")
                .on(&["rtp"]),
            Key::may("interface", Form::Text, "\"eth0\"", "Network card of a group, by name or address; a group needs one.")
                .on(&["rtp"]),
            Key::may("payload_type", Form::Whole(0, 127), "97", "Number of the codec; left out: the codec's own, or any.")
                .on(&["rtp"]),
            Key::or("jitter_ms", Form::Whole(0, 200), "60", "60", "How long a packet that is overtaken is waited for.")
                .unit("milliseconds")
                .on(&["rtp"]),
            Key::may(
                "rds",
                Form::Inline("input.rds"),
                "{ line = \"tuner1\", pi = 0x7A01 }",
                "What its tuner should receive; while it receives another station, nothing of it is relayed.",
            ),
            Key::may(
                "hears",
                Form::Of("sink"),
                "\"hall\"",
                "The sink it listens to, as proof that what was sent is heard; a microphone listens during plays only, and \
                 keeps prints and levels, never sound.",
            ),
            Key::may(
                "hears_clusters",
                Form::Texts,
                "[\"thon-1\"]",
                "The clusters of that sink at whose horns it stands; left out: all of them.",
            ),
        ],
    },
    Section {
        name: "input.rds",
        shape: Shape::Inline,
        doc: "A tuner, or a receiver beside it, that sends each RDS group as a line of 16 hexadecimal digits.",
        drivers: &[],
        keys: &[
            Key::must("line", Form::Of("line"), "\"tuner1\"", "The line its groups come on; no device shares it."),
            Key::must("pi", Form::Whole(1, 65_535), "0x7A01", "Programme identification of the station."),
            Key::may("ps", Form::Text, "\"VOV1\"", "Its programme name, as a radio shows it."),
            Key::or(
                "clock",
                Form::Flag,
                "false",
                "true",
                "The time that it says (group 4A) is believed where nobody else knows it.",
            ),
        ],
    },
];
