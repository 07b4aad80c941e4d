//! Reads a board that is a page in a browser.

use super::Read;
use crate::config::sheet::Entry;
use drivers::board::{BoardConfig, LinkLost, MessageEnd, Screen};
use std::sync::Arc;

pub(super) fn html(entry: &Entry<'_, '_>) -> Option<Read> {
    let word = entry.text("on_link_lost").unwrap_or_else(|| LinkLost::default().word().to_owned());
    let Some(lost) = LinkLost::of(&word) else {
        entry.bad(
            "on_link_lost",
            format!("\"{word}\" is nothing a page can do"),
            "write `notice`, `keep`, `dark` or `idle`",
        );
        return None;
    };
    let end = if entry.text("on_message_end")? == "idle" { MessageEnd::Idle } else { MessageEnd::Dark };
    let idle = entry.text("idle");
    let key = match (lost, end) {
        (LinkLost::Idle, _) => Some("on_link_lost"),
        (_, MessageEnd::Idle) => Some("on_message_end"),
        (_, MessageEnd::Dark) => None,
    };
    if let Some(key) = key.filter(|_| idle.is_none()) {
        entry.bad(key, "there is no text of quiet hours", "add `idle = \"…\"`, or write `dark`");
        return None;
    }
    Some((None, BoardConfig::Html { screen: Arc::new(Screen::new(lost).with_end(end, idle)) }))
}
