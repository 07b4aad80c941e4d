//! A sound line in a process of its own: told what to play on standard input, saying what it reports on standard output.
//!
//! Input, one line each: `want SINK VOLUME` (silence), `want SINK VOLUME PLAY`, then `next PLAY` and `under HOW PLAY` as
//! wanted, `state`, `stop`. A PLAY is `ID SOURCE FROM_MS`; SOURCE is `tone:LEVEL`, `drill:LEVEL`, `chime`, `clip:NAME` or
//! `input:NAME`, with `+cross` where it is to be faded into; tones are emergencies, all else is programme. HOW is `held`,
//! `unheard` or `ducked`. Output: one JSON object a line, each with `mono_ns`.
//! With `--latency N` it measures instead: from the call of `apply` to the first loud sample at the converter.

use anyhow::{Context, bail, ensure};
use clap::Parser;
use drivers::sound::rtp::{Codec, Interface, RtpConfig};
use drivers::sound::{
    Audience, CardConfig, CardSink, Files, InputConfig, Left, Listener, Measured, Media, Processing, RecorderConfig,
    Reports, SoundConfig, SoundLine, Sources,
};
use gateway_core::device::{Fault, Report};
use gateway_core::id::{ClipId, InputId, PlayId, SinkId};
use gateway_core::want::{Beneath, Join, Loudness, Play, SinkWant, Source, Under};
use serde_json::{Value, json};
use site_tests::together;
use site_tests::vcard::delay::Trial;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Instant;

/// A sound line in a process of its own.
#[derive(Parser)]
struct Args {
    /// ALSA name of the card.
    #[arg(long, default_value = "default")]
    device: String,
    /// A sink and its channels, `name=0,1`; several times for several sinks.
    #[arg(long = "sink", default_values_t = ["left=0".to_owned(), "right=1".to_owned()])]
    sinks: Vec<String>,
    /// Record into this directory instead of playing on a card; the only sink is the first one.
    #[arg(long)]
    recorder: Option<PathBuf>,
    /// Bytes the recorder may keep.
    #[arg(long, default_value_t = 1 << 30)]
    limit_bytes: u64,
    /// What the sinks do to their sound: target LUFS, emergency LU, ceiling dBTP, pre-emphasis µs (0 = none), cross-fade
    /// ms, duck dB, by commas.
    #[arg(long, allow_hyphen_values = true)]
    processing: Option<String>,
    /// Loudness of a clip, `name=LUFS`; several times for several clips.
    #[arg(long = "measured")]
    measured: Vec<String>,
    /// Listen to what leaves each sink, and write it to `SINK.left` in this directory, 16 bits, one channel.
    #[arg(long)]
    listen: Option<PathBuf>,
    /// An input, `NAME=URL` or `NAME=capture:DEVICE:CHANNEL`; several times for several inputs.
    #[arg(long = "input")]
    inputs: Vec<String>,
    /// Where clips lie.
    #[arg(long, default_value = ".")]
    clips: PathBuf,
    /// Measure so many sounds instead of listening to standard input.
    #[arg(long)]
    latency: Option<usize>,
    /// What is measured.
    #[arg(long, default_value = "tone:3")]
    source: String,
    /// The record of the virtual card that is measured; it must watch the first sink's channel.
    #[arg(long)]
    index: Option<PathBuf>,
    /// While measuring, another sink plays this clip over and over.
    #[arg(long)]
    beside: Option<String>,
    /// While measuring, each sound interrupts this clip, which must be too faint for the card to note it.
    #[arg(long)]
    over: Option<String>,
    /// No line but those of `--card` and `--rtp`.
    #[arg(long)]
    bare: bool,
    /// A further card with sinks of its own, `DEVICE:NAME=0[,1][;NAME=1]`; several times for several cards.
    #[arg(long = "card")]
    cards: Vec<String>,
    /// A network sink that sends L16/48000/1 over the loop-back interface, `NAME=ADDRESS:PORT`; several times for several.
    #[arg(long = "rtp")]
    streams: Vec<String>,
    /// Plays one programme for so many seconds on two virtual cards, one 200 ppm fast, one 200 ppm slow, and on two network
    /// sinks, and measures how far apart they sound.
    #[arg(long)]
    together: Option<u32>,
    /// Measures instead how long so many samples take from a virtual microphone to a receiver of RTP.
    #[arg(long)]
    microphone: Option<usize>,
    /// Where the figures of `--together` are written, each minute anew.
    #[arg(long, default_value = "together.json")]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(seconds) = args.together {
        return together(seconds, &args.out);
    }
    if let Some(samples) = args.microphone {
        return microphone(samples);
    }
    let (told, reports) = mpsc::sync_channel::<(SinkId, Report)>(1024);
    let clips = args.clips.clone();
    let measured = loudnesses(&args)?;
    let files: Files = Arc::new(move |source| match source {
        Source::Clip(id) => Some(Media { path: clips.join(id.as_str()), measured: measured.get(id.as_str()).copied() }),
        Source::Speech(_) | Source::Tone { .. } | Source::Chime | Source::Digits(_) => None,
        Source::Input(_) | Source::Stream(_) | Source::Live(_) => None,
    });
    let inputs = args.inputs.iter().map(|i| read_input(i)).collect::<anyhow::Result<_>>()?;
    let sources = Arc::new(Sources::new(files, inputs));
    let dir = args.listen.clone();
    let audience: Audience = Arc::new(move |sink| match &dir {
        Some(dir) => vec![Box::new(Taker::new(dir, sink)) as Box<dyn Listener>],
        None => Vec::new(),
    });
    let measuring = args.latency.is_some();
    let takes: Reports = Arc::new(move |sink, report| {
        if measuring {
            told.try_send((sink, report)).ok();
        } else {
            say(spelt(&sink, &report)).ok();
        }
    });
    let mut lines = Vec::new();
    for config in configs(&args)? {
        lines.push(SoundLine::start(config, sources.clone(), &audience, takes.clone()).context("starting a line")?);
    }
    match (args.latency, &lines[..]) {
        (Some(tones), [line, ..]) => measure(&args, line, tones, &reports),
        (Some(_), []) => bail!("--latency wants a card"),
        (None, lines) => converse(lines),
    }
}

