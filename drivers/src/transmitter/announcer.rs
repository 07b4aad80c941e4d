//! What a zone coder has to tell its encoder, step by step, whatever language the encoder speaks.
//!
//! Names and flags once for each connection and when they change, the open zones again and again: receivers that hear
//! nothing for a while fall silent by themselves.

use super::rds::clock::Moment;
use super::rds::group::{Bearing, Group};
use super::rds::{Content, Programme};
use super::zone_code::ZoneCode;
use gateway_core::device::Fault;
use gateway_core::want::CoderWant;
use std::collections::BTreeSet;
use std::time::Duration;

/// The encoder's clock is set again after this, seconds: it need not be a good one.
const CLOCK_EVERY_S: u64 = 600;

/// One thing to tell an encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Programme identification.
    Pi(u16),
    /// Programme service name.
    Ps([u8; 8]),
    /// Traffic flags.
    TaTp { ta: bool, tp: bool },
    /// Programme type.
    Pty(u8),
    /// Modulation on.
    RdsOn,
    /// A group, once, at once; with what its block 2 bears.
    Group(Group, Bearing),
    /// RadioText; `b`: which of the two.
    Text { text: String, b: bool },
    /// Date and time.
    Clock(Moment),
    /// Clock-time groups on or off.
    ClockOn(bool),
}

impl Step {
    /// What is being done, for faults.
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Pi(_) | Self::Ps(_) => "naming the programme",
            Self::TaTp { .. } | Self::Pty(_) => "saying what kind of programme it is",
            Self::RdsOn => "switching RDS on",
            Self::Group(..) => "stating the open zones",
            Self::Text { .. } => "setting the RadioText",
            Self::Clock(_) | Self::ClockOn(_) => "setting the clock",
        }
    }
}

/// Keeps what an encoder was told.
#[derive(Clone, Debug)]
pub(super) struct Announcer {
    programme: Programme,
    code: ZoneCode,
    told: Option<BTreeSet<u16>>,
    content: Option<Content>,
    /// The RadioText that was said last, and as which of the two.
    text: Option<(String, bool)>,
    clock_set: Option<Moment>,
    clock_on: Option<bool>,
    change: u8,
    want: CoderWant,
}

impl Announcer {
    pub(super) fn new(programme: Programme, code: ZoneCode) -> Self {
        Self {
            programme,
            code,
            told: None,
            content: None,
            text: None,
            clock_set: None,
            clock_on: None,
            change: 0,
            want: CoderWant::default(),
        }
    }

    /// What to tell an encoder that has just been reached: it may have forgotten everything.
    pub(super) fn greeting(&mut self) -> Vec<Step> {
        (self.content, self.clock_set, self.clock_on) = (None, None, None);
        let names = [self.programme.pi.map(Step::Pi), self.programme.ps.map(Step::Ps)];
        names.into_iter().flatten().chain([Step::RdsOn]).collect()
    }

    /// Whether the code can say what is wanted.
    pub(super) fn check(&self, want: &CoderWant) -> Result<(), Fault> {
        match want.zones.iter().find(|zone| !self.code.has(**zone)) {
            Some(zone) => {
                let (first, last) = (self.code.profile.first_zone, self.code.profile.last_zone);
                Err(Fault::Refused(format!("opening zone {zone}: the zone code has {first} to {last}")))
            }
            None => Ok(()),
        }
    }

    /// What to tell for this want, most urgent first; `Err`: the code cannot say it, and nothing is to be told.
    pub(super) fn steps(&mut self, want: &CoderWant) -> Result<Vec<Step>, Fault> {
        self.check(want)?;
        self.want = want.clone();
        let content = self.programme.content(want);
        let mut steps = self.flags(&content);
        let changed = self.told.as_ref() != Some(&want.zones);
        if changed {
            self.change = self.change.wrapping_add(1);
        }
        let sayings = self.code.sayings(self.told.as_ref(), &want.zones, self.change);
        let rounds = if changed { self.code.profile.repeats } else { 1 };
        steps.extend(sayings.rounds(rounds).into_iter().map(|group| Step::Group(group, content.bearing())));
        steps.extend(self.text(&content));
        self.content = Some(content);
        steps.extend(self.clock());
        Ok(steps)
    }

    /// The groups of one round, for encoders that send them again by themselves.
    pub(super) fn cycle(&mut self, want: &CoderWant) -> Vec<(Group, Bearing)> {
        let bearing = self.programme.content(want).bearing();
        let sayings = self.code.sayings(self.told.as_ref(), &want.zones, self.change);
        sayings.here.into_iter().chain(sayings.each).map(|group| (group, bearing)).collect()
    }

    /// What to tell when nothing new is wanted: an encoder that was reached anew hears its flags and text again.
    pub(super) fn upkeep(&mut self) -> Vec<Step> {
        let content = self.programme.content(&self.want);
        let mut steps = self.flags(&content);
        steps.extend(self.text(&content));
        self.content = Some(content);
        steps.extend(self.clock());
        steps
    }

    /// Everything was told.
    pub(super) fn was_told(&mut self) {
        self.told = Some(self.want.zones.clone());
    }

    /// Something was not: flags and text are told again.
    pub(super) fn was_cut_off(&mut self) {
        (self.content, self.clock_set, self.clock_on) = (None, None, None);
    }

    /// Zones that are open as far as is known.
    pub(super) fn zones(&self) -> BTreeSet<u16> {
        self.told.clone().unwrap_or_default()
    }

