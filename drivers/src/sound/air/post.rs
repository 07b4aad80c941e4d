//! An input of the site as an ear: opened and closed by the ear's valve, and heard in pieces of 20 ms.

use super::{Air, Ear, EarConfig};
use crate::sound::Sources;
use crate::sound::breakdown::guarded;
use crate::sound::feed::{Feed, Poured, Priming, feed_at};
use gateway_core::id::{InputId, SinkId};
use gateway_core::want::Source;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What an ear is given at, hertz.
const RATE: u32 = 48_000;
/// One piece.
const PIECE: Duration = Duration::from_millis(20);
/// More than this late, and the time is given up rather than made up for.
const LATE: Duration = Duration::from_secs(1);
/// From one attempt to hear an input to the next at least.
const RETRY: Duration = Duration::from_secs(2);
/// Stack of the two threads; the one that pours opens ALSA's plug-ins.
const STACK: usize = 512 * 1024;

/// An input in front of a sink's horns. Dropping it ends the listening.
pub struct Post {
    wish: Arc<Wish>,
}

/// What is wished of the listening thread.
#[derive(Default)]
struct Wish {
    state: Mutex<Wished>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Wished {
    open: bool,
    stop: bool,
}

impl Wish {
    fn set(&self, change: impl FnOnce(&mut Wished)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until it is not `open` any more, so long at most.
    fn while_open(&self, wait: Duration) -> Wished {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, wait, |wished| wished.open && !wished.stop);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn until_open(&self) -> Wished {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(state, |wished| !wished.open && !wished.stop);
        *waited.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Post {
    /// Lets an input listen to a sink.
    ///
    /// # Errors
    /// When no thread is to be had.
    pub fn start(
        air: &Air,
        sink: &SinkId,
        config: EarConfig,
        sources: Arc<Sources>,
        input: InputId,
    ) -> io::Result<Self> {
        let wish = Arc::new(Wish::default());
        let turned = Arc::clone(&wish);
        let ear = air.ear(sink, config, Box::new(move |open| turned.set(|wished| wished.open = open)));
        let told = Arc::clone(&wish);
        let work = move || listen(&told, &ear, &sources, &input);
        thread::Builder::new().name("sound-ear".into()).stack_size(STACK).spawn(work)?;
        Ok(Self { wish })
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.wish.set(|wished| wished.stop = true);
    }
}

fn listen(wish: &Wish, ear: &Ear, sources: &Arc<Sources>, input: &InputId) {
    while !wish.until_open().stop {
        let begun = Instant::now();
        let (spout, feed) = feed_at(RATE, Priming::Live, 0.0, 0);
        let (from, source) = (Arc::clone(sources), Source::Input(input.clone()));
        let pour = move || from.pour(&source, 0, RATE, spout);
        let pouring = thread::Builder::new().name("sound-ear-in".into()).stack_size(STACK).spawn(pour);
        if let Err(error) = pouring {
            log::error!(input = input.as_str(), error:%; "no thread to listen on");
        }
        // The other thread ends by itself when this one lets go of its ring.
        if guarded("an ear", || take_in(wish, ear, feed)).is_err() {
            log::error!(input = input.as_str(); "an ear broke down and listens anew");
        }
        // A network line ends by itself when nothing has come for seconds, as nothing does between two plays: it is opened
        // again at once, or the beginning of the next play, or all of a short chime, would go unheard.
        wish.while_open(RETRY.saturating_sub(begun.elapsed()));
    }
}

/// Hears until the ear closes or nothing comes any more.
fn take_in(wish: &Wish, ear: &Ear, mut feed: Feed) {
    let mut block = [0.0; RATE as usize / 50];
    let mut due = Instant::now() + PIECE;
    loop {
        let wished = wish.while_open(due.saturating_duration_since(Instant::now()));
        if wished.stop || !wished.open {
            return;
        }
        let now = Instant::now();
        if now.saturating_duration_since(due) > LATE {
            due = now;
        }
        let (heard, more) = match feed.render(&mut block) {
            Poured::Some(heard, _) => (heard, true),
            Poured::Last(heard) => (heard, false),
            Poured::Stuck => (0, false),
        };
        if heard > 0 {
            ear.hear(due.checked_sub(PIECE).unwrap_or(due), RATE, block.get(..heard).unwrap_or_default());
        }
        if !more {
            return;
        }
        due += PIECE;
    }
}
