//! Puts the sections of a file together to a station.

use super::filler;
use super::inputs;
use super::keys::{self, Need, Section, Shape};
use super::outputs;
use super::problem::nearest;
use super::rules::Rows;
use super::sheet::{Entry, Sheet};
use super::sinks::{self, SinkKind};
use super::station::{self, Beside};
use super::trial;
use super::voice;
use super::{Config, EarSpec, LineSpec, SensorSpec, SoundSpec, TunerSpec};
use drivers::line::LineOptions;
use drivers::sound::rtp::RtpConfig;
use drivers::sound::{CardConfig, CardSink, RecorderConfig, SoundConfig};
use drivers::transmitter::rds::clock::WallClock;
use gateway_core::config::SiteConfig;
use gateway_core::id::{ClusterId, LineId};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// The station of a file; `None` where something is wrong, which the sheet then holds.
pub(super) fn whole<'t>(sheet: &Sheet<'t>, root: &DeTable<'t>, beside: &Beside<'_>) -> Option<Config> {
    add_profiles(sheet, root, beside);
    let mut many = BTreeMap::new();
    for section in keys::sections().filter(|s| s.shape == Shape::Many) {
        let entries = entries(sheet, root, section);
        entries.iter().for_each(Entry::declare);
        many.insert(section.name, entries);
    }
    let mut all = |name: &str| many.remove(name).unwrap_or_default();
    let (mut rows, mut site) = (Rows::default(), SiteConfig::default());
    let wall = WallClock::default();

    for entry in all("line") {
        rows.lines.extend(outputs::line(&entry, beside).map(|row| (entry, row)));
    }
    for entry in all("sink") {
        let Some(row) = sinks::sink(&entry, beside) else { continue };
        site.sinks.insert(row.id.clone(), row.core.clone());
        rows.sinks.push((entry, row));
    }
    let (mut inputs, mut microphones, mut ears) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    let mut tuners: Vec<TunerSpec> = Vec::new();
    for entry in all("input") {
        let Some(row) = inputs::input(&entry) else { continue };
        site.inputs.insert(row.id.clone(), row.core);
        if row.microphone {
            microphones.insert(row.id.clone());
        }
        if let Some((line, station, vouches)) = row.tuner {
            let own = tuners.iter().any(|t| t.line == line);
            if own {
                entry.bad(
                    "rds",
                    format!("the line \"{line}\" already watches a tuner"),
                    "give each tuner its own line",
                );
            }
            tuners.push(TunerSpec { input: row.id.clone(), line, station, vouches });
        }
        inputs.insert(row.id, row.config);
        ears.extend(row.ear.map(|ear| (entry, ear)));
    }
    for entry in all("switch") {
        let Some((spec, core)) = outputs::switch(&entry, beside) else { continue };
        site.switches.insert(spec.id.clone(), core);
        rows.switches.push((entry, spec));
    }
    for entry in all("transmitter") {
        let Some(row) = outputs::transmitter(&entry, beside, &wall) else { continue };
        site.transmitters.insert(row.spec.id.clone(), row.core.clone());
        rows.transmitters.push((entry, row));
    }
    for entry in all("cluster") {
        let Some(row) = outputs::cluster(&entry) else { continue };
        site.clusters.insert(row.id.clone(), row.core.clone());
        site.stand.extend(row.stands.map(|place| (row.id.clone(), place)));
        rows.clusters.push((entry, row));
    }
    for entry in all("board") {
        let Some((spec, core)) = outputs::board(&entry, beside) else { continue };
        site.boards.insert(spec.id.clone(), core);
        rows.boards.push((entry, spec));
    }
    let mut sensors: Vec<SensorSpec> = Vec::new();
    let data = root.get("station").and_then(|s| s.get_ref().as_table()?.get("data")?.get_ref().as_str());
    let data = data.map_or_else(|| beside.dir.clone(), |data| beside.path(data));
    for entry in all("sensor") {
        let Some((spec, core)) = outputs::sensor(&entry, beside, &data) else { continue };
        site.sensors.insert(spec.id.clone(), core.clone());
        rows.sensors.push((entry, spec.line.clone(), core));
        sensors.push(spec);
    }
    rows.check(sheet);
    for (entry, line) in rows.lines.iter().filter(|(_, l)| tuners.iter().any(|t| t.line == l.id)) {
        if rows.has_device_on(&line.id) || sensors.iter().any(|s| s.line == line.id) {
            let what = format!("\"{}\" watches a tuner and has other devices", line.id);
            entry.bad("id", what, "give the tuner a line of its own: it speaks unasked");
        }
    }
    let ears = listeners(ears, &mut site);
    if !root.contains_key("cluster") {
        let what = "there is no cluster, so nothing can sound";
        sheet.warning(0, "cluster", what, "declare the horns with [[cluster]]");
    }

    let empty = DeTable::new();
    let once = |name| single(sheet, root, &empty, name);
    let station = once("station").and_then(|e| station::station(&e, beside));
    let hub = root.contains_key("hub").then(|| once("hub").and_then(|e| station::hub(&e, beside)));
    let web = once("web").and_then(|e| station::web(&e, beside));
    let policy = once("policy").and_then(|e| station::policy(&e));
    let clock = once("clock").and_then(|e| station::clock(&e));
    let network = once("network").and_then(|e| station::network(&e));
    let speech = once("speech").and_then(|e| voice::speech(&e));
    let cache = once("cache").and_then(|e| station::cache(&e));
    let recordings = once("recordings").and_then(|e| station::recordings(&e));
    if let Some(policy) = &policy {
        site.policy = policy.clone();
    }
    let filler = once("filler").and_then(|e| filler::filler(&e, &site));
    site.ears = ears.iter().map(|ear| ear.sink.clone()).collect();
    let mut drills = BTreeMap::new();
    for entry in all("drill") {
        drills.extend(trial::drill(&entry, &site));
    }
    site.drills = drills;
    let known: Vec<_> = sensors.iter().map(|s| s.id.clone()).collect();
    let selftest = once("selftest").and_then(|e| trial::selftest(&e, &site, &known));
    refuse_unknown_sections(sheet, root);

    let station = station?;
    site.station = station.id.clone();
    site.province = station.province.clone();
    site.commune = station.commune.clone();
    site.name = station.name.clone().unwrap_or_else(|| format!("Trạm {}", station.id));
    site.place = station.place;
    site.policy = policy?;
    site.policy.filler = filler?;
    site.selftest = selftest?;
    site.selftest.has_hub = hub.is_some();
    let hub = match hub {
        Some(hub) => Some(hub?),
        None => None,
    };
    site.may_set = hub.as_ref().map(|hub| hub.may_set.clone()).unwrap_or_default();
    let sound = sound_lines(&rows, &site.name);
    let coders = rows.transmitters.iter().filter_map(|(_, row)| row.coder.clone()).collect();
    let boards: Vec<_> = rows.boards.into_iter().map(|(_, spec)| spec).collect();
    let own = boards.iter().filter_map(|b| Some((&b.line, b.own.clone()?)));
    let switches: Vec<_> = rows.switches.into_iter().map(|(_, spec)| spec).collect();
    let own = own.chain(switches.iter().filter_map(|s| Some((&s.line, s.own.clone()?))));
    let own = own.chain(sensors.iter().filter_map(|s| Some((&s.line, s.own.clone()?))));
    let spec = |(id, config): (&LineId, _)| LineSpec { id: id.clone(), config, options: LineOptions::default() };
    let own: Vec<_> = own.map(spec).collect();
    Some(Config {
        station,
        hub,
        web: web?,
        site,
        sound,
        inputs,
        microphones,
        tuners,
        wall,
        ears,
        lines: rows.lines.into_iter().map(|(_, spec)| spec).chain(own).collect(),
        switches,
        transmitters: rows.transmitters.into_iter().map(|(_, row)| row.spec).collect(),
        coders,
        boards,
        sensors,
        speech: speech?,
        clock: clock?,
        network: network?,
        cache: cache?,
        recordings: recordings?,
    })
}

