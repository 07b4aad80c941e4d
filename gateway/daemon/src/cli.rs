//! The command line (contract §9). Exit codes: 0 done, 1 refused or failed, 2 usage.

mod board_address;
mod check;
mod find_boards;
mod judge;
mod keep;
mod line;
mod selftest;
mod wiring;

use crate::config::{self, Config};
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The gateway of a commune station: takes signed bulletins and warnings from the provincial hub and makes them heard
/// and seen on loudspeakers, the FM transmitter and LED boards.
#[derive(Parser)]
#[command(name = "gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const CONFIG: &str = "/etc/gateway/gateway.toml";

#[derive(Subcommand)]
enum Command {
    /// Run the station until SIGTERM.
    Run {
        /// Configuration file.
        #[arg(long, default_value = CONFIG)]
        config: PathBuf,
    },
    /// Check the configuration and the devices, and say what is wrong with which line.
    Check(check::Args),
    /// Print a commented configuration.
    ExampleConfig,
    /// Judge signed messages: `MESSAGE<TAB>verdict` for each, in a fresh state with a trusted clock.
    Verify(judge::Args),
    /// Look after the lines.
    Line {
        #[command(subcommand)]
        command: line::Command,
    },
    /// Look after the journal.
    Journal {
        #[command(subcommand)]
        command: JournalCommand,
    },
    /// Look after the officers.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Take an enrolment pack (not in this release).
    Enrol {
        /// The pack.
        pack: PathBuf,
    },
    /// Take the messages and media of a pack (not in this release).
    Import {
        /// The pack.
        pack: PathBuf,
    },
    /// Try every line and output: the running station tests itself, or the devices are looked at where none runs.
    Selftest(selftest::Args),
    /// Print what is connected to what, and labels for it.
    Wiring(wiring::Args),
    /// Print the address of a board that is a page, with the token that opens it, to be typed or scanned. A secret.
    BoardAddress(board_address::Args),
    /// Make a backup of everything the station is, under a passphrase.
    Backup(keep::Backup),
    /// Put a backup back, onto this box or another.
    Restore(keep::Restore),
    /// Pack what those who help from afar need to see: no personal data, no secret.
    Bundle(keep::Bundle),
    /// Ask the network which Huidu and Onbon BX-Y cards there are.
    FindBoards(find_boards::Args),
}

#[derive(Subcommand)]
enum JournalCommand {
    /// Check the hash chain from the first entry kept to the last.
    Verify {
        /// Configuration file.
        #[arg(long, default_value = CONFIG)]
        config: PathBuf,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add an officer, or give one a new role and password; the password is read from standard input.
    Add {
        /// Login name.
        name: String,
        /// officer, approver, technician or viewer.
        #[arg(long)]
        role: String,
        /// Configuration file.
        #[arg(long, default_value = CONFIG)]
        config: PathBuf,
    },
}

pub(crate) fn main() -> ExitCode {
    // clap ends with 2 on wrong usage, 0 on --help.
    let cli = Cli::parse();
    match carry_out(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("gateway: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run { config } => {
            crate::logging::start();
            if rustls::crypto::ring::default_provider().install_default().is_err() {
                anyhow::bail!("the cryptography provider was chosen twice");
            }
            crate::settings::live(&config)
        }
        Command::Check(args) => check::check(&args),
        Command::ExampleConfig => tell(&config::example()),
        Command::Verify(args) => judge::judge(&args),
        Command::Line { command: line::Command::Record(args) } => line::record(&args),
        Command::Journal { command: JournalCommand::Verify { config } } => {
            let config = load(&config)?;
            let count = crate::store::verify_chain(&config.station.data).context("the journal does not verify")?;
            tell(&format!("{count} entries, the chain holds"))
        }
        Command::User { command: UserCommand::Add { name, role, config } } => add_user(&config, &name, &role),
        Command::Selftest(args) => selftest::selftest(&args),
        Command::Wiring(args) => wiring::wiring(&args),
        Command::BoardAddress(args) => board_address::board_address(&args),
        Command::Backup(args) => keep::backup(&args),
        Command::Restore(args) => keep::restore(&args),
        Command::Bundle(args) => keep::bundle(&args),
        Command::FindBoards(args) => find_boards::find_boards(&args),
        Command::Enrol { .. } | Command::Import { .. } => {
            anyhow::bail!("this release cannot do that yet")
        }
    }
}

/// A configuration, its warnings told to the log.
pub(crate) fn load(file: &Path) -> anyhow::Result<Config> {
    let (config, warnings) = config::load(file)?;
    for warning in &warnings {
        log::warn!("{}", warning.told(file));
    }
    Ok(config)
}

fn add_user(config: &Path, name: &str, role: &str) -> anyhow::Result<()> {
    let role = web_ui::Role::parse(role)
        .with_context(|| format!("role {role:?} is none of officer, approver, technician, viewer"))?;
    let data = load(config)?.station.data;
    complain("password (10 to 128 characters): ");
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    web_ui::users::add_user(&data, name, role, password.trim_end_matches(['\r', '\n']))?;
    tell(&format!("{name} may sign in"))
}

/// A line on standard output.
fn tell(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end()).context("standard output")
}

/// A line on standard error; if even that is closed there is nobody to tell.
fn complain(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
