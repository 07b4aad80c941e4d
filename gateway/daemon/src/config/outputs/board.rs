//! Reads `[[board]]`: displays.

mod html;
mod pixels;

use crate::config::BoardSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use gateway_core::config as core;
use gateway_core::id::{BoardId, LineId};

pub(in crate::config) fn board(entry: &Entry<'_, '_>) -> Option<(BoardSpec, core::Board)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let read = match driver {
        Some("html") => html::html(entry),
        Some(way @ ("e131" | "ddp")) => pixels::pixels(entry, way),
        Some(_) | None => huidu(entry, driver.is_some()),
    };
    let (id, (line, config)) = (id?, read?);
    // A driver that brings its own client goes by the name of the board.
    let own = line.unwrap_or_else(|| LineConfig::Apart { name: id.clone() });
    let spec =
        BoardSpec { line: LineId::from(format!("board/{id}")), id: BoardId::from(id.as_str()), own: Some(own), config };
    Some((spec, core::Board { name: name.unwrap_or(id) }))
}

/// Where a board's own line leads, unless its driver reaches it by itself, and what it is.
type Read = (Option<LineConfig>, BoardConfig);

fn huidu(entry: &Entry<'_, '_>, known: bool) -> Option<Read> {
    let address = if entry.has("address") || known { host_port(entry, "address") } else { None };
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let font = entry.text("font");
    let line = LineConfig::tcp(address?);
    Some((Some(line), BoardConfig::Huidu { width: width?, height: height?, font: font? }))
}
