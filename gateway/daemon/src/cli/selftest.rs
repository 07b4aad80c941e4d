//! `gateway selftest`: asks the running station to test itself, or looks at the devices where none runs.

use crate::config::{self, Config};
use crate::start::devices_on;
use crate::trial::{self, Request};
use drivers::line::Line;
use gateway_core::device::{Fault, Reading, Report, TransmitterState};
use gateway_core::time::Wall;
use gateway_core::trial::{Figure, Outcome, Trial, Tried};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};
use web_ui::faults;

/// Lines that have not answered by then do not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is tested, and how it is told.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// Switch each relay, key the carrier, show a pattern, sound a chime where somebody listens; the station must run.
    #[arg(long)]
    full: bool,
    /// Take what was measured last as the figures of a good day, and test nothing.
    #[arg(long, conflicts_with = "full")]
    accept: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Print the fault list, to be sent or printed, instead of the table.
    #[arg(long, conflicts_with = "json")]
    print: bool,
}

/// Tests, tells what came of it, and fails if anything does.
pub(super) fn selftest(args: &Args) -> anyhow::Result<()> {
    let (config, _) = config::load(&args.config)?;
    let request = Request { full: args.full, accept: args.accept };
    let result = match trial::ask(&config.station.data, &request) {
        Some(answer) => {
            let answer = answer?;
            if let Some(why) = answer.refused {
                anyhow::bail!("{why}");
            }
            answer.trial.ok_or_else(|| anyhow::anyhow!("the station gave no result"))?
        }
        None => {
            anyhow::ensure!(!args.full && !args.accept, "trạm không chạy: chỉ đọc được thiết bị. Bật trạm rồi làm lại");
            super::complain("trạm không chạy: chỉ đọc các thiết bị, không so với số đo chuẩn");
            look(&config)
        }
    };
    let place = &config.site.name;
    if args.json {
        super::tell(&serde_json::to_string(&web_ui::selftest::told(&result))?)?;
    } else if args.print {
        super::tell(&faults::list(Some(&result), place, &config.station.id))?;
    } else {
        super::tell(&faults::table(&result))?;
    }
    if let Some(why) = &result.given_up {
        anyhow::bail!("chưa làm hết: {why}");
    }
    let failed = result.count(Outcome::Fail);
    anyhow::ensure!(failed == 0, "{failed} thiết bị hỏng");
    Ok(())
}

/// Looks at every line at once and changes nothing.
fn look(config: &Config) -> Trial {
    let begun = Instant::now();
    let (say, said) = sync_channel::<Tried>(1024);
    let mut waited: Vec<String> = Vec::new();
    for spec in &config.lines {
        let (mut devices, mut line, say) =
            (devices_on(config, &spec.id, None), Line::new(spec.config.clone()), say.clone());
        waited.extend(devices.iter().map(|d| d.id().to_string()));
        thread::spawn(move || {
            for device in &mut devices {
                let asked = Instant::now();
                let outcome = device.look(&mut line);
                // Nobody waits for it any more: then it was too late.
                say.send(row(&device.id().to_string(), outcome, asked.elapsed())).ok();
            }
        });
    }
    drop(say);
    let mut rows: Vec<Tried> = Vec::new();
    let end = begun + PATIENCE;
    while let Ok(row) = said.recv_timeout(end.saturating_duration_since(Instant::now())) {
        waited.retain(|id| *id != row.id);
        rows.push(row);
    }
    let late = format!("không trả lời trong {} giây", PATIENCE.as_secs());
    rows.extend(waited.into_iter().map(|id| failed(&id, late.clone())));
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let at = Wall::from_unix_s(crate::stamp::unix_s());
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Trial { no: 0, full: false, by: None, at, took_ms, given_up: None, rows }
}

fn failed(id: &str, why: String) -> Tried {
    Tried { id: id.to_owned(), outcome: Outcome::Fail, why: Some(why), figures: Vec::new(), drift: Vec::new() }
}

fn row(id: &str, outcome: Result<Report, Fault>, took: Duration) -> Tried {
    let report = match outcome {
        Ok(report) => report,
        // Its mains are off while the station is; only the running station can switch them on.
        Err(Fault::Line(why)) if id.starts_with("transmitter/") => {
            let why = format!("{why}; nguồn có thể đang tắt");
            return Tried { outcome: Outcome::NotTested, ..failed(id, why) };
        }
        Err(fault) => return failed(id, fault.to_string()),
    };
    let figure = |name: &str, value: f64, unit: &str| Figure { name: name.into(), value, unit: unit.into() };
    let mut figures = vec![figure("answer_ms", took.as_secs_f64() * 1000.0, "ms")];
    if let Report::Transmitter(TransmitterState { carrier: true, forward_w, reflected_w, .. }) = report {
        figures.push(figure("forward_w", f64::from(forward_w), "W"));
        figures.push(figure("reflected_w", f64::from(reflected_w), "W"));
    } else if let Report::Sensed(readings) = report {
        figures.extend(readings.iter().map(|Reading { quantity, value, unit }| figure(quantity, *value, unit)));
    }
    Tried { id: id.to_owned(), outcome: Outcome::Pass, why: None, figures, drift: Vec::new() }
}
