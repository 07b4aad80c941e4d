//! Reads what a station plays, shows, switches and measures, one section a file.

mod board;
mod cluster;
mod coder;
mod line;
mod profile;
mod sensor;
mod switch;
mod transmitter;

pub(super) use board::board;
pub(super) use cluster::{ClusterRow, cluster};
pub(super) use line::line;
pub(super) use sensor::sensor;
pub(super) use switch::switch;
pub(super) use transmitter::{TransmitterRow, transmitter};

use super::sheet::Entry;

fn milliseconds(entry: &Entry<'_, '_>, key: &str) -> Option<u64> {
    let seconds = entry.number(key)?;
    std::time::Duration::try_from_secs_f64(seconds).ok().and_then(|d| u64::try_from(d.as_millis()).ok())
}
