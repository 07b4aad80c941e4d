//! Everything that can happen to a station, in one list.

use crate::bulletin::{Bulletin, Targets};
use crate::config::First;
use crate::device::Report;
use crate::id::{
    BoardId, BulletinId, ClipId, ClusterId, InputId, LiveId, OutputId, PaperId, PreparedId, ProgrammeId, SpeechId,
    TransmitterId,
};
use crate::prepared::Prepared;
use crate::programme::Programme;
use crate::ruling::Met;
use crate::verify::{Refused, Verified};
use crate::wire::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that happened.
#[derive(Debug)]
pub enum Input {
    /// A message of the hub, already judged by [`crate::verify`].
    Hub(Result<Verified<Envelope>, Refused>),
    /// The connection to the hub came or went.
    Link {
        /// Connected now.
        up: bool,
    },
    /// The broker threw the station off for another box of the same identity, again and again; or it does no longer.
    SecondBox {
        /// It is there.
        there: bool,
    },
    /// A device said something.
    Device(OutputId, Report),
    /// The tuner of an input says what it receives.
    Tuned(InputId, Tuned),
    /// An officer did something on the desk.
    Desk(Order),
    /// The cache has, or cannot get, a media file.
    Clip(ClipId, Made),
    /// The voice has spoken, or could not.
    Speech(SpeechId, Made),
    /// What became of a ruling of the province that was wanted.
    Ruling(Met),
    /// The journal's disk failed or recovered.
    Disk {
        /// It takes what is written to it.
        well: bool,
    },
    /// Time has passed.
    Tick,
}

/// What became of a file that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is in the cache, verified and decodable.
    Ready {
        /// Length of its sound, milliseconds.
        duration_ms: u64,
    },
    /// It cannot be had: the reason, in words for the journal.
    Failed(String),
}

/// What the tuner of an input receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tuned {
    /// The station it should.
    Right,
    /// None that says who it is: what was known before may be so still.
    Unknown,
    /// Another one: which, in words for the journal.
    Wrong(String),
}

/// An officer's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Number the shell gave it, so that its outcome can be found among the entries.
    pub no: u64,
    /// Login name of the officer.
    pub by: String,
    /// What is ordered.
    pub act: Act,
}

/// What the office sends the hub, by the word of contract §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing {
    /// The estate (*rà soát*).
    Inventory,
    /// Rows of a report, or a question.
    Report,
}

impl Outgoing {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Report => "report",
        }
    }
}

