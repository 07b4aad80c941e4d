//! The studio as the desk uses it: microphones of browsers on their way into the sound, and how the sinks are.

use drivers::sound::air::Air;
use drivers::sound::rtp::{self, RtpConfig};
use drivers::sound::{LineState, LiveVoice, Sources};
use gateway_core::id::{LiveId, SinkId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use web_ui::{Shut, SinkRow};

/// Microphones open at a time.
const MICROPHONES: usize = 8;
/// Pieces of one that may wait.
const PIECES: usize = 32;
/// One that sends nothing for so long is closed: its browser is gone. A browser sends silence too.
const SILENCE: Duration = Duration::from_secs(5);

/// A piece of speech and its rate, hertz.
type Piece = (Vec<f32>, u32);

/// Asked how a line is.
pub(crate) type Watch = Arc<dyn Fn() -> LineState + Send + Sync>;

/// Everything the desk may do in the studio.
pub(crate) struct Studio {
    sources: Arc<Sources>,
    air: Arc<Air>,
    station: String,
    sinks: Vec<Seat>,
    network: Vec<RtpConfig>,
    microphones: Arc<Mutex<BTreeMap<LiveId, Microphone>>>,
    opened: AtomicU64,
}

/// A sink at its line.
pub(crate) struct Seat {
    pub(crate) id: SinkId,
    /// The line's title.
    pub(crate) line: String,
    /// Per cent by day.
    pub(crate) volume_day: u8,
    /// Per cent by night.
    pub(crate) volume_night: u8,
    pub(crate) watch: Watch,
}

struct Microphone {
    by: String,
    pieces: SyncSender<Piece>,
}

impl Studio {
    /// Over these sources and sinks; the network sinks are described to receivers under the station's name.
    pub(crate) fn new(
        sources: Arc<Sources>,
        air: Arc<Air>,
        station: String,
        sinks: Vec<Seat>,
        network: Vec<RtpConfig>,
    ) -> Self {
        let (microphones, opened) = (Arc::default(), AtomicU64::new(0));
        Self { sources, air, station, sinks, network, microphones, opened }
    }

    fn row(&self, Seat { id, line, volume_day, volume_night, watch }: &Seat) -> SinkRow {
        let state = watch();
        let levels = self.air.levels(id, Instant::now());
        let reading = levels.as_ref().map(|l| l.reading);
        SinkRow {
            id: id.clone(),
            line: line.clone(),
            volume_day: *volume_day,
            volume_night: *volume_night,
            open: state.open,
            real_time: state.real_time,
            period_ms: f64::from(state.period_frames) * 1000.0 / f64::from(state.rate.max(1)),
            xruns: state.xruns,
            drift_ppm: state.drift_ppm,
            momentary_lufs: reading.map(|r| r.momentary_lufs).filter(|l| *l > -70.0),
            peak_dbtp: reading.map(|r| r.peak_dbtp).filter(|p| *p > -90.0),
            silent_ms: levels.map_or(0, |l| l.silent_for_ms),
        }
    }
}

impl web_ui::Studio for Studio {
    fn open(&self, by: &str) -> Result<LiveId, Shut> {
        // A name that was used before would be a transmission that was: the time makes it new after a restart, too.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let live = LiveId::from(format!("{:x}-{}", since.as_millis(), self.opened.fetch_add(1, Ordering::Relaxed)));
        let mut open = self.microphones.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MICROPHONES {
            return Err(Shut::Full);
        }
        let (pieces, taken) = sync_channel(PIECES);
        let (voice, all, name) = (self.sources.open_live(live.clone()), Arc::clone(&self.microphones), live.clone());
        let work = move || {
            pass_on(voice, &taken);
            all.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        };
        let started = thread::Builder::new().name("microphone".into()).stack_size(256 * 1024).spawn(work);
        if let Err(error) = started {
            log::error!(error:%; "no thread for a microphone");
            return Err(Shut::Full);
        }
        open.insert(live.clone(), Microphone { by: by.to_owned(), pieces });
        Ok(live)
    }

    fn speak(&self, live: &LiveId, by: &str, samples: Vec<f32>, rate: u32) -> Result<(), Shut> {
        let open = self.microphones.lock().unwrap_or_else(PoisonError::into_inner);
        let microphone = open.get(live).filter(|m| m.by == by).ok_or(Shut::Closed)?;
        match microphone.pieces.try_send((samples, rate)) {
            Ok(()) => Ok(()),
            // What nobody takes in time is lost, as it would be in the air.
            Err(std::sync::mpsc::TrySendError::Full(_)) => Ok(()),
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => Err(Shut::Closed),
        }
    }

    fn hand(&self, live: &LiveId, to: &str) {
        if let Some(open) = self.microphones.lock().unwrap_or_else(PoisonError::into_inner).get_mut(live) {
            to.clone_into(&mut open.by);
        }
    }

    fn close(&self, live: &LiveId) {
        self.microphones.lock().unwrap_or_else(PoisonError::into_inner).remove(live);
    }

    fn sinks(&self) -> Vec<SinkRow> {
        self.sinks.iter().map(|sink| self.row(sink)).collect()
    }

    fn sdp(&self, sink: &SinkId, emergency: bool) -> Option<String> {
        let stream = if emergency { rtp::Stream::Emergency } else { rtp::Stream::Programme };
        self.network.iter().find(|c| c.sink == *sink).and_then(|config| rtp::sdp(config, &self.station, stream))
    }
}

/// Passes speech on until the microphone is closed or nobody speaks into it any more; then the voice ends.
fn pass_on(mut voice: LiveVoice, pieces: &Receiver<Piece>) {
    while let Ok((samples, rate)) = pieces.recv_timeout(SILENCE) {
        voice.push(&samples, rate);
    }
}
