//! Sound over the network between the station and programs others wrote, on the loop-back interface.

use crate::vcard::player::ffmpeg;
use anyhow::{Context, bail};
use drivers::sound::rtp::{Codec, Interface, RtpConfig};
use drivers::sound::{Audience, Files, InputConfig, Media, Reports, SoundConfig, SoundLine, Sources};
use gateway_core::device::Report;
use gateway_core::id::{ClipId, InputId, PlayId, SinkId};
use gateway_core::want::{Join, Loudness, Play, SinkWant, Source};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

pub mod wire;

/// Longest wait for anything; a loaded machine takes seconds to start a program.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every format a network sink has.
pub const FORMATS: [&str; 7] = ["L16/44100/1", "L16/44100/2", "L16/48000/1", "PCMU", "PCMA", "G722", "opus/48000/2"];

/// A network sink with the daemon's sound engine behind it, in this process.
pub struct Horns {
    line: SoundLine,
    reports: mpsc::Receiver<(SinkId, Report)>,
    sink: SinkId,
}

impl Horns {
    /// Starts a sink; clips lie in `clips`.
    ///
    /// # Errors
    /// The sink cannot be.
    pub fn start(config: RtpConfig, clips: &Path, inputs: BTreeMap<InputId, InputConfig>) -> anyhow::Result<Self> {
        let sink = config.sink.clone();
        Self::of(sink, SoundConfig::Rtp(config), clips, inputs)
    }

    /// The same with whatever else a line of one sink goes to.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn of(
        sink: SinkId,
        config: SoundConfig,
        clips: &Path,
        inputs: BTreeMap<InputId, InputConfig>,
    ) -> anyhow::Result<Self> {
        let (told, reports) = mpsc::sync_channel(1024);
        let takes: Reports = Arc::new(move |sink, report| {
            told.try_send((sink, report)).ok();
        });
        let clips = clips.to_owned();
        let files: Files = Arc::new(move |source| match source {
            Source::Clip(id) => Some(Media { path: clips.join(id.as_str()), measured: None }),
            Source::Speech(_) | Source::Tone { .. } | Source::Chime | Source::Digits(_) => None,
            Source::Input(_) | Source::Stream(_) | Source::Live(_) => None,
        });
        let nobody: Audience = Arc::new(|_| Vec::new());
        let sources = Arc::new(Sources::new(files, inputs));
        let line = SoundLine::start(config, sources, &nobody, takes)?;
        Ok(Self { line, reports, sink })
    }

    /// Plays something at full volume.
    pub fn play(&self, id: u64, source: Source, loudness: Loudness) {
        let play = Play { id: PlayId(id), source, from_ms: 0, loudness, join: Join::Cut };
        self.line.apply(&self.sink, &SinkWant { play: Some(play), volume: 100, ..SinkWant::default() });
    }

    /// Plays a clip as a programme.
    pub fn clip(&self, id: u64, name: &str) {
        self.play(id, Source::Clip(ClipId::from(name)), Loudness::Programme);
    }

    /// Wants silence.
    pub fn hush(&self) {
        self.line.apply(&self.sink, &SinkWant { volume: 100, ..SinkWant::default() });
    }

    /// Waits for a report.
    ///
    /// # Errors
    /// It does not come.
    pub fn wait(&self, wanted: impl Fn(&Report) -> bool) -> anyhow::Result<Report> {
        let until = Instant::now() + PATIENCE;
        let mut said = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok((_, report)) = self.reports.recv_timeout(left) else { bail!("waited in vain; said: {said:?}") };
            if wanted(&report) {
                return Ok(report);
            }
            said.push(report);
        }
    }

    /// What was reported, if anything was or is before long.
    pub fn hear(&self, patience: Duration) -> Option<Report> {
        self.reports.recv_timeout(patience).ok().map(|(_, report)| report)
    }

    /// How the line is.
    pub fn line(&self) -> &SoundLine {
        &self.line
    }
}

/// A sink on the loop-back interface.
///
/// # Panics
/// `codec` is none.
pub fn horns(codec: &str, address: SocketAddrV4) -> RtpConfig {
    let mut config = RtpConfig::new(SinkId::from("horns"), address, codec.parse().expect("a codec"));
    config.interface = Some(Interface::Address(Ipv4Addr::LOCALHOST));
    config
}

/// An even port that nobody has, nor the odd one after it, which RTCP takes.
///
/// # Panics
/// There is none.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let free = |port| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok();
    // Below the range from which the system lends ports to others, and none twice in one program.
    let first = (std::process::id() % 5_000) as u16;
    (0..1000)
        .map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 6_000 * 2)
        .find(|port| free(*port) && free(port + 1))
        .expect("a free port")
}

/// Two seconds of a Vietnamese voice, one channel, 16 bits; another for each `seed`.
///
/// # Errors
/// espeak-ng or ffmpeg says no.
pub fn make_clip(rate: u32, seed: u32, to: &Path) -> anyhow::Result<()> {
    let spoken = to.with_extension("spoken.wav");
    let text = format!("Thông báo số {seed}. Mời bà con ra nhà văn hóa thôn để họp và nhận nước sạch.");
    let said = Command::new("espeak-ng").args(["-v", "vi", "-w"]).arg(&spoken).arg(text).status();
    anyhow::ensure!(said.context("espeak-ng: run scripts/setup")?.success(), "espeak-ng says no");
    let cut = "atrim=0.05:2.05,asetpts=PTS-STARTPTS,volume=0.5";
    ffmpeg(&["-i", &spoken.display().to_string(), "-af", cut, "-ac", "1", "-ar", &rate.to_string()], to)
}

