//! What must hold between the parts of a station: one coil, one channel, one bus serves one thing.

mod lines;
mod zones;

use super::outputs::{ClusterRow, TransmitterRow};
use super::sheet::{Entry, Sheet};
use super::sinks::{SinkKind, SinkRow};
use super::{BoardSpec, LineSpec, SwitchSpec};
use drivers::board::BoardConfig;
use drivers::board::pixels::Way;
use drivers::line::LineConfig;
use gateway_core::config::{Button, Path, Sensor};
use gateway_core::id::{LineId, SinkId, SwitchId};
use std::collections::{BTreeMap, BTreeSet};

/// What was read, each with the table it was read from.
#[derive(Default)]
pub(super) struct Rows<'s, 't> {
    pub(super) sinks: Vec<(Entry<'s, 't>, SinkRow)>,
    pub(super) lines: Vec<(Entry<'s, 't>, LineSpec)>,
    pub(super) switches: Vec<(Entry<'s, 't>, SwitchSpec)>,
    pub(super) transmitters: Vec<(Entry<'s, 't>, TransmitterRow)>,
    pub(super) clusters: Vec<(Entry<'s, 't>, ClusterRow)>,
    pub(super) boards: Vec<(Entry<'s, 't>, BoardSpec)>,
    pub(super) sensors: Vec<(Entry<'s, 't>, LineId, Sensor)>,
}

impl Rows<'_, '_> {
    /// Finds every breach, and what is doubtful where nothing is wrong.
    pub(super) fn check(&self, sheet: &Sheet<'_>) {
        self.one_sink_a_channel();
        self.one_sink_an_address();
        self.one_line_a_port();
        self.one_protocol_a_line();
        self.pictures_come_in_time();
        self.one_board_a_place();
        self.one_switch_a_coil();
        self.one_user_a_switch();
        self.one_cluster_a_zone();
        self.one_use_a_path();
        self.zones_can_be_said();
        self.tones_go_to_one_transmitter();
        self.buttons_have_clusters();
        // With a part refused, what belonged to it looks unused or alone.
        if !sheet.has_problems() {
            self.shared_sinks();
            self.unused();
        }
    }

    /// A switch, transmitter, coder or board is on this line.
    pub(super) fn has_device_on(&self, line: &LineId) -> bool {
        self.switches.iter().any(|(_, s)| s.line == *line)
            || self.transmitters.iter().any(|(_, t)| t.spec.line == *line)
            || self.transmitters.iter().any(|(_, t)| t.coder.as_ref().is_some_and(|c| c.line == *line))
            || self.boards.iter().any(|(_, b)| b.line == *line)
    }

    fn one_sink_a_channel(&self) {
        let mut taken: BTreeMap<(&str, u16), (&SinkId, usize)> = BTreeMap::new();
        for (entry, row) in &self.sinks {
            let SinkKind::Card { device, channels } = &row.kind else { continue };
            for channel in channels {
                let line = entry.line_of("channels");
                if let Some((other, at)) = taken.get(&(device.as_str(), *channel)) {
                    let what =
                        format!("channel {channel} of card \"{device}\" is taken by the sink \"{other}\" (line {at})");
                    entry.bad("channels", what, "give each sink its own channel or card");
                } else {
                    taken.insert((device, *channel), (&row.id, line));
                }
            }
        }
    }

    fn one_sink_an_address(&self) {
        let mut taken = BTreeMap::new();
        for (entry, row) in &self.sinks {
            let SinkKind::Rtp(config) = &row.kind else { continue };
            for claim in config.claims() {
                if let Some(other) = taken.insert(claim, &row.id).filter(|other| **other != row.id) {
                    let what = format!("the sink \"{other}\" sends to {} already", claim.0);
                    entry.bad("address", what, "give each sink its own address and port, or its own channel");
                }
            }
        }
    }

    fn one_line_a_port(&self) {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for (entry, row) in &self.lines {
            let (key, port) = match &row.config {
                LineConfig::Serial { port, .. } => ("port", port.display().to_string()),
                LineConfig::Tcp { address, .. } => ("address", address.clone()),
                LineConfig::Apart { .. } => continue,
            };
            if let Some(other) = taken.insert(port.clone(), format!("the line \"{}\"", row.id)) {
                let remedy = "declare it once and let the devices name that line";
                entry.bad(key, format!("\"{port}\" is taken by {other}"), remedy);
            }
        }
        for (entry, row) in &self.boards {
            let ((Some(LineConfig::Tcp { address, .. }), _) | (_, Some(address))) = (&row.own, at_itself(&row.config))
            else {
                continue;
            };
            if let Some(other) = taken.insert(address.clone(), format!("the board \"{}\"", row.id)) {
                let what = format!("\"{address}\" is taken by {other}");
                entry.bad("address", what, "give each board its own address");
            }
        }
    }

