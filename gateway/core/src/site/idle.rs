//! Paths that answer and do nothing: what was told its step and has not done it in its time counts as lost.

use super::Site;
use crate::arbiter;
use crate::config::Path;
use crate::id::{OutputId, SwitchId, TransmitterId};
use crate::journal::Event;
use crate::keying::Keying;
use crate::outputs::{Change, Trouble};
use crate::time::{Mono, Now};
use std::collections::BTreeSet;

/// A step that has not been done by then is not done at all, milliseconds (contract §5).
const DONE_WITHIN_MS: u64 = 5_000;

/// A relay and a carrier that were silent together for so long have lost their power: a line that failed is opened again by
/// then, and an exciter that was off for less is still warm, milliseconds.
const DARK_MS: u64 = 10_000;

impl Site {
    /// Finds what somebody waits for to be on, and what was waited for long enough.
    pub(super) fn watch_steps(&mut self, now: Now) {
        let (owed, mut lost) = (self.owed(), false);
        for (id, since) in self.outputs.owe(owed, now.mono) {
            let until = since.plus(DONE_WITHIN_MS);
            if now.mono < until {
                self.wake(until, "a step of a path should be done");
                continue;
            }
            let text = format!("told to be on {} s ago, and it is not", DONE_WITHIN_MS / 1000);
            if self.outputs.rest(&id, Trouble::Idle, text.clone(), now.mono) == Change::Lost {
                self.note(Event::Incident { code: "no_effect".into(), about: id.to_string(), text }, now);
                lost = true;
            }
        }
        if lost {
            // Nobody may take the old path for the last one in the meantime.
            self.arbitrate(now);
            self.key(now);
        }
    }

    /// The mains of a transmitter are gone: their relay reads off; or neither it nor the carrier has been heard of for so long
    /// that the power must have failed, and not the line.
    pub(super) fn is_dark(&self, id: &TransmitterId, now: Now) -> bool {
        let Some(mains) = self.config.transmitters.get(id).and_then(|t| t.mains.as_ref()) else { return false };
        match self.outputs.switch(mains) {
            Some(read) => !read.value,
            None => self.dark_from(id).is_some_and(|at| now.mono >= at),
        }
    }

    /// When silence of relay and carrier counts as mains that are gone.
    pub(super) fn dark_from(&self, id: &TransmitterId) -> Option<Mono> {
        let mains = self.config.transmitters.get(id)?.mains.as_ref()?;
        let up = self.outputs.carrier(id).is_some_and(|state| state.carrier);
        self.outputs.unheard(mains).filter(|_| !up).map(|at| at.plus(DARK_MS))
    }

    /// Outputs whose turn it is on a path that is used, and that do not read as they were told. What is known to be broken
    /// is tried again by its driver, and owes nothing.
    fn owed(&self) -> BTreeSet<OutputId> {
        let mut owed = BTreeSet::new();
        for cluster in self.air.addressed.values().flatten() {
            if let Some(Path::Direct { switch: Some(switch), .. }) =
                arbiter::path_of(&self.config, &self.paths, cluster)
                && self.outputs.switch_on(switch).is_none()
            {
                owed.insert(OutputId::Switch(switch.clone()));
            }
        }
        for (id, transmitter) in &self.config.transmitters {
            let Some(wanted) = self.zones.get(id).filter(|zones| !zones.is_empty()) else { continue };
            match self.keyings.get(id).copied().unwrap_or_default() {
                Keying::Mains => {
                    let off = |mains: &&SwitchId| self.outputs.switch_on(mains).is_none();
                    owed.extend(transmitter.mains.as_ref().filter(off).cloned().map(OutputId::Switch));
                }
                Keying::Carrier => {
                    owed.insert(OutputId::Transmitter(id.clone()));
                }
                Keying::Code(_) | Keying::Opening(_) | Keying::OnAir if transmitter.coded => {
                    if self.outputs.coder(id).is_none_or(|read| read.value != *wanted) {
                        owed.insert(OutputId::Coder(id.clone()));
                    }
                }
                Keying::Code(_) | Keying::Opening(_) | Keying::OnAir => {}
                Keying::Off | Keying::WarmUp(_) | Keying::Settle(_) | Keying::CodeOff(_) | Keying::CarrierOff(_) => {}
            }
        }
        owed.retain(|id| !self.outputs.is_faulted(id));
        owed
    }
}
