//! `demo`: a whole commune on this machine, by hand or (`--once`) doing its main job by itself and reporting in JSON.

use clap::Parser;
use site_tests::demo::{by_hand, large_by_hand, large_once, once};
use std::io::Write;
use std::process::ExitCode;

/// A commune on this machine: hub, station, simulated devices.
///
/// Exit codes: 0 everything that was to happen did, 1 it did not, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Args {
    /// Do the main job without a person and print one JSON report
    #[arg(long)]
    once: bool,
    /// A commune as large as they come: 80 clusters, 3 transmitters, 6 boards, 4 slow buses
    #[arg(long, conflicts_with = "card")]
    large: bool,
    /// A sound card of this machine to play on, as ALSA names it; left the hall, right the transmitter
    #[arg(long, value_name = "NAME", conflicts_with = "once")]
    card: Option<String>,
}

/// One line on standard error each.
struct Stderr;

impl log::Log for Stderr {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("site_tests") || metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            // Where standard error is gone there is nobody to tell.
            writeln!(std::io::stderr().lock(), "demo: {}", record.args()).ok();
        }
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
    let args = Args::parse();
    let done = if args.once {
        let report = if args.large { large_once() } else { once() };
        serde_json::to_string_pretty(&report).map_err(anyhow::Error::from).and_then(|text| {
            writeln!(std::io::stdout().lock(), "{text}")?;
            Ok(report.ok)
        })
    } else {
        if args.large { large_by_hand() } else { by_hand(args.card) }.map(|()| true)
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            writeln!(std::io::stderr().lock(), "demo: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}
