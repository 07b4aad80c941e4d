//! What can be said of a bulletin on a sink, and whether what stands between the sink and a cluster is on.

use super::Site;
use super::air::{Airing, Piece};
use crate::arbiter;
use crate::bulletin::{Bulletin, Targets, same_language};
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::{BulletinId, ClusterId, OutputId, SinkId, TransmitterId};
use crate::input::Made;
use crate::keying::Seen;
use crate::time::Now;
use crate::want::{Grade, Source};
use std::collections::BTreeSet;

/// What a rendition has come to.
pub(super) enum Resolved {
    /// It can sound: from where, and how long it is, milliseconds.
    Ready(Source, u64),
    /// It is being fetched or spoken.
    NotYet,
    /// There is nothing to sound.
    Never,
}

impl Site {
    /// Languages a bulletin is said in on a sink: those of its clusters, in their order, else the first it has.
    pub(super) fn languages<'a>(&self, bulletin: &'a Bulletin, sink: &SinkId) -> Vec<&'a str> {
        let has = bulletin.heard_in();
        let mut said: Vec<&str> = Vec::new();
        let addressed = self.air.addressed.get(sink);
        for cluster in addressed.into_iter().flatten().filter_map(|c| self.config.clusters.get(c)) {
            for lang in &cluster.languages {
                if let Some(found) = has.iter().find(|h| same_language(h, lang))
                    && !said.contains(found)
                {
                    said.push(found);
                }
            }
        }
        if said.is_empty() { has.into_iter().take(1).collect() } else { said }
    }

    /// Whether a programme may say a bulletin now.
    pub(super) fn may_air(&self, id: &BulletinId, now: Now) -> bool {
        let (standing, wall) = (self.memory.bulletins.get(id), self.wall(now));
        standing.zip(wall).is_some_and(|(s, wall)| s.may_air(wall)) && !self.memory.is_recalled(id)
    }

    /// Whom the present item of a programme is for, where it is for some only: a bulletin keeps its own targets.
    pub(super) fn item_targets(&self, claim: &ClaimId, sink: &SinkId) -> Option<&Targets> {
        let ClaimId::Session(session) = claim else { return None };
        let airing = self.airings.get(&(claim.clone(), sink.clone()));
        let known = || self.memory.sessions.get(session).and_then(|s| s.at.get(sink)).map_or(0, |at| at.0);
        match self.piece(claim, airing.map_or_else(known, |a| a.item))? {
            Piece::Bulletin(id) => self.memory.bulletins.get(&id).map(|s| &s.bulletin.targets),
            Piece::Chime | Piece::Silence(_) | Piece::Relay(..) => None,
        }
    }

    /// Clusters of a programme on a sink that hear an item of it.
    pub(super) fn hearers(&self, session: &str, sink: &SinkId, item: Option<&Targets>) -> BTreeSet<ClusterId> {
        let Some(session) = self.memory.sessions.get(session) else { return BTreeSet::new() };
        let meant = |c: &&ClusterId| session.targets.has_cluster(c) && item.is_none_or(|t| t.has_cluster(c));
        let heard = |c: &&ClusterId| {
            !self.memory.silenced.contains_key(*c)
                && arbiter::path_of(&self.config, &self.paths, c).and_then(|p| arbiter::sink_of(&self.config, p))
                    == Some(sink)
        };
        self.config.clusters.keys().filter(meant).filter(heard).cloned().collect()
    }

    /// Somebody hears a bulletin on a sink; an emergency has its clusters from the arbiter.
    pub(super) fn has_hearers(&self, claim: &ClaimId, sink: &SinkId, id: &BulletinId) -> bool {
        let ClaimId::Session(session) = claim else { return true };
        let targets = self.memory.bulletins.get(id).map(|s| &s.bulletin.targets);
        !self.hearers(session, sink, targets).is_empty()
    }

    /// The present item of a programme has no hearers any more.
    pub(super) fn speaks_to_nobody(&self, (claim, sink): &(ClaimId, SinkId), airing: &Airing) -> bool {
        match self.piece(claim, airing.item) {
            Some(Piece::Bulletin(id)) => !self.has_hearers(claim, sink, &id),
            Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) | None => false,
        }
    }

    /// The item at which an airing has arrived is for clusters that must be switched on first.
    pub(super) fn is_for_others(&self, (claim, sink): &(ClaimId, SinkId), airing: &mut Airing) -> bool {
        let ClaimId::Session(session) = claim else { return false };
        let targets = match self.piece(claim, airing.item) {
            Some(Piece::Bulletin(id)) => self.memory.bulletins.get(&id).map(|s| &s.bulletin.targets),
            Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) => None,
            None => return false,
        };
        let hearers = self.hearers(session, sink, targets);
        let others = !hearers.is_subset(&airing.opened) || self.air.addressed.get(sink) != Some(&hearers);
        if !others {
            airing.opened = hearers;
            return false;
        }
        !hearers.is_empty()
    }

    pub(super) fn resolve(&self, id: &BulletinId, sink: &SinkId, lang: usize) -> Resolved {
        let Some(standing) = self.memory.bulletins.get(id) else { return Resolved::Never };
        let bulletin = &standing.bulletin;
        if self.memory.is_recalled(id) {
            return Resolved::Never;
        }
        let Some(lang) = self.languages(bulletin, sink).get(lang).copied() else { return Resolved::Never };
        self.rendition(id, bulletin, lang)
    }

    /// Whether something of a bulletin can be said on a sink (`true`), or may be later (`false`), or never (`None`).
    pub(super) fn ripe_on(&self, id: &BulletinId, sink: &SinkId) -> Option<bool> {
        let langs = self.memory.bulletins.get(id).map_or(0, |s| self.languages(&s.bulletin, sink).len());
        let resolved: Vec<Resolved> = (0..langs).map(|lang| self.resolve(id, sink, lang)).collect();
        if resolved.iter().any(|r| matches!(r, Resolved::Ready(..))) {
            return Some(true);
        }
        resolved.iter().any(|r| matches!(r, Resolved::NotYet)).then_some(false)
    }

    /// What the rendition of a bulletin in one language has come to.
    pub(super) fn rendition(&self, id: &BulletinId, bulletin: &Bulletin, lang: &str) -> Resolved {
        if let Some(live) = &bulletin.live {
            return self.live_rendition(live);
        }
        let mut coming = false;
        if let Some(media) = bulletin.audio(lang) {
            match self.clips.get(&media.sha256) {
                // A picture that calls itself sound has no length.
                Some(Made::Failed(_) | Made::Ready { duration_ms: 0 }) => {}
                Some(Made::Ready { duration_ms }) => {
                    return Resolved::Ready(Source::Clip(media.sha256.clone()), *duration_ms);
                }
                None => coming = true,
            }
        }
        coming |= bulletin.relay(lang).is_some_and(|(input, _)| self.may_be_known(input));
        if let Some((input, ms)) = bulletin.relay(lang).filter(|(input, _)| self.knows_well(input)) {
            return Resolved::Ready(Source::Input(input.clone()), ms);
        }
        // Only Vietnamese is spoken by the machine.
        if same_language(lang, "vi") && bulletin.text(lang).is_some() {
            match self.spoken.get(id).and_then(|s| self.speech.get(s).map(|m| (s, m))) {
                Some((speech, Made::Ready { duration_ms })) => {
                    return Resolved::Ready(Source::Speech(speech.clone()), *duration_ms);
                }
                Some((_, Made::Failed(_))) => {}
                None => coming = true,
            }
        }
        if coming { Resolved::NotYet } else { Resolved::Never }
    }

    pub(super) fn all_keyed(&self, sink: &SinkId, now: Now) -> bool {
        let addressed = self.air.addressed.get(sink).cloned().unwrap_or_default();
        addressed.iter().all(|c| self.keyed(c, now).is_some())
    }

    /// Whether what stands between a sink and a cluster is on, and how that is known.
    pub(super) fn keyed(&self, cluster: &ClusterId, now: Now) -> Option<Grade> {
        match arbiter::path_of(&self.config, &self.paths, cluster)? {
            Path::Direct { sink, switch: None, .. } => {
                (!self.outputs.is_faulted(&OutputId::Sink(sink.clone()))).then_some(Grade::Sent)
            }
            Path::Direct { switch: Some(switch), .. } => {
                let read = self.outputs.switch_on(switch)?;
                let settle = self.config.switches.get(switch).map_or(0, |s| s.settle_ms);
                (now.mono.since(read.since) >= settle).then_some(read.grade)
            }
            Path::Radio { transmitter, .. } => {
                let wanted = self.zones.get(transmitter)?;
                let seen = self.seen_of(transmitter, wanted, now)?;
                let keying = self.keyings.get(transmitter).copied().unwrap_or_default();
                let coded = self.outputs.coder(transmitter).map(|r| r.grade);
                keying.is_keyed(seen).then(|| coded.unwrap_or(Grade::Electrical).min(Grade::Electrical))
            }
        }
    }

    /// What the keying of a transmitter needs to know.
    pub(super) fn seen_of<'a>(&'a self, id: &TransmitterId, wanted: &'a BTreeSet<u16>, now: Now) -> Option<Seen<'a>> {
        let transmitter = self.config.transmitters.get(id)?;
        let mains = transmitter.mains.as_ref().is_none_or(|s| {
            let settle = self.config.switches.get(s).map_or(0, |c| c.settle_ms);
            self.outputs.switch_on(s).is_some_and(|r| now.mono.since(r.since) >= settle)
        });
        Some(Seen {
            wanted,
            mains,
            dark: self.is_dark(id, now),
            carrier: self.outputs.carrier(id).is_some_and(|s| s.carrier),
            open: self.open_zones(id),
            coded: transmitter.has_zones(),
            warm_up_ms: transmitter.warm_up_ms,
            settle: transmitter.settle,
            say_ms: self.say_ms(id, wanted),
        })
    }
}