    /// How often open zones must be stated.
    pub(super) fn again_after(&self, want: &CoderWant) -> Option<Duration> {
        let every = u64::from(self.code.profile.keep_alive_s);
        (every > 0 && !want.zones.is_empty()).then(|| Duration::from_secs(every))
    }

    fn flags(&self, content: &Content) -> Vec<Step> {
        let known = self.content.as_ref();
        let mut steps = Vec::new();
        if known.is_none_or(|known| (known.ta, known.tp) != (content.ta, content.tp)) {
            steps.push(Step::TaTp { ta: content.ta, tp: content.tp });
        }
        if known.is_none_or(|known| known.pty != content.pty) {
            steps.push(Step::Pty(content.pty));
        }
        steps
    }

    /// A text is said where there is one, or was one; another text than before is the other of the two.
    fn text(&mut self, content: &Content) -> Option<Step> {
        let same = self.content.as_ref().is_some_and(|known| known.text == content.text);
        if same || (content.text.is_empty() && self.text.is_none()) {
            return None;
        }
        let b = self.text.as_ref().is_some_and(|(said, b)| *b != (*said != content.text));
        self.text = Some((content.text.clone(), b));
        Some(Step::Text { text: content.text.clone(), b })
    }

    fn clock(&mut self) -> Vec<Step> {
        let Some(wall) = &self.programme.clock else { return Vec::new() };
        let now = wall.now();
        let mut steps = Vec::new();
        let due = |set: Moment, now: Moment| now.unix_s < set.unix_s || now.unix_s >= set.unix_s + CLOCK_EVERY_S;
        if let Some(now) = now.filter(|now| self.clock_set.is_none_or(|set| due(set, *now))) {
            steps.push(Step::Clock(now));
            self.clock_set = Some(now);
        }
        if self.clock_on != Some(now.is_some()) {
            // A clock that nobody vouches for would set every receiver of the place wrong.
            steps.push(Step::ClockOn(now.is_some()));
            self.clock_on = Some(now.is_some());
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transmitter::cluster_code::Network;
    use crate::transmitter::rds::clock::WallClock;
    use gateway_core::want::Alarm;

    fn announcer(programme: Programme) -> Announcer {
        Announcer::new(programme, ZoneCode::open(Network::default()).expect("built in"))
    }

    fn told(announcer: &mut Announcer, want: &CoderWant) -> Vec<Step> {
        let steps = announcer.steps(want).expect("zones of the code");
        announcer.was_told();
        steps.into_iter().filter(|step| !matches!(step, Step::Group(..))).collect()
    }

    #[test]
    fn flags_and_text_are_said_when_they_change_and_to_an_encoder_that_forgot() {
        let mut announcer = announcer(Programme { pty: 3, ..Programme::default() });
        let quiet = CoderWant::open([1]);
        let alarm = CoderWant { alarm: Alarm::Real, text: Some("Lũ về".to_owned()), ..quiet.clone() };
        assert_eq!(announcer.greeting(), [Step::RdsOn]);
        assert_eq!(told(&mut announcer, &quiet), [Step::TaTp { ta: false, tp: false }, Step::Pty(3)]);
        assert_eq!(told(&mut announcer, &quiet), []);
        let text = |text: &str, b| Step::Text { text: text.to_owned(), b };
        let said = [Step::TaTp { ta: true, tp: true }, Step::Pty(31), text("Lu ve", false)];
        assert_eq!(told(&mut announcer, &alarm), said);
        assert_eq!(told(&mut announcer, &alarm), []);
        announcer.greeting();
        let again = [Step::TaTp { ta: true, tp: true }, Step::Pty(31), text("Lu ve", false)];
        assert_eq!(announcer.upkeep(), again, "the encoder was off: even a probe tells it");
        let over = [Step::TaTp { ta: false, tp: false }, Step::Pty(3), text("", true)];
        assert_eq!(told(&mut announcer, &CoderWant::default()), over);
    }

    #[test]
    fn the_clock_is_said_only_while_somebody_vouches_for_it() {
        let wall = WallClock::default();
        let mut announcer = announcer(Programme { clock: Some(wall.clone()), ..Programme::default() });
        assert!(told(&mut announcer, &CoderWant::default()).contains(&Step::ClockOn(false)));
        wall.vouch(true);
        let steps = told(&mut announcer, &CoderWant::default());
        assert!(matches!(steps[..], [Step::Clock(_), Step::ClockOn(true)]), "{steps:?}");
        assert_eq!(told(&mut announcer, &CoderWant::default()), []);
        wall.vouch(false);
        assert_eq!(told(&mut announcer, &CoderWant::default()), [Step::ClockOn(false)]);
    }

    #[test]
    fn groups_bear_the_flags_of_the_moment() {
        let mut announcer = announcer(Programme { pty: 3, ..Programme::default() });
        let want = CoderWant { alarm: Alarm::Drill, ..CoderWant::open([1]) };
        let steps = announcer.steps(&want).expect("zones of the code");
        let groups: Vec<_> = steps.iter().filter(|s| matches!(s, Step::Group(..))).collect();
        assert_eq!(groups.len(), 3 * 2 + 1, "three rounds of announcement and state, and all closed once");
        let bearing = Bearing { tp: true, pty: 30 };
        assert!(groups.iter().all(|step| matches!(step, Step::Group(_, b) if *b == bearing)));
        assert!(announcer.steps(&CoderWant::open([256])).is_err());
    }
}
