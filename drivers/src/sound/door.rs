//! Where wants come in: what each sink was told last, and the rings that carry it on.

use super::feed::{Priming, Spout, feed};
use super::mixer::Command;
use super::tone::{Chime, Tone};
use super::voice::{Sound, Voice, gain};
use gateway_core::id::{PlayId, SinkId};
use gateway_core::want::{Play, SinkWant, Source};
use rtrb::Producer;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

/// Something to be decoded, on a thread of its own.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) source: Source,
    pub(super) from_ms: u64,
    pub(super) rate: u32,
    pub(super) spout: Spout,
}

/// Clips that may wait for the control thread to start their decoders.
const JOBS: usize = 64;

/// One sink.
struct Door {
    sink: SinkId,
    want: SinkWant,
    /// What its mixer was told, as far as the ring had room.
    playing: Option<PlayId>,
    volume: u8,
    commands: Producer<Command>,
}

/// All sinks of a line. The lock is shared by those who tell and the line's control thread, which hold it for
/// microseconds; the thread that feeds the card never takes it.
pub(super) struct Doors {
    doors: Mutex<Vec<Door>>,
    jobs: mpsc::SyncSender<Job>,
    rate: AtomicU32,
}

impl Doors {
    /// Doors for sinks whose commands go down these rings, and the jobs they make.
    pub(super) fn new(sinks: Vec<SinkId>, commands: Vec<Producer<Command>>, rate: u32) -> (Self, mpsc::Receiver<Job>) {
        let (jobs, work) = mpsc::sync_channel(JOBS);
        let doors = sinks
            .into_iter()
            .zip(commands)
            .map(|(sink, commands)| Door { sink, want: SinkWant::default(), playing: None, volume: 0, commands })
            .collect();
        (Self { doors: Mutex::new(doors), jobs, rate: AtomicU32::new(rate) }, work)
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
        let Some(door) = doors.iter_mut().find(|d| d.sink == *sink) else { return false };
        if door.want != *want {
            door.want = want.clone();
            door.tell(self.rate(), &self.jobs);
        }
        true
    }

    /// Tells again what a full ring did not take.
    pub(super) fn retell(&self) {
        for door in self.locked().iter_mut() {
            door.tell(self.rate(), &self.jobs);
        }
    }

    /// Starts the sound of a sink again where `played_ms` of it have been heard: it was made for another card.
    pub(super) fn resume(&self, lane: usize, played_ms: u64) {
        let mut doors = self.locked();
        let Some(door) = doors.get_mut(lane) else { return };
        if let Some(play) = door.want.play.clone()
            && door.playing == Some(play.id)
            && !door.start(&play, played_ms, self.rate(), &self.jobs)
        {
            door.playing = None;
        }
    }
}

impl Door {
    /// Brings the mixer to what is wanted.
    fn tell(&mut self, rate: u32, jobs: &mpsc::SyncSender<Job>) {
        match self.want.play.clone() {
            None if self.playing.is_none() => {}
            None => {
                if self.commands.push(Command::Silence).is_ok() {
                    self.playing = None;
                }
            }
            Some(play) if self.playing == Some(play.id) => {
                let volume = self.want.volume;
                if volume != self.volume && self.commands.push(Command::Gain(gain(volume))).is_ok() {
                    self.volume = volume;
                }
            }
            Some(play) => {
                if self.start(&play, 0, rate, jobs) {
                    self.playing = Some(play.id);
                    self.volume = self.want.volume;
                }
            }
        }
    }

    /// Sends a new voice. `false`: the ring had no room.
    fn start(&mut self, play: &Play, played_ms: u64, rate: u32, jobs: &mpsc::SyncSender<Job>) -> bool {
        if self.commands.is_full() {
            return false;
        }
        let sound = match &play.source {
            Source::Tone { level, drill } => Sound::Tone(Tone::new(*level, *drill, rate)),
            Source::Chime => Sound::Chime(Chime::new(rate)),
            source @ (Source::Clip(_) | Source::Speech(_) | Source::Input(_) | Source::Stream(_) | Source::Live(_)) => {
                let priming = if play.source.is_live() { Priming::Live } else { Priming::File };
                let (spout, feed) = feed(rate, priming);
                let from_ms = play.from_ms + played_ms;
                // Were the control thread gone or stuck, the spout would be dropped here, which the play takes as its end.
                drop(jobs.try_send(Job { source: source.clone(), from_ms, rate, spout }));
                Sound::Feed(feed)
            }
        };
        let voice = Voice::new(play.id, sound, gain(self.want.volume), played_ms, rate);
        self.commands.push(Command::Play(voice)).is_ok()
    }
}
