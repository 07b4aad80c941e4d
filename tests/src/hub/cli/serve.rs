//! `hub serve`: the hub that stays.

use super::say;
use crate::hub::online::News;
use crate::hub::{Hub, HubOptions, MediaServer, Pki, Uplink};
use anyhow::Result;
use clap::Args;
use gateway_core::time::Wall;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

const SCREEN: usize = 4096;
const IDLE: Duration = Duration::from_secs(3600);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    desk: super::DeskArgs,
    /// Directory of media files
    #[arg(long, value_name = "DIR", default_value = "media")]
    media: PathBuf,
    /// Address the media server listens on (HTTPS, with ranges)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8444")]
    media_listen: String,
    /// Address stations reach it under, where that is another
    #[arg(long, value_name = "URL")]
    media_url: Option<String>,
    /// How long a station has after coming back to take what the broker held for it, before what it never acknowledged
    /// is sent again, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    grace: u64,
}

pub(super) fn run(args: ServeArgs) -> Result<()> {
    let pki = Pki::open(&args.desk.pki)?;
    let server = MediaServer::start(&args.media, &args.media_listen, pki.media_tls()?)?;
    if let Some(url) = &args.media_url {
        server.announce(&args.media, url)?;
    }
    let (news, screen) = sync_channel(SCREEN);
    let options = HubOptions {
        url: args.desk.broker.clone(),
        state: args.desk.state,
        client_id: "hub-serve".to_owned(),
        keeps: true,
        news: Some(news),
    };
    let hub = Hub::connect(&pki, options)?;
    say(format_args!("serving {} and {}", args.desk.broker, server.url()))?;
    watch(&hub, &pki, &screen, Duration::from_secs(args.grace))
}

fn watch(hub: &Hub, pki: &Pki, screen: &Receiver<News>, grace: Duration) -> Result<()> {
    let mut returned: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        let next = returned.values().min().map_or(IDLE, |at| at.saturating_duration_since(Instant::now()));
        match screen.recv_timeout(next) {
            Ok(News::Came(uplink)) => say(line(&uplink))?,
            Ok(News::Refused(topic, why)) => say(format_args!("{} refused {topic}: {why}", clock()))?,
            Ok(News::Presence(station, true)) => {
                say(format_args!("{} {station} is there", clock()))?;
                returned.insert(station, Instant::now() + grace);
            }
            Ok(News::Presence(station, false)) => {
                say(format_args!("{} {station} is gone", clock()))?;
                returned.remove(&station);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let now = Instant::now();
        let due: Vec<String> = returned.iter().filter(|(_, at)| **at <= now).map(|(s, _)| s.clone()).collect();
        for station in due {
            returned.remove(&station);
            match hub.backfill(&pki.place(&station)) {
                Ok(sent) => {
                    for s in sent {
                        say(format_args!("{} sent again to {station}: {} {} {}", clock(), s.kind, s.jti, s.aud))?;
                    }
                }
                Err(error) => {
                    // Tried again after another grace, if the station is still there.
                    say(format_args!("{} not sent again to {station}: {error:#}", clock()))?;
                    returned.insert(station, Instant::now() + grace);
                }
            }
        }
    }
}

fn clock() -> String {
    Wall(crate::hub::unix_ms()).rfc3339()
}

/// What an operator needs to see of an uplink; the rest is in the ledger.
fn line(uplink: &Uplink) -> String {
    const SHOWN: [&str; 9] = ["state", "version", "of", "bulletin_id", "stage", "code", "grade", "result", "message"];
    let fields = SHOWN.iter().filter_map(|name| match uplink.body.get(*name)? {
        Value::String(text) => Some(format!(" {name}={text}")),
        Value::Null | Value::Object(_) | Value::Array(_) => None,
        other @ (Value::Bool(_) | Value::Number(_)) => Some(format!(" {name}={other}")),
    });
    format!("{} {} {}{}", clock(), uplink.station, uplink.kind, fields.collect::<String>())
}