fn together(seconds: u32, out: &Path) -> anyhow::Result<()> {
    let bench = std::env::current_exe().context("where this program lies")?;
    let told = together::Told { seconds, item_s: 60, seed: 7, tell: true };
    let outcome = together::run(&bench.display().to_string(), &told, |so_far| {
        std::fs::write(out, so_far.to_json().to_string()).context("writing the figures")
    })?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", outcome.table()).context("saying the figures")
}

fn microphone(samples: usize) -> anyhow::Result<()> {
    let bench = std::env::current_exe().context("where this program lies")?;
    let together::microphone::Delays { mut ms, lost, xruns } =
        together::microphone::delays(&bench.display().to_string(), samples)?;
    ms.sort_by(f64::total_cmp);
    let part = |p: usize| ms.get(ms.len().saturating_sub(1) * p / 100);
    let figures = json!({"p50": part(50), "p95": part(95), "max": part(100)});
    say(json!({"samples": samples, "ms": figures, "lost": lost, "xruns": xruns}))
}

fn loudnesses(args: &Args) -> anyhow::Result<BTreeMap<String, Measured>> {
    let one = |said: &String| {
        let (name, figures) = said.split_once('=').context("a loudness is NAME=LUFS,DBTP")?;
        let (lufs, peak) = figures.split_once(',').context("a loudness is NAME=LUFS,DBTP")?;
        let number = |text: &str| text.parse::<f32>().context("a number");
        Ok((name.to_owned(), Measured { lufs: number(lufs)?, peak_dbtp: number(peak)? }))
    };
    args.measured.iter().map(one).collect()
}

fn processing(args: &Args) -> anyhow::Result<Processing> {
    let Some(said) = &args.processing else { return Ok(Processing::default()) };
    let figures: Vec<f32> = said.split(',').map(str::parse).collect::<Result<_, _>>().context("figures by commas")?;
    let [target_lufs, emergency_lu, ceiling_dbtp, emphasis, cross, duck_db] = figures[..] else {
        bail!("six figures are wanted")
    };
    let pre_emphasis_us = (emphasis > 0.0).then_some(emphasis as u16);
    let cross_fade_ms = cross as u32;
    Ok(Processing { target_lufs, emergency_lu, ceiling_dbtp, pre_emphasis_us, cross_fade_ms, duck_db })
}

/// Listens to a sink, writes it down and says where something else is due or something was lost.
struct Taker {
    sink: SinkId,
    file: Option<File>,
    due: Option<PlayId>,
}

impl Taker {
    fn new(dir: &Path, sink: &SinkId) -> Self {
        Self { sink: sink.clone(), file: File::create(dir.join(format!("{sink}.left"))).ok(), due: None }
    }
}

impl Listener for Taker {
    fn hear(&mut self, left: &Left<'_>) {
        if left.gap || left.due != self.due || self.file.is_none() {
            self.due = left.due;
            let (sink, due) = (self.sink.as_str(), left.due.map(|d| d.0));
            say(json!({"sink": sink, "due": due, "gap": left.gap, "written": self.file.is_some()})).ok();
        }
        let bytes: Vec<u8> = left.samples.iter().flat_map(|s| ((s * 32_768.0).round() as i16).to_le_bytes()).collect();
        if self.file.as_mut().is_some_and(|f| f.write_all(&bytes).is_err()) {
            self.file = None;
        }
    }

