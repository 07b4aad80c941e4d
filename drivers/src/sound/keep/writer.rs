//! The thread that writes recordings, and what it does when the disk will not take them.

use super::note::Note;
use super::stretch::{APART, Stretch};
use super::{Piece, Shared, Told, WallClock};
use gateway_core::id::SinkId;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How often open stretches are looked after.
const LOOK: Duration = Duration::from_secs(1);
/// How often what is written is brought to the disk.
const SETTLED: Duration = Duration::from_secs(10);
/// How often old recordings are looked for.
const TENDED: Duration = Duration::from_secs(60);
/// Between attempts after the disk failed.
const RETRY: Duration = Duration::from_secs(5);
/// A full disk is given back so much of our own, bytes.
const ROOM: u64 = 16 << 20;

pub(super) struct Writer {
    shared: Arc<Shared>,
    clock: WallClock,
    open: BTreeMap<SinkId, Stretch>,
    /// `None`: the disk is well.
    retry: Option<Instant>,
    settled: Instant,
    tended: Instant,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, clock: WallClock) -> Self {
        let now = Instant::now();
        Self { shared, clock, open: BTreeMap::new(), retry: Some(now), settled: now, tended: now }
    }

    /// Writes what it is told until it is told to stop.
    pub(super) fn run(&mut self, tells: &Receiver<Told>) {
        let mut looked = Instant::now();
        self.look(looked);
        while !self.shared.stop.load(Ordering::Acquire) {
            match tells.recv_timeout(LOOK) {
                Ok(Told::Piece(piece)) => self.take(&piece),
                Ok(Told::Closed(sink)) => self.end(&sink),
                // Whoever asked may have lost patience.
                Ok(Told::Settle(done)) => drop(done.try_send(())),
                Ok(Told::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now.saturating_duration_since(looked) >= LOOK {
                looked = now;
                self.look(now);
            }
        }
        let sinks: Vec<SinkId> = self.open.keys().cloned().collect();
        sinks.iter().for_each(|sink| self.end(sink));
    }

    /// Looks after everything that is not sound.
    fn look(&mut self, now: Instant) {
        if let Some(retry) = self.retry {
            if now < retry {
                return;
            }
            let opened = self.shared.ring().open();
            match opened {
                Ok(()) => self.well(),
                Err(error) => return self.failed(&error),
            }
        }
        // A sink that fell silent by giving nothing at all.
        let over = |s: &Stretch| now.saturating_duration_since(s.end()) > 2 * APART;
        let over: Vec<SinkId> = self.open.iter().filter(|(_, s)| over(s)).map(|(sink, _)| sink.clone()).collect();
        over.iter().for_each(|sink| self.end(sink));
        if now.saturating_duration_since(self.settled) >= SETTLED {
            self.settled = now;
            if let Err(error) = self.open.values_mut().try_for_each(Stretch::settle) {
                return self.failed(&error);
            }
        }
        if let Err(error) = self.write_notes() {
            return self.failed(&error);
        }
        if now.saturating_duration_since(self.tended) >= TENDED {
            self.tended = now;
            self.tend();
        }
    }

    /// Puts down what is known of open stretches where that has changed.
    fn write_notes(&mut self) -> io::Result<()> {
        for stretch in self.open.values_mut().filter(|s| s.news) {
            self.shared.ring().write_note(&stretch.name, &stretch.note)?;
            stretch.news = false;
        }
        Ok(())
    }

    fn take(&mut self, piece: &Piece) {
        if self.retry.is_some() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if self.open.get(&piece.sink).is_some_and(|s| !s.takes(piece)) {
            self.end(&piece.sink);
        }
        if let Err(error) = self.write(piece) {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            self.failed(&error);
        }
    }

    fn write(&mut self, piece: &Piece) -> io::Result<()> {
        if !self.open.contains_key(&piece.sink) {
            if piece.samples.iter().all(|s| *s == 0) {
                return Ok(());
            }
            let stretch = self.begin(piece)?;
            self.open.insert(piece.sink.clone(), stretch);
        }
        let Some(stretch) = self.open.get_mut(&piece.sink) else { return Ok(()) };
        if stretch.write(piece)? {
            self.end(&piece.sink);
        }
        Ok(())
    }

    fn begin(&self, piece: &Piece) -> io::Result<Stretch> {
        let (wall, trusted) = (self.clock)();
        // The piece left a little before or will leave a little after now.
        let now = Instant::now();
        let ms = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        let ago = ms(now.saturating_duration_since(piece.at)) - ms(piece.at.saturating_duration_since(now));
        let start_ms = wall.saturating_sub(ago);
        let sink = piece.sink.clone();
        let note = Note { sink, start_ms, trusted, duration_ms: 0, plays: Vec::new(), lost_ms: 0, torn: false };
        let ring = self.shared.ring();
        let (file, path, name) = ring.create(&note)?;
        Stretch::begin(file, path, name, note, ring.codec(), piece)
    }

    /// Finishes the stretch of a sink, if one is open.
    fn end(&mut self, sink: &SinkId) {
        let Some(stretch) = self.open.remove(sink) else { return };
        let finished = stretch.finish().and_then(|(path, name, note)| self.shared.ring().publish(&path, name, note));
        match finished {
            Ok(()) => self.tend(),
            Err(error) => self.failed(&error),
        }
    }

    fn tend(&mut self) {
        let (now, trusted) = (self.clock)();
        let tended = self.shared.ring().tend(trusted.then_some(now));
        if let Err(error) = tended {
            self.failed(&error);
        }
    }

    fn well(&mut self) {
        self.retry = None;
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.fault.take().is_some() {
            log::info!("recordings are kept again");
        }
        state.well = true;
    }

    /// Gives up what is open; it is mended when the disk takes something again.
    fn failed(&mut self, error: &io::Error) {
        let full = error.kind() == io::ErrorKind::StorageFull;
        let made_room = full && self.shared.ring().make_room(ROOM).is_ok_and(|made| made);
        self.open.clear();
        self.retry = Some(if made_room { Instant::now() } else { Instant::now() + RETRY });
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.well = false;
        if state.fault.replace(error.to_string()).is_none() {
            log::warn!(error:%; "what the sinks play is not being recorded");
        }
    }
}
