//! The example, the manual and the key table say the same.

use super::*;

#[test]
fn the_example_is_a_station_and_shows_every_key() {
    let (config, problems, warnings) = read_all_there(&example());
    assert_eq!(problems, [], "{}", example());
    assert_eq!(warnings, [], "{}", example());
    assert!(config.is_some());
    for section in keys::sections().filter(|s| s.shape != keys::Shape::Inline) {
        // Keys of drivers that the example does not have are in the manual only.
        let has = |driver: &&str| example().contains(&format!("driver = \"{driver}\""));
        for key in section.keys.iter().filter(|k| k.on.is_empty() || k.on.iter().any(&has)) {
            let shown = example().lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{} = ", key.name)));
            assert!(shown, "{}.{}", section.name, key.name);
        }
    }
}

/// Every commented key of the example may be taken as it stands.
#[test]
fn the_commented_keys_of_the_example_are_keys() {
    let plain: String = example()
        .lines()
        .map(|l| {
            let key = l.strip_prefix("# ").filter(|rest| {
                rest.split_once(" = ").is_some_and(|(k, _)| k.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            });
            format!("{}\n", key.unwrap_or(l))
        })
        .collect();
    assert_ne!(plain, example());
    let (_, problems, _) = read_all_there(&plain);
    let only: Vec<_> = problems.iter().map(|p| p.key.as_str()).collect();
    let undeclared =
        ["input.rds.line", "transmitter.switch", "cluster.beacon", "sensor.buzzer", "board.power", "drill.boards"];
    assert_eq!(only, undeclared, "none of them is declared in the example: {problems:#?}");
}

/// Every driver says which keys it has: the table has them all, and no driver is ready that is not there.
#[test]
fn the_key_table_has_the_keys_of_every_driver() {
    let models = [
        ("switch", drivers::switch::MODELS),
        ("transmitter", drivers::transmitter::MODELS),
        ("transmitter.rds", drivers::transmitter::CODER_MODELS),
        ("board", drivers::board::MODELS),
        ("sensor", drivers::sensor::MODELS),
        ("sink", drivers::sound::MODELS),
        ("input.rds", drivers::tuner::MODELS),
        ("transmitter.zone_tones", drivers::sound::TONE_MODELS),
    ];
    for (name, models) in models {
        let section = keys::section(name).expect("a section");
        for model in models {
            for (key, _) in model.keys {
                assert!(section.key(key).is_some(), "{name}.{key} of {}", model.name);
            }
        }
        let there: Vec<&str> = models.iter().map(|m| m.name).collect();
        // Those that have no `driver =` are made by the section itself.
        if section.drivers.is_empty() {
            assert!(models.iter().all(|model| name.ends_with(&format!(".{}", model.name))), "{name}: {there:?}");
            continue;
        }
        let ready: Vec<&str> = section.drivers.iter().filter(|d| d.ready).map(|d| d.name).collect();
        assert_eq!(ready, there, "{name}");
    }
}

#[test]
fn the_manual_and_the_sample_are_those_of_the_key_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, text) in [("docs/configuration.md", example::manual()), ("image/site.example.toml", example())] {
        let path = root.join(file);
        if std::env::var_os("GATEWAY_WRITE_DOCS").is_some() {
            std::fs::write(&path, &text).expect("writable");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "{file} is not what the key table says: run this test with GATEWAY_WRITE_DOCS=1");
    }
}
