//! `gateway backup`, `gateway restore`, `gateway bundle`: what is kept of a station, and what those who help are sent.

use crate::cabinet::{backup, bundle};
use crate::config;
use anyhow::{Context, ensure};
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// Where a backup goes.
#[derive(clap::Args)]
pub(super) struct Backup {
    /// The file to be written; the passphrase is read from standard input.
    file: PathBuf,
    /// With the keys: whoever opens it can speak as this station.
    #[arg(long)]
    keys: bool,
    /// For another box that takes this one's place: with the keys, and this one does not start again.
    #[arg(long)]
    swap: bool,
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
}

/// What is put back, and where.
#[derive(clap::Args)]
pub(super) struct Restore {
    /// The backup; its passphrase is read from standard input.
    file: PathBuf,
    /// It may be of another station than the one configured here.
    #[arg(long)]
    other_station: bool,
    /// Data folder; left out: that of the configuration, else /var/lib/gateway.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
}

/// Where a bundle goes.
#[derive(clap::Args)]
pub(super) struct Bundle {
    /// The file to be written, a .tar.gz.
    file: PathBuf,
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
}

/// Shortest passphrase, characters.
const SHORTEST: usize = 10;

fn passphrase() -> anyhow::Result<String> {
    super::complain("passphrase (10 characters or more): ");
    let mut word = String::new();
    std::io::stdin().lock().read_line(&mut word)?;
    let word = word.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(word.chars().count() >= SHORTEST, "the passphrase is shorter than {SHORTEST} characters");
    Ok(word)
}

fn runs(data: &std::path::Path) -> bool {
    std::os::unix::net::UnixStream::connect(crate::trial::socket(data)).is_ok()
}

/// Makes a backup, while the station runs or not.
pub(super) fn backup(args: &Backup) -> anyhow::Result<()> {
    let (config, _) = config::load(&args.config)?;
    let data = config.station.data.clone();
    ensure!(!args.swap || !runs(&data), "the station runs: stop it first (systemctl stop gateway)");
    let word = passphrase()?;
    let draft = args.file.with_extension("part");
    backup::make(&args.config, &config, &data, &word, args.keys || args.swap, &draft)?;
    std::fs::rename(&draft, &args.file)?;
    if args.swap {
        backup::retire(&data)?;
        super::complain("this box does not start again: the other one is the station now");
    }
    super::tell(&format!("{} written", args.file.display()))
}

/// Puts a backup back.
pub(super) fn restore(args: &Restore) -> anyhow::Result<()> {
    let configured = || config::load(&args.config).ok().map(|(config, _)| config.station.data);
    let data = args.data.clone().or_else(configured).unwrap_or_else(|| PathBuf::from("/var/lib/gateway"));
    ensure!(!runs(&data), "the station runs: stop it first (systemctl stop gateway)");
    let word = passphrase()?;
    let (manifest, kept) = backup::restore(&args.file, &word, &args.config, &data, args.other_station)?;
    for old in kept {
        super::complain(&format!("what was there is kept as {}", old.display()));
    }
    super::complain("the passphrases of accounts are those of the backup; `gateway check` says what is still missing");
    super::tell(&format!("restored: {manifest}"))
}

/// Packs what those who help need; of a station that runs its numbers too.
pub(super) fn bundle(args: &Bundle) -> anyhow::Result<()> {
    let metrics = Vec::new();
    let log = std::process::Command::new("journalctl")
        .args(["-u", "gateway", "-n", "2000", "--no-pager", "-o", "short-iso"])
        .output();
    let mut log: Vec<String> =
        log.map(|out| String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()).unwrap_or_default();
    if let Ok((config, _)) = config::load(&args.config) {
        for path in ["readyz", "metrics"] {
            let asked = ureq::get(format!("http://{}/{path}", config.web.ops))
                .config()
                .http_status_as_error(false)
                .build()
                .call();
            let text = asked.and_then(|mut answer| answer.body_mut().read_to_string());
            log.push(format!("== {path} ==\n{}", text.unwrap_or_else(|error| error.to_string())));
        }
    }
    let parts = bundle::Parts { file: &args.config, state: None, view: None, lines: Vec::new(), metrics, log };
    let packed = bundle::pack(&parts)?;
    let mut out = std::fs::File::create(&args.file).with_context(|| format!("{}", args.file.display()))?;
    out.write_all(&packed)?;
    super::tell(&format!("{} written, {} bytes", args.file.display(), packed.len()))
}
