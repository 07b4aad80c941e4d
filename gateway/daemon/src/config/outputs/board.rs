//! Reads `[[board]]`: displays.

use crate::config::BoardSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use gateway_core::config as core;
use gateway_core::id::{BoardId, LineId, SwitchId};

pub(in crate::config) fn board(entry: &Entry<'_, '_>) -> Option<(BoardSpec, core::Board)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let address = if entry.has("address") || driver.is_some() { host_port(entry, "address") } else { None };
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let font = entry.text("font");
    let power = if entry.has("power") { Some(SwitchId::from(entry.refer("power")?)) } else { None };
    let (idle, qr) = (entry.text("idle"), entry.text("qr"));
    let brightness = if entry.has("brightness") { Some(by_hour(entry)?) } else { None };
    let id = id?;
    let spec = BoardSpec {
        line: LineId::from(format!("board/{id}")),
        id: BoardId::from(id.as_str()),
        power: power.clone(),
        own: Some(LineConfig::tcp(address?)),
        config: BoardConfig::Huidu { width: width?, height: height?, font: font? },
    };
    Some((spec, core::Board { name: name.unwrap_or(id), idle, brightness, qr, power }))
}

/// One figure for each hour of the day.
fn by_hour(entry: &Entry<'_, '_>) -> Option<[u8; 24]> {
    let figures: Vec<u8> = entry.wholes("brightness")?.into_iter().filter_map(|p| u8::try_from(p).ok()).collect();
    let hours = <[u8; 24]>::try_from(figures.as_slice()).ok();
    if hours.is_none() {
        let what = format!("{} figures for 24 hours", figures.len());
        entry.bad("brightness", what, "write 24 figures, the first for the hour after midnight");
    }
    hours
}
