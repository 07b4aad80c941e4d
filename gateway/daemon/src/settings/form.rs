//! The key table and the file, as the desk's forms are made of them.

use super::locked::lock_of;
use crate::config::{Form, Key, Need, Section, Shape, sections};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};
use web_ui::{KeyRow, RowValues, SectionRow};

/// Every section with its keys and what this text says of them.
pub(super) fn form(text: &str) -> Vec<SectionRow> {
    let (root, _) = DeTable::parse_recoverable(text);
    sections().map(|section| of(section, text, root.get_ref())).collect()
}

fn of(section: &'static Section, text: &str, root: &DeTable<'_>) -> SectionRow {
    let line = |offset: usize| 1 + text.bytes().take(offset).filter(|b| *b == b'\n').count();
    let row = |value: &toml::Spanned<DeValue<'_>>| {
        let table = value.get_ref().as_table()?;
        let values: BTreeMap<String, Json> =
            table.iter().map(|(k, v)| (k.get_ref().to_string(), told(v.get_ref()))).collect();
        let id = values.get("id").and_then(Json::as_str).map(str::to_owned);
        Some(RowValues { id, line: line(value.span().start), values })
    };
    let rows = match root.get(section.name) {
        Some(value) => match value.get_ref().as_array() {
            Some(list) => list.iter().filter_map(row).collect(),
            None => row(value).into_iter().collect(),
        },
        None => Vec::new(),
    };
    let shape = match section.shape {
        Shape::Once => "once",
        Shape::Many => "many",
        Shape::Inline => "inline",
    };
    SectionRow {
        name: section.name.to_owned(),
        shape: shape.to_owned(),
        doc: section.doc.to_owned(),
        drivers: section.drivers.iter().filter(|d| d.ready).map(|d| d.name.to_owned()).collect(),
        keys: section.keys.iter().map(|key| key_row(section, key)).collect(),
        rows,
    }
}

fn key_row(section: &Section, key: &Key) -> KeyRow {
    #[expect(clippy::cast_precision_loss, reason = "bounds of keys are far from 2^52")]
    let (kind, words, of, bounds): (_, &[&str], _, _) = match key.form {
        Form::Text => ("text", &[], None, None),
        Form::Name => ("name", &[], None, None),
        Form::Of(section) => ("of", &[], Some(section), None),
        Form::Driver => ("driver", &[], None, None),
        Form::Word(words) => ("word", words, None, None),
        Form::Whole(from, to) => ("whole", &[], None, Some((from as f64, to as f64))),
        Form::Number(from, to) => ("number", &[], None, Some((from, to))),
        Form::Flag => ("flag", &[], None, None),
        Form::Texts => ("texts", &[], None, None),
        Form::Wholes(from, to) => ("wholes", &[], None, Some((from as f64, to as f64))),
        Form::Words => ("words", &[], None, None),
        Form::Inline(section) => ("inline", &[], Some(section), None),
        Form::Inlines(section) => ("inlines", &[], Some(section), None),
    };
    KeyRow {
        name: key.name.to_owned(),
        kind: kind.to_owned(),
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        of: of.map(str::to_owned),
        from: bounds.map(|b| b.0),
        to: bounds.map(|b| b.1),
        must: key.need == Need::Must,
        default: key.default_written(),
        unit: key.unit.to_owned(),
        example: key.example.to_owned(),
        doc: key.doc.to_owned(),
        on: key.on.iter().map(|d| (*d).to_owned()).collect(),
        lock: lock_of(section.name, key.name),
        hub: key.hub,
    }
}

/// A value of the file as JSON.
fn told(value: &DeValue<'_>) -> Json {
    if let Some(whole) = value.as_integer() {
        return i64::from_str_radix(whole.as_str(), whole.radix()).map_or(Json::Null, |n| json!(n));
    }
    if let Some(float) = value.as_float() {
        return float.as_str().parse::<f64>().map_or(Json::Null, |n| json!(n));
    }
    if let Some(flag) = value.as_bool() {
        return json!(flag);
    }
    if let Some(text) = value.as_str() {
        return json!(text);
    }
    if let Some(list) = value.as_array() {
        return list.iter().map(|v| told(v.get_ref())).collect();
    }
    match value.as_table() {
        Some(table) => table.iter().map(|(k, v)| (k.get_ref().to_string(), told(v.get_ref()))).collect(),
        None => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_manual_is_on_the_form_with_what_the_file_says() {
        let rows = form("[policy]\nmute_minutes = 15\n\n[[sink]]\nid = \"hall\"\nchannels = [0]\nvolume_day = 0x50\n");
        assert_eq!(rows.len(), sections().count());
        let of = |name: &str| rows.iter().find(|r| r.name == name).expect("a section");
        let sink = &of("sink").rows[0];
        assert_eq!((sink.id.as_deref(), sink.line), (Some("hall"), 4));
        assert_eq!((&sink.values["volume_day"], &sink.values["channels"]), (&json!(80), &json!([0])));
        let mute = of("policy").keys.iter().find(|k| k.name == "mute_minutes").expect("a key");
        assert_eq!((mute.unit.as_str(), mute.default.as_deref(), mute.to), ("minutes", Some("10"), Some(240.0)));
        assert!(of("transmitter.licence").keys.iter().all(|k| k.lock.is_some()));
    }
}
