//! Everything the wants go to: sound lines, the lines of devices, the file makers.

use crate::air::Hearing;
use crate::clips::Clips;
use crate::intake::Intake;
use crate::lines::Watched;
use crate::speech::Speech;
use crate::studio::Studio;
use crate::worker::{Hear, Worker};
use drivers::sound::SoundLine;
use drivers::tuner::Tuner;
use gateway_core::id::{OutputId, SinkId};
use gateway_core::want::{CoderWant, SinkWant, Wants};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long each step of a graceful stop is given: codes off, then carriers, then relays.
const STEP: Duration = Duration::from_millis(400);

/// Where wants go.
pub(crate) struct Outputs {
    pub(crate) sound: Vec<(Vec<SinkId>, SoundLine)>,
    /// Who listens to what leaves them.
    pub(crate) hearing: Hearing,
    /// What the desk may do with them.
    pub(crate) studio: Arc<Studio>,
    pub(crate) workers: Vec<Worker>,
    /// Each line of devices: what it is, and how it fares.
    pub(crate) watches: Vec<Watched>,
    /// Ended with the rest.
    pub(crate) tuners: Vec<Tuner>,
    pub(crate) clips: Clips,
    /// Where officers' files come in.
    pub(crate) intake: Arc<Intake>,
    pub(crate) speech: Speech,
    /// Where what is found out about them goes; it must not wait for the loop, which calls it.
    pub(crate) hear: Hear,
    /// What the lines were told last, without files.
    pub(crate) told: Arc<Wants>,
}

impl Outputs {
    /// Tells each output its level where it has changed; sinks first. True if anything changed.
    pub(crate) fn tell(&mut self, wants: &Wants) -> bool {
        let sinks = self.told.sinks != wants.sinks;
        if sinks {
            self.tell_sinks(&wants.sinks);
        }
        let lines = self.told.switches != wants.switches
            || self.told.transmitters != wants.transmitters
            || self.told.coders != wants.coders
            || self.told.boards != wants.boards
            || self.told.trial != wants.trial;
        if let Some(look) = wants.trial.filter(|look| self.told.trial != Some(*look)) {
            self.look_at_sinks(look);
        }
        if sinks || lines {
            self.told = Arc::new(without_files(wants));
        }
        if lines {
            self.tell_lines();
        }
        sinks || lines
    }

    fn tell_sinks(&self, sinks: &BTreeMap<SinkId, SinkWant>) {
        for (mine, line) in &self.sound {
            for sink in mine {
                let want = sinks.get(sink).cloned().unwrap_or_default();
                if !line.apply(sink, &want) {
                    log::error!(sink = sink.as_str(); "a sound line does not know its own sink");
                }
                self.hearing.apply(sink, &want);
            }
        }
    }

    /// A self-test wants to know how the sinks are: the sound lines know it without being asked.
    fn look_at_sinks(&self, look: u64) {
        use gateway_core::device::{Reading, Report};
        for (mine, line) in &self.sound {
            let state = line.watch()();
            let reading = |quantity: &str, value: f64, unit| Reading { quantity: quantity.to_owned(), value, unit };
            #[expect(clippy::cast_precision_loss, reason = "counts far from 2^52")]
            let (xruns, starved) = (state.xruns as f64, state.starved as f64);
            for sink in mine {
                let figures = vec![
                    reading("xruns", xruns, ""),
                    reading("starved", starved, ""),
                    reading("drift_ppm", f64::from(state.drift_ppm), "ppm"),
                ];
                (self.hear)(OutputId::Sink(sink.clone()), Report::Tried { look, ms: 0, figures });
            }
        }
    }

    fn tell_lines(&self) {
        for worker in &self.workers {
            worker.tell(&self.told);
        }
    }

    /// Tells the file makers what must be on disk.
    pub(crate) fn tell_files(&self, wants: &Wants) {
        self.clips.want(&wants.clips);
        self.speech.want(&wants.speech);
    }

    /// Leaves everything as the commune would want to find it: silent, codes off, carriers off, relays off. Boards keep
    /// what they show: a restart must not darken a warning.
    pub(crate) fn stop(mut self) {
        let mut off = Wants { boards: self.told.boards.clone(), ..Wants::default() };
        self.tuners.clear();
        self.tell_sinks(&BTreeMap::new());
        off.transmitters.clone_from(&self.told.transmitters);
        off.switches.clone_from(&self.told.switches);
        off.coders = self.told.coders.keys().map(|id| (id.clone(), CoderWant::default())).collect();
        let busy = |wants: &Wants| wants.transmitters.values().any(|on| *on) || wants.switches.values().any(|on| *on);
        let was_busy = busy(&off);
        let mut step = |off: &Wants, then: bool| {
            self.told = Arc::new(off.clone());
            self.tell_lines();
            if then {
                std::thread::sleep(STEP);
            }
        };
        step(&off, was_busy);
        off.transmitters.values_mut().for_each(|on| *on = false);
        step(&off, was_busy);
        off.switches.values_mut().for_each(|on| *on = false);
        step(&off, false);
        for worker in &mut self.workers {
            worker.stop();
        }
    }
}

fn without_files(wants: &Wants) -> Wants {
    Wants {
        sinks: wants.sinks.clone(),
        switches: wants.switches.clone(),
        transmitters: wants.transmitters.clone(),
        coders: wants.coders.clone(),
        boards: wants.boards.clone(),
        trial: wants.trial,
        ..Wants::default()
    }
}
