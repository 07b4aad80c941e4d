//! Reads `[[line]]`: serial buses and TCP connections.

use crate::config::LineSpec;
use crate::config::sheet::Entry;
use crate::config::station::{Beside, host_port};
use drivers::line::{Framing, LineConfig, LineOptions, Parity};
use gateway_core::id::LineId;
use std::path::PathBuf;

pub(in crate::config) fn line(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<LineSpec> {
    let id = entry.text("id");
    let record = entry.text("record").map(|file| beside.path(&file));
    let (config, options) = match entry.driver()? {
        "serial" => {
            let (port, baud) = (entry.text("port"), entry.whole("baud"));
            let (parity, stop_bits) = (entry.text("parity"), entry.whole("stop_bits"));
            let parity = match parity?.as_str() {
                "even" => Parity::Even,
                "odd" => Parity::Odd,
                _ => Parity::None,
            };
            let options = LineOptions { parity, two_stop_bits: stop_bits? == 2, record };
            (LineConfig::Serial { port: PathBuf::from(port?), baud: u32::try_from(baud?).ok()? }, options)
        }
        _ => {
            let (address, framing) = (host_port(entry, "address"), entry.text("framing"));
            let framing = if framing? == "rtu" { Framing::Rtu } else { Framing::ModbusTcp };
            (LineConfig::Tcp { address: address?, framing }, LineOptions { record, ..LineOptions::default() })
        }
    };
    Some(LineSpec { id: LineId::from(id?), config, options })
}
