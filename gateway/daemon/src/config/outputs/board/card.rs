//! Reads boards that are LED cards: Huidu, Onbon, C-Power.

use crate::config::sheet::Entry;
use crate::config::station::{Beside, host_port};
use drivers::board::cpower_packet::Link;
use drivers::board::cpower_picture::Colours;
use drivers::board::onbon_k_area::Series;
use drivers::board::onbon_y_bulletin::Stored;
use drivers::board::{BoardConfig, CpowerConfig, OnbonKConfig, OnbonYConfig};
use drivers::line::{Framing, LineConfig};
use gateway_core::id::LineId;

/// Where a board is reached.
enum Way {
    /// At an address of its own.
    Own(String),
    /// On a declared line.
    Shared(LineId),
}

/// A card: what it is, and where its own line leads or which line it is on.
pub(super) fn card(
    entry: &Entry<'_, '_>,
    driver: Option<&'static str>,
    beside: &Beside<'_>,
) -> Option<(super::Reached, BoardConfig)> {
    let way = if entry.has("address") || driver.is_some() { way(entry, driver) } else { None };
    let [width, height] = ["width", "height"].map(|k| entry.whole(k).and_then(|v| u16::try_from(v).ok()));
    let more = match driver {
        Some("huidu") => huidu(entry),
        Some("cpower") => cpower(entry, way.as_ref()),
        Some("onbon-k") => onbon_k(entry),
        Some("onbon-y") => onbon_y(entry, beside),
        Some(_) | None => None,
    };
    let (way, width, height) = (way?, width?, height?);
    let config = more?.config(width, height, &way);
    if let BoardConfig::Cpower(card) = &config
        && let Err(why) = card.picture_bytes()
    {
        entry.bad("width", why, "use fewer `colours`, or divide the screen between two cards");
        return None;
    }
    let reached = match way {
        Way::Shared(line) => super::Reached::Shared(line),
        Way::Own(address) if matches!(config, BoardConfig::OnbonY(_)) => {
            super::Reached::Own(LineConfig::Apart { name: address })
        }
        Way::Own(address) => super::Reached::Own(LineConfig::Tcp { address, framing: Framing::ModbusTcp }),
    };
    Some((reached, config))
}

/// An address, or the line in its place.
fn way(entry: &Entry<'_, '_>, driver: Option<&str>) -> Option<Way> {
    match (entry.has("address"), entry.has("line") && driver != Some("huidu") && driver != Some("onbon-y")) {
        (true, true) => {
            entry.bad("line", "a line beside an address", "remove one: it is reached in one way");
            None
        }
        (false, true) => Some(Way::Shared(LineId::from(entry.refer("line")?))),
        (true, false) => Some(Way::Own(host_port(entry, "address")?)),
        (false, false) => {
            let remedy = "add `address = \"192.0.2.10:10001\"` (host and port)";
            entry.sheet.problem(entry.line, &entry.path("address"), "missing", remedy);
            None
        }
    }
}

/// What the keys of one driver say.
enum More {
    Huidu { font: Option<String>, dark_when_lost: bool },
    Cpower { colours: Colours, card: u8, link: Link },
    OnbonK { series: Series, screen: u16, dual: bool, dark_when_lost: bool },
    OnbonY { user: String, password: std::path::PathBuf, stored: Option<Stored> },
}

impl More {
    fn config(self, width: u16, height: u16, way: &Way) -> BoardConfig {
        match self {
            Self::Huidu { font, dark_when_lost } => BoardConfig::Huidu { width, height, font, dark_when_lost },
            Self::Cpower { colours, card, link } => {
                BoardConfig::Cpower(CpowerConfig { width, height, colours, card, link })
            }
            Self::OnbonK { series, screen, dual, dark_when_lost } => {
                BoardConfig::OnbonK(OnbonKConfig { width, height, series, screen, dual, dark_when_lost })
            }
            Self::OnbonY { user, password, stored } => {
                let address = match way {
                    Way::Own(address) => address.clone(),
                    Way::Shared(line) => line.to_string(),
                };
                BoardConfig::OnbonY(OnbonYConfig { address, width, height, user, password, stored })
            }
        }
    }
}

fn huidu(entry: &Entry<'_, '_>) -> Option<More> {
    let (letters, font) = (entry.text("letters"), entry.text("font"));
    if letters.as_deref() == Some("bitmap") && entry.has("font") {
        let (line, path) = (entry.line_of("font"), entry.path("font"));
        entry.sheet.warning(line, &path, "a font beside pictures", "remove it, or add `letters = \"card\"`");
    }
    let font = font.unwrap_or_else(|| "Arial".to_owned());
    let dark_when_lost = dark_when_lost(entry)?;
    let letters = letters?;
    if dark_when_lost && letters == "card" {
        entry.bad("on_link_lost", "letters of the card have no end", "write \"keep\", or `letters = \"bitmap\"`");
        return None;
    }
    Some(More::Huidu { font: (letters == "card").then_some(font), dark_when_lost })
}

/// What a card that can end a message by itself does without the gateway.
fn dark_when_lost(entry: &Entry<'_, '_>) -> Option<bool> {
    match entry.text("on_link_lost").as_deref() {
        None | Some("keep") => Some(false),
        Some("dark") => Some(true),
        Some(other) => {
            entry.bad("on_link_lost", format!("\"{other}\" is nothing a card can do"), "write `keep` or `dark`");
            None
        }
    }
}

fn cpower(entry: &Entry<'_, '_>, way: Option<&Way>) -> Option<More> {
    let (colours, card, id) = (entry.text("colours"), entry.whole("card"), entry.whole("network_id"));
    let link = match way? {
        Way::Own(_) => Link::Network(u32::try_from(id?).ok()?),
        Way::Shared(_) if entry.has("network_id") => {
            entry.bad("network_id", "an identity of the network on a line", "remove it");
            return None;
        }
        Way::Shared(_) => Link::Serial,
    };
    Some(More::Cpower { colours: Colours::named(&colours?)?, card: u8::try_from(card?).ok()?, link })
}

fn onbon_k(entry: &Entry<'_, '_>) -> Option<More> {
    let (series, screen, colours) = (entry.text("series"), entry.whole("screen"), entry.text("colours"));
    if entry.has("colours") && colours.as_deref().is_some_and(|colours| colours != "mono" && colours != "dual") {
        entry.bad("colours", "letters of this card are mono or dual", "write \"mono\" or \"dual\"");
        return None;
    }
    let series = if series? == "5k" { Series::K5 } else { Series::K6 };
    let dark_when_lost = dark_when_lost(entry)?;
    Some(More::OnbonK { series, screen: u16::try_from(screen?).ok()?, dual: colours? == "dual", dark_when_lost })
}

fn onbon_y(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<More> {
    let user = entry.text("user");
    if !entry.has("password") {
        let remedy = "add `password = \"board.password\"`, a file with the password of the card's user";
        entry.sheet.problem(entry.line, &entry.path("password"), "missing", remedy);
        return None;
    }
    let password = beside.must(entry, "password", "write the password of the card's user there");
    let (up, font) = (entry.text("on_power_up")?, entry.text("font"));
    if font.is_some() && up != "text" {
        let (line, path) = (entry.line_of("font"), entry.path("font"));
        entry.sheet.warning(line, &path, "a font beside pictures", "remove it, or add `on_power_up = \"text\"`");
    }
    let stored = (up == "text").then_some(Stored { font });
    Some(More::OnbonY { user: user?, password: password?, stored })
}
