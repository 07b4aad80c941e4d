//! The configuration: TOML in, a whole station or everything that is wrong with it out.

mod example;
mod filler;
mod horns;
mod inputs;
mod keys;
mod outputs;
mod problem;
mod rules;
mod sheet;
mod sinks;
mod station;
#[cfg(test)]
mod tests;
mod trial;
mod voice;
mod whole;

pub(crate) use example::example;
pub(crate) use keys::{Form, Key, Need, Section, Shape, of_hub, sections};
pub(crate) use problem::{Problem, Refused};

use crate::network::NetworkConfig;
use drivers::board::BoardConfig;
use drivers::board::painter::Fonts;
use drivers::line::{LineConfig, LineOptions};
use drivers::sensor::SensorConfig;
use drivers::sound::air::EarKind;
use drivers::sound::keep::Codec;
use drivers::sound::{InputConfig, SoundConfig};
use drivers::switch::SwitchConfig;
use drivers::transmitter::rds::clock::WallClock;
use drivers::transmitter::{CoderConfig, ExciterConfig};
use gateway_core::config::SiteConfig;
use gateway_core::id::{BoardId, InputId, LineId, SensorId, SinkId, SwitchId, TransmitterId};
use sheet::Sheet;
use station::Beside;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::DeTable;

/// A whole station. Every path in it is ready to be opened.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Who it is.
    pub(crate) station: Station,
    /// The hub; `None` until it is enrolled.
    pub(crate) hub: Option<HubConfig>,
    /// Listeners.
    pub(crate) web: WebConfig,
    /// What the core needs to know, the site's policy among it.
    pub(crate) site: SiteConfig,
    /// Sound cards, recorders and network streams.
    pub(crate) sound: Vec<SoundSpec>,
    /// Where sound comes in from.
    pub(crate) inputs: BTreeMap<InputId, InputConfig>,
    /// Those of them that are microphones.
    pub(crate) microphones: BTreeSet<InputId>,
    /// Tuners that say what those of them receive.
    pub(crate) tuners: Vec<TunerSpec>,
    /// The wall clock as coders say it, once it is vouched for.
    pub(crate) wall: WallClock,
    /// Those of them that listen to a sink.
    pub(crate) ears: Vec<EarSpec>,
    /// Lines, one worker each; boards with an address of their own have one that is named `board/<id>`.
    pub(crate) lines: Vec<LineSpec>,
    /// Switches.
    pub(crate) switches: Vec<SwitchSpec>,
    /// Transmitters.
    pub(crate) transmitters: Vec<TransmitterSpec>,
    /// Zone coders.
    pub(crate) coders: Vec<CoderSpec>,
    /// Boards.
    pub(crate) boards: Vec<BoardSpec>,
    /// Sensors.
    pub(crate) sensors: Vec<SensorSpec>,
    /// The voice.
    pub(crate) speech: SpeechConfig,
    /// Who vouches for the wall clock.
    pub(crate) clock: ClockConfig,
    /// How the machine's network is set.
    pub(crate) network: NetworkConfig,
    /// Sizes of the caches.
    pub(crate) cache: CacheConfig,
    /// What is recorded, and how long it is kept.
    pub(crate) recordings: RecordingsConfig,
}

/// Who a station is.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    /// Identity given by the hub.
    pub(crate) id: String,
    /// Name of the place on screens.
    pub(crate) name: Option<String>,
    /// Province code, 2 digits.
    pub(crate) province: String,
    /// Commune code, 5 digits.
    pub(crate) commune: String,
    /// Latitude and longitude, degrees.
    pub(crate) place: Option<(f64, f64)>,
    /// Folder of what it keeps.
    pub(crate) data: PathBuf,
    /// First trust store; the file may be missing.
    pub(crate) trust: PathBuf,
    /// How long a changed configuration has to prove itself.
    pub(crate) trial: Duration,
}

/// The hub.
#[derive(Clone, Debug)]
pub(crate) struct HubConfig {
    /// Name or address.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// `None`: plain TCP, to a loopback address only.
    pub(crate) tls: Option<HubTls>,
    /// Certificate authority believed for media besides the public ones (PEM).
    pub(crate) media_ca: Option<PathBuf>,
    /// Keys of the file that the province may set.
    pub(crate) may_set: BTreeSet<String>,
}

