//! bench: what can be measured, by name; each measurement is a file under `bench/`.

use anyhow::{Result, bail};
use std::path::Path;

/// One measurement.
struct Bench {
    name: &'static str,
    what: &'static str,
    run: fn(&Path, &[&str]) -> Result<()>,
}

/// All of them, in the order they are listed.
const BENCHES: &[Bench] = &[];

/// Says what can be measured.
pub(crate) fn list() {
    if BENCHES.is_empty() {
        println!("nothing can be measured yet");
    }
    for bench in BENCHES {
        println!("{:12} {}", bench.name, bench.what);
    }
}

/// Measures one thing; `rest` is its own arguments.
pub(crate) fn run(root: &Path, name: &str, rest: &[&str]) -> Result<()> {
    let Some(bench) = BENCHES.iter().find(|b| b.name == name) else {
        bail!("no bench {name:?}; `cargo xtask bench` lists them");
    };
    (bench.run)(root, rest)
}
