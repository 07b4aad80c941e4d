//! Every signed message of `vectors/`, made by another implementation, is judged by the core as its name says.

use gateway_core::time::Wall;
use gateway_core::verify::{Judge, Keys, Verdict};
use std::path::Path;

/// The station's time in the vectors' README.
const NOW: i64 = 1_795_000_000;

#[test]
fn each_vector_gets_the_verdict_of_its_name() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let trust = std::fs::read_to_string(dir.join("trust.json")).expect("trust store");
    let keys: Keys = serde_json::from_str(&trust).expect("trust store");
    let now = Wall::from_unix_s(NOW);
    let judge =
        Judge { station: "TN-25459-01", province: "80", commune: "25459", scope: None, wall: Some(now), floor: now };
    let mut judged = 0;
    for entry in std::fs::read_dir(&dir).expect("vectors") {
        let path = entry.expect("entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("name").to_owned();
        let Some((word, _)) = name.split_once('.').filter(|_| name.ends_with(".jws")) else { continue };
        let bytes = std::fs::read(&path).expect("vector");
        let verdict = keys.verify(&bytes, &judge).map_or_else(|refused| refused.verdict, |_| Verdict::Accepted);
        // These need the station's memory and clock, or the body, and are judged by the site after the signature.
        let expected = match word {
            "replayed" | "not_yet_valid" | "expired" | "bad_body" => "accepted",
            other => other,
        };
        assert_eq!(verdict.word(), expected, "{name}");
        judged += 1;
    }
    assert_eq!(judged, 32, "all vectors are there");
}
