//! Making the levels: from who has the air to what each sink should play and each transmitter be.

use super::Site;
use super::air::Next;
use crate::arbiter;
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::TransmitterId;
use crate::time::Now;
use crate::want::{Beneath, Loudness, Play, SinkWant, Under};
use std::collections::{BTreeMap, BTreeSet};

impl Site {
    /// Moves the keying of each transmitter on.
    pub(super) fn key(&mut self, now: Now) {
        let mut zones: BTreeMap<TransmitterId, BTreeSet<u16>> =
            self.config.transmitters.keys().map(|t| (t.clone(), BTreeSet::new())).collect();
        for cluster in self.air.addressed.values().flatten() {
            if let Some(Path::Radio { transmitter, zone }) = arbiter::path_of(&self.config, &self.paths, cluster)
                && !self.is_tripped(transmitter)
                && !self.is_quiet(transmitter)
            {
                zones.entry(transmitter.clone()).or_default().insert(*zone);
            }
        }
        let nowhere = BTreeSet::from([0]);
        for (id, wanted) in &zones {
            let before = self.keyings.get(id).copied().unwrap_or_default();
            // A self-test wants the carrier alone: as if for a zone that no coder is told of.
            let tried = wanted.is_empty() && self.tries_carrier(id) && !self.holds_open(id);
            let wanted = if tried { &nowhere } else { wanted };
            let Some(mut seen) = self.seen_of(id, wanted, now) else { continue };
            seen.coded &= !tried;
            let mut after = before.moved(seen, now.mono);
            self.keyings.insert(id.clone(), after);
            if !tried && self.say_zones(id, wanted, now) {
                let Some(seen) = self.seen_of(id, wanted, now) else { continue };
                after = after.moved(seen, now.mono);
                self.keyings.insert(id.clone(), after);
            }
            let dark = self.dark_from(id).filter(|at| after.carrier() && *at > now.mono);
            if let Some(at) = after.wakes().into_iter().chain(dark).min() {
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
        self.begin_digits(now);
        self.prepare(now);
        self.level_sinks(now);
        self.level_gates(now);
        self.wake_when_a_warning_ends(now);
        self.level_boards(now);
        self.level_trial();
        let files_moved = self.level_files();
        self.level_ready(files_moved);
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
        let night = self.wall(now).is_some_and(|w| self.config.policy.is_night(w.second_of_day()));
        for (id, sink) in &self.config.sinks {
            let owner = self.air.sinks.get(id);
            let airing = owner.and_then(|c| self.airings.get(&(c.clone(), id.clone())));
            let forced = matches!(owner, Some(ClaimId::Bulletin(id)) if !self.is_short_drill(id));
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
            if let Some(digits) = self.digits_on(id) {
                let under = play.map(|play| Under { how: beneath_digits(&play), play });
                let under = under.or_else(|| self.beneath(id, owner, now));
                self.wants.sinks.insert(id.clone(), SinkWant { play: Some(digits), next: None, under, volume: 100 });
                continue;
            }
            let under = self.beneath(id, owner, now);
            let volume = match (forced, night) {
                (true, _) => 100,
                (false, true) => sink.volume_night,
                (false, false) => sink.volume_day,
            };
            self.wants.sinks.insert(id.clone(), SinkWant { play, next, under, volume });
        }
    }
}

/// What becomes of what a sink plays while it says zone tones.
fn beneath_digits(play: &Play) -> Beneath {
    if play.source.is_live() { Beneath::Unheard } else { Beneath::Held }
}
