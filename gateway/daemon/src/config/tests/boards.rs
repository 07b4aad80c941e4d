//! Boards of every make as a configuration names them.

use super::*;
use drivers::board::BoardConfig;
use drivers::board::cpower_packet::Link;
use drivers::line::LineConfig;

const HUIDU: &str = "driver = \"huidu\"\naddress = \"192.0.2.10:10001\"\n";

/// The board of the station with these lines in place of its driver and address.
fn board(lines: &str) -> (BoardSpec, Vec<LineSpec>) {
    let (config, problems, _) = read_all_there(&changed(HUIDU, lines));
    assert_eq!(problems, [], "{lines}");
    let config = config.expect("a station");
    (config.boards.first().expect("a board").clone(), config.lines)
}

#[test]
fn a_driver_that_is_not_there_yet_says_so_and_nothing_else() {
    let text = changed("driver = \"huidu\"", "driver = \"alpha\"\npanel = 3");
    refused(&text, "\"alpha\"", "board.driver", "huidu");
    let (_, problems, _) = read_all_there(&text);
    assert!(problems.iter().any(|p| p.what.contains("not in this release")), "{problems:?}");
}

#[test]
fn each_make_is_read_with_its_own_line_or_a_declared_one() {
    let (spec, _) = board(HUIDU);
    assert!(matches!(spec.config, BoardConfig::Huidu { font: None, .. }));
    let (spec, _) = board(&format!("{HUIDU}letters = \"card\"\nfont = \"SimSun\"\n"));
    assert!(matches!(&spec.config, BoardConfig::Huidu { font: Some(font), .. } if font == "SimSun"));
    let (spec, _) = board("driver = \"cpower\"\naddress = \"192.0.2.10:5200\"\nnetwork_id = 7\n");
    assert!(matches!(spec.config, BoardConfig::Cpower(config) if config.link == Link::Network(7)));
    assert!(matches!(spec.own, Some(LineConfig::Tcp { .. })));
    let (spec, _) = board("driver = \"cpower\"\nline = \"bus1\"\n");
    assert!(matches!(spec.config, BoardConfig::Cpower(config) if config.link == Link::Serial));
    assert_eq!((spec.line.as_str(), spec.own), ("bus1", None));
    let (spec, _) = board("driver = \"onbon-k\"\naddress = \"192.0.2.10:5005\"\ncolours = \"dual\"\n");
    assert!(matches!(spec.config, BoardConfig::OnbonK(config) if config.dual && config.screen == 1));
    let (spec, lines) = board("driver = \"onbon-y\"\naddress = \"192.0.2.10:80\"\npassword = \"gate.password\"\n");
    assert!(matches!(&spec.config, BoardConfig::OnbonY(y) if y.address == "192.0.2.10:80" && y.user == "guest"));
    assert!(lines.iter().any(|l| l.id == spec.line && matches!(l.config, LineConfig::Apart { .. })));
}

#[test]
fn what_belongs_together_is_asked_for_and_what_does_not_is_refused() {
    let cases = [
        ("driver = \"cpower\" # x\n", "[[board]]", "board.address", "add `address"),
        ("driver = \"onbon-y\"\naddress = \"192.0.2.10:80\"\n", "[[board]]", "board.password", "a file with"),
        ("driver = \"cpower\"\naddress = \"192.0.2.10:1\"\nline = \"bus1\" # x\n", "# x", "board.line", "one way"),
        ("driver = \"cpower\"\nline = \"bus1\"\nnetwork_id = 1\n", "network_id", "board.network_id", "remove"),
        ("driver = \"onbon-k\"\nline = \"bus1\"\ncolours = \"full\"\n", "colours", "board.colours", "mono"),
    ];
    for (lines, needle, key, remedy) in cases {
        refused(&changed(HUIDU, lines), needle, key, remedy);
    }
}
