//! What a simulated output says of itself that answers and does nothing.

use gateway_core::device::{Report, TransmitterState};
use gateway_core::id::OutputId;
use gateway_core::want::Grade;
use std::collections::BTreeSet;

/// That it is off, whatever it was told.
pub(super) fn off(id: &OutputId) -> Report {
    match id {
        OutputId::Sink(_) | OutputId::Sensor(_) => Report::Well,
        OutputId::Switch(_) => Report::Switch { on: false, grade: Grade::Electrical },
        OutputId::Transmitter(_) => Report::Transmitter(TransmitterState::default()),
        OutputId::Coder(_) => Report::Coder { zones: BTreeSet::new(), grade: Grade::Sent },
        OutputId::Board(_) => Report::Board { showing: None, grade: Grade::Electrical },
    }
}
