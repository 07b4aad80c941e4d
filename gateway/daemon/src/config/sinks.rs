//! Reads the audio outputs of a station.

use super::horns;
use super::sheet::Entry;
use super::station::Beside;
use drivers::sound::Processing;
use drivers::sound::rtp::{Codec, Dial, Interface, RtpConfig, Wrapper};
use gateway_core::config as core;
use gateway_core::id::SinkId;
use std::collections::BTreeSet;
use std::net::SocketAddrV4;
use std::path::PathBuf;

/// A call is kept so long after the last sound, milliseconds, unless told otherwise: what follows need not call again.
const HANG_MS: u32 = 3_000;

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
        "sip" => (SinkKind::Rtp(Box::new(call(entry, beside, SinkId::from(id.clone()?))?)), "ip"),
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
    let preset = match entry.has("preset") {
        true => Some(preset(entry, &sink)?),
        false => None,
    };
    let address = match &preset {
        Some(preset) if !entry.has("address") => Some(preset.address),
        Some(_) | None => address(entry),
    };
    let emergency = match entry.has("emergency_address") {
        true => Some(socket_address(entry, "emergency_address")?),
        // An address of one's own and the maker's emergency group would not belong together.
        false => preset.as_ref().filter(|_| !entry.has("address")).and_then(|p| p.emergency_address),
    };
    let interface = interface(entry)?;
    let codec = match &preset {
        Some(preset) if !entry.has("codec") => preset.codec,
        Some(_) | None => codec(entry)?,
    };
    let usual = RtpConfig::new(sink, address?, codec);
    let small = |key: &str| entry.whole(key).and_then(|n| u8::try_from(n).ok());
    let packet_ms = match entry.whole("packet_ms") {
        Some(ms) => u32::try_from(ms).ok()?,
        None => usual.packet_ms,
    };
    let wrapper = match preset {
        _ if entry.has("polycom") => polycom(&entry.inline("polycom")?)?,
        Some(preset) => preset.wrapper,
        None => Wrapper::Rtp,
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
        wrapper,
        ..usual
    };
    sound(entry, config)
}

fn preset(entry: &Entry<'_, '_>, sink: &SinkId) -> Option<RtpConfig> {
    let (name, zone) = (entry.text("preset")?, entry.whole("zone").and_then(|z| u8::try_from(z).ok())?);
    let preset = horns::preset(&name, sink.clone(), zone);
    if preset.is_none() {
        entry.bad("preset", format!("no preset \"{name}\""), format!("write one of {}", horns::PRESETS.join(", ")));
    }
    preset
}

/// Where the sound goes to, which must be said here.
fn address(entry: &Entry<'_, '_>) -> Option<SocketAddrV4> {
    if !entry.has("address") {
        entry.bad(
            "address",
            "missing",
            "write an IPv4 address with a port, for example `address = \"239.192.7.1:5004\"`",
        );
        return None;
    }
    socket_address(entry, "address")
}

/// A loudspeaker that is called by SIP.
fn call(entry: &Entry<'_, '_>, beside: &Beside<'_>, sink: SinkId) -> Option<RtpConfig> {
    let (address, interface) = (address(entry), interface(entry)?);
    let codec = if entry.has("codec") { codec(entry)? } else { Codec::G722 };
    let text = |key: &str| if entry.has(key) { entry.text(key) } else { None };
    let password = match entry.has("password_file") {
        true => Some(beside.secret(entry, "password_file")?),
        false => None,
    };
    let dial = Dial {
        emergency_user: text("emergency_user"),
        account: entry.text("account")?,
        caller: entry.text("caller")?,
        password,
        port: if entry.has("sip_port") { entry.whole("sip_port").and_then(|p| u16::try_from(p).ok()) } else { None },
        resource_priority: text("resource_priority"),
        ..Dial::new(&text("user").unwrap_or_default())
    };
    let hang_ms =
        if entry.has("hang_ms") { entry.whole("hang_ms").and_then(|ms| u32::try_from(ms).ok())? } else { HANG_MS };
    let usual = RtpConfig::new(sink, address?, codec);
    let config = RtpConfig { interface, hang_ms, announce: false, wrapper: Wrapper::Sip(Box::new(dial)), ..usual };
    sound(entry, config)
}

/// A configuration that can be.
fn sound(entry: &Entry<'_, '_>, config: RtpConfig) -> Option<RtpConfig> {
    if let Some(fault) = config.fault() {
        entry.sheet.problem(entry.line, entry.section.name, fault, "correct it");
        return None;
    }
    Some(config)
}

fn codec(entry: &Entry<'_, '_>) -> Option<Codec> {
    match entry.text("codec")?.parse::<Codec>() {
        Ok(codec) => Some(codec),
        Err(error) => {
            entry.bad("codec", error.to_string(), "use one of these");
            None
        }
    }
}

/// The interface it sends from, if it names one; `None`: it names something else.
fn interface(entry: &Entry<'_, '_>) -> Option<Option<Interface>> {
    if !entry.has("interface") {
        return Some(None);
    }
    match entry.text("interface")?.parse::<Interface>() {
        Ok(interface) => Some(Some(interface)),
        Err(error) => {
            entry.bad("interface", error.to_string(), "write its address or its name, for example \"eth0\"");
            None
        }
    }
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
