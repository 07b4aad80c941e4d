//! What should be true at every output now: levels, worked out afresh; being told twice is harmless.

use crate::id::{BoardId, ClipId, InputId, LiveId, PlayId, ShowId, SinkId, SpeechId, SwitchId, TransmitterId};
use crate::ruling::Ruling;
use crate::time::Wall;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The whole of what the station should be doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// What each sink plays.
    pub sinks: BTreeMap<SinkId, SinkWant>,
    /// Which switches are closed (`true` = energised).
    pub switches: BTreeMap<SwitchId, bool>,
    /// Which carriers are up. Frequency and power are not here: they are the licence's.
    pub transmitters: BTreeMap<TransmitterId, bool>,
    /// What each transmitter's coder says to its receivers.
    pub coders: BTreeMap<TransmitterId, CoderWant>,
    /// What each board shows.
    pub boards: BTreeMap<BoardId, BoardWant>,
    /// Texts to be made into speech.
    pub speech: BTreeMap<SpeechId, SpeechWant>,
    /// Media to be fetched into the cache.
    pub clips: BTreeMap<ClipId, ClipWant>,
    /// Rulings of the province to be taken over into the site's own file, in this order.
    pub rulings: Vec<Ruling>,
    /// Number of the look that a self-test wants: each output is read once for each number, and changed by none.
    pub trial: Option<u64>,
}

/// What a sink plays and how loud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkWant {
    /// Nothing, or one source.
    pub play: Option<Play>,
    /// What is to begin on the very sample at which `play` ends, and is made ready while that sounds: the sink needs no
    /// word from anybody to go on. Once it is wanted as `play` it begins at once, ready as it is.
    pub next: Option<Play>,
    /// What `play` pre-empted, kept so that it is back at once.
    pub under: Option<Under>,
    /// Per cent of full scale, 0–100; an emergency is always 100.
    pub volume: u8,
}

/// A play that has lost its sink for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Under {
    /// Which.
    pub play: Play,
    /// What becomes of it meanwhile.
    pub how: Beneath,
}

/// What becomes of a play while another stands above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beneath {
    /// It stands still, and goes on at the same sample.
    Held,
    /// It runs on unheard: what is live has gone on when it comes back.
    Unheard,
    /// It runs on and is heard, far lower than what stands above it.
    Ducked,
}

/// One act of playing: the same `id` told again changes nothing, another `id` replaces it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Its number, which every report about it repeats.
    pub id: PlayId,
    /// Where the samples come from.
    pub source: Source,
    /// Where in the source to begin, milliseconds.
    pub from_ms: u64,
    /// How loud it is meant, before the volume.
    pub loudness: Loudness,
    /// How it takes over from what sounds before it.
    pub join: Join,
}

/// How loud a play is meant (EBU R 128); the sink has the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loudness {
    /// At the sink's target.
    #[default]
    Programme,
    /// Above it by the sink's fixed offset.
    Emergency,
}

/// How a play takes over from what sounds before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// At once: what sounded is gone within milliseconds.
    #[default]
    Cut,
    /// Both are heard for the sink's cross-fade time.
    Cross,
}

/// Where samples come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The attention tone, made in code, for ever in turns of [`TONE_TURN_MS`]; `level` 1–5 chooses its sound.
    Tone {
        /// Disaster risk level 1–5 (QĐ 18/2021).
        level: u8,
        /// A drill sounds unlike the real thing.
        drill: bool,
    },
    /// The opening chime of a programme, made in code, about a second.
    Chime,
    /// Zone tones for the receivers of a transmitter (DTMF), made in code.
    Digits(Digits),
    /// A media file of the cache.
    Clip(ClipId),
    /// A spoken text of the cache.
    Speech(SpeechId),
    /// An input of the site (*nguồn tiếp âm*): microphone, line-in, tuner, network stream. It has no end.
    Input(InputId),
    /// A network stream that a message names (`live` with `url`). It has no end.
    Stream(String),
    /// A voice that speaks now, from the desk: its samples come through the daemon. It ends when the speaker does.
    Live(LiveId),
}

