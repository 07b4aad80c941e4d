//! From the thread that feeds a card to those who listen to what leaves it: a bounded ring a sink, and one thread a line
//! that empties them.

use super::breakdown::guarded;
use super::length::{BLOCK, frames, length};
use super::listen::{Left, Listener};
use gateway_core::id::PlayId;
use rtrb::{Consumer, Producer, RingBuffer};
use std::thread;
use std::time::{Duration, Instant};

/// Blocks that may lie unread: some two seconds at 5 ms each.
const ROOM: usize = 400;
/// How often the rings are emptied, and the length of what is given to a listener at most.
const PIECE: Duration = Duration::from_millis(20);
/// Stack of the thread that listens: an encoder may work on it.
const STACK: usize = 1024 * 1024;

/// A block that left.
#[derive(Debug)]
struct Block {
    at: Instant,
    rate: u32,
    due: Option<PlayId>,
    gap: bool,
    n: usize,
    samples: [f32; BLOCK],
}

/// The mixer's end.
#[derive(Debug)]
pub(super) struct Tap {
    ring: Producer<Block>,
    /// Blocks were lost since the last one that went in.
    gap: bool,
    /// What was due a block ago: its last samples are still on their way through the limiter.
    before: Option<PlayId>,
}

/// The listeners' end of one sink.
pub(super) struct Ear {
    ring: Consumer<Block>,
    listeners: Vec<Box<dyn Listener>>,
    /// What is not yet long enough to be given.
    piece: Vec<f32>,
    /// When it began, its rate, what was due in it, and whether something was lost before it.
    head: Option<(Instant, u32, Option<PlayId>, bool)>,
}

/// A tap for a sink with these listeners; none without one.
pub(super) fn tap(listeners: Vec<Box<dyn Listener>>) -> Option<(Tap, Ear)> {
    if listeners.is_empty() {
        return None;
    }
    let (give, take) = RingBuffer::new(ROOM);
    let ear = Ear { ring: take, listeners, piece: Vec::new(), head: None };
    Some((Tap { ring: give, gap: false, before: None }, ear))
}

impl Tap {
    /// Gives a block; where there is no room it is lost, and the next one says so.
    pub(super) fn give(&mut self, samples: &[f32], at: Instant, rate: u32, due: Option<PlayId>) {
        let n = samples.len().min(BLOCK);
        let now = due.or(self.before);
        self.before = due;
        let mut block = Block { at, rate, due: now, gap: self.gap, n, samples: [0.0; BLOCK] };
        block.samples[..n].copy_from_slice(&samples[..n]);
        self.gap = self.ring.push(block).is_err();
    }
}

impl Ear {
    /// Gives the listeners what has come.
    fn listen(&mut self) {
        while let Ok(block) = self.ring.pop() {
            let most = frames(PIECE.as_millis() as u32, block.rate).max(1) as usize;
            let new = self.head.is_none_or(|(_, rate, due, _)| rate != block.rate || due != block.due || block.gap);
            if new {
                self.give();
            }
            for (at, part) in block.samples[..block.n].chunks(most).enumerate() {
                if self.piece.len() + part.len() > most {
                    self.give();
                }
                let at = block.at + length(at * most, block.rate);
                self.head.get_or_insert((at, block.rate, block.due, block.gap));
                self.piece.extend_from_slice(part);
            }
        }
        self.give();
    }

    fn give(&mut self) {
        if let Some((at, rate, due, gap)) = self.head.take() {
            let left = Left { at, rate, samples: &self.piece, due, gap };
            self.listeners.iter_mut().for_each(|l| l.hear(&left));
        }
        self.piece.clear();
    }
}

/// Starts the thread that listens, if anybody does. It ends when the mixer is gone and all that left was heard.
pub(super) fn listen(mut ears: Vec<Ear>) -> std::io::Result<()> {
    if ears.is_empty() {
        return Ok(());
    }
    let work = move || {
        loop {
            let last = ears.iter().all(|e| e.ring.is_abandoned());
            for ear in &mut ears {
                // One who listens and breaks down must not make all others deaf.
                if guarded("a listener", || ear.listen()).is_err() {
                    (ear.head, ear.piece) = (None, Vec::new());
                }
            }
            if last {
                break;
            }
            thread::sleep(PIECE);
        }
        ears.iter_mut().flat_map(|e| &mut e.listeners).for_each(|l| l.close());
    };
    thread::Builder::new().name("sound-listen".into()).stack_size(STACK).spawn(work).map(drop)
}
