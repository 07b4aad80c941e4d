//! One thread a line: it owns the line and the devices on it, and keeps each of them as it should be.
//!
//! The thread is told levels, never orders: only the newest want of each device is kept, and applying it again does no
//! harm. What is newly wanted goes first, what is to be on before what is to be off, both before anything that is only
//! looked at; and while others wait nobody is asked twice, so that a dead device delays its neighbours by one wait at most
//! ([`post::Rank`]).
//!
//! Who did not answer then is a suspect. Once everybody had a turn, one question more decides; where nobody on the line
//! has answered since the first of them fell silent, it decides for all, since what stands in for them waits for the word.
//! Patience comes after that.

mod bank;
mod device;
mod post;

pub(crate) use device::{Device, Mains, Slot};

use crate::health::Beat;
use drivers::line::{Haste, Line, Terms};
use gateway_core::device::{Fault, Report};
use gateway_core::id::OutputId;
use gateway_core::want::Wants;
use post::{PROBE_EVERY, Post, Rank, posts};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Told {
    wants: Option<Arc<Wants>>,
    guest: Option<Guest>,
    stop: bool,
}

/// A device that is on no line yet, and who wants to know how it is.
type Guest = (Device, SyncSender<Result<Report, Fault>>);

#[derive(Default)]
struct Bell {
    told: Mutex<Told>,
    rings: Condvar,
}

/// The way of a guest to a line.
#[derive(Clone)]
pub(crate) struct Guests(Arc<Bell>);

impl Guests {
    /// Has a device looked at once, between two of the line's own; it gives way to whatever is wanted of those. An earlier
    /// guest that was not seen yet goes unseen.
    pub(crate) fn receive(&self, device: Device, answer: SyncSender<Result<Report, Fault>>) {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).guest = Some((device, answer));
        self.0.rings.notify_one();
    }
}

/// The way to a line's thread.
pub(crate) struct Worker {
    bell: Arc<Bell>,
    haste: Haste,
    thread: Option<JoinHandle<()>>,
}

/// Room for the drivers' own clients: one for SNMP hands its buffers of 64 KiB from call to call by value. What is not used is
/// not held in memory.
const STACK: usize = 1024 * 1024;

/// Where reports go.
pub(crate) type Hear = Arc<dyn Fn(OutputId, Report) + Send + Sync>;

impl Worker {
    /// Starts the thread of a line.
    pub(crate) fn start(name: &str, line: Line, devices: Vec<Device>, hear: Hear, beat: Beat) -> std::io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let shared = Arc::clone(&bell);
        let haste = line.haste();
        let turn = Turn { line, posts: posts(devices), hear, beat, haste: haste.clone() };
        let thread = std::thread::Builder::new()
            .name(name.chars().take(15).collect())
            .stack_size(STACK)
            .spawn(move || turn.run(&shared))?;
        Ok(Self { bell, haste, thread: Some(thread) })
    }

    /// Tells the newest wants. Never waits for a device.
    pub(crate) fn tell(&self, wants: &Arc<Wants>) {
        self.bell.told.lock().unwrap_or_else(PoisonError::into_inner).wants = Some(Arc::clone(wants));
        self.haste.hurry();
        self.bell.rings.notify_one();
    }

    /// The way of guests to this line.
    pub(crate) fn guests(&self) -> Guests {
        Guests(Arc::clone(&self.bell))
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

/// A suspect is reported as lost after this at the latest, however busy the line is: the next path must be keyed within
/// 5 s of the emergency, and takes its time too.
const SUSPECT_FOR: Duration = Duration::from_millis(2500);

struct Turn {
    line: Line,
    posts: Vec<Post>,
    hear: Hear,
    beat: Beat,
    haste: Haste,
}

impl Turn {
    fn run(mut self, bell: &Bell) {
        loop {
            let next = self.posts.iter().map(|p| p.due).min().unwrap_or_else(|| Instant::now() + PROBE_EVERY);
            self.haste.calm();
            let (wants, guest, stop) = wait(bell, next);
            self.beat.turn();
            let now = Instant::now();
            if let Some(wants) = wants {
                self.posts.iter_mut().for_each(|post| post.tell(&wants, now));
            }
            if stop && !self.posts.iter().any(|post| post.news) {
                return;
            }
            self.give_up(|since| now.saturating_duration_since(since) >= SUSPECT_FOR);
            self.see_to_first(now);
            if let Some((mut device, answer)) = guest {
                self.line.lend(Terms::Spare);
                let look = catch_unwind(AssertUnwindSafe(|| device.look(&mut self.line)));
                let told = look.unwrap_or_else(|_| Err(self.line.broke_down("a device that is to be added")));
                // Who asked may have given up.
                answer.try_send(told).ok();
            }
        }
    }

    /// Reports those suspects as lost that are under suspicion since such a time.
    fn give_up(&mut self, which: impl Fn(Instant) -> bool) {
        for post in self.posts.iter_mut().filter(|post| post.suspect_since().is_some_and(&which)) {
            for (id, report) in post.give_up() {
                (self.hear)(id, report);
            }
        }
    }

    /// Sees to the one of those due that goes first, and to no other: the next may be one that was told meanwhile.
    fn see_to_first(&mut self, now: Instant) {
        let first = self.posts.iter().filter_map(Post::suspect_since).min();
        let mut due: Vec<_> = self.posts.iter_mut().filter(|p| p.due <= now).map(|p| (p.rank(), p.due, p)).collect();
        // In order of configuration where nothing else decides.
        due.sort_by_key(|(rank, due, _)| (*rank, *due));
        let behind = due.get(1).is_some_and(|(rank, ..)| *rank <= Rank::Second);
        let Some((rank, _, post)) = due.into_iter().next() else { return };
        let terms = match rank {
            Rank::On | Rank::Off | Rank::Keep if behind => Terms::Brief,
            Rank::On | Rank::Off | Rank::Keep | Rank::Silent => Terms::Whole,
            Rank::Second => Terms::Again,
            Rank::Look | Rank::Retry => Terms::Spare,
        };
        for (id, report) in post.see_to(&mut self.line, terms) {
            (self.hear)(id, report);
        }
        let lost = rank == Rank::Second && post.is_lost();
        if lost && self.line.state().answered_at.is_none_or(|at| first.is_some_and(|first| at < first)) {
            self.give_up(|_| true);
        }
        self.beat.turn();
    }
}

fn wait(bell: &Bell, until: Instant) -> (Option<Arc<Wants>>, Option<Guest>, bool) {
    let mut told = bell.told.lock().unwrap_or_else(PoisonError::into_inner);
    while told.wants.is_none() && told.guest.is_none() && !told.stop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        told = bell.rings.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    (told.wants.take(), told.guest.take(), told.stop)
}

#[cfg(test)]
mod tests;
