//! Receivers that listen for tones: the sound that goes to their transmitter says which of them open before the words and
//! shut after them, as an independent decoder hears it.

use serde_json::json;
use site_tests::stage::{PATIENCE, Plan, Stage};
use site_tests::tones::heard;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const TONES: &str = "zone_tones = { open = \"*{zone:2}#\", close = \"#{zone:2}*\", close_all = \"#00*\", digit_s = 0.08, \
    pause_s = 0.07 }";

/// The transmitter gets zone tones in place of its coder, a sink that is written into files, and three clusters of its own.
fn set(label: &str) -> Stage {
    let stage = Stage::set(&Plan { hub: false, ..Plan::new(label) }).expect("a stage");
    let text = fs::read_to_string(&stage.station.config).expect("its configuration");
    let (mut lines, mut fm) = (Vec::new(), false);
    for line in text.lines() {
        fm = if line.starts_with("[[") { line == "[[transmitter]]" } else { fm };
        lines.push(match line {
            "sink = \"fm-audio\"" if fm => "sink = \"tones\"",
            rds if fm && rds.starts_with("rds = ") => TONES,
            other => other,
        });
    }
    let more = format!(
        r#"
[[sink]]
id = "tones"
driver = "recorder"
dir = "{}"

[[cluster]]
id = "thon-4"
name = "Thôn 4"
paths = [{{ transmitter = "fm", zone = 4 }}]

[[cluster]]
id = "thon-5"
name = "Thôn 5"
paths = [{{ transmitter = "fm", zone = 5 }}]
"#,
        stage.path("tones").display()
    );
    fs::write(&stage.station.config, lines.join("\n") + &more).expect("configured");
    stage
}

/// Every finished file of the sink, by age.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).collect::<Vec<_>>()).unwrap_or_default();
    let mut files: Vec<PathBuf> = entries.into_iter().filter(|p| p.extension().is_some_and(|e| e == "wav")).collect();
    files.sort();
    files
}

/// The samples of a file as the decoder takes them: mono, 22 050 Hz.
fn samples(file: &Path) -> Vec<u8> {
    let ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-ar", "22050", "-ac", "1", "-f", "s16le", "-"])
        .output()
        .expect("ffmpeg: run scripts/setup");
    assert!(ffmpeg.status.success(), "{}", String::from_utf8_lossy(&ffmpeg.stderr));
    ffmpeg.stdout
}

/// Milliseconds from the beginning at which the decoder has heard so many digits.
fn heard_by(samples: &[u8], digits: usize) -> usize {
    const STEP: usize = 22_050 / 20 * 2;
    let ends = (1..=samples.len() / STEP).map(|step| step * STEP);
    let steps: Vec<usize> = ends.collect();
    // What was heard grows with what was listened to.
    let at = steps.partition_point(|end| heard(&samples[..*end]).len() < digits);
    (at + 1) * 50
}

#[test]
fn exactly_those_who_are_meant_are_opened_and_shut() {
    let mut stage = set("zone-tones");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    let officer = stage.officer().expect("an officer");
    let ask = |clusters: &[&str], text: &str| {
        let targets = json!({"clusters": clusters, "boards": []});
        json!({"text": text, "level": 3, "repeat": 1, "reason": "thử mã âm", "targets": targets})
    };
    officer.order("/api/v1/emergency", &ask(&["thon-3", "thon-5"], "Nước sông đang lên rất nhanh.")).expect("said");
    let all = wait(&stage, 1);
    let said = heard(&all);
    assert_eq!(said, "#00**03#*05##00*", "whatever was open before is shut first");

    // The words lie between: the opening is over well before the closing begins.
    let (opened, shut) = (heard_by(&all, 12), heard_by(&all, 13));
    assert!(shut - opened > 2_500, "a turn of the tone and the words: opened by {opened} ms, shut from {shut} ms on");

    let mut drill = ask(&["thon-4"], "Đây là diễn tập.");
    drill["drill"] = json!(true);
    officer.order("/api/v1/emergency", &drill).expect("said");
    let both = wait(&stage, 2);
    assert_eq!(heard(&both[all.len()..]), "*04##00*", "now it is known that all were shut");
}

/// Waits until so many plays were written and closed, and gives all samples.
fn wait(stage: &Stage, closings: usize) -> Vec<u8> {
    let until = Instant::now() + PATIENCE;
    loop {
        let all: Vec<u8> = files(&stage.path("tones")).iter().flat_map(|file| samples(file)).collect();
        let said = heard(&all);
        if said.matches("#00*").count() > closings {
            stage.wait_off().expect("the carrier goes when the receivers are shut");
            return all;
        }
        assert!(Instant::now() < until, "only {said:?} was heard\n{}", stage.station.last_words());
        thread::sleep(Duration::from_millis(200));
    }
}
