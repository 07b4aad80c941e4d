//! Every section, key, unit, word and driver that the desk puts into a form has its words in the catalogues of the desk.

use super::super::keys::{self, Form, Shape};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// What has no words among `wanted`, each a path into the catalogue of the settings.
fn lacking(catalogue: &Value, wanted: &BTreeSet<Vec<String>>) -> Vec<String> {
    let word = |path: &Vec<String>| path.iter().try_fold(catalogue, |at, step| at.get(step)).and_then(Value::as_str);
    wanted.iter().filter(|path| word(path).is_none_or(str::is_empty)).map(|path| path.join("/")).collect()
}

fn wanted() -> BTreeSet<Vec<String>> {
    let mut wanted = BTreeSet::new();
    let mut want = |path: &[&str]| {
        wanted.insert(path.iter().map(|step| (*step).to_owned()).collect());
    };
    // What is inline stands in the form as text of the file.
    for section in keys::sections().filter(|s| s.shape != Shape::Inline) {
        want(&["sectionName", section.name]);
        for driver in section.drivers.iter().filter(|d| d.ready) {
            want(&["model", driver.name]);
        }
        for key in section.keys {
            want(&["key", section.name, key.name]);
            if !key.unit.is_empty() {
                want(&["unit", key.unit]);
            }
            if let Form::Word(words) = key.form {
                words.iter().for_each(|word| want(&["word", word]));
            }
        }
    }
    wanted
}

#[test]
fn the_desk_has_a_name_for_every_key_in_its_languages() {
    let wanted = wanted();
    assert!(wanted.len() > 300, "only {} names: is the table still walked?", wanted.len());
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web-ui/app/locales");
    for language in ["vi", "en"] {
        let file = locales.join(language).join("settings.json");
        let text = std::fs::read(&file).expect("the catalogue");
        let catalogue: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(lacking(&catalogue, &wanted), Vec::<String>::new(), "{} has no words for these", file.display());
    }
}

#[test]
fn a_key_nobody_named_is_found() {
    let wanted = BTreeSet::from([vec!["key".to_owned(), "sink".to_owned(), "id".to_owned()]]);
    assert_eq!(lacking(&serde_json::json!({"key": {"sink": {}}}), &wanted), ["key/sink/id"]);
    assert!(lacking(&serde_json::json!({"key": {"sink": {"id": "Mã"}}}), &wanted).is_empty());
}