    fn close(&mut self) {
        say(json!({"sink": self.sink.as_str(), "closed": true})).ok();
    }
}

fn card_sink(said: &str, processing: Processing) -> anyhow::Result<CardSink> {
    let (name, channels) = said.split_once('=').context("a sink is NAME=CHANNEL,…")?;
    let channels = channels.split(',').map(str::parse).collect::<Result<_, _>>().context("a channel is a number")?;
    Ok(CardSink { id: SinkId::from(name), channels, processing })
}

/// All lines: the first, unless there is to be none, the further cards, the network sinks.
fn configs(args: &Args) -> anyhow::Result<Vec<SoundConfig>> {
    let processing = processing(args)?;
    let mut configs = Vec::new();
    if !args.bare {
        configs.push(config(args, processing)?);
    }
    for card in &args.cards {
        let (device, sinks) = card.split_once(':').context("a card is DEVICE:NAME=CHANNEL")?;
        let sinks = sinks.split(';').map(|s| card_sink(s, processing)).collect::<Result<_, _>>()?;
        configs.push(SoundConfig::Card(CardConfig { device: device.to_owned(), channels: None, sinks }));
    }
    for stream in &args.streams {
        let (name, address) = stream.split_once('=').context("a network sink is NAME=ADDRESS:PORT")?;
        let address = address.parse().context("an address and a port")?;
        let codec = Codec::L16 { rate: 48_000, channels: 1 };
        let sink = RtpConfig::new(SinkId::from(name), address, codec);
        let interface = Some(Interface::Address(Ipv4Addr::LOCALHOST));
        configs.push(SoundConfig::Rtp(RtpConfig { interface, announce: false, processing, ..sink }));
    }
    Ok(configs)
}

fn config(args: &Args, processing: Processing) -> anyhow::Result<SoundConfig> {
    let sinks: Vec<CardSink> = args.sinks.iter().map(|s| card_sink(s, processing)).collect::<Result<_, _>>()?;
    Ok(match (&args.recorder, sinks.first()) {
        (Some(dir), Some(first)) => SoundConfig::Recorder(RecorderConfig {
            sink: first.id.clone(),
            dir: dir.clone(),
            limit_bytes: args.limit_bytes,
            processing,
        }),
        _ => SoundConfig::Card(CardConfig { device: args.device.clone(), channels: None, sinks }),
    })
}

fn converse(lines: &[SoundLine]) -> anyhow::Result<()> {
    for command in std::io::stdin().lock().lines() {
        let command = command.context("reading a command")?;
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["want", sinks, volume, plays @ ..] => {
                let volume = volume.parse().context("a volume is a number")?;
                let want = SinkWant { volume, ..read_want(plays)? };
                let told: Vec<SinkId> = sinks.split(',').map(SinkId::from).collect();
                let began = Instant::now();
                let known = told.iter().all(|sink| lines.iter().any(|line| line.apply(sink, &want)));
                let took = began.elapsed().as_nanos() as u64;
                say(json!({"applied": sinks, "known": known, "took_ns": took}))?;
            }
            ["state", which @ ..] => {
                let which: usize = which.first().map_or(Ok(0), |n| n.parse()).context("a line is a number")?;
                let s = lines.get(which).context("no such line")?.state();
                let state = json!({"open": s.open, "real_time": s.real_time, "rate": s.rate,
                    "period_frames": s.period_frames, "xruns": s.xruns, "starved": s.starved,
                    "drift_ppm": s.drift_ppm, "resampled": s.resampled});
                say(json!({ "state": state }))?;
            }
            ["stop"] => break,
            _ => bail!("not understood: {command}"),
        }
    }
    Ok(())
}

fn read_want(words: &[&str]) -> anyhow::Result<SinkWant> {
    let mut want = SinkWant::default();
    let mut words = words;
    if words.first().is_some_and(|w| *w != "next" && *w != "under") {
        want.play = read_play(words.get(..3).unwrap_or(words))?;
        words = words.get(3..).unwrap_or_default();
    }
    if let ["next", rest @ ..] = words {
        want.next = read_play(rest.get(..3).unwrap_or(rest))?;
        words = rest.get(3..).unwrap_or_default();
    }
    if let ["under", how, rest @ ..] = words {
        let how = match *how {
            "held" => Beneath::Held,
            "unheard" => Beneath::Unheard,
            "ducked" => Beneath::Ducked,
            _ => bail!("no such way to lie beneath: {how}"),
        };
        want.under = read_play(rest)?.map(|play| Under { play, how });
    }
    Ok(want)
}