/// The folder of the site's own profiles, which devices refer to; `[station]` itself is read, and its mistakes told, later.
fn add_profiles(sheet: &Sheet<'_>, root: &DeTable<'_>, beside: &Beside<'_>) {
    let station = root.get("station").and_then(|s| s.get_ref().as_table());
    let written = station.and_then(|s| s.get_key_value("profiles"));
    let usual = keys::section("station").and_then(|s| s.key("profiles")).map(|key| key.need);
    let (folder, line) = match (written, usual) {
        (Some((key, value)), _) => (value.get_ref().as_str(), sheet.line_at(key.span().start)),
        (None, Some(Need::Else(usual))) => (Some(usual), 0),
        (None, _) => (None, 0),
    };
    if let Some(folder) = folder.map(|f| beside.path(f)).filter(|f| f.is_dir()) {
        sheet.add_profiles(&folder, line);
    }
}

/// The inputs that listen to sinks; where they stand becomes part of the site.
fn listeners(ears: Vec<(Entry<'_, '_>, (EarSpec, Vec<ClusterId>))>, site: &mut SiteConfig) -> Vec<EarSpec> {
    let mut specs = Vec::new();
    for (entry, (spec, clusters)) in ears {
        if let Some(stranger) = clusters.iter().find(|c| !site.clusters.contains_key(*c)) {
            let what = format!("there is no cluster \"{stranger}\"");
            entry.bad("hears_clusters", what, "name clusters declared with [[cluster]]");
        }
        if let Some(sink) = site.sinks.get_mut(&spec.sink) {
            sink.heard_at.extend(clusters);
        }
        specs.push(spec);
    }
    specs
}

