//! The end of a bulletin: done, partial, failed, recalled, expired; with a row of the play log for each cluster.

use super::Site;
use super::air::{Airing, Piece, Stage as Airs};
use crate::arbiter;
use crate::bulletin::{Priority, State};
use crate::claim::{Claim, ClaimId};
use crate::id::{BulletinId, ClusterId, OutputId, SinkId};
use crate::journal::{Event, OutputResult, Played, Stage};
use crate::memory::{EXPIRED, Origin, SessionItem, Standing, Turned};
use crate::time::Now;
use std::collections::{BTreeMap, BTreeSet};

/// A sink that is lost this long does not keep a bulletin open that others have finished, milliseconds.
const GIVE_UP_MS: u64 = 60_000;
/// A board that has not shown a message this long after the sound is over is not waited for, milliseconds.
const BOARD_MS: u64 = 5_000;
/// An emergency that names no end is not kept for longer than this where nothing can air it, milliseconds.
const STALE_MS: u64 = 3_600_000;

/// What came of a bulletin on one sink.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Came {
    asked_ms: u64,
    failed: bool,
}

/// Why a bulletin ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// It has been through everything.
    Natural,
    /// Its time is over.
    Expired,
    /// It was called back.
    Recalled,
    /// Something else took its place, or cut it: the word for the hub.
    Cut(&'static str),
}

impl Site {
    pub(super) fn keep_result(&mut self, id: &BulletinId, sink: &SinkId, airing: &Airing) {
        let result = self.results.entry((id.clone(), sink.clone())).or_default();
        result.asked_ms += airing.asked_ms;
        result.failed |= airing.failed;
    }

    /// Ends what has been through everything.
    pub(super) fn close(&mut self, now: Now) {
        let own: Vec<Claim> = self.claims.iter().filter(|c| c.id.bulletin().is_some()).cloned().collect();
        for claim in own {
            if let Some(id) = claim.id.bulletin()
                && self.is_through(&claim, id, now)
            {
                self.finish(id, End::Natural, now);
            }
        }
        self.close_session_items(now);
    }

