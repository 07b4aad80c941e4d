//! Buttons at the station: what pressing, holding and letting go of one does.

use super::Site;
use super::sensed::PRESSED;
use crate::bulletin::Targets;
use crate::config::Button;
use crate::id::{ClusterId, LiveId, SensorId};
use crate::input::{Act, Order};
use crate::journal::Event;
use crate::time::{Mono, Now};
use std::collections::BTreeSet;

/// An emergency begins only after its button was held this long, milliseconds.
const HOLD_MS: u64 = 3_000;
/// How often a prepared emergency is said.
const REPEAT: u16 = 3;

/// What a button that is down has done or is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Its emergency begins then.
    Arming(Mono),
    /// It has done what it does.
    Done,
    /// It keeps this on air.
    Talking(LiveId),
}

impl Site {
    /// A button was read. One that was down when it was read first does nothing: it may be stuck or its wire broken.
    pub(super) fn pressed(&mut self, id: &SensorId, before: Option<f64>, now: Now) {
        let Some(button) = self.config.sensors.get(id).and_then(|s| s.button.clone()) else { return };
        let down = self.sensors.value(id, PRESSED).is_some_and(|v| v > 0.5);
        let was_up = before.is_some_and(|v| v < 0.5);
        if !down {
            self.released(id, now);
        } else if was_up {
            let held = self.begin_press(id, button, now);
            self.held.insert(id.clone(), held);
        }
    }

    fn begin_press(&mut self, id: &SensorId, button: Button, now: Now) -> Held {
        match button {
            Button::Mute { clusters } => {
                self.buzzing.clear();
                let all = || self.config.clusters.keys().filter(|c| clusters.is_empty() || clusters.contains(*c));
                let muted = all().next().is_some() && all().all(|c| self.silenced_until.contains_key(c));
                let (for_s, reason) = if muted {
                    (Some(0), "nhấn lại nút tắt tiếng")
                } else {
                    (None, "nhấn nút tắt tiếng")
                };
                self.ordered_by(
                    id,
                    Act::Mute { clusters: clusters.into_iter().collect(), for_s, reason: reason.to_owned() },
                    now,
                );
                Held::Done
            }
            Button::Emergency { .. } => Held::Arming(now.mono.plus(HOLD_MS)),
            Button::Talk { input, max_s, clusters } => {
                // The number of the next entry is taken once: no two transmissions have the same name.
                let live = LiveId::from(format!("{id}-{}", self.memory.seq + 1));
                let (targets, input) = (meant(&clusters), Some(input));
                self.ordered_by(id, Act::Live { live: live.clone(), input, targets, max_s, chime: None }, now);
                Held::Talking(live)
            }
        }
    }

    /// A button is up, or nobody knows: what lasts only while it is down ends.
    pub(super) fn released(&mut self, id: &SensorId, now: Now) {
        if let Some(Held::Talking(live)) = self.held.remove(id)
            && self.end_live(&super::relay::id_of(&live), now)
        {
            let (by, what) = (format!("sensor/{id}"), format!("end of live {live}"));
            self.note(Event::Ordered { no: 0, by, what }, now);
        }
    }

    /// Buttons that have been down for long enough.
    pub(super) fn hold_buttons(&mut self, now: Now) {
        let arming = |(id, held): (&SensorId, &Held)| match held {
            Held::Arming(at) => Some((id.clone(), *at)),
            Held::Done | Held::Talking(_) => None,
        };
        let armed: Vec<(SensorId, Mono)> = self.held.iter().filter_map(arming).collect();
        for (id, at) in armed {
            if now.mono < at {
                self.wake(at, "a button is held");
                continue;
            }
            self.held.insert(id.clone(), Held::Done);
            let button = self.config.sensors.get(&id).and_then(|s| s.button.clone());
            let Some(Button::Emergency { text, level, clusters, prepared }) = button else { continue };
            let (targets, reason) = (meant(&clusters), "giữ nút khẩn cấp".to_owned());
            let (repeat, drill) = (REPEAT, false);
            let act = match prepared.filter(|p| self.memory.prepared.contains_key(p)) {
                Some(prepared) => {
                    Act::EmergencyPrepared { prepared, level: Some(level), targets, repeat, drill, reason }
                }
                None => Act::Emergency { text, level, targets, repeat, drill, reason },
            };
            self.ordered_by(&id, act, now);
        }
    }

    fn ordered_by(&mut self, id: &SensorId, act: Act, now: Now) {
        self.order(Order { no: 0, by: format!("sensor/{id}"), act }, now);
    }
}

/// Everywhere, or at these clusters; boards show what is said anywhere.
fn meant(clusters: &BTreeSet<ClusterId>) -> Targets {
    if clusters.is_empty() {
        return Targets::everything();
    }
    Targets { clusters: clusters.iter().cloned().collect(), ..Targets::everything() }
}
