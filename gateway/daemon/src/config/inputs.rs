//! Reads where sound may come in from: network streams, microphones, line-ins; and which of them listen to a sink.

use super::EarSpec;
use super::sheet::Entry;
use super::sinks::socket_address;
use drivers::sound::InputConfig;
use drivers::sound::air::EarKind;
use drivers::sound::rtp::{Codec, Interface, RtpInput};
use drivers::transmitter::rds::fold;
use drivers::tuner::Station;
use gateway_core::config::AudioInput;
use gateway_core::id::{ClusterId, InputId, LineId, SinkId};

/// One `[[input]]`.
pub(super) struct InputRow {
    pub(super) id: InputId,
    pub(super) config: InputConfig,
    pub(super) core: AudioInput,
    /// It is a microphone.
    pub(super) microphone: bool,
    /// The line its tuner speaks on, and what it should receive.
    pub(super) tuner: Option<(LineId, Station, bool)>,
    /// The sink it listens to, and the clusters at whose horns it stands.
    pub(super) ear: Option<(EarSpec, Vec<ClusterId>)>,
}

pub(super) fn input(entry: &Entry<'_, '_>) -> Option<InputRow> {
    let (id, name) = (entry.text("id"), entry.text("name"));
    let (key, config) = match entry.driver()? {
        "stream" => ("url", InputConfig::Stream { url: entry.text("url")? }),
        "rtp" => ("address", InputConfig::Rtp(rtp(entry)?)),
        _ => {
            let device = entry.text("device");
            let channels = if entry.has("channels") { entry.wholes("channels")? } else { Vec::new() };
            let channels = channels.into_iter().filter_map(|c| u16::try_from(c).ok()).collect();
            ("device", InputConfig::Capture { device: device?, channels })
        }
    };
    let microphone = entry.driver()? == "capture" && entry.text("kind")? == "microphone";
    if let Err(why) = config.check() {
        let remedy = match key {
            "url" => "write an https address, or http with an address of the site's own network",
            "address" => "correct it",
            _ => "write a name as `arecord -L` lists it",
        };
        entry.bad(key, why, remedy);
        return None;
    }
    let id = id?;
    let core = AudioInput { name: name.unwrap_or_else(|| id.clone()) };
    let id = InputId::from(id);
    let ear = match entry.has("hears") {
        true => Some(ear(entry, &id, microphone)?),
        false => None,
    };
    if ear.is_none() && entry.has("hears_clusters") {
        entry.bad("hears_clusters", "it listens to no sink", "name the sink with `hears`, or remove it");
    }
    let tuner = match entry.inline("rds") {
        Some(rds) => Some(tuner(&rds)?),
        None => None,
    };
    Some(InputRow { id, config, core, microphone, tuner, ear })
}

/// What the tuner in front of it should receive.
fn tuner(entry: &Entry<'_, '_>) -> Option<(LineId, Station, bool)> {
    let (line, pi) = (entry.refer("line"), entry.whole("pi").and_then(|pi| u16::try_from(pi).ok()));
    let ps = entry.text("ps").map(|name| fold::fold(&name));
    if let Some(name) = ps.as_ref().filter(|name| name.is_empty() || name.len() > 8) {
        entry.bad("ps", format!("\"{name}\" is no programme name"), "write the 1–8 letters a radio shows");
    }
    let vouches = entry.flag("clock");
    Some((LineId::from(line?), Station { pi: pi?, ps }, vouches?))
}

fn ear(entry: &Entry<'_, '_>, input: &InputId, microphone: bool) -> Option<(EarSpec, Vec<ClusterId>)> {
    let sink = SinkId::from(entry.refer("hears")?);
    let clusters = if entry.has("hears_clusters") { entry.texts("hears_clusters")? } else { Vec::new() };
    let kind = if microphone { EarKind::Microphone } else { EarKind::Line };
    let clusters = clusters.into_iter().map(ClusterId::from).collect();
    Some((EarSpec { input: input.clone(), sink, kind }, clusters))
}

fn rtp(entry: &Entry<'_, '_>) -> Option<RtpInput> {
    let address = socket_address(entry, "address");
    let codec = match entry.text("codec")?.parse::<Codec>() {
        Ok(codec) => codec,
        Err(error) => {
            entry.bad("codec", error.to_string(), "use one of these");
            return None;
        }
    };
    let interface = match entry.text("interface").map(|text| text.parse::<Interface>()) {
        Some(Err(error)) => {
            entry.bad("interface", error.to_string(), "write its address or its name, for example \"eth0\"");
            return None;
        }
        Some(Ok(interface)) => Some(interface),
        None => None,
    };
    let small = |key: &str| entry.whole(key).and_then(|n| u8::try_from(n).ok());
    let payload_type = if entry.has("payload_type") { Some(small("payload_type")?) } else { None };
    let jitter_ms = entry.whole("jitter_ms").and_then(|ms| u32::try_from(ms).ok())?;
    Some(RtpInput { interface, payload_type, jitter_ms, ..RtpInput::new(address?, codec) })
}
