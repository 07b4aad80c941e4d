//! The station's configuration on the stage.

use super::commune::{BOARD_SIZE, Commune, NETWORK};
use super::{CARD, Plan};
use crate::hub::Pki;
use anyhow::{Result, bail};
use std::net::TcpListener;
use std::path::Path;

/// The station.
pub const STATION: &str = "TN-25459-01";
/// Its province.
pub const PROVINCE: &str = "80";
/// Its commune.
pub const COMMUNE: &str = "25459";

/// Ports of the station's listeners on the loopback address.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The desk.
    pub officer: u16,
    /// The citizens' pages.
    pub citizen: u16,
    /// Health and metrics.
    pub ops: u16,
}

impl Ports {
    /// Three that nobody listens at. They are outside the range from which the system lends ports to others, so that
    /// they are still free when the station starts, and again when it starts anew.
    pub fn free() -> Result<Self> {
        let mut free = Vec::new();
        for _ in 0..1000 {
            let port = fastrand::u16(10_000..32_000);
            if TcpListener::bind(("127.0.0.1", port)).is_ok() && !free.contains(&port) {
                free.push(port);
            }
            if let &[officer, citizen, ops] = free.as_slice() {
                return Ok(Self { officer, citizen, ops });
            }
        }
        bail!("no free ports between 10000 and 32000")
    }
}

/// The file.
pub(super) fn text(plan: &Plan, ports: Ports, url: &str, pki: &Pki, commune: &Commune, dir: &Path) -> String {
    let mine = pki.station_dir(STATION);
    let (mine, dir) = (mine.display(), dir.display());
    let Ports { officer, citizen, ops } = ports;
    let hub = if plan.hub {
        format!(
            "[hub]\nurl = \"{url}\"\nca = \"{mine}/ca.pem\"\ncert = \"{mine}/station.pem\"\nkey = \"{mine}/station.key\"\n"
        )
    } else {
        String::new()
    };
    let clock = if plan.clock { "[clock]\ntrust = \"always\"\n" } else { "" };
    let nobody = (format!("unix:path={dir}/no-bus"), 120);
    let (bus_of_network, confirm_s) = plan.network.as_ref().unwrap_or(&nobody);
    let device = plan.card.as_deref().unwrap_or(CARD);
    let (bus, rds, board) = (commune.bus.address(), commune.encoder.address(), commune.board.address());
    let (width, height) = BOARD_SIZE;
    let (aid, network) = (NETWORK.aid, NETWORK.number);
    format!(
        r#"[station]
id = "{STATION}"
province = "{PROVINCE}"
commune = "{COMMUNE}"
lat = 11.31
lon = 106.10
data = "{dir}/data"
trust = "{mine}/trust.json"

{hub}
[web]
officer = "127.0.0.1:{officer}"
officer_tls = {tls}
citizen = "127.0.0.1:{citizen}"
ops = "127.0.0.1:{ops}"

{clock}
[network]
bus = "{bus_of_network}"
confirm_s = {confirm_s}

[selftest]
nightly = "off"

[[sink]]
id = "hall"
driver = "soundcard"
device = "{device}"
channels = [0]
volume_night = 80

[[sink]]
id = "fm-audio"
driver = "soundcard"
device = "{device}"
channels = [1]
volume_night = 80

[[sink]]
id = "record"
driver = "recorder"
dir = "{dir}/recordings"

[[line]]
id = "bus1"
driver = "tcp"
address = "{bus}"

[[line]]
id = "rds1"
driver = "tcp"
address = "{rds}"

[[switch]]
id = "amp1"
driver = "modbus-relay"
line = "bus1"
unit = 2
coil = 0

[[switch]]
id = "amp2"
driver = "modbus-relay"
line = "bus1"
unit = 1
coil = 0

[[switch]]
id = "fm-mains"
driver = "modbus-relay"
line = "bus1"
unit = 1
coil = 1
settle_s = 0.1

[[transmitter]]
id = "fm"
driver = "modbus-exciter"
line = "bus1"
unit = 5
sink = "fm-audio"
switch = "fm-mains"
warm_up_s = 0.5
rds = {{ driver = "uecp", line = "rds1", aid = {aid}, network = {network} }}
licence = {{ frequency_mhz = 60.5, power_w = 30 }}

[[cluster]]
id = "thon-1"
name = "Thôn 1"
lat = 11.3102
lon = 106.0984
paths = [{{ sink = "hall", switch = "amp1" }}, {{ transmitter = "fm", zone = 1 }}]
speakers = 4

[[cluster]]
id = "thon-2"
name = "Thôn 2"
lat = 11.3171
lon = 106.1049
paths = [{{ sink = "hall", switch = "amp2" }}]
speakers = 2

[[cluster]]
id = "thon-3"
name = "Thôn 3"
lat = 11.3066
lon = 106.1093
paths = [{{ transmitter = "fm", zone = 3 }}]
speakers = 3

[[cluster]]
id = "archive"
name = "Ghi âm"
paths = [{{ sink = "record" }}]
speakers = 0

[[board]]
id = "gate"
name = "Cổng ủy ban"
driver = "huidu"
letters = "card"
address = "{board}"
width = {width}
height = {height}
{more}"#,
        tls = plan.officer_tls,
        more = plan.more,
    )
}
