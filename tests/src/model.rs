//! The model: a core and a twin too simple to be wrong, told the same, with the power cut at any step; a seed is a story.

mod commune;
mod learn;
mod letters;
mod orders;
mod post;
mod rules;
mod tampered;
mod trouble;
mod twin;

use crate::hub::Keyring;
use crate::told::{DAWN, Told};
use fastrand::Rng;
use gateway_core::bulletin::Priority;
use gateway_core::claim::ClaimId;
use gateway_core::device::Report;
use gateway_core::id::{BulletinId, OutputId, PlayId, SinkId};
use gateway_core::input::Input;
use gateway_core::journal::Event;
use gateway_core::time::{Mono, Wall};
use gateway_core::verify::Verdict;
use gateway_core::want::Source;
use letters::{Expect, Letter, Says, Writer};
use post::Post;
use rules::Serving;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use twin::Twin;

/// What one run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Inputs fed in.
    pub steps: u64,
    /// Messages signed, delivered and verified.
    pub messages: u64,
    /// Of these, accepted.
    pub accepted: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Bulletins on air at one time or another.
    pub aired: u64,
    /// Told time that passed, milliseconds.
    pub told_ms: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.messages += other.messages;
        self.accepted += other.accepted;
        self.cuts += other.cuts;
        self.aired += other.aired;
        self.told_ms += other.told_ms;
    }
}

/// What the inputs of the present step allow the core to note.
#[derive(Debug, Default)]
struct Due {
    admitted: Option<(BulletinId, u32, Priority, bool)>,
    recalled: BTreeSet<BulletinId>,
    /// An older version of this bulletin gives way.
    newer: Option<BulletinId>,
    taken: Option<String>,
    stop_all: bool,
    /// A programme of the desk that may come into the book.
    booked: Option<gateway_core::programme::Programme>,
    desk: bool,
}

/// Whose each text and each file is: bulletin and version.
#[derive(Debug, Default)]
struct Names {
    texts: BTreeMap<String, (BulletinId, u32)>,
    clips: BTreeMap<String, (BulletinId, u32)>,
    speech: BTreeMap<String, (BulletinId, u32)>,
}

/// A core, its twin, and everything around them.
struct Model {
    dice: Rng,
    told: Told,
    twin: Twin,
    /// The twin as of the last commit, and whom the outputs served then.
    saved: (Twin, Option<(Serving, Option<Wall>)>),
    writer: Writer,
    post: Post,
    due: Due,
    names: Names,
    /// Corrections that must be said soon, and since when.
    correcting: Vec<(BulletinId, Mono)>,
    /// Files that came, or cannot be had, since the power came.
    made: BTreeSet<String>,
    /// The true time, less the monotonic clock.
    true_offset: i64,
    disk_ok: bool,
    tally: Tally,
    /// What was fed in, newest last, for a failure's story.
    story: std::collections::VecDeque<String>,
}

/// Runs one seed; the error tells at which step which rule was broken, and what led to it.
pub fn run(seed: u64, steps: u64) -> Result<Tally, String> {
    let keyring = || Keyring::told().map_err(|e| e.to_string());
    let mut dice = Rng::with_seed(seed);
    let site = commune::some_commune(&mut dice);
    let wall = (dice.u8(0..4) > 0).then_some(DAWN);
    let mut told = Told::with(site, keyring()?, wall);
    told.commits = false;
    let writer = Writer::new(keyring()?);
    let mut model = Model {
        dice,
        true_offset: DAWN.0 - 1_000,
        told,
        twin: Twin::default(),
        saved: Default::default(),
        writer,
        post: Post::default(),
        due: Due::default(),
        names: Names::default(),
        correcting: Vec::new(),
        made: BTreeSet::new(),
        disk_ok: true,
        tally: Tally::default(),
        story: Default::default(),
    };
    let told = |model: &Model, why: String| {
        let story: Vec<&str> = model.story.iter().map(String::as_str).collect();
        format!("step {}: {why}\n{}", model.tally.steps, story.join("\n"))
    };
    while model.tally.steps < steps {
        model.turn().map_err(|why| told(&model, why))?;
    }
    model.end_in_peace().map_err(|why| told(&model, format!("at the end: {why}")))?;
    Ok(model.tally)
}

impl Model {
    fn true_wall(&self) -> Wall {
        Wall(self.true_offset.saturating_add_unsigned(self.told.now.mono.0))
    }

