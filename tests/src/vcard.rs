//! Sound cards that exist only in user space, and the record of what left them and when.

pub mod delay;
pub mod player;
pub mod signal;

use anyhow::{Context, ensure};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long [`VirtualCards::wait`] waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A set of virtual cards, each stereo at 48 kHz and as fast as the system's clock unless its name says otherwise
/// (`name@44100`, `name~-200` for 200 ppm slow), gone on drop. A process plays on them when its environment says
/// `ALSA_CONFIG_PATH` = [`VirtualCards::config`] before it first opens ALSA.
#[derive(Debug)]
pub struct VirtualCards {
    dir: PathBuf,
}

/// One line of a card's record.
#[derive(Clone, Debug, Deserialize)]
pub struct Happened {
    /// `open`, `prepare`, `start`, `xrun`, `stop`, `stall`, `resume`, `unplug`, `close`, or `sound`: the first loud frame
    /// after 150 ms of silence was taken.
    pub ev: String,
    /// When, CLOCK_MONOTONIC, nanoseconds.
    pub mono_ns: u64,
    /// Byte of the recording at which frame 0 lies.
    #[serde(default)]
    pub base: u64,
    /// Of `sound`: which frame.
    #[serde(default)]
    pub frame: u64,
    /// Period, frames.
    #[serde(default)]
    pub period: u64,
}

/// A sound that left a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// When its first loud frame was taken by the card, CLOCK_MONOTONIC, nanoseconds.
    pub taken_ns: u64,
    /// When it was at the converter.
    pub heard_ns: u64,
}

impl VirtualCards {
    /// Makes cards of these ALSA names; the first is also `default`, with conversion of rates and formats.
    ///
    /// # Errors
    /// No compiler, no ALSA headers, or no place to write.
    pub fn new(label: &str, names: &[&str]) -> anyhow::Result<Self> {
        Self::watching(label, names, None)
    }

    /// As [`Self::new`], with `sound` lines for one channel alone.
    ///
    /// # Errors
    /// As there.
    pub fn watching(label: &str, names: &[&str], channel: Option<u8>) -> anyhow::Result<Self> {
        let plugin = plugin()?;
        // In memory: a neighbour's write to the disk must not hold up the thread that feeds the card.
        let root = Some(Path::new("/dev/shm")).filter(|p| p.is_dir()).map_or_else(std::env::temp_dir, Path::to_owned);
        let dir = root.join(format!("vcard-{label}-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
        let cards = Self { dir };
        let mut conf = format!("</usr/share/alsa/alsa.conf>\npcm_type.vcard {{ lib \"{}\" }}\n", plugin.display());
        let watch = channel.map_or(-1, i32::from);
        let mut first = None;
        for spec in names {
            let (spec, ppm) = spec.split_once('~').unwrap_or((spec, "0"));
            let (name, rate) = spec.split_once('@').unwrap_or((spec, "48000"));
            first.get_or_insert(name);
            let at = |kind: &str| cards.file(name, kind).display().to_string();
            conf += &format!(
                "pcm.{name} {{ type vcard  file \"{}\"  index \"{}\"  rate {rate}  ppm {ppm}  channels 2  watch {watch}\n  \
                 infile \"{}\"  unplug_file \"{}\"  stall_file \"{}\"  hint {{ show on description \"virtual card\" }} }}\n",
                at("raw"),
                at("idx"),
                at("mic"),
                at("unplug"),
                at("stall")
            );
        }
        if let Some(first) = first {
            conf += &format!("pcm.!default {{ type plug slave.pcm \"{first}\" }}\n");
        }
        fs::write(cards.config(), conf).context("writing the ALSA configuration")?;
        Ok(cards)
    }

    /// What `ALSA_CONFIG_PATH` must say.
    pub fn config(&self) -> PathBuf {
        self.dir.join("asound.conf")
    }

    /// A place beside the recordings, gone with them.
    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn file(&self, card: &str, kind: &str) -> PathBuf {
        self.dir.join(format!("{card}.{kind}"))
    }

    /// Everything the card has taken, one vector a channel.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub fn heard(&self, card: &str) -> anyhow::Result<[Vec<i16>; 2]> {
        let path = self.file(card, "raw");
        let bytes = if path.exists() { fs::read(&path).context("reading what was heard")? } else { Vec::new() };
        let side = |at: usize| bytes.chunks_exact(4).map(|f| i16::from_le_bytes([f[at], f[at + 1]])).collect();
        Ok([side(0), side(2)])
    }

    /// What comes in through the card, over and over, one vector a channel; to be said before it is opened.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn speak(&self, card: &str, [left, right]: [&[i16]; 2]) -> anyhow::Result<()> {
        let frames = left.iter().zip(right).flat_map(|(l, r)| [l.to_le_bytes(), r.to_le_bytes()]).flatten();
        fs::write(self.file(card, "mic"), frames.collect::<Vec<u8>>()).context("writing what comes in")
    }

