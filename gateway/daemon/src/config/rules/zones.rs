//! What a zone may be: what the code profile or the zone tones of its transmitter can say.

use super::Rows;
use crate::config::CoderSpec;
use drivers::transmitter::CoderConfig;
use drivers::transmitter::zone_code::ZoneCode;
use gateway_core::config::Path;
use std::collections::BTreeSet;

/// Zones that take longer than this to be opened one by one keep the words waiting, milliseconds.
const LONG_MS: u64 = 10_000;

impl Rows<'_, '_> {
    /// Every zone can be said to the receivers of its transmitter.
    pub(super) fn zones_can_be_said(&self) {
        for (entry, row) in &self.clusters {
            for path in &row.core.paths {
                let Path::Radio { transmitter, zone } = path else { continue };
                let Some((_, fm)) = self.transmitters.iter().find(|(_, t)| t.spec.id == *transmitter) else { continue };
                if let Some(code) = fm.coder.as_ref().map(code).filter(|code| !code.has(*zone)) {
                    let profile = &code.profile;
                    let what = format!(
                        "zone {zone} of the transmitter \"{transmitter}\" cannot be said by its code \"{}\"",
                        profile.name
                    );
                    let (first, last) = (profile.first_zone, profile.last_zone);
                    let remedy = format!("write a zone of {first}–{last}, or choose another `code` for its `rds`");
                    entry.bad("paths", what, remedy);
                }
                if let Some(Err(fault)) = fm.core.tones.as_ref().map(|tones| tones.check(*zone)) {
                    let what = format!("the zone tones of the transmitter \"{transmitter}\" cannot say it: {fault}");
                    entry.bad("paths", what, "write a smaller zone, or make room for it: `{zone:3}`");
                }
            }
        }
    }

    /// What is said in the sound must not reach anybody else, and not take long.
    pub(super) fn tones_go_to_one_transmitter(&self) {
        for (entry, row) in &self.transmitters {
            let (Some(tones), sink) = (&row.core.tones, &row.core.sink) else { continue };
            let other = self.transmitters.iter().find(|(_, t)| t.spec.id != row.spec.id && t.core.sink == *sink);
            let direct = |path: &Path| matches!(path, Path::Direct { sink: of, .. } if of == sink);
            let horns = self.clusters.iter().find(|(_, c)| c.core.paths.iter().any(direct));
            let other = other.map(|(_, t)| format!("the transmitter \"{}\"", t.spec.id));
            let horns = horns.map(|(_, c)| format!("the cluster \"{}\"", c.id));
            if let Some(other) = other.or(horns) {
                let what = format!("the sink \"{sink}\" also feeds {other}, which would hear the zone tones");
                entry.bad("sink", what, "give the transmitter a sink of its own");
            }
            let zones: BTreeSet<u16> = self
                .clusters
                .iter()
                .flat_map(|(_, c)| &c.core.paths)
                .filter_map(|path| match path {
                    Path::Radio { transmitter, zone } => (*transmitter == row.spec.id).then_some(*zone),
                    Path::Direct { .. } => None,
                })
                .collect();
            let takes_ms = tones.takes_ms(&tones.change(Some(&BTreeSet::new()), &zones, &zones));
            if takes_ms > LONG_MS {
                let what = format!("{} zones take {:.0} s to be opened", zones.len(), takes_ms as f64 / 1000.0);
                let remedy = "write `open_all` where the receivers have such a code, or shorter digits and pauses";
                entry.sheet.warning(entry.line_of("zone_tones"), &entry.path("zone_tones"), what, remedy);
            }
        }
    }
}

fn code(coder: &CoderSpec) -> &ZoneCode {
    match &coder.config {
        CoderConfig::Uecp(config) => &config.code,
        CoderConfig::Pira(config) => &config.code,
    }
}
