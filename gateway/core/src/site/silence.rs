//! A sink that says nothing of what it was told to play, or never ends it.

use super::Site;
use super::air::{Airing, Playing, Stage};
use crate::claim::ClaimId;
use crate::id::{OutputId, SinkId};
use crate::journal::Event;
use crate::outputs::{Change, Trouble};
use crate::time::{Mono, Now};
use crate::want::Source;

/// A sink that was told to play and did not sound by then is silent, milliseconds.
const SILENT_MS: u64 = 5_000;
/// A play that has not ended this long after it should have is stuck, milliseconds.
const STUCK_MS: u64 = 10_000;

impl Site {
    /// Looks after a play that is under way.
    pub(super) fn follow(&mut self, key: &(ClaimId, SinkId), airing: &mut Airing, playing: &Playing, now: Now) {
        let silent = playing.sounding.is_none();
        if silent && playing.source == Source::Chime && self.is_audible(&key.1) {
            self.due_or_silent(&key.1, airing, playing.asked, now);
            return;
        }
        let due = playing.asked.plus(SILENT_MS);
        if silent && now.mono < due {
            self.wake(due, "a sink should sound");
        } else if silent && airing.silent != Some(playing.id) && self.is_audible(&key.1) {
            // A file may begin with silence, so the sink is not given up; but somebody should know.
            airing.silent = Some(playing.id);
            let text = format!("nothing heard of {:?} for {} s", playing.source, SILENT_MS / 1000);
            let about = OutputId::Sink(key.1.clone()).to_string();
            self.note(Event::Incident { code: "silence_while_due".into(), about, text }, now);
        }
        let length = playing.duration_ms.unwrap_or(2_000).saturating_sub(playing.from_ms);
        let overdue = playing.sounding.unwrap_or(playing.asked).plus(length + STUCK_MS);
        if now.mono >= overdue {
            let text = "a play did not end: the sink is taken as lost".to_owned();
            self.lose_sink(&key.1, "stuck", text, now);
            airing.stage = Stage::Paused;
            airing.lost = airing.lost.or(Some(now.mono));
            self.wake(now.mono.plus(1), "a stuck play is begun again");
        } else {
            self.wake(overdue, "a play should have ended long ago");
        }
    }

    /// The sink is not turned down to nothing by the site's own rule.
    pub(super) fn is_audible(&self, sink: &SinkId) -> bool {
        self.wants.sinks.get(sink).is_none_or(|w| w.volume > 0)
    }

    pub(super) fn due_or_silent(&mut self, sink: &SinkId, airing: &mut Airing, asked: Mono, now: Now) {
        let due = asked.plus(SILENT_MS);
        if now.mono < due {
            self.wake(due, "a sink should sound");
            return;
        }
        self.give_up_sink(sink, airing, now);
    }

    /// Nothing that is played on a sink is heard: it is taken as lost, and tried again.
    pub(super) fn give_up_sink(&mut self, sink: &SinkId, airing: &mut Airing, now: Now) {
        if !self.outputs.is_faulted(&OutputId::Sink(sink.clone())) {
            self.lose_sink(sink, "silence_while_due", "told to play, and nothing was heard of it".into(), now);
        }
        airing.stage = Stage::Paused;
        airing.lost = airing.lost.or(Some(now.mono));
        self.wake(now.mono.plus(1), "a silent sink is tried again");
    }

    fn lose_sink(&mut self, sink: &SinkId, code: &str, text: String, now: Now) {
        let id = OutputId::Sink(sink.clone());
        if self.outputs.lose(&id, Trouble::Silent, text.clone(), now.mono) == Change::Lost {
            self.note(Event::Incident { code: code.to_owned(), about: id.to_string(), text }, now);
        }
    }
}