/// Files of the session with the hub, all PEM.
#[derive(Clone, Debug)]
pub(crate) struct HubTls {
    /// Certificate authority of the hub.
    pub(crate) ca: PathBuf,
    /// Certificate of the station.
    pub(crate) cert: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

/// The listeners.
#[derive(Clone, Debug)]
pub(crate) struct WebConfig {
    /// The desk.
    pub(crate) officer: SocketAddr,
    /// How the desk is encrypted.
    pub(crate) officer_tls: OfficerTls,
    /// The public pages.
    pub(crate) citizen: SocketAddr,
    /// Health and metrics.
    pub(crate) ops: SocketAddr,
}

/// How the desk is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OfficerTls {
    /// Not at all; `officer` is a loopback address.
    Off,
    /// With a certificate the station makes itself.
    SelfSigned,
    /// With this one.
    Given {
        /// Certificate chain (PEM).
        cert: PathBuf,
        /// Private key (PEM).
        key: PathBuf,
    },
}

/// A sound card with the sinks on it, a recorder, or a network stream.
#[derive(Clone, Debug)]
pub(crate) struct SoundSpec {
    /// Its line: `sound/<device>`, `recorder/<sink>` or `rtp/<sink>`.
    pub(crate) line: LineId,
    /// What it is.
    pub(crate) config: SoundConfig,
}

/// The tuner of an input.
#[derive(Clone, Debug)]
pub(crate) struct TunerSpec {
    /// Which input.
    pub(crate) input: InputId,
    /// The line its groups come on, which no device shares.
    pub(crate) line: LineId,
    /// What it should receive.
    pub(crate) station: drivers::tuner::Station,
    /// The time it says is believed.
    pub(crate) vouches: bool,
}

/// An input that listens to a sink.
#[derive(Clone, Debug)]
pub(crate) struct EarSpec {
    /// Which input.
    pub(crate) input: InputId,
    /// To which sink.
    pub(crate) sink: SinkId,
    /// What by.
    pub(crate) kind: EarKind,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct LineSpec {
    /// Its name.
    pub(crate) id: LineId,
    /// Where it leads.
    pub(crate) config: LineConfig,
    /// How its characters look, and whether it is recorded.
    pub(crate) options: LineOptions,
}

/// A switch.
#[derive(Clone, Debug)]
pub(crate) struct SwitchSpec {
    /// Its name.
    pub(crate) id: SwitchId,
    /// The line it is on.
    pub(crate) line: LineId,
    /// Where its own line leads; `None`: it is on a declared one.
    pub(crate) own: Option<LineConfig>,
    /// What it is.
    pub(crate) config: SwitchConfig,
}

/// A transmitter.
#[derive(Clone, Debug)]
pub(crate) struct TransmitterSpec {
    /// Its name.
    pub(crate) id: TransmitterId,
    /// The line it is on.
    pub(crate) line: LineId,
    /// What it is, and what its licence allows.
    pub(crate) config: ExciterConfig,
}

/// A zone coder.
#[derive(Clone, Debug)]
pub(crate) struct CoderSpec {
    /// The transmitter it codes.
    pub(crate) transmitter: TransmitterId,
    /// The line it is on.
    pub(crate) line: LineId,
    /// What it and its receivers need.
    pub(crate) config: CoderConfig,
}

/// A board.
#[derive(Clone, Debug)]
pub(crate) struct BoardSpec {
    /// Its name.
    pub(crate) id: BoardId,
    /// The line it is on, which is among [`Config::lines`].
    pub(crate) line: LineId,
    /// Where its own line leads; `None`: it is on a declared one.
    pub(crate) own: Option<LineConfig>,
    /// The switch of its power, where it has one.
    pub(crate) power: Option<SwitchId>,
    /// What it is painted with; `None`: the letters of the box.
    pub(crate) fonts: Option<Fonts>,
    /// What it is.
    pub(crate) config: BoardConfig,
}

/// A sensor.
#[derive(Clone, Debug)]
pub(crate) struct SensorSpec {
    /// Its name.
    pub(crate) id: SensorId,
    /// The line it is on, which is among [`Config::lines`].
    pub(crate) line: LineId,
    /// Where its own line leads; `None`: it is on a declared one.
    pub(crate) own: Option<LineConfig>,
    /// What it is.
    pub(crate) config: SensorConfig,
    /// It vouches for the wall clock.
    pub(crate) vouches: bool,
}

/// The voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpeechConfig {
    /// Programs that are tried first, in this order.
    pub(crate) engines: Vec<EngineConfig>,
    /// Program that speaks where none of them does: espeak-ng.
    pub(crate) command: String,
    /// Its voice by language, in lower case.
    pub(crate) voices: BTreeMap<String, String>,
    /// Its speed.
    pub(crate) words_per_minute: u16,
}

