//! Simulated outputs under told time: they do what is wanted after a while, unless they are deaf, dead or mistaken.

use super::undone::off;
use gateway_core::device::{Fault, Report, TransmitterState};
use gateway_core::id::{ClipId, OutputId, PlayId, SinkId, SpeechId};
use gateway_core::input::{Input, Made};
use gateway_core::time::Mono;
use gateway_core::want::{Grade, Play, Show, Source, Wants};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// It takes what it is told and says nothing.
    Deaf,
    /// Every attempt fails.
    Dead,
    /// It does what it is told and says so, three seconds late.
    Slow,
    /// It answers, and stays off whatever it is told; a sink takes what it is to play and plays none of it.
    Idle,
}

/// What an output did, for stories that look at the order of things.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A sink began to play a source.
    Plays(SinkId, Source),
    /// A sink fell silent.
    Silent(SinkId),
    /// An output other than a sink changed: a word for its new level.
    Turns(OutputId, String),
}

/// The outputs of a site and its file makers.
#[derive(Debug, Default)]
pub struct World {
    told: Wants,
    queue: BTreeMap<(Mono, u64), Happening>,
    order: u64,
    playing: BTreeMap<SinkId, Play>,
    /// What a sink begins by itself when what it plays has ended.
    next: BTreeMap<SinkId, Play>,
    /// What is wrong with which output.
    pub mishaps: BTreeMap<OutputId, Mishap>,
    /// Length of every file, milliseconds.
    pub length_ms: u64,
    /// Files that cannot be had.
    pub missing: BTreeSet<String>,
    /// Files that break off in the middle when they are played.
    pub broken: BTreeSet<String>,
    /// The speech engine is slow or absent: milliseconds a text takes; `None` = it never comes.
    pub speech_ms: Option<u64>,
    /// How long a download takes, milliseconds.
    pub fetch_ms: u64,
    /// How long an output takes to be read, milliseconds.
    pub answer_ms: u64,
    /// Reflected power of every transmitter, watts.
    pub reflected_w: f32,
    /// A microphone hears what sinks play.
    pub heard: bool,
    /// What a board shows is captured so long after its card took it, milliseconds; `None`: it cannot be.
    pub captured_ms: Option<u64>,
    /// What happened, if it is kept.
    pub timeline: Option<Vec<(Mono, Act)>>,
    making: BTreeSet<String>,
}

#[derive(Debug)]
enum Happening {
    Says(OutputId, Report),
    Plays(SinkId, PlayId, Report),
    Clip(ClipId, Made),
    Speech(SpeechId, Made),
}

/// How long a sink takes to sound, milliseconds.
const SOUND_MS: u64 = 8;
/// How long a relay, coder or transmitter takes, milliseconds.
const TURN_MS: u64 = 30;
/// How long a board takes, milliseconds.
const SHOW_MS: u64 = 120;
/// How long a download takes unless told otherwise, milliseconds.
const FETCH_MS: u64 = 400;
/// How late a slow output is, milliseconds.
const LATE_MS: u64 = 3_000;

