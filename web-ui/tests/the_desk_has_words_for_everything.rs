//! Every word the app asks for is in the Vietnamese catalogue; English has all of them, Khmer none that is not asked for.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn app() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("app")
}

/// Keys of a language, `section.key`; what differs only by number is one.
fn catalogue(language: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in fs::read_dir(app().join("locales").join(language)).expect("a language") {
        let path = file.expect("a file").path();
        let section = path.file_stem().and_then(|s| s.to_str()).expect("a name").to_owned();
        let words: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
        gather(&words, &section, &mut keys);
    }
    keys
}

fn gather(words: &Value, at: &str, keys: &mut BTreeSet<String>) {
    match words.as_object() {
        Some(map) => map.iter().for_each(|(key, value)| {
            let key = key.strip_suffix("_one").or(key.strip_suffix("_other")).unwrap_or(key);
            gather(value, &format!("{at}.{key}"), keys);
        }),
        None => {
            keys.insert(at.to_owned());
        }
    }
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "svelte" || e == "ts") {
            found.push(path);
        }
    }
}

#[test]
fn languages_have_the_same_words() {
    let vi = catalogue("vi");
    let en = catalogue("en");
    assert_eq!(vi.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "English has no words for these");
    assert_eq!(en.difference(&vi).collect::<Vec<_>>(), Vec::<&String>::new(), "Vietnamese has no words for these");
    assert_eq!(catalogue("km").difference(&vi).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody asks for these");
}

#[test]
fn what_the_app_asks_for_is_there() {
    let vi = catalogue("vi");
    let mut files = Vec::new();
    sources(&app().join("src"), &mut files);
    let mut asked = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("read");
        for quote in ['\'', '"'] {
            for (at, call) in text.match_indices(&format!("t({quote}")) {
                // `import('…')` asks for no words.
                let named = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
                let Some((key, _)) = text[at + call.len()..].split_once(quote) else { continue };
                if named || !key.contains('.') || key.contains(' ') {
                    continue;
                }
                asked += 1;
                // A list or a table of words is asked for by its own name.
                let there = vi.contains(key) || vi.iter().any(|k| k.starts_with(&format!("{key}.")));
                assert!(there, "{}: no words for {key:?}", file.display());
            }
        }
    }
    assert!(asked > 100, "only {asked} keys were found: are they still asked for by t('…')?");
}
