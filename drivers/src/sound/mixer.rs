//! What is played at every sink of a line, block by block. It runs on the thread that feeds the card: nothing in it
//! waits, allocates or frees; commands come by one ring, what happened and what is to be freed leaves by another.

use super::tone::frames;
use super::voice::{Block, Ending, Ramp, Voice};
use gateway_core::id::PlayId;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Frames worked out at a time at most.
pub(super) const BLOCK: usize = 256;
/// Commands that may lie unread for a sink.
const COMMANDS: usize = 16;
/// What replaces or ends a sound lets it fade so long, milliseconds: quick, and no click.
const FADE_MS: u32 = 3;
/// From silence after (re)connecting, and to silence before closing, milliseconds.
const CONNECT_MS: u32 = 5;

/// What one sink is told.
#[derive(Debug)]
pub(super) enum Command {
    /// Play this instead of whatever plays.
    Play(Voice),
    /// Be silent.
    Silence,
    /// The gain of what plays.
    Gain(f32),
}

/// What happened.
#[derive(Debug)]
pub(super) enum Event {
    /// The first audible sample of a play leaves the device at `due`.
    Sounding { lane: usize, play: PlayId, due: Instant },
    /// The last sample of a play leaves the device at `due`; the voice is to be freed.
    Ended { lane: usize, voice: Voice, how: Ending, due: Instant },
    /// To be freed: it was replaced or withdrawn.
    Retired(Voice),
}

/// One sink.
#[derive(Debug)]
struct Lane {
    index: usize,
    channels: Vec<usize>,
    commands: Consumer<Command>,
    now: Option<Voice>,
    /// Ended by itself; waits for room among the events.
    ended: Option<(Voice, Ending, Instant)>,
    /// Fades out under what came after it.
    going: Option<(Voice, u32)>,
    mono: [f32; BLOCK],
}

/// All sinks of a line.
#[derive(Debug)]
pub(super) struct Mixer {
    lanes: Vec<Lane>,
    events: Producer<Event>,
    wake: Thread,
    rate: u32,
    /// Level of the whole line: fades in after connecting and out before closing.
    master: Ramp,
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
    /// A mixer for sinks with these channels each; `wake` is the thread that reads the events.
    pub(super) fn new(sinks: &[Vec<usize>], rate: u32, wake: Thread) -> (Self, Ends) {
        let (events, happened) = RingBuffer::new(32 + 16 * sinks.len());
        let mut commands = Vec::new();
        let mut lanes = Vec::new();
        for (index, channels) in sinks.iter().enumerate() {
            let (told, hear) = RingBuffer::new(COMMANDS);
            commands.push(told);
            lanes.push(Lane {
                index,
                channels: channels.clone(),
                commands: hear,
                now: None,
                ended: None,
                going: None,
                mono: [0.0; BLOCK],
            });
        }
        let dry = Arc::new(AtomicU64::new(0));
        let ends = Ends { commands, events: happened, dry: dry.clone() };
        (Self { lanes, events, wake, rate, master: Ramp::at(0.0), scratch: [0.0; BLOCK], dry }, ends)
    }

    /// Gets ready for a card of `rate` hertz: from silence, and, if it was lost, announcing anew what sounds. Returns the
    /// sinks whose sound was made for another rate, with how much of it has played, milliseconds: it must come again.
    pub(super) fn connect(&mut self, rate: u32, was_lost: bool) -> Vec<(usize, u64)> {
        self.take_commands();
        self.rate = rate;
        self.master = Ramp::at(0.0);
        self.master.go(1.0, frames(CONNECT_MS, rate));
        let mut gone = Vec::new();
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.going = None;
            let Some(voice) = &mut lane.now else { continue };
            voice.announced &= !was_lost;
            if voice.rate != rate {
                gone.push((index, voice.played_ms()));
                lane.now = None;
            }
        }
        gone
    }

    /// Fades the whole line out; what plays stays where it is.
    pub(super) fn hush(&mut self) {
        self.master.go(0.0, frames(CONNECT_MS, self.rate));
    }

    /// Nothing plays, fades or waits.
    pub(super) fn is_idle(&self) -> bool {
        self.lanes.iter().all(|l| l.now.is_none() && l.going.is_none() && l.ended.is_none() && l.commands.is_empty())
    }

    /// Does what was told while no card takes sound. Frees what it must: not for the thread that feeds a card.
    pub(super) fn take_commands(&mut self) {
        for lane in &mut self.lanes {
            while let Ok(command) = lane.commands.pop() {
                match command {
                    Command::Play(voice) => lane.now = Some(voice),
                    Command::Silence => lane.now = None,
                    Command::Gain(gain) => lane.now.iter_mut().for_each(|v| v.gain = Ramp::at(gain)),
                }
            }
        }
    }

    /// Works out the next `n` ≤ [`BLOCK`] frames, the first of which leaves the device at `due`.
    pub(super) fn advance(&mut self, n: usize, due: Instant) {
        let mut news = false;
        for lane in &mut self.lanes {
            lane.mono[..n].fill(0.0);
            if self.master.is_mute() {
                continue;
            }
            news |= lane.obey(&mut self.events, self.rate);
            if let Some(voice) = &mut lane.now {
                let block = voice.render(&mut lane.mono[..n]);
                if block.dry {
                    self.dry.fetch_add(1, Ordering::Relaxed);
                }
                news |= lane.tell(block, due, self.rate, &mut self.events);
            }
            lane.fade(&mut self.scratch[..n], &mut self.events);
        }
        // One level for all: worked out once and laid on each, so that every sink fades alike.
        self.scratch[..n].fill(1.0);
        self.master.apply(&mut self.scratch[..n]);
        if self.scratch[..n].iter().any(|level| *level != 1.0) {
            for lane in &mut self.lanes {
                lane.mono[..n].iter_mut().zip(&self.scratch).for_each(|(s, level)| *s *= level);
            }
        }
        if news {
            self.wake.unpark();
        }
    }

    /// The block last worked out, for each sink: its channels and its samples.
    pub(super) fn blocks(&self, n: usize) -> impl Iterator<Item = (&[usize], &[f32])> {
        self.lanes.iter().map(move |lane| (lane.channels.as_slice(), &lane.mono[..n]))
    }
}

