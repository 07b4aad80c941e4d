//! What the province rules of the site's policy is taken over as a technician's change is: by the same check, versions, turn and
//! trial. Told as levels: what stands in the history already is not kept again, whenever the station was restarted.

use super::{Author, Seen, Settings};
use crate::run::Happened;
use gateway_core::journal::Stage;
use gateway_core::ruling::{Met, Ruling};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use web_ui::{Change, Fate, Finding, Unfit, VersionRow, Wanted, What};

/// How often it is looked what became of a ruling that is not over.
const LOOK: Duration = Duration::from_secs(1);

impl Settings {
    /// What the province wants taken over, in its order; told with every step, and cheap where nothing is new.
    pub(crate) fn rule(&self, rulings: &[Ruling]) {
        let mut state = self.state();
        if state.rulings != rulings {
            state.rulings = rulings.to_vec();
            self.bell.notify_all();
        }
    }

    /// Takes over what is wanted, and says what became of it. Ends with the process.
    pub(crate) fn follow_province(self: &Arc<Self>, queue: SyncSender<Happened>, seen: Seen) -> std::io::Result<()> {
        let settings = Arc::clone(self);
        std::thread::Builder::new().name("province".into()).stack_size(512 * 1024).spawn(move || {
            let mut said: Vec<Met> = Vec::new();
            loop {
                let mut state = settings.state();
                while state.rulings.is_empty() {
                    state = settings.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                let rulings = state.rulings.clone();
                drop(state);
                said.retain(|met| rulings.iter().any(|r| r.config_id == met.config_id && r.version == met.version));
                let at = seen.borrow().clock.clone();
                for ruling in &rulings {
                    let Some(met) = settings.meet(ruling, at.clone()) else { break };
                    if said.contains(&met) {
                        continue;
                    }
                    if queue.send(Happened::Ruling(met.clone())).is_err() {
                        return;
                    }
                    said.push(met);
                }
                std::thread::sleep(LOOK);
            }
        })?;
        Ok(())
    }

    /// What became of a ruling; `None`: that is to be asked again.
    fn meet(&self, ruling: &Ruling, at: Option<String>) -> Option<Met> {
        let of = format!("{}/{}", ruling.config_id, ruling.version);
        let all = self.keep.all().ok()?;
        let (stage, code, why, no) = match all.iter().rev().find(|row| row.of.as_ref() == Some(&of)) {
            Some(VersionRow { no, fate: Fate::Stands, .. }) => (Stage::Done, "stands", None, Some(*no)),
            Some(VersionRow { no, fate: Fate::Waiting | Fate::Trying, .. }) => {
                (Stage::Waiting, "kept", None, Some(*no))
            }
            Some(VersionRow { no, fate: Fate::FellBack, told, .. }) => {
                (Stage::Failed, "fell_back", told.clone(), Some(*no))
            }
            Some(VersionRow { no, fate: Fate::Withdrawn, told: None, .. }) => {
                (Stage::Failed, "withdrawn", None, Some(*no))
            }
            // A restart came before its turn: it is kept anew.
            Some(VersionRow { fate: Fate::Withdrawn, told: Some(_), .. }) | None => self.keep_ruling(ruling, of, at)?,
        };
        let Ruling { config_id, version, .. } = ruling;
        Some(Met { config_id: config_id.clone(), version: *version, stage, code: code.to_owned(), why, no })
    }

    fn keep_ruling(
        &self,
        ruling: &Ruling,
        of: String,
        at: Option<String>,
    ) -> Option<(Stage, &'static str, Option<String>, Option<u32>)> {
        let changes = ruling.changes.iter().map(|setting| Change {
            act: What::Set,
            section: setting.section.clone(),
            id: setting.id.clone(),
            key: Some(setting.key.clone()),
            value: Some(setting.value.clone()),
        });
        let over = self.state().stands;
        let wanted = Wanted { over, changes: changes.collect(), text: None };
        let failed = |code, why| Some((Stage::Failed, code, Some(why), None));
        match self.keep_version(&wanted, Author::Province { of }, &ruling.why, false, at) {
            Ok(no) => Some((Stage::Waiting, "kept", None, Some(no))),
            Err(Unfit::Same) => Some((Stage::Done, "same", None, Some(over))),
            Err(Unfit::Wrong(findings)) => failed("bad_configuration", in_words(&findings)),
            Err(Unfit::Locked { key, .. }) => failed("locked", key),
            Err(Unfit::Misplaced(what)) => failed("misplaced", what),
            Err(Unfit::ReadOnly(why)) => failed("read_only", why),
            // Another version is on its way, or the disk does not answer: later.
            Err(Unfit::Changed(_) | Unfit::Waits(_) | Unfit::Nothing) => None,
            Err(Unfit::Disk(why)) => {
                log::warn!(error = why.as_str(); "what the province rules cannot be kept yet");
                None
            }
        }
    }
}

/// What the check finds, as `gateway check` says it.
fn in_words(findings: &[Finding]) -> String {
    let one = |f: &Finding| format!("{}: {}; {}", f.key, f.what, f.remedy);
    findings.iter().take(5).map(one).collect::<Vec<_>>().join("\n")
}