impl World {
    /// Takes the wants in; what differs from the last ones begins to happen.
    pub fn apply(&mut self, wants: &Wants, now: Mono) {
        if self.length_ms == 0 {
            (self.length_ms, self.speech_ms, self.fetch_ms) = (4_000, self.speech_ms.or(Some(300)), FETCH_MS);
        }
        for (sink, want) in &wants.sinks {
            let id = want.play.as_ref().map(|p| p.id);
            self.next.remove(sink);
            if let Some(next) = &want.next {
                self.next.insert(sink.clone(), next.clone());
            }
            if self.playing.get(sink).map(|p| p.id) != id {
                self.play(sink, want.play.clone(), now);
            }
        }
        for (id, on) in &wants.switches {
            if self.told.switches.get(id) != Some(on) {
                let report = Report::Switch { on: *on, grade: Grade::Electrical };
                self.turn(OutputId::Switch(id.clone()), report, format!("{on}"), TURN_MS, now);
            }
        }
        for (id, on) in &wants.transmitters {
            if self.told.transmitters.get(id) != Some(on) {
                let forward_w = if *on { 30.0 } else { 0.0 };
                let (reflected_w, temperature_c) = (self.reflected_w, Some(40.0));
                let state = TransmitterState { carrier: *on, forward_w, reflected_w, temperature_c };
                self.turn(OutputId::Transmitter(id.clone()), Report::Transmitter(state), format!("{on}"), TURN_MS, now);
            }
        }
        for (id, want) in &wants.coders {
            if self.told.coders.get(id).map(|told| &told.zones) != Some(&want.zones) {
                let zones = &want.zones;
                let report = Report::Coder { zones: zones.clone(), grade: Grade::Sent };
                self.turn(OutputId::Coder(id.clone()), report, format!("{zones:?}"), TURN_MS, now);
            }
        }
        for (id, want) in &wants.boards {
            if self.told.boards.get(id) != Some(want) {
                let showing = match &want.show {
                    Show::Dark => None,
                    Show::Message(message) => Some(message.id),
                };
                let word = match &want.show {
                    Show::Dark => "dark".to_owned(),
                    Show::Message(message) => message.text.clone(),
                };
                let report = Report::Board { showing, grade: Grade::Electrical };
                self.turn(OutputId::Board(id.clone()), report, word, SHOW_MS, now);
                if let Some(ms) = self.captured_ms.filter(|_| !self.mishaps.contains_key(&OutputId::Board(id.clone())))
                {
                    let report = Report::Board { showing, grade: Grade::Content };
                    self.push(now.plus(SHOW_MS + ms), Happening::Says(OutputId::Board(id.clone()), report));
                }
            }
        }
        if let Some(look) = wants.trial.filter(|look| self.told.trial != Some(*look)) {
            self.look(look, wants, now);
        }
        for id in wants.clips.keys() {
            if self.making.insert(id.to_string()) {
                let made = self.made(id.as_str());
                self.push(now.plus(self.fetch_ms), Happening::Clip(id.clone(), made));
            }
        }
        for id in wants.speech.keys() {
            if let Some(ms) = self.speech_ms
                && self.making.insert(id.to_string())
            {
                let made = self.made(id.as_str());
                self.push(now.plus(ms), Happening::Speech(id.clone(), made));
            }
        }
        if self.told != *wants {
            self.told = wants.clone();
        }
    }

    /// Every output is read for a self-test, and says how long that took; the deaf say nothing.
    fn look(&mut self, look: u64, wants: &Wants, now: Mono) {
        let mut said: Vec<(OutputId, Option<Report>)> = Vec::new();
        said.extend(wants.sinks.keys().map(|id| (OutputId::Sink(id.clone()), Some(Report::Well))));
        for (id, on) in &wants.switches {
            let report = Report::Switch { on: *on, grade: Grade::Electrical };
            said.push((OutputId::Switch(id.clone()), Some(report)));
        }
        // Its mains are off: there is nothing to be read.
        said.extend(wants.transmitters.keys().map(|id| (OutputId::Transmitter(id.clone()), None)));
        for (id, want) in &wants.coders {
            let report = Report::Coder { zones: want.zones.clone(), grade: Grade::Sent };
            said.push((OutputId::Coder(id.clone()), Some(report)));
        }
        for id in wants.boards.keys() {
            let report = Report::Board { showing: None, grade: Grade::Electrical };
            said.push((OutputId::Board(id.clone()), Some(report)));
        }
        for (id, report) in said {
            let report = match self.mishaps.get(&id) {
                Some(Mishap::Deaf) => continue,
                Some(Mishap::Dead) => Some(Report::Fault(Fault::Line("no answer".to_owned()))),
                Some(Mishap::Idle) => report.map(|_| off(&id)),
                Some(Mishap::Slow) | None => report,
            };
            let ms = if self.mishaps.contains_key(&id) { LATE_MS } else { self.answer_ms.max(1) };
            if let Some(report) = report {
                self.push(now.plus(ms), Happening::Says(id.clone(), report));
            }
            let tried = Report::Tried { look, ms, figures: Vec::new() };
            self.push(now.plus(ms), Happening::Says(id, tried));
        }
    }

