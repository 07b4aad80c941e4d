//! One sink in the mixer: what sounds, what follows it, what lies beneath it and what is on its way out.

use super::Processing;
use super::length::{BLOCK, frames, length};
use super::ramp::{Curve, Ramp};
use super::voice::{Ending, Event, Voice};
use gateway_core::id::PlayId;
use gateway_core::want::{Beneath, Join};
use rtrb::{Consumer, Producer};
use std::time::{Duration, Instant};

/// What replaces or ends a sound lets it fade so long, milliseconds: quick, and no click.
const FADE_MS: u32 = 3;
/// What comes back from beneath comes in so long, milliseconds.
const RETURN_MS: u32 = 5;
/// To the level of what is ducked, and back, milliseconds.
const DUCK_MS: (u32, u32) = (150, 500);
/// What is to be cross-faded into is waited for so long, milliseconds.
const WAIT_MS: u32 = 1_000;
/// Voices on their way out at a time; more only in a storm of changes, when the quietest is cut short.
const GOING: usize = 4;
/// Voices that may wait for room among the events: every one a lane can hold.
const ENDED: usize = GOING + 3;
/// Events a command can lead to at once: only with so much room is it taken.
const ROOM: usize = GOING + 4;

/// A place in what is told.
#[derive(Debug)]
pub(super) enum Place {
    /// Nobody's.
    Empty,
    /// Of one the lane was given before. It may have ended since.
    Known(PlayId),
    /// Of a new one.
    Fresh(Voice),
}

/// The whole of what a sink is to do.
#[derive(Debug)]
pub(super) struct Command {
    /// What sounds.
    pub(super) play: Place,
    /// What follows it.
    pub(super) next: Place,
    /// What lies beneath it.
    pub(super) under: Option<(Place, Beneath)>,
    /// The volume, as a gain, of what sounds and what follows.
    pub(super) gain: f32,
    /// When the first sample of a new `play` is to leave the device; `None`: as soon as it can.
    pub(super) at: Option<Instant>,
}

/// One on its way out.
#[derive(Debug)]
struct Going {
    voice: Voice,
    /// It ended by itself, and its end is to be told.
    by_itself: bool,
}

/// One sink.
#[derive(Debug)]
pub(super) struct Lane {
    index: usize,
    commands: Consumer<Command>,
    now: Option<Voice>,
    next: Option<Voice>,
    under: Option<(Voice, Beneath)>,
    going: [Option<Going>; GOING],
    /// Ended by themselves; they wait for room among the events.
    ended: [Option<(Voice, Ending, Instant)>; ENDED],
    /// Frames that the command at hand has waited for what it brings.
    waited: u32,
    cross_fade_ms: u32,
    duck: f32,
}

/// What a lane has to do with while it works out a block.
pub(super) struct Surroundings<'a> {
    pub(super) events: &'a mut Producer<Event>,
    pub(super) scratch: &'a mut [f32; BLOCK],
    pub(super) rate: u32,
    /// When the first frame leaves the device.
    pub(super) due: Instant,
    /// Something is to be read.
    pub(super) news: bool,
    /// So often a decoder was too slow.
    pub(super) dry: u64,
}

impl Lane {
    pub(super) fn new(index: usize, commands: Consumer<Command>, processing: &Processing) -> Self {
        Self {
            index,
            commands,
            now: None,
            next: None,
            under: None,
            going: [const { None }; GOING],
            ended: [const { None }; ENDED],
            waited: 0,
            cross_fade_ms: processing.cross_fade_ms,
            duck: 10.0_f32.powf(-processing.duck_db.abs() / 20.0),
        }
    }

    /// Nothing plays, fades or waits to be told.
    pub(super) fn is_idle(&self) -> bool {
        let silent = self.now.is_none() && self.under.is_none() && self.going.iter().all(Option::is_none);
        silent && self.commands.is_empty() && self.ended.iter().all(Option::is_none)
    }

    /// The play whose sound is due.
    pub(super) fn due(&self) -> Option<PlayId> {
        let fading = || self.going.iter().flatten().map(|g| &g.voice).next();
        let under =
            || self.under.as_ref().filter(|(v, how)| *how != Beneath::Held && !v.fade.is_mute()).map(|(v, _)| v);
        self.now.as_ref().or_else(under).or_else(fading).map(|v| v.play)
    }

