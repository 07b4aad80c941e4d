//! What a screen may show: small, shared, made anew after a step; long lists come from the journal instead.

use crate::bulletin::{Priority, State};
use crate::config::First;
use crate::drill::{Drills, Kind};
use crate::id::{BoardId, BulletinId, ClusterId, DrillId, InputId, LiveId, PaperId, ProgrammeId};
use crate::paper::{Contribution, Paper};
use crate::prepared::Prepared;
use crate::trial::Trials;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod devices;

pub use devices::{OutputView, ReadingView, SensorView, TransmitterView};

/// One page of truth about the station.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct View {
    /// Station identity.
    pub station: String,
    /// Name of the place.
    pub name: String,
    /// Commune code.
    pub commune: String,
    /// The wall clock where it is trusted, RFC 3339 with +07:00.
    #[schema(required)]
    pub clock: Option<String>,
    /// The hub is connected.
    pub online: bool,
    /// The disk takes what is written to it.
    pub disk_ok: bool,
    /// An emergency has the air somewhere.
    pub emergency: bool,
    /// One row a cluster, in order of name.
    pub clusters: Vec<ClusterView>,
    /// One row a board.
    pub boards: Vec<BoardView>,
    /// One row an output.
    pub outputs: Vec<OutputView>,
    /// One row a transmitter: whether its carrier is up, and who hears it now.
    pub transmitters: Vec<TransmitterView>,
    /// One row a sensor.
    pub sensors: Vec<SensorView>,
    /// Voices that speak now, and who has their microphones.
    pub talks: Vec<TalkView>,
    /// A live voice opens with the chime unless its speaker says otherwise.
    pub live_chime: bool,
    /// Papers that wait to be read or answered, the most pressing first, twenty at most.
    pub papers_waiting: Vec<PaperHead>,
    /// The next programmes, soonest first, ten at most.
    pub next: Vec<NextView>,
    /// Bulletins of the commune that wait for a leader.
    pub waiting_approval: usize,
    /// Decisions that wait for an officer.
    pub decisions: Vec<DecisionView>,
    /// What is wrong now, in plain Vietnamese, worst first.
    pub alarms: Vec<AlarmView>,
    /// Self-tests: what runs, and the last one in figures.
    pub selftest: SelfTestView,
    /// One row a drill of the calendar, soonest first.
    pub drills: Vec<DrillView>,
    /// Papers of the office, newest first, for those who ask.
    #[serde(skip)]
    pub papers: Arc<Vec<Paper>>,
    /// What was offered to the province, newest first, for those who ask.
    #[serde(skip)]
    pub offers: Arc<Vec<Contribution>>,
    /// What is kept ready, for those who ask.
    #[serde(skip)]
    pub prepared: Arc<Vec<PreparedView>>,
    /// The whole of the last self-tests and drills, for those who ask.
    #[serde(skip)]
    pub records: Arc<Records>,
    /// Sequence number of the newest journal entry this view holds.
    pub seq: u64,
}

/// What is kept of self-tests and drills.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Self-tests and their baselines.
    pub trials: Trials,
    /// Drills that were due.
    pub drills: Drills,
}

/// Self-tests, in a few words.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct SelfTestView {
    /// What a running one does just now.
    #[schema(required)]
    pub doing: Option<String>,
    /// The running one switches, keys, shows and sounds.
    pub full: bool,
    /// The last one that was carried to its end.
    #[schema(required)]
    pub last: Option<SelfTestHead>,
    /// Why the newest one was given up.
    #[schema(required)]
    pub given_up: Option<String>,
}

/// A self-test that is over.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SelfTestHead {
    /// Its number.
    pub no: u64,
    /// When it began, RFC 3339 with +07:00.
    pub at: String,
    /// It was a full one.
    pub full: bool,
    /// Rows that pass.
    pub passed: usize,
    /// Rows that pass with a figure far from its baseline.
    pub drifting: usize,
    /// Rows that fail.
    pub failed: usize,
    /// Rows that were not tested.
    pub not_tested: usize,
}

/// A drill of the calendar.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DrillView {
    /// Identity.
    pub id: DrillId,
    /// Title.
    pub title: String,
    /// `short` or `full`.
    pub kind: Kind,
    /// When it is due next, RFC 3339 with +07:00; `null` where the clock is not trusted.
    #[schema(required)]
    pub next: Option<String>,
    /// When it was due last.
    #[schema(required)]
    pub last: Option<String>,
    /// `done`, `partial`, `failed` … of that one, once it was over.
    #[schema(required)]
    pub result: Option<String>,
    /// Why that one was not held.
    #[schema(required)]
    pub skipped: Option<String>,
    /// Clusters that heard it to its end.
    pub heard: usize,
    /// Clusters it was meant for.
    pub of: usize,
}

/// What a cluster does now.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ClusterView {
    /// Identity.
    pub id: ClusterId,
    /// Name on screens.
    pub name: String,
    /// What is on air there.
    #[schema(required)]
    pub now: Option<OnAir>,
    /// `wired`, `ip`, `recorder` or `fm`: the path in use.
    pub path: String,
    /// The path in use is not the first one, or does not answer.
    pub degraded: bool,
    /// A person silenced it until then (milliseconds left).
    #[schema(required)]
    pub muted_ms: Option<u64>,
    /// Where it stands: latitude and longitude, degrees.
    #[schema(required)]
    pub place: Option<[f64; 2]>,
}

