//! The command line of `hub`.

mod compose;
mod publish;
mod serve;
mod sign;
mod trial;

use super::audience::Place;
use super::{Audience, Hub, HubOptions, Pki, broker_config, pack};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::fmt::Display;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The reference hub: plays the province towards commune loudspeaker stations.
///
/// First time: `hub pki --out pki --station TN-25459-01 --province 80 --commune 25459`, then
/// `hub broker-config --pki pki --port 8883 > mosquitto.conf`, `mosquitto -c mosquitto.conf`, `hub serve`, and from
/// another terminal `hub test --station TN-25459-01`.
///
/// Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "hub", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make certificates and signing keys, or add a station to those there are
    Pki(PkiArgs),
    /// Print a mosquitto configuration with TLS, client certificates and an access list
    BrokerConfig(BrokerArgs),
    /// Sign a message, or many, without sending
    Sign(sign::SignArgs),
    /// Sign a message and send it
    Publish(publish::PublishArgs),
    /// Serve media, keep what stations send, and send again what one missed
    Serve(serve::ServeArgs),
    /// Send a station again what it never acknowledged
    Backfill(BackfillArgs),
    /// Try a station from end to end, in silence, and print each rung of the ladder
    Test(trial::TestArgs),
    /// Write signed messages and their media into a pack for a USB stick
    Pack(PackArgs),
}

#[derive(Debug, Args)]
struct PkiArgs {
    /// Directory; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "pki")]
    out: PathBuf,
    /// Station to make a client certificate for
    #[arg(long, value_name = "ID")]
    station: Option<String>,
    /// Its province, 2 digits; without, it may listen to every province
    #[arg(long, value_name = "PP", requires = "station")]
    province: Option<String>,
    /// Its commune, 5 digits; without, it may listen to every commune
    #[arg(long, value_name = "CCCCC", requires = "station")]
    commune: Option<String>,
    /// Names or addresses of the broker and media server, beside localhost and 127.0.0.1
    #[arg(long, value_name = "HOST")]
    broker_host: Vec<String>,
}

#[derive(Debug, Args)]
struct BrokerArgs {
    /// Directory made by `hub pki`
    #[arg(long, value_name = "DIR", default_value = "pki")]
    pki: PathBuf,
    /// Port to listen on
    #[arg(long, default_value_t = 8883)]
    port: u16,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: String,
    /// Directory where the broker keeps sessions and queued messages; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "broker")]
    store: PathBuf,
    /// Account the broker runs under when started as root; it must be able to read the keys
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

#[derive(Debug, Args)]
struct BackfillArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Station
    #[arg(long, value_name = "ID")]
    station: String,
}

#[derive(Debug, Args)]
struct PackArgs {
    /// File to write, `*.ttcs`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Directory of the media the messages name
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// Signed messages, in the order they are to be taken
    #[arg(required = true, value_name = "MESSAGE")]
    messages: Vec<PathBuf>,
}

/// Where keys, broker and ledger are.
#[derive(Debug, Args)]
struct DeskArgs {
    /// Directory made by `hub pki`
    #[arg(long, global = true, value_name = "DIR", default_value = "pki")]
    pki: PathBuf,
    /// The broker: mqtts://host:port, or mqtt:// to a loopback address
    #[arg(long, global = true, value_name = "URL", default_value = "mqtts://localhost:8883")]
    broker: String,
    /// Directory of what was sent and what came up; the same for every command of one hub
    #[arg(long, global = true, value_name = "DIR", default_value = "state")]
    state: PathBuf,
}

impl DeskArgs {
    fn open(&self) -> Result<(Pki, Hub)> {
        let pki = Pki::open(&self.pki)?;
        let hub = Hub::connect(&pki, HubOptions::passing(&self.broker, &self.state))?;
        Ok((pki, hub))
    }
}

/// Does what the command line says; whether the answer was yes.
pub fn run(cli: Cli) -> Result<bool> {
    match cli.command {
        Command::Pki(args) => make_pki(args).map(|()| true),
        Command::BrokerConfig(args) => print_broker_config(&args).map(|()| true),
        Command::Sign(args) => sign::run(&args).map(|()| true),
        Command::Publish(args) => publish::run(&args),
        Command::Serve(args) => serve::run(args).map(|()| true),
        Command::Backfill(args) => backfill(&args).map(|()| true),
        Command::Test(args) => trial::run(&args),
        Command::Pack(args) => make_pack(&args).map(|()| true),
    }
}

fn make_pki(args: PkiArgs) -> Result<()> {
    let pki = if args.out.join("ca.pem").exists() {
        anyhow::ensure!(args.broker_host.is_empty(), "--broker-host counts only when the PKI is made");
        Pki::open(&args.out)?
    } else {
        let pki = Pki::create(&args.out, &args.broker_host)?;
        say(format_args!("{}: authority, broker, media server, hub, four signing keys", args.out.display()))?;
        pki
    };
    if let Some(station) = args.station {
        // Codes are checked as audiences, so that both are written the same way.
        let codes = [args.province.as_ref().map(|p| format!("p:{p}")), args.commune.as_ref().map(|c| format!("c:{c}"))];
        for code in codes.into_iter().flatten() {
            code.parse::<Audience>()?;
        }
        let place = Place { station, province: args.province, commune: args.commune };
        pki.add_station(&place)?;
        say(format_args!("{}: for the station's configuration", pki.station_dir(&place.station).display()))?;
    }
    Ok(())
}

fn print_broker_config(args: &BrokerArgs) -> Result<()> {
    let pki = Pki::open(&args.pki)?;
    fs::create_dir_all(&args.store).with_context(|| format!("making {}", args.store.display()))?;
    let store = fs::canonicalize(&args.store)?;
    let user = match &args.user {
        Some(user) => user.clone(),
        None => crate::broker::account()?,
    };
    say(broker_config::with_tls(&pki, &args.listen, args.port, &store, &user).trim_end())
}

fn backfill(args: &BackfillArgs) -> Result<()> {
    let (pki, hub) = args.desk.open()?;
    for sent in hub.backfill(&pki.place(&args.station))? {
        say(format_args!("{}\t{}\t{}", sent.jti, sent.kind, sent.aud))?;
    }
    Ok(())
}

fn make_pack(args: &PackArgs) -> Result<()> {
    let messages = args.messages.iter().map(|p| read_text(p)).collect::<Result<Vec<_>>>()?;
    let mut file = fs::File::create(&args.out).with_context(|| format!("making {}", args.out.display()))?;
    pack::write(&mut file, &messages, args.media.as_deref())?;
    file.sync_all().with_context(|| format!("writing {}", args.out.display()))
}

/// One line on standard output.
fn say(line: impl Display) -> Result<()> {
    writeln!(io::stdout().lock(), "{line}").context("writing to standard output")
}

/// A file, or standard input for `-`; 4 MiB at most.
fn read_text(path: &Path) -> Result<String> {
    const MOST: u64 = 4 * 1024 * 1024;
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        let file = fs::File::open(path).with_context(|| format!("reading {}", path.display()))?;
        file.take(MOST).read_to_string(&mut text)
    };
    read.with_context(|| format!("reading {}", path.display()))?;
    Ok(text)
}
