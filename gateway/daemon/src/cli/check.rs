//! `gateway check`: the configuration, and whether each device answers. It looks, and changes nothing.

use crate::config::{self, Config};
use crate::start::devices_on;
use drivers::line::{Line, LineOptions};
use drivers::sound::{Audience, SoundConfig, SoundLine, Sources};
use gateway_core::device::{Fault, Report};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// A device that has not answered by then does not answer.
const PATIENCE: Duration = Duration::from_secs(6);

/// What is checked.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// Fail also where a device does not answer; without, that is a warning.
    #[arg(long)]
    devices: bool,
    /// Look at the file alone.
    #[arg(long, conflicts_with = "devices")]
    offline: bool,
}

/// Says what is wrong with which line, and which devices do not answer.
pub(super) fn check(args: &Args) -> anyhow::Result<()> {
    let (config, warnings) = config::load(&args.config)?;
    for warning in &warnings {
        super::complain(&format!("warning: {}", warning.told(&args.config)));
    }
    let silent = if args.offline { Vec::new() } else { look(&config, &args.config) };
    for what in &silent {
        super::complain(&format!("{}: {what}", if args.devices { "error" } else { "warning" }));
    }
    anyhow::ensure!(!args.devices || silent.is_empty(), "{} devices do not answer", silent.len());
    super::tell(&format!("{}: good, {} warnings", args.config.display(), warnings.len() + silent.len()))
}

/// Looks at every line at once; what does not answer, in words.
fn look(config: &Config, file: &Path) -> Vec<String> {
    let file = file.display().to_string();
    let (say, said) = sync_channel::<Option<String>>(256);
    let mut asked = 0;
    for spec in &config.lines {
        let options = LineOptions { record: None, ..spec.options.clone() };
        let mut line = Line::with_options(spec.config.clone(), options);
        let (mut devices, say) = (devices_on(config, &spec.id, None), say.clone());
        let (file, name) = (file.clone(), spec.id.clone());
        asked += 1;
        thread::spawn(move || {
            for device in &mut devices {
                if let Err(fault) = device.look(&mut line) {
                    let what =
                        format!("{file}: {} on line {name}: {fault}; check its power, wiring and address", device.id());
                    say.send(Some(what)).ok();
                }
            }
            say.send(None).ok();
        });
    }
    let opened: Vec<SoundLine> = config.sound.iter().filter_map(|spec| open_sound(&spec.config, &file, &say)).collect();
    asked += opened.len();
    drop(say);
    gather(&said, asked)
}

fn gather(said: &Receiver<Option<String>>, mut asked: usize) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    let mut silent = Vec::new();
    while asked > 0 {
        match said.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Some(what)) => silent.push(what),
            Ok(None) => asked -= 1,
            Err(_) => {
                silent.push(format!("{asked} lines have not answered within {} s", PATIENCE.as_secs()));
                break;
            }
        }
    }
    silent.sort();
    silent
}

/// Opens a sound line in silence; it reports by itself whether it could be opened.
fn open_sound(
    config: &SoundConfig,
    file: &str,
    say: &std::sync::mpsc::SyncSender<Option<String>>,
) -> Option<SoundLine> {
    let (say, file) = (say.clone(), file.to_owned());
    let done = std::sync::atomic::AtomicBool::new(false);
    let reports = Arc::new(move |sink, report| {
        if done.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        if let Report::Fault(Fault::Line(why) | Fault::Refused(why)) = report {
            say.send(Some(format!("{file}: sink/{sink}: {why}; check the card's name and that nothing else has it")))
                .ok();
        }
        say.send(None).ok();
    });
    let sources = Arc::new(Sources::new(Arc::new(|_| None), BTreeMap::new()));
    let nobody: Audience = Arc::new(|_| Vec::new());
    SoundLine::start(config.clone(), sources, &nobody, reports).ok()
}
