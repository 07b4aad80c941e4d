//! Making the levels: from who has the air to what each output should be.

use super::Site;
use super::air::{Next, Piece, Stage};
use crate::bulletin::{DRILL, Priority};
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::{BoardId, BulletinId, TransmitterId};
use crate::journal::sha256_hex;
use crate::time::Now;
use crate::want::{BoardMessage, BoardWant, CoderWant, Loudness, Play, SinkWant};
use crate::{arbiter, id::ShowId};
use std::collections::{BTreeMap, BTreeSet};

impl Site {
    /// Moves the keying of each transmitter on.
    pub(super) fn key(&mut self, now: Now) {
        let mut zones: BTreeMap<TransmitterId, BTreeSet<u16>> =
            self.config.transmitters.keys().map(|t| (t.clone(), BTreeSet::new())).collect();
        for cluster in self.air.addressed.values().flatten() {
            if let Some(Path::Radio { transmitter, zone }) = arbiter::path_of(&self.config, &self.paths, cluster)
                && !self.is_tripped(transmitter)
            {
                zones.entry(transmitter.clone()).or_default().insert(*zone);
            }
        }
        for (id, wanted) in &zones {
            let before = self.keyings.get(id).copied().unwrap_or_default();
            let Some(seen) = self.seen_of(id, wanted, now) else { continue };
            let after = before.moved(seen, now.mono);
            self.keyings.insert(id.clone(), after);
            if let Some(at) = after.wakes() {
                self.wake(at, "a transmitter's keying moves on");
            }
        }
        self.zones = zones;
        self.wake_when_settled(now);
    }

    fn wake_when_settled(&mut self, now: Now) {
        let settling: Vec<_> = self
            .config
            .switches
            .iter()
            .filter(|(_, s)| s.settle_ms > 0)
            .filter_map(|(id, s)| self.outputs.switch_on(id).map(|r| r.since.plus(s.settle_ms)))
            .filter(|at| *at > now.mono)
            .collect();
        for at in settling {
            self.wake(at, "what a switch feeds is usable");
        }
    }

    /// Works out everything that should be true now.
    pub(super) fn level(&mut self, now: Now) {
        self.prepare(now);
        self.level_sinks(now);
        self.level_gates();
        self.wake_when_a_warning_ends(now);
        self.wants.boards = self.config.boards.keys().map(|b| (b.clone(), BoardWant::dark())).collect();
        for (board, _, message) in self.board_messages(now) {
            if !self.memory.darkened.contains_key(&board) {
                self.wants.boards.insert(board, BoardWant::message(message));
            }
        }
        self.level_files();
    }

    /// A warning that was said and is still shown goes dark by itself.
    fn wake_when_a_warning_ends(&mut self, now: Now) {
        let Some(wall) = self.wall(now) else { return };
        let ends = self.shelf.lingering.iter().filter_map(|id| self.memory.bulletins.get(id)?.bulletin.valid_until);
        if let Some(next) = ends.filter(|until| *until > wall).min() {
            self.wake_wall(next, now, "a warning on the boards ends");
        }
    }

    fn level_sinks(&mut self, now: Now) {
        let policy = &self.config.policy;
        let night = self.wall(now).is_some_and(|w| {
            let at = w.second_of_day();
            if policy.night_from_s > policy.night_until_s {
                at >= policy.night_from_s || at < policy.night_until_s
            } else {
                (policy.night_from_s..policy.night_until_s).contains(&at)
            }
        });
        for (id, sink) in &self.config.sinks {
            let owner = self.air.sinks.get(id);
            let airing = owner.and_then(|c| self.airings.get(&(c.clone(), id.clone())));
            let forced = matches!(owner, Some(ClaimId::Bulletin(_)));
            let loudness = if forced { Loudness::Emergency } else { Loudness::Programme };
            let join = self.join(owner, airing);
            let play = airing.and_then(|a| a.playing()).map(|p| {
                let (id, source) = (p.id, p.source.clone());
                Play { id, source, from_ms: p.from_ms, loudness, join }
            });
            let next = airing.and_then(|a| a.next.clone()).map(|next| {
                let Next { id, source, .. } = next;
                Play { id, source, from_ms: 0, loudness, join }
            });
            let under = self.beneath(id, owner, now);
            let volume = match (forced, night) {
                (true, _) => 100,
                (false, true) => sink.volume_night,
                (false, false) => sink.volume_day,
            };
            self.wants.sinks.insert(id.clone(), SinkWant { play, next, under, volume });
        }
    }

