//! The desk's stories in Chromium, on a phone and on an old PC, against a running station with its commune.

use std::path::Path;
use std::process::Command;

#[test]
fn every_story_of_the_desk_comes_true() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web-ui/app");
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/stories");
    let run = Command::new("node")
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .current_dir(&app)
        .env("STORY_STAGE", env!("CARGO_BIN_EXE_story_stage"))
        .env("STORIES_OUT", &out)
        .output()
        .expect("node, which scripts/setup installs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains(" passed"), "no story was told:\n{said}");
    println!("{said}");
}
