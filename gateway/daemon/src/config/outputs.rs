//! Reads what a station plays, shows and switches, one section after the other.

use super::sheet::Entry;
use super::station::host_port;
use super::{BoardSpec, CoderSpec, LineSpec, SwitchSpec, TransmitterSpec};
use drivers::line::{Framing, LineConfig};
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::uecp_frame::Address;
use drivers::transmitter::{Licence, PROFILES, UecpConfig, profile};
use gateway_core::config as core;
use gateway_core::id::{BoardId, ClusterId, LineId, SinkId, SwitchId, TransmitterId};
use std::path::PathBuf;

/// One `[[transmitter]]`.
pub(super) struct TransmitterRow {
    pub(super) spec: TransmitterSpec,
    pub(super) coder: Option<CoderSpec>,
    pub(super) core: core::Transmitter,
}

/// One `[[cluster]]`.
pub(super) struct ClusterRow {
    pub(super) id: ClusterId,
    pub(super) core: core::Cluster,
}

pub(super) fn line(entry: &Entry<'_, '_>) -> Option<LineSpec> {
    let id = entry.text("id");
    let config = match entry.driver()? {
        "serial" => {
            let (port, baud) = (entry.text("port"), entry.whole("baud"));
            LineConfig::Serial { port: PathBuf::from(port?), baud: u32::try_from(baud?).ok()? }
        }
        _ => {
            let (address, framing) = (host_port(entry, "address"), entry.text("framing"));
            let framing = if framing? == "rtu" { Framing::Rtu } else { Framing::ModbusTcp };
            LineConfig::Tcp { address: address?, framing }
        }
    };
    Some(LineSpec { id: LineId::from(id?), config })
}

pub(super) fn switch(entry: &Entry<'_, '_>) -> Option<(SwitchSpec, core::Switch)> {
    let (id, known, line) = (entry.text("id"), entry.driver(), entry.refer("line"));
    let (unit, coil) = (entry.whole("unit"), entry.whole("coil"));
    let settle_ms = milliseconds(entry, "settle_s");
    known?;
    let spec = SwitchSpec {
        id: SwitchId::from(id?),
        line: LineId::from(line?),
        unit: u8::try_from(unit?).ok()?,
        coil: u16::try_from(coil?).ok()?,
    };
    Some((spec, core::Switch { settle_ms: settle_ms? }))
}

pub(super) fn transmitter(entry: &Entry<'_, '_>) -> Option<TransmitterRow> {
    let (id, known, line) = (entry.text("id"), entry.driver(), entry.refer("line"));
    let (unit, sink) = (entry.whole("unit"), entry.refer("sink"));
    let mains = if entry.has("switch") { entry.refer("switch").map(SwitchId::from) } else { None };
    let (warm_up_ms, limit) = (milliseconds(entry, "warm_up_s"), entry.number("reflected_limit_w"));
    let map = entry.text("profile").and_then(|name| {
        let map = profile(&name);
        if map.is_none() {
            let known = PROFILES.iter().map(|p| p.name).collect::<Vec<_>>().join(", ");
            entry.bad("profile", format!("there is no register map \"{name}\""), format!("use one of: {known}"));
        }
        map
    });
    let rds = entry.inline("rds").map(|rds| coder(&rds));
    let licence = entry.inline("licence").and_then(|l| licence(&l));
    let (id, licence) = (TransmitterId::from(id?), licence?);
    let coder = match rds {
        Some(coder) => {
            let (line, config) = coder?;
            Some(CoderSpec { transmitter: id.clone(), line, config })
        }
        None => None,
    };
    let core = core::Transmitter { sink: SinkId::from(sink?), mains, warm_up_ms: warm_up_ms?, coded: coder.is_some() };
    known?;
    let spec = TransmitterSpec {
        id,
        line: LineId::from(line?),
        unit: u8::try_from(unit?).ok()?,
        profile: map?,
        reflected_limit_w: limit,
        licence,
    };
    Some(TransmitterRow { spec, coder, core })
}

