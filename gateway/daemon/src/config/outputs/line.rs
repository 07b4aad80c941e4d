//! Reads `[[line]]`: serial buses and TCP connections.

use crate::config::LineSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::line::{Framing, LineConfig};
use gateway_core::id::LineId;
use std::path::PathBuf;

pub(in crate::config) fn line(entry: &Entry<'_, '_>) -> Option<LineSpec> {
    let id = entry.text("id");
    let config = match entry.driver()? {
        "serial" => {
            let (port, baud) = (entry.text("port"), entry.whole("baud"));
            LineConfig::Serial { port: PathBuf::from(port?), baud: u32::try_from(baud?).ok()? }
        }
        _ => {
            let (address, framing) = (host_port(entry, "address"), entry.text("framing"));
            let framing = if framing? == "rtu" { Framing::Rtu } else { Framing::ModbusTcp };
            LineConfig::Tcp { address: address?, framing }
        }
    };
    Some(LineSpec { id: LineId::from(id?), config })
}
