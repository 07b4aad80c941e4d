//! Reads a board that is a page in a browser.

use super::Read;
use crate::config::sheet::Entry;
use drivers::board::{BoardConfig, LinkLost, Screen};
use std::sync::Arc;

pub(super) fn html(entry: &Entry<'_, '_>) -> Option<Read> {
    let word = entry.text("on_link_lost")?;
    let Some(lost) = LinkLost::of(&word) else {
        entry.bad("on_link_lost", format!("\"{word}\" is nothing a page can do"), "write `notice`, `keep` or `dark`");
        return None;
    };
    Some((None, BoardConfig::Html { screen: Arc::new(Screen::new(lost)) }))
}
