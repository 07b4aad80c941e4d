//! Where wants come in: what each sink was told last, and the rings that carry it on.

use super::Processing;
use super::dtmf::Dialled;
use super::feed::{Priming, Spout, feed_at};
use super::lane::{Command, Place};
use super::tone::{Chime, Tone};
use super::voice::{Sound, Voice, gain};
use gateway_core::id::{PlayId, SinkId};
use gateway_core::want::{Beneath, Join, Loudness, Play, SinkWant, Source, Under};
use rtrb::Producer;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Something to be decoded, on a thread of its own.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) source: Source,
    pub(super) from_ms: u64,
    pub(super) rate: u32,
    pub(super) spout: Spout,
}

/// What comes from a file begins so long after it was told: on every line at the same moment, whatever its periods, and
/// late enough for its decoder. What sounds meanwhile goes on until then.
const LEAD: Duration = Duration::from_millis(200);
/// Clips that may wait for the control thread to start their decoders.
const JOBS: usize = 64;

/// What a mixer was told: who, and how loud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    play: Option<PlayId>,
    next: Option<PlayId>,
    under: Option<(PlayId, Beneath)>,
    volume: u8,
}

/// One sink.
struct Door {
    sink: SinkId,
    processing: Processing,
    want: SinkWant,
    /// What its mixer was told, as far as the ring had room.
    told: Told,
    /// Plays whose voices it was given.
    given: Vec<PlayId>,
    /// Plays whose voices were lost with a card, with how much of them had played, milliseconds.
    lost: Vec<(PlayId, u64)>,
    commands: Producer<Command>,
}

/// All sinks of a line. The lock is shared by those who tell and the line's control thread, which hold it for
/// microseconds; the thread that feeds the card never takes it.
pub(super) struct Doors {
    doors: Mutex<Vec<Door>>,
    jobs: mpsc::SyncSender<Job>,
    rate: AtomicU32,
    /// What each sink was last told to play, as [`Wanted`].
    wanted: Vec<AtomicU8>,
}

/// What a sink was last told to play, for those who must not take the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Programme,
    Emergency,
}

impl Wanted {
    fn of(want: &SinkWant) -> Self {
        match want.play.as_ref().map(|p| p.loudness) {
            None => Self::Nothing,
            Some(Loudness::Programme) => Self::Programme,
            Some(Loudness::Emergency) => Self::Emergency,
        }
    }
}

impl Doors {
    /// Doors for sinks whose commands go down these rings, and the jobs they make.
    pub(super) fn new(
        sinks: Vec<(SinkId, Processing)>,
        commands: Vec<Producer<Command>>,
        rate: u32,
    ) -> (Self, mpsc::Receiver<Job>) {
        let (jobs, work) = mpsc::sync_channel(JOBS);
        let wanted = sinks.iter().map(|_| AtomicU8::new(Wanted::Nothing as u8)).collect();
        let doors = sinks
            .into_iter()
            .zip(commands)
            .map(|((sink, processing), commands)| Door {
                sink,
                processing,
                want: SinkWant::default(),
                told: Told::default(),
                given: Vec::new(),
                lost: Vec::new(),
                commands,
            })
            .collect();
        (Self { doors: Mutex::new(doors), jobs, rate: AtomicU32::new(rate), wanted }, work)
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sample rate of the line, hertz.
    pub(super) fn rate(&self) -> u32 {
        self.rate.load(Ordering::Relaxed)
    }

    /// The card turned out to want another rate, hertz.
    pub(super) fn set_rate(&self, rate: u32) {
        // Behind the lock: whoever made a sound for the old rate has sent it by now, and it is found and sent back.
        let doors = self.locked();
        self.rate.store(rate, Ordering::Relaxed);
        drop(doors);
    }

    /// Tells a sink what is wanted of it. `false`: no sink of this line.
    pub(super) fn apply(&self, sink: &SinkId, want: &SinkWant) -> bool {
        let mut doors = self.locked();
        let Some(lane) = doors.iter().position(|d| d.sink == *sink) else { return false };
        // Before the mixer hears of it: no sample of an emergency is taken for a programme.
        self.wanted[lane].store(Wanted::of(want) as u8, Ordering::Release);
        let door = &mut doors[lane];
        if door.want != *want {
            door.want = want.clone();
            door.tell(self.rate(), &self.jobs);
        }
        true
    }

    /// What a sink was last told to play. Takes no lock.
    pub(super) fn wanted(&self, lane: usize) -> Wanted {
        let told = self.wanted.get(lane).map(|w| w.load(Ordering::Acquire));
        [Wanted::Programme, Wanted::Emergency].into_iter().find(|w| told == Some(*w as u8)).unwrap_or(Wanted::Nothing)
    }

    /// Tells again what a full ring did not take.
    pub(super) fn retell(&self) {
        for door in self.locked().iter_mut() {
            door.tell(self.rate(), &self.jobs);
        }
    }

    /// Starts a play of a sink again where `played_ms` of it have been heard: it was made for another card.
    pub(super) fn resume(&self, lane: usize, play: PlayId, played_ms: u64) {
        let mut doors = self.locked();
        let Some(door) = doors.get_mut(lane) else { return };
        door.given.retain(|p| *p != play);
        door.lost.push((play, played_ms));
        door.tell(self.rate(), &self.jobs);
    }
}

impl Told {
    fn of(want: &SinkWant) -> Self {
        Self {
            play: want.play.as_ref().map(|p| p.id),
            next: want.next.as_ref().map(|p| p.id),
            under: want.under.as_ref().map(|u| (u.play.id, u.how)),
            volume: want.volume,
        }
    }