    fn made(&self, id: &str) -> Made {
        if self.missing.contains(id) {
            Made::Failed("not to be had".to_owned())
        } else {
            Made::Ready { duration_ms: self.length_ms }
        }
    }

    fn push(&mut self, at: Mono, happening: Happening) {
        self.order += 1;
        self.queue.insert((at, self.order), happening);
    }

    fn keep(&mut self, now: Mono, act: Act) {
        if let Some(timeline) = &mut self.timeline {
            timeline.push((now, act));
        }
    }

    fn play(&mut self, sink: &SinkId, play: Option<Play>, now: Mono) {
        let Some(play) = play else {
            if self.playing.remove(sink).is_some() {
                self.keep(now, Act::Silent(sink.clone()));
            }
            return;
        };
        let id = OutputId::Sink(sink.clone());
        match self.mishaps.get(&id).copied() {
            Some(Mishap::Dead) => {
                let fault = Report::Fault(Fault::Line("no card".to_owned()));
                self.push(now.plus(1), Happening::Says(id, fault));
            }
            Some(Mishap::Deaf | Mishap::Idle) => {}
            slow @ (Some(Mishap::Slow) | None) => {
                let begins = now.plus(if slow.is_some() { LATE_MS } else { SOUND_MS });
                self.begin(sink, &play, begins, now);
            }
        }
        self.playing.insert(sink.clone(), play);
    }

    fn begin(&mut self, sink: &SinkId, play: &Play, begins: Mono, now: Mono) {
        self.keep(now, Act::Plays(sink.clone(), play.source.clone()));
        let sounding = Report::Sounding { play: play.id };
        self.push(begins, Happening::Plays(sink.clone(), play.id, sounding));
        let file = match &play.source {
            Source::Tone { .. } | Source::Chime | Source::Digits(_) => None,
            Source::Input(_) | Source::Stream(_) | Source::Live(_) => None,
            Source::Clip(id) => Some(id.as_str()),
            Source::Speech(id) => Some(id.as_str()),
        };
        let broken = file.is_some_and(|f| self.broken.contains(f));
        let length = match &play.source {
            Source::Tone { .. } | Source::Input(_) | Source::Stream(_) | Source::Live(_) => None,
            Source::Chime => Some(1_000),
            Source::Digits(digits) => Some(digits.length_ms()),
            Source::Clip(_) | Source::Speech(_) if broken => Some(500),
            Source::Clip(_) | Source::Speech(_) => Some(self.length_ms.saturating_sub(play.from_ms)),
        };
        if self.heard && play.source == Source::Chime {
            let heard = Report::Heard { play: play.id, grade: Grade::Tone };
            self.push(begins.plus(900), Happening::Plays(sink.clone(), play.id, heard));
        }
        if let Some(played_ms) = length {
            let broken = broken.then(|| "not decodable from here on".to_owned());
            let ended = Report::Ended { play: play.id, played_ms, broken };
            self.push(begins.plus(played_ms), Happening::Plays(sink.clone(), play.id, ended));
        }
    }

    fn turn(&mut self, id: OutputId, report: Report, word: String, after: u64, now: Mono) {
        self.unsay(&id);
        match self.mishaps.get(&id).copied() {
            Some(Mishap::Deaf) => {}
            Some(Mishap::Idle) => self.push(now.plus(after), Happening::Says(id.clone(), off(&id))),
            Some(Mishap::Dead) => {
                let fault = Report::Fault(Fault::Line("no answer".to_owned()));
                self.push(now.plus(after), Happening::Says(id, fault));
            }
            slow @ (Some(Mishap::Slow) | None) => {
                self.keep(now, Act::Turns(id.clone(), word));
                let after = if slow.is_some() { LATE_MS } else { after };
                self.push(now.plus(after), Happening::Says(id, report));
            }
        }
    }

