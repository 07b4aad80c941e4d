//! What goes wrong with a card that is called over HTTP, as a fault.

use super::super::onbon_y_call::CallError;
use gateway_core::device::Fault;

/// What went wrong with a call.
#[derive(Debug)]
pub(super) enum Trouble {
    Line(String),
    Status(u16),
    Call(CallError),
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Trouble {
    pub(super) fn fault(self, asking: &str) -> Fault {
        match self {
            Self::Line(why) => Fault::Line(format!("{asking}: {why}")),
            Self::Status(status) => Fault::Refused(format!("{asking}: card answers {status}")),
            Self::Call(CallError::Nonsense(why)) => Fault::Line(format!("{asking}: no sensible answer: {why}")),
            Self::Call(error @ CallError::Refused { .. }) => Fault::Refused(format!("{asking}: {error}")),
        }
    }
}
