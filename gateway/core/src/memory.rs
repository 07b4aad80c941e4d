//! What the station knows: the fold of its journal, and nothing else.

mod held;
mod running;
mod standing;
mod taught;

pub use running::{Decision, Hush, Session, SessionItem};
pub use standing::{EXPIRED, Origin, SUPERSEDED, Standing, Turned};
pub use taught::Taught;

use crate::bulletin::{Bulletin, State};
use crate::codes;
use crate::drill::Drills;
use crate::id::{BoardId, BulletinId, ClusterId, PaperId, PreparedId, ProgrammeId, TransmitterId};
use crate::journal::{DrillSkipped, Entry, Event, Handed, Left, Played, ReportSubmitted, Stage, sha256_hex};
use crate::paper::{self, Contribution, Paper};
use crate::prepared::Prepared;
use crate::programme::Programme;
use crate::ruling;
use crate::time::Wall;
use crate::trial::Trials;
use crate::verify::Keys;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bulletins that are over and still kept, so that a screen can list them and a repetition is known as one.
const KEPT: usize = 1000;
/// Identities of recalled bulletins that are kept after the bulletins themselves are gone.
const RECALLED_KEPT: usize = 10_000;

/// The station's memory. It changes in [`Memory::apply`] alone, from events that are in the journal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Number of the last entry.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// It is later than this.
    pub floor: Wall,
    /// The trust store; `None` until one came from the configuration or the hub.
    pub keys: Option<Keys>,
    /// Messages taken, by `iss` and `jti`.
    pub seen: BTreeMap<String, Seen>,
    /// Bulletins.
    pub bulletins: BTreeMap<BulletinId, Standing>,
    /// Bulletins that must never play again, with the number of the entry that said so.
    pub recalled: BTreeMap<BulletinId, u64>,
    /// Recalls whose closing rung is owed: message → bulletin.
    pub recalls: BTreeMap<String, BulletinId>,
    /// The programme book.
    pub programmes: BTreeMap<ProgrammeId, Programme>,
    /// Who booked each programme of the commune last.
    #[serde(default)]
    pub booked: BTreeMap<ProgrammeId, String>,
    /// Programmes that are running.
    pub sessions: BTreeMap<String, Session>,
    /// The last session of each programme, so that none runs twice: programme → start.
    pub last_start: BTreeMap<ProgrammeId, Wall>,
    /// Open and taken decisions.
    pub decisions: BTreeMap<u64, Decision>,
    /// Number of the next decision.
    pub next_decision: u64,
    /// Silenced clusters.
    pub silenced: BTreeMap<ClusterId, Hush>,
    /// Darkened boards.
    pub darkened: BTreeMap<BoardId, Hush>,
    /// Transmitters that tripped and were not re-armed, and why they did.
    #[serde(default)]
    pub tripped: BTreeMap<TransmitterId, String>,
    /// Hash of the last row of the play log.
    pub played: String,
    /// Hash of the row before it.
    pub played_before: String,
    /// Self-tests.
    #[serde(default)]
    pub trials: Trials,
    /// Papers of the office.
    #[serde(default)]
    pub papers: BTreeMap<PaperId, Paper>,
    /// What was offered to the province, oldest first.
    #[serde(default)]
    pub offers: Vec<Contribution>,
    /// What is kept ready to be said.
    #[serde(default)]
    pub prepared: BTreeMap<PreparedId, Prepared>,
    /// Code lists that came; their codes are the store's.
    #[serde(default)]
    pub codes: BTreeMap<String, codes::Known>,
    /// Rulings of the province on the site's policy.
    #[serde(default)]
    pub rulings: BTreeMap<String, ruling::Standing>,
    /// Lessons that came, and the files they name.
    #[serde(default)]
    pub lessons: Taught,
    /// Drills that were due.
    #[serde(default)]
    pub drills: Drills,
}

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Good until, seconds since 1970.
    pub exp: i64,
    /// The bulletin whose ladder it climbs.
    pub bulletin: Option<BulletinId>,
    /// Its closing rung, once it had one.
    #[serde(default)]
    pub closed: Option<Stage>,
}

/// The identity of a message in its [`seen_key`].
pub fn message_of(key: &str) -> &str {
    key.split_once('\n').map_or(key, |(_, jti)| jti)
}

/// Key of a message in [`Memory::seen`].
pub fn seen_key(iss: &str, jti: &str) -> String {
    format!("{iss}\n{jti}")
}

impl Memory {
    /// Takes a written entry in, checking that it follows the one before.
    pub fn replay(&mut self, text: &str) -> Result<(), String> {
        let (seq, event, hash) = Entry::read(text, &self.hash)?;
        if seq != self.seq + 1 {
            return Err(format!("entry {seq} follows entry {}", self.seq));
        }
        self.seq = seq;
        self.apply(&event);
        self.hash = hash;
        Ok(())
    }

