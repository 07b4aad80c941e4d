//! What a device said: its health first, then what it means for the air.

use super::Site;
use crate::device::Report;
use crate::id::OutputId;
use crate::journal::Event;
use crate::outputs::Change;
use crate::time::Now;

impl Site {
    /// Takes in what a device said.
    pub(super) fn hear(&mut self, id: &OutputId, report: &Report, now: Now) {
        if let (OutputId::Transmitter(transmitter), Report::Tripped(why)) = (id, report) {
            self.trip(transmitter, why, now);
        }
        if let Report::Tried { look, ms, figures } = report {
            return self.tried(id, *look, *ms, figures);
        }
        self.trial_hears(id, report);
        let change = self.outputs.hear(id, report, now.mono);
        match change {
            Change::Same => {}
            Change::Lost => self.lost(id, report, now),
            Change::Back => {
                for (_, airing) in self.airings.iter_mut().filter(|(k, _)| OutputId::Sink(k.1.clone()) == *id) {
                    airing.lost = None;
                }
                self.note(Event::Recovered { about: id.to_string() }, now);
            }
        }
        if let OutputId::Sink(sink) = id {
            self.tone_said(sink, report, now);
            self.sink_said(sink, report, now);
        } else if let OutputId::Sensor(sensor) = id {
            self.sensor_said(sensor, report, now);
        }
    }

    fn lost(&mut self, id: &OutputId, report: &Report, now: Now) {
        let text = match report {
            Report::Fault(fault) => fault.to_string(),
            Report::Well
            | Report::Asleep
            | Report::Sounding { .. }
            | Report::Ended { .. }
            | Report::Switch { .. }
            | Report::Transmitter(_)
            | Report::Tripped(_)
            | Report::Coder { .. }
            | Report::Sensed(_)
            | Report::Board { .. }
            | Report::Tried { .. }
            | Report::Silent { .. }
            | Report::Unbidden { .. }
            | Report::Howl { .. }
            | Report::Heard { .. }
            | Report::Differs { .. } => String::new(),
        };
        self.note(Event::Incident { code: "device_lost".into(), about: id.to_string(), text }, now);
    }
}
