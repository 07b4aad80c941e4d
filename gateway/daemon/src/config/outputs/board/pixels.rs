//! Reads a board of pixels that a controller drives.

use super::Read;
use crate::config::sheet::Entry;
use drivers::board::pixels::Way;
use drivers::board::pixels::packet::Source;
use drivers::board::{BoardConfig, PixelConfig};
use std::net::{Ipv4Addr, SocketAddrV4};

pub(super) fn pixels(entry: &Entry<'_, '_>, way: &str) -> Option<Read> {
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let (address, interface, id) = (entry.text("address")?, entry.text("interface"), entry.text("id")?);
    let to = match (address.as_str(), address.parse::<SocketAddrV4>()) {
        ("multicast", _) if way == "e131" => None,
        (_, Ok(to)) => Some(to),
        (_, Err(_)) => {
            entry.bad(
                "address",
                format!("\"{address}\" is no IPv4 address with a port"),
                "write e.g. \"192.0.2.20:4048\"",
            );
            return None;
        }
    };
    let from = match interface.as_deref().map(str::parse::<Ipv4Addr>) {
        None => None,
        Some(Ok(from)) => Some(from),
        Some(Err(_)) => {
            entry.bad("interface", "no IPv4 address", "write the address of the interface, e.g. \"192.0.2.1\"");
            return None;
        }
    };
    let way = match way {
        "e131" => {
            let priority = u8::try_from(entry.whole("priority")?).ok()?;
            let universe = u16::try_from(entry.whole("universe")?).ok()?;
            Way::E131 { universe, source: Source { cid: cid(&id), name: id, priority } }
        }
        "artnet" => Way::ArtNet { universe: u16::try_from(entry.whole("universe")?).ok()? },
        _ => Way::Ddp,
    };
    let config = PixelConfig { way, to, from, width: width?, height: height? };
    let (last, most) = match &config.way {
        Way::E131 { .. } => (config.universes().last(), 63_999),
        Way::ArtNet { .. } => (config.universes().last(), 32_767),
        Way::Ddp => (None, 0),
    };
    if let Some(last) = last.filter(|last| *last > most) {
        entry.bad("universe", format!("its last universe would be {last}"), format!("the last there is is {most}"));
        return None;
    }
    Some((None, BoardConfig::Pixels(config)))
}

/// The identity of a source: the same at every start, another on every machine.
fn cid(board: &str) -> [u8; 16] {
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{}/board/{board}", machine.trim()).as_bytes());
    let mut cid = [0; 16];
    for (to, from) in cid.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    // Version 8, variant 1 (RFC 9562): made in our own way.
    (cid[6], cid[8]) = (cid[6] & 0x0F | 0x80, cid[8] & 0x3F | 0x80);
    cid
}
