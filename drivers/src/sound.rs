//! Sound: what a sink is wanted to play is played, at once, and what was heard of it is reported.
//!
//! A [`SoundLine`] is one sound card (or a network stream, or the recorder, which writes files) with the sinks on its
//! channels. The way of a sound is `door` (what is wanted) → `voice` (one act of playing: `tone`, or a clip that `decode` pours through `feed`)
//! → `lane` (what sounds at a sink, what follows, what lies beneath) → `chain` (`emphasis`, `limiter`) → `mixer` (all
//! sinks, block by block) → `card` and `stream`, where `discipline` and `stretch` keep it with the system's clock, or
//! `rtp` or `recorder`; `tap` lets others hear what left; `control` owns the line and reports.
//!
//! Few threads touch a sound. The one that tells what is wanted holds a lock for microseconds and never waits. The one
//! that feeds the card takes no lock, allocates and frees nothing. Decoders and listeners have their own, at the other
//! ends of bounded rings. The control thread does the rest.

use control::{Afoot, Control, Outlet};
use door::Doors;
use gateway_core::device::Report;
use gateway_core::id::SinkId;
use gateway_core::want::{SinkWant, Source};
use mixer::{Mixer, Strand};
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, Thread};
use std::time::Duration;

pub mod air;
mod analyse;
mod breakdown;
mod card;
mod chain;
mod control;
mod decode;
mod discipline;
mod door;
mod dtmf;
mod emphasis;
mod feed;
mod growing;
pub mod keep;
mod lane;
mod length;
mod limiter;
mod listen;
mod mixer;
mod models;
pub mod monitor;
mod oggopus;
mod ramp;
mod realtime;
mod recorder;
mod resample;
pub mod rtp;
mod source;
mod stream;
mod stretch;
mod tap;
mod tone;
mod voice;

pub use decode::{Examined, Probed, examine, probe};
pub use growing::Growing;
pub use listen::{Left, Listener};
pub use models::{MODELS, TONE_MODELS};
pub use source::{InputConfig, LiveVoice, Sources};

/// Where the file of a clip or a spoken text lies, and what was measured of it; `None` if it is not there. Asked on a
/// decoder's thread: it may block.
pub type Files = Arc<dyn Fn(&Source) -> Option<Media> + Send + Sync>;

/// Who listens to what leaves a sink, asked once for each when its line starts.
pub type Audience = Arc<dyn Fn(&SinkId) -> Vec<Box<dyn Listener>> + Send + Sync>;

/// Takes the reports of a line's sinks, on the line's control thread: it must not block for long.
pub type Reports = Arc<dyn Fn(SinkId, Report) + Send + Sync>;

/// How long stopping waits for a card that does not let go.
const PATIENCE: Duration = Duration::from_secs(2);
/// The rate until a card has said its own, hertz.
const RATE: u32 = 48_000;
/// Stack of a control thread: ALSA opens its plug-ins on it.
const CONTROL_STACK: usize = 512 * 1024;

/// A file of the cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where it lies.
    pub path: PathBuf,
    /// What was measured of it when it was cached; `None`: nothing, and it is played as it is.
    pub measured: Option<Measured>,
}

/// How loud a sound is as a whole (ITU-R BS.1770-4, EBU R 128).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Integrated loudness, LUFS.
    pub lufs: f32,
    /// Highest true peak, dBTP.
    pub peak_dbtp: f32,
}

/// What a sink does to all that leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Processing {
    /// Loudness at which a programme leaves at full volume, LUFS.
    pub target_lufs: f32,
    /// An emergency is so much louder, LU.
    pub emergency_lu: f32,
    /// No true peak beyond this leaves, dBTP.
    pub ceiling_dbtp: f32,
    /// Time constant of the pre-emphasis of an FM transmitter that has none of its own, microseconds.
    pub pre_emphasis_us: Option<u16>,
    /// How long two plays overlap where they are to, milliseconds.
    pub cross_fade_ms: u32,
    /// How much lower a ducked play is, decibels.
    pub duck_db: f32,
}

