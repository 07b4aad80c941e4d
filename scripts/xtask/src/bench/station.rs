//! station: a gateway set up to be measured, and what it is told.

use super::rig::{Rig, free_ports};
use super::running::{ask, within};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Two sinks on one stereo card, two clusters; its keys and its broker are the rig's.
pub(super) struct Station {
    /// Its identity, another for each run: the broker keeps what a station has not acknowledged.
    pub(super) id: String,
    /// Its configuration file.
    pub(super) config: PathBuf,
    /// Its folder.
    pub(super) data: PathBuf,
    ops: u16,
}

impl Station {
    /// Writes its configuration and makes its folder. `hung` is the port of a relay that never answers: it switches a
    /// third cluster, on another card.
    pub(super) fn new(rig: &Rig, id: &str, hung: Option<u16>) -> Result<Self> {
        let dir = rig.dir.join(id);
        let data = dir.join("data");
        fs::create_dir_all(data.join("clips")).with_context(|| format!("making {}", data.display()))?;
        let [officer, citizen, ops] = free_ports()?;
        let mut text = format!(
            r#"
[station]
id = "{id}"
province = "80"
commune = "25459"
data = "{data}"
trust = "{trust}"
[hub]
url = "mqtt://127.0.0.1:{port}"
[web]
officer = "127.0.0.1:{officer}"
officer_tls = false
citizen = "127.0.0.1:{citizen}"
ops = "127.0.0.1:{ops}"
[clock]
trust = "always"
"#,
            data = data.display(),
            trust = rig.dir.join("pki/trust.json").display(),
            port = rig.port,
        );
        for (sink, device, channel) in [("hall", "default", 0), ("right", "default", 1), ("far", "other", 0)] {
            if sink != "far" || hung.is_some() {
                text.push_str(&format!(
                    "[[sink]]\nid = \"{sink}\"\ndriver = \"soundcard\"\ndevice = \"{device}\"\nchannels = [{channel}]\n"
                ));
            }
        }
        for (id, path) in [("thon-1", "sink = \"hall\""), ("thon-2", "sink = \"right\"")] {
            text.push_str(&cluster(id, path));
        }
        if let Some(port) = hung {
            text.push_str(&format!(
                "[[line]]\nid = \"net1\"\ndriver = \"tcp\"\naddress = \"127.0.0.1:{port}\"\n\
                 [[switch]]\nid = \"amp\"\ndriver = \"modbus-relay\"\nline = \"net1\"\ncoil = 0\n"
            ));
            text.push_str(&cluster("thon-3", "sink = \"far\", switch = \"amp\""));
        }
        let config = dir.join("gateway.toml");
        fs::write(&config, text)?;
        Ok(Self { id: id.to_owned(), config, data, ops })
    }

    /// What starts it.
    pub(super) fn command(&self, rig: &Rig) -> Command {
        let mut command = Command::new(rig.program("gateway"));
        command.args(["run", "--config"]).arg(&self.config);
        command
    }

    /// What the broker's log says when it listens.
    pub(super) fn subscribed(&self) -> String {
        format!("ttcs/1/g/{}/down", self.id)
    }

    /// Puts a file where the station keeps media it has fetched and verified; its description for a bulletin.
    pub(super) fn cache(&self, file: &Path) -> Result<Value> {
        let mut digest = within(60, "sha256sum");
        digest.arg(file);
        let said = ask(digest)?;
        let sha256 = said.split(' ').next().context("sha256sum said nothing")?;
        let bytes = fs::copy(file, self.data.join("clips").join(sha256))?;
        let mime = if file.extension().is_some_and(|e| e == "mp3") { "audio/mpeg" } else { "audio/wav" };
        Ok(json!({"url": format!("https://127.0.0.1:9/{sha256}"), "sha256": sha256, "bytes": bytes, "mime": mime}))
    }

    /// Whether it says that it is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.get("/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// One of its numbers, summed over all labels.
    ///
    /// # Errors
    /// It does not answer, or has no such number.
    pub(super) fn number(&self, name: &str) -> Result<f64> {
        let answer = self.get("/metrics").context("asking the station for its numbers")?;
        let lines: Vec<&str> = answer.lines().filter(|l| l.starts_with(name)).collect();
        anyhow::ensure!(!lines.is_empty(), "the station has no number {name}");
        lines.iter().map(|l| Ok(l.rsplit(' ').next().context("an empty line")?.parse::<f64>()?)).sum()
    }

    fn get(&self, path: &str) -> Result<String> {
        let limit = Duration::from_secs(2);
        let mut to = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, self.ops)), limit)?;
        to.set_read_timeout(Some(limit))?;
        to.write_all(format!("GET {path} HTTP/1.1\r\nHost: station\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        to.take(1 << 20).read_to_string(&mut answer)?;
        Ok(answer)
    }
}

fn cluster(id: &str, path: &str) -> String {
    format!("[[cluster]]\nid = \"{id}\"\nname = \"{id}\"\npaths = [{{ {path} }}]\nlanguages = [\"vi\"]\nspeakers = 2\n")
}

/// A text to be spoken.
pub(super) fn text(words: &str) -> Value {
    json!({"type": "text", "lang": "vi", "text": words})
}

/// A recording.
pub(super) fn audio(media: &Value) -> Value {
    json!({"type": "audio", "lang": "vi", "media": media})
}

/// The body of a bulletin; `prefix` keeps the identities of several rows of messages apart.
pub(super) fn bulletin(prefix: &str, priority: &str, cluster: &str, content: &Value) -> Value {
    json!({
        "bulletin_id": format!("{prefix}-@N@"), "version": 1, "priority": priority, "title": "Lũ", "field": "thien-tai",
        "issuer": {"level": "province", "name": "Ban chỉ huy PCTT"}, "content": [content],
        "targets": {"clusters": [cluster], "boards": ["*"]}, "repeat": 1, "gap_s": 0,
        "hazard": {"type": "lu", "level": 4},
    })
}

/// The body of a programme that starts in `seconds`, and is nothing but the hub's priority bulletins.
pub(super) fn programme(seconds: u64, cluster: &str) -> Result<Value> {
    // Programmes are written in the local time of Viet Nam, which is UTC+7 all the year.
    let local = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 7 * 3600 + seconds;
    let start = format!("{:02}:{:02}:{:02}", local / 3600 % 24, local / 60 % 60, local % 60);
    Ok(json!({
        "programme_id": "CT-@N@", "version": 1, "title": "Buổi phát", "days": [], "start": start, "duration_s": 7200,
        "start_mode": "hard", "targets": {"clusters": [cluster]}, "items": [{"type": "priority_queue"}],
    }))
}

/// A device that takes connections and never answers; it is there as long as this program runs.
pub(super) fn hung_device() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let keep = move || {
        let mut held = std::collections::VecDeque::new();
        for stream in listener.incoming().flatten() {
            held.push_back(stream);
            if held.len() > 64 {
                held.pop_front();
            }
        }
    };
    std::thread::Builder::new().name("hung".into()).spawn(keep)?;
    Ok(port)
}