    /// What two boards that are sent to would have in common: pixels of a controller, a number on a line.
    fn one_board_a_place(&self) {
        let mut taken: BTreeMap<String, &BoardSpec> = BTreeMap::new();
        for (entry, row) in &self.boards {
            for (key, place) in places(row) {
                let Some(other) = taken.insert(place.clone(), row) else { continue };
                let what = format!("{place} is taken by the board \"{}\"", other.id);
                entry.bad(key, what, "give each board a place of its own");
                break;
            }
        }
    }

    fn one_switch_a_coil(&self) {
        let mut taken: BTreeMap<_, (&SwitchId, usize)> = BTreeMap::new();
        for (entry, row) in &self.switches {
            let (line, place) = (entry.line_of("coil"), row.config.place());
            if let Some((other, at)) = taken.get(&(&row.line, place.clone())) {
                let on = &row.line;
                let what = format!("{place} on line \"{on}\" is taken by the switch \"{other}\" (line {at})");
                entry.bad("coil", what, "correct the coil, or declare the switch once");
            } else {
                taken.insert((&row.line, place), (&row.id, line));
            }
        }
    }

    fn one_user_a_switch(&self) {
        let mut taken: BTreeMap<&SwitchId, String> = BTreeMap::new();
        for (entry, row) in &self.transmitters {
            let Some(mains) = &row.core.mains else { continue };
            if let Some(other) = taken.get(mains) {
                let what = format!("the switch \"{mains}\" already serves {other}");
                entry.bad("switch", what, "give each its own coil");
            } else {
                taken.insert(mains, format!("the transmitter \"{}\"", row.spec.id));
            }
        }
        for (entry, row) in &self.clusters {
            let mut own = BTreeSet::new();
            for path in &row.core.paths {
                let Path::Direct { switch: Some(switch), .. } = path else { continue };
                if !own.insert(switch) {
                    continue;
                }
                if let Some(other) = taken.get(switch) {
                    let what = format!("the switch \"{switch}\" already serves {other}");
                    let remedy = "give each its own coil, or make one cluster of both: one coil cannot part them";
                    entry.bad("paths", what, remedy);
                } else {
                    taken.insert(switch, format!("the cluster \"{}\"", row.id));
                }
            }
        }
        // A light, a volume relay, the power of a board may serve several of their kind, but nothing that sounds.
        for (entry, key, switch) in self.companions() {
            if let Some(other) = taken.get(switch) {
                entry.bad(key, format!("the switch \"{switch}\" already serves {other}"), "give it a coil of its own");
            }
        }
    }

    /// Switches that go with a cluster or a board without sound passing through them.
    fn companions(&self) -> Vec<(&Entry<'_, '_>, &'static str, &SwitchId)> {
        let mut found = Vec::new();
        for (entry, row) in &self.clusters {
            found.extend(row.core.beacon.as_ref().map(|s| (entry, "beacon", s)));
            for path in &row.core.paths {
                if let Path::Direct { force: Some(force), .. } = path {
                    found.push((entry, "paths", force));
                }
            }
        }
        for (entry, spec) in &self.boards {
            found.extend(spec.power.as_ref().map(|s| (entry, "power", s)));
        }
        for (entry, _, sensor) in &self.sensors {
            found.extend(sensor.buzzer.as_ref().map(|b| (entry, "buzzer", &b.switch)));
        }
        found
    }

    fn one_cluster_a_zone(&self) {
        let mut taken = BTreeMap::new();
        for (entry, row) in &self.clusters {
            for path in &row.core.paths {
                let Path::Radio { transmitter, zone } = path else { continue };
                let other = taken.entry((transmitter, zone)).or_insert(&row.id);
                if *other != &row.id {
                    let what = format!("zone {zone} of the transmitter \"{transmitter}\" is the cluster \"{other}\"");
                    entry.bad("paths", what, "give each cluster its own zone, or make one cluster of both");
                }
            }
        }
    }

    fn one_use_a_path(&self) {
        for (entry, row) in &self.clusters {
            let paths = &row.core.paths;
            let twice = paths.iter().enumerate().any(|(i, path)| paths.iter().take(i).any(|p| p == path));
            if twice {
                entry.bad("paths", "the same path stands here twice", "remove one: a path that is silent stays silent");
            }
        }
    }

    fn buttons_have_clusters(&self) {
        for (entry, _, sensor) in &self.sensors {
            let Some(Button::Mute { clusters } | Button::Emergency { clusters, .. } | Button::Talk { clusters, .. }) =
                &sensor.button
            else {
                continue;
            };
            for missing in clusters.iter().filter(|id| self.clusters.iter().all(|(_, c)| c.id != **id)) {
                let known = self.clusters.iter().map(|(_, c)| c.id.as_str()).collect::<Vec<_>>().join(", ");
                entry.bad("clusters", format!("there is no cluster \"{missing}\""), format!("name one of: {known}"));
            }
        }
    }

