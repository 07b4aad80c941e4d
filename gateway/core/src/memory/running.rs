//! What runs or stands for a while: programmes, decisions, silences.

use super::Memory;
use crate::bulletin::Targets;
use crate::config::First;
use crate::id::{BulletinId, InputId, ProgrammeId, SinkId};
use crate::programme::Programme;
use crate::time::Wall;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A running programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `<programme>@<start>`.
    pub key: String,
    /// Programme.
    pub programme: ProgrammeId,
    /// Title.
    pub title: String,
    /// Began.
    pub start: Wall,
    /// Is cut off at.
    pub end: Wall,
    /// Where.
    pub targets: Targets,
    /// What, in order.
    pub items: Vec<SessionItem>,
    /// Progress by sink: items done, turns done of the next.
    pub at: BTreeMap<SinkId, (usize, u16)>,
    /// Order of arrival.
    #[serde(default)]
    pub order: u64,
    /// Who booked it; `None`: the province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// One item of a running programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionItem {
    /// Chime.
    Chime,
    /// A bulletin.
    Bulletin(BulletinId),
    /// A pause, milliseconds.
    Silence(u64),
    /// A relay of an input.
    Relay {
        /// Which.
        input: InputId,
        /// For how long at most, milliseconds.
        ms: u64,
    },
}

/// A clash of two priority items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The hub's item.
    pub bulletin: BulletinId,
    /// The programme.
    pub programme: ProgrammeId,
    /// Taken if nobody answers.
    pub default: First,
    /// What was decided.
    pub first: Option<First>,
    /// By whom.
    pub by: Option<String>,
}

/// A silence that a person ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hush {
    /// For how long, milliseconds.
    pub for_ms: u64,
    /// Until, where the clock was trusted.
    pub until: Option<Wall>,
}

impl Memory {
    /// A programme stands in the book, with who put it there.
    pub(super) fn book(&mut self, programme: &Programme, since: Option<Wall>, by: Option<&String>) {
        let id = &programme.programme_id;
        match by {
            Some(by) => self.booked.insert(id.clone(), by.clone()),
            None => self.booked.remove(id),
        };
        if let Some(since) = since {
            let last = self.last_start.entry(id.clone()).or_insert(since);
            *last = (*last).max(since);
        }
        self.programmes.insert(id.clone(), programme.clone());
    }
}