    /// One thing happens.
    fn turn(&mut self) -> Result<(), String> {
        match self.dice.u16(0..1000) {
            0..660 => self.time_goes_on()?,
            660..690 => self.time_passes()?,
            690..820 => self.post_comes()?,
            820..890 => self.desk()?,
            890..935 => self.mishap()?,
            935..950 => self.files(),
            950..965 => {
                let up = self.dice.bool();
                self.feed(Input::Link { up })?;
            }
            965..970 => {
                self.disk_ok = !self.disk_ok;
                let well = self.disk_ok;
                self.feed(Input::Disk { well })?;
            }
            970..978 => self.power_cut()?,
            978..985 => {
                // The clock is found: NTP answers.
                self.told.now.wall = Some(self.true_wall());
                self.feed(Input::Tick)?;
            }
            _ => self.disk_ok |= self.dice.u8(0..4) == 0,
        }
        if self.disk_ok && self.dice.u8(0..3) == 0 {
            self.commit()?;
        }
        Ok(())
    }

    /// The next thing that the world has to say, or the station asked to be woken for.
    fn time_goes_on(&mut self) -> Result<(), String> {
        let soon = self.told.now.mono.plus(3_600_000);
        let next = self.told.next_moment().unwrap_or(soon).min(soon);
        self.told.advance(next);
        let input = self.told.world.pop(self.told.now.mono).unwrap_or(Input::Tick);
        self.feed(input)
    }

    /// A moment at which nothing happens.
    fn time_passes(&mut self) -> Result<(), String> {
        let ahead = self.told.next_moment().map_or(60_000, |m| m.since(self.told.now.mono)).min(60_000);
        let to = self.told.now.mono.plus(self.dice.u64(0..=ahead));
        self.told.advance(to);
        self.feed(Input::Tick)
    }

    /// Feeds one input in, and holds what came of it against the rules.
    fn feed(&mut self, input: Input) -> Result<(), String> {
        let surplus = self.story.len().saturating_sub(150);
        self.story.drain(..surplus);
        let at = self.told.now.mono.0;
        self.story.push_back(format!("{at} {}", brief(&input)));
        self.tally.steps += 1;
        if let Input::Clip(id, _) = &input {
            self.made.insert(id.to_string());
        }
        if let Input::Speech(id, _) = &input {
            self.made.insert(id.to_string());
        }
        if let Input::Device(id, report) = &input {
            self.twin.hear(id, report);
            self.ended(id, report);
        }
        self.twin.lift(self.told.now.mono);
        self.told.step(input);
        self.follow_up()?;
        self.check()
    }

    /// A play that came to its end was said.
    fn ended(&mut self, id: &OutputId, report: &Report) {
        if let (OutputId::Sink(sink), Report::Ended { broken: None, play, .. }) = (id, report)
            && !self.is_digits(sink, *play)
            && let Some(ClaimId::Bulletin(id)) = self.told.site.air().sinks.get(sink)
        {
            self.twin.said.insert((id.clone(), sink.clone()));
        }
    }

    /// What a sink says to receivers is nothing that anybody hears.
    fn is_digits(&self, sink: &SinkId, play: PlayId) -> bool {
        let wanted = self.told.site.wants().sinks.get(sink).and_then(|w| w.play.as_ref());
        wanted.is_some_and(|p| p.id == play && matches!(p.source, Source::Digits(_)))
    }

    /// Takes in what the step noted.
    fn follow_up(&mut self) -> Result<(), String> {
        let wall = self.told.site.wall(self.told.now);
        for event in std::mem::take(&mut self.told.events) {
            if let Event::State { state: gateway_core::bulletin::State::OnAir, .. } = event {
                self.tally.aired += 1;
            }
            self.story.push_back(format!("    {}", brief(&event)));
            self.learn(&event, wall)?;
        }
        let due = std::mem::take(&mut self.due);
        if due.admitted.is_some() || due.taken.is_some() {
            return Err(format!("this should have been carried out: {due:?}"));
        }
        if let Some(id) = due.recalled.iter().find(|id| !self.twin.recalled.contains(*id)) {
            return Err(format!("{id} should have been recalled"));
        }
        let stands = |id: &&BulletinId| self.twin.bulletins.get(*id).is_some_and(|k| !k.ended);
        match self.twin.replaced.iter().chain(&self.twin.recalled).find(stands) {
            Some(id) => Err(format!("{id} was recalled or superseded, and stands")),
            None => Ok(()),
        }
    }

