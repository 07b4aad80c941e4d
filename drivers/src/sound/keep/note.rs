//! What is known of a recording, kept beside it.

use gateway_core::id::{PlayId, SinkId};
use serde::{Deserialize, Serialize};

/// Where in a recording a play begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aired {
    /// Which; numbers begin anew at power-on.
    pub play: PlayId,
    /// From the start of the recording, milliseconds.
    pub at_ms: u64,
}

/// The note beside a recording, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Which sink it left.
    pub(super) sink: SinkId,
    /// Its start, milliseconds since 1970.
    pub(super) start_ms: i64,
    /// The clock was trusted then.
    pub(super) trusted: bool,
    /// 0 until it is finished.
    #[serde(default)]
    pub(super) duration_ms: u64,
    /// What was due in it.
    #[serde(default)]
    pub(super) plays: Vec<Aired>,
    /// Silence in the place of what could not be kept, milliseconds.
    #[serde(default)]
    pub(super) lost_ms: u64,
    /// The power failed before it was finished.
    #[serde(default)]
    pub(super) torn: bool,
}

/// A recording of what left a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its name; sorts by age.
    pub id: String,
    /// Which sink it left.
    pub sink: SinkId,
    /// Its start, milliseconds since 1970.
    pub start_ms: i64,
    /// The clock was trusted then.
    pub trusted: bool,
    /// Its length, milliseconds.
    pub duration_ms: u64,
    /// Its size, bytes.
    pub bytes: u64,
    /// What was due in it, in order.
    pub plays: Vec<Aired>,
    /// Silence in the place of what could not be kept, milliseconds.
    pub lost_ms: u64,
    /// The power failed before it was finished.
    pub torn: bool,
}

impl Recording {
    pub(super) fn of(id: String, bytes: u64, note: Note) -> Self {
        let Note { sink, start_ms, trusted, duration_ms, plays, lost_ms, torn } = note;
        Self { id, sink, start_ms, trusted, duration_ms, bytes, plays, lost_ms, torn }
    }
}
