//! `hub publish`: signs a message and sends it.

use super::compose::{AlertArgs, BulletinArgs, ProgrammeArgs, RecallArgs};
use super::sign::audience;
use super::{DeskArgs, read_text, say};
use crate::hub::{Audience, Ladder, Pki, Signing, envelope, unix_ms};
use anyhow::{Context, Result, bail};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// A told time is wrong soon after it was told, seconds.
const TIME_LIFE_S: i64 = 60;

#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// For whom: all, p:PP, c:CCCCC, g:STATION
    #[arg(long, value_parser = audience, global = true)]
    aud: Option<Audience>,
    /// Name of the key to sign with; without, the one with least power that may send this
    #[arg(long, value_name = "KID", global = true)]
    key: Option<String>,
    /// How long the message is good, seconds; without, 7 days
    #[arg(long, value_name = "SECONDS", global = true)]
    life: Option<i64>,
    /// Print the signed message instead of sending it
    #[arg(long, global = true)]
    print: bool,
    /// Wait until this station's ladder has reached the stage of --stage, or closed; exit 1 if it closed before
    #[arg(long, value_name = "STATION", global = true)]
    wait: Option<String>,
    /// Stage to wait for: received, accepted, ready, keyed, audible, done …
    #[arg(long, default_value = "done", requires = "wait", global = true)]
    stage: String,
    /// How long to wait, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, global = true)]
    timeout: u64,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A bulletin: a text to speak, a file to play, or both
    Bulletin(Box<BulletinArgs>),
    /// Call a bulletin back
    Recall(RecallArgs),
    /// A CAP 1.2 alert, from a file or made from options
    Alert(Box<AlertArgs>),
    /// A programme for the programme book
    Programme(Box<ProgrammeArgs>),
    /// A new trust store, signed by the root key
    Trust {
        /// Trust store; without, the one of --pki
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// The time, by the clock of this machine
    Time,
    /// Any other kind, with its body as JSON
    Raw {
        /// Kind, e.g. live, board, survey, config, update
        kind: String,
        /// JSON body, - for standard input
        #[arg(long, value_name = "FILE")]
        body: PathBuf,
    },
    /// Messages signed before, each to the audience it names
    Signed {
        /// Files
        #[arg(required = true, value_name = "MESSAGE")]
        files: Vec<PathBuf>,
    },
}

pub(super) fn run(args: &PublishArgs) -> Result<bool> {
    if let What::Signed { files } = &args.what {
        return send(args, &files.iter().map(|f| read_text(f)).collect::<Result<Vec<_>>>()?);
    }
    let Some(aud) = args.aud.clone() else {
        // An argument of every subcommand cannot be a required one; a default would be a mistake waiting for its day.
        let why = "--aud is missing: say for whom the message is";
        return Err(super::Cli::command().error(ErrorKind::MissingRequiredArgument, why).into());
    };
    let mut note = None;
    let mut with_note = |(body, said): (Value, String)| {
        note = Some(said);
        body
    };
    let (kind, body) = match &args.what {
        What::Bulletin(a) => ("bulletin", with_note(a.body()?)),
        What::Recall(a) => ("recall", a.body()),
        What::Alert(a) => ("alert", with_note(a.body(&aud)?)),
        What::Programme(a) => ("programme", a.body()?),
        What::Trust { file } => {
            let path = file.clone().unwrap_or_else(|| args.desk.pki.join("trust.json"));
            ("trust", serde_json::from_str(&read_text(&path)?).context("the trust store is not JSON")?)
        }
        What::Time => ("time", json!({"unix_ms": unix_ms()})),
        What::Raw { kind, body } => {
            (kind.as_str(), serde_json::from_str(&read_text(body)?).context("the body is not JSON")?)
        }
        What::Signed { .. } => bail!("signed messages have a body already"),
    };
    let jws = sign(args, &aud, kind, &body)?;
    if args.print {
        return say(jws).map(|()| true);
    }
    if let Some(note) = note {
        say(note)?;
    }
    send(args, &[jws])
}

fn sign(args: &PublishArgs, aud: &Audience, kind: &str, body: &Value) -> Result<String> {
    let keyring = Pki::open(&args.desk.pki)?.keyring()?;
    let urgent = body.get("priority").and_then(Value::as_str) == Some("emergency");
    let key = match &args.key {
        Some(kid) => keyring.get(kid)?,
        None => keyring.for_kind(kind, urgent)?,
    };
    let mut signing = Signing::to(aud);
    match args.life {
        Some(life) => signing.exp = signing.iat + life,
        None if kind == "time" => signing.exp = signing.iat + TIME_LIFE_S,
        None => {}
    }
    Ok(envelope::sign(kind, body, key, &signing))
}

fn send(args: &PublishArgs, messages: &[String]) -> Result<bool> {
    let (_, hub) = args.desk.open()?;
    let mut all_well = true;
    for jws in messages {
        let claims = hub.publish(jws)?;
        say(format_args!("{}\t{}\t{}", claims.jti, claims.kind, claims.aud))?;
        let Some(station) = &args.wait else { continue };
        if let Ok(aud @ Audience::Station(_)) = claims.aud.parse::<Audience>()
            && aud != Audience::Station(station.clone())
        {
            bail!("{station} will not answer a message for {aud}");
        }
        let ladder = hub.wait_for(Duration::from_secs(args.timeout), &args.stage, |uplinks| {
            let ladder = Ladder::of(uplinks, station, &claims.jti);
            (ladder.rung(&args.stage).is_some() || ladder.closing().is_some()).then_some(ladder)
        })?;
        say(ladder.stages().join(" → "))?;
        all_well &= ladder.rung(&args.stage).is_some();
    }
    Ok(all_well)
}
