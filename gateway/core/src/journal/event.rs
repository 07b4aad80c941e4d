//! Events: everything that can be remembered.

use super::said::{DrillSkipped, Handed, Left, ReportSubmitted, Rerouted, RulingCame, SentBack};
use super::{Measured, OutputResult, Played, Stage};
use crate::bulletin::{Bulletin, State};
use crate::codes::CodeList;
use crate::config::First;
use crate::id::{BoardId, BulletinId, ClusterId, PaperId, PreparedId, SinkId, TransmitterId};
use crate::input::Outgoing;
use crate::lesson::{Lesson, Reply};
use crate::memory::{Origin, Session, Turned};
use crate::paper::{Answer, Contribution, Reading, Sheet};
use crate::prepared::Prepared;
use crate::programme::Programme;
use crate::ruling::Met;
use crate::time::Wall;
use crate::trial::Trial;
use crate::verify::{Keys, Refused};
use crate::want::Grade;
use crate::wire::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that happened and must not be forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Power came.
    Started {
        /// Release of the core.
        version: String,
    },
    /// A message was accepted; its identity is never taken again.
    Taken {
        /// Who signed.
        iss: String,
        /// Message.
        jti: String,
        /// Good until, seconds since 1970.
        exp: i64,
        /// What it is.
        kind: Kind,
        /// The bulletin whose ladder it climbs.
        bulletin: Option<BulletinId>,
        /// `duplicate` where that bulletin was known before.
        code: Option<String>,
        /// It asks for nothing that could take time.
        done: bool,
    },
    /// A message came again.
    Replayed {
        /// Message.
        jti: String,
        /// The rung it had reached.
        stage: Stage,
        /// Its bulletin.
        bulletin: Option<BulletinId>,
    },
    /// A message was refused; nothing in it is kept.
    Refused {
        /// Why.
        #[serde(flatten)]
        refused: Refused,
        /// Whether the hub is told: once, and not too often.
        answer: bool,
        /// Extra word for the answer, e.g. `not_implemented`.
        code: Option<String>,
    },
    /// The trust store changed.
    Keys {
        /// The new one.
        keys: Keys,
    },
    /// The time floor rose.
    Floor {
        /// It is later than this.
        at: Wall,
    },
    /// A bulletin was taken in, or a newer version of it.
    Admitted {
        /// The bulletin.
        bulletin: Box<Bulletin>,
        /// Where it came from.
        origin: Origin,
        /// Climbs the ladder without a sound (CAP status *Test*).
        silent: bool,
    },
    /// An alert, or a message about one, that is journalled only.
    Noted {
        /// What it was.
        text: String,
    },
    /// A bulletin came into another state.
    State {
        /// Which.
        id: BulletinId,
        /// The new state.
        state: State,
        /// Why, where it is not plain.
        reason: Option<String>,
    },
    /// A bulletin of the commune was approved.
    Approved {
        /// Which.
        id: BulletinId,
        /// By whom; `None`: the site's rule wants nobody's word.
        by: Option<String>,
    },
    /// A bulletin of the commune was sent back to its author, who reads why in its state.
    SentBack(SentBack),
    /// A bulletin reached a rung of the ladder for the first time.
    Rung {
        /// Which.
        id: BulletinId,
        /// The rung.
        stage: Stage,
        /// Extra word.
        code: Option<String>,
        /// How it is known.
        grade: Option<Grade>,
        /// Closing rungs list every output.
        outputs: Vec<OutputResult>,
    },
    /// A sink finished saying a bulletin once.
    Turn {
        /// Which bulletin.
        id: BulletinId,
        /// Which sink.
        sink: SinkId,
        /// How often it has been said there now.
        done: u16,
        /// Clusters it reached.
        reached: Vec<Turned>,
    },
    /// A board was seen to show a bulletin.
    ShownOn {
        /// Which bulletin.
        id: BulletinId,
        /// Which board.
        board: BoardId,
        /// How it is known.
        grade: Grade,
    },
    /// The microphone of a live transmission passed to another speaker; the transmission goes on.
    Handed(Handed),
    /// A paper came, or a newer version of it.
    PaperCame {
        /// What it is.
        sheet: Box<Sheet>,
        /// The message whose ladder it climbs.
        jti: String,
        /// When, where the clock was trusted.
        at: Option<Wall>,
    },
    /// Somebody read a paper for the first time.
    PaperRead {
        /// Which.
        id: PaperId,
        /// Who and when.
        reading: Reading,
    },
    /// A report that was wanted is handed in.
    ReportSubmitted(ReportSubmitted),
    /// An item of the commune was offered to the province.
    Offered {
        /// What.
        offer: Box<Contribution>,
    },
    /// The province answered an offer.
    OfferAnswered {
        /// What.
        answer: Answer,
    },
    /// Something is kept ready to be said.
    Prepared {
        /// What.
        prepared: Box<Prepared>,
        /// Login name.
        by: String,
    },
    /// It is kept no longer.
    PreparedDropped {
        /// Which.
        id: PreparedId,
        /// Login name.
        by: String,
    },
    /// A bulletin must never play again.
    Recalled {
        /// Which.
        id: BulletinId,
        /// The message that said so.
        jti: Option<String>,
        /// The officer who said so.
        by: Option<String>,
        /// Why.
        reason: String,
    },
    /// A recall was carried out: it is silent and dark, and a correction has been said.
    RecallDone {
        /// The message.
        jti: String,
        /// The bulletin.
        id: BulletinId,
        /// Closing rung.
        stage: Stage,
    },
    /// A programme came into the book.
    Programme {
        /// The programme.
        programme: Box<Programme>,
        /// When it came, where the clock was trusted: earlier starts were not missed.
        since: Option<Wall>,
        /// The officer who booked it; `None`: the province.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A programme was taken out of the book.
    ProgrammeDropped {
        /// Which.
        programme: crate::id::ProgrammeId,
    },
    /// Another day began: the hub is told what is planned from then on.
    DayBegan {
        /// The day, `2026-11-22`.
        day: String,
    },
    /// A programme began.
    SessionOpened {
        /// What it will air.
        session: Box<Session>,
    },
    /// A sink went on to another item, or another turn of it.
    SessionMoved {
        /// Which session.
        key: String,
        /// Which sink.
        sink: SinkId,
        /// Items done there.
        item: usize,
        /// Turns done of the item that is next.
        turn: u16,
    },
    /// A programme ended.
    SessionClosed {
        /// Which session.
        key: String,
        /// `done`, `cut`, `replaced`.
        why: String,
    },
    /// A programme's start was missed (no power, no clock); it is not made up for.
    SessionMissed {
        /// Programme.
        programme: crate::id::ProgrammeId,
        /// The start that was missed.
        start: Wall,
    },
    /// Two priority items meet in one programme.
    DecisionOpened {
        /// Number.
        id: u64,
        /// The hub's item.
        bulletin: BulletinId,
        /// The programme.
        programme: crate::id::ProgrammeId,
        /// Taken if nobody answers.
        default: First,
    },
    /// It was decided.
    DecisionTaken {
        /// Number.
        id: u64,
        /// Who goes first.
        first: First,
        /// The officer; `None` = nobody answered.
        by: Option<String>,
    },
    /// Clusters were silenced, or (`for_ms` = 0) may speak again.
    Silenced {
        /// Which.
        clusters: Vec<ClusterId>,
        /// For how long.
        for_ms: u64,
        /// Until, where the clock was trusted.
        until: Option<Wall>,
    },
    /// Boards were darkened, or (`for_ms` = 0) may show again.
    Darkened {
        /// Which.
        boards: Vec<BoardId>,
        /// For how long.
        for_ms: u64,
        /// Until, where the clock was trusted.
        until: Option<Wall>,
    },
    /// An officer's order was carried out.
    Ordered {
        /// Number the shell gave it.
        no: u64,
        /// Login name.
        by: String,
        /// In words.
        what: String,
    },
    /// An officer's order was refused.
    OrderRefused {
        /// Number the shell gave it.
        no: u64,
        /// Login name.
        by: String,
        /// Why, in the officer's language.
        why: String,
    },
    /// Training material came.
    Lesson {
        /// The lesson.
        lesson: Box<Lesson>,
    },
    /// A code list came, or a newer version of it.
    Codes(Box<CodeList>),
    /// A ruling on the site's policy came, or a newer version of it.
    RulingCame(RulingCame),
    /// What became of it.
    RulingMet(Met),
    /// What an officer asked was answered.
    Answered {
        /// The answer.
        reply: Box<Reply>,
    },
    /// Something the desk had ready was sent to the hub.
    Sent {
        /// As what.
        kind: Outgoing,
        /// Its body, without personal data.
        body: Value,
    },
    /// One row of the broadcasting journal (*nhật ký phát thanh*).
    Played(Box<Played>),
    /// Something the hub should know at once.
    Incident {
        /// `device_lost`, `no_effect`, `silence_while_due`, `emergency_muted`, `disk` …
        code: String,
        /// Which output or bulletin.
        about: String,
        /// In words.
        text: String,
    },
    /// A cluster is no longer reached by a sink in the middle of a turn: what it heard there.
    Left(Left),
    /// A cluster is reached another way from now on.
    Rerouted(Rerouted),
    /// A self-test is over.
    SelfTested {
        /// What came of it.
        trial: Box<Trial>,
    },
    /// A person took what was measured last as the figures of a good day.
    BaselineTaken {
        /// Login name.
        by: String,
        /// Of which outputs; empty = all.
        outputs: Vec<String>,
    },
    /// A drill was due and was not held.
    DrillSkipped(DrillSkipped),
    /// The protection of a transmitter took its carrier down.
    Tripped {
        /// Which.
        transmitter: TransmitterId,
        /// Why.
        why: String,
    },
    /// A person has freed it.
    Rearmed {
        /// Which.
        transmitter: TransmitterId,
        /// The officer.
        by: String,
    },
    /// A device that was lost answers again.
    Recovered {
        /// Which output.
        about: String,
    },
    /// What the sensors measured, now and then.
    Measured {
        /// Every quantity of every sensor that answers.
        readings: Vec<Measured>,
        /// Alarms of sensors that stand, as `sensor/<id>/<quantity>`.
        alarms: Vec<String>,
    },
    /// What cannot happen did.
    Alarm {
        /// What, and why it was thought impossible.
        text: String,
    },
}
