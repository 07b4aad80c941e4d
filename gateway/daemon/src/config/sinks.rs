//! Reads the audio outputs of a station.

use super::sheet::Entry;
use super::station::Beside;
use drivers::sound::Processing;
use drivers::sound::rtp::{Codec, Interface, RtpConfig, Wrapper};
use gateway_core::config as core;
use gateway_core::id::SinkId;
use std::collections::BTreeSet;
use std::net::SocketAddrV4;
use std::path::PathBuf;

/// One `[[sink]]`.
pub(super) struct SinkRow {
    pub(super) id: SinkId,
    pub(super) core: core::Sink,
    pub(super) kind: SinkKind,
    pub(super) processing: Processing,
}

pub(super) enum SinkKind {
    Card { device: String, channels: Vec<u16> },
    Recorder { dir: PathBuf, limit_bytes: u64 },
    Rtp(Box<RtpConfig>),
}

pub(super) fn sink(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<SinkRow> {
    let id = entry.text("id");
    let [day, night] = ["volume_day", "volume_night"].map(|k| entry.whole(k).and_then(|v| u8::try_from(v).ok()));
    let processing = processing(entry);
    let (kind, path) = match entry.driver()? {
        "soundcard" => {
            let (device, channels) = (entry.text("device"), entry.wholes("channels"));
            let channels = channels?.into_iter().filter_map(|c| u16::try_from(c).ok()).collect();
            (SinkKind::Card { device: device?, channels }, "wired")
        }
        "rtp" => (SinkKind::Rtp(Box::new(rtp(entry, SinkId::from(id.clone()?))?)), "ip"),
        _ => {
            let (dir, limit) = (entry.text("dir"), entry.whole("limit_mb").and_then(|m| u64::try_from(m).ok()));
            (SinkKind::Recorder { dir: beside.path(&dir?), limit_bytes: limit? << 20 }, "recorder")
        }
    };
    let core = core::Sink { volume_day: day?, volume_night: night?, path, heard_at: BTreeSet::new() };
    Some(SinkRow { id: SinkId::from(id?), core, kind, processing: processing? })
}

fn processing(entry: &Entry<'_, '_>) -> Option<Processing> {
    let [target, emergency, ceiling, duck] =
        ["loudness_lufs", "emergency_lu", "ceiling_dbtp", "duck_db"].map(|k| entry.number(k));
    let emphasis = entry.whole("pre_emphasis_us").and_then(|us| u16::try_from(us).ok());
    let emphasis = emphasis.filter(|us| {
        let known = [0, 50, 75].contains(us);
        if !known {
            entry.bad("pre_emphasis_us", format!("no country has {us} µs"), "write 50, 75, or 0 for none");
        }
        known
    });
    let cross = entry.whole("cross_fade_ms").and_then(|ms| u32::try_from(ms).ok());
    Some(Processing {
        target_lufs: target? as f32,
        emergency_lu: emergency? as f32,
        ceiling_dbtp: ceiling? as f32,
        pre_emphasis_us: emphasis.map(|us| Some(us).filter(|us| *us > 0))?,
        cross_fade_ms: cross?,
        duck_db: duck? as f32,
    })
}

fn rtp(entry: &Entry<'_, '_>, sink: SinkId) -> Option<RtpConfig> {
    let address = socket_address(entry, "address");
    let emergency =
        if entry.has("emergency_address") { Some(socket_address(entry, "emergency_address")?) } else { None };
    let interface = match entry.text("interface").map(|text| text.parse::<Interface>()) {
        Some(Err(error)) => {
            entry.bad("interface", error.to_string(), "write its address or its name, for example \"eth0\"");
            return None;
        }
        Some(Ok(interface)) => Some(interface),
        None => None,
    };
    let codec = match entry.text("codec")?.parse::<Codec>() {
        Ok(codec) => codec,
        Err(error) => {
            entry.bad("codec", error.to_string(), "use one of these");
            return None;
        }
    };
    let usual = RtpConfig::new(sink, address?, codec);
    let small = |key: &str| entry.whole(key).and_then(|n| u8::try_from(n).ok());
    let packet_ms = match entry.whole("packet_ms") {
        Some(ms) => u32::try_from(ms).ok()?,
        None => usual.packet_ms,
    };
    let config = RtpConfig {
        emergency_address: emergency,
        interface,
        ttl: small("ttl")?,
        payload_type: codec.payload_type().or(small("payload_type"))?,
        packet_ms,
        hang_ms: entry.whole("hang_ms").and_then(|ms| u32::try_from(ms).ok())?,
        keep_alive: entry.flag("keep_alive")?,
        announce: entry.flag("announce")?,
        wrapper: if entry.has("polycom") { polycom(&entry.inline("polycom")?)? } else { Wrapper::Rtp },
        ..usual
    };
    if let Some(fault) = config.fault() {
        entry.sheet.problem(entry.line, entry.section.name, fault, "correct it");
        return None;
    }
    Some(config)
}

fn polycom(entry: &Entry<'_, '_>) -> Option<Wrapper> {
    let [channel, emergency] =
        ["channel", "emergency_channel"].map(|k| entry.whole(k).and_then(|c| u8::try_from(c).ok()));
    let (host, caller) = (entry.whole("host").and_then(|h| u32::try_from(h).ok()), entry.text("caller"));
    Some(Wrapper::Polycom { channel: channel?, emergency_channel: emergency?, host: host?, caller: caller? })
}

/// An IPv4 address and port.
pub(super) fn socket_address(entry: &Entry<'_, '_>, key: &str) -> Option<SocketAddrV4> {
    let text = entry.text(key)?;
    let address = text.parse().ok();
    if address.is_none() {
        let what = format!("\"{text}\" is no IPv4 address with a port");
        entry.bad(key, what, "write it so: \"239.192.7.1:5004\"");
    }
    address
}
