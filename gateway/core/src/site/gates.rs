//! What stands between the sinks and the people: relays, forced levels, beacons, carriers, codes, the power of boards.

use super::Site;
use super::air::{Piece, Playing, Stage};
use crate::arbiter;
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::{BulletinId, ClusterId, SinkId, TransmitterId};
use crate::journal::{Event, Left, Rerouted};
use crate::time::Now;
use crate::want::{Alarm, CoderWant};
use std::collections::BTreeMap;

impl Site {
    /// Works out every switch, carrier and code.
    pub(super) fn level_gates(&mut self, now: Now) {
        for id in self.config.switches.keys() {
            self.wants.switches.insert(id.clone(), false);
        }
        for (sink, addressed) in &self.air.addressed {
            let urgent = matches!(self.air.sinks.get(sink), Some(ClaimId::Bulletin(_)));
            for cluster in addressed {
                let path = arbiter::path_of(&self.config, &self.paths, cluster);
                if let Some(Path::Direct { switch, force, .. }) = path {
                    let forced = force.as_ref().filter(|_| urgent);
                    for switch in switch.iter().chain(forced) {
                        self.wants.switches.insert(switch.clone(), true);
                    }
                }
                let beacon = self.config.clusters.get(cluster).and_then(|c| c.beacon.as_ref());
                if let Some(beacon) = beacon.filter(|_| urgent) {
                    self.wants.switches.insert(beacon.clone(), true);
                }
            }
        }
        for (id, transmitter) in &self.config.transmitters {
            let keying = self.keyings.get(id).copied().unwrap_or_default();
            self.wants.transmitters.insert(id.clone(), keying.carrier() && !self.is_tripped(id));
            if transmitter.coded {
                let want = if keying.code() { self.coded(id, &transmitter.sink) } else { CoderWant::default() };
                self.wants.coders.insert(id.clone(), want);
            }
            if let Some(mains) = &transmitter.mains
                && keying.mains()
            {
                self.wants.switches.insert(mains.clone(), true);
            }
        }
        self.level_buzzers(now);
        for (id, board) in &self.config.boards {
            if let Some(power) = &board.power {
                self.wants.switches.insert(power.clone(), !self.memory.darkened.contains_key(id));
            }
        }
    }

    /// A buzzer sounds from the beginning of an alarm, for its time at most.
    fn level_buzzers(&mut self, now: Now) {
        let mut next = None;
        for (id, since) in &self.buzzing {
            let Some(buzzer) = self.config.sensors.get(id).and_then(|s| s.buzzer.as_ref()) else { continue };
            let until = since.plus(buzzer.for_ms);
            if now.mono < until {
                self.wants.switches.insert(buzzer.switch.clone(), true);
                next = next.into_iter().chain([until]).min();
            }
        }
        if let Some(until) = next {
            self.wake(until, "a buzzer has sounded for long enough");
        }
    }

    /// What a coder says: the zones that are open, whether an emergency is on, and its words or the item's title.
    fn coded(&self, id: &TransmitterId, sink: &SinkId) -> CoderWant {
        let zones = self.zones.get(id).cloned().unwrap_or_default();
        let Some((claim, bulletin)) = self.said_on(sink) else { return CoderWant::open(zones) };
        let standing = self.memory.bulletins.get(&bulletin).map(|s| &s.bulletin);
        let Some(bulletin) = standing else { return CoderWant::open(zones) };
        let alarm = match claim {
            ClaimId::Bulletin(_) if bulletin.drill => Alarm::Drill,
            ClaimId::Bulletin(_) => Alarm::Real,
            ClaimId::Session(_) | ClaimId::Live(_) | ClaimId::Filler => Alarm::Quiet,
        };
        let text = if alarm == Alarm::Quiet { bulletin.title.clone() } else { bulletin.board_text().to_owned() };
        let text = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        CoderWant { zones, alarm, text }
    }

    /// The bulletin whose turn it is on a sink, and by which claim.
    fn said_on(&self, sink: &SinkId) -> Option<(&ClaimId, BulletinId)> {
        let claim = self.air.sinks.get(sink)?;
        if let ClaimId::Bulletin(id) = claim {
            return Some((claim, id.clone()));
        }
        let airing = self.airings.get(&(claim.clone(), sink.clone()))?;
        match self.piece(claim, airing.item)? {
            Piece::Bulletin(id) => Some((claim, id)),
            Piece::Chime | Piece::Silence(_) | Piece::Relay(..) => None,
        }
    }

    /// What a cluster heard on a sink it is no longer reached by is counted, and no more of it.
    fn leave(&mut self, cluster: &ClusterId, now: Now) {
        let path = arbiter::path_of(&self.config, &self.paths, cluster);
        let sink = path.and_then(|p| arbiter::sink_of(&self.config, p)).cloned();
        let left: Vec<_> = self
            .airings
            .iter()
            .filter(|(key, airing)| Some(&key.1) != sink.as_ref() && airing.reached.contains_key(cluster))
            .filter_map(|(key, airing)| match self.piece(&key.0, airing.item)? {
                Piece::Bulletin(id) => Some((key.clone(), id)),
                Piece::Chime | Piece::Silence(_) | Piece::Relay(..) => None,
            })
            .collect();
        for (key, id) in left {
            let Some(airing) = self.airings.get_mut(&key) else { continue };
            let Some(mut turned) = airing.reached.remove(cluster) else { continue };
            let from = airing.joined.remove(cluster);
            if let Stage::Content(Playing { sounding: Some(since), .. }) = &airing.stage {
                turned.actual_ms += now.mono.since(from.map_or(*since, |from| from.max(*since)));
            }
            self.note(Event::Left(Left { id, sink: key.1, reached: turned }), now);
        }
    }

    /// Chooses each cluster's path anew, and notes which ones go another way from now on.
    pub(super) fn choose_paths(&mut self, now: Now) {
        let chosen = self.outputs.paths(&self.config);
        let before: BTreeMap<ClusterId, usize> = std::mem::replace(&mut self.paths, chosen);
        let turned: Vec<ClusterId> = self
            .paths
            .iter()
            .filter(|(id, at)| before.get(*id).is_some_and(|b| b != *at))
            .map(|(id, _)| id.clone())
            .collect();
        for cluster in turned {
            self.leave(&cluster, now);
            let path = self.path_word(&cluster);
            let number = self.paths.get(&cluster).map_or(1, |at| at + 1);
            self.note(Event::Rerouted(Rerouted { cluster, number, path }), now);
        }
    }
}
