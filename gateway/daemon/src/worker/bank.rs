//! The switches on one relay board, told together, each reporting for itself.

use super::device::Outcome;
use drivers::line::Line;
use drivers::switch::{Coil, RelayBoard};
use gateway_core::id::{OutputId, SwitchId};
use gateway_core::want::Wants;

/// Switches that one exchange reaches.
pub(super) struct Bank {
    board: RelayBoard,
    switches: Vec<SwitchId>,
    wants: Vec<bool>,
}

impl Bank {
    /// These switches of one board, off until something else is wanted.
    pub(super) fn new(unit: u8, switches: Vec<(SwitchId, Coil)>) -> Self {
        let board = RelayBoard::new(unit, switches.iter().map(|(_, at)| at.coil).collect());
        let wants = vec![false; switches.len()];
        Self { board, switches: switches.into_iter().map(|(id, _)| id).collect(), wants }
    }

    /// Takes the newest wants in; true if there is something to do.
    pub(super) fn is_told(&mut self, wants: &Wants) -> bool {
        let mut news = false;
        for (id, known) in self.switches.iter().zip(&mut self.wants) {
            if let Some(want) = wants.switches.get(id).filter(|want| *want != known) {
                *known = *want;
                news = true;
            }
        }
        news
    }

    /// Its outputs.
    pub(super) fn ids(&self) -> Vec<OutputId> {
        self.switches.iter().cloned().map(OutputId::Switch).collect()
    }

    /// Something is to be on.
    pub(super) fn is_active(&self) -> bool {
        self.wants.contains(&true)
    }

    /// Brings the levels about, and says of each switch what it reads.
    pub(super) fn see_to(&mut self, line: &mut Line) -> Vec<Outcome> {
        let output = |id: &SwitchId| OutputId::Switch(id.clone());
        match self.board.apply(line, &self.wants) {
            Ok(answers) => {
                self.switches.iter().zip(answers).map(|(id, answer)| (output(id), answer.map(Some))).collect()
            }
            Err(fault) => self.switches.iter().map(|id| (output(id), Err(fault.clone()))).collect(),
        }
    }
}
