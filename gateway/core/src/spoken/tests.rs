//! Written forms and what is said for them, and what holds for any text.

mod any_text;
mod dictionary;
mod language;

use super::{Lexicon, spoken};
use std::collections::BTreeMap;

const TABLES: [(&str, &str); 3] = [
    ("numbers", include_str!("tests/numbers.tsv")),
    ("offices", include_str!("tests/offices.tsv")),
    ("warnings", include_str!("tests/warnings.tsv")),
];

#[test]
fn every_written_form_is_said_as_the_table_says() {
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::new();
    for (table, text) in TABLES {
        for (number, row) in text.lines().enumerate().filter(|(_, row)| !row.starts_with('#') && !row.is_empty()) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [written, expected, kind] = cells[..] else { panic!("{table}:{}: not three cells: {row}", number + 1) };
            assert!(!kind.is_empty());
            assert_eq!(seen.insert(written, table), None, "{written} stands twice");
            let said = spoken(&written.replace("\\n", "\n"), &Lexicon::default()).text().replace('\n', " | ");
            let expected =
                if expected.ends_with(['.', '!', '?']) { expected.to_owned() } else { format!("{expected}.") };
            if said != expected {
                wrong.push(format!("{table}:{} {written}\n  said     {said}\n  expected {expected}", number + 1));
            }
        }
    }
    assert!(seen.len() >= 400, "{} rows", seen.len());
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
}
