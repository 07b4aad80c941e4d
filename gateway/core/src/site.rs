//! The door: something happened (`step`), what should be true now (`wants`), when to be woken (`wake_at`), what may be
//! shown (`view`).

mod admit;
mod ahead;
mod air;
mod approve;
mod boards;
mod book;
mod booking;
mod called;
mod claims;
mod close;
mod content;
mod desk;
mod drill;
mod files;
mod filler;
mod follows;
mod gates;
mod heard;
mod idle;
mod ladder;
mod level;
mod measured;
mod opening;
mod papers;
mod prepared;
mod pressed;
mod province;
mod quiet;
mod recall;
mod records;
mod relay;
mod sensed;
mod shelf;
mod shown;
mod silence;
mod sounded;
mod standing;
mod toned;
mod trial;
mod tripped;
mod tuned;
mod voices;
mod warned;

use crate::arbiter::{self, Air, Limits};
use crate::claim::{Claim, ClaimId};
use crate::config::SiteConfig;
use crate::id::{BoardId, BulletinId, ClipId, ClusterId, InputId, PlayId, SensorId, SinkId, SpeechId, TransmitterId};
use crate::input::{Input, Made};
use crate::journal::{self, Entry, Event};
use crate::keying::Keying;
use crate::memory::Memory;
use crate::outputs::Outputs;
use crate::sensors::Sensors;
use crate::time::{Mono, Now, Wall};
use crate::verify::{Judge, Keys};
use crate::view::{Records, View};
use crate::want::Wants;
use air::Airing;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use approve::OWN;
pub use standing::Standing;

/// When to be woken, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wake {
    /// When.
    pub at: Mono,
    /// What is waited for, for the log.
    pub why: &'static str,
}

/// A commune station.
#[derive(Debug)]
pub struct Site {
    config: SiteConfig,
    memory: Memory,
    outputs: Outputs,
    sensors: Sensors,
    /// Buttons that are down.
    held: BTreeMap<SensorId, pressed::Held>,
    /// Sensors whose buzzer sounds, since when.
    buzzing: BTreeMap<SensorId, Mono>,
    keyings: BTreeMap<TransmitterId, Keying>,
    quiet: BTreeMap<TransmitterId, quiet::Quiet>,
    /// What transmitters with zone tones have said to their receivers.
    toned: BTreeMap<TransmitterId, toned::Toned>,
    airings: BTreeMap<(ClaimId, SinkId), Airing>,
    clips: BTreeMap<ClipId, Made>,
    speech: BTreeMap<SpeechId, Made>,
    /// Name of each bulletin's spoken Vietnamese text: SHA-256 is too dear to be worked out at every step.
    spoken: BTreeMap<BulletinId, SpeechId>,
    silenced_until: BTreeMap<ClusterId, Mono>,
    darkened_until: BTreeMap<BoardId, Mono>,
    /// A `time` message of the hub: wall clock minus monotonic clock, milliseconds.
    told_offset: Option<i64>,
    /// Wall time at power-on as far as the floor knows it, for records made without a trusted clock.
    floor_at_start: (Wall, Mono),
    online: bool,
    disk_ok: bool,
    /// Identities of refused messages that were answered lately: each once, and a bounded number.
    answered: VecDeque<(String, Mono)>,
    paths: BTreeMap<ClusterId, usize>,
    /// Inputs that failed, until when they are left alone.
    dead_inputs: BTreeMap<InputId, Mono>,
    /// Inputs whose tuner receives another station than it should, or none that it knows.
    tunings: BTreeMap<InputId, tuned::Tuning>,
    /// Sinks that howl, and where, hertz.
    howling: BTreeMap<SinkId, u32>,
    claims: Vec<Claim>,
    air: Air,
    zones: BTreeMap<TransmitterId, BTreeSet<u16>>,
    /// What came of the bulletins that are on air, by sink.
    results: BTreeMap<(BulletinId, SinkId), close::Came>,
    /// When the sound of an emergency was over on all its sinks.
    sounded: BTreeMap<BulletinId, Mono>,
    book: book::Book,
    calendar: drill::Calendar,
    trial: Option<trial::Running>,
    /// Emergencies in an officer's voice that broke off.
    broken_voices: BTreeSet<BulletinId>,
    ready: prepared::Ready,
    desk_papers: papers::Desk,
    /// Who asks for the microphone.
    asks: BTreeMap<BulletinId, String>,
    /// When the connection to the hub came or went last.
    link_turned: Option<Mono>,
    /// Another box of the same identity is on the broker.
    second_box: bool,
    /// What screens are told of drills and self-tests in full.
    records: Arc<Records>,
    shelf: shelf::Shelf,
    wants: Wants,
    needs: files::Needs,
    wake: Option<Wake>,
    next_play: u64,
    entries: Vec<Entry>,
}

