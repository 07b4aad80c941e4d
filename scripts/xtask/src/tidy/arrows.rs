//! Who may lean on whom: the arrows between the rooms, and the few crates the core leans on.

use anyhow::{Context, Result};
use serde_json::Value;

/// Every member with the members it may name; whatever is not here is no arrow.
const ARROWS: &[(&str, &[&str])] = &[
    ("gateway-core", &[]),
    ("drivers", &["gateway-core"]),
    ("web-ui", &["gateway-core"]),
    ("gateway", &["gateway-core", "drivers", "web-ui"]),
    ("site-tests", &["gateway-core", "drivers", "web-ui"]),
    ("xtask", &["gateway-core", "drivers", "web-ui"]),
];

/// What the core may lean on besides: reading and reckoning, nothing that does anything.
const CORE_LEANS_ON: &[&str] =
    &["base64", "jiff", "ring", "roxmltree", "serde", "serde_json", "thiserror", "unicode-normalization", "utoipa"];

/// Findings in what `cargo metadata --no-deps` says.
pub(crate) fn check(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let name_of = |v: &Value| v["name"].as_str().unwrap_or_default().to_owned();
    let members: Vec<String> = packages.iter().map(name_of).collect();
    let mut found = Vec::new();
    for package in packages {
        let from = name_of(package);
        let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == from) else {
            found.push(format!("{from}: a room without arrows: add it to scripts/xtask/src/tidy/arrows.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = name_of(dependency);
            // What only the core's tests need does nothing in a station.
            let in_core = from == "gateway-core" && dependency["kind"].as_str() != Some("dev");
            if members.contains(&to) && !may.contains(&to.as_str()) {
                found.push(format!("{from} -> {to}: no such arrow"));
            } else if in_core && !members.contains(&to) && !CORE_LEANS_ON.contains(&to.as_str()) {
                found.push(format!("{from} -> {to}: the core leans only on {}", CORE_LEANS_ON.join(", ")));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(packages: &[(&str, &[&str])]) -> Vec<String> {
        let packages: Vec<Value> = packages
            .iter()
            .map(|(name, on)| json!({"name": name, "dependencies": on.iter().map(|d| json!({"name": d, "kind": null})).collect::<Vec<_>>()}))
            .collect();
        check(&json!({ "packages": packages })).expect("packages are listed")
    }

    #[test]
    fn the_arrows_of_the_house_are_no_finding() {
        let house: &[(&str, &[&str])] = &[
            ("gateway-core", &["ring", "serde"]),
            ("drivers", &["gateway-core", "cpal", "tokio"]),
            ("gateway", &["gateway-core", "drivers", "tokio"]),
            ("site-tests", &["drivers", "gateway-core"]),
        ];
        assert!(found(house).is_empty(), "{:?}", found(house));
    }

    #[test]
    fn any_other_arrow_is_found() {
        for (from, to) in [
            ("gateway-core", "drivers"),
            ("drivers", "web-ui"),
            ("web-ui", "drivers"),
            ("drivers", "gateway"),
            ("site-tests", "gateway"),
            ("xtask", "gateway"),
        ] {
            assert_eq!(found(&[(from, &[to]), (to, &[])]), [format!("{from} -> {to}: no such arrow")]);
        }
    }

    #[test]
    fn a_core_that_could_do_something_is_found() {
        assert_eq!(found(&[("gateway-core", &["tokio"])]).len(), 1);
        assert_eq!(found(&[("gateway-core", &["fastrand"])]).len(), 1);
        let dev =
            json!({"packages": [{"name": "gateway-core", "dependencies": [{"name": "fastrand", "kind": "dev"}]}]});
        assert!(check(&dev).expect("packages are listed").is_empty());
    }

    #[test]
    fn a_room_nobody_drew_is_found() {
        assert_eq!(found(&[("cellar", &[])]).len(), 1);
        assert!(check(&json!({})).is_err());
    }
}
