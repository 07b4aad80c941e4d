//! Every mistake is named with its line, its key and a remedy, and all of them at once.

mod boards;
mod network;
mod papers;
mod profiles;
mod refusals;
mod sensors;
mod voices;
mod words;
mod zones;

use super::station::Beside;
use super::*;

/// The fixed keys of the contract, with what a small station would have.
const STATION: &str = r#"[station]
id = "TN-25459-01"
province = "80"
commune = "25459"
lat = 11.31
lon = 106.10
data = "/var/lib/gateway"
trust = "/etc/gateway/trust.json"
[hub]
url = "mqtts://hub.example.vn:8883"
ca = "ca.pem"
cert = "station.pem"
key = "station.key"
[web]
officer = "0.0.0.0:8443"
citizen = "0.0.0.0:8080"
ops = "127.0.0.1:9100"
[[sink]]
id = "hall"
driver = "soundcard"
device = "default"
channels = [0]
volume_day = 80
volume_night = 50
[[sink]]
id = "fm-audio"
driver = "soundcard"
device = "default"
channels = [1]
[[line]]
id = "bus1"
driver = "serial"
port = "/dev/serial/by-id/usb0"
baud = 9600
[[line]]
id = "rds1"
driver = "tcp"
address = "192.0.2.11:4001"
[[switch]]
id = "amp1"
driver = "modbus-relay"
line = "bus1"
unit = 1
coil = 0
[[transmitter]]
id = "fm"
driver = "modbus-exciter"
line = "bus1"
unit = 5
sink = "fm-audio"
rds = { driver = "uecp", line = "rds1" }
licence = { frequency_mhz = 60.5, power_w = 30 }
[[cluster]]
id = "thon-1"
name = "Thôn 1"
paths = [{ sink = "hall", switch = "amp1" }, { transmitter = "fm", zone = 3 }]
languages = ["vi"]
speakers = 2
[[board]]
id = "gate"
driver = "huidu"
address = "192.0.2.10:10001"
width = 128
height = 64
"#;

type Reading = (Option<Config>, Vec<Problem>, Vec<Problem>);

fn read_with(text: &str, exists: &dyn Fn(&Path) -> bool) -> Reading {
    let credentials = Some(PathBuf::from("/run/credentials/gateway"));
    read(text, &Beside { dir: PathBuf::from("/etc/gateway"), credentials, exists })
}

fn read_all_there(text: &str) -> Reading {
    read_with(text, &|_| true)
}

/// The station with one change, which must be possible.
fn changed(from: &str, to: &str) -> String {
    assert!(STATION.contains(from), "{from:?} is not in the station");
    STATION.replacen(from, to, 1)
}

/// The number of the one line that contains this.
#[track_caller]
fn line_of(text: &str, needle: &str) -> usize {
    let mut lines = text.lines().enumerate().filter(|(_, l)| l.contains(needle)).map(|(i, _)| i + 1);
    let line = lines.next().expect("the needle is somewhere");
    assert_eq!(lines.next(), None, "the needle {needle:?} is there twice");
    line
}

/// Exactly one problem: on the line that contains `needle`, about `key`, with these words in its remedy.
#[track_caller]
fn refused(text: &str, needle: &str, key: &str, remedy: &str) {
    let (config, problems, _) = read_all_there(text);
    assert!(config.is_none(), "a station was made all the same");
    let [problem] = problems.as_slice() else { panic!("not one problem but {problems:#?}") };
    assert_eq!((problem.line, problem.key.as_str()), (line_of(text, needle), key), "{problem:?}");
    assert!(problem.remedy.contains(remedy), "{problem:?}");
    assert!(!problem.what.is_empty());
}

/// No problem, one warning: on the line that contains `needle`, about `key`, with these words in its remedy.
#[track_caller]
fn warned(text: &str, needle: &str, key: &str, remedy: &str) {
    let (config, problems, warnings) = read_all_there(text);
    assert_eq!(problems, []);
    assert!(config.is_some());
    let [warning] = warnings.as_slice() else { panic!("not one warning but {warnings:#?}") };
    assert_eq!((warning.line, warning.key.as_str()), (line_of(text, needle), key), "{warning:?}");
    assert!(warning.remedy.contains(remedy), "{warning:?}");
}

