//! What is true of the versions at a start: what came of a trial, and what was changed by hand.

use super::State;
use super::keep::Keep;
use super::swap::{self, Stage, Trial};
use gateway_core::journal::sha256_hex;
use gateway_core::time::Wall;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;
use web_ui::{Fate, VersionRow};

/// What is true of the versions at a start.
pub(super) fn settle(file: &Path, keep: &Keep, trial: Option<&Trial>, state: &mut State) -> std::io::Result<()> {
    if let Some(trial) = trial {
        match trial.stage {
            Stage::New | Stage::Tried if trial.chest.is_some() => state.restored = true,
            Stage::New | Stage::Tried => state.trying = Some(trial.version),
            Stage::Back if trial.chest.is_some() => {
                state.given_up = Some(trial.told.clone().unwrap_or_default());
                swap::over(file);
            }
            Stage::Back => {
                keep.tell(trial.version, Fate::FellBack, trial.told.clone());
                swap::over(file);
            }
        }
    }
    let text = fs::read_to_string(file)?;
    let sha256 = sha256_hex(text.as_bytes());
    let all = keep.all()?;
    for row in all.iter().filter(|row| matches!(row.fate, Fate::Waiting | Fate::Trying) && Some(row.no) != state.trying)
    {
        let told = Some("the station was restarted before its turn came".to_owned());
        keep.tell(row.no, Fate::Withdrawn, told);
        swap::take_away(file);
    }
    let stood = all.iter().rev().find(|row| row.fate == Fate::Stands);
    state.stands = stood.map_or(0, |row| row.no);
    if state.trying.is_some() {
        state.stands = state.trying.unwrap_or_default();
        return Ok(());
    }
    if stood.is_some_and(|row| row.sha256 == sha256) {
        return Ok(());
    }
    let no = all.last().map_or(1, |row| row.no + 1);
    let changed = fs::metadata(file).and_then(|m| m.modified()).ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let at = changed.and_then(|t| i64::try_from(t.as_secs()).ok()).map(|s| Wall::from_unix_s(s).rfc3339());
    let (by, of, told, over_programmes) = (None, None, None, false);
    let row = VersionRow { no, at, by, of, why: String::new(), fate: Fate::Stands, told, sha256, over_programmes };
    keep.add(&row, &text)?;
    state.stands = no;
    Ok(())
}