    /// Gets ready for another card: what fades is gone, and if the old one `was_lost`, all is announced anew. Returns what
    /// was made for another rate, with how much of it has played, milliseconds. Not for the thread that feeds a card.
    pub(super) fn connect(&mut self, rate: u32, was_lost: bool) -> Vec<(PlayId, u64)> {
        self.going = [const { None }; GOING];
        let mut gone = Vec::new();
        let mut keep = |voice: &mut Voice| {
            voice.announced &= !was_lost;
            if voice.rate != rate {
                gone.push((voice.play, voice.played_ms()));
            }
            voice.rate == rate
        };
        drop(self.now.take_if(|v| !keep(v)));
        drop(self.next.take_if(|v| !keep(v)));
        drop(self.under.take_if(|(v, _)| !keep(v)));
        gone
    }

    /// Does what was told while no card takes sound. Frees what it must: not for the thread that feeds a card.
    pub(super) fn take_commands(&mut self) {
        while let Ok(command) = self.commands.pop() {
            drop(self.arrange(command));
            self.going = [const { None }; GOING];
        }
    }

    /// Works out a block: what is told to begin at a moment of it begins there.
    pub(super) fn work(&mut self, out: &mut [f32], with: &mut Surroundings<'_>) {
        let mut done = 0;
        while done < out.len() {
            let n = self.obey(out.len() - done, with);
            self.render(&mut out[done..done + n], with);
            with.due += length(n, with.rate);
            done += n;
        }
    }

    /// Does what was told, as far as there is room to pass on what must be freed. Returns how many frames to work out, of
    /// `most`, before there may be more to do.
    fn obey(&mut self, most: usize, with: &mut Surroundings<'_>) -> usize {
        for at in 0..ENDED {
            if let Some((voice, how, due)) = self.ended[at].take() {
                self.end(voice, how, due, with);
            }
        }
        while with.events.slots() >= ROOM {
            let wait = self.wait(most, with);
            if wait > 0 {
                return wait;
            }
            let Ok(command) = self.commands.pop() else { break };
            with.news = true;
            self.waited = 0;
            for voice in self.arrange(command).into_iter().flatten() {
                // There is room, as was looked; were there none, the voice would be freed here: late but safe.
                drop(with.events.push(Event::Retired(voice)));
            }
        }
        most
    }

    /// Frames of the next `most` for which what was told is not to be done yet: its moment has not come, or what is to be
    /// cross-faded into has no sound yet. Nothing waits if something else was told since.
    fn wait(&mut self, most: usize, with: &Surroundings<'_>) -> usize {
        let told = self.commands.slots();
        let Ok(told) = self.commands.read_chunk(told) else { return 0 };
        let mut told = [told.as_slices().0, told.as_slices().1].into_iter().flatten();
        let Some(Command { play: Place::Fresh(voice), at, .. }) = told.next() else { return 0 };
        if !told.all(|c| matches!(c.play, Place::Known(play) if play == voice.play)) {
            return 0;
        }
        let early = at.map_or(0, |at| frames_of(at.saturating_duration_since(with.due), with.rate));
        if early > 0 {
            return early.min(most);
        }
        let cross = voice.join == Join::Cross && self.now.is_some() && !voice.is_ready();
        if cross && self.waited < frames(WAIT_MS, with.rate) {
            self.waited += most as u32;
            return most;
        }
        0
    }

