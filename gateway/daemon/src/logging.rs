//! Where the log goes: to the systemd journal with its fields where that is our stderr, else to stderr in lines.

use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use systemd_journal_logger::{JournalLog, connected_to_journal};

/// Environment variable that says how much is logged: `error`, `warn`, `info`, `debug`, `trace`, `off`.
const LEVEL: &str = "GATEWAY_LOG";
/// Our own crates; of others only warnings are of interest, unless somebody looks for a mistake.
const OURS: [&str; 4] = ["gateway", "gateway_core", "drivers", "web_ui"];

/// Lines that are remembered.
const REMEMBERED: usize = 1000;
/// What was logged lately, for a bundle.
static RECENT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// What was logged lately, oldest first.
pub(crate) fn recent() -> Vec<String> {
    RECENT.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

fn remember(record: &Record<'_>) {
    let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    if recent.len() >= REMEMBERED {
        recent.pop_front();
    }
    recent.push_back(line(record, now_ms()).trim_end().chars().take(2000).collect());
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Starts the log. Called once, first of all.
pub(crate) fn start() {
    let asked = std::env::var(LEVEL).ok();
    let level = level(asked.as_deref());
    let journal = if connected_to_journal() { JournalLog::new().ok() } else { None };
    let sink: Box<dyn Log> = match journal {
        Some(journal) => Box::new(journal.with_extra_fields([("VERSION", env!("CARGO_PKG_VERSION"))])),
        None => Box::new(Lines),
    };
    if log::set_boxed_logger(Box::new(Sieve { level, sink })).is_ok() {
        log::set_max_level(level);
    }
    if asked.is_some_and(|a| a.parse::<LevelFilter>().is_err()) {
        log::warn!("{LEVEL} is none of error, warn, info, debug, trace, off: info is taken");
    }
}

fn level(asked: Option<&str>) -> LevelFilter {
    asked.and_then(|a| a.parse().ok()).unwrap_or(LevelFilter::Info)
}

/// Lets through what is worth reading.
struct Sieve {
    level: LevelFilter,
    sink: Box<dyn Log>,
}

impl Log for Sieve {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let crate_name = metadata.target().split("::").next().unwrap_or_default();
        let foreign = !OURS.contains(&crate_name) && self.level < LevelFilter::Debug;
        metadata.level() <= if foreign { self.level.min(LevelFilter::Warn) } else { self.level }
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            remember(record);
            self.sink.log(record);
        }
    }

    fn flush(&self) {
        self.sink.flush();
    }
}

/// Lines on stderr: `2026-11-21T05:00:00.000+07:00 WARN gateway::clips clip failed clip=ab12 error="no sound in it"`.
struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = line(record, now_ms());
        // One write a line, so that lines of several threads do not mix; nobody is left to tell if it fails.
        drop(std::io::stderr().lock().write_all(line.as_bytes()));
    }

    fn flush(&self) {}
}

fn line(record: &Record<'_>, wall_ms: i64) -> String {
    let time = gateway_core::time::Wall(wall_ms).rfc3339();
    let level = match record.level() {
        Level::Error => "ERROR",
        Level::Warn => "WARN",
        Level::Info => "INFO",
        Level::Debug => "DEBUG",
        Level::Trace => "TRACE",
    };
    let mut fields = Fields(format!("{time} {level} {} {}", record.target(), record.args()).replace(['\n', '\r'], " "));
    if record.key_values().visit(&mut fields).is_err() {
        fields.0.push_str(" …");
    }
    fields.0.push('\n');
    fields.0
}

struct Fields(String);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let text = value.to_string();
        let plain =
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"=".contains(c));
        if plain {
            write!(self.0, " {key}={text}")?
        } else {
            write!(self.0, " {key}={text:?}")?
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn written(fields: &[(&str, &str)]) -> String {
        let mut record = Record::builder();
        record.level(Level::Warn).target("gateway::clips").key_values(&fields);
        line(&record.args(format_args!("clip\nfailed")).build(), 1_795_212_000_000)
    }

    #[test]
    fn a_record_is_one_line_with_its_fields() {
        assert_eq!(written(&[]), "2026-11-21T05:00:00.000+07:00 WARN gateway::clips clip failed\n");
        assert_eq!(
            written(&[("clip", "ab12"), ("error", "no \"sound\"\nin it"), ("none", "")]),
            "2026-11-21T05:00:00.000+07:00 WARN gateway::clips clip failed clip=ab12 \
             error=\"no \\\"sound\\\"\\nin it\" none=\"\"\n"
        );
    }

    #[test]
    fn info_is_the_level_unless_another_is_asked_for() {
        assert_eq!(level(None), LevelFilter::Info);
        assert_eq!(level(Some("TRACE")), LevelFilter::Trace);
        assert_eq!(level(Some("loud")), LevelFilter::Info);
    }

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<String>>>);

    impl Log for Heard {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &Record<'_>) {
            self.0.lock().expect("unpoisoned").push(format!("{} {}", record.level(), record.target()));
        }

        fn flush(&self) {}
    }

    #[test]
    fn others_are_heard_only_when_they_warn() {
        let heard_at = |level| {
            let heard = Heard::default();
            let sieve = Sieve { level, sink: Box::new(heard.clone()) };
            for target in ["gateway::run", "drivers::line", "symphonia_core::probe", "gatewayish"] {
                for level in [Level::Warn, Level::Info, Level::Debug] {
                    sieve.log(&Record::builder().level(level).target(target).build());
                }
            }
            heard.0.lock().expect("unpoisoned").clone()
        };
        let info = [
            "WARN gateway::run",
            "INFO gateway::run",
            "WARN drivers::line",
            "INFO drivers::line",
            "WARN symphonia_core::probe",
            "WARN gatewayish",
        ];
        assert_eq!(heard_at(LevelFilter::Info), info);
        assert_eq!(heard_at(LevelFilter::Error), Vec::<String>::new());
        assert_eq!(heard_at(LevelFilter::Debug).len(), 12);
    }
}