fn read_play(words: &[&str]) -> anyhow::Result<Option<Play>> {
    let [id, source, from_ms] = words else {
        ensure!(words.is_empty(), "a play is PLAY SOURCE FROM_MS");
        return Ok(None);
    };
    let (source, join) = match source.strip_suffix("+cross") {
        Some(source) => (source, Join::Cross),
        None => (*source, Join::Cut),
    };
    let source = match source.split_once(':') {
        Some(("tone", level)) => Source::Tone { level: level.parse()?, drill: false },
        Some(("drill", level)) => Source::Tone { level: level.parse()?, drill: true },
        Some(("input", name)) => Source::Input(InputId::from(name)),
        Some(("clip", name)) => Source::Clip(ClipId::from(name)),
        None if source == "chime" => Source::Chime,
        _ => bail!("no such source: {source}"),
    };
    Ok(Some(Play { join, ..simple(id.parse()?, source, from_ms.parse()?) }))
}

fn read_input(input: &str) -> anyhow::Result<(InputId, InputConfig)> {
    let (name, what) = input.split_once('=').context("an input is NAME=WHAT")?;
    let config = match what.strip_prefix("capture:").and_then(|c| c.rsplit_once(':')) {
        Some((device, channel)) => InputConfig::Capture { device: device.to_owned(), channels: vec![channel.parse()?] },
        None => InputConfig::Stream { url: what.to_owned() },
    };
    Ok((InputId::from(name), config))
}

fn simple(id: u64, source: Source, from_ms: u64) -> Play {
    let alarm = matches!(source, Source::Tone { .. });
    let loudness = if alarm { Loudness::Emergency } else { Loudness::Programme };
    Play { id: PlayId(id), source, from_ms, loudness, join: Join::Cut }
}

fn spelt(sink: &SinkId, report: &Report) -> Value {
    let sink = sink.as_str();
    match report {
        Report::Well | Report::Asleep => json!({"sink": sink, "report": "well"}),
        Report::Fault(Fault::Line(why)) => json!({"sink": sink, "report": "fault", "why": why}),
        Report::Fault(Fault::Refused(why)) => json!({"sink": sink, "report": "refused", "why": why}),
        Report::Sounding { play } => json!({"sink": sink, "report": "sounding", "play": play.0}),
        Report::Ended { play, played_ms, broken } => {
            json!({"sink": sink, "report": "ended", "play": play.0, "played_ms": played_ms, "broken": broken})
        }
        Report::Silent { play, for_ms } => {
            json!({"sink": sink, "report": "silent", "play": play.0, "for_ms": for_ms})
        }
        Report::Unbidden { level_db } => json!({"sink": sink, "report": "unbidden", "level_db": level_db}),
        Report::Differs { play, likeness } => {
            json!({"sink": sink, "report": "differs", "play": play.0, "likeness": likeness})
        }
        Report::Howl { on, hz } => json!({"sink": sink, "report": "howl", "on": on, "hz": hz}),
        Report::Heard { play, grade } => json!({"sink": sink, "report": "heard", "play": play.0, "grade": grade}),
        Report::Switch { .. } | Report::Transmitter(_) | Report::Tripped(_) | Report::Coder { .. } => json!(null),
        Report::Board { .. } | Report::Tried { .. } | Report::Sensed(_) => json!(null),
    }
}

fn say(mut what: Value) -> anyhow::Result<()> {
    what["mono_ns"] = json!(mono_ns());
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").and_then(|()| out.flush()).context("writing a line")
}

/// CLOCK_MONOTONIC, the clock of the virtual card's record, nanoseconds.
fn mono_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "std's Instant does not say its number")]
    // SAFETY: the pointer is to a live timespec, which the call fills and does not keep.
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now)
    };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// From telling to hearing, sound after sound.
fn measure(
    args: &Args,
    line: &SoundLine,
    sounds: usize,
    reports: &mpsc::Receiver<(SinkId, Report)>,
) -> anyhow::Result<()> {
    let index = args.index.as_ref().context("--latency wants --index")?;
    let named = |at: usize| args.sinks.get(at).and_then(|s| s.split_once('=')).map(|(name, _)| SinkId::from(name));
    let clip = |name: &String| simple(0, Source::Clip(ClipId::from(name.as_str())), 0);
    let sink = named(0).context("no sink")?;
    let play = read_play(&["0", &args.source, "0"])?.context("no source")?;
    let beside = args.beside.as_ref().and_then(|name| Some((named(1)?, clip(name))));
    let over = args.over.as_ref().map(clip);
    let mut outcome = Trial { line, reports, sink, index, play, beside, over }.run(sounds, mono_ns)?;
    outcome["source"] = args.source.as_str().into();
    say(outcome)
}
