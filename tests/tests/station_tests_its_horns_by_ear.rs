//! `gateway selftest --full` in a real station: the chime leaves a network horn, comes back by the line that listens to it,
//! and is judged; a horn from which nothing comes back is deaf, and says so.

use serde_json::Value;
use site_tests::rtp::free_port;
use site_tests::stage::{Plan, Stage};
use std::fs;
use std::io::Write;

/// A network sink that sends to `to`, a cluster that hears it, and an input that listens at `from`.
fn horn(name: &str, to: u16, from: u16) -> String {
    format!(
        r#"
[[sink]]
id = "{name}"
driver = "rtp"
address = "127.0.0.1:{to}"
codec = "L16/44100/1"

[[input]]
id = "ear-{name}"
driver = "rtp"
address = "127.0.0.1:{from}"
codec = "L16/44100/1"
hears = "{name}"

[[cluster]]
id = "thon-{name}"
name = "Thôn {name}"
paths = [{{ sink = "{name}" }}]
speakers = 1
"#
    )
}

fn selftest(stage: &Stage, words: &[&str]) -> (Option<i32>, Value) {
    let all: Vec<&str> = ["selftest", "--json"].into_iter().chain(words.iter().copied()).collect();
    let out = stage.station.command(&all).expect("it runs");
    let said = serde_json::from_slice(&out.stdout);
    (out.status.code(), said.unwrap_or_else(|error| panic!("{error}: {out:?}\n{}", stage.station.last_words())))
}

fn row<'v>(result: &'v Value, id: &str) -> &'v Value {
    let rows = result["rows"].as_array().expect("rows");
    rows.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("no {id} in {result:#}"))
}

fn heard_ms(result: &Value, id: &str) -> Option<f64> {
    row(result, id)["figures"].as_array()?.iter().find(|f| f["name"] == "sound_ms")?["value"].as_f64()
}

#[test]
fn a_horn_that_is_heard_passes_and_one_that_is_not_fails() {
    let (looped, nowhere) = (free_port(), [free_port(), free_port()]);
    let mut stage = Stage::set(&Plan::new("selftest-ear")).expect("a stage");
    let mut config = fs::File::options().append(true).open(&stage.station.config).expect("its configuration");
    write!(config, "{}{}", horn("heard", looped, looped), horn("deaf", nowhere[0], nowhere[1])).expect("configured");
    stage.start().expect("the station starts");

    let (code, result) = selftest(&stage, &[]);
    assert_eq!(code, Some(0), "in silence nothing is heard, and nothing is missing: {result:#}");
    assert_eq!((heard_ms(&result, "sink/heard"), heard_ms(&result, "sink/deaf")), (None, None));

    let (code, result) = selftest(&stage, &["--full"]);
    assert_eq!(code, Some(1), "{result:#}");
    assert_eq!(row(&result, "sink/heard")["outcome"], "pass", "{result:#}\n{}", stage.station.last_words());
    assert!(heard_ms(&result, "sink/heard").is_some_and(|ms| ms > 0.0), "{result:#}");
    let deaf = row(&result, "sink/deaf");
    assert_eq!((deaf["outcome"].as_str(), heard_ms(&result, "sink/deaf")), (Some("fail"), None), "{deaf:#}");
    let why = deaf["why"].as_str().unwrap_or_default();
    assert!(why.contains("không nghe thấy"), "{deaf:#}");
    let rows = result["rows"].as_array().expect("rows");
    let failed: Vec<_> = rows.iter().filter(|r| r["outcome"] == "fail").map(|r| &r["id"]).collect();
    assert_eq!(failed, ["sink/deaf"], "and nothing else fails");
    // What has no ear stays silent.
    let tape = stage.tape().expect("a tape");
    assert!((0..2).all(|c| tape.channel(c).iter().all(|s| *s == 0)), "the hall sounded");
}