impl Default for Processing {
    fn default() -> Self {
        Self {
            target_lufs: -16.0,
            emergency_lu: 6.0,
            ceiling_dbtp: -1.0,
            pre_emphasis_us: None,
            cross_fade_ms: 800,
            duck_db: 20.0,
        }
    }
}

/// What a line's sound goes to.
#[derive(Clone, Debug)]
pub enum SoundConfig {
    /// A sound card.
    Card(CardConfig),
    /// Files.
    Recorder(RecorderConfig),
    /// The network.
    Rtp(rtp::RtpConfig),
}

/// A sound card and the sinks on its channels.
#[derive(Clone, Debug)]
pub struct CardConfig {
    /// Its ALSA name as `aplay -L` lists it, or `default`.
    pub device: String,
    /// How many channels to open it with; `None`: as few as will do, two where it has them.
    pub channels: Option<u16>,
    /// The sinks.
    pub sinks: Vec<CardSink>,
}

/// A sink on a sound card.
#[derive(Clone, Debug)]
pub struct CardSink {
    /// Which.
    pub id: SinkId,
    /// Channels it sounds on, from 0.
    pub channels: Vec<u16>,
    /// What it does to its sound.
    pub processing: Processing,
}

/// A sink that writes what it plays.
#[derive(Clone, Debug)]
pub struct RecorderConfig {
    /// Which.
    pub sink: SinkId,
    /// Where its files go.
    pub dir: PathBuf,
    /// The oldest files are deleted beyond this total, bytes.
    pub limit_bytes: u64,
    /// What it does to its sound.
    pub processing: Processing,
}

/// How a line is, for the numbers page and the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// It takes sound.
    pub open: bool,
    /// Ordinary threads cannot interrupt the one that feeds it.
    pub real_time: bool,
    /// Sample rate, hertz.
    pub rate: u32,
    /// Length of a period, frames; what is told now leaves the device one to two periods later.
    pub period_frames: u32,
    /// Times the card ran dry since the start.
    pub xruns: u64,
    /// Times a decoder was too slow since the start.
    pub starved: u64,
    /// Times one of its threads broke down, through a fault of this program, and was started anew.
    pub breakdowns: u64,
    /// How much faster than the system's clock its own runs, as far as was measured, parts per million.
    pub drift_ppm: i32,
    /// Its sound is stretched or shortened a little, so that it stays with that of other lines.
    pub resampled: bool,
}

/// A sound card or recorder, with the one thread that owns it. Dropping it fades out and closes.
pub struct SoundLine {
    doors: Arc<Doors>,
    control: Thread,
    stop: Arc<AtomicBool>,
    state: Arc<Mutex<LineState>>,
    /// Hangs up when the control thread has ended.
    ended: Mutex<mpsc::Receiver<()>>,
}

/// A sink as it is put on its line.
struct OnLine {
    sink: SinkId,
    channels: Vec<usize>,
    processing: Processing,
    listeners: Vec<Box<dyn Listener>>,
}

impl OnLine {
    /// The only sink of its line, on its only channel.
    fn alone(sink: SinkId, processing: Processing, audience: &Audience) -> Self {
        let listeners = audience(&sink);
        Self { sink, channels: vec![0], processing, listeners }
    }
}

impl CardConfig {
    /// The channels its sinks need.
    fn needed(&self) -> u16 {
        self.sinks.iter().flat_map(|s| &s.channels).map(|c| c.saturating_add(1)).max().unwrap_or(1)
    }

