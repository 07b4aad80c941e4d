//! Reads `[[board]]`: displays.

use crate::config::BoardSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use gateway_core::config as core;
use gateway_core::id::{BoardId, LineId};

pub(in crate::config) fn board(entry: &Entry<'_, '_>) -> Option<(BoardSpec, core::Board)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let address = if entry.has("address") || driver.is_some() { host_port(entry, "address") } else { None };
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let font = entry.text("font");
    let id = id?;
    let spec = BoardSpec {
        line: LineId::from(format!("board/{id}")),
        id: BoardId::from(id.as_str()),
        own: Some(LineConfig::tcp(address?)),
        config: BoardConfig::Huidu { width: width?, height: height?, font: font? },
    };
    Some((spec, core::Board { name: name.unwrap_or(id) }))
}
