//! Several coils of one Modbus relay board: written in one exchange (function 15), read back in one (function 01).
//!
//! On a bus of 9600 bit/s an exchange takes some 25 ms however little it says, so eight coils told one by one cost what
//! forty cost together. Only coils that are ours are ever written.

use crate::line::{Line, Table};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;

/// Where a coil is, for those that can be told together with others of their board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coil {
    /// Modbus address of the board.
    pub unit: u8,
    /// Coil, from 0.
    pub coil: u16,
}

/// What came of each coil, in the order the board was made with.
pub type Answers = Vec<Result<Report, Fault>>;

/// The coils of one board that are ours.
#[derive(Clone, Debug)]
pub struct RelayBoard {
    unit: u8,
    coils: Vec<u16>,
    /// What was written and read back last; `None`: all are written next time, whatever they read.
    settled: Option<Vec<bool>>,
    /// The board takes coils one by one only.
    singly: bool,
}

impl RelayBoard {
    /// These coils (from 0) of the board at Modbus address `unit`.
    pub fn new(unit: u8, coils: Vec<u16>) -> Self {
        Self { unit, coils, settled: None, singly: false }
    }

    /// The board did not take several coils at once, and is told one by one.
    pub fn is_singly(&self) -> bool {
        self.singly
    }

    /// Makes each coil be as wanted and says of each what it reads then. Being told twice is harmless.
    ///
    /// # Errors
    /// As the line's calls; a fault of one coil is among the answers.
    pub fn apply(&mut self, line: &mut Line, wants: &[bool]) -> Result<Answers, Fault> {
        let mut refused = vec![None; self.coils.len()];
        let seen = match self.settled.take() {
            // News is told at once; looking first would only cost the bus an exchange.
            Some(settled) if settled != wants => settled.into_iter().map(Some).collect(),
            Some(_) => self.read(line, &mut refused)?,
            None => vec![None; self.coils.len()],
        };
        let mut reads = seen;
        let mut told = vec![false; self.coils.len()];
        for _ in 0..2 {
            let differ: Vec<bool> = reads.iter().zip(wants).map(|(is, want)| *is != Some(*want)).collect();
            if !differ.iter().zip(&refused).any(|(differs, refused)| *differs && refused.is_none()) {
                break;
            }
            // A board that says yes to many and does not do it is told once more, one by one.
            let deaf = differ.iter().zip(&told).any(|(differs, told)| *differs && *told);
            self.write(line, wants, &differ, self.singly || deaf, &mut refused)?;
            told = differ;
            reads = self.read(line, &mut refused)?;
            self.singly |= deaf && self.all_as(wants, &reads, &refused);
        }
        if self.all_as(wants, &reads, &refused) {
            self.settled = Some(wants.to_vec());
        }
        Ok(answers(&reads, refused))
    }