/// The samples of a raw file of 16 bits, little-endian.
///
/// # Errors
/// It cannot be read.
pub fn raw(file: &Path) -> anyhow::Result<Vec<i16>> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect())
}

/// The samples of a WAV file as they stand in it.
///
/// # Errors
/// ffmpeg cannot read it.
pub fn samples(file: &Path) -> anyhow::Result<Vec<i16>> {
    let plain = file.with_extension("plain.raw");
    ffmpeg(&["-i", &file.display().to_string(), "-f", "s16le", "-ac", "1"], &plain)?;
    raw(&plain)
}

/// A program others wrote that receives or sends; ended on drop.
pub struct Other {
    child: Child,
    name: String,
}

impl Other {
    /// Starts one.
    ///
    /// # Errors
    /// It is not installed.
    pub fn start(program: &str, args: &[&str]) -> anyhow::Result<Self> {
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {program}: run scripts/setup"))?;
        Ok(Self { child, name: program.to_owned() })
    }

    /// Starts one and waits until it listens on a UDP port.
    ///
    /// # Errors
    /// It does not.
    pub fn listening(program: &str, args: &[&str], port: u16) -> anyhow::Result<Self> {
        let before = listeners(port)?;
        let mut other = Self::start(program, args)?;
        let until = Instant::now() + PATIENCE;
        while listeners(port)? <= before {
            if let Some(ended) = other.child.try_wait().context("looking after it")? {
                bail!("{program} {args:?} ended with {ended}");
            }
            anyhow::ensure!(Instant::now() < until, "{program} {args:?} does not listen on {port}");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(other)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// It does not, or ends badly.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(ended) = self.child.try_wait().context("waiting for it")? {
                anyhow::ensure!(ended.success(), "{} ended with {ended}", self.name);
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < until, "{} does not end", self.name);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits until somebody listens on a UDP port.
///
/// # Errors
/// Nobody does.
pub fn listened(port: u16) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while listeners(port)? == 0 {
        anyhow::ensure!(Instant::now() < until, "nobody listens on {port}");
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// How many sockets are bound to a UDP port.
fn listeners(port: u16) -> anyhow::Result<usize> {
    let table = std::fs::read_to_string("/proc/net/udp").context("the table of UDP sockets")?;
    let local = |line: &&str| line.split_whitespace().nth(1).is_some_and(|l| l.ends_with(&format!(":{port:04X}")));
    Ok(table.lines().filter(local).count())
}

/// ffmpeg, hearing `seconds` of a description into a raw file at the codec's rate.
///
/// # Errors
/// As [`Other::listening`].
pub fn ffmpeg_hears(sdp: &Path, seconds: f32, to: &Path, port: u16) -> anyhow::Result<Other> {
    let (sdp, to, seconds) = (sdp.display().to_string(), to.display().to_string(), seconds.to_string());
    let own =
        ["-nostdin", "-loglevel", "error", "-y", "-protocol_whitelist", "file,udp,rtp", "-localaddr", "127.0.0.1"];
    let rest = ["-i", &sdp, "-t", &seconds, "-f", "s16le", "-ac", "1", &to];
    Other::listening("ffmpeg", &[&own[..], &rest].concat(), port)
}

/// GStreamer, hearing a description into a raw file: samples, or payloads where the codec is G.722, which it does not
/// know.
///
/// # Errors
/// As [`Other::listening`].
pub fn gstreamer_hears(sdp: &Path, codec: Codec, to: &Path, port: u16) -> anyhow::Result<Other> {
    let (sdp, to) = (format!("location={}", sdp.display()), format!("location={}", to.display()));
    let way = match codec {
        Codec::L16 { .. } => "rtpL16depay ! audioconvert",
        Codec::Pcmu => "rtppcmudepay ! mulawdec ! audioconvert",
        Codec::Pcma => "rtppcmadepay ! alawdec ! audioconvert",
        Codec::Opus => "rtpopusdepay ! opusdec ! audioconvert",
        Codec::G722 => "rtpg722depay",
    };
    let mut args = vec!["-q", "filesrc", &sdp, "!", "sdpdemux", "latency=100", "!"];
    args.extend(way.split(' '));
    if codec != Codec::G722 {
        args.extend(["!", "audio/x-raw,format=S16LE,channels=1"]);
    }
    args.extend(["!", "filesink", "buffer-mode=unbuffered", "sync=false", &to]);
    Other::listening("gst-launch-1.0", &args, port)
}

/// Waits until a file that grows holds so many bytes.
///
/// # Errors
/// It does not.
pub fn grown(file: &Path, bytes: u64) -> anyhow::Result<PathBuf> {
    let until = Instant::now() + PATIENCE;
    loop {
        let size = file.metadata().map(|m| m.len()).unwrap_or_default();
        if size >= bytes {
            return Ok(file.to_owned());
        }
        anyhow::ensure!(Instant::now() < until, "{} has {size} of {bytes} bytes", file.display());
        thread::sleep(Duration::from_millis(10));
    }
}
