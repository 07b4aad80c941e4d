//! Reads `[[transmitter]]`: exciters and their licence.

use super::coder::coder;
use super::milliseconds;
use super::profile::{profile, unit};
use crate::config::sheet::Entry;
use crate::config::station::Beside;
use crate::config::{CoderSpec, TransmitterSpec};
use drivers::transmitter::rds::clock::WallClock;
use drivers::transmitter::{ExciterConfig, Licence};
use gateway_core::config as core;
use gateway_core::id::{LineId, SinkId, SwitchId, TransmitterId};
use gateway_core::zone_tones::{ZoneTones, digits};

/// One `[[transmitter]]`.
pub(in crate::config) struct TransmitterRow {
    pub(in crate::config) spec: TransmitterSpec,
    pub(in crate::config) coder: Option<CoderSpec>,
    pub(in crate::config) core: core::Transmitter,
}

pub(in crate::config) fn transmitter(
    entry: &Entry<'_, '_>,
    beside: &Beside<'_>,
    wall: &WallClock,
) -> Option<TransmitterRow> {
    let (id, known, line) = (entry.text("id"), entry.driver(), entry.refer("line"));
    let (modbus, sink) = (known == Some("modbus-exciter"), entry.refer("sink"));
    let mains = if entry.has("switch") { entry.refer("switch").map(SwitchId::from) } else { None };
    let (warm_up_ms, limit) = (milliseconds(entry, "warm_up_s"), entry.number("reflected_limit_w"));
    let map = if modbus { profile(entry, "exciter", |p| p.exciter.clone()) } else { None };
    let unit = if modbus { unit(entry, map.as_ref().map(|(whole, _)| &**whole)) } else { None };
    let tones = match entry.inline("zone_tones") {
        Some(tones) => Some(zone_tones(&tones)?),
        None => None,
    };
    let rds = entry.inline("rds").map(|rds| coder(&rds, beside, wall));
    let licence = entry.inline("licence").and_then(|l| licence(&l));
    let (id, licence) = (TransmitterId::from(id?), licence?);
    let coder = match rds {
        Some(coder) => {
            let (line, config) = coder?;
            Some(CoderSpec { transmitter: id.clone(), line, config })
        }
        None => None,
    };
    let [carrier_ms, code_ms, let_go_ms, silence_off_ms] =
        ["carrier_settle_s", "code_settle_s", "let_go_s", "silence_off_s"].map(|key| milliseconds(entry, key));
    let settle = core::Settle { carrier_ms: carrier_ms?, code_ms: code_ms?, let_go_ms: let_go_ms? };
    let (sink, coded) = (SinkId::from(sink?), coder.is_some());
    let (warm_up_ms, silence_off_ms) = (warm_up_ms?, silence_off_ms?);
    let core = core::Transmitter { sink, mains, warm_up_ms, settle, coded, tones, silence_off_ms };
    let config = match known? {
        "tx-ascii" => ExciterConfig::TxAscii { licence, reflected_limit_w: limit },
        _ => ExciterConfig::Modbus { unit: unit?, profile: map?.1, licence, reflected_limit_w: limit },
    };
    let spec = TransmitterSpec { id, line: LineId::from(line?), config };
    Some(TransmitterRow { spec, coder, core })
}

/// What its receivers listen for in the sound.
fn zone_tones(entry: &Entry<'_, '_>) -> Option<ZoneTones> {
    let code = |key: &str| {
        let written = entry.text(key)?;
        match digits(&written, 0) {
            // How many digits a zone may have is looked at where the zones are.
            Ok(_) => Some(written),
            Err(fault) => {
                let remedy = "write 1–32 of 0–9 * # A–D, with {zone} or {zone:2} for the number of the zone";
                entry.bad(key, fault.to_string(), remedy);
                None
            }
        }
    };
    let (open, close, open_all, close_all) = (code("open"), code("close"), code("open_all"), code("close_all"));
    for key in ["open", "close"] {
        let plain = entry.text(key).is_some_and(|text| !text.contains('{'));
        if plain {
            entry.bad(
                key,
                "it says no zone",
                "write {zone} where its number belongs; for all at once there is another key",
            );
        }
    }
    if close.is_none() && close_all.is_none() && !entry.has("close") && !entry.has("close_all") {
        entry.bad("close", "receivers that are opened could not be closed", "write `close`, `close_all` or both");
        return None;
    }
    let (digit_ms, pause_ms) = (milliseconds(entry, "digit_s")?, milliseconds(entry, "pause_s")?);
    let twist = (entry.number("twist_db")? * 10.0).round() as i8;
    let (digit_ms, pause_ms) = (u16::try_from(digit_ms).ok()?, u16::try_from(pause_ms).ok()?);
    Some(ZoneTones { open: open?, close, open_all, close_all, digit_ms, pause_ms, twist })
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
