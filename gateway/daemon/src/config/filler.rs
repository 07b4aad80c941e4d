//! `[filler]`: what is heard while nothing is due.

use super::sheet::Entry;
use super::station::span_of;
use gateway_core::config::{Filler, SiteConfig};
use gateway_core::id::{ClusterId, InputId};

/// Reads the section; the clusters it names must be there. Without an input there is no filler.
pub(super) fn filler(entry: &Entry<'_, '_>, site: &SiteConfig) -> Option<Option<Filler>> {
    for (one, other) in [("hours", "input"), ("clusters", "input"), ("input", "hours")] {
        if entry.has(one) && !entry.has(other) {
            entry.bad(one, format!("given without `{other}`"), format!("add `{other}`, or remove `{one}`"));
            return None;
        }
    }
    if !entry.has("input") {
        return Some(None);
    }
    let (input, hours) = (entry.refer("input"), entry.texts("hours"));
    let clusters = if entry.has("clusters") { entry.texts("clusters")? } else { Vec::new() };
    let (mut spans, mut right) = (Vec::new(), true);
    for written in hours? {
        match span_of(&written).filter(|(from, until)| from < until) {
            Some(span) => spans.push(span),
            None => {
                right = false;
                let remedy = "write HH:MM-HH:MM within one day, for example \"05:00-06:00\"";
                entry.bad("hours", format!("\"{written}\" is not a span of the day"), remedy);
            }
        }
    }
    for missing in clusters.iter().filter(|id| !site.clusters.contains_key(&ClusterId::from(id.as_str()))) {
        right = false;
        let known: Vec<&str> = site.clusters.keys().map(ClusterId::as_str).collect();
        entry.bad(
            "clusters",
            format!("there is no cluster \"{missing}\""),
            format!("name one of: {}", known.join(", ")),
        );
    }
    let clusters = clusters.into_iter().map(ClusterId::from).collect();
    let input = InputId::from(input?);
    right.then_some(Some(Filler { input, clusters, spans }))
}
