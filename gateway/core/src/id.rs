//! Names of things at a site: one type each, so that a switch can never be handed where a sink is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// An audio output that carries one programme at a time.
    SinkId,
    /// A relay coil, amplifier standby, network port or beacon light.
    SwitchId,
    /// An FM transmitter.
    TransmitterId,
    /// An LED or LCD display (*bảng tin*).
    BoardId,
    /// An addressable group of horns (*cụm loa*).
    ClusterId,
    /// An audio input: microphone, line-in, tuner, network stream.
    InputId,
    /// One live transmission: a voice from the desk, or one the hub asks for.
    LiveId,
    /// A paper of the office: a directive, a report that is wanted.
    PaperId,
    /// Something kept ready to be said: a warning or a correction.
    PreparedId,
    /// A sensor: it is wanted nothing of and says how things are.
    SensorId,
    /// A serial port, TCP connection or sound card that one worker owns.
    LineId,
    /// A bulletin, whoever issued it; CAP alerts get one made of their identity.
    BulletinId,
    /// A programme of the programme book.
    ProgrammeId,
    /// A drill that is held by the calendar.
    DrillId,
    /// SHA-256 of a media file, lower-case hexadecimal.
    ClipId,
    /// SHA-256 of a text with its language, lower-case hexadecimal: the name of its spoken form.
    SpeechId,
}

/// One output that is wanted something of and reports back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputId {
    /// A sink.
    Sink(SinkId),
    /// A switch.
    Switch(SwitchId),
    /// The carrier of a transmitter.
    Transmitter(TransmitterId),
    /// The zone coder (RDS) of a transmitter.
    Coder(TransmitterId),
    /// A board.
    Board(BoardId),
    /// A sensor, which is looked after like an output though nothing is put out by it.
    Sensor(SensorId),
}

impl fmt::Display for OutputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sink(id) => write!(f, "sink/{id}"),
            Self::Switch(id) => write!(f, "switch/{id}"),
            Self::Transmitter(id) => write!(f, "transmitter/{id}"),
            Self::Coder(id) => write!(f, "coder/{id}"),
            Self::Board(id) => write!(f, "board/{id}"),
            Self::Sensor(id) => write!(f, "sensor/{id}"),
        }
    }
}

/// Number of one act of playing on one sink; unique since power-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlayId(pub u64);

/// Digest of what a board is to show, so that a report can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShowId(pub u64);