    /// Brings the lane to what is told. Returns what is not needed any more and does not sound.
    fn arrange(&mut self, command: Command) -> [Option<Voice>; 3] {
        let Command { play, next, under, gain, .. } = command;
        let was = self.now.as_ref().map(|v| v.play);
        let ended = matches!(play, Place::Known(_));
        let lay = self.under.as_ref().map(|(v, _)| v.play);
        let mut old = [self.now.take(), self.next.take(), self.under.take().map(|(v, _)| v)];
        let mut place = |place: Place| match place {
            Place::Empty => None,
            Place::Fresh(voice) => Some(voice),
            Place::Known(play) => old.iter_mut().find(|v| v.as_ref().is_some_and(|v| v.play == play))?.take(),
        };
        let (mut play, mut next) = (place(play), place(next));
        let mut under = under.and_then(|(u, how)| Some((place(u)?, how)));
        if play.is_none() && ended {
            // It ended by itself meanwhile, and what follows it has begun or does so now.
            play = next.take();
        }
        let [before, idle, beneath] = old;
        let cross = play.as_ref().is_some_and(|v| v.join == Join::Cross && v.given == 0 && was.is_some());
        if let Some(play) = &mut play {
            play.set_gain(gain);
            // What comes back is heard anew, and that is told.
            play.announced &= lay != Some(play.play);
            if was != Some(play.play) {
                self.bring_in(play, cross);
            }
        }
        if let Some(next) = &mut next {
            next.set_gain(gain);
        }
        if let Some((voice, how)) = &mut under {
            self.lower(voice, *how, cross);
        }
        (self.now, self.next, self.under) = (play, next, under);
        [before, idle, beneath].map(|v| v.and_then(|v| self.dismiss(v, cross)))
    }

    /// A voice takes the first place.
    fn bring_in(&self, voice: &mut Voice, cross: bool) {
        let rate = voice.rate;
        if cross {
            voice.fade = Ramp::at(0.0);
            voice.fade.go(1.0, frames(self.cross_fade_ms, rate), Curve::Power);
        } else {
            let ducked = !voice.fade.is_mute() && voice.fade.left() == 0;
            let over = if ducked { DUCK_MS.1 } else { RETURN_MS };
            voice.fade.hurry(1.0, frames(over, rate), Curve::Straight);
        }
    }

    /// A voice takes the place beneath.
    fn lower(&self, voice: &mut Voice, how: Beneath, cross: bool) {
        let over = if cross { self.cross_fade_ms } else { FADE_MS };
        let curve = if cross { Curve::Power } else { Curve::Straight };
        match how {
            Beneath::Held | Beneath::Unheard => voice.fade.hurry(0.0, frames(over, voice.rate), curve),
            Beneath::Ducked => voice.fade.hurry(self.duck, frames(DUCK_MS.0, voice.rate), Curve::Straight),
        }
        if voice.given == 0 && how != Beneath::Ducked {
            voice.fade = Ramp::at(0.0);
        }
    }

    /// Lets a voice fade out. Returns one that is not needed any more.
    fn dismiss(&mut self, mut voice: Voice, cross: bool) -> Option<Voice> {
        let over = frames(if cross { self.cross_fade_ms } else { FADE_MS }, voice.rate);
        let curve = if cross { Curve::Power } else { Curve::Straight };
        if !cross {
            for going in self.going.iter_mut().flatten() {
                going.voice.fade.hurry(0.0, over, curve);
            }
        }
        if voice.given == 0 || voice.fade.is_mute() {
            return Some(voice);
        }
        voice.fade.hurry(0.0, over, curve);
        self.let_go(Going { voice, by_itself: false })
    }

    /// Puts one among those on their way out; gives back the one that is nearest its end if there are too many.
    fn let_go(&mut self, going: Going) -> Option<Voice> {
        let place = self.going.iter_mut().min_by_key(|g| g.as_ref().map_or(0, |g| 1 + g.voice.fade.left()))?;
        place.replace(going).map(|g| g.voice)
    }

    fn render(&mut self, out: &mut [f32], with: &mut Surroundings<'_>) {
        let mut at = 0;
        while at < out.len() {
            self.overlap(with);
            let Some(mut voice) = self.now.take() else { break };
            let block = voice.render(&mut out[at..]);
            with.dry += u64::from(block.dry);
            if let Some(frame) = block.audible {
                voice.announced = self.announce(voice.play, at + frame, with);
            }
            let Some((frame, how)) = block.ended else {
                self.now = Some(voice);
                break;
            };
            at += frame;
            self.end(voice, how, with.due + length(at, with.rate), with);
            self.now = self.next.take();
        }
        self.render_under(out, with);
        self.render_going(out, with);
    }

