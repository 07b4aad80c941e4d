//! sound: the sound line alone, without broker, signature or core, and players others wrote beside it.

mod cost;
mod delay;
mod line;
mod many;

use super::peer;
use super::rig::Rig;
use super::sheet::Sheet;
use anyhow::{Result, bail};
use serde_json::{Map, Value};
use std::path::Path;

/// Measures a part, and returns what the sheet is to hold of it.
type Measure = fn(&Rig) -> Result<Value>;

/// What is measured of a sound line, by name.
const PARTS: &[(&str, Measure)] =
    &[("delay", delay::run), ("microphone", delay::microphone), ("many", many::run), ("cost", cost::run)];

/// Measures; `rest` are the parts wanted, all where it is empty.
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    if let Some(word) = rest.iter().find(|word| PARTS.iter().all(|(name, _)| name != *word)) {
        bail!("no part {word:?}; there are {}", PARTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "));
    }
    let sheet = Sheet::open("sound")?;
    let rig = Rig::new(root)?;
    peer::make_clips(&rig)?;
    cost::make_clips(&rig)?;
    let (mut result, mut failed) = (Map::new(), Vec::new());
    for (name, measure) in PARTS.iter().filter(|(name, _)| rest.is_empty() || rest.contains(name)) {
        println!("-- {name}");
        let measured = measure(&rig).unwrap_or_else(|error| {
            println!("-- {name}: {error:#}");
            failed.push(*name);
            Value::Null
        });
        result.insert((*name).to_owned(), measured);
    }
    sheet.close(root, result.into())?;
    if failed.is_empty() { Ok(()) } else { bail!("not measured: {}", failed.join(", ")) }
}
