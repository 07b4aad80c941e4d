//! Keys of what a station plays, shows and switches.

use super::{Form, Key, Known, Section, Shape};

const fn now(name: &'static str) -> Known {
    Known { name, ready: true }
}

const fn later(name: &'static str) -> Known {
    Known { name, ready: false }
}

/// The sections of this file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "sink",
        shape: Shape::Many,
        doc: "An audio output that carries one programme at a time.",
        drivers: &[now("soundcard"), now("recorder"), now("rtp")],
        keys: &[
            Key::must("id", Form::Name, "\"hall\"", "Its name."),
            Key::must(
                "driver",
                Form::Driver,
                "\"soundcard\"",
                "`soundcard`, `rtp` (the network), or `recorder`, which writes files.",
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
            Key::must(
                "address",
                Form::Text,
                "\"239.192.7.1:5004\"",
                "Where programmes go: a multicast group or one receiver, IPv4, and port.",
            )
            .on(&["rtp"]),
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
            .on(&["rtp"]),
            Key::or("ttl", Form::Whole(0, 255), "1", "4", "Routers that may pass a group's packets on, plus one.")
                .on(&["rtp"]),
            Key::or(
                "codec",
                Form::Text,
                "L16/44100/1",
                "\"G722\"",
                "`L16/RATE/CHANNELS` (8000–48000 hertz, 1 or 2), `PCMU`, `PCMA`, `G722` or `opus/48000/2`.",
            )
            .on(&["rtp"]),
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
            Key::or("hang_ms", Form::Whole(0, 60_000), "500", "500", "Silence sent after the last sound.")
                .unit("ms")
                .on(&["rtp"]),
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
        name: "line",
        shape: Shape::Many,
        doc: "A serial bus or TCP connection; one thread owns it and all devices on it.",
        drivers: &[now("serial"), now("tcp")],
        keys: &[
            Key::must("id", Form::Name, "\"bus1\"", "Its name."),
            Key::must("driver", Form::Driver, "\"serial\"", "`serial` or `tcp`."),
            Key::must(
                "port",
                Form::Text,
                "\"/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0\"",
                "Device file; the name under /dev/serial/by-id stays the same when plugs are moved.",
            )
            .on(&["serial"]),
            Key::or("baud", Form::Whole(300, 921_600), "9600", "9600", "Speed; 8 data bits, no parity, 1 stop bit.")
                .unit("bit/s")
                .on(&["serial"]),
            Key::must("address", Form::Text, "\"192.0.2.11:4001\"", "Host and port.").on(&["tcp"]),
            Key::or(
                "framing",
                Form::Word(&["modbus-tcp", "rtu"]),
                "modbus-tcp",
                "\"rtu\"",
                "How Modbus goes over it: `rtu` through a serial server that passes bytes on as they are.",
            )
            .on(&["tcp"]),
        ],
    },
    Section {
        name: "switch",
        shape: Shape::Many,
        doc: "A relay coil, amplifier standby or beacon light. One coil serves one cluster or one transmitter.",
        drivers: &[now("modbus-relay")],
        keys: &[
            Key::must("id", Form::Name, "\"amp1\"", "Its name."),
            Key::must("driver", Form::Driver, "\"modbus-relay\"", "`modbus-relay`."),
            Key::must("line", Form::Of("line"), "\"bus1\"", "The line it is on."),
            Key::or("unit", Form::Whole(1, 255), "1", "1", "Modbus address of its board."),
            Key::must("coil", Form::Whole(0, 65_535), "0", "Coil on that board, counted from 0."),
            Key::or(
                "settle_s",
                Form::Number(0.0, 60.0),
                "0",
                "0.5",
                "How long what it feeds takes to be usable once the coil is closed.",
            )
            .unit("s"),
        ],
    },
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
            Key::or("profile", Form::Text, "generic", "\"generic\"", "Its register map, by name."),
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
            ),
            Key::or("speakers", Form::Whole(0, 10_000), "1", "2", "Number of loudspeakers."),
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
            Key::may("transmitter", Form::Of("transmitter"), "\"fm\"", "Over the air."),
            Key::may("zone", Form::Whole(0, 255), "3", "The zone its coder opens; needed with `transmitter`."),
        ],
    },
    Section {
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
            Key::or("font", Form::Text, "Arial", "\"Arial\"", "A font of the card that has Vietnamese letters."),
        ],
    },
];
