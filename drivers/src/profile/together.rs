//! Neighbours of a register map that are read in one question.

use crate::line::Table;

/// Most words or bits asked for at once.
const MOST: u16 = 64;

/// Neighbours that are read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Together {
    /// Their table.
    pub(crate) table: Table,
    /// Address of the first.
    pub(crate) address: u16,
    /// How many.
    pub(crate) count: u16,
}

impl Together {
    /// Whether this place is among them.
    pub(crate) fn holds(&self, table: Table, address: u16) -> bool {
        self.table == table && address.checked_sub(self.address).is_some_and(|place| place < self.count)
    }
}

/// The order of tables.
pub(crate) fn rank(table: Table) -> u8 {
    match table {
        Table::Coil => 0,
        Table::Discrete => 1,
        Table::Holding => 2,
        Table::Input => 3,
    }
}

/// As few questions as read all these places (table, address, length), with at most `gap` that nobody named between two
/// of them.
pub(crate) fn together(places: impl IntoIterator<Item = (Table, u16, u16)>, gap: u16) -> Vec<Together> {
    let mut places: Vec<_> = places.into_iter().collect();
    places.sort_by_key(|(table, address, words)| (rank(*table), *address, *words));
    let mut questions: Vec<Together> = Vec::new();
    for (table, address, words) in places {
        if let Some(last) = questions.last_mut().filter(|last| last.table == table) {
            let from = address - last.address;
            let end = from.saturating_add(words);
            if from <= last.count.saturating_add(gap) && end <= MOST {
                last.count = last.count.max(end);
                continue;
            }
        }
        questions.push(Together { table, address, count: words });
    }
    questions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_gap_is_read_over_and_a_table_ends_a_question() {
        let places = [(Table::Input, 9, 1), (Table::Holding, 0, 1), (Table::Input, 2, 1), (Table::Input, 4, 1)];
        let asked = |gap| -> Vec<_> { together(places, gap).iter().map(|q| (q.table, q.address, q.count)).collect() };
        assert_eq!(asked(2), [(Table::Holding, 0, 1), (Table::Input, 2, 3), (Table::Input, 9, 1)]);
        assert_eq!(asked(4), [(Table::Holding, 0, 1), (Table::Input, 2, 8)]);
        assert_eq!(
            together([(Table::Coil, 0, 1), (Table::Coil, 64, 1)], 100).len(),
            2,
            "no more than are asked at once"
        );
    }
}
