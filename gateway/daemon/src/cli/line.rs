//! `gateway line record`: takes down what passes on a line, so that a fault in the field becomes a test at home.

use crate::config;
use crate::start::devices_on;
use anyhow::Context;
use drivers::line::tape::Tape;
use drivers::line::{Line, LineOptions, overhear};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Pause between two rounds of looking at the devices.
const ROUND: Duration = Duration::from_millis(250);

/// What may be done with a line.
#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Take down what passes on a line, with microseconds, as text (docs/devices/lines.md). Stop the station first, or
    /// listen by an adapter of its own.
    Record(Args),
}

/// Which line, how long, where to.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The line, as the configuration names it.
    line: String,
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// How long.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// File to write; left out: standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Do not only listen: look at each device of the line in turn, as the station does, and take that down. Nothing is
    /// switched.
    #[arg(long)]
    look: bool,
}

/// Records a line.
pub(super) fn record(args: &Args) -> anyhow::Result<()> {
    let (config, _) = config::load(&args.config)?;
    let Some(spec) = config.lines.iter().find(|spec| spec.id.as_str() == args.line) else {
        let known = config.lines.iter().map(|spec| spec.id.to_string()).collect::<Vec<_>>().join(", ");
        anyhow::bail!("there is no line \"{}\"; there are: {known}", args.line);
    };
    let options = LineOptions { record: None, ..spec.options.clone() };
    let line = Line::with_options(spec.config.clone(), options.clone());
    let tape = match &args.out {
        Some(file) => Tape::begin(file, &line.title()).with_context(|| format!("making {}", file.display()))?,
        None => Tape::onto(Box::new(std::io::stdout()), &line.title()).context("standard output")?,
    };
    let during = Duration::from_secs(args.seconds);
    if !args.look {
        let frames = overhear(&spec.config, &options, &tape, during)?;
        drop(tape);
        super::complain(&format!("{frames} frames overheard"));
        return Ok(());
    }
    let mut line = line.recorded(tape);
    let mut devices = devices_on(&config, &spec.id, None);
    anyhow::ensure!(!devices.is_empty(), "no device is on the line \"{}\"", args.line);
    let until = Instant::now() + during;
    while Instant::now() < until {
        for device in &mut devices {
            match device.look(&mut line) {
                Ok(report) => log::debug!(device:% = device.id(), report:?; "looked at"),
                Err(fault) => super::complain(&format!("{}: {fault}", device.id())),
            }
        }
        std::thread::sleep(ROUND);
    }
    let state = line.state();
    let told =
        format!("{} questions, {} unanswered, {} bytes thrown away", state.requests, state.timeouts, state.discarded);
    super::complain(&told);
    Ok(())
}
