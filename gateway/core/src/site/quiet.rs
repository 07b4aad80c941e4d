//! No carrier without sound: one that sends silence for too long goes, and comes back with the sound.
//!
//! It is no trip: nothing is broken at the transmitter, so nobody has to re-arm it.

use super::Site;
use super::air::Stage;
use crate::id::{SinkId, TransmitterId};
use crate::journal::Event;
use crate::time::{Mono, Now};

/// A transmitter that sends, or sent, silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quiet {
    /// It has since then.
    Since(Mono),
    /// Its carrier was taken down for it.
    Off {
        /// Nothing was due: it comes back as soon as something is. Otherwise it waits until that is heard to sound.
        rests: bool,
        /// An incident was made of it.
        told: bool,
    },
}

impl Site {
    /// Finds carriers that have sent silence for too long, and those that may come back.
    pub(super) fn watch_silence(&mut self, now: Now) {
        let watched = self.config.transmitters.iter().filter(|(_, t)| t.silence_off_ms > 0);
        let watched: Vec<_> = watched.map(|(id, t)| (id.clone(), t.sink.clone(), t.silence_off_ms)).collect();
        for (id, sink, limit_ms) in watched {
            let (sounds, due) = (self.sounds(&sink), self.is_due(&sink));
            let on_air = self.air.sinks.contains_key(&sink);
            let digits = self.digits_on(&sink).is_some();
            match self.quiet.get(&id).copied() {
                Some(Quiet::Off { rests, told }) => {
                    if sounds || !on_air || (rests && due) {
                        self.quiet.remove(&id);
                        if told {
                            self.note(Event::Recovered { about: about(&id) }, now);
                        }
                    }
                }
                // A self-test's carrier has nobody on the air, and one that warms up reads down.
                _ if sounds || !on_air || !self.sends(&id) => {
                    self.quiet.remove(&id);
                }
                // Whether they are heard shows in what follows them.
                Some(Quiet::Since(_)) | None if digits => {}
                Some(Quiet::Since(since)) if now.mono.since(since) >= limit_ms => {
                    self.take_off(&id, &sink, due, limit_ms, now);
                }
                before => {
                    let since = match before {
                        Some(Quiet::Since(since)) => since,
                        Some(Quiet::Off { .. }) | None => now.mono,
                    };
                    self.quiet.insert(id, Quiet::Since(since));
                    self.wake(since.plus(limit_ms), "a carrier sends silence");
                }
            }
        }
    }

    fn take_off(&mut self, id: &TransmitterId, sink: &SinkId, due: bool, limit_ms: u64, now: Now) {
        // A pause of a programme, or a volume that the site itself has turned down to nothing, is as it should be.
        let told = self.is_audible(sink) && !self.is_between(sink);
        self.quiet.insert(id.clone(), Quiet::Off { rests: !due, told });
        if told {
            let text = format!("a carrier without sound for {} s: it is off until there is sound", limit_ms / 1000);
            self.note(Event::Incident { code: "carrier_without_sound".into(), about: about(id), text }, now);
        }
    }

    /// Its carrier is down because there is no sound for it.
    pub(super) fn is_quiet(&self, id: &TransmitterId) -> bool {
        matches!(self.quiet.get(id), Some(Quiet::Off { .. }))
    }

    /// The carrier behind a sink is down because nothing was due: what comes next must wait for it.
    pub(super) fn carrier_rests(&self, sink: &SinkId) -> bool {
        let fed = self.config.transmitters.iter().filter(|(_, t)| t.sink == *sink);
        fed.into_iter().any(|(id, _)| matches!(self.quiet.get(id), Some(Quiet::Off { rests: true, .. })))
    }

    fn sends(&self, id: &TransmitterId) -> bool {
        let keyed = self.keyings.get(id).is_some_and(|k| k.carrier());
        keyed && self.outputs.carrier(id).is_some_and(|s| s.carrier)
    }

    /// What a sink plays is known to have begun to sound.
    fn sounds(&self, sink: &SinkId) -> bool {
        let airing = self.air.sinks.get(sink).and_then(|claim| self.airings.get(&(claim.clone(), sink.clone())));
        let sounds = airing.and_then(|a| a.playing()).is_some_and(|p| p.sounding.is_some());
        sounds && self.is_audible(sink)
    }

    /// Something is to sound on a sink now.
    fn is_due(&self, sink: &SinkId) -> bool {
        let airing = self.air.sinks.get(sink).and_then(|claim| self.airings.get(&(claim.clone(), sink.clone())));
        airing.is_some_and(|a| match &a.stage {
            Stage::Opening { .. } | Stage::Content(_) => true,
            Stage::Paused | Stage::Gap { .. } | Stage::Lacking { .. } | Stage::Over => false,
        })
    }

    /// A sink is between two things that it says.
    fn is_between(&self, sink: &SinkId) -> bool {
        let airing = self.air.sinks.get(sink).and_then(|claim| self.airings.get(&(claim.clone(), sink.clone())));
        airing.is_some_and(|a| matches!(a.stage, Stage::Gap { .. }))
    }
}

fn about(id: &TransmitterId) -> String {
    format!("transmitter/{id} sound")
}
