//! `docs/openapi.json` is what the code says of itself.

use std::path::Path;

#[test]
fn the_published_file_is_the_served_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let text = web_ui::OPENAPI.as_str();
    if std::env::var_os("GATEWAY_WRITE_DOCS").is_some() {
        std::fs::write(&path, text).expect("writable");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/openapi.json is not what the code says: run this test with GATEWAY_WRITE_DOCS=1");
}