#[test]
fn the_fixed_keys_of_the_contract_make_a_station() {
    let (config, problems, warnings) = read_all_there(STATION);
    assert_eq!((problems, warnings), (vec![], vec![]));
    let config = config.expect("a station");
    assert_eq!(config.site.station, "TN-25459-01");
    assert_eq!(config.site.place, Some((11.31, 106.10)));
    let hub = config.hub.expect("a hub");
    assert_eq!((hub.host.as_str(), hub.port), ("hub.example.vn", 8883));
    assert_eq!(hub.tls.expect("tls").key, Path::new("/etc/gateway/station.key"));
    assert_eq!(hub.media_ca.as_deref(), Some(Path::new("/etc/gateway/ca.pem")));
    assert_eq!(config.web.officer_tls, OfficerTls::SelfSigned);
    let [SoundSpec { line, config: SoundConfig::Card(card) }] = config.sound.as_slice() else { panic!("one card") };
    assert_eq!((line.as_str(), card.device.as_str()), ("sound/default", "default"));
    assert_eq!(card.sinks.iter().map(|s| s.channels.as_slice()).collect::<Vec<_>>(), [[0], [1]]);
    let lines: Vec<&str> = config.lines.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(lines, ["bus1", "rds1", "board/gate"]);
    assert_eq!(config.boards.first().map(|b| b.line.as_str()), Some("board/gate"));
    assert_eq!(config.coders.first().map(|c| c.line.as_str()), Some("rds1"));
    let fm = config.transmitters.first().expect("a transmitter");
    let ExciterConfig::Modbus { profile, licence, reflected_limit_w, .. } = &fm.config else { panic!("{fm:?}") };
    assert_eq!((**profile == *drivers::profile::GENERIC, *reflected_limit_w, licence.power_w), (true, None, 30.0));
    let cluster = config.site.clusters.values().next().expect("a cluster");
    assert_eq!((cluster.name.as_str(), cluster.paths.len(), cluster.speakers), ("Thôn 1", 2, 2));
    assert_eq!(config.site.policy.night_from_s, 21 * 3600);
    assert_eq!(config.site.policy.mute_ms, 600_000);
    assert_eq!(config.speech.voices.get("vi").map(String::as_str), Some("vi"));
    assert_eq!(config.cache.clips_bytes, 4 << 30);
    let recordings = RecordingsConfig { codec: Some(Codec::Opus), days: 30, limit_bytes: 2 << 30 };
    assert_eq!(config.recordings, recordings);
}

#[test]
fn a_station_that_was_never_enrolled_starts() {
    let (config, problems, warnings) =
        read_all_there("[station]\nid = \"a\"\nprovince = \"80\"\ncommune = \"25459\"\n");
    assert_eq!(problems, []);
    assert!(config.expect("a station").hub.is_none());
    assert_eq!(warnings.first().map(|w| w.key.as_str()), Some("cluster"), "nothing can sound");
}

#[test]
fn an_empty_file_is_one_problem() {
    let (config, problems, _) = read_all_there("");
    assert!(config.is_none());
    assert_eq!(problems.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["station"]);
}

#[test]
fn everything_wrong_is_said_at_once_in_the_order_of_the_lines() {
    let text = STATION.replace("\"80\"", "\"8\"").replace("volume_day = 80", "volume_day = 800");
    let text =
        text.replace("\"huidu\"", "\"none\"").replace("coil = 0", "coil = 0\nfoo = 1").replace("zone = 3", "zone = -1");
    let (_, problems, _) = read_all_there(&text);
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        keys,
        ["station.province", "sink.volume_day", "switch.foo", "cluster.paths.zone", "board.driver"],
        "{problems:#?}"
    );
    assert!(problems.is_sorted_by_key(|p| p.line));
}

#[test]
fn two_things_of_one_name() {
    let two = format!("{STATION}[[line]]\nid = \"bus1\" # 2\ndriver = \"tcp\"\naddress = \"192.0.2.12:502\"\n");
    refused(&two, "# 2", "line.id", "its own id");
}

#[test]
fn two_switches_on_one_coil() {
    let two =
        format!("{STATION}[[switch]]\nid = \"amp2\"\ndriver = \"modbus-relay\"\nline = \"bus1\"\ncoil = 0x0 # 2\n");
    refused(&two, "# 2", "switch.coil", "correct the coil");
}

#[test]
fn two_clusters_on_one_coil() {
    let two =
        format!("{STATION}[[cluster]]\nid = \"thon-2\"\npaths = [{{ sink = \"hall\", switch = \"amp1\" }}] # 2\n");
    refused(&two, "# 2", "cluster.paths", "its own coil");
}

#[test]
fn two_clusters_in_one_zone() {
    let two = format!("{STATION}[[cluster]]\nid = \"thon-2\"\npaths = [{{ transmitter = \"fm\", zone = 3 }}] # 2\n");
    refused(&two, "# 2", "cluster.paths", "its own zone");
}

#[test]
fn a_cluster_and_the_mains_of_a_transmitter_on_one_coil() {
    refused(&changed("unit = 5", "unit = 5\nswitch = \"amp1\""), "paths", "cluster.paths", "its own coil");
}

#[test]
fn files_that_are_not_there_are_problems_and_the_trust_store_is_a_warning() {
    let (_, problems, warnings) = read_with(STATION, &|_| false);
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["hub.ca", "hub.cert", "hub.key"]);
    assert!(problems.iter().all(|p| p.remedy.contains("gateway enrol PACK")), "{problems:?}");
    assert_eq!(problems.first().map(|p| p.line), Some(line_of(STATION, "ca.pem")));
    assert_eq!(warnings.first().map(|w| (w.line, w.key.as_str())), Some((line_of(STATION, "trust"), "station.trust")));
}