/// One line for each sound card with all its sinks, one for each other sink.
fn sound_lines(rows: &Rows<'_, '_>, station: &str) -> Vec<SoundSpec> {
    let (mut cards, mut others) = (BTreeMap::<&str, Vec<CardSink>>::new(), Vec::new());
    for (_, row) in &rows.sinks {
        match &row.kind {
            SinkKind::Card { device, channels } => {
                let sink = CardSink { id: row.id.clone(), channels: channels.clone(), processing: row.processing };
                cards.entry(device).or_default().push(sink);
            }
            SinkKind::Recorder { dir, limit_bytes } => {
                let (sink, dir, limit_bytes) = (row.id.clone(), dir.clone(), *limit_bytes);
                let config = RecorderConfig { sink, dir, limit_bytes, processing: row.processing };
                let line = LineId::from(format!("recorder/{}", row.id));
                others.push(SoundSpec { line, config: SoundConfig::Recorder(config) });
            }
            SinkKind::Rtp(config) => {
                let line = LineId::from(format!("rtp/{}", row.id));
                let (title, processing) = (format!("{station} – {}", row.id), row.processing);
                let config = RtpConfig { title, processing, ..RtpConfig::clone(config) };
                others.push(SoundSpec { line, config: SoundConfig::Rtp(config) });
            }
        }
    }
    let card = |(device, sinks): (&str, Vec<CardSink>)| SoundSpec {
        line: LineId::from(format!("sound/{device}")),
        config: SoundConfig::Card(CardConfig { device: device.to_owned(), channels: None, sinks }),
    };
    cards.into_iter().map(card).chain(others).collect()
}

/// The entries of a section that is there.
fn entries<'s, 't>(sheet: &'s Sheet<'t>, root: &'s DeTable<'t>, section: &'static Section) -> Vec<Entry<'s, 't>> {
    let Some((key, value)) = root.get_key_value(section.name) else { return Vec::new() };
    let once = section.shape == Shape::Once;
    let found: Option<Vec<_>> = match (value.get_ref().as_table(), value.get_ref().as_array()) {
        (Some(table), _) if once => Some(vec![Entry::new(sheet, section, table, value.span())]),
        (_, Some(list)) if !once => {
            list.iter().map(|v| v.get_ref().as_table().map(|t| Entry::new(sheet, section, t, v.span()))).collect()
        }
        _ => None,
    };
    found.unwrap_or_else(|| {
        let heading = if once { format!("[{}]", section.name) } else { format!("[[{}]]", section.name) };
        let line = sheet.line_at(key.span().start);
        sheet.problem(
            line,
            section.name,
            "written in the wrong shape",
            format!("write it under the heading {heading}"),
        );
        Vec::new()
    })
}

/// The entry of a section that is written once; an empty one where it is left out and nothing in it must be there.
fn single<'s, 't>(
    sheet: &'s Sheet<'t>,
    root: &'s DeTable<'t>,
    empty: &'s DeTable<'t>,
    name: &str,
) -> Option<Entry<'s, 't>> {
    let section = keys::section(name)?;
    if root.contains_key(name) {
        return entries(sheet, root, section).pop();
    }
    let must: Vec<&str> = section.keys.iter().filter(|k| k.need == Need::Must).map(|k| k.name).collect();
    if must.is_empty() {
        return Some(Entry::new(sheet, section, empty, 0..0));
    }
    sheet.problem(0, name, "missing", format!("add the section [{name}] with {}", must.join(", ")));
    None
}

fn refuse_unknown_sections(sheet: &Sheet<'_>, root: &DeTable<'_>) {
    let known = || keys::sections().filter(|s| s.shape != Shape::Inline).map(|s| s.name);
    for (key, _) in root {
        let name = key.get_ref().as_ref();
        if known().any(|k| k == name) {
            continue;
        }
        let remedy = match nearest(name, known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("remove it; known: {}", known().collect::<Vec<_>>().join(", ")),
        };
        sheet.problem(sheet.line_at(key.span().start), name, "unknown section", remedy);
    }
}
