//! One thread a line: it owns the line and the devices on it, and keeps each of them as it should be.
//!
//! The thread is told levels, never orders: only the newest want of each device is kept, and applying it again does no
//! harm. A device that fails is tried again after a growing pause, so that a dead one delays its neighbours little.

mod device;

pub(crate) use device::{Device, Mains, Slot};

use crate::health::Beat;
use drivers::line::Line;
use gateway_core::device::Report;
use gateway_core::id::OutputId;
use gateway_core::want::Wants;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A healthy device is looked at this often.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// Pause before a failed device is tried again: doubled from the first to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

#[derive(Default)]
struct Told {
    wants: Option<Arc<Wants>>,
    stop: bool,
}

#[derive(Default)]
struct Bell {
    told: Mutex<Told>,
    rings: Condvar,
}

/// The way to a line's thread.
pub(crate) struct Worker {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// Where reports go.
pub(crate) type Hear = Arc<dyn Fn(OutputId, Report) + Send + Sync>;

impl Worker {
    /// Starts the thread of a line.
    pub(crate) fn start(name: &str, line: Line, devices: Vec<Device>, hear: Hear, beat: Beat) -> std::io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let shared = Arc::clone(&bell);
        let now = Instant::now();
        let posts = devices.into_iter().map(|device| Post::new(device, now)).collect();
        let turn = Turn { line, posts, hear, beat };
        let thread = std::thread::Builder::new()
            .name(name.chars().take(15).collect())
            .stack_size(256 * 1024)
            .spawn(move || turn.run(&shared))?;
        Ok(Self { bell, thread: Some(thread) })
    }

    /// Tells the newest wants. Never waits for a device.
    pub(crate) fn tell(&self, wants: &Arc<Wants>) {
        self.bell.told.lock().unwrap_or_else(PoisonError::into_inner).wants = Some(Arc::clone(wants));
        self.bell.rings.notify_one();
    }

    /// Ends the thread after it has applied what it was told last; waits for it, since each call it makes is bounded.
    pub(crate) fn stop(&mut self) {
        self.bell.told.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.bell.rings.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("a line's thread had died");
        }
    }
}

/// A device and when it is to be seen to.
struct Post {
    device: Device,
    due: Instant,
    pause: Duration,
    failed: bool,
    /// The last look of a self-test that was wanted.
    look: Option<u64>,
    /// It has not been carried out yet.
    looked: bool,
}

impl Post {
    fn new(device: Device, due: Instant) -> Self {
        Self { device, due, pause: PAUSES.0, failed: false, look: None, looked: true }
    }

    /// A self-test wants to know how it is, once for each number.
    fn is_tried(&mut self, look: Option<u64>) -> bool {
        if self.look == look {
            return false;
        }
        self.look = look;
        self.looked = look.is_none();
        !self.looked
    }

    /// What the look that was wanted has found, besides what the device said.
    fn tried(&mut self, took: Duration) -> Option<Report> {
        let look = self.look.filter(|_| !std::mem::replace(&mut self.looked, true))?;
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Some(Report::Tried { look, ms, figures: Vec::new() })
    }
}

struct Turn {
    line: Line,
    posts: Vec<Post>,
    hear: Hear,
    beat: Beat,
}

impl Turn {
    fn run(mut self, bell: &Bell) {
        loop {
            let next = self.posts.iter().map(|p| p.due).min().unwrap_or_else(|| Instant::now() + PROBE_EVERY);
            let (wants, stop) = wait(bell, next);
            self.beat.turn();
            if let Some(wants) = wants {
                let now = Instant::now();
                for post in &mut self.posts {
                    if post.device.is_told(&wants) | post.is_tried(wants.trial) {
                        post.due = now;
                    }
                }
            }
            // Healthy devices first: a dead neighbour's time-outs must not delay them.
            for failed in [false, true] {
                self.round(failed);
            }
            if stop {
                return;
            }
        }
    }

    fn round(&mut self, failed: bool) {
        for post in self.posts.iter_mut().filter(|p| p.failed == failed) {
            if post.due > Instant::now() {
                continue;
            }
            let begun = Instant::now();
            let outcome = post.device.see_to(&mut self.line);
            let now = Instant::now();
            let tried = post.tried(now.saturating_duration_since(begun));
            let (report, due) = match outcome {
                Ok(Some(report)) => {
                    (post.failed, post.pause) = (false, PAUSES.0);
                    (report, now + post.device.again_after().unwrap_or(PROBE_EVERY).min(PROBE_EVERY))
                }
                Ok(None) => {
                    let failed = std::mem::take(&mut post.failed);
                    (post.pause, post.due) = (PAUSES.0, now + PROBE_EVERY);
                    if failed {
                        (self.hear)(post.device.id(), Report::Asleep);
                    }
                    if let Some(tried) = tried {
                        (self.hear)(post.device.id(), tried);
                    }
                    continue;
                }
                Err(fault) => {
                    post.failed = true;
                    let due = now + post.pause;
                    post.pause = (post.pause * 2).min(PAUSES.1);
                    (Report::Fault(fault), due)
                }
            };
            post.due = due;
            (self.hear)(post.device.id(), report);
            if let Some(tried) = tried {
                (self.hear)(post.device.id(), tried);
            }
            self.beat.turn();
        }
    }
}

fn wait(bell: &Bell, until: Instant) -> (Option<Arc<Wants>>, bool) {
    let mut told = bell.told.lock().unwrap_or_else(PoisonError::into_inner);
    while told.wants.is_none() && !told.stop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        told = bell.rings.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    (told.wants.take(), told.stop)
}
