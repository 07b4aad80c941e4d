//! A studio with one microphone and one sink.

use gateway_core::id::{LiveId, SinkId};
use web_ui::{Shut, SinkRow, Studio};

/// A studio with one microphone, `m1`, of whoever opens it, and one sink.
pub struct Booth;

impl Studio for Booth {
    fn open(&self, by: &str) -> Result<LiveId, Shut> {
        if by == "full" { Err(Shut::Full) } else { Ok(LiveId::from("m1")) }
    }

    fn speak(&self, live: &LiveId, _: &str, samples: Vec<f32>, rate: u32) -> Result<(), Shut> {
        let taken = live.as_str() == "m1" && rate == 48_000 && samples == [0.5, -0.5];
        if taken { Ok(()) } else { Err(Shut::Closed) }
    }

    fn hand(&self, _: &LiveId, _: &str) {}

    fn close(&self, _: &LiveId) {}

    fn sinks(&self) -> Vec<SinkRow> {
        vec![SinkRow {
            id: SinkId::from("hall"),
            line: "default".to_owned(),
            volume_day: 100,
            volume_night: 80,
            open: true,
            real_time: true,
            period_ms: 5.0,
            xruns: 0,
            drift_ppm: -12,
            momentary_lufs: Some(-16.2),
            peak_dbtp: None,
            silent_ms: 0,
        }]
    }

    fn sdp(&self, sink: &SinkId, emergency: bool) -> Option<String> {
        (sink.as_str() == "hall" && !emergency).then(|| "v=0\r\n".to_owned())
    }
}
