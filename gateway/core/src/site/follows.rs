//! What a sink goes on with by itself, and what it keeps beneath what stands above: without a gap, and back at once.

use super::Site;
use super::air::{Airing, Next, Piece, Stage};
use super::content::Resolved;
use crate::claim::ClaimId;
use crate::id::{PlayId, SinkId};
use crate::time::Now;
use crate::want::{Beneath, Join, Play, Source, Under};

impl Site {
    /// Says of each sink what follows what it plays now, where that is certain and ready.
    pub(super) fn prepare(&mut self, now: Now) {
        let owners: Vec<(ClaimId, SinkId)> = self.air.sinks.iter().map(|(s, c)| (c.clone(), s.clone())).collect();
        for key in owners {
            let Some(airing) = self.airings.get(&key) else { continue };
            let follows = self.follows(&key, airing, now);
            if airing.next.as_ref().map(|n| &n.source) == follows.as_ref() {
                continue;
            }
            let next = follows.map(|source| Next { id: self.new_play(), source, sounding: None });
            if let Some(airing) = self.airings.get_mut(&key) {
                airing.next = next;
            }
        }
    }

    /// What an airing will say next without a pause, as far as is known now.
    fn follows(&self, key: &(ClaimId, SinkId), airing: &Airing, now: Now) -> Option<Source> {
        match &airing.stage {
            Stage::Opening { tone: Some(_), .. } => self.source_at(key, airing.item, airing.lang, now),
            Stage::Content(_) => {
                if let Some(Piece::Bulletin(id)) = self.piece(&key.0, airing.item) {
                    let bulletin = &self.memory.bulletins.get(&id)?.bulletin;
                    if airing.lang + 1 < self.languages(bulletin, &key.1).len() {
                        return self.source_at(key, airing.item, airing.lang + 1, now);
                    }
                    if airing.turn + 1 < bulletin.repeat {
                        return if bulletin.gap_s == 0 { self.source_at(key, airing.item, 0, now) } else { None };
                    }
                }
                let same = self.hears_the_same(key, airing, airing.item + 1);
                if same { self.source_at(key, airing.item + 1, 0, now) } else { None }
            }
            Stage::Opening { tone: None, .. }
            | Stage::Paused
            | Stage::Gap { .. }
            | Stage::Lacking { .. }
            | Stage::Over => None,
        }
    }

    /// What sounds at a place of a claim's course, if it is ready and may.
    fn source_at(&self, (claim, sink): &(ClaimId, SinkId), item: usize, lang: usize, now: Now) -> Option<Source> {
        match self.piece(claim, item)? {
            Piece::Chime => Some(Source::Chime),
            Piece::Silence(_) => None,
            Piece::Relay(input, _) => self.knows_well(&input).then_some(Source::Input(input)),
            Piece::Bulletin(id) if !self.may_say(claim, &id, now) || !self.has_hearers(claim, sink, &id) => None,
            Piece::Bulletin(id) => match self.resolve(&id, sink, lang) {
                Resolved::Ready(source, _) => Some(source),
                Resolved::NotYet | Resolved::Never => None,
            },
        }
    }

    /// No output has to be switched between the present item and another.
    fn hears_the_same(&self, (claim, sink): &(ClaimId, SinkId), airing: &Airing, item: usize) -> bool {
        let ClaimId::Session(session) = claim else { return true };
        let targets = match self.piece(claim, item) {
            Some(Piece::Bulletin(id)) => self.memory.bulletins.get(&id).map(|s| &s.bulletin.targets),
            Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) => None,
            None => return false,
        };
        let hearers = self.hearers(session, sink, targets);
        hearers.is_subset(&airing.opened) && self.air.addressed.get(sink) == Some(&hearers)
    }

    /// How what an airing says takes over from what it said before.
    pub(super) fn join(&self, owner: Option<&ClaimId>, airing: Option<&Airing>) -> Join {
        let programme = matches!(owner, Some(ClaimId::Session(_)));
        let chime = airing.and_then(Airing::playing).is_some_and(|p| p.source == Source::Chime);
        if self.config.policy.cross_fade && programme && !chime { Join::Cross } else { Join::Cut }
    }

    /// What a sink keeps beneath what it plays.
    pub(super) fn beneath(&self, sink: &SinkId, owner: Option<&ClaimId>, now: Now) -> Option<Under> {
        let owner = owner?;
        let stands = |claim: &ClaimId| self.claims.iter().any(|c| c.id == *claim);
        let (_, (was, _)) = self.airings.iter().find_map(|(key, airing)| {
            let waits = key.1 == *sink && key.0 != *owner && airing.stage == Stage::Paused && stands(&key.0);
            let still = || self.source_at(key, airing.item, airing.lang, now);
            let beneath = airing.beneath.as_ref().filter(|(was, _)| waits && still().as_ref() == Some(&was.source))?;
            Some((key, beneath))
        })?;
        let ducked = self.config.policy.duck_under_live && matches!(owner, ClaimId::Live(_));
        let how = match (ducked, was.source.is_live()) {
            (true, _) => Beneath::Ducked,
            (false, true) => Beneath::Unheard,
            (false, false) => Beneath::Held,
        };
        let (id, source) = (was.id, was.source.clone());
        let play = Play { id, source, from_ms: was.from_ms, loudness: Default::default(), join: Join::Cut };
        Some(Under { play, how })
    }

    /// What a sink said of a play that is not the present one: of what follows, or of what lies beneath.
    pub(super) fn note_beneath(&mut self, sink: &SinkId, play: PlayId, ended: bool, now: Now) {
        for (_, airing) in self.airings.iter_mut().filter(|(k, _)| k.1 == *sink) {
            if let Some(next) = airing.next.as_mut().filter(|n| n.id == play && !ended) {
                next.sounding = next.sounding.or(Some(now.mono));
            }
            if ended && airing.beneath.as_ref().is_some_and(|(was, _)| was.id == play) {
                // It ran to its end beneath something else: it need not come back.
                airing.beneath = None;
                airing.pass_by();
            }
        }
    }
}
