//! A network horn whose sound comes back by a line of the site's own: what an officer typed closes with the proof that the
//! words themselves were heard.

use serde_json::{Value, json};
use site_tests::rtp::free_port;
use site_tests::stage::{PATIENCE, Plan, Stage};
use std::fs;
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for five seconds of it to be heard together.
const WORDS: &str = "Nước sông đang lên rất nhanh, bà con ở các thôn ven sông khẩn trương đưa người già và trẻ nhỏ đến \
    nhà văn hóa xã, mang theo đèn pin, nước uống và giấy tờ cần thiết, không quay lại lấy đồ đạc.";

/// Writes a sink that sends to `to`, a cluster that hears it, and an input that listens at `from`.
fn add_horn(stage: &Stage, to: u16, from: u16) {
    let mut config = fs::File::options().append(true).open(&stage.station.config).expect("its configuration");
    let more = format!(
        r#"
[[sink]]
id = "horn"
driver = "rtp"
address = "127.0.0.1:{to}"
codec = "L16/44100/1"

[[input]]
id = "ear"
driver = "rtp"
address = "127.0.0.1:{from}"
codec = "L16/44100/1"
hears = "horn"

[[cluster]]
id = "thon-9"
name = "Thôn 9"
paths = [{{ sink = "horn" }}]
speakers = 1
"#
    );
    write!(config, "{more}").expect("configured");
}

/// The closing row of the play log of what is typed for the cluster of the horn, on a station with these two ports.
fn typed(label: &str, to: u16, from: u16) -> Value {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new(label) }).expect("a stage");
    add_horn(&stage, to, from);
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    let officer = stage.officer().expect("an officer");
    let ask =
        json!({"text": WORDS, "level": 4, "repeat": 1, "reason": "thử loa mạng", "targets": {"clusters": ["thon-9"]}});
    officer.order("/api/v1/emergency", &ask).expect("carried out and written down");
    let until = Instant::now() + PATIENCE;
    loop {
        let rows = officer.journal().expect("the journal");
        if let Some(row) = rows.iter().find(|e| e["type"] == "played" && e["cluster"] == "thon-9") {
            return row.clone();
        }
        assert!(Instant::now() < until, "no row in the play log: {rows:?}\n{}", stage.station.last_words());
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn what_comes_back_from_the_horn_is_proof_of_its_content() {
    let port = free_port();
    let row = typed("heard-horn", port, port);
    assert_eq!((&row["evidence"], &row["result"]), (&json!("content"), &json!("done")), "{row}");
}

#[test]
fn a_horn_from_which_nothing_comes_back_proves_nothing() {
    let row = typed("deaf-horn", free_port(), free_port());
    assert_eq!((&row["evidence"], &row["result"]), (&json!("sent"), &json!("done")), "{row}");
}
