//! Reads where sound may come in from: network streams, microphones, line-ins.

use super::sheet::Entry;
use drivers::sound::InputConfig;
use gateway_core::config::AudioInput;
use gateway_core::id::InputId;

/// One `[[input]]`.
pub(super) fn input(entry: &Entry<'_, '_>) -> Option<(InputId, InputConfig, AudioInput)> {
    let (id, name) = (entry.text("id"), entry.text("name"));
    let (key, config) = match entry.driver()? {
        "stream" => ("url", InputConfig::Stream { url: entry.text("url")? }),
        _ => {
            let device = entry.text("device");
            let channels = if entry.has("channels") { entry.wholes("channels")? } else { Vec::new() };
            let channels = channels.into_iter().filter_map(|c| u16::try_from(c).ok()).collect();
            ("device", InputConfig::Capture { device: device?, channels })
        }
    };
    if let Err(why) = config.check() {
        let remedy = match key {
            "url" => "write an https address, or http with an address of the site's own network",
            _ => "write a name as `arecord -L` lists it",
        };
        entry.bad(key, why, remedy);
        return None;
    }
    let id = id?;
    let core = AudioInput { name: name.unwrap_or_else(|| id.clone()) };
    Some((InputId::from(id), config, core))
}
