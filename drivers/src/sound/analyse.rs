//! How loud a sound is as a whole: integrated loudness and true peak (ITU-R BS.1770-4, EBU R 128), in one pass.

use super::Measured;
use ebur128::{EbuR128, Mode};

/// Below the absolute gate of BS.1770 nothing is measured, LUFS.
const GATE: f64 = -70.0;
/// Below this there is no peak worth the name, of full scale.
const NOTHING: f64 = 1e-5;

/// Takes one channel, piece by piece.
#[derive(Default)]
pub(super) struct Meter {
    gauge: Option<EbuR128>,
    /// The gauge could not be had, or refused something: nothing is said then.
    lost: bool,
}

impl Meter {
    /// Takes the next piece, of `rate` hertz.
    pub(super) fn take(&mut self, mono: &[f32], rate: u32) {
        if self.lost {
            return;
        }
        let taken = match &mut self.gauge {
            Some(gauge) if gauge.rate() == rate => gauge.add_frames_f32(mono),
            Some(gauge) => gauge.change_parameters(1, rate).and_then(|()| gauge.add_frames_f32(mono)),
            none => EbuR128::new(1, rate, Mode::I | Mode::TRUE_PEAK)
                .and_then(|gauge| none.insert(gauge).add_frames_f32(mono)),
        };
        self.lost = taken.is_err();
    }

    /// What came of it; `None`: too short (0.4 s) or too quiet to be measured.
    pub(super) fn measured(&self) -> Option<Measured> {
        let gauge = self.gauge.as_ref().filter(|_| !self.lost)?;
        let (lufs, peak) = (gauge.loudness_global().ok()?, gauge.true_peak(0).ok()?);
        if !lufs.is_finite() || lufs < GATE || peak < NOTHING {
            return None;
        }
        Some(Measured { lufs: lufs as f32, peak_dbtp: (20.0 * peak.log10()) as f32 })
    }
}

#[cfg(test)]
mod tests;