/// Rounds of settling in one step: each closes or opens something, and there is an end to what one input can cause.
const ROUNDS: usize = 100;
/// The time floor is raised this often, milliseconds: a commit every ten minutes wears no card out.
const FLOOR_STEP_MS: i64 = 600_000;

impl Site {
    /// A station that has just been switched on, with what it remembers; the entries are to be remembered too.
    pub fn new(config: SiteConfig, memory: Memory, first_keys: Keys, now: Now) -> (Self, Vec<Entry>) {
        let shelf = shelf::Shelf::of(&memory);
        let mut site = Self {
            floor_at_start: (memory.floor, now.mono),
            config,
            memory,
            outputs: Outputs::default(),
            sensors: Sensors::default(),
            held: BTreeMap::new(),
            buzzing: BTreeMap::new(),
            keyings: BTreeMap::new(),
            quiet: BTreeMap::new(),
            toned: BTreeMap::new(),
            airings: BTreeMap::new(),
            clips: BTreeMap::new(),
            speech: BTreeMap::new(),
            spoken: BTreeMap::new(),
            silenced_until: BTreeMap::new(),
            darkened_until: BTreeMap::new(),
            told_offset: None,
            online: false,
            disk_ok: true,
            answered: VecDeque::new(),
            paths: BTreeMap::new(),
            dead_inputs: BTreeMap::new(),
            tunings: BTreeMap::new(),
            howling: BTreeMap::new(),
            claims: Vec::new(),
            air: Air::default(),
            zones: BTreeMap::new(),
            results: BTreeMap::new(),
            sounded: BTreeMap::new(),
            book: book::Book::default(),
            calendar: drill::Calendar::default(),
            trial: None,
            broken_voices: BTreeSet::new(),
            ready: prepared::Ready::default(),
            desk_papers: papers::Desk::default(),
            asks: BTreeMap::new(),
            link_turned: None,
            second_box: false,
            records: Arc::default(),
            shelf,
            wants: Wants::default(),
            needs: files::Needs::default(),
            wake: None,
            next_play: 1,
            entries: Vec::new(),
        };
        site.remember_records();
        site.show_office();
        site.note(Event::Started { version: env!("CARGO_PKG_VERSION").to_owned() }, now);
        if site.memory.keys.is_none() {
            site.note(Event::Keys { keys: first_keys }, now);
        }
        site.recall_the_hushes(now);
        site.recall_the_trips();
        site.end_lives_of_before(now);
        site.name_all_speech();
        site.settle(now);
        let entries = std::mem::take(&mut site.entries);
        (site, entries)
    }

    /// Takes one thing in that happened; the entries are to be remembered, in this order, in one commit.
    pub fn step(&mut self, input: Input, now: Now) -> Vec<Entry> {
        match input {
            Input::Hub(Ok(message)) => self.admit(&message, now),
            Input::Hub(Err(refused)) => self.refuse(refused, None, now),
            Input::Link { up } => self.link_turned(up, now),
            Input::SecondBox { there } => self.second_box(there, now),
            Input::Device(id, report) => self.hear(&id, &report, now),
            Input::Tuned(id, tuned) => self.tuned(&id, tuned, now),
            Input::Desk(order) => self.order(order, now),
            Input::Clip(id, made) => self.clip_made(id, made),
            Input::Speech(id, made) => self.speech_made(id, made),
            Input::Ruling(met) => self.meet_ruling(met, now),
            Input::Disk { well } => self.disk(well, now),
            Input::Tick => {}
        }
        self.settle(now);
        std::mem::take(&mut self.entries)
    }

    /// What should be true now.
    pub fn wants(&self) -> &Wants {
        &self.wants
    }

    /// When to be woken with a [`Input::Tick`], and why.
    pub fn wake_at(&self) -> Option<Wake> {
        self.wake
    }

    /// What may be shown.
    pub fn view(&self, now: Now) -> View {
        self.shown(now)
    }

    /// What the station remembers; the store keeps a copy of it now and then.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What the site is made of.
    pub fn config(&self) -> &SiteConfig {
        &self.config
    }

    /// Who has the air, for tests and traces.
    pub fn air(&self) -> &Air {
        &self.air
    }

    /// The trust store in force.
    pub fn keys(&self) -> Keys {
        self.memory.keys.clone().unwrap_or_default()
    }

    /// Judges a message as far as can be done without this station's memory of other messages.
    pub fn verify(
        &self,
        raw: &[u8],
        scope: Option<&str>,
        now: Now,
    ) -> Result<crate::verify::Verified<crate::wire::Envelope>, crate::verify::Refused> {
        static NONE: Keys = Keys { keys: Vec::new() };
        let judge = Judge {
            station: &self.config.station,
            province: &self.config.province,
            commune: &self.config.commune,
            scope,
            wall: self.wall(now),
            floor: self.memory.floor,
        };
        self.memory.keys.as_ref().unwrap_or(&NONE).verify(raw, &judge)
    }