    /// Looks how the coils are.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn probe(&mut self, line: &mut Line) -> Result<Answers, Fault> {
        let mut refused = vec![None; self.coils.len()];
        let reads = self.read(line, &mut refused)?;
        Ok(answers(&reads, refused))
    }

    fn all_as(&self, wants: &[bool], reads: &[Option<bool>], refused: &[Option<Fault>]) -> bool {
        refused.iter().all(Option::is_none) && reads.iter().zip(wants).all(|(is, want)| *is == Some(*want))
    }

    /// Writes the coils that differ: side by side ones in one exchange.
    fn write(
        &mut self,
        line: &mut Line,
        wants: &[bool],
        differ: &[bool],
        singly: bool,
        refused: &mut [Option<Fault>],
    ) -> Result<(), Fault> {
        for run in self.runs(differ) {
            if let (false, [(_, first), (_, _), ..]) = (singly, run.as_slice()) {
                let bits: Vec<bool> = run.iter().map(|(i, _)| wants.get(*i).copied().unwrap_or(false)).collect();
                match line.write_bits(self.unit, Table::Coil, *first, &bits) {
                    Ok(()) => continue,
                    Err(Fault::Refused(why)) => {
                        log::debug!(unit = self.unit, why; "the board takes no coils together");
                    }
                    Err(fault @ Fault::Line(_)) => return Err(fault),
                }
            }
            let mut all = true;
            for (i, coil) in run.iter().filter(|(i, _)| differ.get(*i) == Some(&true)) {
                match line.write_bit(self.unit, Table::Coil, *coil, wants.get(*i).copied().unwrap_or(false)) {
                    Ok(()) => {}
                    Err(fault @ Fault::Refused(_)) => {
                        all = false;
                        if let Some(place) = refused.get_mut(*i) {
                            *place = Some(fault);
                        }
                    }
                    Err(fault @ Fault::Line(_)) => return Err(fault),
                }
            }
            // Where a coil is refused by itself, it was that coil the board did not take.
            self.singly |= all && !singly && run.len() > 1;
        }
        Ok(())
    }

    /// Places and coils of ours that stand side by side, each run from its first to its last that differs.
    fn runs(&self, differ: &[bool]) -> Vec<Vec<(usize, u16)>> {
        let mut order: Vec<(usize, u16)> = self.coils.iter().copied().enumerate().collect();
        order.sort_by_key(|(_, coil)| *coil);
        let mut runs: Vec<Vec<(usize, u16)>> = Vec::new();
        for (i, coil) in order {
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|(_, last)| last.checked_add(1) == Some(coil)) => {
                    run.push((i, coil));
                }
                Some(_) | None => runs.push(vec![(i, coil)]),
            }
        }
        for run in &mut runs {
            let differs = |(i, _): &(usize, u16)| differ.get(*i) == Some(&true);
            run.truncate(run.iter().rposition(differs).map_or(0, |last| last + 1));
            run.drain(..run.iter().position(differs).unwrap_or(0));
        }
        runs.retain(|run| !run.is_empty());
        runs
    }

    /// Reads all coils from the first to the last in one exchange; one by one where the board does not allow that.
    fn read(&self, line: &mut Line, refused: &mut [Option<Fault>]) -> Result<Vec<Option<bool>>, Fault> {
        let (first, last) = (self.coils.iter().min().copied(), self.coils.iter().max().copied());
        let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
        if let Some(count) = (last - first).checked_add(1).filter(|count| *count <= LONGEST_READ) {
            match line.read_bits(self.unit, Table::Coil, first, count) {
                Ok(bits) => {
                    return Ok(self.coils.iter().map(|coil| bits.get(usize::from(coil - first)).copied()).collect());
                }
                Err(Fault::Refused(_)) => {}
                Err(fault @ Fault::Line(_)) => return Err(fault),
            }
        }
        let mut reads = Vec::new();
        for (coil, refused) in self.coils.iter().zip(refused) {
            reads.push(match line.read_bit(self.unit, Table::Coil, *coil) {
                Ok(on) => Some(on),
                Err(fault @ Fault::Refused(_)) => {
                    *refused = Some(fault);
                    None
                }
                Err(fault @ Fault::Line(_)) => return Err(fault),
            });
        }
        Ok(reads)
    }
}

/// Most coils read in one exchange: more of them that are not ours than this cost more than a second exchange.
const LONGEST_READ: u16 = 128;

fn answers(reads: &[Option<bool>], refused: Vec<Option<Fault>>) -> Answers {
    let say = |(read, refused): (&Option<bool>, Option<Fault>)| match (read, refused) {
        (_, Some(fault)) => Err(fault),
        (Some(on), None) => Ok(Report::Switch { on: *on, grade: Grade::Electrical }),
        (None, None) => Err(Fault::Line("reading coils: the answer is too short".to_owned())),
    };
    reads.iter().zip(refused).map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_from_the_first_that_differs_to_the_last_and_never_over_a_coil_that_is_not_ours() {
        let board = RelayBoard::new(1, vec![5, 0, 1, 2, 7, 6]);
        let of = |differ: [bool; 6]| -> Vec<Vec<u16>> {
            let runs = board.runs(&differ);
            runs.iter().map(|run| run.iter().map(|(_, coil)| *coil).collect()).collect()
        };
        assert_eq!(of([true; 6]), [vec![0, 1, 2], vec![5, 6, 7]]);
        assert_eq!(of([false, true, false, true, false, false]), [vec![0, 1, 2]]);
        assert_eq!(of([false, false, true, false, false, true]), [vec![1], vec![6]]);
        assert!(of([false; 6]).is_empty());
    }
}