    /// Whether the sinks can share the card.
    fn check(&self) -> io::Result<()> {
        let mut taken = BTreeSet::new();
        for sink in &self.sinks {
            if sink.channels.is_empty() {
                return Err(invalid(format!("sink {} has no channel", sink.id)));
            }
            for channel in &sink.channels {
                if !taken.insert(*channel) {
                    return Err(invalid(format!("channel {channel} of {} is given to two sinks", self.device)));
                }
            }
        }
        Ok(())
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

impl SoundLine {
    /// Starts a line. A card that cannot be opened is no error: it is reported as a fault and tried again for ever.
    ///
    /// # Errors
    /// Two sinks on one channel, a sink without one, a network sink that cannot be, or no thread to be had.
    pub fn start(
        config: SoundConfig,
        sources: Arc<Sources>,
        audience: &Audience,
        reports: Reports,
    ) -> io::Result<Self> {
        match config {
            SoundConfig::Card(config) => {
                config.check()?;
                let outlets = config.sinks.iter().map(|s| OnLine {
                    sink: s.id.clone(),
                    channels: s.channels.iter().map(|c| usize::from(*c)).collect(),
                    processing: s.processing,
                    listeners: audience(&s.id),
                });
                let (name, outlets) = (config.device.clone(), outlets.collect());
                let make = move |doors, mixer| card::Card::new(config, doors, mixer);
                Self::launch(name, outlets, sources, reports, make)
            }
            SoundConfig::Recorder(config) => {
                let name = format!("recorder {}", config.sink);
                let outlet = OnLine::alone(config.sink.clone(), config.processing, audience);
                let make = move |_, mixer| recorder::Recorder::new(config, mixer);
                Self::launch(name, vec![outlet], sources, reports, make)
            }
            SoundConfig::Rtp(config) => {
                config.check()?;
                let name = format!("rtp {}", config.sink);
                let outlet = OnLine::alone(config.sink.clone(), config.processing, audience);
                let make = move |doors, mixer| rtp::Network::new(config, doors, mixer);
                Self::launch(name, vec![outlet], sources, reports, make)
            }
        }
    }

    fn launch<O: Outlet>(
        name: String,
        outlets: Vec<OnLine>,
        sources: Arc<Sources>,
        reports: Reports,
        make: impl FnOnce(Arc<Doors>, Mixer) -> O + Send + 'static,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let state = Arc::new(Mutex::new(LineState { rate: RATE, ..LineState::default() }));
        let (alive, ended) = mpsc::sync_channel::<()>(1);
        let (ready, doors) = mpsc::sync_channel(1);
        let (told, shared) = (stop.clone(), state.clone());
        let (mut strands, mut doorways, mut ears) = (Vec::new(), Vec::new(), Vec::new());
        for OnLine { sink, channels, processing, listeners } in outlets {
            let tapped = tap::tap(listeners).map(|(tap, ear)| {
                ears.push(ear);
                tap
            });
            strands.push(Strand { channels, processing, tap: tapped });
            doorways.push((sink, processing));
        }
        tap::listen(ears)?;
        let work = move || {
            let (mixer, ends) = Mixer::new(strands, RATE, thread::current());
            let sinks = doorways.iter().map(|(sink, _)| sink.clone()).collect();
            let (doors, jobs) = Doors::new(doorways, ends.commands, RATE);
            let doors = Arc::new(doors);
            if ready.send(doors.clone()).is_err() {
                return;
            }
            let outlet = make(doors.clone(), mixer);
            let (events, dry) = (ends.events, ends.dry);
            let (state, stop, afoot) = (shared, told, Afoot::default());
            Control { name, sinks, outlet, doors, jobs, events, dry, sources, reports, state, stop, afoot }.run();
            drop(alive);
        };
        let control = thread::Builder::new().name("sound".into()).stack_size(CONTROL_STACK).spawn(work)?;
        let doors = doors.recv().map_err(|_| io::Error::other("the sound thread did not start"))?;
        let control = control.thread().clone();
        Ok(Self { doors, control, stop, state, ended: Mutex::new(ended) })
    }

    /// Tells a sink what is wanted of it. Takes microseconds. Being told the same again changes nothing. `false`: the
    /// line has no such sink.
    pub fn apply(&self, sink: &SinkId, want: &SinkWant) -> bool {
        let known = self.doors.apply(sink, want);
        self.control.unpark();
        known
    }

    /// A way to ask later how the line is, from anywhere.
    pub fn watch(&self) -> impl Fn() -> LineState + Send + Sync + use<> {
        let state = Arc::clone(&self.state);
        move || state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the line is; at most half a second old.
    pub fn state(&self) -> LineState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SoundLine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.control.unpark();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
            log::warn!("a sound card does not let go: it is left behind");
        }
    }
}
