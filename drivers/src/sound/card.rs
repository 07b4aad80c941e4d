//! A sound card that is always open: found by its name, opened again whenever it was lost, with the shortest period
//! that holds.

use super::control::{Change, Outlet};
use super::door::Doors;
use super::length::frames;
use super::length::length;
use super::mixer::Mixer;
use super::stream::{Course, Opened, Watch, find};
use super::{CardConfig, LineState, realtime};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Periods, milliseconds, shortest first. cpal's ring is two of them, so sound leaves 5–10 ms after it was told at best.
const PERIODS_MS: [u32; 4] = [5, 10, 20, 50];
/// Where to begin without real-time scheduling: shorter ones were seen to run dry under load.
const ORDINARY: usize = 2;
/// So many times dry …
const XRUNS: usize = 3;
/// … within so long, and the period is too short for this machine.
const XRUN_WINDOW: Duration = Duration::from_secs(60);
/// Between attempts to open a card: at first, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// A card that took no block for so long has stalled.
const STALLED: Duration = Duration::from_secs(1);
/// Blocks after which a card may be said to play: two fill its ring, the third shows that it empties it.
const PROVEN: u64 = 3;
/// Looked at so often until it is known to play.
const SOON: Duration = Duration::from_millis(5);
/// A card that ran so long is tried again at once when it is lost.
const STEADY: Duration = Duration::from_secs(10);

/// An open card.
struct Running {
    opened: Opened,
    /// What the device made of the period that was asked.
    period: Duration,
    watch: Arc<Watch>,
    since: Instant,
    blocks: u64,
    moved: Instant,
    xruns: u64,
    proven: bool,
}

/// The outlet to a sound card.
pub(super) struct Card {
    config: CardConfig,
    doors: Arc<Doors>,
    /// Here while no stream has it.
    mixer: Option<Mixer>,
    home: (mpsc::SyncSender<Mixer>, mpsc::Receiver<Mixer>),
    running: Option<Running>,
    course: Course,
    retry: Instant,
    back_off: Duration,
    period: usize,
    recent: VecDeque<Instant>,
    /// What was said last: `None` nothing yet, else whether it is well, or why not.
    said: Option<Change>,
}

impl Card {
    pub(super) fn new(config: CardConfig, doors: Arc<Doors>, mixer: Mixer) -> Self {
        Self {
            config,
            doors,
            mixer: Some(mixer),
            home: mpsc::sync_channel(1),
            running: None,
            course: Course { epoch: Instant::now(), standing: None },
            retry: Instant::now(),
            back_off: BACK_OFF.0,
            period: if realtime::allowed() { 0 } else { ORDINARY },
            recent: VecDeque::new(),
            said: None,
        }
    }

    /// Opens the card. What ALSA has to say of a failure goes into the fault and not to standard error, where it would
    /// come again with every attempt.
    fn open(&mut self) -> Result<Running, String> {
        let words = alsa::Output::local_error_handler().ok();
        self.try_open().map_err(|why| {
            let said = words.map(|w| w.borrow().to_string()).unwrap_or_default();
            match said.lines().last() {
                Some(last) => format!("{why} ({last})"),
                None => why,
            }
        })
    }

    fn try_open(&mut self) -> Result<Running, String> {
        let found = find(&self.config.device, self.config.needed(), self.config.channels)?;
        let Some(mut mixer) = self.mixer.take().or_else(|| self.home.1.try_recv().ok()) else {
            return Err("the card has not let go yet".into());
        };
        self.doors.set_rate(found.rate);
        for (lane, play, played_ms) in mixer.connect(found.rate, self.said != Some(Change::Well)) {
            self.doors.resume(lane, play, played_ms);
        }
        let watch = Arc::new(Watch::new(thread::current()));
        let period = frames(PERIODS_MS[self.period], found.rate);
        let opened = found.open(period, mixer, self.home.0.clone(), &watch, self.course);
        let opened = match opened {
            Ok(opened) => opened,
            Err(why) => {
                self.mixer = self.home.1.try_recv().ok();
                return Err(why);
            }
        };
        let (now, period) = (Instant::now(), length(opened.period as usize, found.rate));
        Ok(Running { opened, period, watch, since: now, blocks: 0, moved: now, xruns: 0, proven: false })
    }

