//! `hub`: the reference hub on the command line.

use clap::Parser;
use site_tests::hub::cli::{Cli, run};
use std::io::Write;
use std::process::ExitCode;

/// Warnings on standard error, one line each.
struct Stderr;

impl log::Log for Stderr {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut line = format!("{}: {}", record.level(), record.args());
            let visited = record.key_values().visit(&mut Fields(&mut line));
            // Where standard error is gone there is nobody to tell.
            if visited.is_ok() {
                writeln!(std::io::stderr(), "{line}").ok();
            }
        }
    }

    fn flush(&self) {}
}

struct Fields<'a>(&'a mut String);

impl<'kvs> log::kv::VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: log::kv::Key<'kvs>, value: log::kv::Value<'kvs>) -> Result<(), log::kv::Error> {
        self.0.push_str(&format!(" {key}={value}"));
        Ok(())
    }
}

fn main() -> ExitCode {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                usage.exit();
            }
            writeln!(std::io::stderr(), "hub: {error:#}").ok();
            ExitCode::from(1)
        }
    }
}