    fn level_gates(&mut self) {
        for id in self.config.switches.keys() {
            self.wants.switches.insert(id.clone(), false);
        }
        for cluster in self.air.addressed.values().flatten() {
            if let Some(Path::Direct { switch: Some(switch), .. }) =
                arbiter::path_of(&self.config, &self.paths, cluster)
            {
                self.wants.switches.insert(switch.clone(), true);
            }
        }
        for (id, transmitter) in &self.config.transmitters {
            let keying = self.keyings.get(id).copied().unwrap_or_default();
            self.wants.transmitters.insert(id.clone(), keying.carrier() && !self.is_tripped(id));
            if transmitter.coded {
                let zones = if keying.code() { self.zones.get(id).cloned() } else { None };
                let want = CoderWant::open(zones.unwrap_or_default());
                self.wants.coders.insert(id.clone(), want);
            }
            if let Some(mains) = &transmitter.mains
                && keying.mains()
            {
                self.wants.switches.insert(mains.clone(), true);
            }
        }
    }

    /// What each board should show, and whose it is: a standing emergency, else the emergency that was last said and
    /// is still in force, else what the programme says just now.
    pub(super) fn board_messages(&self, now: Now) -> Vec<(BoardId, BulletinId, BoardMessage)> {
        let mut messages = Vec::new();
        for board in self.config.boards.keys() {
            let standing = match self.air.boards.get(board) {
                Some(ClaimId::Bulletin(id)) => Some(id.clone()),
                Some(ClaimId::Session(_) | ClaimId::Live(_)) | None => {
                    self.in_force(board, now).or_else(|| self.said_now(board))
                }
            };
            if let Some((id, message)) = standing.and_then(|id| Some((id.clone(), self.message(&id)?))) {
                messages.push((board.clone(), id, message));
            }
        }
        messages
    }

    fn in_force(&self, board: &BoardId, now: Now) -> Option<BulletinId> {
        let wall = self.wall(now)?;
        self.shelf
            .lingering
            .iter()
            .filter_map(|id| Some((id, self.memory.bulletins.get(id)?)))
            .filter(|(_, s)| s.bulletin.valid_until.is_some_and(|until| until > wall))
            .filter(|(_, s)| s.bulletin.targets.has_board(board))
            .max_by_key(|(_, s)| (!s.bulletin.drill, s.bulletin.level(), s.order))
            .map(|(id, _)| id.clone())
    }

    fn said_now(&self, board: &BoardId) -> Option<BulletinId> {
        self.air.sinks.iter().find_map(|(sink, claim)| {
            let airing = self.airings.get(&(claim.clone(), sink.clone()))?;
            if !matches!(airing.stage, Stage::Content(_) | Stage::Gap { .. }) {
                return None;
            }
            match self.piece(claim, airing.item) {
                Some(Piece::Bulletin(id)) => {
                    self.memory.bulletins.get(&id).is_some_and(|s| s.bulletin.targets.has_board(board)).then_some(id)
                }
                Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) | None => None,
            }
        })
    }

    fn message(&self, id: &BulletinId) -> Option<BoardMessage> {
        let standing = self.memory.bulletins.get(id)?;
        let bulletin = &standing.bulletin;
        let level = (bulletin.priority == Priority::Emergency).then(|| bulletin.level());
        let drill = bulletin.drill;
        let text = bulletin.board_text().trim();
        let text = if drill && !text.contains(DRILL) { format!("{DRILL}: {text}") } else { text.to_owned() };
        if text.is_empty() {
            return None;
        }
        let digest = sha256_hex(format!("{level:?} {drill} {text}").as_bytes());
        let id = ShowId(u64::from_str_radix(digest.get(..16)?, 16).ok()?);
        Some(BoardMessage {
            id,
            text,
            level,
            drill,
            flash: false,
            qr: None,
            picture: None,
            until: bulletin.valid_until,
        })
    }
}