    /// Closes the stream, if one is open, and takes the mixer home.
    fn shut(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.opened.stream);
            self.course.standing = running.watch.standing(self.doors.rate()).or(self.course.standing);
            self.mixer = self.home.1.try_recv().ok();
        }
    }

    /// Fades out, waits until the silence after it has reached the device, and closes.
    fn shut_gently(&mut self) {
        if let Some(running) = &self.running {
            running.watch.hush.store(true, Ordering::Relaxed);
            let patience = Instant::now() + running.period * 6 + Duration::from_millis(100);
            // One block fades, two fill the ring with silence, one more shows that they were taken.
            while running.watch.silent.load(Ordering::Relaxed) < 4 && Instant::now() < patience {
                thread::sleep(running.period / 2);
            }
        }
        self.shut();
    }

    fn lost(&mut self, why: String, now: Instant) -> Option<Change> {
        let steady = self.running.as_ref().is_some_and(|r| now.duration_since(r.since) > STEADY);
        self.shut();
        if steady {
            self.back_off = BACK_OFF.0;
        }
        self.retry = now + self.back_off;
        self.back_off = (self.back_off * 2).min(BACK_OFF.1);
        self.say(Change::Lost(why))
    }

    /// Says it, unless that is what was said last.
    fn say(&mut self, change: Change) -> Option<Change> {
        if self.said.as_ref() == Some(&change) {
            return None;
        }
        self.said = Some(change.clone());
        Some(change)
    }

    /// What is to be said of a stream that is open.
    fn watch(&mut self, now: Instant, state: &mut LineState) -> Option<Change> {
        let running = self.running.as_mut()?;
        let blocks = running.watch.blocks.load(Ordering::Relaxed);
        if blocks != running.blocks {
            running.blocks = blocks;
            running.moved = now;
        }
        let xruns = running.watch.xruns.load(Ordering::Relaxed);
        let fresh = xruns - running.xruns;
        running.xruns = xruns;
        running.proven |= keeps_time(blocks, running.period, now - running.since);
        state.xruns += fresh;
        state.real_time = running.watch.real_time.load(Ordering::Relaxed);
        state.drift_ppm = running.watch.drift_ppm.load(Ordering::Relaxed);
        state.resampled = running.watch.resampled.load(Ordering::Relaxed);
        state.open = running.proven;
        let stalled = now.duration_since(running.moved) > STALLED;
        state.breakdowns += u64::from(running.watch.broke_down.swap(false, Ordering::Relaxed));
        if let Some(why) = running.watch.broke().or_else(|| stalled.then(|| "the card has stalled".into())) {
            return self.lost(why, now);
        }
        if blocks > 0 && self.too_short(fresh, state.real_time, now) {
            log::warn!(device = self.config.device, period_ms = PERIODS_MS[self.period]; "longer periods for this card");
            self.shut_gently();
            self.retry = now;
        }
        if state.open { self.say(Change::Well) } else { None }
    }

    /// Whether the card ran dry too often for its period; then the next one is chosen.
    fn too_short(&mut self, fresh: u64, real_time: bool, now: Instant) -> bool {
        self.recent.extend((0..fresh.min(XRUNS as u64)).map(|_| now));
        self.recent.retain(|at| now.duration_since(*at) < XRUN_WINDOW);
        let denied = !real_time && self.period < ORDINARY;
        if self.period + 1 >= PERIODS_MS.len() || (self.recent.len() < XRUNS && !denied) {
            return false;
        }
        self.recent.clear();
        self.period = if denied { ORDINARY } else { self.period + 1 };
        true
    }
}

/// Whether a card that took so many blocks in so long plays: it takes them, and no faster than they sound.
fn keeps_time(blocks: u64, period: Duration, ran: Duration) -> bool {
    // Twice the time and a ring of slack: a loaded machine sees the first blocks late and in a bunch.
    let most = (2 * ran).as_nanos() / period.as_nanos().max(1) + 4;
    blocks >= PROVEN && ran >= 3 * period && u128::from(blocks) <= most
}

impl Outlet for Card {
    fn tend(&mut self, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        let mut change = self.watch(now, state);
        if self.running.is_none() {
            state.open = false;
            if let Some(mixer) = &mut self.mixer {
                mixer.take_commands();
            }
            if now >= self.retry {
                match self.open() {
                    Ok(running) => {
                        state.rate = self.doors.rate();
                        state.period_frames = running.opened.period;
                        self.running = Some(running);
                    }
                    Err(why) => change = self.lost(why, now).or(change),
                }
            }
        }
        let again = match &self.running {
            None => self.retry,
            Some(running) if running.proven => now + STALLED,
            Some(_) => now + SOON,
        };
        (change, again)
    }

    fn close(&mut self) {
        self.shut_gently();
    }

    fn give_up(&mut self, now: Instant) {
        self.said = None;
        // What is to be said, whoever looks after it says.
        drop(self.lost("given up".into(), now));
    }
}
