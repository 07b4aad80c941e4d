//! A zone coder behind a Pira-style RDS encoder: the same statements as over UECP, said in its ASCII language.

use super::announcer::{Announcer, Step};
use super::pira_text::{Command, Lines, Said, UDG_GROUPS};
use super::rds::Programme;
use super::rds::group::{Bearing, Group};
use super::zone_code::ZoneCode;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::{CoderWant, Grade};
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1000);
/// Longest wait until a group that was handed over is seen among those on the air.
const AIRED_WITHIN: Duration = Duration::from_millis(2500);
/// Longest wait for an encoder to fall quiet. One that shows its groups whatever it is told is worked with all the same.
const QUIET_WITHIN: Duration = Duration::from_millis(1000);
/// A group is 87.6 ms on the air: an encoder that says nothing is given as long before the next.
const GROUP_TIME: Duration = Duration::from_millis(90);

/// How groups are handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Groups {
    /// `G=`: each once, at once. Receivers fall silent when the station dies.
    #[default]
    Once,
    /// `UDG1=` and `UDG2=`: the encoder says them again by itself, and goes on when the station dies.
    Cyclic,
}

/// What an encoder and its receivers need.
#[derive(Clone, Debug)]
pub struct PiraConfig {
    /// It answers; one that does not, then, is a line fault.
    pub two_way: bool,
    /// It can show what it sends, and is made to: `*R` and `PSW`.
    pub read_back: bool,
    /// How groups are handed over.
    pub groups: Groups,
    /// What it says of the programme.
    pub programme: Programme,
    /// What its receivers understand.
    pub code: ZoneCode,
}

/// A Pira-style encoder that opens and closes zones.
#[derive(Clone, Debug)]
pub struct Pira {
    two_way: bool,
    read_back: bool,
    groups: Groups,
    name: Option<[u8; 8]>,
    announcer: Announcer,
    /// Number of the line's opening that the encoder was set up in.
    session: u64,
    /// What it has said of a line that is not complete yet.
    lines: Lines,
    /// What it sends again by itself.
    cycle: Option<Vec<(Group, Bearing)>>,
}

impl Pira {
    /// A coder that has told its receivers nothing yet.
    pub fn new(config: PiraConfig) -> Self {
        let PiraConfig { two_way, read_back, groups, programme, code } = config;
        let name = programme.ps;
        let announcer = Announcer::new(programme, code);
        let (read_back, lines) = (read_back && two_way, Lines::default());
        Self { two_way, read_back, groups, name, announcer, session: 0, lines, cycle: None }
    }

    fn grade(&self) -> Grade {
        if self.two_way { Grade::Electrical } else { Grade::Sent }
    }

