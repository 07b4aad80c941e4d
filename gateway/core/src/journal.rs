//! What the station remembers having done: entries in a hash chain, and what each of them tells the hub.

use crate::bulletin::{Bulletin, Priority, State};
use crate::config::First;
use crate::id::{BoardId, BulletinId, ClusterId, SinkId};
use crate::memory::{Memory, Origin, Session, Turned};
use crate::programme::Programme;
use crate::time::Wall;
use crate::verify::{Keys, Refused};
use crate::want::Grade;
use crate::wire::Kind;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write;

/// The rungs of the ladder an accepted message climbs (contract §6), in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of the contract, which says what it means")]
pub enum Stage {
    Received,
    Accepted,
    Refused,
    Ready,
    Waiting,
    Keyed,
    Audible,
    Shown,
    Done,
    Partial,
    Failed,
    Recalled,
    Expired,
}

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
    /// One row of the broadcasting journal (*nhật ký phát thanh*).
    Played(Box<Played>),
    /// Something the hub should know at once.
    Incident {
        /// `device_lost`, `silence_while_due`, `emergency_muted`, `disk` …
        code: String,
        /// Which output or bulletin.
        about: String,
        /// In words.
        text: String,
    },
    /// A device that was lost answers again.
    Recovered {
        /// Which output.
        about: String,
    },
    /// What cannot happen did.
    Alarm {
        /// What, and why it was thought impossible.
        text: String,
    },
}

/// What became of a bulletin at one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputResult {
    /// Cluster or board.
    pub id: String,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// How it is known.
    pub grade: Option<Grade>,
    /// `wired`, `ip`, `fm`, `recorder`, `board`.
    pub path: String,
}

/// One row of the broadcasting journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    /// Which bulletin.
    pub bulletin: BulletinId,
    /// Which cluster.
    pub cluster: ClusterId,
    /// When it should have begun.
    pub planned: Option<Wall>,
    /// When it was first heard.
    pub start: Option<Wall>,
    /// When it was over.
    pub end: Option<Wall>,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// What took the air from it.
    pub interrupted_by: Option<String>,
    /// Who put it on air.
    pub operator: Option<String>,
    /// Who approved it.
    pub approver: Option<String>,
    /// `wired`, `ip`, `fm`, `recorder`.
    pub path: String,
    /// How it is known that it sounded.
    pub evidence: Option<Grade>,
}

/// A message for the hub; it leaves after the commit that holds its entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Uplink {
    /// 0 first: emergencies' acks, incidents, acks, feedback, play log, the rest.
    pub lane: u8,
    /// The kind of contract §6.
    pub kind: &'static str,
    /// Its body.
    pub body: Value,
}

/// One link of the journal's chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 …
    pub seq: u64,
    /// The entry as it is written: JSON with `seq`, `at`, `clock`, `prev`, `event`.
    pub text: String,
    /// SHA-256 of the text, hexadecimal; the next entry's `prev`.
    pub hash: String,
    /// What happened.
    pub event: Event,
    /// What the hub is told of it.
    pub uplinks: Vec<Uplink>,
}

#[derive(Serialize, Deserialize)]
struct Written<E> {
    seq: u64,
    at: Wall,
    clock: String,
    prev: String,
    event: E,
}

/// SHA-256 as lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, b| {
        write!(hex, "{b:02x}").ok();
        hex
    })
}

impl Entry {
    /// Adds to the chain. `at` is the best known time, `trusted` whether a clock vouches for it.
    pub(crate) fn new(memory: &Memory, event: Event, at: Wall, trusted: bool, uplinks: Vec<Uplink>) -> Self {
        let written = Written {
            seq: memory.seq,
            at,
            clock: clock_word(trusted).to_owned(),
            prev: memory.hash.clone(),
            event: &event,
        };
        let text = serde_json::to_string(&written).unwrap_or_default();
        let hash = sha256_hex(text.as_bytes());
        Self { seq: memory.seq, text, hash, event, uplinks }
    }

    /// Reads a written entry back, checking that it follows `prev`: its number, its event, its hash.
    pub fn read(text: &str, prev: &str) -> Result<(u64, Event, String), String> {
        let written: Written<Event> = serde_json::from_str(text).map_err(|e| format!("entry: {e}"))?;
        if written.prev != prev {
            return Err(format!("entry {}: does not follow the one before it", written.seq));
        }
        Ok((written.seq, written.event, sha256_hex(text.as_bytes())))
    }
}

