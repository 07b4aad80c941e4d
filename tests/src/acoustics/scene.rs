//! A sink and an ear in front of its horns, over told time.

use super::RATE;
use drivers::sound::air::{Air, AirConfig, AirLevels, Ear, EarConfig, EarKind};
use drivers::sound::{Left, Listener};
use gateway_core::device::Report;
use gateway_core::id::{LiveId, PlayId, SinkId};
use gateway_core::want::{Join, Loudness, Play, SinkWant, Source};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Twenty milliseconds.
const PIECE: usize = RATE as usize / 50;

/// The scene.
pub struct Scene {
    /// The live part that is tried.
    pub air: Air,
    /// The ear.
    pub ear: Ear,
    tap: Box<dyn Listener>,
    begin: Instant,
    now_ms: Arc<AtomicU64>,
    said: Arc<Mutex<Vec<(u64, Report)>>>,
    open: Arc<AtomicBool>,
}

/// The one sink there is.
pub fn sink() -> SinkId {
    SinkId::from("loa")
}

impl Scene {
    /// With an ear of this kind.
    pub fn new(kind: EarKind) -> Self {
        let (now_ms, said) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let open = Arc::new(AtomicBool::new(false));
        let (clock, book, valve) = (now_ms.clone(), said.clone(), open.clone());
        let report = move |_: SinkId, report| {
            let at = clock.load(Ordering::Relaxed);
            book.lock().unwrap_or_else(PoisonError::into_inner).push((at, report));
        };
        let air = Air::new(AirConfig::default(), Arc::new(report));
        let valve = Box::new(move |on| valve.store(on, Ordering::Relaxed));
        let ear = air.ear(&sink(), EarConfig::new(kind), valve);
        let tap = air.listener(&sink());
        Self { air, ear, tap, begin: Instant::now(), now_ms, said, open }
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.begin + Duration::from_millis(self.now_ms.load(Ordering::Relaxed))
    }

    /// The valve of the ear is open.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// The sink is told to play: from a live microphone, or a chime.
    pub fn want(&self, play: Option<u64>, live: bool) {
        let source = if live { Source::Live(LiveId::from("mic")) } else { Source::Chime };
        let play =
            play.map(|id| Play { id: PlayId(id), source, from_ms: 0, loudness: Loudness::Programme, join: Join::Cut });
        self.air.apply(&sink(), &SinkWant { play, volume: 100, ..SinkWant::default() }, self.now());
    }

    /// Lets so much leave while the ear hears so much, piece by piece; both are as long.
    pub fn go(&mut self, play: Option<u64>, left: &[f32], heard: &[f32]) {
        for (n, heard) in heard.chunks_exact(PIECE).enumerate() {
            let at = self.now();
            if let Some(samples) = left.get(n * PIECE..(n + 1) * PIECE) {
                self.tap.hear(&Left { at, rate: RATE, samples, due: play.map(PlayId), gap: false });
            }
            self.ear.hear(at, RATE, heard);
            let ms = self.now_ms.fetch_add(20, Ordering::Relaxed) + 20;
            if ms.is_multiple_of(100) {
                self.air.tend(self.now());
            }
        }
    }

    /// What was reported so far, each with its time in milliseconds.
    pub fn said(&self) -> Vec<(u64, Report)> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The levels now.
    ///
    /// # Panics
    /// The sink is not known.
    pub fn levels(&self) -> AirLevels {
        self.air.levels(&sink(), self.now()).expect("the sink is known")
    }
}
