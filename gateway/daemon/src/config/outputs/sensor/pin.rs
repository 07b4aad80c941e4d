//! Reads the pins of the machine.

use super::Made;
use crate::config::sheet::Entry;
use drivers::gpio::Pin;
use drivers::line::LineConfig;
use drivers::sensor::SensorConfig;
use gateway_core::config::Button;
use gateway_core::id::{ClusterId, InputId, PreparedId};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A pin, and the line of its own it has: a thread waits for it alone.
pub(in crate::config::outputs) fn pin(entry: &Entry<'_, '_>) -> Option<(Pin, LineConfig)> {
    let (chip, offset, active) = (entry.text("chip"), entry.whole("pin"), entry.text("active"));
    let (chip, offset) = (PathBuf::from(chip?), u32::try_from(offset?).ok()?);
    let name = format!("pin {offset} of {}", chip.display());
    Some((Pin { chip, offset, active_low: active? == "low" }, LineConfig::Apart { name }))
}

pub(super) fn gpio(entry: &Entry<'_, '_>) -> Option<Made> {
    let (pin, role) = (pin(entry), entry.text("role"));
    let (level, max_s) = (entry.whole("risk_level"), entry.whole("max_s"));
    let (text, input) = (entry.text("text"), entry.refer("input"));
    let clusters = if entry.has("clusters") { entry.texts("clusters")? } else { Vec::new() };
    let clusters: BTreeSet<ClusterId> = clusters.into_iter().map(ClusterId::from).collect();
    let lacks = |key: &str, what: &str| {
        entry.bad(key, what, format!("write `{key}`, or another `role`"));
        None
    };
    let (role, quantity, usual, button) = match role?.as_str() {
        "door" => ("door", "door", "Cửa tủ", None),
        "power_fail" => ("power_fail", "power_fail", "Điện lưới", None),
        "mute_button" => ("mute_button", "pressed", "Nút tắt tiếng", Some(Button::Mute { clusters })),
        "emergency_button" => {
            let Some(text) = text else { return lacks("text", "the button has nothing to say") };
            let prepared = if entry.has("prepared") { Some(PreparedId::from(entry.text("prepared")?)) } else { None };
            let button = Button::Emergency { text, level: u8::try_from(level?).ok()?, clusters, prepared };
            ("emergency_button", "pressed", "Nút khẩn cấp", Some(button))
        }
        "ptt" => {
            let Some(input) = input else { return lacks("input", "no input is named that goes on air") };
            let (input, max_s) = (InputId::from(input), u32::try_from(max_s?).ok()?);
            let button = Button::Talk { input, max_s, clusters };
            ("ptt", "pressed", "Nút nói", Some(button))
        }
        _ => ("input", "input", "Tiếp điểm", None),
    };
    let (pin, own) = pin?;
    Some(Made { button, role, ..Made::plain(SensorConfig::Gpio { pin, quantity }, own, usual) })
}
