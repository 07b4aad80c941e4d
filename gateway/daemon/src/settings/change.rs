//! Single changes of the file, with its comments and its order left as they are.

use serde_json::Value as Json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};
use web_ui::{Change, DiffLine, Unfit, What};

/// The text after these changes.
pub(super) fn changed(text: &str, changes: &[Change]) -> Result<String, Unfit> {
    let mut file: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| misplaced(e.message()))?;
    for change in changes {
        apply(&mut file, change)?;
    }
    Ok(file.to_string())
}

fn misplaced(what: impl Into<String>) -> Unfit {
    Unfit::Misplaced(what.into())
}

fn apply(file: &mut DocumentMut, change: &Change) -> Result<(), Unfit> {
    let Change { act, section, id, key, value } = change;
    match act {
        What::Set => {
            let key = key.as_deref().ok_or_else(|| misplaced(format!("{section}: key")))?;
            let table = match id {
                Some(id) => row(file, section, id)?,
                None => once(file, section)?,
            };
            set(table, key, value.as_ref())
        }
        What::Add => {
            let Some(Json::Object(values)) = value else { return Err(misplaced(format!("{section}: value"))) };
            let mut table = Table::new();
            for (key, value) in values.iter().filter(|(_, v)| !v.is_null()) {
                table.insert(key, Item::Value(written(value)?));
            }
            table.decor_mut().set_prefix("\n");
            let rows = file.entry(section).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
            let rows = rows.as_array_of_tables_mut();
            rows.ok_or_else(|| misplaced(format!("[[{section}]]")))?.push(table);
            Ok(())
        }
        What::Remove => {
            let id = id.as_deref().ok_or_else(|| misplaced(format!("{section}: id")))?;
            let rows = file.get_mut(section).and_then(Item::as_array_of_tables_mut);
            let rows = rows.ok_or_else(|| misplaced(format!("[[{section}]]")))?;
            let at = rows.iter().position(|t| is_called(t, id));
            rows.remove(at.ok_or_else(|| misplaced(format!("[[{section}]] {id}")))?);
            if rows.is_empty() {
                file.remove(section);
            }
            Ok(())
        }
    }
}

fn is_called(table: &Table, id: &str) -> bool {
    table.get("id").and_then(Item::as_str) == Some(id)
}

fn once<'f>(file: &'f mut DocumentMut, section: &str) -> Result<&'f mut Table, Unfit> {
    if !file.contains_key(section) {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        file.insert(section, Item::Table(table));
    }
    file.get_mut(section).and_then(Item::as_table_mut).ok_or_else(|| misplaced(format!("[{section}]")))
}

fn row<'f>(file: &'f mut DocumentMut, section: &str, id: &str) -> Result<&'f mut Table, Unfit> {
    let rows = file.get_mut(section).and_then(Item::as_array_of_tables_mut);
    let found = rows.and_then(|rows| rows.iter_mut().find(|table| is_called(table, id)));
    found.ok_or_else(|| misplaced(format!("[[{section}]] {id}")))
}

fn set(table: &mut Table, key: &str, value: Option<&Json>) -> Result<(), Unfit> {
    let Some(value) = value.filter(|v| !v.is_null()) else {
        table.remove(key);
        return Ok(());
    };
    let mut value = written(value)?;
    match table.get_mut(key) {
        // The remark behind it stays.
        Some(Item::Value(known)) => {
            *value.decor_mut() = known.decor().clone();
            *known = value;
        }
        Some(_) => return Err(misplaced(key)),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
    Ok(())
}

/// A value as the file writes it.
fn written(value: &Json) -> Result<Value, Unfit> {
    Ok(match value {
        Json::Null => return Err(misplaced("null")),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().ok_or_else(|| misplaced(number.to_string()))?),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(list) => Value::Array(list.iter().map(written).collect::<Result<Array, Unfit>>()?),
        Json::Object(fields) => {
            let mut table = InlineTable::new();
            for (key, value) in fields.iter().filter(|(_, v)| !v.is_null()) {
                table.insert(key, written(value)?);
            }
            Value::InlineTable(table)
        }
    })
}

/// What differs, with two lines round it.
pub(super) fn differs(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = similar::TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                similar::ChangeTag::Delete => "-",
                similar::ChangeTag::Insert => "+",
                similar::ChangeTag::Equal => " ",
            };
            let line = change.new_index().or(change.old_index()).map_or(0, |i| i + 1);
            lines.push(DiffLine { sign: sign.to_owned(), line, text: change.value().trim_end().to_owned() });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FILE: &str =
        "# của xã\n[policy]\nnight = \"21:00-05:00\" # tối\n\n[[sink]]\nid = \"hall\"\nvolume_day = 80\n";

    fn change(value: serde_json::Value) -> Change {
        serde_json::from_value(value).expect("a change")
    }

    #[test]
    fn remarks_and_order_stay() {
        let changes = [
            change(json!({"act": "set", "section": "policy", "key": "night", "value": "22:00-04:30"})),
            change(json!({"act": "set", "section": "sink", "id": "hall", "key": "volume_day", "value": null})),
            change(json!({"act": "set", "section": "sink", "id": "hall", "key": "volume_night", "value": 40})),
            change(json!({"act": "set", "section": "cache", "key": "clips_mb", "value": 128})),
            change(json!({"act": "add", "section": "cluster", "value": {"id": "c", "paths": [{"sink": "hall"}]}})),
        ];
        let new = changed(FILE, &changes).expect("changed");
        let wanted = "# của xã\n[policy]\nnight = \"22:00-04:30\" # tối\n\n[[sink]]\nid = \"hall\"\nvolume_night = 40\n\n[cache]\n\
            clips_mb = 128\n\n[[cluster]]\nid = \"c\"\npaths = [{ sink = \"hall\" }]\n";
        assert_eq!(new, wanted);
        let signs: String = differs(FILE, &new).iter().map(|d| d.sign.as_str()).collect();
        assert!(signs.contains('-') && signs.contains('+') && signs.contains(' '), "{signs}");
        let gone =
            changed(&new, &[change(json!({"act": "remove", "section": "cluster", "id": "c"}))]).expect("removed");
        assert!(!gone.contains("cluster"));
    }

    #[test]
    fn a_change_that_finds_no_place_changes_nothing() {
        for wrong in [
            json!({"act": "set", "section": "sink", "id": "attic", "key": "volume_day", "value": 1}),
            json!({"act": "set", "section": "sink", "key": "volume_day", "value": 1}),
            json!({"act": "remove", "section": "sink", "id": "attic"}),
            json!({"act": "add", "section": "policy", "value": {"night": "x"}}),
            json!({"act": "set", "section": "policy"}),
        ] {
            assert!(matches!(changed(FILE, &[change(wrong.clone())]), Err(Unfit::Misplaced(_))), "{wrong}");
        }
    }
}