    /// What was to be said of a level that is no more is not said late: outputs are looked at again and again.
    fn unsay(&mut self, id: &OutputId) {
        self.queue.retain(|_, happening| match happening {
            Happening::Says(of, report) => {
                of != id || matches!(report, Report::Well | Report::Fault(_) | Report::Tried { .. })
            }
            Happening::Plays(..) | Happening::Clip(..) | Happening::Speech(..) => true,
        });
    }

    /// The moment of the next thing that any of them says.
    pub fn next_at(&self) -> Option<Mono> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// The next thing that is due.
    pub fn pop(&mut self, now: Mono) -> Option<Input> {
        while let Some(first) = self.queue.first_entry() {
            if first.key().0 > now {
                return None;
            }
            match first.remove() {
                Happening::Says(id, report) => return Some(Input::Device(id, report)),
                Happening::Clip(id, made) => return Some(Input::Clip(id, made)),
                Happening::Speech(id, made) => return Some(Input::Speech(id, made)),
                Happening::Plays(sink, play, report) => {
                    // A play that was replaced says nothing any more.
                    if self.playing.get(&sink).is_some_and(|p| p.id == play) {
                        let ended = matches!(report, Report::Ended { .. });
                        if ended && let Some(next) = self.next.remove(&sink) {
                            self.begin(&sink, &next, now, now);
                            self.playing.insert(sink.clone(), next);
                        }
                        return Some(Input::Device(OutputId::Sink(sink), report));
                    }
                }
            }
        }
        None
    }

    /// Something goes wrong with an output, or (`None`) it is mended: then it says so and does what it was told.
    pub fn set(&mut self, id: &OutputId, mishap: Option<Mishap>, now: Mono) {
        match mishap {
            Some(mishap) => {
                self.mishaps.insert(id.clone(), mishap);
                match mishap {
                    Mishap::Deaf | Mishap::Slow => {}
                    Mishap::Dead => {
                        let fault = Report::Fault(Fault::Line("unplugged".to_owned()));
                        self.push(now.plus(1), Happening::Says(id.clone(), fault));
                    }
                    Mishap::Idle => self.push(now.plus(1), Happening::Says(id.clone(), off(id))),
                }
            }
            None => {
                if self.mishaps.remove(id).is_some() {
                    self.push(now.plus(1), Happening::Says(id.clone(), Report::Well));
                    self.forget(id);
                }
            }
        }
    }

    /// The output is told its level again at the next opportunity.
    fn forget(&mut self, id: &OutputId) {
        match id {
            OutputId::Sink(id) => {
                self.playing.remove(id);
                self.next.remove(id);
            }
            OutputId::Switch(id) => {
                self.told.switches.remove(id);
            }
            OutputId::Transmitter(id) => {
                self.told.transmitters.remove(id);
            }
            OutputId::Coder(id) => {
                self.told.coders.remove(id);
            }
            OutputId::Board(id) => {
                self.told.boards.remove(id);
            }
            OutputId::Sensor(_) => {}
        }
    }

    /// Every output falls silent and forgets; files stay, and are found again.
    pub fn power_off(&mut self) {
        let before = std::mem::take(self);
        *self = Self {
            mishaps: before.mishaps,
            missing: before.missing,
            broken: before.broken,
            length_ms: before.length_ms,
            speech_ms: before.speech_ms,
            fetch_ms: before.fetch_ms,
            answer_ms: before.answer_ms,
            reflected_w: before.reflected_w,
            heard: before.heard,
            captured_ms: before.captured_ms,
            timeline: before.timeline,
            ..Self::default()
        };
    }

    /// What a sink plays now.
    pub fn source(&self, sink: &str) -> Option<&Source> {
        self.playing.get(&SinkId::from(sink)).map(|p| &p.source)
    }
}