    /// Lets what follows begin before what sounds is over, where it is to.
    fn overlap(&mut self, with: &mut Surroundings<'_>) {
        let ready = self.next.as_ref().is_some_and(|v| v.join == Join::Cross && v.is_ready());
        let Some((given, left)) = self.now.as_ref().filter(|_| ready).and_then(|v| Some((v.given, v.left()?))) else {
            return;
        };
        // A short sound is heard at its full level for half of its length at least.
        let most = u64::from(frames(self.cross_fade_ms, with.rate)).min((given + left as u64) / 2);
        if left == 0 || left as u64 > most || with.events.slots() < ROOM {
            return;
        }
        let over = left as u32;
        let (Some(mut old), Some(mut new)) = (self.now.take(), self.next.take()) else { return };
        old.fade.go(0.0, over, Curve::Power);
        new.fade = Ramp::at(0.0);
        new.fade.go(1.0, over, Curve::Power);
        self.now = Some(new);
        if let Some(cut_short) = self.let_go(Going { voice: old, by_itself: true }) {
            drop(with.events.push(Event::Retired(cut_short)));
        }
    }

    fn render_under(&mut self, out: &mut [f32], with: &mut Surroundings<'_>) {
        let Some((mut voice, how)) = self.under.take() else { return };
        if how == Beneath::Held && voice.fade.is_mute() {
            self.under = Some((voice, how));
            return;
        }
        // It stands still at the very sample at which it has faded out.
        let n = if how == Beneath::Held { out.len().min(voice.fade.left() as usize) } else { out.len() };
        let block = voice.render(&mut with.scratch[..n]);
        out.iter_mut().zip(&with.scratch[..n]).for_each(|(s, u)| *s += u);
        match block.ended {
            Some((frame, ending)) => self.end(voice, ending, with.due + length(frame, with.rate), with),
            None => self.under = Some((voice, how)),
        }
    }

    fn render_going(&mut self, out: &mut [f32], with: &mut Surroundings<'_>) {
        for at in 0..GOING {
            let Some(Going { mut voice, by_itself }) = self.going[at].take() else { continue };
            let n = out.len().min(voice.fade.left() as usize);
            let block = voice.render(&mut with.scratch[..n]);
            if let Some(frame) = block.audible.filter(|_| by_itself) {
                voice.announced = self.announce(voice.play, frame, with);
            }
            out.iter_mut().zip(&with.scratch[..n]).for_each(|(s, g)| *s += g);
            if voice.fade.left() > 0 && block.ended.is_none() {
                self.going[at] = Some(Going { voice, by_itself });
            } else if by_itself {
                self.end(voice, Ending::Over, with.due + length(n, with.rate), with);
            } else if let Err(rtrb::PushError::Full(Event::Retired(voice))) = with.events.push(Event::Retired(voice)) {
                self.going[at] = Some(Going { voice, by_itself });
            }
        }
    }

    /// Tells that a play is heard. `false`: there was no room.
    fn announce(&self, play: PlayId, frame: usize, with: &mut Surroundings<'_>) -> bool {
        with.news = true;
        let due = with.due + length(frame, with.rate);
        with.events.push(Event::Sounding { lane: self.index, play, due }).is_ok()
    }

    /// Tells that a play ended, or keeps it until there is room to.
    fn end(&mut self, voice: Voice, how: Ending, due: Instant, with: &mut Surroundings<'_>) {
        match with.events.push(Event::Ended { lane: self.index, voice, how, due }) {
            Ok(()) => with.news = true,
            Err(rtrb::PushError::Full(Event::Ended { voice, .. })) => {
                // There is a place for each voice a lane can hold.
                if let Some(place) = self.ended.iter_mut().find(|p| p.is_none()) {
                    *place = Some((voice, how, due));
                }
            }
            Err(rtrb::PushError::Full(Event::Sounding { .. } | Event::Retired(_))) => {}
        }
    }
}

/// A duration as whole frames; no more than a minute of them.
fn frames_of(duration: Duration, rate: u32) -> usize {
    (duration.as_nanos().min(60_000_000_000) as u64 * u64::from(rate) / 1_000_000_000) as usize
}
