//! Reads `[[board]]`: displays.

mod card;
mod html;
mod pixels;

use crate::config::BoardSpec;
use crate::config::sheet::Entry;
use crate::config::station::Beside;
use drivers::board::BoardConfig;
use drivers::board::painter::Fonts;
use drivers::line::LineConfig;
use gateway_core::config as core;
use gateway_core::id::{BoardId, LineId, SwitchId};

/// What to do where there are no letters.
const FONT_REMEDY: &str =
    "apt install fonts-dejavu-core, or write `font_file = \"/…/font.ttf\"` with Vietnamese letters";

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
        Some(way @ ("e131" | "artnet" | "ddp")) => pixels::pixels(entry, way).map(apart),
        Some(_) | None => card::card(entry, driver, beside),
    };
    let fonts = if entry.driver().is_some_and(is_painted) { letters(entry, beside) } else { Some(None) };
    let power = if entry.has("power") { Some(SwitchId::from(entry.refer("power")?)) } else { None };
    let (idle, qr) = (entry.text("idle"), entry.text("qr"));
    let brightness = if entry.has("brightness") { Some(by_hour(entry)?) } else { None };
    let (id, (reached, config), fonts) = (id?, read?, fonts?);
    let own_line = LineId::from(format!("board/{id}"));
    let (line, own) = match reached {
        Reached::Own(config) => (own_line, Some(config)),
        Reached::Itself => (own_line, Some(LineConfig::Apart { name: id.clone() })),
        Reached::Shared(line) => (line, None),
    };
    let spec = BoardSpec { line, id: BoardId::from(id.as_str()), own, power: power.clone(), fonts, config };
    Some((spec, core::Board { name: name.unwrap_or(id), idle, brightness, qr, power }))
}

/// Where a board's own line leads, unless its driver reaches it by itself, and what it is.
type Read = (Option<LineConfig>, BoardConfig);

/// Boards of this driver are sent pictures.
fn is_painted(driver: &str) -> bool {
    ["huidu", "onbon-y", "cpower", "e131", "artnet", "ddp"].contains(&driver)
}

/// The letters it is painted with, which must be there.
fn letters(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Option<Fonts>> {
    if entry.driver() == Some("huidu") && entry.text("letters").as_deref() == Some("card") {
        return Some(None);
    }
    if !entry.has("font_file") {
        let found = Fonts::of_the_box().map(|_| None);
        return found.map_err(|fault| entry.bad("font_file", fault.to_string(), FONT_REMEDY)).ok();
    }
    let path = beside.path(&entry.text("font_file")?);
    let found = Fonts::open(&path).map(Some);
    found.map_err(|fault| entry.bad("font_file", fault.to_string(), FONT_REMEDY)).ok()
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
