//! The configuration at the desk: the file stays the one truth, and a change of it is checked by the code that reads it at the
//! start, kept as a version, and taken over by an orderly restart that finds its own way back (decision 0014).

mod change;
mod form;
mod keep;
pub(crate) mod locked;
mod probation;
mod probe;
mod province;
mod restoring;
mod settle;
pub(crate) mod swap;

pub(crate) use probation::prove;
pub(crate) use probe::Benches;

use crate::cabinet::chest::Chest;
use crate::config::{self, Config, Problem};
use crate::run::Happened;
use gateway_core::journal::sha256_hex;
use gateway_core::ruling::Ruling;
use gateway_core::view::View;
use keep::Keep;
pub(crate) use restoring::Restore;
use settle::settle;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use swap::{Stage, Trial};
use tokio::sync::watch;
use web_ui::{Checked, Configuration, Fate, Finding, Probed, Sheet, Underway, Unfit, VersionRow, Wanted};

/// How often a version that waits asks for its turn.
const ASK: Duration = Duration::from_secs(1);
/// How long a version waits at least: its author hears that it was kept, and may think again.
const GRACE: Duration = Duration::from_secs(3);
/// How long the loop may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// A station's configuration, and what is done to it.
pub(crate) struct Settings {
    file: PathBuf,
    chest: Chest,
    keep: Keep,
    benches: Benches,
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    /// The version that waits.
    waiting: Option<VersionRow>,
    /// Since when.
    since: Option<Instant>,
    /// What it waits for.
    waits_for: Option<&'static str>,
    /// The version that is being tried.
    trying: Option<u32>,
    /// The version that stands.
    stands: u32,
    /// The station goes back.
    back: Option<String>,
    /// What the province wants taken over.
    rulings: Vec<Ruling>,
    /// A backup, or what was there before it, waits to take the place of everything.
    restore: Option<Restore>,
    /// It did, and is being tried.
    restored: bool,
    /// Why the last one was given up.
    given_up: Option<String>,
}

impl State {
    /// Something waits to be taken over.
    fn waits(&self) -> bool {
        self.waiting.is_some() || self.restore.is_some()
    }

    /// Something waits to be taken over, or is being tried.
    fn is_busy(&self) -> bool {
        self.waits() || self.trying.is_some() || self.restored
    }
}

/// Who makes a version.
enum Author {
    /// Somebody at the desk, by login name.
    Person(String),
    /// The province, by this message.
    Province { of: String },
}

