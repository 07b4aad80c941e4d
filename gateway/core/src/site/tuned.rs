//! Inputs whose tuner hears who sends: another station than was meant is not relayed.

use super::Site;
use crate::device::Report;
use crate::id::InputId;
use crate::input::Tuned;
use crate::journal::Event;
use crate::time::Now;
use crate::want::Source;

impl Site {
    /// A tuner says what it receives.
    pub(super) fn tuned(&mut self, input: &InputId, tuned: Tuned, now: Now) {
        if !self.config.inputs.contains_key(input) {
            return;
        }
        let about = format!("input/{input}");
        match tuned {
            Tuned::Right => {
                if self.mistuned.remove(input) {
                    self.note(Event::Recovered { about }, now);
                }
            }
            Tuned::Wrong(why) => {
                if self.mistuned.insert(input.clone()) {
                    self.note(Event::Incident { code: "input_mistuned".into(), about, text: why.clone() }, now);
                    self.break_off(input, &why, now);
                }
            }
        }
    }

    /// Whatever plays from this input ends now, as if it had broken off by itself: what comes next takes its place.
    fn break_off(&mut self, input: &InputId, why: &str, now: Now) {
        let playing: Vec<_> = self
            .airings
            .iter()
            .filter_map(|((_, sink), airing)| Some((sink.clone(), airing.playing()?)))
            .filter(|(_, playing)| playing.source == Source::Input(input.clone()))
            .map(|(sink, playing)| {
                let played_ms = playing.sounding.map_or(0, |since| now.mono.since(since));
                (sink, Report::Ended { play: playing.id, played_ms, broken: Some(why.to_owned()) })
            })
            .collect();
        for (sink, ended) in playing {
            self.sink_said(&sink, &ended, now);
        }
    }
}