/// What is on air.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OnAir {
    /// The bulletin, or the programme's current bulletin.
    #[schema(required)]
    pub bulletin: Option<BulletinId>,
    /// Its title.
    pub title: String,
    /// `emergency`, `live`, `programme`, `filler`.
    pub rank: &'static str,
    /// Disaster risk level 1–5 of an emergency.
    #[schema(required)]
    pub level: Option<u8>,
    /// A drill.
    pub drill: bool,
    /// `tone`, `content`, `gap`, `waiting`.
    pub stage: &'static str,
    /// Sound was seen leaving the output for this cluster, and everything it needs was read back.
    pub audible: bool,
}

/// A live transmission.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TalkView {
    /// Identity.
    pub live: LiveId,
    /// The bulletin it is kept as.
    pub bulletin: BulletinId,
    /// Title on screens.
    pub title: String,
    /// Login name of whoever has the microphone of the desk; `null` where it is no microphone of a desk.
    #[schema(required)]
    pub speaker: Option<String>,
    /// The input of the site that is heard, where it is one.
    #[schema(required)]
    pub input: Option<InputId>,
    /// It has the rank of an emergency.
    pub emergency: bool,
    /// A drill.
    pub drill: bool,
    /// `speaking`, `opening` (tone or chime, outputs being switched on) or `waiting` (something else has the air).
    pub stage: &'static str,
    /// It is cut off in so many milliseconds.
    pub left_ms: u64,
    /// Login name of who asks for the microphone.
    #[schema(required)]
    pub asked: Option<String>,
}

/// A paper that waits.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PaperHead {
    /// Identity.
    pub id: PaperId,
    /// What it is about.
    pub title: String,
    /// A report is wanted; else it is to be read.
    pub report: bool,
    /// By when, RFC 3339.
    #[schema(required)]
    pub due: Option<String>,
}

/// Something kept ready, and whether its sound is there.
#[derive(Clone, Debug)]
pub struct PreparedView {
    /// As it was written.
    pub item: Prepared,
    /// `ready`, `coming` or `failed`: its sound.
    pub state: &'static str,
    /// How long it is, milliseconds.
    pub length_ms: Option<u64>,
}

/// What a board shows now.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct BoardView {
    /// Identity.
    pub id: BoardId,
    /// Name on screens.
    pub name: String,
    /// Wanted text; `None` = dark.
    #[schema(required)]
    pub text: Option<String>,
    /// Disaster risk level of the text.
    #[schema(required)]
    pub level: Option<u8>,
    /// The board said it shows just this.
    pub confirmed: bool,
    /// A person blacked it out until then (milliseconds left).
    #[schema(required)]
    pub dark_ms: Option<u64>,
}

/// A programme to come.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct NextView {
    /// Which: two may have the same start and title.
    pub programme: ProgrammeId,
    /// When, RFC 3339 with +07:00.
    pub at: String,
    /// Programme title.
    pub title: String,
    /// Its length at most, seconds.
    pub duration_s: u64,
    /// Clusters it goes to.
    pub clusters: Vec<ClusterId>,
}

/// A decision that waits for an officer.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DecisionView {
    /// Number for `POST decisions/{id}`.
    pub id: u64,
    /// The hub's item.
    pub bulletin: BulletinId,
    /// Its title.
    pub title: String,
    /// The programme in which the two meet.
    pub programme: String,
    /// Taken at the programme's start if nobody answers.
    pub default: First,
    /// The programme's start, RFC 3339.
    #[schema(required)]
    pub deadline: Option<String>,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AlarmView {
    /// Plain words.
    pub text: String,
    /// People outside may not hear what they should.
    pub grave: bool,
    /// Where something can be done about it: an output or a sensor (`sink/hall`, `sensor/ups`), or `silence`, `clock`,
    /// `disk`, `station`.
    pub about: String,
}

/// Head of a bulletin, as the inbox lists it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BulletinHead {
    /// Identity.
    pub id: BulletinId,
    /// Title.
    pub title: String,
    /// One of the three of TT 39/2020.
    pub priority: Priority,
    /// Where it stands.
    pub state: State,
    /// Who issued it.
    pub issuer: String,
    /// Field code (*lĩnh vực*), data of the hub.
    pub field: String,
    /// Valid from, RFC 3339.
    #[schema(required)]
    pub valid_from: Option<String>,
    /// Valid until, RFC 3339.
    #[schema(required)]
    pub valid_until: Option<String>,
    /// Why it failed or was refused.
    #[schema(required)]
    pub reason: Option<String>,
    /// A drill.
    pub drill: bool,
    /// The text, where it has one in Vietnamese.
    #[schema(required)]
    pub text: Option<String>,
    /// It is the commune's own, and goes the way of approval.
    #[serde(default)]
    #[schema(required)]
    pub own: bool,
    /// Who made it at the desk.
    #[serde(default)]
    #[schema(required)]
    pub author: Option<String>,
    /// Who approved it.
    #[serde(default)]
    #[schema(required)]
    pub approver: Option<String>,
    /// It needed nobody's word: an emergency of the desk, or by the site's rule.
    #[serde(default)]
    #[schema(required)]
    pub unasked: bool,
    /// Its version.
    #[serde(default)]
    #[schema(required)]
    pub version: u32,
}
