//! What may be on one line together, and what it must bear: one protocol, a number for each, time for a picture.

use super::Rows;
use crate::config::sheet::Entry;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use drivers::switch::SwitchConfig;
use drivers::transmitter::{CoderConfig, ExciterConfig};
use gateway_core::id::LineId;
use std::collections::BTreeMap;

/// What is spoken on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    /// Each device has a number in every frame, and answers nothing else.
    Numbered(&'static str),
    /// Whoever is there takes everything for its own.
    Unnumbered(&'static str),
}

impl Tongue {
    fn name(self) -> &'static str {
        match self {
            Self::Numbered(name) | Self::Unnumbered(name) => name,
        }
    }
}

const MODBUS: Tongue = Tongue::Numbered("Modbus");

impl<'s, 't> Rows<'s, 't> {
    /// Devices of different protocols take each other's frames for something, and those without numbers everything.
    pub(super) fn one_protocol_a_line(&self) {
        let mut taken: BTreeMap<&LineId, (Tongue, String)> = BTreeMap::new();
        for (entry, key, line, tongue) in self.speakers() {
            if !self.lines.iter().any(|(_, declared)| declared.id == *line) {
                continue;
            }
            let Some((there, at)) = taken.get(line) else {
                taken.insert(line, (tongue, format!("line {}", entry.line)));
                continue;
            };
            let what = match (*there, tongue) {
                (one, other) if one != other => {
                    format!("the line \"{line}\" speaks {} ({at}), and this {}", one.name(), tongue.name())
                }
                (Tongue::Unnumbered(name), _) => {
                    format!(
                        "the line \"{line}\" has a device already ({at}), and {name} has no numbers to tell two apart"
                    )
                }
                (Tongue::Numbered(_), _) => continue,
            };
            entry.bad(key, what, "give it a line of its own");
        }
    }

    /// A picture comes over a serial line in the time that is left for it.
    pub(super) fn pictures_come_in_time(&self) {
        for (entry, row) in &self.boards {
            let (BoardConfig::Cpower(config), None) = (&row.config, &row.own) else { continue };
            let Some((_, line)) = self.lines.iter().find(|(_, line)| line.id == row.line) else { continue };
            let (LineConfig::Serial { baud, .. }, Ok(least)) = (&line.config, config.least_baud()) else { continue };
            if *baud < least {
                let what = format!("a picture of this board takes too long at {baud} bit/s");
                entry.bad("line", what, format!("set board and line to {least} bit/s or more, or use fewer `colours`"));
            }
        }
    }

    /// What speaks on declared lines, each with the key that puts it there.
    fn speakers(&self) -> Vec<(&Entry<'s, 't>, &'static str, &LineId, Tongue)> {
        let mut found = Vec::new();
        for (entry, row) in &self.switches {
            let tongue = match &row.config {
                SwitchConfig::ModbusRelay { .. } | SwitchConfig::ProfiledRelay { .. } => MODBUS,
                SwitchConfig::Gpio { .. }
                | SwitchConfig::BarixVolume { .. }
                | SwitchConfig::SnmpPort { .. }
                | SwitchConfig::HttpRelay(_) => continue,
            };
            found.push((entry, "line", &row.line, tongue));
        }
        for (entry, row) in &self.transmitters {
            let tongue = match &row.spec.config {
                ExciterConfig::Modbus { .. } => MODBUS,
                ExciterConfig::TxAscii { .. } => Tongue::Unnumbered("tx-ascii"),
            };
            found.push((entry, "line", &row.spec.line, tongue));
            if let Some(coder) = &row.coder {
                let tongue = match &coder.config {
                    CoderConfig::Uecp(_) => Tongue::Unnumbered("uecp"),
                    CoderConfig::Pira(_) => Tongue::Unnumbered("pira"),
                };
                found.push((entry, "rds", &coder.line, tongue));
            }
        }
        for (entry, row) in &self.boards {
            let tongue = match &row.config {
                BoardConfig::Cpower(_) => Tongue::Numbered("C-Power"),
                BoardConfig::OnbonK(_) => Tongue::Numbered("Onbon K"),
                BoardConfig::Huidu { .. }
                | BoardConfig::OnbonY(_)
                | BoardConfig::Pixels(_)
                | BoardConfig::Html { .. } => continue,
            };
            found.push((entry, "line", &row.line, tongue));
        }
        // Of sensors only Modbus ones are on declared lines.
        found.extend(self.sensors.iter().map(|(entry, line, _)| (entry, "line", line, MODBUS)));
        found
    }
}
