//! Reads `rds = { … }`: the zone coder of a transmitter.

use crate::config::sheet::Entry;
use crate::config::station::Beside;
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::cluster_profile::{BUILT_IN, ClusterProfile};
use drivers::transmitter::rds::clock::WallClock;
use drivers::transmitter::rds::{Programme, check_pi, fold};
use drivers::transmitter::uecp_frame::{Address, Stuffing};
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{CoderConfig, Groups, PiraConfig, UecpConfig};
use gateway_core::id::LineId;

pub(super) fn coder(entry: &Entry<'_, '_>, beside: &Beside<'_>, wall: &WallClock) -> Option<(LineId, CoderConfig)> {
    let (driver, line) = (entry.driver(), entry.refer("line"));
    let [aid, number] = ["aid", "network"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let (two_way, programme, profile) = (entry.flag("two_way"), programme(entry, wall), code(entry, beside));
    let two_way = two_way?;
    let config = match driver? {
        "pira" => {
            let groups = if entry.text("groups")? == "cyclic" { Groups::Cyclic } else { Groups::Once };
            let read_back = entry.flag("read_back")?;
            if read_back && !two_way {
                entry.bad("read_back", "nothing is read back over one way", "add `two_way = true`, or remove it");
            }
            let code = ZoneCode { profile: profile?, network: Network { aid: aid?, number: number? } };
            CoderConfig::Pira(PiraConfig { two_way, read_back, groups, programme: programme?, code })
        }
        _ => {
            let site = entry.whole("site").and_then(|v| u16::try_from(v).ok());
            let encoder = entry.whole("encoder").and_then(|v| u8::try_from(v).ok());
            let stuffing = Stuffing::named(&entry.text("stuffing")?);
            let code = ZoneCode { profile: profile?, network: Network { aid: aid?, number: number? } };
            let address = Address { site: site?, encoder: encoder? };
            CoderConfig::Uecp(UecpConfig { address, stuffing: stuffing?, two_way, programme: programme?, code })
        }
    };
    Some((LineId::from(line?), config))
}

/// What is said of the programme.
fn programme(entry: &Entry<'_, '_>, wall: &WallClock) -> Option<Programme> {
    let foreign = entry.flag("foreign_pi")?;
    let pi = match entry.whole("pi").and_then(|v| u16::try_from(v).ok()) {
        Some(pi) => match check_pi(pi, foreign) {
            Ok(pi) => Some(pi),
            Err(fault) => {
                let remedy = "write 0x7001–0x7FFF as it was assigned, or permit another with `foreign_pi = true`";
                entry.bad("pi", fault.to_string(), remedy);
                None
            }
        },
        None => None,
    };
    let ps = entry.text("ps").and_then(|name| {
        let folded = fold::service_name(&name);
        if folded.is_none() {
            entry.bad("ps", format!("\"{name}\" is no programme name"), "write 1–8 letters; accents are folded");
        }
        folded
    });
    let (pty, tp, clock) = (entry.whole("pty"), entry.flag("tp")?, entry.flag("clock")?);
    let (pty, idle_text) = (pty.and_then(|v| u8::try_from(v).ok())?, entry.text("text"));
    Some(Programme { pi, ps, pty, tp, idle_text, clock: clock.then(|| wall.clone()) })
}

/// The cluster profile: a built-in one by its name, another by its file.
fn code(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<ClusterProfile> {
    let named = entry.text("code")?;
    if let Some(profile) = ClusterProfile::built_in(&named) {
        return Some(profile);
    }
    let known = BUILT_IN.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    if !named.ends_with(".toml") {
        let remedy = format!("use one of: {known}, or name a TOML file");
        entry.bad("code", format!("there is no cluster profile \"{named}\""), remedy);
        return None;
    }
    let path = beside.path(&named);
    let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    match read.and_then(|text| ClusterProfile::read(&text).map_err(|error| error.to_string())) {
        Ok(profile) => Some(profile),
        Err(why) => {
            let what = format!("the cluster profile {}: {}", path.display(), why.trim_end());
            entry.bad("code", what, "correct the file as docs/devices/cluster-profiles.md has it");
            None
        }
    }
}
