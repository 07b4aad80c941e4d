//! Sessions across a restart: a small file, written behind the back of whoever signs in, so that no hung disk keeps an officer out.

use super::{MOST, NAME, Place, Sitting, Sittings, WAITS};
use crate::entry::users;
use crate::problem::chain;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use tokio::time::Instant;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};

/// The file, in the data directory.
const FILE: &str = "sessions.json";

/// A file larger than this is not one of ours.
const LARGEST: u64 = 256 * 1024;

/// One session in the file.
#[derive(Serialize, Deserialize)]
struct Row {
    /// Digest of its cookie, hexadecimal.
    place: String,
    data: HashMap<String, Value>,
}

/// Takes in the sessions of before; a file that cannot be read costs a sign-in and nothing else.
pub(super) fn restore(sittings: &Sittings, dir: &Path) {
    let path = dir.join(FILE);
    let small = fs::metadata(&path).is_ok_and(|about| about.len() <= LARGEST);
    let Some(text) = small.then(|| fs::read_to_string(&path).ok()).flatten() else { return };
    let rows: Vec<Row> = match serde_json::from_str(&text) {
        Ok(rows) => rows,
        Err(error) => {
            return log::warn!(error:% = error; "the sessions of before cannot be read: everybody signs in again");
        }
    };
    let (mut table, now) = (sittings.table(), Instant::now());
    for row in rows.into_iter().take(MOST) {
        let (Some(place), true) = (place_of(&row.place), row.data.contains_key(NAME)) else { continue };
        table.newest += 1;
        // The number of the cookie is told by whoever shows it; the expiry is the table's.
        let record = Record { id: Id(0), data: row.data, expiry_date: OffsetDateTime::UNIX_EPOCH };
        let sitting = Sitting { record, number: table.newest, since: now, seen: now, until: now + WAITS };
        table.sittings.insert(place, sitting);
    }
}

/// Writes the file anew after each change; of many changes at once the last alone.
pub(super) fn keep(sittings: &Sittings, dir: &Path) {
    let (dir, mut changed) = (dir.to_owned(), sittings.0.changed.subscribe());
    let inner = std::sync::Arc::downgrade(&sittings.0);
    tokio::spawn(async move {
        // Ends with the sessions.
        while changed.changed().await.is_ok() {
            let Some(inner) = inner.upgrade() else { return };
            let (rows, dir) = (rows(&Sittings(inner)), dir.clone());
            let written = tokio::task::spawn_blocking(move || users::write(&dir, FILE, &rows)).await;
            if let Ok(Err(error)) = written {
                log::warn!(error:% = chain(&error); "the sessions cannot be kept: after a restart everybody signs in again");
            }
        }
    });
}

fn rows(sittings: &Sittings) -> Vec<u8> {
    let table = sittings.table();
    let rows: Vec<Row> = table
        .sittings
        .iter()
        .filter(|(_, sitting)| !sitting.word(NAME).is_empty())
        .map(|(place, sitting)| Row { place: hex(place), data: sitting.record.data.clone() })
        .collect();
    serde_json::to_vec(&rows).unwrap_or_default()
}

fn hex(place: &Place) -> String {
    place.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn place_of(text: &str) -> Option<Place> {
    let mut place = Place::default();
    let bytes = text.as_bytes();
    if bytes.len() != 2 * place.len() {
        return None;
    }
    for (byte, pair) in place.iter_mut().zip(bytes.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(place)
}