    /// Sets the encoder up once per connection.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.session == line.openings() {
            return Ok(());
        }
        let session = line.openings();
        (self.cycle, self.lines) = (None, Lines::default());
        // A stream of groups that was left on would drown the answers.
        line.send("ending the stream of groups", &Command::Watch(false).encode())?;
        self.settle(line)?;
        for step in self.announcer.greeting() {
            self.tell(line, &step)?;
        }
        self.session = session;
        Ok(())
    }

    /// Lets answers to what has no certain one go by.
    fn settle(&mut self, line: &mut Line) -> Result<(), Fault> {
        let until = Instant::now() + QUIET_WITHIN;
        while self.two_way && Instant::now() < until {
            let bytes = line.receive("waiting for quiet", GROUP_TIME)?;
            if bytes.is_empty() {
                return Ok(());
            }
            bytes.into_iter().for_each(|byte| drop(self.lines.push(byte)));
        }
        Ok(())
    }

    fn tell_all(&mut self, line: &mut Line, steps: &[Step]) -> Result<(), Fault> {
        let told = steps.iter().try_for_each(|step| self.tell(line, step));
        if told.is_err() {
            self.announcer.was_cut_off();
        }
        told
    }

    fn tell(&mut self, line: &mut Line, step: &Step) -> Result<(), Fault> {
        let said = commands(step).iter().try_for_each(|command| self.say(line, command, step.doing()));
        match (step, said) {
            // Clones without a clock are encoders all the same.
            (Step::Clock(_) | Step::ClockOn(_) | Step::RdsOn, Err(Fault::Refused(why))) => {
                log::warn!(why; "the RDS encoder does without");
                Ok(())
            }
            (_, said) => said,
        }
    }

    fn say(&mut self, line: &mut Line, command: &Command, asking: &str) -> Result<(), Fault> {
        line.send(asking, &command.encode())?;
        if !self.two_way {
            if let Command::Group(..) = command {
                std::thread::sleep(GROUP_TIME);
            }
            return Ok(());
        }
        let until = Instant::now() + ANSWER_WITHIN;
        let answer = self.hear(line, asking, until, |said| match said {
            Said::Done => Some(Ok(())),
            Said::Unknown => Some(Err("does not know it")),
            Said::BadValue => Some(Err("does not take the value")),
            Said::Partly => Some(Err("took only part of it")),
            Said::Aired(_) | Said::Text(_) => None,
        })?;
        match answer {
            Some(Ok(())) => Ok(()),
            Some(Err(why)) => Err(Fault::Refused(format!("{asking}: the encoder {why}"))),
            None => Err(line.gave_up(&format!("{asking}: waiting for the answer"))),
        }
    }

    /// Listens until something is found in what the encoder says; `None`: nothing was, in time.
    fn hear<T>(
        &mut self,
        line: &mut Line,
        asking: &str,
        until: Instant,
        mut find: impl FnMut(Said) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let mut found = None;
            // What comes after it begins a line, which another call ends.
            for said in line.receive(asking, left)?.into_iter().filter_map(|byte| self.lines.push(byte)) {
                found = found.or_else(|| find(said));
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Hands a group over once more and looks for it among those on the air.
    fn see_aired(&mut self, line: &mut Line, group: Group, bearing: Bearing) -> Result<(), Fault> {
        let asking = "looking for the zones on the air";
        line.send(asking, &Command::Watch(true).encode())?;
        if self.groups == Groups::Once {
            line.send(asking, &Command::Group(group, bearing).encode())?;
        }
        let until = Instant::now() + AIRED_WITHIN;
        // The encoder may put its own flags into block 2.
        let seen = self.hear(line, asking, until, |said| match said {
            Said::Aired([_, rest @ ..]) => (Group::of(rest).0 == group).then_some(()),
            Said::Done | Said::Unknown | Said::BadValue | Said::Partly | Said::Text(_) => None,
        });
        line.send(asking, &Command::Watch(false).encode())?;
        self.settle(line)?;
        match seen? {
            Some(()) => Ok(()),
            None => Err(Fault::Refused(format!("{asking}: the encoder took the group and does not send it"))),
        }
    }

    /// Has the encoder send the groups again by itself.
    fn set_cycle(&mut self, line: &mut Line, all: Vec<(Group, Bearing)>) -> Result<(), Fault> {
        if self.cycle.as_ref() == Some(&all) {
            return Ok(());
        }
        let asking = "setting the groups that are sent again";
        let mut places = all.chunks(UDG_GROUPS);
        let (first, second) = (places.next().unwrap_or_default(), places.next().unwrap_or_default());
        if places.next().is_some() {
            return Err(Fault::Refused(format!("{asking}: {} groups, the encoder takes 16", all.len())));
        }
        self.cycle = None;
        self.say(line, &Command::Cycle(1, first.to_vec()), asking)?;
        self.say(line, &Command::Cycle(2, second.to_vec()), asking)?;
        self.cycle = Some(all);
        Ok(())
    }

    fn check_name(&mut self, line: &mut Line) -> Result<(), Fault> {
        let asking = "asking for the name on the air";
        line.send(asking, &Command::NameOnAir.encode())?;
        let until = Instant::now() + ANSWER_WITHIN;
        let answer = self.hear(line, asking, until, |said| match said {
            Said::Text(text) if text.trim() == "PSW" => None,
            Said::Text(text) => Some(Some(text)),
            Said::Unknown => Some(None),
            Said::Done | Said::BadValue | Said::Partly | Said::Aired(_) => None,
        })?;
        match (answer, self.name) {
            (None, _) => Err(line.gave_up(&format!("{asking}: waiting for it"))),
            (Some(Some(found)), Some(name)) if found.trim() != String::from_utf8_lossy(&name).trim() => {
                Err(Fault::Refused(format!("{asking}: it is \"{}\"", found.trim())))
            }
            (Some(_), _) => Ok(()),
        }
    }
}

fn commands(step: &Step) -> Vec<Command> {
    match step {
        Step::Pi(pi) => vec![Command::Pi(*pi)],
        Step::Ps(name) => vec![Command::Ps(*name)],
        Step::TaTp { ta, tp } => vec![Command::Tp(*tp), Command::Ta(*ta)],
        Step::Pty(pty) => vec![Command::Pty(*pty)],
        Step::RdsOn => vec![Command::RdsOn(true)],
        Step::Group(group, bearing) => vec![Command::Group(*group, *bearing)],
        Step::Text { text, .. } => vec![Command::Text(text.clone())],
        Step::Clock(now) => vec![Command::Offset, Command::Date(*now), Command::Time(*now)],
        Step::ClockOn(on) => vec![Command::ClockOn(*on)],
    }
}

impl Driver<CoderWant> for Pira {
    fn apply(&mut self, line: &mut Line, want: &CoderWant) -> Result<Report, Fault> {
        self.announcer.check(want)?;
        self.greet(line)?;
        let news = self.announcer.zones() != want.zones;
        let mut steps = self.announcer.steps(want)?;
        let cycle = self.announcer.cycle(want);
        if self.groups == Groups::Cyclic {
            steps.retain(|step| !matches!(step, Step::Group(..)));
            if let Err(fault) = self.set_cycle(line, cycle.clone()) {
                self.announcer.was_cut_off();
                return Err(fault);
            }
        }
        self.tell_all(line, &steps)?;
        if self.read_back
            && news
            && let Some((group, bearing)) = cycle.last()
        {
            self.see_aired(line, *group, *bearing)?;
        }
        self.announcer.was_told();
        Ok(Report::Coder { zones: want.zones.clone(), grade: self.grade() })
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        let steps = self.announcer.upkeep();
        self.tell_all(line, &steps)?;
        match (self.read_back, self.two_way) {
            (true, _) => self.check_name(line)?,
            (false, true) => self.tell(line, &Step::RdsOn)?,
            (false, false) => {}
        }
        Ok(Report::Coder { zones: self.announcer.zones(), grade: self.grade() })
    }

    /// Receivers that hear nothing for a while fall silent by themselves.
    fn again_after(&self, want: &CoderWant) -> Option<Duration> {
        self.announcer.again_after(want)
    }
}
