//! Inputs whose tuner hears who sends: another station than was meant is not relayed, nor is one that nobody knows begun.

use super::Site;
use crate::device::Report;
use crate::id::InputId;
use crate::input::Tuned;
use crate::journal::Event;
use crate::time::{Mono, Now};
use crate::want::Source;

/// A tuner that has not said by then what it receives does not know, milliseconds: names come within seconds.
const KNOWN_WITHIN_MS: u64 = 10_000;

/// A tuner that does not receive what it should, as far as is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tuning {
    /// It was another station when it was last known.
    wrong: bool,
    /// Nobody knows what it receives, since then.
    unknown: Option<Mono>,
    /// An incident was made of that.
    told: bool,
}

impl Site {
    /// A tuner says what it receives.
    pub(super) fn tuned(&mut self, input: &InputId, tuned: Tuned, now: Now) {
        if !self.config.inputs.contains_key(input) {
            return;
        }
        let about = format!("input/{input}");
        match tuned {
            Tuned::Right => {
                if self.tunings.remove(input).is_some_and(|was| was.wrong || was.told) {
                    self.note(Event::Recovered { about }, now);
                }
            }
            Tuned::Unknown => {
                let tuning = self.tunings.entry(input.clone()).or_default();
                tuning.unknown = tuning.unknown.or(Some(now.mono));
            }
            Tuned::Wrong(why) => {
                let tuning = Tuning { wrong: true, ..Tuning::default() };
                if self.tunings.insert(input.clone(), tuning).is_none_or(|was| !was.wrong) {
                    self.note(Event::Incident { code: "input_mistuned".into(), about, text: why.clone() }, now);
                    self.break_off(input, &why, now);
                }
            }
        }
    }

    /// Finds tuners that nobody has heard a name from for too long.
    pub(super) fn watch_tuners(&mut self, now: Now) {
        let silent = self.tunings.iter().filter(|(_, tuning)| !tuning.told);
        let silent: Vec<_> =
            silent.filter_map(|(id, t)| Some((id.clone(), t.unknown?.plus(KNOWN_WITHIN_MS)))).collect();
        for (input, until) in silent {
            if now.mono < until {
                self.wake(until, "a tuner should say what it receives");
                continue;
            }
            if let Some(tuning) = self.tunings.get_mut(&input) {
                tuning.told = true;
            }
            let (code, about) = ("input_unidentified".to_owned(), format!("input/{input}"));
            let text = "the tuner does not say what it receives: no relay of it is begun".to_owned();
            self.note(Event::Incident { code, about, text }, now);
        }
    }

    /// Another station than should be is received, or was when it was last known; or nobody knows, and what is begun now would
    /// be relayed unseen. What plays goes on: names fade before voices do.
    pub(super) fn is_mistuned(&self, input: &InputId) -> bool {
        let Some(tuning) = self.tunings.get(input) else { return false };
        let plays = || {
            let mut playing = self.airings.values().filter_map(|airing| airing.playing());
            playing.any(|playing| matches!(&playing.source, Source::Input(of) if of == input))
        };
        tuning.wrong || tuning.unknown.is_some() && !plays()
    }

    /// A tuner that has fallen silent just now, or was just switched on, is waited for.
    pub(super) fn may_be_known(&self, input: &InputId) -> bool {
        self.tunings.get(input).is_some_and(|t| t.unknown.is_some() && !t.wrong && !t.told)
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
