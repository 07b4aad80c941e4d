//! Transmitters whose protection took the carrier down: they stay down, over restarts too, until a person has looked.

use super::Site;
use crate::id::TransmitterId;
use crate::journal::Event;
use crate::time::Now;

impl Site {
    /// A transmitter has tripped.
    pub(super) fn trip(&mut self, id: &TransmitterId, why: &str, now: Now) {
        if !self.config.transmitters.contains_key(id) || self.memory.tripped.contains_key(id) {
            return;
        }
        self.note(Event::Tripped { transmitter: id.clone(), why: why.to_owned() }, now);
        let (code, about) = ("carrier_tripped".to_owned(), format!("transmitter/{id}"));
        self.note(Event::Incident { code, about, text: why.to_owned() }, now);
        self.outputs.hold(id, why);
    }

    /// An officer or technician has looked at it.
    pub(super) fn rearm(&mut self, by: &str, id: &TransmitterId, reason: &str, now: Now) -> Result<String, String> {
        if !self.config.transmitters.contains_key(id) {
            return Err(format!("Không có máy phát {id}"));
        }
        if !self.memory.tripped.contains_key(id) {
            return Err(format!("Máy phát {id} không bị bảo vệ ngắt"));
        }
        self.note(Event::Rearmed { transmitter: id.clone(), by: by.to_owned() }, now);
        self.outputs.free(id);
        Ok(format!("rearm {id}: {reason}"))
    }

    /// Whether its carrier must stay down.
    pub(super) fn is_tripped(&self, id: &TransmitterId) -> bool {
        self.memory.tripped.contains_key(id)
    }

    /// What tripped before the power went is still tripped.
    pub(super) fn recall_the_trips(&mut self) {
        for (id, why) in &self.memory.tripped {
            self.outputs.hold(id, why);
        }
    }
}
