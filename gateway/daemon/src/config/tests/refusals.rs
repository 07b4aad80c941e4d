//! One mistake in a good station, one problem: line, key, remedy.

use super::{changed, refused, warned};

macro_rules! refusals {
    ($($name:ident: $from:expr => $to:expr, at $needle:expr, $key:expr, $remedy:expr;)+) => {$(
        #[test]
        fn $name() {
            refused(&changed($from, $to), $needle, $key, $remedy);
        }
    )+};
}

refusals! {
    an_unknown_key: "volume_day = 80" => "volume_dya = 80", at "volume_dya", "sink.volume_dya", "`volume_day`";
    a_strange_key: "coil = 0" => "coil = 0\ncolour = 3", at "colour", "switch.colour", "settle_s";
    an_unknown_section: "[[board]]" => "[[bord]]", at "[[bord]]", "bord", "`board`";
    a_section_of_the_wrong_shape: "[web]" => "[[web]]", at "[[web]]", "web", "[web]";
    an_array_written_once: "[[board]]" => "[board]", at "[board]", "board", "[[board]]";
    a_key_of_another_driver: "address = \"192.0.2.11:4001\"" => "address = \"192.0.2.11:4001\"\nbaud = 19200",
        at "19200", "line.baud", "serial";
    a_key_of_an_inline_table: "zone = 3" => "zonne = 3, zone = 3", at "zonne", "cluster.paths.zonne", "`zone`";
    an_unknown_driver: "\"huidu\"" => "\"hiudu\"", at "hiudu", "board.driver", "huidu";
    an_unknown_driver_of_a_sink: "driver = \"soundcard\"\ndevice = \"default\"\nchannels = [1]"
        => "driver = \"sondcard\"\ndevice = \"default\"\nchannels = [1]", at "sondcard", "sink.driver", "soundcard, recorder";
    a_driver_of_a_later_release: "driver = \"huidu\"" => "driver = \"alpha\"", at "alpha", "board.driver", "huidu";
    a_missing_key: "coil = 0\n" => "", at "[[switch]]", "switch.coil", "add `coil = 0`";
    a_missing_driver: "driver = \"modbus-relay\"\n" => "", at "[[switch]]", "switch.driver", "modbus-relay";
    a_value_of_the_wrong_type: "coil = 0" => "coil = \"0\"", at "coil = ", "switch.coil", "a whole number 0–65535";
    an_id_with_a_blank: "id = \"gate\"" => "id = \"the gate\"", at "the gate", "board.id", "letters, digits";
    a_station_without_id: "id = \"TN-25459-01\"\n" => "", at "[station]", "station.id", "TN-25459-01";
    a_station_id_with_a_slash: "TN-25459-01" => "TN/25459", at "TN/25459", "station.id", "letters, digits";
    a_station_id_that_is_too_long: "TN-25459-01"
        => "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", at "xxxx", "station.id", "1–64";
    a_province_of_three_digits: "\"80\"" => "\"080\"", at "\"080\"", "station.province", "2 digits";
    a_province_that_is_a_number: "\"80\"" => "80", at "province", "station.province", "text";
    a_commune_of_four_digits: "\"25459\"" => "\"2545\"", at "2545\"", "station.commune", "5 digits";
    a_latitude_alone: "lon = 106.10\n" => "", at "lat", "station.lat", "`lon`";
    a_latitude_beyond_the_pole: "11.31" => "111.31", at "111.31", "station.lat", "-90–90";
    a_broker_that_is_none: "mqtts://hub.example.vn:8883" => "https://hub.example.vn", at "https", "hub.url", "mqtts://";
    a_broker_with_a_password: "mqtts://hub" => "mqtts://me:secret@hub", at "secret", "hub.url", "password";
    a_broker_in_the_clear: "mqtts://hub.example.vn:8883" => "mqtt://hub.example.vn", at "mqtt://", "hub.url", "mqtts://";
    a_hub_without_its_ca: "ca = \"ca.pem\"\n" => "", at "[hub]", "hub.ca", "add `ca";
    a_listener_without_port: "0.0.0.0:8080" => "0.0.0.0", at "citizen", "web.citizen", "0.0.0.0:8443";
    two_listeners_on_one_port: "0.0.0.0:8080" => "0.0.0.0:8443", at "citizen", "web.citizen", "own port";
    a_desk_in_the_clear: "[web]" => "[web]\nofficer_tls = false", at "officer_tls", "web.officer_tls", "127.0.0.1";
    a_certificate_without_key: "[web]" => "[web]\nofficer_cert = \"a.pem\"", at "officer_cert", "web.officer_cert",
        "officer_key";
    a_volume_above_full: "volume_day = 80" => "volume_day = 101", at "101", "sink.volume_day", "0–100";
    a_volume_below_nothing: "volume_night = 50" => "volume_night = -1", at "= -1", "sink.volume_night", "0–100";
    an_emphasis_no_country_has: "volume_day = 80" => "pre_emphasis_us = 60", at "us = 60", "sink.pre_emphasis_us", "50, 75";
    a_ceiling_above_full_scale: "volume_day = 80" => "ceiling_dbtp = 0.5", at "dbtp = 0.5", "sink.ceiling_dbtp", "-12–0";
    a_sink_without_channels: "channels = [0]" => "channels = []", at "channels = []", "sink.channels", "[0]";
    a_channel_twice_in_one_sink: "channels = [0]" => "channels = [2, 2]", at "[2, 2]", "sink.channels", "once";
    two_sinks_on_one_channel: "channels = [1]" => "channels = [2, 0]", at "[2, 0]", "sink.channels", "own channel";
    two_lines_on_one_port: "driver = \"tcp\"\naddress = \"192.0.2.11:4001\""
        => "driver = \"serial\"\nport = \"/dev/serial/by-id/usb0\" # 2", at "usb0\" # 2", "line.port", "once";
    a_board_on_the_address_of_a_line: "192.0.2.10:10001" => "192.0.2.11:4001\" # 2\nname = \"x", at "# 2",
        "board.address", "own address";
    an_address_without_port: "192.0.2.10:10001" => "192.0.2.10", at "192.0.2.10\"", "board.address", "10001";
    a_switch_on_no_line: "line = \"bus1\"\nunit = 1" => "line = \"bus9\"\nunit = 1", at "bus9", "switch.line", "bus1, rds1";
    a_transmitter_without_its_sink: "sink = \"fm-audio\"" => "sink = \"fm-adio\"", at "fm-adio", "transmitter.sink",
        "[[sink]]";
    a_transmitter_without_its_line: "line = \"bus1\"\nunit = 5" => "line = \"bus2\"\nunit = 5", at "bus2",
        "transmitter.line", "bus1";
    a_transmitter_without_its_mains: "unit = 5" => "unit = 5\nswitch = \"mains\"", at "mains", "transmitter.switch", "amp1";
    a_coder_without_its_line: "line = \"rds1\"" => "line = \"rds2\"", at "rds2", "transmitter.rds.line", "rds1";
    a_pi_of_another_country: "line = \"rds1\"" => "line = \"rds1\", pi = 0xC201", at "0xC201", "transmitter.rds.pi", "foreign_pi";
    a_programme_name_too_long: "line = \"rds1\"" => "line = \"rds1\", ps = \"Xã An Lạc\"", at "Xã An", "transmitter.rds.ps", "1–8";
    an_unknown_cluster_profile: "line = \"rds1\"" => "line = \"rds1\", code = \"opne\"", at "opne", "transmitter.rds.code",
        "open, orders";
    a_cluster_profile_that_is_not_there: "line = \"rds1\"" => "line = \"rds1\", code = \"maker.toml\"", at "maker.toml",
        "transmitter.rds.code", "cluster-profiles";
    a_key_of_the_other_encoder: "line = \"rds1\"" => "line = \"rds1\", read_back = true", at "read_back",
        "transmitter.rds.read_back", "pira";
    a_cluster_without_its_sink: "sink = \"hall\"," => "sink = \"hell\",", at "hell", "cluster.paths.sink", "hall";
    a_cluster_without_its_switch: "switch = \"amp1\"" => "switch = \"amp7\"", at "amp7", "cluster.paths.switch", "amp1";
    a_cluster_without_its_transmitter: "transmitter = \"fm\"" => "transmitter = \"am\"", at "\"am\"",
        "cluster.paths.transmitter", "fm";
    a_cluster_without_paths: "paths = [{ sink = \"hall\", switch = \"amp1\" }, { transmitter = \"fm\", zone = 3 }]"
        => "paths = []", at "paths", "cluster.paths", "sink = \"hall\"";
    a_path_to_nowhere: "{ transmitter = \"fm\", zone = 3 }" => "{ }", at "paths", "cluster.paths", "name a sink";
    a_path_of_two_kinds: "{ transmitter = \"fm\"" => "{ sink = \"hall\", transmitter = \"fm\"", at "paths", "cluster.paths",
        "two paths";
    a_zone_of_a_sink: "sink = \"hall\", switch" => "sink = \"hall\", zone = 2, switch", at "zone = 2",
        "cluster.paths.zone", "transmitter";
    a_transmitter_without_zone: "transmitter = \"fm\", zone = 3" => "transmitter = \"fm\"", at "paths", "cluster.paths",
        "zone = NUMBER";
    a_path_twice: "{ transmitter = \"fm\", zone = 3 }" => "{ sink = \"hall\", switch = \"amp1\" }", at "paths",
        "cluster.paths", "remove one";
    a_language_that_is_none: "[\"vi\"]" => "[\"tiếng Việt\"]", at "tiếng", "cluster.languages", "BCP 47";
    a_frequency_of_the_province: "60.5" => "97.5", at "97.5", "transmitter.licence.frequency_mhz", "permit";
    too_much_power: "power_w = 30" => "power_w = 50", at "power_w = 50", "transmitter.licence.power_w", "permit";
    a_frequency_no_permit_allows: "60.5" => "433.9", at "433.9", "transmitter.licence.frequency_mhz", "47–108";
    a_licence_for_the_province_to_set: "[hub]" => "[hub]\nmay_set = [\"policy.night\", \"transmitter.licence\"]", at "may_set",
        "hub.may_set", "policy.quiet_at_night";
    no_licence: "licence = { frequency_mhz = 60.5, power_w = 30 }\n" => "", at "[[transmitter]]", "transmitter.licence",
        "frequency_mhz";
    a_night_without_end: "[web]" => "[policy]\nnight = \"21:00\"\n[web]", at "night = \"21:00\"", "policy.night", "21:00-05:00";
    a_clash_nobody_wins: "[web]" => "[policy]\nclash_default = \"both\"\n[web]", at "both", "policy.clash_default",
        "\"province\" or \"commune\"";
    an_endless_mute: "[web]" => "[policy]\nmute_minutes = 0\n[web]", at "mute_minutes", "policy.mute_minutes", "1–240";
    a_vietnamese_voice_for_khmer: "[web]" => "[speech]\nvoices = { vi = \"vi\", km = \"vi\" }\n[web]", at "voices",
        "speech.voices.km", "unspoken";
    a_dialect_beside_a_voice: "[web]" => "[speech]\nvoices = { vi = \"vi\" }\ndialect = \"south\"\n[web]", at "dialect",
        "speech.dialect", "one of the two";
    a_dialect_that_is_none: "[web]" => "[speech]\ndialect = \"east\"\n[web]", at "east", "speech.dialect", "\"central\"";
    a_voice_without_command: "[web]" => "[[speech.engine]]\nname = \"piper\"\n[web]", at "[[speech.engine]]",
        "speech.engine.command", "piper";
    a_voice_that_is_no_program: "[web]" => "[[speech.engine]]\nname = \"a\"\ncommand = [\"{text}\"]\n[web]", at "{text}",
        "speech.engine.command", "PROGRAM";
    two_voices_of_one_name: "[web]" => "[[speech.engine]]\nname = \"a\"\ncommand = [\"x\"]\n[[speech.engine]]\nname = \"a\" # 2\n\
        command = [\"y\"]\n[web]", at "# 2", "speech.engine.name", "own name";
    a_voice_with_the_name_of_the_last: "[web]" => "[[speech.engine]]\nname = \"espeak-ng\"\ncommand = [\"x\"]\n[web]",
        at "espeak-ng", "speech.engine.name", "own name";
    a_voice_with_a_strange_key: "[web]" => "[[speech.engine]]\nname = \"a\"\ncommand = [\"x\"]\nlang = \"vi\"\n[web]",
        at "lang = ", "speech.engine.lang", "languages";
    a_clock_nobody_knows: "[web]" => "[clock]\nrtc = \"yes\"\n[web]", at "rtc = \"yes\"", "clock.rtc", "battery";
    a_register_map_that_is_none: "unit = 5" => "unit = 5\nprofile = \"acme\"", at "acme", "transmitter.profile", "generic";
    a_zone_the_code_does_not_have: "zone = 3" => "zone = 256", at "256", "cluster.paths", "0–255";
    no_toml: "baud = 9600" => "baud = = 9600", at "= = 9600", "", "correct this line";
}

#[test]
fn a_vouched_clock_is_a_warning() {
    warned(&changed("[web]", "[clock]\ntrust = \"always\"\n[web]"), "always", "clock.trust", "real station");
}
