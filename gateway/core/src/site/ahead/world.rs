//! Outputs that do at once what is wanted of them.

use crate::device::{Report, TransmitterState};
use crate::id::{OutputId, PlayId, SinkId};
use crate::input::Input;
use crate::time::Mono;
use crate::want::{Grade, Source, Wants};
use std::collections::{BTreeMap, BTreeSet};

/// Length of the chime, milliseconds.
const CHIME_MS: u64 = 1_200;

/// A play that sounds.
#[derive(Clone, Copy, Debug)]
struct Sounds {
    play: PlayId,
    since: Mono,
    until: Option<Mono>,
}

/// The outputs of a rehearsal.
#[derive(Debug)]
pub(super) struct World {
    broken: BTreeSet<OutputId>,
    sinks: BTreeMap<SinkId, Sounds>,
    told: BTreeMap<OutputId, String>,
}

impl World {
    pub(super) fn new(broken: BTreeSet<OutputId>) -> Self {
        Self { broken, sinks: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// What the outputs say to what is wanted of them, where they have not said so.
    pub(super) fn answers(&mut self, wants: &Wants, lengths: &BTreeMap<PlayId, u64>, now: Mono) -> Vec<Input> {
        let mut said = Vec::new();
        for (sink, want) in &wants.sinks {
            let id = OutputId::Sink(sink.clone());
            let Some(play) = want.play.as_ref().filter(|_| !self.broken.contains(&id)) else {
                self.sinks.remove(sink);
                continue;
            };
            if self.sinks.get(sink).is_some_and(|s| s.play == play.id) {
                continue;
            }
            let length = match &play.source {
                Source::Chime => Some(CHIME_MS),
                Source::Digits(digits) => Some(digits.length_ms()),
                Source::Clip(_) | Source::Speech(_) => lengths.get(&play.id).copied(),
                // The core ends these itself.
                Source::Tone { .. } | Source::Input(_) | Source::Stream(_) | Source::Live(_) => None,
            };
            let until = length.map(|ms| now.plus(ms));
            self.sinks.insert(sink.clone(), Sounds { play: play.id, since: now, until });
            said.push((id, Report::Sounding { play: play.id }));
        }
        for (id, on) in &wants.switches {
            let report = Report::Switch { on: *on, grade: Grade::Electrical };
            self.say(OutputId::Switch(id.clone()), report, &mut said);
        }
        for (id, carrier) in &wants.transmitters {
            let report = Report::Transmitter(TransmitterState { carrier: *carrier, ..TransmitterState::default() });
            self.say(OutputId::Transmitter(id.clone()), report, &mut said);
        }
        for (id, want) in &wants.coders {
            let report = Report::Coder { zones: want.zones.clone(), grade: Grade::Sent };
            self.say(OutputId::Coder(id.clone()), report, &mut said);
        }
        said.into_iter().map(|(id, report)| Input::Device(id, report)).collect()
    }

    fn say(&mut self, id: OutputId, report: Report, said: &mut Vec<(OutputId, Report)>) {
        let text = format!("{report:?}");
        if !self.broken.contains(&id) && self.told.get(&id) != Some(&text) {
            self.told.insert(id.clone(), text);
            said.push((id, report));
        }
    }

    /// When the next play ends by itself.
    pub(super) fn next_end(&self) -> Option<Mono> {
        self.sinks.values().filter_map(|s| s.until).min()
    }

    /// A play that has ended by now.
    pub(super) fn ended(&mut self, now: Mono) -> Option<Input> {
        let (sink, sounds) = self.sinks.iter_mut().find(|(_, s)| s.until.is_some_and(|until| until <= now))?;
        sounds.until = None;
        let report = Report::Ended { play: sounds.play, played_ms: now.since(sounds.since), broken: None };
        Some(Input::Device(OutputId::Sink(sink.clone()), report))
    }
}
