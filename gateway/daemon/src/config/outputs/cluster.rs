//! Reads `[[cluster]]`: horns and the ways to reach them.

use crate::config::sheet::Entry;
use gateway_core::config as core;
use gateway_core::id::{ClusterId, SensorId, SinkId, SwitchId, TransmitterId};

/// One `[[cluster]]`.
pub(in crate::config) struct ClusterRow {
    pub(in crate::config) id: ClusterId,
    pub(in crate::config) core: core::Cluster,
    pub(in crate::config) stands: Option<(f64, f64)>,
}

pub(in crate::config) fn cluster(entry: &Entry<'_, '_>) -> Option<ClusterRow> {
    let (id, name) = (entry.text("id"), entry.text("name"));
    let paths: Vec<_> = entry.inlines("paths").iter().filter_map(path).collect();
    let (languages, speakers) = (entry.texts("languages"), entry.whole("speakers"));
    for language in languages.iter().flatten().filter(|l| !is_language(l)) {
        let remedy = "write a BCP 47 tag, for example \"vi\", \"km\", \"cjm\"";
        entry.bad("languages", format!("\"{language}\" is no language tag"), remedy);
    }
    let beacon = if entry.has("beacon") { Some(SwitchId::from(entry.refer("beacon")?)) } else { None };
    let (id, speakers) = (id?, u32::try_from(speakers?).ok()?);
    let core =
        core::Cluster { name: name.unwrap_or_else(|| id.clone()), paths, languages: languages?, speakers, beacon };
    for (one, other) in [("lat", "lon"), ("lon", "lat")] {
        if entry.has(one) && !entry.has(other) {
            entry.bad(one, "it stands alone", format!("add `{other}`, or remove it"));
        }
    }
    let stands =
        if entry.has("lat") && entry.has("lon") { Some((entry.number("lat")?, entry.number("lon")?)) } else { None };
    Some(ClusterRow { id: ClusterId::from(id), core, stands })
}

fn is_language(tag: &str) -> bool {
    tag.split('-').enumerate().all(|(i, part)| {
        (if i == 0 { 2..=3 } else { 1..=8 }).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn path(entry: &Entry<'_, '_>) -> Option<core::Path> {
    let given = |key: &str| entry.has(key).then(|| entry.refer(key));
    let (sink, switch, transmitter) = (given("sink"), given("switch"), given("transmitter"));
    let (force, watch) = (given("force"), given("watch"));
    let zone = entry.whole("zone");
    let sheet = |what: &str, remedy: &str| entry.sheet.problem(entry.line, entry.section.name, what, remedy);
    match (sink, transmitter) {
        (Some(sink), None) => {
            if entry.has("zone") {
                entry.bad("zone", "a sink has no zones", "remove it, or name a transmitter in place of the sink");
            }
            let switch = match switch {
                Some(id) => Some(SwitchId::from(id?)),
                None => None,
            };
            let force = match force {
                Some(id) => Some(SwitchId::from(id?)),
                None => None,
            };
            let watch = match watch {
                Some(id) => Some(SensorId::from(id?)),
                None => None,
            };
            Some(core::Path::Direct { sink: SinkId::from(sink?), switch, force, watch })
        }
        (None, Some(transmitter)) => {
            if switch.is_some() {
                let remedy = "remove it; the switch of a transmitter's mains is its own key `switch`";
                entry.bad("switch", "a zone of a transmitter has no switch", remedy);
            }
            for key in ["force", "watch"].into_iter().filter(|k| entry.has(k)) {
                let remedy = "remove it; the zone coder forces the level of receivers by itself";
                entry.bad(key, "it belongs to a path over a sink", remedy);
            }
            if !entry.has("zone") {
                sheet("a transmitter without `zone`", "add `zone = NUMBER`, the code its receivers open at");
            }
            Some(core::Path::Radio { transmitter: TransmitterId::from(transmitter?), zone: u16::try_from(zone?).ok()? })
        }
        (Some(_), Some(_)) => {
            sheet("a sink and a transmitter in one path", "make two paths of it, best first");
            None
        }
        (None, None) => {
            sheet("a path that leads nowhere", "name a sink, or a transmitter and a zone");
            None
        }
    }
}
