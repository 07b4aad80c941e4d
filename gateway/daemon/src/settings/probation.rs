//! Whether a changed configuration does: everything turns, and what was well before is well again, within a given time.

use super::{Seen, Settings, turn};
use crate::health::Health;
use crate::run::Happened;
use crate::settings::swap::Trial;
use gateway_core::input::Act;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use web_ui::Asked;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(250);
/// Who notes it in the journal.
const BY: &str = "trạm";

/// Watches over a trial; goes back where it fails, as soon as nothing on air would be cut by that.
pub(crate) fn prove(
    settings: &Arc<Settings>,
    trial: Trial,
    within: Duration,
    health: Health,
    seen: Seen,
    queue: SyncSender<Happened>,
) -> std::io::Result<()> {
    let settings = Arc::clone(settings);
    let work = move || {
        let until = Instant::now() + within;
        let why = loop {
            let (missing, unasked) = missing(&trial.well, &health, &seen);
            // What has its power through a relay is not asked while that is open: it says nothing against anybody.
            if missing.is_empty() && (!unasked || Instant::now() > until) {
                settings.stands(trial.version);
                log::info!(version = trial.version; "the changed configuration has proved itself");
                note(&queue, format!("{}: stands", name(&trial)));
                return;
            }
            if Instant::now() > until {
                break format!("not well within {} s: {}", within.as_secs(), missing.join(", "));
            }
            std::thread::sleep(LOOK);
        };
        settings.goes_back(&why);
        note(&queue, format!("{}: goes back ({why})", name(&trial)));
        // A programme is no reason to stay: what it is heard on is what fails.
        while turn(&queue, true).is_err() {
            std::thread::sleep(LOOK);
        }
    };
    std::thread::Builder::new().name("probation".into()).stack_size(128 * 1024).spawn(work)?;
    Ok(())
}

/// What is tried, for the journal.
fn name(trial: &Trial) -> String {
    match trial.chest {
        Some(_) => "state restored at the desk".to_owned(),
        None => format!("configuration version {}", trial.version),
    }
}

/// What is not as it was, in words; and whether some of it has not said anything yet.
fn missing(well: &[String], health: &Health, seen: &Seen) -> (Vec<String>, bool) {
    let mut missing: Vec<String> =
        health.pulses().into_iter().filter(|(_, alive)| !alive).map(|(name, _)| name).collect();
    if !health.started.load(Ordering::Relaxed) {
        missing.push("start".to_owned());
    }
    let view = Arc::clone(&seen.borrow());
    let was_well = || view.outputs.iter().filter(|o| well.contains(&o.id));
    missing.extend(was_well().filter(|o| o.state == "faulted").map(|o| match &o.fault {
        Some(fault) => format!("{}: {fault}", o.id),
        None => o.id.clone(),
    }));
    // Before the first turn nothing is shown.
    if view.station.is_empty() {
        missing.push("view".to_owned());
    }
    (missing, was_well().any(|o| o.state == "unknown"))
}

fn note(queue: &SyncSender<Happened>, what: String) {
    let (answer, _) = oneshot::channel();
    let asked = Asked { by: BY.to_owned(), act: Act::Office { what }, answer };
    if queue.try_send(Happened::Desk(Box::new(asked))).is_err() {
        log::warn!("what came of a configuration is not in the journal");
    }
}
