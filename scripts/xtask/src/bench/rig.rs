//! rig: what every measurement stands on: a folder in memory, a broker, virtual cards, the keys of a hub.
//!
//! The folder is in memory because a neighbour's write to the same disk stalls everybody's by up to a second.

use super::running::{Running, ask, within};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Name of the rig's folder, before the number of the process that made it.
const FOLDER: &str = "gateway-bench.";

/// A broker, two virtual cards and a hub's keys, in a folder that goes with it.
pub(super) struct Rig {
    /// The top of the repository.
    pub(super) root: PathBuf,
    /// The folder.
    pub(super) dir: PathBuf,
    /// The broker's port on the loopback address.
    pub(super) port: u16,
    broker: Option<Running>,
}

impl Rig {
    /// Sets it up. `BENCH_DIR` is where the folder is made, else `/dev/shm`.
    pub(super) fn new(root: &Path) -> Result<Self> {
        let top = std::env::var_os("BENCH_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
        sweep(&top);
        let dir = top.join(format!("{FOLDER}{}", std::process::id()));
        // From here on it is removed whatever happens.
        let [port] = free_ports()?;
        let mut rig = Self { root: root.to_owned(), port, broker: None, dir };
        if rig.dir.exists() {
            fs::remove_dir_all(&rig.dir)?;
        }
        fs::create_dir_all(rig.dir.join("clips")).with_context(|| format!("making {}", rig.dir.display()))?;
        rig.build_card()?;
        rig.start_broker()?;
        let mut pki = within(60, rig.program("hub"));
        pki.args(["pki", "--out"]).arg(rig.dir.join("pki"));
        ask(pki)?;
        Ok(rig)
    }

    /// A program built for release.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.root.join("target/release").join(name)
    }

    /// Where the broker writes who subscribed.
    pub(super) fn broker_log(&self) -> PathBuf {
        self.dir.join("broker.log")
    }

    fn start_broker(&mut self) -> Result<()> {
        let (port, log, config) = (self.port, self.broker_log(), self.dir.join("mosquitto.conf"));
        let user = ask(command("id", &["-un"]))?;
        let lines = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest file {}\nlog_type subscribe\nlog_type error\n\
             log_type information\nconnection_messages false\npersistence false\nset_tcp_nodelay true\nuser {user}\n",
            log.display()
        );
        fs::write(&config, lines)?;
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut mosquitto = Command::new("mosquitto");
        mosquitto.arg("-c").arg(&config).env("PATH", path);
        let mut broker = Running::start("mosquitto", &mosquitto, &self.dir.join("mosquitto.said"))?;
        let open = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        broker.until("taking connections", Duration::from_secs(10), open)?;
        self.broker = Some(broker);
        Ok(())
    }

    fn build_card(&self) -> Result<()> {
        let plugin = self.dir.join("libasound_module_pcm_vcard.so");
        let mut gcc = within(60, "gcc");
        gcc.args(["-O2", "-shared", "-fPIC", "-DPIC", "-o"]).arg(&plugin);
        ask({
            gcc.arg(self.root.join("tests/vcard/pcm_vcard.c")).arg("-lasound");
            gcc
        })?;
        Ok(())
    }

    /// Fresh cards, one the default and one called `other`; a sound on channel `watch` of the first is noted, -1 = on
    /// any. Returns the configuration of ALSA and the record of the first.
    pub(super) fn cards(&self, watch: i32) -> Result<(PathBuf, PathBuf)> {
        let dir = self.dir.display();
        for old in ["out.raw", "out.idx", "other.raw", "other.idx"] {
            let old = self.dir.join(old);
            if old.exists() {
                fs::remove_file(old)?;
            }
        }
        let text = format!(
            "</usr/share/alsa/alsa.conf>\n\
             pcm_type.vcard {{ lib \"{dir}/libasound_module_pcm_vcard.so\" }}\n\
             pcm.card {{ type vcard file \"{dir}/out.raw\" index \"{dir}/out.idx\" rate 48000 channels 2 watch {watch} \
             hint {{ show on description \"virtual card\" }} }}\n\
             pcm.other {{ type vcard file \"{dir}/other.raw\" index \"{dir}/other.idx\" rate 48000 channels 2 \
             hint {{ show on description \"another virtual card\" }} }}\n\
             pcm.!default {{ type plug slave.pcm \"card\" }}\n"
        );
        let config = self.dir.join("asound.conf");
        fs::write(&config, text)?;
        Ok((config, self.dir.join("out.idx")))
    }

    /// So many fresh cards, `c0`, `c1` …; their recordings go nowhere. Returns the configuration of ALSA.
    pub(super) fn row_of_cards(&self, count: usize) -> Result<PathBuf> {
        let dir = self.dir.display();
        let mut text =
            format!("</usr/share/alsa/alsa.conf>\npcm_type.vcard {{ lib \"{dir}/libasound_module_pcm_vcard.so\" }}\n");
        for n in 0..count {
            let index = self.dir.join(format!("c{n}.idx"));
            if index.exists() {
                fs::remove_file(&index)?;
            }
            text += &format!(
                "pcm.c{n} {{ type vcard index \"{}\" rate 48000 channels 2 hint {{ show on description \"card {n}\" }} }}\n",
                index.display()
            );
        }
        let config = self.dir.join("asound-row.conf");
        fs::write(&config, text)?;
        Ok(config)
    }

    /// Has the hub sign `count` messages of one kind; each `@N@` in the body becomes the message's number. The files
    /// are `000001.jws` … in the folder that is returned.
    pub(super) fn sign(&self, name: &str, kind: &str, body: &Value, count: u32) -> Result<PathBuf> {
        let (text, out) = (self.dir.join(format!("{name}.json")), self.dir.join(name));
        fs::write(&text, body.to_string())?;
        let mut hub = within(120, self.program("hub"));
        hub.args(["sign", kind, "--aud", "all", "--count", &count.to_string()]);
        hub.arg("--body").arg(&text).arg("--out").arg(&out).arg("--pki").arg(self.dir.join("pki"));
        ask(hub)?;
        let last = out.join(format!("{count:06}.jws"));
        ensure!(last.is_file(), "hub sign did not make {}", last.display());
        Ok(out)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(broker) = self.broker.take() {
            broker.stop();
        }
        if std::env::var_os("BENCH_KEEP").is_some() {
            println!("kept: {}", self.dir.display());
            return;
        }
        // Left behind only where something still holds it; the next run sweeps it away.
        fs::remove_dir_all(&self.dir).ok();
    }
}

/// Removes the folders of runs that were killed.
fn sweep(top: &Path) {
    for entry in fs::read_dir(top).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|n| n.strip_prefix(FOLDER)).and_then(|n| n.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            // Somebody else's it may be; then it stays.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Ports of the loopback address that nobody has now, all different.
pub(super) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut ports = [0; N];
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

/// A short command, its words in a row.
pub(super) fn command(program: &str, words: &[&str]) -> Command {
    let mut command = within(60, program);
    command.args(words);
    command
}