    fn post_comes(&mut self) -> Result<(), String> {
        let again = if self.dice.u8(0..3) > 0 { self.post.next_again() } else { None };
        let letter = match again {
            Some(letter) => letter,
            None if self.dice.u8(0..12) == 0 && self.post.sent() > 0 => {
                let back = self.dice.usize(0..self.post.sent().min(30));
                self.post.repeats(self.post.sent() - 1 - back);
                return Ok(());
            }
            None => {
                let at = self.true_wall();
                let letter = self.writer.next(&mut self.dice, self.told.site.config(), &self.twin, at);
                self.post.sends(letter)
            }
        };
        self.deliver(&letter)
    }

    /// Hands a message over, judged by the core and by the twin.
    fn deliver(&mut self, letter: &Letter) -> Result<(), String> {
        self.tally.messages += 1;
        let judged = self.told.site.verify(letter.raw.as_bytes(), Some("c:25459"), self.told.now);
        let is = match &judged {
            Ok(message) => self.told.site.verdict(message, self.told.now),
            Err(refused) => refused.verdict,
        };
        let wall = self.told.site.wall(self.told.now);
        let floor = self.told.site.memory().floor.unix_s();
        let known = self.twin.taken.contains(&letter.jti) && letter.exp >= floor;
        let must = match letter.expect {
            Expect::Refused(verdict) if verdict != Verdict::BadBody => verdict,
            _ if known => Verdict::Replayed,
            _ if wall.is_some_and(|w| letter.iat > w.unix_s() + 120) => Verdict::NotYetValid,
            _ if letter.exp < wall.map_or(floor, Wall::unix_s) => Verdict::Expired,
            Expect::Refused(verdict) => verdict,
            Expect::NotOurs => Verdict::NotPermitted,
            Expect::Judged | Expect::NotImplemented => Verdict::Accepted,
        };
        if is != must {
            return Err(format!("{} is judged {is}, and must be {must}", letter.jti));
        }
        if must == Verdict::Accepted && letter.expect == Expect::Judged {
            self.tally.accepted += 1;
            self.due.taken = Some(letter.jti.clone());
            self.expect(&letter.says);
        }
        self.feed(Input::Hub(judged))
    }

    /// What an accepted message must lead to.
    fn expect(&mut self, says: &Says) {
        match says {
            Says::News { bulletin, silent, alert } => {
                let id = &bulletin.bulletin_id;
                let known = self.twin.bulletins.get(id);
                let newer = known.is_none_or(|k| k.version < bulletin.version && !alert);
                if self.twin.recalled.contains(id) || !newer {
                    return;
                }
                self.due.newer = known.map(|_| id.clone());
                if self.due.newer.is_some() {
                    // What was superseded and comes in a newer version is meant to be said after all.
                    self.twin.replaced.remove(id);
                }
                self.twin.replaces(bulletin);
                self.due.admitted = Some((id.clone(), bulletin.version, bulletin.priority, *silent));
            }
            Says::Recall { id } => {
                self.due.recalled.insert(id.clone());
            }
            Says::Cancel(ids) => self.due.recalled.extend(ids.iter().cloned()),
            Says::Book(programme) => {
                let id = programme.programme_id.to_string();
                if self.twin.programmes.get(&id).is_none_or(|p| p.version <= programme.version || !p.of_province) {
                    self.twin
                        .programmes
                        .insert(id, gateway_core::programme::Programme { of_province: true, ..*programme.clone() });
                }
            }
            Says::Quiet => {}
        }
    }

    /// What was noted is on disk now.
    fn commit(&mut self) -> Result<(), String> {
        let entries = self.told.uncommitted.clone();
        self.told.commit();
        self.told.uplinks.clear();
        self.post.committed(&entries)?;
        let wall = self.told.now.wall;
        let plain = self.twin.faulted.is_empty() && self.twin.idle.is_empty() && self.twin.unsayable.is_empty();
        let serving = plain.then(|| (Serving::now(self, &self.twin), wall));
        self.saved = (self.twin.clone(), serving);
        Ok(())
    }
}

/// The first words of what happened: a whole message would cost more than the step it is fed into.
fn brief(what: &impl fmt::Debug) -> String {
    struct Words(String);
    impl fmt::Write for Words {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            if self.0.len() > 250 { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut words = Words(String::new());
    match fmt::Write::write_fmt(&mut words, format_args!("{what:?}")) {
        Ok(()) => words.0,
        Err(_) => words.0 + "…",
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} steps, {} messages ({} accepted), {} power cuts, {} times on air, {} h of told time",
            self.steps,
            self.messages,
            self.accepted,
            self.cuts,
            self.aired,
            self.told_ms / 3_600_000
        )
    }
}
