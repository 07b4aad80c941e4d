//! The kinds of sinks there are, and of what is said in their sound.

use crate::Model;

/// The sinks there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "soundcard",
        about: "channels of a sound card",
        keys: &[("device", "its ALSA name, or `default`"), ("channels", "its channels, from 0")],
    },
    Model {
        name: "recorder",
        about: "files: what would have sounded",
        keys: &[("dir", "their folder"), ("limit_mb", "the oldest go beyond this total, MB")],
    },
    Model {
        name: "rtp",
        about: "network loudspeakers and telephones that listen at an address",
        keys: &[
            ("address", "group or loudspeaker, IPv4 and port"),
            ("codec", "how sound goes"),
            ("interface", "network card that a group is sent from"),
            ("polycom", "pages to Polycom telephones in place of RTP"),
        ],
    },
    Model {
        name: "sip",
        about: "network loudspeakers that are called",
        keys: &[("address", "the loudspeaker, IPv4 and port"), ("user", "its name"), ("codec", "how sound goes")],
    },
];

/// What is said in the sound of a sink to those who listen for it.
pub const TONE_MODELS: &[Model] = &[Model {
    name: "zone_tones",
    about: "receivers of a transmitter that open and shut by DTMF digits (ITU-T Q.23)",
    keys: &[
        ("open", "digits that open a zone"),
        ("close", "digits that shut it"),
        ("close_all", "digits that shut all"),
    ],
}];