    /// Horns on one sink can be told apart only by switches, receivers of one carrier only by a zone coder.
    fn shared_sinks(&self) {
        for (entry, row) in &self.clusters {
            for path in &row.core.paths {
                let others: Vec<&str> = self
                    .clusters
                    .iter()
                    .filter(|(_, other)| other.id != row.id && other.core.paths.iter().any(|p| self.shares(p, path)))
                    .map(|(_, other)| other.id.as_str())
                    .collect();
                let (thing, remedy) = match path {
                    Path::Direct { switch: Some(_), .. } => continue,
                    Path::Direct { sink, switch: None, .. } => {
                        (format!("the sink \"{sink}\""), "give each cluster a switch")
                    }
                    Path::Radio { transmitter, .. } if self.is_coded(transmitter.as_str()) => continue,
                    Path::Radio { transmitter, .. } => (
                        format!("the transmitter \"{transmitter}\", which has no coder"),
                        "give it one: `rds = { … }`, or `zone_tones = { … }`",
                    ),
                };
                if !others.is_empty() {
                    let what = format!("it also sounds when {} is addressed, by way of {thing}", others.join(", "));
                    entry.sheet.warning(entry.line_of("paths"), &entry.path("paths"), what, remedy);
                }
            }
        }
    }

    fn shares(&self, one: &Path, other: &Path) -> bool {
        match (one, other) {
            (Path::Direct { sink: a, .. }, Path::Direct { sink: b, .. }) => a == b,
            (Path::Radio { transmitter: a, .. }, Path::Radio { transmitter: b, .. }) => a == b,
            (Path::Direct { sink, .. }, Path::Radio { transmitter, .. })
            | (Path::Radio { transmitter, .. }, Path::Direct { sink, .. }) => {
                self.transmitters.iter().any(|(_, t)| t.spec.id == *transmitter && t.core.sink == *sink)
            }
        }
    }

    fn is_coded(&self, transmitter: &str) -> bool {
        self.transmitters.iter().any(|(_, t)| t.spec.id.as_str() == transmitter && t.core.has_zones())
    }

    /// A thing nobody uses is mostly a slip of the pen.
    fn unused(&self) {
        let paths = || self.clusters.iter().flat_map(|(_, c)| &c.core.paths);
        for (entry, row) in &self.sinks {
            let fed = self.transmitters.iter().any(|(_, t)| t.core.sink == row.id);
            let heard = paths().any(|p| matches!(p, Path::Direct { sink, .. } if *sink == row.id));
            if !fed && !heard {
                let remedy = "name it in the paths of a cluster, or as the sink of a transmitter";
                entry.sheet.warning(entry.line, "sink", format!("nothing plays on \"{}\"", row.id), remedy);
            }
        }
        for (entry, row) in &self.switches {
            let mains = self.transmitters.iter().any(|(_, t)| t.core.mains.as_ref() == Some(&row.id));
            let amp = paths().any(|p| matches!(p, Path::Direct { switch: Some(s), .. } if *s == row.id));
            let beside = self.companions().iter().any(|(_, _, s)| **s == row.id);
            if !mains && !amp && !beside {
                let remedy = "name it in the paths of a cluster, as its beacon, or as the switch of a transmitter";
                entry.sheet.warning(entry.line, "switch", format!("nothing closes \"{}\"", row.id), remedy);
            }
        }
        for (entry, row) in &self.transmitters {
            let used = paths().any(|p| matches!(p, Path::Radio { transmitter, .. } if *transmitter == row.spec.id));
            if !used {
                let what = format!("no cluster is reached over \"{}\"", row.spec.id);
                entry.sheet.warning(entry.line, "transmitter", what, "name it in the paths of a cluster");
            }
        }
    }
}

/// The address of a board that its driver reaches by itself and that serves one board alone.
fn at_itself(config: &BoardConfig) -> Option<&String> {
    match config {
        BoardConfig::OnbonY(config) => Some(&config.address),
        BoardConfig::Huidu { .. }
        | BoardConfig::Cpower(_)
        | BoardConfig::OnbonK(_)
        | BoardConfig::Pixels(_)
        | BoardConfig::Html { .. } => None,
    }
}

/// What a board has to itself besides an address, each with the key that says so.
fn places(row: &BoardSpec) -> Vec<(&'static str, String)> {
    match &row.config {
        BoardConfig::Cpower(config) if row.own.is_none() => {
            vec![("card", format!("card {} on line \"{}\"", config.card, row.line))]
        }
        BoardConfig::OnbonK(config) if row.own.is_none() => {
            vec![("screen", format!("screen {} on line \"{}\"", config.screen, row.line))]
        }
        BoardConfig::Pixels(config) => {
            let to = config.to.map_or_else(|| "multicast".to_owned(), |to| to.to_string());
            match config.way {
                Way::Ddp => vec![("address", format!("DDP at {to}"))],
                Way::ArtNet { .. } => {
                    config.universes().map(|at| ("universe", format!("Art-Net universe {at} at {to}"))).collect()
                }
                Way::E131 { .. } => {
                    config.universes().map(|at| ("universe", format!("E1.31 universe {at} at {to}"))).collect()
                }
            }
        }
        BoardConfig::Cpower(_)
        | BoardConfig::OnbonK(_)
        | BoardConfig::OnbonY(_)
        | BoardConfig::Huidu { .. }
        | BoardConfig::Html { .. } => Vec::new(),
    }
}
