//! What was measured at a sink's output: silence while something is due, sound while nothing is, howling, proof.

use super::Site;
use super::air::Stage;
use crate::id::{OutputId, PlayId, SinkId};
use crate::journal::Event;
use crate::time::Now;
use crate::want::{Grade, Source};

impl Site {
    /// Nothing is heard of a play that is due: an incident, and on to what comes next.
    pub(super) fn fell_silent(&mut self, sink: &SinkId, play: PlayId, for_ms: u64, now: Now) {
        let found = self.airings.iter().find(|(k, a)| k.1 == *sink && a.playing().is_some_and(|p| p.id == play));
        let Some((key, playing)) = found.and_then(|(k, a)| Some((k.clone(), a.playing()?.clone()))) else { return };
        // A speaker may pause to think; and what the site itself has turned down to nothing is not missing.
        if matches!(playing.source, Source::Live(_)) || !self.is_audible(sink) {
            return;
        }
        let about = OutputId::Sink(sink.clone()).to_string();
        let text = format!("nothing heard of {:?} for {:.1} s", playing.source, for_ms as f64 / 1000.0);
        self.note(Event::Incident { code: "silence_while_due".into(), about, text: text.clone() }, now);
        let Some(mut airing) = self.airings.remove(&key) else { return };
        match &airing.stage {
            Stage::Content(_) => {
                let heard = playing.sounding.map_or(0, |since| now.mono.since(since)).saturating_sub(for_ms);
                self.ended(&key, &mut airing, &playing, heard, Some(text), now);
            }
            Stage::Opening { .. } | Stage::Paused | Stage::Gap { .. } | Stage::Lacking { .. } | Stage::Over => {
                // The tone is made in the box: if that is not heard, nothing on this sink will be.
                self.give_up_sink(sink, &mut airing, now);
            }
        }
        self.airings.insert(key, airing);
    }

    /// Something is heard although nothing is due.
    pub(super) fn unbidden(&mut self, sink: &SinkId, level_db: f32, now: Now) {
        let about = OutputId::Sink(sink.clone()).to_string();
        let text = format!("sound of {level_db:.0} dBFS while nothing is due");
        self.note(Event::Incident { code: "sound_while_not_due".into(), about, text }, now);
    }

    /// What left of a play is not what its source holds. Which of the two is right a person must say: it plays on.
    pub(super) fn differs(&mut self, sink: &SinkId, play: PlayId, likeness: f32, now: Now) {
        let found = self.airings.iter().filter(|(k, _)| k.1 == *sink).filter_map(|(_, a)| a.playing());
        // It may be over by the time it was compared.
        let what = found.filter(|p| p.id == play).map(|p| format!("{:?}", p.source)).next();
        let about = OutputId::Sink(sink.clone()).to_string();
        let what = what.unwrap_or_else(|| "what it last played".to_owned());
        let text = format!("what left is not {what}: alike by {likeness:.2}");
        self.note(Event::Incident { code: "content_differs".into(), about, text }, now);
    }

    /// A howl begins or ends. Nothing is switched off by itself: a person mutes the one cluster (contract §5).
    pub(super) fn howls(&mut self, sink: &SinkId, on: bool, hz: u32, now: Now) {
        let about = OutputId::Sink(sink.clone()).to_string();
        if on && self.howling.insert(sink.clone(), hz).is_none() {
            let text = format!("a howl at {hz} Hz");
            self.note(Event::Incident { code: "howl".into(), about, text }, now);
        } else if !on && self.howling.remove(sink).is_some() {
            self.note(Event::Recovered { about: format!("{about} howl") }, now);
        }
    }

    /// A microphone or a line heard a play: better proof of what reached whom.
    pub(super) fn heard(&mut self, sink: &SinkId, play: PlayId, grade: Grade, now: Now) {
        let found = self.airings.iter().find(|(k, a)| k.1 == *sink && a.playing().is_some_and(|p| p.id == play));
        let Some(key) = found.map(|(k, _)| k.clone()) else { return };
        let near = self.config.sinks.get(sink).map(|s| s.heard_at.clone()).unwrap_or_default();
        let addressed = self.air.addressed.get(sink).cloned().unwrap_or_default();
        for cluster in addressed.iter().filter(|c| near.is_empty() || near.contains(*c)) {
            if self.keyed(cluster, now).is_some() {
                self.reaches(&key, cluster, grade, now);
            }
        }
    }
}