/// A program that speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineConfig {
    /// Its name in the log.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// Languages it speaks, in lower case.
    pub(crate) languages: Vec<String>,
    /// Memory it may take, MiB.
    pub(crate) memory_mb: u32,
}

/// Who vouches for the wall clock besides NTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClockConfig {
    /// A clock chip with a battery.
    pub(crate) battery_rtc: bool,
    /// Whoever runs the machine.
    pub(crate) vouched: bool,
}

/// Sizes of the caches, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheConfig {
    /// Media of the hub.
    pub(crate) clips_bytes: u64,
    /// Films of lessons, beside them.
    pub(crate) lessons_bytes: u64,
    /// Spoken texts.
    pub(crate) speech_bytes: u64,
    /// How long the office keeps what is done with.
    pub(crate) keep: web_ui::Keep,
}

/// What is recorded of what leaves the sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordingsConfig {
    /// How; `None`: nothing is.
    pub(crate) codec: Option<Codec>,
    /// How long a recording is kept, days.
    pub(crate) days: u32,
    /// How much disk all may take, bytes.
    pub(crate) limit_bytes: u64,
}

/// Reads a configuration file; warnings come with the station.
pub(crate) fn load(file: &Path) -> Result<(Config, Vec<Problem>), Refused> {
    let text = std::fs::read_to_string(file).map_err(|e| {
        let what = format!("the configuration cannot be read: {e}");
        let remedy = "write one (`gateway example-config` prints an example), or name another with --config FILE";
        let problem = Problem { line: 0, key: String::new(), what, remedy: remedy.to_owned() };
        Refused { file: file.to_owned(), problems: vec![problem], warnings: Vec::new() }
    })?;
    let (config, problems, warnings) = read_beside(&text, file);
    match config {
        Some(config) if problems.is_empty() => Ok((config, warnings)),
        _ => Err(Refused { file: file.to_owned(), problems, warnings }),
    }
}

/// Reads a text as if it stood in that file.
pub(crate) fn read_beside(text: &str, file: &Path) -> (Option<Config>, Vec<Problem>, Vec<Problem>) {
    let dir = std::path::absolute(file).ok().and_then(|p| p.parent().map(Path::to_owned)).unwrap_or_default();
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    read(text, &Beside { dir, credentials, exists: &Path::is_file })
}

/// Reads a configuration: the station, what is wrong, what is doubtful. There is a station where nothing is wrong.
fn read(text: &str, beside: &Beside<'_>) -> (Option<Config>, Vec<Problem>, Vec<Problem>) {
    let sheet = Sheet::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let config = if errors.is_empty() {
        whole::whole(&sheet, root.get_ref(), beside)
    } else {
        let mut last = None;
        for error in errors {
            let line = error.span().map_or(0, |s| sheet.line_at(s.start));
            // The parser goes on after an error and may then stumble over the rest of the same line.
            if last.replace(line) == Some(line) {
                continue;
            }
            sheet.problem(line, "", format!("this is no TOML: {}", error.message()), "correct this line");
        }
        None
    };
    let (mut problems, warnings) = sheet.into_findings();
    if config.is_none() && problems.is_empty() {
        let what = "a value was lost in reading".to_owned();
        problems.push(Problem { line: 0, key: String::new(), what, remedy: "report this to the makers".to_owned() });
    }
    (config.filter(|_| problems.is_empty()), problems, warnings)
}
