//! A device that is to be added is asked whether it is there: on the line that runs, or on one opened for it.

use crate::config::Config;
use crate::start::devices_on;
use crate::worker::Guests;
use drivers::line::{Line, LineOptions};
use gateway_core::device::{Reading, Report};
use gateway_core::id::{BoardId, LineId, OutputId, SensorId, SwitchId, TransmitterId};
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use web_ui::{Probed, Unfit};

/// A device that has not answered by then does not answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Lines that run, and take a guest.
#[derive(Default)]
pub(crate) struct Benches(pub(crate) BTreeMap<LineId, Guests>);

impl Benches {
    /// Looks at one device of a configuration that is only proposed.
    pub(super) fn probe(&self, config: &Config, section: &str, id: &str) -> Result<Probed, Unfit> {
        let output = match section {
            "switch" => OutputId::Switch(SwitchId::from(id)),
            "transmitter" => OutputId::Transmitter(TransmitterId::from(id)),
            "board" => OutputId::Board(BoardId::from(id)),
            "sensor" => OutputId::Sensor(SensorId::from(id)),
            _ => return Err(Unfit::Nothing),
        };
        let found = config.lines.iter().find_map(|spec| {
            let device = devices_on(config, &spec.id, None).into_iter().find(|d| d.id() == output)?;
            Some((spec, device))
        });
        let Some((spec, device)) = found else { return Err(Unfit::Nothing) };
        let (say, said) = sync_channel(1);
        if let Some(guests) = self.0.get(&spec.id) {
            guests.receive(device, say);
        } else {
            let options = LineOptions { record: None, ..spec.options.clone() };
            let mut line = Line::with_options(spec.config.clone(), options);
            let mut device = device;
            let begun = std::thread::Builder::new().name("probe".into()).stack_size(1024 * 1024).spawn(move || {
                // Who asked may have given up.
                say.send(device.look(&mut line)).ok();
            });
            begun.map_err(|e| Unfit::Disk(e.to_string()))?;
        }
        let told = said.recv_timeout(PATIENCE);
        Ok(match told {
            Ok(Ok(report)) => Probed { well: true, said: in_words(&report) },
            Ok(Err(fault)) => Probed { well: false, said: fault.to_string() },
            Err(_) => Probed { well: false, said: format!("không trả lời trong {} giây", PATIENCE.as_secs()) },
        })
    }
}

/// What a device said, for a technician.
fn in_words(report: &Report) -> String {
    if let Report::Switch { on, .. } = report {
        return if *on { "đang đóng" } else { "đang ngắt" }.to_owned();
    }
    if let Report::Sensed(readings) = report {
        let reading = |r: &Reading| format!("{} {}{}", r.quantity, r.value, r.unit);
        return readings.iter().map(reading).collect::<Vec<_>>().join(", ");
    }
    if let Report::Board { showing, .. } = report {
        return if showing.is_some() { "bảng đang hiện chữ" } else { "bảng đang tắt" }.to_owned();
    }
    String::new()
}