pub(crate) fn clock_word(trusted: bool) -> &'static str {
    if trusted { "trusted" } else { "untrusted" }
}

/// What the hub is told of an event. `memory` already holds it.
pub(crate) fn uplinks(event: &Event, memory: &Memory, at: Wall, trusted: bool) -> Vec<Uplink> {
    let (at, clock) = (at.rfc3339(), clock_word(trusted));
    let ack = |lane: u8, of: &str, id: Option<&BulletinId>, stage: Stage, code: Option<&str>| {
        let mut body = json!({"of": of, "stage": stage, "at": at, "clock": clock});
        if let Some(id) = id {
            body["bulletin_id"] = json!(id);
        }
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        Uplink { lane, kind: "ack", body }
    };
    match event {
        Event::Taken { jti, bulletin, code, done, .. } => {
            let standing = bulletin.as_ref().and_then(|b| memory.bulletins.get(b));
            let lane = ack_lane(standing.map(|s| s.bulletin.priority));
            let (id, code) = (bulletin.as_ref(), code.as_deref());
            let mut acks = vec![ack(lane, jti, id, Stage::Received, None), ack(lane, jti, id, Stage::Accepted, code)];
            let reached = standing.and_then(|s| s.rungs.last().copied()).filter(|r| *r > Stage::Accepted);
            if let Some(stage) = reached.or(done.then_some(Stage::Done)) {
                acks.push(ack(lane, jti, id, stage, code));
            }
            acks
        }
        Event::Replayed { jti, stage, bulletin } => {
            vec![ack(2, jti, bulletin.as_ref(), *stage, Some("replayed"))]
        }
        Event::Refused { refused, answer: true, code } => {
            let of = refused.jti.as_deref().unwrap_or_default();
            let code = code.as_deref().unwrap_or(refused.verdict.word());
            vec![ack(2, of, None, Stage::Refused, Some(code))]
        }
        Event::Rung { id, stage, code, grade, outputs } => {
            let Some(standing) = memory.bulletins.get(id) else { return Vec::new() };
            let lane = ack_lane(Some(standing.bulletin.priority));
            standing
                .jtis
                .iter()
                .map(|jti| {
                    let mut up = ack(lane, jti, Some(id), *stage, code.as_deref());
                    if let Some(grade) = grade {
                        up.body["grade"] = json!(grade);
                    }
                    if !outputs.is_empty() {
                        up.body["outputs"] = json!(outputs);
                    }
                    up
                })
                .collect()
        }
        Event::RecallDone { jti, id, stage } => vec![ack(0, jti, Some(id), *stage, None)],
        Event::Played(played) => {
            let mut body = json!(played);
            for key in ["planned", "start", "end"] {
                if let Some(ms) = body[key].as_i64() {
                    body[key] = json!(Wall(ms).rfc3339());
                }
            }
            body["clock"] = json!(clock);
            body["prev"] = json!(memory.played_before);
            body["hash"] = json!(memory.played);
            vec![Uplink { lane: 4, kind: "playlog", body }]
        }
        Event::Incident { code, about, text } => {
            let body = json!({"code": code, "about": about, "text": text, "at": at, "clock": clock});
            vec![Uplink { lane: 1, kind: "incident", body }]
        }
        Event::Started { .. }
        | Event::Refused { answer: false, .. }
        | Event::Keys { .. }
        | Event::Floor { .. }
        | Event::Admitted { .. }
        | Event::Noted { .. }
        | Event::State { .. }
        | Event::Turn { .. }
        | Event::ShownOn { .. }
        | Event::Recalled { .. }
        | Event::Programme { .. }
        | Event::SessionOpened { .. }
        | Event::SessionMoved { .. }
        | Event::SessionClosed { .. }
        | Event::SessionMissed { .. }
        | Event::DecisionOpened { .. }
        | Event::DecisionTaken { .. }
        | Event::Silenced { .. }
        | Event::Darkened { .. }
        | Event::Ordered { .. }
        | Event::OrderRefused { .. }
        | Event::Recovered { .. }
        | Event::Alarm { .. } => Vec::new(),
    }
}

fn ack_lane(priority: Option<Priority>) -> u8 {
    if priority == Some(Priority::Emergency) { 0 } else { 2 }
}
