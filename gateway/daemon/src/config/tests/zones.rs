//! Zones: what a code or zone tones can say, and who else would hear those.

use super::{STATION, changed, read_all_there, refused};
use gateway_core::zone_tones::ZoneTones;

const TONES: &str = "zone_tones = { open = \"*{zone:2}#\", close = \"#{zone:2}*\" }";

/// The station with zone tones in place of its coder.
fn toned(tones: &str) -> String {
    changed("rds = { driver = \"uecp\", line = \"rds1\" }", tones)
}

#[test]
fn a_zone_must_be_one_that_the_code_can_say() {
    let far = changed("zone = 3", "zone = 256");
    refused(&far, "zone = 256", "cluster.paths", "0–255");
    let orders = far.replace("line = \"rds1\" }", "line = \"rds1\", code = \"orders\" }");
    let (config, problems, _) = read_all_there(&orders);
    assert_eq!(problems, []);
    let path = config.expect("a station").site.clusters[&"thon-1".into()].paths[1].clone();
    assert!(matches!(path, gateway_core::config::Path::Radio { zone: 256, .. }), "{path:?}");
    refused(&orders.replace("zone = 256", "zone = 1000"), "zone = 1000", "cluster.paths", "1–999");
    refused(&orders.replace("zone = 256", "zone = 0"), "zone = 0", "cluster.paths", "1–999");
    refused(&changed("zone = 3", "zone = 65536"), "zone = 65536", "cluster.paths.zone", "0–65535");
}

#[test]
fn zone_tones_are_read_with_what_is_usual() {
    let (config, problems, _) = read_all_there(&toned(TONES));
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let fm = &config.site.transmitters[&"fm".into()];
    let usual = ZoneTones {
        open: "*{zone:2}#".to_owned(),
        close: Some("#{zone:2}*".to_owned()),
        open_all: None,
        close_all: None,
        digit_ms: 100,
        pause_ms: 100,
        twist: 20,
    };
    assert_eq!((fm.tones.as_ref(), fm.coded, fm.silence_off_ms), (Some(&usual), false, 60_000));
    let own = TONES.replace(" }", ", digit_s = 0.06, pause_s = 0.05, twist_db = -1.5 }");
    let fm = read_all_there(&toned(&own)).0.expect("a station").site.transmitters.remove(&"fm".into()).expect("fm");
    assert_eq!(fm.tones.map(|t| (t.digit_ms, t.pause_ms, t.twist)), Some((60, 50, -15)));
}

#[test]
fn what_zone_tones_cannot_be() {
    let odd = |key: &str, from: &str, to: &str, remedy: &str| {
        refused(&toned(&TONES.replace(from, to)), "zone_tones", &format!("transmitter.zone_tones.{key}"), remedy);
    };
    odd("open", "*{zone:2}#", "*{zone:2}E", "0–9 * # A–D");
    odd("open", "*{zone:2}#", "*{area}#", "{zone:2}");
    odd("open", "*{zone:2}#", "**1#", "{zone}");
    odd("close", ", close = \"#{zone:2}*\"", "", "close_all");
    let far = toned(TONES).replace("zone = 3", "zone = 120");
    refused(&far, "zone = 120", "cluster.paths", "{zone:3}");
}

#[test]
fn nobody_else_hears_them_and_long_ones_are_doubted() {
    let text = toned(TONES);
    let horns = text.replace("{ sink = \"hall\", switch = \"amp1\" }", "{ sink = \"fm-audio\", switch = \"amp1\" }");
    let (config, problems, _) = read_all_there(&horns);
    assert!(config.is_none());
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert!(problem.key == "transmitter.sink" && problem.what.contains("thon-1"), "{problem:?}");

    let many: String = (10..30)
        .map(|n| format!("[[cluster]]\nid = \"c{n}\"\npaths = [{{ transmitter = \"fm\", zone = {n} }}]\n"))
        .collect();
    let doubts = |tones: &str| {
        let (config, problems, warnings) = read_all_there(&format!("{}{many}", toned(tones)));
        assert_eq!((config.is_some(), problems), (true, vec![]));
        warnings.iter().filter(|w| w.key == "transmitter.zone_tones").count()
    };
    assert_eq!(doubts(TONES), 1, "84 digits");
    assert_eq!(doubts(&TONES.replace(" }", ", open_all = \"*00#\" }")), 0);
    assert_eq!(read_all_there(STATION).2, []);
}
