//! Running the core ahead on a copy of the station, with outputs that do what is wanted of them and no link.

mod watch;
mod world;

use super::Site;
use crate::ahead::{Ahead, Rehearsal};
use crate::id::OutputId;
use crate::input::{Input, Made};
use crate::outputs::Health;
use crate::time::{Mono, Now, Wall};
use crate::verify::Keys;
use std::collections::{BTreeMap, BTreeSet};
use watch::Watch;
use world::World;

/// Moments a rehearsal has at most: a fortnight of a busy commune has some ten thousand.
const MOST: usize = 100_000;
/// Answers of the outputs at one moment.
const ROUNDS: usize = 64;

impl Site {
    /// A copy of what the station knows, for those who look ahead.
    pub fn ahead(&self, now: Now) -> Ahead {
        let faulted = self.output_ids().into_iter().filter_map(|id| match self.outputs.health(&id) {
            Health::Faulted(_, why) => {
                let fault = crate::device::Fault::Line(why.clone());
                Some((id, fault))
            }
            Health::Unknown | Health::Well => None,
        });
        Ahead {
            config: self.config.clone(),
            faulted: faulted.collect(),
            memory: self.memory.clone(),
            clips: self.clips.clone(),
            speech: self.speech.clone(),
            wall: self.wall(now),
            mono: now.mono,
        }
    }
}

impl Ahead {
    /// What would be aired in so many days if the link died now. Broken outputs stay broken, all others do what is
    /// wanted of them at once; the voice speaks what it has to, and no file comes that is not here.
    pub fn rehearse(mut self, days: u16) -> Rehearsal {
        let Some(from) = self.wall else { return Rehearsal::default() };
        let until = from.plus(i64::from(days) * 86_400_000);
        // Boards are silent, sensors and self-tests say nothing of what is aired.
        self.config.boards.clear();
        self.config.sensors.clear();
        self.config.ears.clear();
        self.config.selftest = crate::trial::SelfTest::default();
        self.memory.seen.clear();
        let told = |mono: Mono| {
            let since = i64::try_from(mono.since(self.mono)).unwrap_or(i64::MAX);
            Now { mono, wall: Some(from.plus(since)) }
        };
        let mut now = told(self.mono);
        let broken: BTreeSet<OutputId> = self.faulted.iter().map(|(id, _)| id.clone()).collect();
        let (mut site, first) = Site::new(self.config, self.memory, Keys::default(), now);
        let mut watch = Watch::default();
        watch.note(&site, &first, now);
        let known = self.clips.into_iter().map(|(id, made)| Input::Clip(id, made));
        let known = known.chain(self.speech.into_iter().map(|(id, made)| Input::Speech(id, made)));
        let outputs = site.output_ids();
        let said = outputs.into_iter().filter(|id| !broken.contains(id)).map(|id| (id, crate::device::Report::Well));
        let faults = self.faulted.into_iter().map(|(id, fault)| (id, crate::device::Report::Fault(fault)));
        let said = said.chain(faults).map(|(id, report)| Input::Device(id, report));
        for input in known.chain(said).chain([Input::Link { up: false }]) {
            let entries = site.step(input, now);
            watch.note(&site, &entries, now);
        }
        let mut world = World::new(broken);
        let mut cut_short = true;
        for _ in 0..MOST {
            for _ in 0..ROUNDS {
                let answers = answers(&mut site, &mut world, now);
                if answers.is_empty() {
                    break;
                }
                for input in answers {
                    let entries = site.step(input, now);
                    watch.note(&site, &entries, now);
                }
            }
            watch.look(&site, now);
            let woken = site.wake_at().map(|w| w.at).into_iter().chain(world.next_end()).min();
            let at = woken.unwrap_or(Mono(u64::MAX)).max(now.mono.plus(1));
            let next = told(at);
            if next.wall.is_none_or(|wall| wall >= until) || woken.is_none() {
                cut_short = false;
                break;
            }
            now = next;
            let input = world.ended(now.mono).unwrap_or(Input::Tick);
            let entries = site.step(input, now);
            watch.note(&site, &entries, now);
        }
        let last = if cut_short { now.wall.unwrap_or(until) } else { until };
        let mut rehearsal = watch.told(&site, now, last);
        (rehearsal.from, rehearsal.until) = (Some(from.rfc3339()), Some(last.rfc3339()));
        rehearsal.cut_short = cut_short;
        rehearsal
    }
}

/// What outputs and voice answer to what is wanted now.
fn answers(site: &mut Site, world: &mut World, now: Now) -> Vec<Input> {
    let lengths: BTreeMap<_, _> = site
        .airings
        .values()
        .filter_map(|a| a.playing())
        .filter_map(|p| Some((p.id, p.duration_ms?.saturating_sub(p.from_ms))))
        .collect();
    let unsaid: Vec<_> = site.wants().speech.iter().filter(|(id, _)| !site.speech.contains_key(*id)).collect();
    let spoken = unsaid.into_iter().map(|(id, want)| {
        // About thirteen letters a second, as the voice speaks.
        let duration_ms = want.text.chars().count() as u64 * 75;
        Input::Speech(id.clone(), Made::Ready { duration_ms })
    });
    let mut inputs: Vec<Input> = spoken.collect();
    inputs.extend(world.answers(site.wants(), &lengths, now.mono));
    inputs
}

/// Whole seconds between two moments.
fn seconds(from: Wall, until: Wall) -> u32 {
    u32::try_from((until.0 - from.0 + 500).div_euclid(1000)).unwrap_or(0)
}