    /// The wall clock, where the shell or the hub vouches for it.
    pub fn wall(&self, now: Now) -> Option<Wall> {
        let told = || self.told_offset.map(|offset| Wall(offset.saturating_add_unsigned(now.mono.0)));
        now.wall.or_else(told)
    }

    /// The best guess at the time, for records: the wall clock, else the floor plus the time since power-on.
    fn record_time(&self, now: Now) -> Wall {
        self.wall(now).unwrap_or_else(|| {
            let (floor, since) = self.floor_at_start;
            floor.plus(i64::try_from(now.mono.since(since)).unwrap_or(i64::MAX))
        })
    }

    /// Remembers: memory and journal change here and nowhere else.
    fn note(&mut self, event: Event, now: Now) {
        let (at, trusted) = (self.record_time(now), self.wall(now).is_some());
        self.memory.seq += 1;
        self.follow_needs(&event);
        self.memory.apply(&event);
        self.shelf.follow(&event, &self.memory);
        self.follow_records(&event);
        self.follow_office(&event);
        let uplinks = journal::uplinks(&event, &self.memory, at, trusted);
        let entry = Entry::new(&self.memory, event, at, trusted, uplinks);
        self.memory.hash.clone_from(&entry.hash);
        self.entries.push(entry);
    }

    /// Brings everything that follows from what is known to rest.
    fn settle(&mut self, now: Now) {
        self.wake = None;
        self.raise_floor(now);
        self.lift_hushes(now);
        self.forgive(now);
        self.watch_sensors(now);
        for round in 0..ROUNDS {
            let noted = self.memory.seq;
            self.ripen(now);
            self.run_book(now);
            self.run_drills(now);
            self.expire(now);
            self.arbitrate(now);
            self.watch_silence(now);
            self.key(now);
            self.watch_steps(now);
            let moved = self.run_trial(now) | self.drive_all(now);
            self.stand_in_for_voices(now);
            self.climb(now);
            self.close(now);
            self.close_recalls(now);
            if noted == self.memory.seq && !moved {
                break;
            }
            if round + 1 == ROUNDS {
                self.wake(now.mono.plus(1), "what one input caused was not at rest");
            }
        }
        self.level(now);
    }

    fn arbitrate(&mut self, now: Now) {
        if self.outputs.has_turned() || self.paths.is_empty() {
            self.choose_paths(now);
            self.book.forget_decisions();
        }
        self.claims = self.standing_claims(now);
        let silenced: BTreeSet<ClusterId> = self.memory.silenced.keys().cloned().collect();
        let limits = Limits { silenced: &silenced, paths: &self.paths };
        let airings = &self.airings;
        let is_over =
            |claim: &ClaimId, sink: &SinkId| airings.get(&(claim.clone(), sink.clone())).is_some_and(Airing::is_over);
        let mut air = arbiter::arbitrate(&self.config, &self.claims, &limits, is_over);
        for (sink, addressed) in &mut air.addressed {
            let Some(targets) = air.sinks.get(sink).and_then(|claim| self.item_targets(claim, sink)) else { continue };
            addressed.retain(|cluster| targets.has_cluster(cluster));
        }
        self.air = air;
    }

    fn raise_floor(&mut self, now: Now) {
        if let Some(wall) = self.wall(now)
            && wall.0 >= self.memory.floor.0.saturating_add(FLOOR_STEP_MS)
        {
            let ((day, _), (before, _)) = (wall.local(), self.memory.floor.local());
            self.note(Event::Floor { at: wall }, now);
            if day != before && !self.memory.programmes.is_empty() {
                self.note(Event::DayBegan { day: day.to_string() }, now);
            }
        }
    }

    /// Asks to be woken at a moment, unless an earlier one is asked for already.
    fn wake(&mut self, at: Mono, why: &'static str) {
        let wake = Wake { at, why };
        self.wake = Some(self.wake.map_or(wake, |w| w.min(wake)));
    }

    /// Asks to be woken at a wall time, where the wall clock is known; a bare hour at the most, since it may be set.
    fn wake_wall(&mut self, at: Wall, now: Now, why: &'static str) {
        if let Some(wall) = self.wall(now) {
            let ahead = u64::try_from(at.0.saturating_sub(wall.0)).unwrap_or(0).clamp(1, 3_600_000);
            self.wake(now.mono.plus(ahead), why);
        }
    }

    fn new_play(&mut self) -> PlayId {
        self.next_play += 1;
        PlayId(self.next_play)
    }
}
