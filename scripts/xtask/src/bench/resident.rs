//! resident: how much memory and time on a processor a program and everything it started take.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// Memory of a process and all its descendants, KiB.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resident {
    /// Pages in memory; those shared with others count in full.
    pub(super) rss: u64,
    /// Pages in memory; those shared with others count by their share.
    pub(super) pss: u64,
    /// Pages nobody else has that are no file's: heap and stacks.
    pub(super) anonymous: u64,
    /// Threads.
    pub(super) threads: usize,
}

impl Resident {
    /// Reads it from `/proc`.
    ///
    /// # Errors
    /// The process is gone, or the kernel does not tell.
    pub(super) fn of_tree(root: u32) -> Result<Self> {
        let mut sum = Self::of(root)?;
        let children = children()?;
        let mut open = vec![root];
        while let Some(parent) = open.pop() {
            for &child in children.get(&parent).into_iter().flatten() {
                open.push(child);
                // A child that has just ended takes nothing.
                if let Ok(more) = Self::of(child) {
                    sum.rss += more.rss;
                    sum.pss += more.pss;
                    sum.anonymous += more.anonymous;
                    sum.threads += more.threads;
                }
            }
        }
        Ok(sum)
    }

    fn of(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let kib = |key: &str| -> Result<u64> {
            let line = text.lines().find(|l| l.starts_with(key)).with_context(|| format!("{path} has no {key}"))?;
            line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).with_context(|| format!("{path}: {line}"))
        };
        let threads = fs::read_dir(format!("/proc/{pid}/task"))?.count();
        Ok(Self { rss: kib("Rss:")?, pss: kib("Pss:")?, anonymous: kib("Anonymous:")?, threads })
    }

    /// For the machine-readable result, MiB.
    pub(super) fn to_json(self) -> Value {
        json!({"rss_mib": mib(self.rss), "pss_mib": mib(self.pss), "anonymous_mib": mib(self.anonymous),
               "threads": self.threads})
    }
}

/// Steps in which the kernel tells time on a processor, on every machine that Debian runs on.
const TICK: Duration = Duration::from_millis(10);

/// Time on a processor that a process and its living descendants have taken, in steps of 10 ms.
///
/// # Errors
/// The process is gone, or the kernel does not tell.
pub(super) fn worked(root: u32) -> Result<Duration> {
    let (children, mut open, mut ticks) = (children()?, vec![root], 0);
    while let Some(pid) = open.pop() {
        open.extend(children.get(&pid).into_iter().flatten());
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => {
                // The name, in brackets, may hold anything; time in the program and in the kernel are 12 fields after it.
                let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
                let times: Vec<u32> = rest.split(' ').skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
                ticks += times.iter().sum::<u32>();
            }
            // A child that has just ended has no more to say.
            Err(_) if pid != root => {}
            Err(error) => return Err(error).with_context(|| format!("reading the times of {pid}")),
        }
    }
    Ok(TICK * ticks)
}

/// KiB as MiB, to a tenth.
fn mib(kib: u64) -> f64 {
    let tenths = u32::try_from(kib * 10 / 1024).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}

/// The children of each process.
fn children() -> Result<BTreeMap<u32, Vec<u32>>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    Ok(children)
}