impl Source {
    /// It has no end and no past: it cannot be held, begun at a place, or measured beforehand.
    pub fn is_live(&self) -> bool {
        match self {
            Self::Input(_) | Self::Stream(_) | Self::Live(_) => true,
            Self::Tone { .. } | Self::Chime | Self::Digits(_) | Self::Clip(_) | Self::Speech(_) => false,
        }
    }
}

/// A sequence of DTMF digits and how it is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// Of `0–9 * # A–D`.
    pub digits: String,
    /// A digit, milliseconds.
    pub digit_ms: u16,
    /// The pause after each, milliseconds.
    pub pause_ms: u16,
    /// How much louder the upper tone of a digit is than the lower one, tenths of a decibel.
    pub twist: i8,
}

impl Digits {
    /// How long all of it is, milliseconds.
    pub fn length_ms(&self) -> u64 {
        self.digits.chars().count() as u64 * (u64::from(self.digit_ms) + u64::from(self.pause_ms))
    }
}

/// Length of one turn of the attention tone; the contract allows at most 1.5 s.
pub const TONE_TURN_MS: u64 = 1200;

/// What a zone coder says to the receivers of its transmitter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoderWant {
    /// Zones held open; the others are shut.
    pub zones: BTreeSet<u16>,
    /// Whether an emergency is said to them: traffic announcement and programme type 31 tell receivers that heed them.
    pub alarm: Alarm,
    /// Text for receivers that show one (RadioText), with its accents; `None`: none.
    pub text: Option<String>,
}

impl CoderWant {
    /// These zones open, and nothing else said.
    pub fn open(zones: impl Into<BTreeSet<u16>>) -> Self {
        Self { zones: zones.into(), ..Self::default() }
    }
}

/// Whether an emergency is on the air.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alarm {
    /// None is.
    #[default]
    Quiet,
    /// A drill.
    Drill,
    /// A real one.
    Real,
}

/// What a board shows and how bright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardWant {
    /// What.
    pub show: Show,
    /// Per cent of full brightness, 1–100; an emergency is always 100.
    pub brightness: u8,
}

impl BoardWant {
    /// Nothing shown.
    pub fn dark() -> Self {
        Self { show: Show::Dark, brightness: 100 }
    }

    /// A message, as bright as can be.
    pub fn message(message: BoardMessage) -> Self {
        Self { show: Show::Message(message), brightness: 100 }
    }
}

/// What a board shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// Nothing at all: nothing is due, or the boards are blacked out.
    Dark,
    /// A message.
    Message(BoardMessage),
}

/// A message on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardMessage {
    /// Digest of the rest, repeated by the report.
    pub id: ShowId,
    /// The text, in the language of the place, with its accents.
    pub text: String,
    /// Disaster risk level 1–5 whose legal colour the message wears; `None`: ordinary news.
    pub level: Option<u8>,
    /// A drill: striped or otherwise unmistakable, and the text says DIỄN TẬP.
    pub drill: bool,
    /// It flashes now and then, for those who do not hear: an emergency that is being said.
    pub flash: bool,
    /// Address to be shown as a QR code, where the board has a free corner.
    pub qr: Option<String>,
    /// A picture of the cache shown with the text, where the board can.
    pub picture: Option<ClipId>,
    /// When it stops being true: a board that has lost the gateway goes dark by itself then.
    pub until: Option<Wall>,
}

/// A text to be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechWant {
    /// BCP 47 language, e.g. `vi`.
    pub lang: String,
    /// The text.
    pub text: String,
    /// An emergency waits for it.
    pub urgent: bool,
}

/// A media file to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipWant {
    /// HTTPS address.
    pub url: String,
    /// Size the hub named, bytes; more is refused.
    pub bytes: u64,
    /// An emergency waits for it.
    pub urgent: bool,
    /// Nothing that is aired needs it, and its place among its like: fetched after all else, first to give way.
    pub spare: Option<u32>,
}

/// How well it is known that an output did what was wanted: measured, never assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It left the device; nobody looked.
    Sent,
    /// Read back electrically: coil, carrier power, card answer.
    Electrical,
    /// A test tone was heard.
    Tone,
    /// The content itself was heard or seen.
    Content,
}
