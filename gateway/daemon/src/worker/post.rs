//! What a line's thread sees to: a device, or the switches of one board; when it is due, and before whom.

use super::bank::Bank;
use super::device::{Device, Outcome};
use drivers::line::{Line, Terms};
use drivers::switch::Coil;
use gateway_core::device::{Fault, Report};
use gateway_core::id::{OutputId, SwitchId};
use gateway_core::want::Wants;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A healthy device is looked at this often.
pub(super) const PROBE_EVERY: Duration = Duration::from_secs(10);
/// Pause before a failed device is tried again: doubled from the first to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// Who goes first when several are due, first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Newly told to be on, to show, to open.
    On,
    /// Newly told to be off.
    Off,
    /// Lets go by itself unless it is told again.
    Keep,
    /// Did not answer while others waited: asked once more, and then said to be lost.
    Second,
    /// Newly told, but it was silent when last asked.
    Silent,
    /// Only looked at.
    Look,
    /// Failed, and tried again now and then.
    Retry,
}

enum Charge {
    One(Box<Device>),
    Several(Bank),
}

impl Charge {
    fn see_to(&mut self, line: &mut Line) -> Vec<Outcome> {
        match self {
            Self::One(device) => vec![device.see_to(line)],
            Self::Several(bank) => bank.see_to(line),
        }
    }

    /// What is to be said of each of its outputs when its driver broke down; its level is brought about again.
    fn broke_down(&mut self, line: &mut Line) -> Vec<Outcome> {
        let ids = match self {
            Self::One(device) => {
                device.forget();
                vec![device.id()]
            }
            Self::Several(bank) => bank.ids(),
        };
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        log::error!(outputs = names.join(" "); "a driver broke down and is tried again");
        let fault = line.broke_down(&format!("driving {}", names.join(" ")));
        ids.into_iter().map(|id| (id, Err(fault.clone()))).collect()
    }
}

/// What did not answer while others waited.
struct Suspect {
    /// When that was first.
    since: Instant,
    /// What is to be said of it if it stays so.
    faults: Vec<(OutputId, Fault)>,
}

/// One of them.
pub(super) struct Post {
    charge: Charge,
    /// When it is to be seen to.
    pub(super) due: Instant,
    pause: Duration,
    /// Told something since it was last seen to.
    pub(super) news: bool,
    suspect: Option<Suspect>,
    failed: bool,
    silent: bool,
    /// The last look of a self-test that was wanted.
    look: Option<u64>,
    /// It has not been carried out yet.
    to_look: bool,
}

/// Makes one post of the switches of each board, and one of each other device, in the order of the first of each.
pub(super) fn posts(devices: Vec<Device>) -> Vec<Post> {
    let units: Vec<Option<u8>> = devices.iter().map(|device| device.coil().map(|(_, at)| at.unit)).collect();
    let mut posts = Vec::new();
    let mut taken: Vec<u8> = Vec::new();
    let coils: Vec<Option<(SwitchId, Coil)>> = devices.iter().map(Device::coil).collect();
    for (device, unit) in devices.into_iter().zip(units) {
        let Some(unit) = unit else {
            posts.push(Post::new(Charge::One(Box::new(device))));
            continue;
        };
        if taken.contains(&unit) {
            continue;
        }
        taken.push(unit);
        let mates: Vec<_> = coils.iter().flatten().filter(|(_, at)| at.unit == unit).cloned().collect();
        posts.push(Post::new(match mates.len() {
            1 => Charge::One(Box::new(device)),
            _ => Charge::Several(Bank::new(unit, mates)),
        }));
    }
    posts
}

impl Post {
    fn new(charge: Charge) -> Self {
        let (due, pause) = (Instant::now(), PAUSES.0);
        Self { charge, due, pause, news: true, suspect: None, failed: false, silent: false, look: None, to_look: false }
    }

    /// Takes the newest wants in.
    pub(super) fn tell(&mut self, wants: &Wants, now: Instant) {
        let news = match &mut self.charge {
            Charge::One(device) => device.is_told(wants),
            Charge::Several(bank) => bank.is_told(wants),
        };
        if news {
            (self.news, self.due) = (true, now);
        }
        // A self-test wants to know how it is, once for each number.
        if self.look != wants.trial {
            (self.look, self.to_look) = (wants.trial, wants.trial.is_some());
            if self.to_look {
                self.due = now;
            }
        }
    }