#[test]
fn a_secret_may_be_a_systemd_credential() {
    let (config, problems, _) =
        read_with(STATION, &|p| !p.ends_with("station.key") || p.starts_with("/run/credentials"));
    assert_eq!(problems, []);
    let key = config.and_then(|c| c.hub).and_then(|h| h.tls).map(|t| t.key);
    assert_eq!(key.as_deref(), Some(Path::new("/run/credentials/gateway/station.key")));
}

#[test]
fn plain_tcp_is_taken_to_a_loopback_address_and_needs_no_files() {
    for url in ["mqtt://127.0.0.1:18830", "mqtt://localhost", "mqtt://[::1]:1883/"] {
        let text = STATION.replace("mqtts://hub.example.vn:8883", url);
        let text = text.replace("ca = \"ca.pem\"\ncert = \"station.pem\"\nkey = \"station.key\"\n", "");
        let (config, problems, _) = read_all_there(&text);
        assert_eq!(problems, [], "{url}");
        assert!(config.and_then(|c| c.hub).is_some_and(|h| h.tls.is_none()), "{url}");
    }
}

#[test]
fn a_desk_in_the_clear_is_taken_on_a_loopback_address() {
    let text = changed("officer = \"0.0.0.0:8443\"", "officer = \"[::1]:8443\"\nofficer_tls = false");
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    assert_eq!(config.map(|c| c.web.officer_tls), Some(OfficerTls::Off));
}

#[test]
fn a_permit_allows_what_the_plan_does_not() {
    let text = changed("frequency_mhz = 60.5, power_w = 30", "frequency_mhz = 97.5, power_w = 50, permit = \"1/GP\"");
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let licensed = |t: &TransmitterSpec| match &t.config {
        ExciterConfig::Modbus { licence, .. } | ExciterConfig::TxAscii { licence, .. } => licence.frequency_mhz,
    };
    assert!(config.is_some_and(|c| c.transmitters.iter().any(|t| licensed(t) == 97.5)));
}

#[test]
fn clusters_that_cannot_be_parted_are_a_warning() {
    let second = "[[cluster]]\nid = \"thon-2\"\npaths = [{ sink = \"hall\" }] # 2\n";
    warned(&format!("{STATION}{second}"), "# 2", "cluster.paths", "a switch");
    let uncoded = STATION.replace("rds = { driver = \"uecp\", line = \"rds1\" }\n", "");
    let second = "[[cluster]]\nid = \"thon-2\"\npaths = [{ transmitter = \"fm\", zone = 4 }]\n";
    let (config, problems, warnings) = read_all_there(&format!("{uncoded}{second}"));
    assert_eq!(problems, []);
    assert!(config.is_some());
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|w| w.remedy.contains("rds")));
}

#[test]
fn what_nobody_uses_is_a_warning() {
    let spare = "[[switch]]\nid = \"amp2\"\ndriver = \"modbus-relay\"\nline = \"bus1\"\ncoil = 1\n";
    let text = format!("{STATION}# spare\n{spare}");
    let (_, problems, warnings) = read_all_there(&text);
    assert_eq!(problems, []);
    let spoken: Vec<_> = warnings.iter().map(|w| (w.line, w.key.as_str())).collect();
    assert_eq!(spoken, [(line_of(&text, "# spare") + 1, "switch")]);
}

#[test]
fn recorders_write_beside_the_file_and_have_a_line_of_their_own() {
    let text =
        changed("driver = \"soundcard\"\ndevice = \"default\"\nchannels = [0]", "driver = \"recorder\"\ndir = \"rec\"");
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let is = |s: &&SoundSpec| s.line.as_str() == "recorder/hall";
    let Some(SoundConfig::Recorder(recorder)) = config.sound.iter().find(is).map(|s| &s.config) else { panic!("none") };
    assert_eq!((recorder.dir.as_path(), recorder.limit_bytes), (Path::new("/etc/gateway/rec"), 1 << 30));
    assert_eq!(config.site.sinks.get(&recorder.sink).map(|s| s.path), Some("recorder"));
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_its_name() {
    let refused = load(Path::new("/nonexistent/gateway.toml")).expect_err("there is none");
    let told = refused.to_string();
    assert!(told.starts_with("/nonexistent/gateway.toml: ") && told.contains("example-config"), "{told}");
}

#[test]
fn a_problem_is_told_with_file_line_key_and_remedy() {
    let (_, problems, _) = read_all_there(&changed("volume_day = 80", "volume_day = 101"));
    let told: Vec<String> = problems.iter().map(|p| p.told(Path::new("g.toml"))).collect();
    assert_eq!(
        told,
        [
            "g.toml:23: sink.volume_day: not a whole number 0–100; write a whole number 0–100, for example `volume_day = 80`"
        ]
    );
}
