//! Reads `[[board]]`: displays.

mod card;
mod html;
mod pixels;

use crate::config::BoardSpec;
use crate::config::sheet::Entry;
use crate::config::station::Beside;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use gateway_core::config as core;
use gateway_core::id::{BoardId, LineId, SwitchId};

/// How a board is reached.
enum Reached {
    /// By a line of its own.
    Own(LineConfig),
    /// By its driver, which brings its own client.
    Itself,
    /// On a declared line.
    Shared(LineId),
}

pub(in crate::config) fn board(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<(BoardSpec, core::Board)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let apart = |(line, config): Read| (line.map_or(Reached::Itself, Reached::Own), config);
    let read = match driver {
        Some("html") => html::html(entry).map(apart),
        Some(way @ ("e131" | "ddp")) => pixels::pixels(entry, way).map(apart),
        Some(_) | None => card::card(entry, driver, beside),
    };
    let power = if entry.has("power") { Some(SwitchId::from(entry.refer("power")?)) } else { None };
    let (idle, qr) = (entry.text("idle"), entry.text("qr"));
    let brightness = if entry.has("brightness") { Some(by_hour(entry)?) } else { None };
    let (id, (reached, config)) = (id?, read?);
    let own_line = LineId::from(format!("board/{id}"));
    let (line, own) = match reached {
        Reached::Own(config) => (own_line, Some(config)),
        Reached::Itself => (own_line, Some(LineConfig::Apart { name: id.clone() })),
        Reached::Shared(line) => (line, None),
    };
    let spec = BoardSpec { line, id: BoardId::from(id.as_str()), own, power: power.clone(), config };
    Some((spec, core::Board { name: name.unwrap_or(id), idle, brightness, qr, power }))
}

/// Where a board's own line leads, unless its driver reaches it by itself, and what it is.
type Read = (Option<LineConfig>, BoardConfig);

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
