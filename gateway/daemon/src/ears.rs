//! What can be heard of the sinks: recordings of what left them, and each of them live; offered to the officers.

use crate::clock::{Clock, Witness};
use crate::config::{ClockConfig, RecordingsConfig};
use drivers::sound::Audience;
use drivers::sound::keep::{Keep, KeepConfig, Recording, WallClock};
use drivers::sound::monitor::{Monitor, Player, Turned};
use gateway_core::id::SinkId;
use gateway_core::time::Wall;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use web_ui::{Metric, MetricKind, PlayRow, ReadFault, Recorded, RecordingRow, Unheard};

/// The recordings and the monitor of a station.
pub(crate) struct Ears {
    /// `None`: nothing is recorded.
    keep: Option<Keep>,
    monitor: Monitor,
}

impl Ears {
    /// Starts both; recordings lie in the folder `recordings` of `data`, and nowhere else if that takes none.
    pub(crate) fn start(
        data: &Path,
        config: &RecordingsConfig,
        clock: ClockConfig,
        witness: Witness,
    ) -> io::Result<Self> {
        let keep = match config.codec {
            Some(codec) => {
                let dir = data.join("recordings");
                let config = KeepConfig { dir, codec, days: config.days, limit_bytes: config.limit_bytes };
                Some(Keep::start(config, wall_clock(clock, witness))?)
            }
            None => None,
        };
        Ok(Self { keep, monitor: Monitor::default() })
    }

    /// Those who listen to each sink.
    pub(crate) fn audience(self: &Arc<Self>) -> Audience {
        let ears = Arc::clone(self);
        Arc::new(move |sink| {
            let keep = ears.keep.as_ref().map(|keep| keep.listener(sink));
            keep.into_iter().chain([ears.monitor.listener(sink)]).collect()
        })
    }

    /// Finishes what is being recorded; after the sound lines have closed.
    pub(crate) fn stop(&self) {
        if let Some(keep) = &self.keep {
            keep.stop();
        }
    }

    /// What the recordings say of themselves.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let Some(keep) = &self.keep else { return Vec::new() };
        let state = keep.state();
        let plain = |name, help, kind, value| Metric { name, help, kind, labels: Vec::new(), value };
        use MetricKind::{Counter, Gauge};
        #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and these counts are far from 2^52")]
        let (lost, files, bytes) = (state.lost as f64, state.recordings as f64, state.bytes as f64);
        vec![
            plain("gateway_recordings_up", "The disk takes recordings.", Gauge, f64::from(u8::from(state.well))),
            plain("gateway_recordings_lost_pieces_total", "Pieces of 20 ms at most not recorded.", Counter, lost),
            plain("gateway_recordings", "Recordings kept.", Gauge, files),
            plain("gateway_recordings_bytes", "Size of the recordings kept.", Gauge, bytes),
        ]
    }
}

/// The clock of the station, judged as the loop judges it.
fn wall_clock(config: ClockConfig, witness: Witness) -> WallClock {
    let clock = Mutex::new(Clock::new(config, witness));
    Arc::new(move || {
        let told = clock.lock().unwrap_or_else(PoisonError::into_inner).tell();
        match told.now.wall {
            Some(wall) => (wall.0, true),
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                (i64::try_from(since.as_millis()).unwrap_or(i64::MAX), false)
            }
        }
    })
}

impl web_ui::Ears for Ears {
    fn listen(&self, sink: &SinkId, player: web_ui::Player) -> Result<mpsc::Receiver<Vec<u8>>, Unheard> {
        let player = match player {
            web_ui::Player::Browser => Player::Browser,
            web_ui::Player::Other => Player::Other,
        };
        self.monitor.subscribe(sink, player).map(|subscription| subscription.pieces).map_err(|turned| match turned {
            Turned::Unknown => Unheard::Unknown,
            Turned::Full => Unheard::Full,
            Turned::Broken => Unheard::Broken,
        })
    }

    fn recordings(&self, time: &Range<i64>, sink: Option<&SinkId>) -> Result<Vec<RecordingRow>, ReadFault> {
        let kept = self.keep.as_ref().map(|keep| keep.list(time, sink)).unwrap_or_default();
        Ok(kept.into_iter().map(row).collect())
    }

    fn recording(&self, id: &str) -> Result<Option<Recorded>, ReadFault> {
        let Some(keep) = &self.keep else { return Ok(None) };
        let found = keep.open(id).map_err(|e| ReadFault(format!("opening a recording: {e}")))?;
        Ok(found.map(|f| Recorded { bytes: f.recording.bytes, file: f.file, media_type: f.media_type }))
    }
}

fn row(recording: Recording) -> RecordingRow {
    let Recording { id, sink, start_ms, trusted, duration_ms, bytes, plays, lost_ms, torn } = recording;
    RecordingRow {
        id,
        sink,
        start: Wall(start_ms).rfc3339(),
        clock: if trusted { "trusted" } else { "untrusted" },
        duration_ms,
        bytes,
        plays: plays.into_iter().map(|a| PlayRow { play: a.play, at_ms: a.at_ms }).collect(),
        lost_ms,
        torn,
    }
}
