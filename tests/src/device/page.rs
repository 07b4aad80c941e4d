//! The page of a television: paints what it is told and says so again and again, while it is open.

use super::Mood;
use super::port::{Feeling, LOOK_EVERY};
use drivers::board::Screen;
use gateway_core::id::ShowId;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// The page.
#[derive(Debug)]
pub struct Page {
    mood: Feeling,
    painted: Arc<Mutex<Option<ShowId>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Page {
    /// Opens the page of this screen.
    pub fn open(screen: Arc<Screen>) -> Self {
        let (mood, painted, stop) = (Feeling::default(), Arc::<Mutex<Option<ShowId>>>::default(), Arc::default());
        let (feels, paints, stopped) = (mood.clone(), Arc::clone(&painted), Arc::<AtomicBool>::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (mut turn, mut since) = (0, Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                let (mood, scene) = (feels.get(), screen.scene());
                if matches!(mood, Mood::Well | Mood::Late(_)) {
                    if scene.turn != turn {
                        (turn, since) = (scene.turn, Instant::now());
                    }
                    *paints.lock().unwrap_or_else(PoisonError::into_inner) = scene.message.as_ref().map(|m| m.id);
                    if !matches!(mood, Mood::Late(by) if since.elapsed() < by) {
                        screen.seen(scene.turn);
                    }
                } else if mood == Mood::Absent {
                    *paints.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Self { mood, painted, stop, thread: Some(thread) }
    }

    /// How it behaves; [`Mood::Absent`] closes it.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.set(mood);
    }

    /// What it shows; `None`: nothing.
    pub fn painted(&self) -> Option<ShowId> {
        *self.painted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("a page panicked");
        }
    }
}
