//! A disk of the station's own that can be filled or made read-only, in a mount name space that goes with the process.

use super::Stage;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Whether this account may make mount name spaces, and how.
fn unshare() -> Option<Vec<String>> {
    for words in [["unshare", "-m"], ["unshare", "-rm"]] {
        let tried = Command::new(words[0]).args(&words[1..]).arg("true").stderr(Stdio::null()).status();
        if tried.is_ok_and(|s| s.success()) {
            return Some(words.map(str::to_owned).to_vec());
        }
    }
    None
}

/// Lets the station's next start see another disk in place of its data directory; `false` where the system allows no
/// mounts to this account.
///
/// `mount` is a line of shell in which `$0` is the data directory.
fn mounted(stage: &mut Stage, mount: &str) -> Result<bool> {
    let Some(mut wrapper) = unshare() else { return Ok(false) };
    let data = stage.data();
    fs::create_dir_all(&data)?;
    let line = format!("{mount} && exec \"$@\"");
    wrapper.extend(["sh".to_owned(), "-c".to_owned(), line, data.display().to_string()]);
    stage.station.wrapper = wrapper;
    Ok(true)
}

/// Gives the station a small empty disk; as `mounted`.
pub fn small(stage: &mut Stage) -> Result<bool> {
    mounted(stage, "mount -t tmpfs -o size=8m tmpfs \"$0\"")
}

/// Makes what the station has on its disk read-only; as `mounted`.
pub fn read_only(stage: &mut Stage) -> Result<bool> {
    mounted(stage, "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\"")
}

/// The station's data directory as the station sees it.
pub fn inside(stage: &Stage) -> Result<PathBuf> {
    let pid = stage.station.pid().context("the station does not run")?;
    let data = stage.data();
    Ok(Path::new("/proc").join(pid.to_string()).join("root").join(data.strip_prefix("/")?))
}

/// Fills the station's disk to the last byte; what fills it.
pub fn fill(stage: &Stage) -> Result<PathBuf> {
    let path = inside(stage)?.join("filler");
    let mut file = File::create(&path).context("filling the disk")?;
    for size in [64 * 1024, 512, 1] {
        while file.write_all(&vec![0; size]).is_ok() {
            ensure!(path.metadata()?.len() < 64 << 20, "this disk has no end");
        }
    }
    Ok(path)
}

/// Keeps everybody else from writing the station's database until dropped: a disk that takes nothing.
pub struct Lock(Child);

impl Lock {
    /// Takes it.
    pub fn take(stage: &Stage) -> Result<Self> {
        const HOLD: &str = "import sqlite3, sys\n\
            c = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)\n\
            c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()";
        let mut child = Command::new("python3")
            .args(["-c", HOLD])
            .arg(stage.data().join("gateway.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("running python3")?;
        let out = child.stdout.take().context("its standard output")?;
        let lock = Self(child);
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        if line.trim() == "held" { Ok(lock) } else { bail!("the database could not be locked") }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It can only have ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