    /// Before whom it goes.
    pub(super) fn rank(&self) -> Rank {
        let active = || match &self.charge {
            Charge::One(device) => device.is_active(),
            Charge::Several(bank) => bank.is_active(),
        };
        match (self.news, self.suspect.is_some()) {
            (true, _) if self.silent => Rank::Silent,
            (_, true) => Rank::Second,
            (true, false) if active() => Rank::On,
            (true, false) => Rank::Off,
            (false, false) if self.failed => Rank::Retry,
            (false, false) if self.again_after().is_some() => Rank::Keep,
            (false, false) => Rank::Look,
        }
    }

    fn again_after(&self) -> Option<Duration> {
        match &self.charge {
            Charge::One(device) => device.again_after(),
            Charge::Several(_) => None,
        }
    }

    /// Sees to it on these terms; what there is to be reported. Nothing, and due still, if it had to give way.
    pub(super) fn see_to(&mut self, line: &mut Line, terms: Terms) -> Vec<(OutputId, Report)> {
        line.lend(terms);
        let began = Instant::now();
        let charge = &mut self.charge;
        // A driver that breaks down must not take its neighbours with it: the line's thread goes on.
        let outcomes = catch_unwind(AssertUnwindSafe(|| charge.see_to(line)));
        let outcomes = outcomes.unwrap_or_else(|_| self.charge.broke_down(line));
        let silent = |(_, outcome): &Outcome| matches!(outcome, Err(Fault::Line(_)));
        if line.gave_way() && outcomes.iter().any(silent) {
            if terms != Terms::Spare {
                let fault = |(id, outcome): Outcome| outcome.err().map(|fault| (id, fault));
                let faults = outcomes.into_iter().filter_map(fault).collect();
                let since = self.suspect.take().map_or(began, |suspect| suspect.since);
                self.suspect = Some(Suspect { since, faults });
            }
            return Vec::new();
        }
        let tried = self.tried(began.elapsed(), &outcomes);
        let was_failed = self.failed;
        (self.news, self.suspect) = (false, None);
        self.failed = outcomes.iter().any(|(_, outcome)| outcome.is_err());
        self.silent = outcomes.iter().any(silent);
        let rest = if self.failed { self.pause } else { self.again_after().unwrap_or(PROBE_EVERY).min(PROBE_EVERY) };
        self.due = Instant::now() + rest;
        self.pause = if self.failed { (self.pause * 2).min(PAUSES.1) } else { PAUSES.0 };
        let report = |(id, outcome)| match outcome {
            Ok(Some(report)) => Some((id, report)),
            Ok(None) => was_failed.then_some((id, Report::Asleep)),
            Err(fault) => Some((id, Report::Fault(fault))),
        };
        outcomes.into_iter().filter_map(report).chain(tried).collect()
    }

    /// Since when it is a suspect, if it is one.
    pub(super) fn suspect_since(&self) -> Option<Instant> {
        self.suspect.as_ref().map(|suspect| suspect.since)
    }

    /// It did not answer when last asked, and that was reported.
    pub(super) fn is_lost(&self) -> bool {
        self.silent && self.suspect.is_none()
    }

    /// Takes a suspect as lost without asking it again; what there is to be reported. It is tried with patience after the
    /// usual pause, and says itself that it is back.
    pub(super) fn give_up(&mut self) -> Vec<(OutputId, Report)> {
        let Some(suspect) = self.suspect.take() else { return Vec::new() };
        (self.news, self.failed, self.silent) = (false, true, true);
        self.due = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(PAUSES.1);
        suspect.faults.into_iter().map(|(id, fault)| (id, Report::Fault(fault))).collect()
    }

    /// That the look which was wanted has been carried out.
    fn tried(&mut self, took: Duration, outcomes: &[Outcome]) -> Vec<(OutputId, Report)> {
        if !std::mem::take(&mut self.to_look) {
            return Vec::new();
        }
        let Some(look) = self.look else { return Vec::new() };
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let report = |(id, _): &Outcome| (id.clone(), Report::Tried { look, ms, figures: Vec::new() });
        outcomes.iter().map(report).collect()
    }
}