impl Lane {
    /// Does what was told, as far as there is room to pass on what must be freed.
    fn obey(&mut self, events: &mut Producer<Event>, rate: u32) -> bool {
        let mut news = false;
        if let Some((voice, how, due)) = self.ended.take() {
            news |= self.end(voice, how, due, events);
        }
        while events.slots() >= 3 {
            let Ok(command) = self.commands.pop() else { break };
            news = true;
            match command {
                Command::Play(voice) => {
                    self.dismiss(events, rate);
                    self.now = Some(voice);
                }
                Command::Silence => self.dismiss(events, rate),
                Command::Gain(gain) => self.now.iter_mut().for_each(|v| v.set_gain(gain)),
            }
        }
        news
    }

    /// Lets what plays fade out; what was fading is cut short.
    fn dismiss(&mut self, events: &mut Producer<Event>, rate: u32) {
        let Some(mut voice) = self.now.take() else { return };
        if let Some((old, _)) = self.going.take() {
            // There is room: `obey` looked. Were there none, the voice would be freed here, late but safe.
            drop(events.push(Event::Retired(old)));
        }
        let left = frames(FADE_MS, rate);
        voice.gain.go(0.0, left);
        self.going = Some((voice, left));
    }

    /// Passes on what a block of the voice that plays held.
    fn tell(&mut self, block: Block, due: Instant, rate: u32, events: &mut Producer<Event>) -> bool {
        let Some(voice) = &mut self.now else { return false };
        let mut news = false;
        if let Some(frame) = block.audible {
            let due = due + length(frame, rate);
            voice.announced = events.push(Event::Sounding { lane: self.index, play: voice.play, due }).is_ok();
            news = true;
        }
        if let Some((frame, how)) = block.ended
            && let Some(voice) = self.now.take()
        {
            news |= self.end(voice, how, due + length(frame, rate), events);
        }
        news
    }

    fn end(&mut self, voice: Voice, how: Ending, due: Instant, events: &mut Producer<Event>) -> bool {
        match events.push(Event::Ended { lane: self.index, voice, how, due }) {
            Ok(()) => true,
            Err(rtrb::PushError::Full(Event::Ended { voice, .. })) => {
                self.ended = Some((voice, how, due));
                false
            }
            Err(rtrb::PushError::Full(Event::Sounding { .. } | Event::Retired(_))) => false,
        }
    }

    /// Adds the end of what is fading out.
    fn fade(&mut self, scratch: &mut [f32], events: &mut Producer<Event>) {
        let Some((mut voice, left)) = self.going.take() else { return };
        if left > 0 {
            voice.render(scratch);
            self.mono.iter_mut().zip(scratch.iter()).for_each(|(s, f)| *s += f);
        }
        let left = left.saturating_sub(scratch.len() as u32);
        if left > 0 {
            self.going = Some((voice, left));
        } else if let Err(rtrb::PushError::Full(Event::Retired(voice))) = events.push(Event::Retired(voice)) {
            self.going = Some((voice, 0));
        }
    }
}

/// How long so many frames last.
pub(super) fn length(frames: usize, rate: u32) -> Duration {
    Duration::from_nanos(frames as u64 * 1_000_000_000 / u64::from(rate.max(1)))
}

#[cfg(test)]
mod tests;