    fn plays(&self) -> impl Iterator<Item = PlayId> {
        [self.play, self.next, self.under.map(|(play, _)| play)].into_iter().flatten()
    }
}

impl Door {
    /// Brings the mixer to what is wanted, if there is room to tell it.
    fn tell(&mut self, rate: u32, jobs: &mpsc::SyncSender<Job>) {
        let told = Told::of(&self.want);
        // An empty sink has no volume to change.
        let silent = told.plays().next().is_none() && self.told.plays().next().is_none();
        if silent || (told == self.told && self.lost.is_empty()) || self.commands.is_full() {
            return;
        }
        let SinkWant { play, next, under, volume } = self.want.clone();
        let together = play.as_ref().filter(|p| !self.given.contains(&p.id) && self.lost.is_empty());
        let at = together.filter(|p| begins_together(&p.source)).map(|_| Instant::now() + LEAD);
        let command = Command {
            play: self.place(play, rate, jobs),
            next: self.place(next, rate, jobs),
            under: under.map(|Under { play, how }| (self.place(Some(play), rate, jobs), how)),
            gain: gain(volume),
            at,
        };
        // There is room, as was looked.
        if self.commands.push(command).is_ok() {
            self.given = told.plays().collect();
            self.told = told;
            self.lost.clear();
        }
    }

    fn place(&self, play: Option<Play>, rate: u32, jobs: &mpsc::SyncSender<Job>) -> Place {
        match play {
            None => Place::Empty,
            Some(play) if self.given.contains(&play.id) => Place::Known(play.id),
            Some(play) => Place::Fresh(self.voice(&play, rate, jobs)),
        }
    }

    /// Makes a voice, and has its decoder started where it needs one.
    fn voice(&self, play: &Play, rate: u32, jobs: &mpsc::SyncSender<Job>) -> Voice {
        let played_ms = self.lost.iter().find(|(lost, _)| *lost == play.id).map_or(0, |(_, ms)| *ms);
        let Processing { target_lufs, emergency_lu, cross_fade_ms, .. } = self.processing;
        let target = match play.loudness {
            Loudness::Programme => target_lufs,
            Loudness::Emergency => target_lufs + emergency_lu,
        };
        let (sound, lufs) = match &play.source {
            Source::Tone { level, drill } => {
                let tone = Tone::new(*level, *drill, rate);
                let lufs = tone.lufs();
                (Sound::Tone(tone), lufs)
            }
            Source::Chime => (Sound::Chime(Chime::new(rate)), Chime::LUFS),
            // Its level is what receivers were set to, not what is pleasant.
            Source::Digits(digits) => (Sound::Digits(Dialled::new(digits, rate)), target),
            source @ (Source::Clip(_) | Source::Speech(_) | Source::Input(_) | Source::Stream(_) | Source::Live(_)) => {
                let priming = if source.is_live() { Priming::Live } else { Priming::File };
                let (spout, feed) = feed_at(rate, priming, target, cross_fade_ms);
                let from_ms = play.from_ms + played_ms;
                // Were the control thread gone or stuck, the spout would be dropped here, which the play takes as its end.
                drop(jobs.try_send(Job { source: source.clone(), from_ms, rate, spout }));
                (Sound::Feed(feed), target)
            }
        };
        // A cross-fade of no length is a cut.
        let join = if cross_fade_ms == 0 { Join::Cut } else { play.join };
        let level = 10.0_f32.powf((target - lufs) / 20.0);
        Voice::new(play.id, sound, gain(self.want.volume), played_ms, rate).joining(join, level)
    }
}

/// A tone is to sound at once, and what is live has a pace of its own.
fn begins_together(source: &Source) -> bool {
    match source {
        Source::Chime | Source::Clip(_) | Source::Speech(_) => true,
        Source::Tone { .. } | Source::Digits(_) | Source::Input(_) | Source::Stream(_) | Source::Live(_) => false,
    }
}
