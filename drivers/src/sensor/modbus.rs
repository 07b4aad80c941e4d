//! A sensor behind Modbus, by profile: neighbours are read in one question, and what is not there is left out.

use crate::Driver;
use crate::line::Line;
use crate::profile::SensorProfile;
use crate::profile::together::{Together, rank, together};
use gateway_core::device::{Fault, Reading, Report};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A sensor with a register map.
#[derive(Clone, Debug)]
pub struct ModbusSensor {
    unit: u8,
    profile: Arc<SensorProfile>,
    questions: Vec<Together>,
}

impl ModbusSensor {
    /// The sensor at Modbus address `unit`.
    pub fn new(unit: u8, profile: Arc<SensorProfile>) -> Self {
        let questions = questions(&profile);
        Self { unit, profile, questions }
    }

    fn look(&self, line: &mut Line) -> Result<Vec<Reading>, Fault> {
        let mut words = BTreeMap::new();
        for question in &self.questions {
            let read = line.read_words(self.unit, question.table, question.address, question.count)?;
            words.extend((question.address..).zip(read).map(|(at, word)| ((rank(question.table), at), word)));
        }
        let at = |table, address: u16, count: u16| -> Vec<u16> {
            let all = (0..count).filter_map(|n| words.get(&(rank(table), address.checked_add(n)?)));
            all.copied().collect()
        };
        let numbers = self.profile.reading.iter().filter_map(|reading| {
            let raw = at(reading.table, reading.address, reading.form.words());
            if reading.none.is_some() && raw.first().copied() == reading.none {
                return None;
            }
            let value = reading.form.number(&raw)? * reading.scale + reading.offset;
            Some(Reading { quantity: reading.quantity.clone(), value: tidy(value), unit: reading.unit.0 })
        });
        let states = self.profile.state.iter().filter_map(|state| {
            let word = *at(state.table, state.address, 1).first()?;
            let set = word >> state.bit.unwrap_or(0) & 1 != 0;
            let value = f64::from(u8::from(set != state.inverted));
            Some(Reading { quantity: state.quantity.clone(), value, unit: "" })
        });
        Ok(numbers.chain(states).collect())
    }
}

impl Driver<()> for ModbusSensor {
    fn apply(&mut self, line: &mut Line, (): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.look(line).map(Report::Sensed)
    }
}

/// 12.34 and not 12.340000000000002: a count has no more than four decimals.
fn tidy(value: f64) -> f64 {
    let scaled = value * 1e4;
    if scaled.abs() < 1e15 { scaled.round() / 1e4 } else { value }
}

/// As few questions as read everything, and nothing that the profile does not name: devices refuse what they lack.
fn questions(profile: &SensorProfile) -> Vec<Together> {
    let numbers = profile.reading.iter().map(|r| (r.table, r.address, r.form.words()));
    together(numbers.chain(profile.state.iter().map(|s| (s.table, s.address, 1))), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Table;
    use crate::profile::Profiles;

    fn asked(name: &str) -> Vec<(Table, u16, u16)> {
        let profile = Profiles::shipped().get(name).and_then(|p| p.sensor.clone()).expect("a sensor");
        questions(&profile).iter().map(|q| (q.table, q.address, q.count)).collect()
    }

    #[test]
    fn neighbours_are_one_question_and_gaps_are_not_read() {
        assert_eq!(asked("r4dcb08"), [(Table::Holding, 0, 4)]);
        assert_eq!(asked("amplifier"), [(Table::Discrete, 0, 5)]);
        assert_eq!(
            asked("epever"),
            [
                (Table::Input, 0x3100, 1),
                (Table::Input, 0x3104, 1),
                (Table::Input, 0x3110, 1),
                (Table::Input, 0x311A, 1)
            ]
        );
    }

    #[test]
    fn values_are_written_as_people_would() {
        assert_eq!(tidy(1234.0 * 0.01), 12.34);
        assert_eq!(tidy(-55.0 * 0.1), -5.5);
    }
}
