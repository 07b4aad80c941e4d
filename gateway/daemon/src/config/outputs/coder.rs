//! Reads `rds = { … }`: the zone coder of a transmitter.

use crate::config::sheet::Entry;
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::uecp_frame::Address;
use drivers::transmitter::{CoderConfig, UecpConfig};
use gateway_core::id::LineId;

pub(super) fn coder(entry: &Entry<'_, '_>) -> Option<(LineId, CoderConfig)> {
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
    let config = UecpConfig { address, network, two_way: two_way?, pi, ps };
    Some((LineId::from(line?), CoderConfig::Uecp(config)))
}