/// What an officer can order. Every one that stops or starts something says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Put a programme of the commune into the book, or replace it.
    Programme(Programme),
    /// Take a programme of the commune out of the book.
    DropProgramme {
        /// Which.
        programme: ProgrammeId,
        /// The version that was looked at.
        version: u32,
    },
    /// *Gửi duyệt*: hand a bulletin of the commune in, or a newer version of it.
    Submit {
        /// The bulletin; its identity begins with [`crate::site::OWN`].
        bulletin: Box<Bulletin>,
        /// The role of who hands it in, for the site's rule on who needs no approval.
        role: String,
    },
    /// *Duyệt*: a leader says yes.
    Approve {
        /// Which.
        bulletin: BulletinId,
        /// The version that was looked at.
        version: u32,
    },
    /// *Trả lại*: a leader says what is to be mended.
    SendBack {
        /// Which.
        bulletin: BulletinId,
        /// The version that was looked at.
        version: u32,
        /// Why.
        reason: String,
    },
    /// *Rút lại*: its author takes back what he handed in.
    Withdraw {
        /// Which.
        bulletin: BulletinId,
        /// The version that was looked at.
        version: u32,
    },
    /// Answer a decision.
    Decide {
        /// Its number.
        id: u64,
        /// Who goes first.
        first: First,
    },
    /// A local emergency, typed: needs neither hub nor network.
    Emergency {
        /// What is said.
        text: String,
        /// Disaster risk level 1–5.
        level: u8,
        /// Where.
        targets: Targets,
        /// How often it is said, 1–10.
        repeat: u16,
        /// Said and shown as a drill.
        drill: bool,
        /// Why.
        reason: String,
    },
    /// *Nói trực tiếp*: an officer's voice, or an input of the site, at once.
    Live {
        /// Identity, given by the shell, which hands the voice over under this name.
        live: LiveId,
        /// An input; `None` = the browser's microphone.
        input: Option<InputId>,
        /// Where.
        targets: Targets,
        /// It is cut off after, seconds.
        max_s: u32,
        /// It opens with the chime; `None` = the site's rule.
        chime: Option<bool>,
    },
    /// A local emergency in an officer's own voice: needs neither hub nor network.
    EmergencyVoice {
        /// Identity, given by the shell, which hands the voice over under this name.
        live: LiveId,
        /// Shown on boards, and said where the voice breaks off; may be empty.
        text: String,
        /// Disaster risk level 1–5.
        level: u8,
        /// Where.
        targets: Targets,
        /// The speaker is cut off after, seconds.
        max_s: u32,
        /// A drill.
        drill: bool,
        /// Why.
        reason: String,
    },
    /// A local emergency that was prepared: needs neither hub nor network.
    EmergencyPrepared {
        /// Which.
        prepared: PreparedId,
        /// Disaster risk level 1–5; `None` = its own.
        level: Option<u8>,
        /// Where.
        targets: Targets,
        /// How often it is said, 1–10.
        repeat: u16,
        /// Said and shown as a drill.
        drill: bool,
        /// Why.
        reason: String,
    },
    /// Keep something ready, or replace it.
    Prepare(Prepared),
    /// Keep something ready no longer.
    DropPrepared {
        /// Which.
        prepared: PreparedId,
        /// The version that was looked at.
        version: u32,
    },
    /// A paper was read.
    ReadPaper {
        /// Which.
        paper: PaperId,
    },
    /// Hand in a report that was wanted.
    SubmitReport {
        /// The paper that wants it.
        paper: PaperId,
        /// Its rows, as they go up.
        rows: serde_json::Value,
        /// Words beside it.
        note: String,
    },
    /// *Gửi lên tỉnh*: offer an item of the commune to the province.
    Offer {
        /// Which.
        bulletin: BulletinId,
        /// Words beside it.
        note: String,
    },
    /// Ask whoever speaks for the microphone.
    AskLive {
        /// Which transmission.
        live: LiveId,
    },
    /// Hand the microphone over, or take it: the transmission goes on.
    HandLive {
        /// Which transmission.
        live: LiveId,
        /// Login name of who speaks from now on.
        to: String,
        /// Why, where it is taken.
        reason: String,
    },
    /// End a live transmission.
    EndLive {
        /// Which.
        live: LiveId,
    },
    /// *Dừng và đính chính*: end a bulletin everywhere, at once and for good.
    Stop {
        /// Which; `None` = whatever is on air.
        bulletin: Option<BulletinId>,
        /// Said at once in its place.
        correction: Option<String>,
        /// Said at once in its place: one that was prepared, whose sound is there already.
        prepared: Option<PreparedId>,
        /// Why.
        reason: String,
    },
    /// *Tắt tiếng*: silence clusters.
    Mute {
        /// Which; empty = all.
        clusters: Vec<ClusterId>,
        /// For how long, seconds; `None` = the site's rule, 0 = lift it.
        for_s: Option<u32>,
        /// Why.
        reason: String,
    },
    /// *Tự kiểm tra*: try every output.
    SelfTest {
        /// Switch relays, key the carrier, show a pattern, sound a chime where somebody listens; else only look.
        full: bool,
    },
    /// End the self-test that is running.
    EndSelfTest,
    /// Take what was measured last as the figures of a good day.
    Baseline {
        /// Of which outputs; empty = all.
        outputs: Vec<String>,
    },
    /// *Cho phát lại*: free a transmitter that its protection has taken off the air.
    Rearm {
        /// Which.
        transmitter: TransmitterId,
        /// What was found and done.
        reason: String,
    },
    /// Something was done in the office that changes nothing of what sounds: noted, so that it is known who did it.
    Office {
        /// What, in words for the journal; no personal data.
        what: String,
    },
    /// Send the hub something the office has made ready. It changes nothing of what sounds, and goes out after its commit like all else.
    Send {
        /// As what.
        kind: Outgoing,
        /// Its body, without personal data.
        body: Value,
        /// What, in words for the journal; no personal data.
        what: String,
    },
    /// *Tắt bảng*: darken boards.
    Blackout {
        /// Which; empty = all.
        boards: Vec<BoardId>,
        /// For how long, seconds; `None` = the site's rule, 0 = lift it.
        for_s: Option<u32>,
        /// Why.
        reason: String,
    },
}