    fn sinks_of<'a>(&self, clusters: impl IntoIterator<Item = &'a ClusterId>) -> BTreeSet<SinkId> {
        clusters
            .into_iter()
            .filter_map(|c| arbiter::path_of(&self.config, &self.paths, c))
            .filter_map(|p| arbiter::sink_of(&self.config, p).cloned())
            .collect()
    }

    fn is_through(&mut self, claim: &Claim, id: &BulletinId, now: Now) -> bool {
        let sinks = self.sinks_of(&claim.clusters);
        let airing = |sink: &SinkId| self.airings.get(&(claim.id.clone(), sink.clone()));
        let over = sinks.iter().filter(|s| airing(s).is_some_and(Airing::is_over)).count();
        let mut give_up_at = None;
        let mut waiting = 0;
        for sink in &sinks {
            match airing(sink) {
                Some(a) if a.is_over() => {}
                Some(Airing { lost: Some(since), .. }) => {
                    let limit = if over > 0 { GIVE_UP_MS } else { STALE_MS };
                    let until = since.plus(limit);
                    if now.mono < until {
                        waiting += 1;
                        give_up_at = Some(until);
                    }
                }
                Some(_) | None => waiting += 1,
            }
        }
        if let Some(at) = give_up_at {
            self.wake(at, "a lost sink is not waited for any longer");
        }
        if waiting > 0 {
            return false;
        }
        let since = *self.sounded.entry(id.clone()).or_insert(now.mono);
        let endless = self.memory.bulletins.get(id).is_some_and(|s| s.bulletin.valid_until.is_none());
        if sinks.is_empty() && endless && !claim.boards.is_empty() && now.mono < since.plus(STALE_MS) {
            // For boards alone there is no sound whose end could be theirs.
            self.wake(since.plus(STALE_MS), "a warning for boards alone ends");
            return false;
        }
        let shown = self.memory.bulletins.get(id).map(|s| &s.shown);
        let dark = claim.boards.iter().any(|board| {
            shown.is_some_and(|s| !s.contains_key(board))
                && self.air.boards.get(board) == Some(&claim.id)
                && !self.memory.darkened.contains_key(board)
                && !self.outputs.is_faulted(&OutputId::Board(board.clone()))
        });
        let until = since.plus(BOARD_MS);
        if dark && now.mono < until {
            self.wake(until, "boards are not waited for any longer");
            return false;
        }
        true
    }

    /// Bulletins of running programmes whose turn is over on every sink.
    fn close_session_items(&mut self, now: Now) {
        let mut through: Vec<BulletinId> = Vec::new();
        let mut ended: Vec<String> = Vec::new();
        for session in self.memory.sessions.values() {
            let Some(claim) = self.claims.iter().find(|c| c.id == ClaimId::Session(session.key.clone())) else {
                continue;
            };
            let sinks = self.sinks_of(&claim.clusters);
            let Some(least) = sinks.iter().map(|s| session.at.get(s).map_or(0, |at| at.0)).min() else {
                // It is meant for others: what it names is not over here.
                ended.push(session.key.clone());
                continue;
            };
            for item in session.items.iter().take(least) {
                if let SessionItem::Bulletin(id) = item
                    && self.is_said(id)
                {
                    through.push(id.clone());
                }
            }
            if least >= session.items.len() {
                ended.push(session.key.clone());
            }
        }
        for id in through {
            self.finish(&id, End::Natural, now);
        }
        for key in ended {
            self.end_session(&key, "done", now);
        }
    }

    /// A bulletin was on air, or never can be, and no running programme has it before it.
    fn is_said(&self, id: &BulletinId) -> bool {
        let Some(standing) = self.memory.bulletins.get(id).filter(|s| !s.state.is_final() && !s.is_urgent()) else {
            return false;
        };
        let item = SessionItem::Bulletin(id.clone());
        let ahead = self.memory.sessions.values().any(|session| {
            let clusters = self.config.clusters.keys().filter(|c| session.targets.has_cluster(c));
            let sinks = self.sinks_of(clusters);
            let least = sinks.iter().map(|s| session.at.get(s).map_or(0, |at| at.0)).min();
            least.is_some_and(|least| session.items.iter().skip(least).any(|i| *i == item))
        });
        !ahead && (standing.state == State::OnAir || self.is_hopeless(id))
    }

    /// Ends a programme: what of it was heard is closed, what was not goes back to wait.
    pub(super) fn end_session(&mut self, key: &str, why: &'static str, now: Now) {
        let Some(session) = self.memory.sessions.get(key).cloned() else { return };
        for item in &session.items {
            let SessionItem::Bulletin(id) = item else { continue };
            let Some(standing) = self.memory.bulletins.get(id).filter(|s| !s.state.is_final()) else { continue };
            let begun = self.airings.iter().any(|(k, a)| {
                !a.reached.is_empty() && matches!(self.piece(&k.0, a.item), Some(Piece::Bulletin(b)) if b == *id)
            });
            if begun || !standing.reached.is_empty() {
                self.finish(id, End::Cut(why), now);
            } else if standing.state == State::OnAir {
                let waits = match standing.bulletin.priority {
                    // It was aired on another day, and waits for the next.
                    _ if standing.closed().is_some() => State::Scheduled,
                    _ if !standing.rungs.contains(&Stage::Ready) => State::Fetching,
                    Priority::Ordinary => State::Scheduled,
                    Priority::Priority | Priority::Emergency => State::Ready,
                };
                self.state(id, waits, None, now);
            }
        }
        let claim = ClaimId::Session(key.to_owned());
        self.airings.retain(|k, _| k.0 != claim);
        self.note(Event::SessionClosed { key: key.to_owned(), why: why.to_owned() }, now);
    }

    /// Bulletins whose time is over.
    pub(super) fn expire(&mut self, now: Now) {
        let Some(wall) = self.wall(now) else { return };
        let past = self.shelf.ends.iter().take_while(|(until, _)| *until < wall);
        let over: Vec<BulletinId> = past.map(|(_, id)| id.clone()).collect();
        let next = self.shelf.ends.iter().map(|(until, _)| *until).find(|until| *until >= wall);
        for id in over {
            let Some(standing) = self.memory.bulletins.get(&id) else { continue };
            let (urgent, on_air) = (standing.is_urgent(), standing.state == State::OnAir);
            // What a programme has begun is said to its end; what the law's emergencies say ends with their time.
            if urgent || !on_air {
                self.finish(&id, End::Expired, now);
            }
        }
        if let Some(next) = next {
            self.wake_wall(next.plus(1), now, "a bulletin's time is over");
        }
    }

    /// Ends a bulletin, once.
    pub(super) fn finish(&mut self, id: &BulletinId, end: End, now: Now) {
        if self.memory.bulletins.get(id).is_none_or(|s| s.state.is_final()) {
            return;
        }
        if let (State::WaitingApproval, End::Expired) = (self.state_of(id), &end) {
            // Nobody approved it in time: it was never due anywhere.
            return self.state(id, State::Expired, None, now);
        }
        self.gather(id, &end, now);
        let outputs = self.outcome(id);
        let good = outputs.iter().filter(|o| o.result == "done").count();
        let heard = outputs.iter().any(|o| o.result != "failed");
        let (stage, state, code) = match end {
            End::Recalled => (Stage::Recalled, State::Recalled, None),
            End::Expired if !heard => (Stage::Expired, State::Expired, None),
            End::Cut(word) if !heard => (Stage::Expired, State::Expired, Some(word)),
            End::Expired => (Stage::Partial, State::Partial, Some(EXPIRED)),
            End::Cut(word) => (Stage::Partial, State::Partial, Some(word)),
            End::Natural if good == outputs.len() && good > 0 => (Stage::Done, State::Done, None),
            End::Natural if heard => (Stage::Partial, State::Partial, None),
            End::Natural => (Stage::Failed, State::Failed, None),
        };
        self.log_rows(id, code, now);
        self.note_rung(id, stage, code, None, outputs, now);
        self.state(id, state, code.map(str::to_owned), now);
        self.results.retain(|k, _| k.0 != *id);
        self.sounded.remove(id);
        self.airings.retain(|k, _| k.0.bulletin() != Some(id));
    }

    fn state_of(&self, id: &BulletinId) -> State {
        self.memory.bulletins.get(id).map_or(State::Failed, |s| s.state)
    }

    /// Takes in what unfinished airings have said so far, and moves programmes past the bulletin.
    pub(super) fn gather(&mut self, id: &BulletinId, end: &End, now: Now) {
        let on: Vec<(ClaimId, SinkId)> = self
            .airings
            .iter()
            .filter(|(k, a)| matches!(self.piece(&k.0, a.item), Some(Piece::Bulletin(b)) if b == *id))
            .map(|(k, _)| k.clone())
            .collect();
        for key in on {
            self.pause(&key, now);
            let Some(mut airing) = self.airings.remove(&key) else { continue };
            self.keep_result(id, &key.1, &airing);
            let reached: Vec<Turned> = std::mem::take(&mut airing.reached).into_values().collect();
            let done = airing.turn;
            if !reached.is_empty() {
                self.note(Event::Turn { id: id.clone(), sink: key.1.clone(), done, reached }, now);
            }
            if *end != End::Natural && matches!(key.0, ClaimId::Session(_)) {
                self.pass(&key.0, &key.1, &mut airing, now);
                airing.stage = Airs::Gap { until: now.mono };
            }
            self.airings.insert(key, airing);
        }
    }

    /// One result for each cluster and board it was meant for.
    fn outcome(&self, id: &BulletinId) -> Vec<OutputResult> {
        let Some(standing) = self.memory.bulletins.get(id) else { return Vec::new() };
        let targets = &standing.bulletin.targets;
        let asked: BTreeMap<&SinkId, Came> =
            self.results.iter().filter(|(k, _)| k.0 == *id).map(|((_, s), r)| (s, *r)).collect();
        let mut outputs = Vec::new();
        for cluster in self.config.clusters.keys().filter(|c| targets.has_cluster(c)) {
            let sink =
                arbiter::path_of(&self.config, &self.paths, cluster).and_then(|p| arbiter::sink_of(&self.config, p));
            let result = sink.and_then(|s| asked.get(s)).copied().unwrap_or_default();
            let reached = standing.reached.get(cluster);
            let actual_ms = reached.map_or(0, |r| r.actual_ms);
            // Nobody knows beforehand how long a voice will speak: what was asked for is what was said.
            let asked_ms = if standing.bulletin.live.is_some() { actual_ms } else { result.asked_ms };
            let keyed = reached.is_some_and(|r| r.grade.is_some());
            let word = match (keyed, actual_ms > 0) {
                (true, true) if !result.failed && actual_ms + 1000 >= asked_ms => "done",
                (true, true) => "partial",
                (true, false) | (false, _) => "failed",
            };
            outputs.push(OutputResult {
                id: cluster.to_string(),
                requested_s: seconds(asked_ms.max(actual_ms)),
                actual_s: seconds(actual_ms),
                result: word.to_owned(),
                grade: reached.and_then(|r| r.grade),
                path: reached.map_or_else(|| self.path_word(cluster), |r| r.path.clone()),
            });
        }
        for board in self.config.boards.keys().filter(|b| targets.has_board(b)) {
            let shown = standing.shown.get(board);
            outputs.push(OutputResult {
                id: board.to_string(),
                requested_s: 0.0,
                actual_s: 0.0,
                result: if shown.is_some() { "done" } else { "failed" }.to_owned(),
                grade: shown.copied(),
                path: "board".to_owned(),
            });
        }
        outputs
    }

    /// Who put a bulletin on air in a cluster: fired it, or booked the programme that says it there.
    fn operator(&self, standing: &Standing, cluster: &ClusterId) -> Option<String> {
        match &standing.origin {
            Origin::Desk { by } => return Some(by.clone()),
            Origin::Correction { by, .. } => return by.clone(),
            Origin::Hub | Origin::Own { .. } | Origin::Drill { .. } => {}
        }
        let id = &standing.bulletin.bulletin_id;
        let item = SessionItem::Bulletin(id.clone());
        let mut running = self.memory.sessions.values();
        if let Some(session) = running.find(|s| s.targets.has_cluster(cluster) && s.items.contains(&item)) {
            return session.by.clone();
        }
        let mut booked = self.memory.programmes.values();
        let programme = booked.find(|p| p.targets.has_cluster(cluster) && p.bulletins().any(|b| b == id))?;
        self.memory.booked.get(&programme.programme_id).cloned()
    }

    fn log_rows(&mut self, id: &BulletinId, interrupted_by: Option<&'static str>, now: Now) {
        let Some(standing) = self.memory.bulletins.get(id) else { return };
        let reached = standing.reached.clone();
        let (bulletin, end) = (id.clone(), self.wall(now));
        let rows: Vec<Played> = self
            .outcome(id)
            .into_iter()
            .filter_map(|o| {
                let cluster = self.config.clusters.keys().find(|c| c.as_str() == o.id && o.path != "board")?.clone();
                Some(Played {
                    bulletin: bulletin.clone(),
                    start: reached.get(&cluster).and_then(|r| r.start),
                    operator: self.operator(standing, &cluster),
                    cluster,
                    planned: standing.bulletin.valid_from,
                    end,
                    requested_s: o.requested_s,
                    actual_s: o.actual_s,
                    result: o.result,
                    interrupted_by: interrupted_by.map(str::to_owned),
                    author: standing.author().map(str::to_owned),
                    approver: standing.approver.clone(),
                    path: o.path,
                    evidence: o.grade,
                    title: standing.bulletin.title.clone(),
                    field: standing.bulletin.field.clone(),
                    issuer: standing.bulletin.issuer.name.clone(),
                    priority: Some(standing.bulletin.priority),
                    drill: standing.bulletin.drill,
                })
            })
            .collect();
        for row in rows {
            self.note(Event::Played(Box::new(row)), now);
        }
    }
}

fn seconds(ms: u64) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) / 1000.0
}