impl Settings {
    /// Of a station that starts: what was changed by hand becomes a version, and what came of a trial is noted.
    pub(crate) fn begin(file: &Path, data: &Path, trial: Option<&Trial>, benches: Benches) -> Arc<Self> {
        let keep = Keep::of(data);
        let mut state = State::default();
        if let Err(error) = settle(file, &keep, trial, &mut state) {
            log::warn!(error:% = error; "versions of the configuration cannot be kept");
        }
        let chest = Chest::of(data);
        if trial.is_none() {
            chest.clear();
        }
        let (file, state) = (file.to_owned(), Mutex::new(state));
        Arc::new(Self { file, chest, keep, benches, state, bell: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for its turn whenever a version waits. Ends with the process.
    pub(crate) fn mind(self: &Arc<Self>, queue: SyncSender<Happened>) -> std::io::Result<()> {
        let settings = Arc::clone(self);
        std::thread::Builder::new().name("settings".into()).stack_size(128 * 1024).spawn(move || {
            loop {
                let mut state = settings.state();
                while !state.waits() {
                    state = settings.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                let since = state.since;
                let over = state.waiting.as_ref().is_some_and(|row| row.over_programmes);
                drop(state);
                std::thread::sleep(GRACE.saturating_sub(since.map_or(GRACE, |since| since.elapsed())));
                if !settings.state().waits() {
                    continue;
                }
                match turn(&queue, over) {
                    Ok(()) => return,
                    Err(why) => settings.state().waits_for = why,
                }
                std::thread::sleep(ASK);
            }
        })?;
        Ok(())
    }

    /// What is done once everything has stopped: one file for another.
    pub(crate) fn switch(&self, view: &View) {
        let mut state = self.state();
        let chest = || Some(self.chest.folder().to_owned());
        if let Some(why) = state.back.take() {
            let (version, chest) = (state.trying.unwrap_or(0), chest().filter(|_| state.restored));
            swap::back(&self.file, Trial { version, stage: Stage::Tried, well: Vec::new(), told: None, chest }, why);
            return;
        }
        let well = view.outputs.iter().filter(|o| o.state == "well").map(|o| o.id.clone()).collect();
        if let Some(restore) = state.restore.take() {
            let trial = Trial { version: 0, stage: Stage::New, well, told: None, chest: chest() };
            let (of, back) = match &restore {
                Restore::Backup(of) => (of, false),
                Restore::Before(of) => (of, true),
            };
            if let Err(error) = swap::restore(&self.file, &trial, &self.chest, of, back) {
                log::error!(error:% = error; "the backup could not be put in its place; the next start tries again");
            }
            return;
        }
        let Some(row) = state.waiting.take() else { return };
        let trial = Trial { version: row.no, stage: Stage::New, well, told: None, chest: None };
        let fate = match swap::switch(&self.file, &trial) {
            Ok(()) => (Fate::Trying, None),
            Err(error) => {
                log::error!(error:% = error; "the configuration could not be put in its place");
                (Fate::FellBack, Some(error.to_string()))
            }
        };
        self.keep.tell(row.no, fate.0, fate.1);
    }

    /// The version that is tried has proved itself.
    fn stands(&self, version: u32) {
        swap::over(&self.file);
        let mut state = self.state();
        if std::mem::take(&mut state.restored) {
            return;
        }
        self.keep.tell(version, Fate::Stands, None);
        (state.trying, state.stands) = (None, version);
    }

    /// The station goes back as soon as it may.
    fn goes_back(&self, why: &str) {
        self.state().back = Some(why.to_owned());
    }

    fn text(&self) -> Result<String, Unfit> {
        fs::read_to_string(&self.file).map_err(|e| Unfit::Disk(format!("{}: {e}", self.file.display())))
    }

    /// The text that a proposal makes, where it is over the version that stands and touches nothing it may not.
    fn wanted(&self, wanted: &Wanted) -> Result<(String, String), Unfit> {
        let (old, stands) = (self.text()?, self.state().stands);
        if wanted.over != stands {
            return Err(Unfit::Changed(stands));
        }
        let new = match &wanted.text {
            Some(text) => text.clone(),
            None => change::changed(&old, &wanted.changes)?,
        };
        // What is no TOML is told with its line by the check.
        if let (Ok(before), Ok(after)) = (old.parse(), new.parse())
            && let Some((key, lock)) = locked::differs(&before, &after)
        {
            return Err(Unfit::Locked { key, lock });
        }
        Ok((old, new))
    }

    /// Keeps a proposal as a version that is taken over as soon as may be.
    fn keep_version(
        &self,
        wanted: &Wanted,
        author: Author,
        why: &str,
        over_programmes: bool,
        at: Option<String>,
    ) -> Result<u32, Unfit> {
        let (checked, _) = self.judged(wanted)?;
        if !checked.problems.is_empty() {
            return Err(Unfit::Wrong(checked.problems));
        }
        let text = checked.text;
        if text == self.text()? {
            return Err(Unfit::Same);
        }
        let mut state = self.state();
        if state.is_busy() {
            return Err(Unfit::Waits(state.waiting.as_ref().map(|row| row.no).or(state.trying).unwrap_or(0)));
        }
        swap::lay(&self.file, &text).map_err(|e| Unfit::ReadOnly(format!("{}: {e}", self.file.display())))?;
        let disk = |error: std::io::Error| Unfit::Disk(error.to_string());
        let no = self.keep.all().map_err(disk)?.last().map_or(1, |row| row.no + 1);
        let (by, of) = match author {
            Author::Person(name) => (Some(name), None),
            Author::Province { of } => (None, Some(of)),
        };
        let (why, sha256) = (why.to_owned(), sha256_hex(text.as_bytes()));
        let row = VersionRow { no, at, by, of, why, fate: Fate::Waiting, told: None, sha256, over_programmes };
        self.keep.add(&row, &text).map_err(disk)?;
        (state.waiting, state.since, state.waits_for) = (Some(row), Some(Instant::now()), None);
        self.bell.notify_all();
        Ok(no)
    }

    fn judged(&self, wanted: &Wanted) -> Result<(Checked, Option<Config>), Unfit> {
        let (old, new) = self.wanted(wanted)?;
        let (config, problems, warnings) = config::read_beside(&new, &self.file);
        let differs = change::differs(&old, &new);
        Ok((Checked { text: new, problems: findings(problems), warnings: findings(warnings), differs }, config))
    }
}

fn findings(problems: Vec<Problem>) -> Vec<Finding> {
    let finding = |p: Problem| Finding { line: p.line, key: p.key, what: p.what, remedy: p.remedy };
    problems.into_iter().map(finding).collect()
}

/// Asks the loop for the turn: nothing that must not be broken off stands, and it has ended.
fn turn(queue: &SyncSender<Happened>, over_programmes: bool) -> Result<(), Option<&'static str>> {
    let (answer, answered) = sync_channel(1);
    queue.try_send(Happened::Renew { over_programmes, answer }).map_err(|_| None)?;
    match answered.recv_timeout(ANSWER) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(standing)) => Err(Some(standing.as_str())),
        Err(_) => Err(None),
    }
}

impl Configuration for Settings {
    fn sheet(&self) -> Result<Sheet, Unfit> {
        let text = self.text()?;
        let (_, _, warnings) = config::read_beside(&text, &self.file);
        let state = self.state();
        let waiting = state.waiting.as_ref().map(|row| Underway {
            version: row.no,
            fate: Fate::Waiting,
            waits_for: state.waits_for.map(str::to_owned),
        });
        let trying = state.trying.map(|version| Underway { version, fate: Fate::Trying, waits_for: None });
        Ok(Sheet {
            version: state.stands,
            file: self.file.display().to_string(),
            read_only: swap::why_read_only(&self.file),
            underway: waiting.or(trying),
            warnings: findings(warnings),
            sections: form::form(&text),
            text,
        })
    }

