//! Boards of every make as a configuration names them.

use super::*;
use drivers::board::BoardConfig;
use drivers::board::cpower_packet::Link;
use drivers::board::onbon_y_bulletin::Stored;
use drivers::board::pixels::Way;
use drivers::line::LineConfig;

const HUIDU: &str = "driver = \"huidu\"\naddress = \"192.0.2.10:10001\"\n";

/// A line for boards, which have a protocol of their own.
const LEDS: &str = "[[line]]\nid = \"leds\"\ndriver = \"serial\"\nport = \"/dev/serial/by-id/usb1\"\nbaud = 57600\n";

/// The board of the station with these lines in place of its driver and address.
fn board(lines: &str) -> (BoardSpec, Vec<LineSpec>) {
    let (config, problems, _) = read_all_there(&(changed(HUIDU, lines) + LEDS));
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
    let (spec, _) = board("driver = \"cpower\"\nline = \"leds\"\n");
    assert!(matches!(spec.config, BoardConfig::Cpower(config) if config.link == Link::Serial));
    assert_eq!((spec.line.as_str(), spec.own), ("leds", None));
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

#[test]
fn what_one_board_has_to_itself_no_other_may_have() {
    const Y: &str = "driver = \"onbon-y\"\naddress = \"192.0.2.10:80\"\npassword = \"gate.password\"\n";
    const DDP: &str = "driver = \"ddp\"\naddress = \"192.0.2.10:4048\"\n";
    let wide = |driver: &str, universe: u16| {
        format!("driver = \"{driver}\"\naddress = \"192.0.2.10:5568\"\nuniverse = {universe}\n")
    };
    let cases = [
        (Y.to_owned(), Y.to_owned(), "board.address", "own address"),
        (DDP.to_owned(), DDP.to_owned(), "board.address", "place of its own"),
        // 128×64 pixels take 49 universes.
        (wide("e131", 1), wide("e131", 49), "board.universe", "place of its own"),
        (wide("artnet", 1), wide("artnet", 40), "board.universe", "place of its own"),
        (
            "driver = \"cpower\"\nline = \"leds\"\n".to_owned(),
            "driver = \"cpower\"\nline = \"leds\"\n".to_owned(),
            "board.card",
            "place of its own",
        ),
        (
            "driver = \"onbon-k\"\nline = \"leds\"\n".to_owned(),
            "driver = \"onbon-k\"\nline = \"leds\"\n".to_owned(),
            "board.screen",
            "place of its own",
        ),
    ];
    for (one, other, key, remedy) in cases {
        let second = format!("\n[[board]]\nid = \"second\"\nwidth = 128\nheight = 64\n{other}");
        let (_, problems, _) = read_all_there(&(changed(HUIDU, &one) + &second + LEDS));
        let found: Vec<_> = problems.iter().map(|p| (p.key.as_str(), p.remedy.as_str())).collect();
        assert!(matches!(found[..], [(k, r)] if k == key && r.contains(remedy)), "{other}: {problems:?}");
    }
    let apart = format!("\n[[board]]\nid = \"second\"\nwidth = 128\nheight = 64\n{}", wide("e131", 50));
    let (_, problems, _) = read_all_there(&(changed(HUIDU, &wide("e131", 1)) + &apart));
    assert_eq!(problems, []);
}

#[test]
fn pixels_stay_within_the_universes_there_are_and_letters_are_those_named() {
    let (spec, _) = board("driver = \"artnet\"\naddress = \"192.0.2.10:6454\"\nuniverse = 7\n");
    assert!(matches!(spec.config, BoardConfig::Pixels(config) if config.way == Way::ArtNet { universe: 7 }));
    let far = "driver = \"artnet\"\naddress = \"192.0.2.10:6454\"\nuniverse = 32760\n";
    refused(&changed(HUIDU, far), "32760", "board.universe", "32767");
    let none = format!("{HUIDU}font_file = \"/nowhere/letters.ttf\"\n");
    refused(&changed(HUIDU, &none), "letters.ttf", "board.font_file", "Vietnamese letters");
    let font = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";
    let (spec, _) = board(&format!("{HUIDU}font_file = \"{font}\"\n"));
    assert!(spec.fonts.is_some());
    let (spec, _) = board(HUIDU);
    assert!(spec.fonts.is_none(), "the letters of the box");
}

#[test]
fn what_a_board_does_alone_is_read() {
    let (spec, _) = board(&format!("{HUIDU}on_link_lost = \"dark\"\n"));
    assert!(matches!(spec.config, BoardConfig::Huidu { dark_when_lost: true, .. }));
    let k = "driver = \"onbon-k\"\naddress = \"192.0.2.10:5005\"\n";
    let (spec, _) = board(&format!("{k}on_link_lost = \"keep\"\n"));
    assert!(matches!(spec.config, BoardConfig::OnbonK(config) if !config.dark_when_lost));
    refused(&changed(HUIDU, &format!("{k}on_link_lost = \"notice\"\n")), "notice", "board.on_link_lost", "keep");
    let y = "driver = \"onbon-y\"\naddress = \"192.0.2.10:80\"\npassword = \"gate.password\"\non_power_up = \"text\"\n";
    let (spec, _) = board(y);
    assert!(matches!(spec.config, BoardConfig::OnbonY(config) if config.stored == Some(Stored { font: None })));
}

#[test]
fn one_protocol_a_line_and_a_number_for_each_device() {
    let second = |lines: &str| format!("[[board]]\nid = \"second\"\nwidth = 128\nheight = 64\n{lines}");
    let cpower = changed(HUIDU, "driver = \"cpower\"\nline = \"leds\"\n") + LEDS;
    let (_, problems, _) =
        read_all_there(&(cpower.clone() + &second("driver = \"cpower\"\nline = \"leds\"\ncard = 2\n")));
    assert_eq!(problems, [], "two cards of one kind with numbers of their own");
    let both = cpower + &second("driver = \"onbon-k\"\nline = \"leds\" # 2\n");
    refused(&both, "# 2", "board.line", "line of its own");
    let among_relays = changed(HUIDU, "driver = \"onbon-k\"\nline = \"bus1\" # x\n");
    refused(&among_relays, "# x", "board.line", "line of its own");
    let coder = changed("rds = { driver = \"uecp\", line = \"rds1\" }", "rds = { driver = \"uecp\", line = \"bus1\" }");
    refused(&coder, "line = \"bus1\" }", "transmitter.rds", "line of its own");
    let ascii =
        changed("driver = \"modbus-exciter\"\nline = \"bus1\"\nunit = 5", "driver = \"tx-ascii\"\nline = \"rds1\"");
    refused(&ascii, "rds = ", "transmitter.rds", "line of its own");
}

#[test]
fn a_picture_that_a_card_cannot_be_sent_is_refused() {
    let card = |more: &str| changed(HUIDU, &format!("driver = \"cpower\"\n{more}"));
    let size = |text: String, width: &str, height: &str| {
        text.replace("width = 128", &format!("width = {width}")).replace("height = 64", &format!("height = {height}"))
    };
    let tcp = card("address = \"192.0.2.10:5200\"\ncolours = \"full\"\n");
    // 256 packets of 500 bytes: 128 000, of which 19 are heads.
    refused(&size(tcp.clone(), "320", "160"), "width = 320", "board.width", "fewer `colours`");
    assert_eq!(read_all_there(&size(tcp, "320", "133")).1, []);
    let serial = card("line = \"leds\" # x\ncolours = \"full\"\n") + LEDS;
    assert_eq!(read_all_there(&serial).1, [], "24 KB in 4.3 s");
    refused(&serial.replace("57600", "19200"), "# x", "board.line", "bit/s or more");
}
