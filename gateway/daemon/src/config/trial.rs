//! Reads `[selftest]` and `[[drill]]`.

use super::sheet::Entry;
use gateway_core::bulletin::Targets;
use gateway_core::config::SiteConfig;
use gateway_core::drill::{Drill, Every, Kind};
use gateway_core::id::{DrillId, OutputId, SensorId};
use gateway_core::time::parse_time_of_day;
use gateway_core::trial::{Limits, SelfTest};
use std::collections::BTreeMap;

fn time_of_day(entry: &Entry<'_, '_>, key: &str, written: &str) -> Option<u32> {
    let at = parse_time_of_day(written);
    if at.is_none() {
        entry.bad(key, format!("\"{written}\" is no time of day"), "write HH:MM, for example \"16:00\"");
    }
    at
}

/// `[selftest]`.
pub(super) fn selftest(entry: &Entry<'_, '_>, site: &SiteConfig, sensors: &[SensorId]) -> Option<SelfTest> {
    let nightly = entry.text("nightly")?;
    let nightly_s = if nightly == "off" { None } else { Some(time_of_day(entry, "nightly", &nightly)?) };
    let limits = Limits {
        answer_times: entry.number("answer_times")?,
        reflected_rise_pct: entry.number("reflected_rise_pct")?,
        forward_drop_pct: entry.number("forward_drop_pct")?,
        other_change_pct: entry.number("other_change_pct")?,
    };
    let mut known: Vec<String> = outputs(site).map(|id| id.to_string()).collect();
    known.extend(sensors.iter().map(|id| OutputId::Sensor(id.clone()).to_string()));
    let mut own_limits = BTreeMap::new();
    for own in if entry.has("limit") { entry.inlines("limit") } else { Vec::new() } {
        let Some(output) = own.text("output") else { continue };
        if !known.contains(&output) {
            let what = format!("there is no output \"{output}\"");
            own.bad("output", what, format!("name one of: {}", known.join(", ")));
        }
        let of = |key: &str, usual: f64| if own.has(key) { own.number(key).unwrap_or(usual) } else { usual };
        let limits = Limits {
            answer_times: of("answer_times", limits.answer_times),
            reflected_rise_pct: of("reflected_rise_pct", limits.reflected_rise_pct),
            forward_drop_pct: of("forward_drop_pct", limits.forward_drop_pct),
            other_change_pct: of("other_change_pct", limits.other_change_pct),
        };
        own_limits.insert(output, limits);
    }
    Some(SelfTest { nightly_s, limits, own_limits, has_hub: false })
}

fn outputs(site: &SiteConfig) -> impl Iterator<Item = OutputId> {
    let coded = site.transmitters.iter().filter(|(_, t)| t.coded).map(|(id, _)| id.clone());
    (site.sinks.keys().cloned().map(OutputId::Sink))
        .chain(site.switches.keys().cloned().map(OutputId::Switch))
        .chain(site.transmitters.keys().cloned().map(OutputId::Transmitter))
        .chain(coded.map(OutputId::Coder))
        .chain(site.boards.keys().cloned().map(OutputId::Board))
}

/// `[[drill]]`.
pub(super) fn drill(entry: &Entry<'_, '_>, site: &SiteConfig) -> Option<(DrillId, Drill)> {
    let (id, title, every, weekday) =
        (entry.text("id"), entry.text("title"), entry.text("every"), entry.text("weekday"));
    let (kind, text, level) = (entry.text("kind"), entry.text("text"), entry.whole("level"));
    let at_s = entry.text("time").and_then(|written| time_of_day(entry, "time", &written));
    let clusters = entry.texts("clusters");
    let boards = if entry.has("boards") { entry.texts("boards") } else { Some(Vec::new()) };
    let stranger = |key: &str, named: &Option<Vec<String>>, known: &dyn Fn(&str) -> bool| {
        if let Some(stranger) = named.iter().flatten().find(|n| *n != "*" && !known(n)) {
            entry.bad(key, format!("there is no \"{stranger}\" among them"), "name what is declared, or \"*\"");
        }
    };
    stranger("clusters", &clusters, &|n| site.clusters.keys().any(|c| c.as_str() == n));
    stranger("boards", &boards, &|n| site.boards.keys().any(|b| b.as_str() == n));
    let every = match every?.as_str() {
        "month" => Every::Month,
        "quarter" => Every::Quarter,
        _ => Every::Week,
    };
    let kind = if kind? == "full" { Kind::Full } else { Kind::Short };
    let mut targets = Targets {
        clusters: clusters?.iter().map(|c| c.as_str().into()).collect(),
        boards: boards?.iter().map(|b| b.as_str().into()).collect(),
    };
    if kind == Kind::Full && !entry.has("boards") {
        targets.boards = vec!["*".into()];
    }
    let (id, at_s) = (id?, at_s?);
    if kind == Kind::Short && site.policy.is_night(at_s) {
        let remedy = "hold it by day, or make it `full`";
        entry.sheet.warning(
            entry.line_of("time"),
            &entry.path("time"),
            "a short drill in the quiet hours is never held",
            remedy,
        );
    }
    let drill = Drill {
        title: title.unwrap_or_else(|| id.clone()),
        every,
        weekday: weekday?,
        at_s,
        kind,
        text: text?,
        level: u8::try_from(level?).ok()?,
        targets,
    };
    Some((DrillId::from(id), drill))
}