    fn check(&self, wanted: &Wanted) -> Result<Checked, Unfit> {
        self.judged(wanted).map(|(checked, _)| checked)
    }

    fn take(
        &self,
        wanted: &Wanted,
        by: &str,
        why: &str,
        over_programmes: bool,
        at: Option<String>,
    ) -> Result<u32, Unfit> {
        self.keep_version(wanted, Author::Person(by.to_owned()), why, over_programmes, at)
    }

    fn withdraw(&self) -> Result<u32, Unfit> {
        let row = self.state().waiting.take().ok_or(Unfit::Nothing)?;
        swap::take_away(&self.file);
        self.keep.tell(row.no, Fate::Withdrawn, None);
        Ok(row.no)
    }

    fn versions(&self) -> Result<Vec<VersionRow>, Unfit> {
        let mut all = self.keep.all().map_err(|e| Unfit::Disk(e.to_string()))?;
        all.reverse();
        Ok(all)
    }

    fn version(&self, no: u32) -> Result<String, Unfit> {
        self.keep.text(no).ok_or(Unfit::Nothing)
    }

    fn probe(&self, wanted: &Wanted, section: &str, id: &str) -> Result<Probed, Unfit> {
        let (checked, config) = self.judged(wanted)?;
        match config {
            Some(config) => self.benches.probe(&config, section, id),
            None => Err(Unfit::Wrong(checked.problems)),
        }
    }
}

/// Runs the station of a file, again and again where its configuration is changed, until it is told to stop.
pub(crate) fn live(file: &Path) -> anyhow::Result<()> {
    let trial = swap::begin(file);
    let tried = trial.clone().filter(|trial| trial.stage == Stage::Tried);
    let run = || crate::start::run(crate::cli::load(file)?, file, trial.as_ref());
    match (run(), tried) {
        (Ok(crate::run::Ended::Stopped), _) => Ok(()),
        (Ok(crate::run::Ended::Renewed), _) => Err(swap::again()),
        (Err(error), Some(trial)) => {
            swap::back(file, trial, format!("{error:#}"));
            Err(swap::again())
        }
        (Err(error), None) => Err(error),
    }
}

/// The newest view there is.
pub(crate) type Seen = watch::Receiver<Arc<View>>;
