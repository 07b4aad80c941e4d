//! The machine the gateway runs on, as Linux tells it in `/sys` and `/proc`: heat, fan, supply, disk, wear, load.

use super::{flag, reading};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use std::fs;
use std::path::{Path, PathBuf};

/// The machine.
#[derive(Clone, Debug)]
pub struct Machine {
    root: PathBuf,
    disk: PathBuf,
}

impl Machine {
    /// A machine whose `/sys` and `/proc` are under `root`, and whose disk holds the folder `disk`.
    pub fn new(root: PathBuf, disk: PathBuf) -> Self {
        Self { root, disk }
    }

    fn text(&self, path: &str) -> Option<String> {
        text(&self.root.join(path))
    }

    /// The folders in `path` whose names begin so, in order of name.
    fn folders(&self, path: &str, prefix: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.join(path)).into_iter().flatten().flatten();
        let fits = |p: &PathBuf| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(prefix));
        let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(fits).collect();
        found.sort();
        found
    }

    /// The hottest place, degrees Celsius; what no silicon survives is a sensor that is not connected.
    fn temperature(&self) -> Option<f64> {
        let zones = self.folders("sys/class/thermal", "thermal_zone").into_iter().map(|zone| zone.join("temp"));
        let chips = self.folders("sys/class/hwmon", "hwmon").into_iter().flat_map(|chip| inputs(&chip, "temp"));
        let degrees = zones.chain(chips).filter_map(|file| Some(number(&file)? / 1000.0));
        degrees.filter(|t| (-40.0..=150.0).contains(t)).reduce(f64::max)
    }

    /// The slowest fan, turns a minute.
    fn fan(&self) -> Option<f64> {
        let chips = self.folders("sys/class/hwmon", "hwmon").into_iter();
        chips.flat_map(|chip| inputs(&chip, "fan")).filter_map(|file| number(&file)).reduce(f64::min)
    }

    /// Whether the supply of a Raspberry Pi is too weak just now; `None` on other machines.
    fn under_voltage(&self) -> Option<bool> {
        let mut chips = self.folders("sys/class/hwmon", "hwmon").into_iter();
        let pi = chips.find(|chip| text(&chip.join("name")).is_some_and(|name| name.trim() == "rpi_volt"))?;
        number(&pi.join("in0_lcrit_alarm")).map(|alarm| alarm > 0.0)
    }

    /// How much of the life of an eMMC chip is used, per cent, and how it stands with its spare blocks: 1 good,
    /// 2 four fifths used, 3 urgent (JEDEC JESD84-B51, 7.4). Cards of the kind that is put into a slot do not tell.
    fn wear(&self) -> (Option<f64>, Option<f64>) {
        let chips = self.folders("sys/block", "mmcblk");
        let hex = |word: &str| u32::from_str_radix(word.trim_start_matches("0x"), 16).ok();
        let of = |file: &str| -> Option<u32> {
            let texts = chips.iter().filter_map(|chip| text(&chip.join("device").join(file)));
            texts.flat_map(|t| t.split_whitespace().filter_map(hex).collect::<Vec<_>>()).max().filter(|n| *n > 0)
        };
        (of("life_time").map(|tenths| f64::from(tenths) * 10.0), of("pre_eol_info").map(f64::from))
    }

    /// Room left on the disk, per cent of it.
    fn disk_free(&self) -> Option<f64> {
        let room = rustix::fs::statvfs(&self.disk).ok()?;
        #[expect(clippy::cast_precision_loss, reason = "a share of a disk needs no 53 bits")]
        (room.f_blocks > 0).then(|| room.f_bavail as f64 / room.f_blocks as f64 * 100.0)
    }

    /// Work waiting in the last minute, per cent of what the processors can do.
    fn load(&self) -> Option<f64> {
        let one_minute: f64 = self.text("proc/loadavg")?.split(' ').next()?.parse().ok()?;
        let cpus = self.folders("sys/devices/system/cpu", "cpu").into_iter();
        let numbered = |p: &PathBuf| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            name.strip_prefix("cpu").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        };
        let cpus = u32::try_from(cpus.filter(numbered).count()).ok()?.max(1);
        Some(one_minute / f64::from(cpus) * 100.0)
    }

    /// Memory that can be had without swapping, per cent.
    fn memory_free(&self) -> Option<f64> {
        let all = self.text("proc/meminfo")?;
        let of = |name: &str| -> Option<f64> {
            let row = all.lines().find_map(|l| l.strip_prefix(name))?;
            row.split_whitespace().next()?.parse().ok()
        };
        let total = of("MemTotal:").filter(|t| *t > 0.0)?;
        Some(of("MemAvailable:")? / total * 100.0)
    }

    fn uptime(&self) -> Option<f64> {
        self.text("proc/uptime")?.split(' ').next()?.parse().ok()
    }
}

impl Driver<()> for Machine {
    fn apply(&mut self, line: &mut Line, (): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        let mut readings: Vec<Reading> = Vec::new();
        let (wear, spare) = self.wear();
        for (quantity, value, unit) in [
            ("temperature", self.temperature(), "°C"),
            ("fan", self.fan(), "vòng/phút"),
            ("disk_free", self.disk_free(), "%"),
            ("wear", wear, "%"),
            ("spare_blocks", spare, ""),
            ("load", self.load(), "%"),
            ("memory_free", self.memory_free(), "%"),
            ("uptime", self.uptime(), "s"),
        ] {
            readings.extend(value.map(|value| reading(quantity, (value * 10.0).round() / 10.0, unit)));
        }
        readings.extend(self.under_voltage().map(|low| flag("under_voltage", low)));
        if readings.is_empty() {
            return Err(Fault::Line(format!("machine: nothing can be read under {}", self.root.display())));
        }
        Ok(Report::Sensed(readings))
    }
}

/// `temp1_input`, `fan2_input` … of a chip.
fn inputs(chip: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(chip).into_iter().flatten().flatten().map(|e| e.path());
    let fits = |p: &PathBuf| {
        let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        name.strip_prefix(kind).and_then(|n| n.strip_suffix("_input")).is_some_and(|n| n.parse::<u8>().is_ok())
    };
    entries.filter(fits).collect()
}

fn number(file: &Path) -> Option<f64> {
    text(file)?.trim().parse().ok()
}

/// A file of the kernel; one that cannot be read (a chip that sleeps) says nothing.
fn text(file: &Path) -> Option<String> {
    fs::read_to_string(file).ok()
}
