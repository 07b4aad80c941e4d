//! `gateway verify`: what a station would make of messages, for hub vendors and their tests.

use anyhow::Context;
use clap::Args as ClapArgs;
use gateway_core::config::SiteConfig;
use gateway_core::memory::Memory;
use gateway_core::site::Site;
use gateway_core::time::{Mono, Now, Wall};
use gateway_core::verify::Keys;
use std::path::PathBuf;

/// What a message is judged by.
#[derive(ClapArgs)]
pub(super) struct Args {
    /// Trust store (contract §3).
    #[arg(long)]
    trust: PathBuf,
    /// Station identity.
    #[arg(long)]
    station: String,
    /// Province code, 2 digits.
    #[arg(long)]
    province: String,
    /// Commune code, 5 digits.
    #[arg(long)]
    commune: String,
    /// What time it is, seconds since 1970 [default: the system clock].
    #[arg(long)]
    now: Option<i64>,
    /// Files, one signed message each.
    #[arg(required = true)]
    messages: Vec<PathBuf>,
}

/// Judges each file in a fresh state with a trusted clock.
pub(super) fn judge(args: &Args) -> anyhow::Result<()> {
    let read = |file: &PathBuf| std::fs::read(file).with_context(|| format!("{}", file.display()));
    let trust: Keys =
        serde_json::from_slice(&read(&args.trust)?).with_context(|| format!("{}", args.trust.display()))?;
    let config = SiteConfig {
        station: args.station.clone(),
        province: args.province.clone(),
        commune: args.commune.clone(),
        // What a site lets the province set is its own matter: here all that any may.
        may_set: crate::config::of_hub().collect(),
        ..SiteConfig::default()
    };
    let wall = Wall::from_unix_s(args.now.unwrap_or_else(crate::stamp::unix_s));
    let now = Now { mono: Mono(0), wall: Some(wall) };
    let mut failed = Vec::new();
    for file in &args.messages {
        match read(file) {
            Ok(raw) => {
                let (site, _) = Site::new(config.clone(), Memory::default(), trust.clone(), now);
                let verdict = match site.verify(&raw, None, now) {
                    Ok(message) => site.verdict(&message, now),
                    Err(refused) => refused.verdict,
                };
                super::tell(&format!("{}\t{verdict}", file.display()))?;
            }
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("; "));
    Ok(())
}
