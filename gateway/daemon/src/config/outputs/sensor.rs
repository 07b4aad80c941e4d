//! Reads `[[sensor]]`: what measures.

use crate::config::SensorSpec;
use crate::config::sheet::Entry;

pub(in crate::config) fn sensor(entry: &Entry<'_, '_>) -> Option<SensorSpec> {
    let _driver = entry.driver()?;
    None
}
