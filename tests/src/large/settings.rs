//! The configuration of the large commune.

use super::place::{
    BOARD_SIZE, BOARDS, BUSES, CLUSTERS, Devices, EXCITER, NETWORK, TRANSMITTERS, coil, frequency, port, stand_in,
    wired, zone,
};
use crate::hub::Pki;
use crate::stage::{CARD, COMMUNE, PROVINCE, Ports, STATION};
use std::path::Path;

/// The file.
pub(super) fn text(devices: &Devices, ports: Ports, url: &str, pki: &Pki, dir: &Path) -> String {
    let mine = pki.station_dir(STATION);
    let (mine, place) = (mine.display(), dir.display());
    let Ports { officer, citizen, ops } = ports;
    let mut text = format!(
        r#"[station]
id = "{STATION}"
province = "{PROVINCE}"
commune = "{COMMUNE}"
lat = 11.31
lon = 106.10
data = "{place}/data"
trust = "{mine}/trust.json"

[hub]
url = "{url}"
ca = "{mine}/ca.pem"
cert = "{mine}/station.pem"
key = "{mine}/station.key"

[web]
officer = "127.0.0.1:{officer}"
officer_tls = true
citizen = "127.0.0.1:{citizen}"
ops = "127.0.0.1:{ops}"

[clock]
trust = "always"

[[sink]]
id = "hall"
driver = "soundcard"
device = "{CARD}"
channels = [0]

[[sink]]
id = "fm-audio"
driver = "soundcard"
device = "{CARD}"
channels = [1]
"#
    );
    for bus in 0..BUSES {
        let at = port(dir, bus);
        text +=
            &format!("\n[[line]]\nid = \"bus{bus}\"\ndriver = \"serial\"\nport = \"{}\"\nbaud = 9600\n", at.display());
        for place in 0..wired(bus) {
            let (unit, coil) = coil(place);
            text += &format!(
                "\n[[switch]]\nid = \"amp-{bus}-{place:02}\"\ndriver = \"modbus-relay\"\nline = \"bus{bus}\"\n\
                 unit = {unit}\ncoil = {coil}\n"
            );
        }
    }
    for (number, encoder) in devices.encoders.iter().enumerate().take(TRANSMITTERS) {
        let (aid, network, mhz) = (NETWORK.aid, NETWORK.number, frequency(number));
        text += &format!(
            "\n[[line]]\nid = \"rds{number}\"\ndriver = \"tcp\"\naddress = \"{}\"\n\n[[transmitter]]\nid = \"fm{number}\"\n\
             driver = \"modbus-exciter\"\nline = \"bus{number}\"\nunit = {EXCITER}\nsink = \"fm-audio\"\nwarm_up_s = 0\n\
             rds = {{ driver = \"uecp\", line = \"rds{number}\", aid = {aid}, network = {network} }}\n\
             licence = {{ frequency_mhz = {mhz}, power_w = 30 }}\n",
            encoder.address()
        );
    }
    for bus in 0..BUSES {
        for place in 0..CLUSTERS {
            let first = if place < wired(bus) {
                format!("{{ sink = \"hall\", switch = \"amp-{bus}-{place:02}\" }}")
            } else {
                format!("{{ transmitter = \"fm{bus}\", zone = {} }}", zone(bus, place))
            };
            text += &format!(
                "\n[[cluster]]\nid = \"thon-{bus}-{place:02}\"\nname = \"Thôn {}\"\nspeakers = 4\n\
                 paths = [{first}, {{ transmitter = \"fm{}\", zone = {} }}]\n",
                bus * CLUSTERS + place + 1,
                stand_in(bus),
                zone(bus, place)
            );
        }
    }
    let (width, height) = BOARD_SIZE;
    for (number, board) in devices.boards.iter().enumerate().take(BOARDS) {
        text += &format!(
            "\n[[board]]\nid = \"board-{number}\"\nname = \"Bảng {}\"\ndriver = \"huidu\"\naddress = \"{}\"\n\
             letters = \"card\"\nwidth = {width}\nheight = {height}\n",
            number + 1,
            board.address()
        );
    }
    text
}
