//! What goes wrong: outputs, files and the power; and the peace in which everything must come to its end.

use super::Model;
use super::letters::Says;
use super::rules::Serving;
use super::twin::Twin;
use crate::told::Mishap;
use gateway_core::device::Report;
use gateway_core::id::{BulletinId, OutputId, PlayId, SinkId};
use gateway_core::input::Input;
use gateway_core::time::Mono;
use gateway_core::want::Grade;

impl Model {
    /// Something breaks, or is mended.
    pub(super) fn mishap(&mut self) -> Result<(), String> {
        if self.dice.u8(0..3) == 0 {
            return self.measured();
        }
        let outputs = self.told.site.output_ids();
        let id = &outputs[self.dice.usize(..outputs.len())];
        let broken: Vec<OutputId> = self.told.world.mishaps.keys().cloned().collect();
        let now = self.told.now.mono;
        if !broken.is_empty() && self.dice.u8(0..3) > 0 {
            self.told.world.set(&broken[self.dice.usize(..broken.len())], None, now);
        } else {
            let what = [Mishap::Dead, Mishap::Deaf, Mishap::Slow, Mishap::Idle][self.dice.usize(..4)];
            self.told.world.set(id, Some(what), now);
        }
        self.told.world.apply(self.told.site.wants(), now);
        Ok(())
    }

    /// Something is measured at the output of a sink.
    fn measured(&mut self) -> Result<(), String> {
        let sinks: Vec<SinkId> = self.told.site.config().sinks.keys().cloned().collect();
        let sink = sinks[self.dice.usize(..sinks.len())].clone();
        let play = self.told.site.wants().sinks.get(&sink).and_then(|w| w.play.clone());
        let report = match (self.dice.u8(0..6), play) {
            (0, _) => Report::Unbidden { level_db: -20.0 },
            (1, _) => Report::Howl { on: self.dice.bool(), hz: 1_000 },
            (2, Some(play)) => Report::Heard { play: play.id, grade: Grade::Content },
            (3, Some(play)) => Report::Differs { play: play.id, likeness: 0.1 },
            (2.., Some(play)) => Report::Silent { play: play.id, for_ms: 3_000 },
            (_, None) => Report::Silent { play: PlayId(0), for_ms: 3_000 },
        };
        self.feed(Input::Device(OutputId::Sink(sink), report))
    }

    /// Files come late, not at all, or break off.
    pub(super) fn files(&mut self) {
        let world = &mut self.told.world;
        world.speech_ms = [Some(300), Some(2_000), Some(20_000), None][self.dice.usize(..4)];
        world.fetch_ms = [400, 5_000, 90_000][self.dice.usize(..3)];
        let (clips, speech) = (&self.told.site.wants().clips, &self.told.site.wants().speech);
        let files: Vec<String> =
            clips.keys().map(ToString::to_string).chain(speech.keys().map(ToString::to_string)).collect();
        if !files.is_empty() {
            let file = files[self.dice.usize(..files.len())].clone();
            if self.dice.bool() {
                world.missing.insert(file)
            } else {
                world.broken.insert(file)
            };
        }
    }

    /// The power goes, and comes back at once or later, with or without a clock.
    pub(super) fn power_cut(&mut self) -> Result<(), String> {
        self.tally.cuts += 1;
        self.disk_ok = true;
        let (twin, serving) = self.saved.clone();
        let instant = serving.as_ref().is_some_and(|(_, wall)| wall.is_some()) && self.dice.bool();
        let off_ms = if instant { 0 } else { self.dice.i64(100..7_200_000) };
        let at = match serving.as_ref().and_then(|(_, wall)| *wall) {
            Some(wall) if instant => wall,
            Some(_) | None => self.true_wall().plus(off_ms),
        };
        let wall = (instant || self.dice.u8(0..3) > 0).then_some(at);
        self.tally.told_ms += self.told.now.mono.0;
        self.story.push_back(format!("{} power cut, {off_ms} ms, clock {wall:?}", self.told.now.mono.0));
        self.twin = twin;
        self.post.power_cut();
        self.made.clear();
        self.correcting.clear();
        self.told.cut_power(wall);
        self.true_offset = at.0 - 1_000;
        let now: Mono = self.told.now.mono;
        let hushed = |twin: &Twin| (twin.muted.keys().cloned().collect::<Vec<_>>(), twin.dark.len());
        let before = hushed(&self.twin);
        self.twin.restart(now, self.told.site.wall(self.told.now));
        // A clock that was set meanwhile may end a mute some seconds sooner.
        let same = before == hushed(&self.twin);
        self.follow_up()?;
        self.check()?;
        match serving {
            Some((before, _)) if instant && same => {
                let after = Serving::now(self, &self.twin);
                if before == after { Ok(()) } else { Err(format!("before the cut {before:?}\nafter it {after:?}")) }
            }
            Some(_) | None => Ok(()),
        }
    }

    /// All is mended and time runs out: everything that was accepted must end, and the hub must have heard of it.
    pub(super) fn end_in_peace(&mut self) -> Result<(), String> {
        self.disk_ok = true;
        self.told.now.wall = Some(self.true_wall());
        self.told.world.missing.clear();
        self.told.world.broken.clear();
        (self.told.world.speech_ms, self.told.world.fetch_ms) = (Some(300), 400);
        let broken: Vec<OutputId> = self.told.world.mishaps.keys().cloned().collect();
        for id in broken {
            self.told.world.set(&id, None, self.told.now.mono);
        }
        self.unmute()?;
        while let Some(letter) = self.post.next_again() {
            self.deliver(&letter)?;
        }
        self.run_for(4 * 3_600_000)?;
        self.commit()?;
        if let Some((id, known)) = self.twin.standing(Some(self.true_wall())).next() {
            return Err(format!("{id} stands after hours of peace: {known:?}"));
        }
        // What still waits for a programme or a person is called back, and that is its end.
        let open: Vec<BulletinId> =
            self.twin.bulletins.iter().filter(|(_, k)| !k.ended).map(|(id, _)| id.clone()).collect();
        for id in open {
            let body = serde_json::json!({"bulletin_id": id, "reason": "hết"});
            let at = self.true_wall();
            let mut letter = self.writer.letter(&mut self.dice, "recall", &body, at, Says::Recall { id });
            (letter.iat, letter.exp) = (at.unix_s(), at.unix_s() + 86_400);
            letter.raw = self.writer.signed("recall", &body, &letter.jti, letter.iat, letter.exp);
            let letter = self.post.sends(letter);
            self.deliver(&letter)?;
        }
        self.run_for(60_000)?;
        self.commit()?;
        self.tally.told_ms += self.told.now.mono.0;
        match self.post.open().first() {
            Some(jti) => {
                let letter = self.post.letter(jti).map(|l| format!("{:?}", l.says));
                Err(format!("{jti} was accepted and never closed: {}, {letter:?}", self.post.heard(jti)))
            }
            None => Ok(()),
        }
    }

    fn run_for(&mut self, ms: u64) -> Result<(), String> {
        let end = self.told.now.mono.plus(ms);
        self.told.world.apply(self.told.site.wants(), self.told.now.mono);
        while self.told.next_moment().is_some_and(|m| m <= end) {
            self.time_goes_on()?;
        }
        self.told.advance(end);
        self.feed(Input::Tick)
    }
}
