//! What is played at every sink of a line, block by block. It runs on the thread that feeds the card: nothing in it
//! waits, allocates or frees; commands come by one ring, what happened and what is to be freed leaves by another.

use super::lane::{Command, Lane, Surroundings};
use super::length::{BLOCK, frames, length};
use super::ramp::{Curve, Ramp};
use super::tap::Tap;
use super::voice::Event;
use super::{Processing, chain::Chain};
use gateway_core::id::PlayId;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Instant;

/// Commands that may lie unread for a sink.
const COMMANDS: usize = 8;
/// From silence after (re)connecting, and to silence before closing, milliseconds.
const CONNECT_MS: u32 = 5;
/// To silence before frames are skipped and back after it, milliseconds: quick, and no click.
const SKIP_MS: u32 = 2;
/// Blocks that are skipped while one is worked out, at most: a long skip must not make the card run dry again.
const SKIPPED_AT_ONCE: usize = 4;

/// A sink as its mixer is to have it.
#[derive(Debug)]
pub(super) struct Strand {
    /// Channels it sounds on, from 0.
    pub(super) channels: Vec<usize>,
    /// What is done to its sound.
    pub(super) processing: Processing,
    /// Where what leaves it is listened to.
    pub(super) tap: Option<Tap>,
}

/// One sink.
#[derive(Debug)]
struct Outflow {
    strand: Strand,
    lane: Lane,
    chain: Chain,
    mono: [f32; BLOCK],
}

/// All sinks of a line.
#[derive(Debug)]
pub(super) struct Mixer {
    sinks: Vec<Outflow>,
    events: Producer<Event>,
    wake: Thread,
    rate: u32,
    /// Level of the whole line: fades in after connecting and out before closing.
    master: Ramp,
    /// Frames of the plays that are still to be skipped.
    skip: usize,
    /// Frames of the plays that were used, heard or skipped.
    used: u64,
    scratch: [f32; BLOCK],
    dry: Arc<AtomicU64>,
}

/// The other ends of a mixer's rings.
pub(super) struct Ends {
    /// Commands, one ring a sink.
    pub(super) commands: Vec<Producer<Command>>,
    /// What happened.
    pub(super) events: Consumer<Event>,
    /// How often a decoder was too slow.
    pub(super) dry: Arc<AtomicU64>,
}

impl Mixer {
    /// A mixer for these sinks; `wake` is the thread that reads the events.
    pub(super) fn new(sinks: Vec<Strand>, rate: u32, wake: Thread) -> (Self, Ends) {
        let (events, happened) = RingBuffer::new(32 + 32 * sinks.len());
        let (mut commands, mut outflows) = (Vec::new(), Vec::new());
        for (index, strand) in sinks.into_iter().enumerate() {
            let (told, hear) = RingBuffer::new(COMMANDS);
            commands.push(told);
            let lane = Lane::new(index, hear, &strand.processing);
            let chain = Chain::new(&strand.processing, rate);
            outflows.push(Outflow { strand, lane, chain, mono: [0.0; BLOCK] });
        }
        let dry = Arc::new(AtomicU64::new(0));
        let ends = Ends { commands, events: happened, dry: dry.clone() };
        let master = Ramp::at(0.0);
        (Self { sinks: outflows, events, wake, rate, master, skip: 0, used: 0, scratch: [0.0; BLOCK], dry }, ends)
    }

    /// Gets ready for a card of `rate` hertz: from silence, and, if it was lost, announcing anew what sounds. Returns what
    /// was made for another rate, by sink, with how much of it has played, milliseconds: it must come again. Not for the
    /// thread that feeds a card.
    pub(super) fn connect(&mut self, rate: u32, was_lost: bool) -> Vec<(usize, PlayId, u64)> {
        self.take_commands();
        self.rate = rate;
        self.master = Ramp::at(0.0);
        self.master.go(1.0, frames(CONNECT_MS, rate), Curve::Straight);
        self.skip = 0;
        let mut gone = Vec::new();
        for (index, sink) in self.sinks.iter_mut().enumerate() {
            gone.extend(sink.lane.connect(rate, was_lost).into_iter().map(|(play, ms)| (index, play, ms)));
            sink.chain = Chain::new(&sink.strand.processing, rate);
        }
        gone
    }