/// Planned for commune stations: 54–68 MHz, at most 30 W; districts and provinces have 87–108 MHz.
fn licence(entry: &Entry<'_, '_>) -> Option<Licence> {
    let (frequency, power, permit) = (entry.number("frequency_mhz"), entry.number("power_w"), entry.text("permit"));
    let remedy = "correct it, or name the licence that allows it: `permit = \"NUMBER, DATE\"`";
    if permit.is_none() {
        if let Some(mhz) = frequency.filter(|f| !(54.0..=68.0).contains(f)) {
            entry.bad("frequency_mhz", format!("{mhz} MHz is outside the 54–68 MHz of commune stations"), remedy);
        }
        if let Some(watts) = power.filter(|p| *p > 30.0) {
            entry.bad("power_w", format!("{watts} W is more than the 30 W of commune stations"), remedy);
        }
    }
    Some(Licence { frequency_mhz: frequency?, power_w: power? })
}

fn coder(entry: &Entry<'_, '_>) -> Option<(LineId, UecpConfig)> {
    let (driver, line) = (entry.driver(), entry.refer("line"));
    let [site, aid, network] = ["site", "aid", "network"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let encoder = entry.whole("encoder").and_then(|v| u8::try_from(v).ok());
    let (two_way, pi) = (entry.flag("two_way"), entry.whole("pi").and_then(|v| u16::try_from(v).ok()));
    let ps = entry.text("ps").and_then(|name| {
        let plain = name.is_ascii() && name.len() <= 8;
        if !plain {
            let remedy = "write 1–8 letters without accents: RDS has none of Vietnamese";
            entry.bad("ps", format!("\"{name}\" is no programme name"), remedy);
        }
        <[u8; 8]>::try_from(format!("{name:8}").as_bytes()).ok().filter(|_| plain)
    });
    let address = Address { site: site?, encoder: encoder? };
    let network = Network { aid: aid?, number: network? };
    driver?;
    Some((LineId::from(line?), UecpConfig { address, network, two_way: two_way?, pi, ps }))
}

pub(super) fn cluster(entry: &Entry<'_, '_>) -> Option<ClusterRow> {
    let (id, name) = (entry.text("id"), entry.text("name"));
    let paths: Vec<_> = entry.inlines("paths").iter().filter_map(path).collect();
    let (languages, speakers) = (entry.texts("languages"), entry.whole("speakers"));
    for language in languages.iter().flatten().filter(|l| !is_language(l)) {
        let remedy = "write a BCP 47 tag, for example \"vi\", \"km\", \"cjm\"";
        entry.bad("languages", format!("\"{language}\" is no language tag"), remedy);
    }
    let (id, speakers) = (id?, u32::try_from(speakers?).ok()?);
    let core = core::Cluster { name: name.unwrap_or_else(|| id.clone()), paths, languages: languages?, speakers };
    Some(ClusterRow { id: ClusterId::from(id), core })
}

fn is_language(tag: &str) -> bool {
    tag.split('-').enumerate().all(|(i, part)| {
        (if i == 0 { 2..=3 } else { 1..=8 }).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn path(entry: &Entry<'_, '_>) -> Option<core::Path> {
    let given = |key: &str| entry.has(key).then(|| entry.refer(key));
    let (sink, switch, transmitter) = (given("sink"), given("switch"), given("transmitter"));
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
            Some(core::Path::Direct { sink: SinkId::from(sink?), switch })
        }
        (None, Some(transmitter)) => {
            if switch.is_some() {
                let remedy = "remove it; the switch of a transmitter's mains is its own key `switch`";
                entry.bad("switch", "a zone of a transmitter has no switch", remedy);
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

pub(super) fn board(entry: &Entry<'_, '_>) -> Option<(BoardSpec, core::Board)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let address = if entry.has("address") || driver.is_some() { host_port(entry, "address") } else { None };
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let font = entry.text("font");
    let id = id?;
    let spec = BoardSpec {
        line: LineId::from(format!("board/{id}")),
        id: BoardId::from(id.as_str()),
        address: address?,
        width: width?,
        height: height?,
        font: font?,
    };
    Some((spec, core::Board { name: name.unwrap_or(id) }))
}

fn milliseconds(entry: &Entry<'_, '_>, key: &str) -> Option<u64> {
    let seconds = entry.number(key)?;
    std::time::Duration::try_from_secs_f64(seconds).ok().and_then(|d| u64::try_from(d.as_millis()).ok())
}