    /// Takes an event in. Called for every entry, when it is made and when it is read back.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Taken { iss, jti, exp, bulletin, kind: _, code, done } => {
                let key = seen_key(iss, jti);
                let mut closed = done.then(|| closing_of(code.as_deref()));
                if let Some(standing) = bulletin.as_ref().and_then(|b| self.bulletins.get_mut(b)) {
                    closed = closed.or(standing.closed());
                    standing.messages.push(key.clone());
                    standing.rungs.extend([Stage::Received, Stage::Accepted]);
                }
                self.seen.insert(key, Seen { exp: *exp, bulletin: bulletin.clone(), closed });
            }
            Event::Keys { keys } => self.keys = Some(keys.clone()),
            Event::Floor { at } => {
                self.floor = self.floor.max(*at);
                let floor = self.floor.unix_s();
                self.seen.retain(|_, s| s.exp >= floor);
            }
            Event::Admitted { bulletin, origin, silent } => self.admit(bulletin, origin, *silent),
            Event::State { id, state, reason } => {
                if let Some(standing) = self.bulletins.get_mut(id) {
                    standing.state = *state;
                    standing.reason.clone_from(reason);
                }
            }
            Event::Approved { id, by } => {
                if let Some(s) = self.bulletins.get_mut(id) {
                    (s.approver, s.unasked) = (by.clone(), by.is_none());
                }
            }
            Event::Rung { id, stage, code, outputs, .. } => {
                if *stage >= Stage::Done {
                    self.close_drill(id, *stage, code.as_deref(), outputs);
                }
                if let Some(standing) = self.bulletins.get_mut(id) {
                    standing.rungs.insert(*stage);
                    for key in standing.messages.iter().filter(|_| *stage >= Stage::Done) {
                        if let Some(seen) = self.seen.get_mut(key) {
                            seen.closed = seen.closed.or(Some(*stage));
                        }
                    }
                }
            }
            Event::Turn { id, sink, done, reached } => {
                if let Some(standing) = self.bulletins.get_mut(id) {
                    standing.turns.insert(sink.clone(), *done);
                    standing.reach(reached);
                }
            }
            Event::Left(Left { id, reached, .. }) => {
                if let Some(standing) = self.bulletins.get_mut(id) {
                    standing.reach(std::slice::from_ref(reached));
                }
            }
            Event::ShownOn { id, board, grade } => {
                if let Some(s) = self.bulletins.get_mut(id) {
                    s.shown.insert(board.clone(), *grade);
                }
            }
            Event::PaperCame { sheet, jti, at } => self.keep_paper(sheet, jti, *at),
            Event::Codes(list) => self.keep_codes(&list.list_id, list.version),
            Event::RulingCame(came) => self.keep_ruling(came),
            Event::RulingMet(met) => self.meet_ruling(met),
            Event::PaperRead { id, reading } => {
                if let Some(paper) = self.papers.get_mut(id) {
                    paper.read.push(reading.clone());
                }
            }
            Event::ReportSubmitted(ReportSubmitted { id, reading, .. }) => {
                if let Some(paper) = self.papers.get_mut(id) {
                    paper.submitted = Some(reading.clone());
                }
            }
            Event::Offered { offer } => {
                self.offers.push(offer.as_ref().clone());
                let surplus = self.offers.len().saturating_sub(paper::KEPT);
                self.offers.drain(..surplus);
            }
            Event::OfferAnswered { answer } => {
                if let Some(offer) = self.offers.iter_mut().find(|o| o.id == answer.contribution_id) {
                    offer.answer = Some(answer.clone());
                }
            }
            Event::Prepared { prepared, .. } => {
                self.prepared.insert(prepared.id.clone(), prepared.as_ref().clone());
            }
            Event::PreparedDropped { id, .. } => {
                self.prepared.remove(id);
            }
            Event::Lesson { lesson } => self.lessons.keep(lesson, self.seq),
            Event::Handed(Handed { id, to, .. }) => {
                if let Some(standing) = self.bulletins.get_mut(id) {
                    standing.hand(to);
                }
            }
            Event::Recalled { id, jti, .. } => {
                self.recalled.insert(id.clone(), self.seq);
                if self.recalled.len() > RECALLED_KEPT
                    && let Some(oldest) = self.recalled.iter().min_by_key(|(_, seq)| **seq).map(|(id, _)| id.clone())
                {
                    self.recalled.remove(&oldest);
                }
                if let Some(jti) = jti {
                    self.recalls.insert(jti.clone(), id.clone());
                }
            }
            Event::RecallDone { jti, .. } => {
                self.recalls.remove(jti);
            }
            Event::Programme { programme, since, by } => self.book(programme, *since, by.as_ref()),
            Event::ProgrammeDropped { programme } => {
                self.programmes.remove(programme);
                self.booked.remove(programme);
            }
            Event::SessionOpened { session } => {
                self.last_start.insert(session.programme.clone(), session.start);
                let mut session = session.as_ref().clone();
                session.order = self.seq;
                for item in &session.items {
                    if let SessionItem::Bulletin(id) = item
                        && let Some(standing) = self.bulletins.get_mut(id).filter(|s| s.state.is_final())
                    {
                        standing.reopen();
                    }
                }
                self.sessions.insert(session.key.clone(), session);
            }
            Event::SessionMissed { programme, start } => {
                self.last_start.insert(programme.clone(), *start);
            }
            Event::SessionMoved { key, sink, item, turn } => {
                if let Some(session) = self.sessions.get_mut(key) {
                    session.at.insert(sink.clone(), (*item, *turn));
                }
            }
            Event::SessionClosed { key, .. } => {
                self.sessions.remove(key);
            }
            Event::DecisionOpened { id, bulletin, programme, default } => {
                self.next_decision = self.next_decision.max(id + 1);
                let (bulletin, programme) = (bulletin.clone(), programme.clone());
                let open = Decision { bulletin, programme, default: *default, first: None, by: None };
                self.decisions.insert(*id, open);
                // A decision is remembered until its programme has run; a hundred old ones are plenty.
                while self.decisions.len() > 100 {
                    self.decisions.pop_first();
                }
            }
            Event::DecisionTaken { id, first, by } => {
                if let Some(decision) = self.decisions.get_mut(id) {
                    decision.first = Some(*first);
                    decision.by.clone_from(by);
                }
            }
            Event::Silenced { clusters, for_ms, until } => {
                hush(&mut self.silenced, clusters, *for_ms, *until);
            }
            Event::Tripped { transmitter, why } => {
                self.tripped.insert(transmitter.clone(), why.clone());
            }
            Event::Rearmed { transmitter, .. } => {
                self.tripped.remove(transmitter);
            }
            Event::Darkened { boards, for_ms, until } => hush(&mut self.darkened, boards, *for_ms, *until),
            Event::Played(played) => self.chain(played),
            Event::SelfTested { trial } => self.trials.take(trial),
            Event::BaselineTaken { outputs, .. } => self.trials.accept(outputs),
            Event::DrillSkipped(DrillSkipped { drill, start, why }) => self.skip_drill(drill, *start, why),
            Event::Started { .. }
            | Event::DayBegan { .. }
            | Event::Replayed { .. }
            | Event::Refused { .. }
            | Event::Noted { .. }
            | Event::Answered { .. }
            | Event::Sent { .. }
            | Event::Ordered { .. }
            | Event::OrderRefused { .. }
            | Event::Incident { .. }
            | Event::Recovered { .. }
            | Event::Rerouted { .. }
            | Event::Measured { .. }
            | Event::SentBack { .. }
            | Event::Alarm { .. } => {}
        }
    }

    fn admit(&mut self, bulletin: &Bulletin, origin: &Origin, silent: bool) {
        let id = bulletin.bulletin_id.clone();
        // A correction stands in the line where what it corrects stood, or another warning would keep it waiting.
        let corrected = match origin {
            Origin::Correction { of, .. } => self.bulletins.get(of),
            Origin::Hub | Origin::Desk { .. } | Origin::Own { .. } | Origin::Drill { .. } => None,
        };
        let order = corrected.map_or(self.seq, |s| s.order);
        if let Origin::Drill { drill, start, .. } = origin {
            self.open_drill(drill, *start, &id);
        }
        let standing = Standing {
            bulletin: bulletin.clone(),
            origin: origin.clone(),
            silent,
            order,
            state: State::Received,
            reason: None,
            messages: Vec::new(),
            rungs: BTreeSet::new(),
            turns: BTreeMap::new(),
            reached: BTreeMap::new(),
            shown: BTreeMap::new(),
            approver: None,
            unasked: false,
        };
        self.bulletins.insert(id, standing);
        if self.bulletins.len() > KEPT + KEPT / 10 {
            self.forget_the_oldest();
        }
    }

    fn forget_the_oldest(&mut self) {
        let booked: BTreeSet<&BulletinId> = self.programmes.values().flat_map(Programme::bulletins).collect();
        let mut over: Vec<(u64, BulletinId)> = self
            .bulletins
            .iter()
            .filter(|(id, s)| s.state.is_final() && !booked.contains(id))
            .map(|(id, s)| (s.order, id.clone()))
            .collect();
        over.sort();
        let surplus = self.bulletins.len().saturating_sub(KEPT);
        for (_, id) in over.into_iter().take(surplus) {
            self.bulletins.remove(&id);
        }
    }

    fn chain(&mut self, played: &Played) {
        self.played_before.clone_from(&self.played);
        let row = serde_json::to_string(played).unwrap_or_default();
        self.played = sha256_hex(format!("{}{row}", self.played_before).as_bytes());
    }

    /// Whether a bulletin was called back.
    pub fn is_recalled(&self, id: &BulletinId) -> bool {
        self.recalled.contains_key(id)
    }
}

/// The closing rung of a message that asks for nothing that takes time.
pub(crate) fn closing_of(code: Option<&str>) -> Stage {
    if code == Some("recalled") { Stage::Recalled } else { Stage::Done }
}

fn hush<K: Ord + Clone>(hushed: &mut BTreeMap<K, Hush>, whom: &[K], for_ms: u64, until: Option<Wall>) {
    for key in whom {
        if for_ms == 0 {
            hushed.remove(key);
        } else {
            hushed.insert(key.clone(), Hush { for_ms, until });
        }
    }
}