    /// Fades the whole line out; what plays stays where it is.
    pub(super) fn hush(&mut self) {
        self.skip = 0;
        self.master.go(0.0, frames(CONNECT_MS, self.rate), Curve::Straight);
    }

    /// Nothing plays, fades or waits, and all of it has left.
    pub(super) fn is_idle(&self) -> bool {
        self.sinks.iter().all(|s| s.lane.is_idle() && s.chain.is_empty())
    }

    /// Lets the plays go on by so many frames more than are heard: what was lost on the way to the card is not made up for
    /// by being late. All sinks fade out for it and come back after it. Nothing while it is hushed.
    pub(super) fn skip(&mut self, count: usize) {
        if count > 0 && (self.skip > 0 || !self.master.goes_to(0.0)) {
            self.skip += count;
            self.master.hurry(0.0, frames(SKIP_MS, self.rate), Curve::Straight);
        }
    }

    /// Frames of the plays that were used, heard or skipped; what it gives while it is hushed is nothing of theirs.
    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// Does what was told while no card takes sound. Frees what it must: not for the thread that feeds a card.
    pub(super) fn take_commands(&mut self) {
        self.sinks.iter_mut().for_each(|s| s.lane.take_commands());
    }

    /// Works out the next `n` ≤ [`BLOCK`] frames, the first of which leaves the device at `due`.
    pub(super) fn advance(&mut self, n: usize, due: Instant) {
        if self.skip > 0 && self.master.is_mute() {
            self.leap(n, due);
        }
        let mute = self.master.is_mute();
        self.render(n, due, mute);
        // One level for all: worked out once and laid on each, so that every sink fades alike.
        self.scratch[..n].fill(1.0);
        self.master.apply(&mut self.scratch[..n]);
        let moves = self.scratch[..n].iter().any(|level| *level != 1.0);
        for sink in &mut self.sinks {
            let out = &mut sink.mono[..n];
            if moves {
                out.iter_mut().zip(&self.scratch).for_each(|(s, level)| *s *= level);
            }
            sink.chain.pass(out);
            if let Some(tap) = &mut sink.strand.tap
                && !mute
            {
                tap.give(out, due, self.rate, sink.lane.due());
            }
        }
    }

    /// Skips as much as may be skipped at once. What is then still to be skipped grows by the `n` frames of silence that
    /// come next.
    fn leap(&mut self, n: usize, due: Instant) {
        for _ in 0..SKIPPED_AT_ONCE {
            let now = self.skip.min(BLOCK);
            self.render(now, due, false);
            self.skip -= now;
            if self.skip == 0 {
                self.master.go(1.0, frames(SKIP_MS, self.rate), Curve::Straight);
                return;
            }
        }
        self.skip += n;
    }

    /// Works out what the plays give in the next `n` frames; nothing, where they stand still.
    fn render(&mut self, n: usize, due: Instant, still: bool) {
        let (mut news, mut dry) = (false, 0);
        for sink in &mut self.sinks {
            let out = &mut sink.mono[..n];
            out.fill(0.0);
            if still {
                continue;
            }
            let (rate, due) = (self.rate, due + length(sink.chain.delay(), self.rate));
            let (events, scratch) = (&mut self.events, &mut self.scratch);
            let mut with = Surroundings { events, scratch, rate, due, news: false, dry: 0 };
            sink.lane.work(out, &mut with);
            news |= with.news;
            dry += with.dry;
        }
        self.used += if still { 0 } else { n as u64 };
        if dry > 0 {
            self.dry.fetch_add(dry, Ordering::Relaxed);
        }
        if news {
            self.wake.unpark();
        }
    }

    /// The block last worked out, for each sink: its channels and its samples.
    pub(super) fn blocks(&self, n: usize) -> impl Iterator<Item = (&[usize], &[f32])> {
        self.sinks.iter().map(move |sink| (sink.strand.channels.as_slice(), &sink.mono[..n]))
    }
}

#[cfg(test)]
mod skip_tests;
#[cfg(test)]
mod tests;