    /// Pulls the card's plug (`true`), or puts it back.
    ///
    /// # Errors
    /// The mark cannot be written.
    pub fn unplug(&self, card: &str, out: bool) -> anyhow::Result<()> {
        mark(&self.file(card, "unplug"), out)
    }

    /// Lets the card hang (`true`), or go on.
    ///
    /// # Errors
    /// The mark cannot be written.
    pub fn stall(&self, card: &str, on: bool) -> anyhow::Result<()> {
        mark(&self.file(card, "stall"), on)
    }

    /// The card's record so far.
    ///
    /// # Errors
    /// A line that is not understood.
    pub fn record(&self, card: &str) -> anyhow::Result<Vec<Happened>> {
        record(&self.file(card, "idx"))
    }

    /// The sounds that left the card so far.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn sounds(&self, card: &str) -> anyhow::Result<Vec<Sound>> {
        sounds(&self.file(card, "idx"))
    }

    /// How often the card ran dry or was opened anew so far. Where this grows, periods were lost that no machine as busy as
    /// this one could have kept; what is to be compared sample by sample must be played again.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn breaks(&self, card: &str) -> anyhow::Result<usize> {
        Ok(self.record(card)?.iter().filter(|h| h.ev == "xrun" || h.ev == "prepare").count())
    }

    /// Waits until what the card recorded is as `ready` says; looks every 5 ms.
    ///
    /// # Errors
    /// It does not become so within half a minute.
    pub fn wait(&self, card: &str, what: &str, ready: impl Fn(&[Happened]) -> bool) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let record = self.record(card)?;
            if ready(&record) {
                return Ok(());
            }
            let last = &record[record.len().saturating_sub(8)..];
            ensure!(Instant::now() < until, "{card}: waited in vain for {what}; at last {last:#?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for VirtualCards {
    fn drop(&mut self) {
        // Left behind only if something else still holds it; the next boot clears it.
        fs::remove_dir_all(&self.dir).ok();
    }
}

fn mark(path: &Path, on: bool) -> anyhow::Result<()> {
    match on {
        true => fs::write(path, b"").with_context(|| format!("writing {}", path.display())),
        false => fs::remove_file(path).with_context(|| format!("removing {}", path.display())),
    }
}

/// Reads the record of a card, as far as its lines are whole.
///
/// # Errors
/// A line that is not understood.
pub fn record(index: &Path) -> anyhow::Result<Vec<Happened>> {
    let text =
        if index.exists() { fs::read_to_string(index).context("reading a card's record")? } else { String::new() };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|l| serde_json::from_str(l).with_context(|| format!("a card's record says {l}"))).collect()
}

/// The sounds in the record of a card that runs at 48 kHz.
///
/// # Errors
/// As [`record`].
pub fn sounds(index: &Path) -> anyhow::Result<Vec<Sound>> {
    let record = record(index)?;
    let heard = |s: &Happened| {
        // The card starts when its ring is full: for the first sound that is after it was taken.
        let start = record.iter().find(|h| h.ev == "start" && h.base == s.base)?;
        Some(Sound { taken_ns: s.mono_ns, heard_ns: start.mono_ns + s.frame * 1_000_000_000 / 48_000 })
    };
    Ok(record.iter().filter(|h| h.ev == "sound").filter_map(heard).collect())
}

/// Builds the ALSA plug-in, unless it is there and newer than its source.
fn plugin() -> anyhow::Result<PathBuf> {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vcard/pcm_vcard.c"));
    let dir = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/vcard"));
    fs::create_dir_all(dir).context("making target/vcard")?;
    let plugin = dir.canonicalize().context("finding target/vcard")?.join("libasound_module_pcm_vcard.so");
    let age = |path: &Path| path.metadata().and_then(|m| m.modified()).ok();
    if age(&plugin).is_some_and(|built| age(source).is_some_and(|written| built > written)) {
        return Ok(plugin);
    }
    // Under a name of its own first: several test processes may build at once.
    let fresh = plugin.with_extension(format!("{}.{:08x}", std::process::id(), fastrand::u32(..)));
    let built = Command::new("gcc")
        .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-DPIC", "-o"])
        .arg(&fresh)
        .arg(source)
        .arg("-lasound")
        .status()
        .context("running gcc")?;
    ensure!(built.success(), "gcc could not build the virtual card");
    fs::rename(&fresh, &plugin).context("putting the virtual card in its place")?;
    Ok(plugin)
}
