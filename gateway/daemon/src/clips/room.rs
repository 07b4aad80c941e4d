//! How much may stay in the cache, and what of the lessons finds room in it.

use gateway_core::id::ClipId;
use gateway_core::want::ClipWant;
use std::collections::BTreeMap;
use std::path::Path;

/// So much of the disk stays free whatever a lesson brings, bytes.
const RESERVE: u64 = 256 << 20;

/// How many bytes may stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Of what is aired, where nobody needs it now.
    pub(crate) clips: u64,
    /// Of lessons, beside that.
    pub(crate) lessons: u64,
}

/// What is wanted, without what finds no room in the share of lessons: those in front have it.
pub(super) fn within(wanted: &BTreeMap<ClipId, ClipWant>, share: u64) -> BTreeMap<ClipId, ClipWant> {
    let mut spare: Vec<(u32, &ClipId, u64)> =
        wanted.iter().filter_map(|(id, want)| want.spare.map(|place| (place, id, want.bytes))).collect();
    spare.sort();
    let mut kept = wanted.clone();
    let mut left = share;
    for (_, id, bytes) in spare {
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => drop(kept.remove(id)),
        }
    }
    kept
}

/// Whether the disk takes so much and keeps its reserve.
pub(super) fn has_room(part: &Path, bytes: u64) -> bool {
    let dir = part.parent().unwrap_or(part);
    let free = rustix::fs::statvfs(dir).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    free.is_ok_and(|free| free >= bytes.saturating_add(RESERVE))
}
