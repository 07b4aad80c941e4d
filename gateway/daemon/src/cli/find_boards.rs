//! `gateway find-boards`: asks the network which cards there are, and prints what to write into the configuration.

use anyhow::Context;
use drivers::board::search::{PORT, search};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// Where, and how long.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Broadcast address of the boards' network, e.g. 192.168.7.255; left out: the network of the default interface.
    #[arg(long, default_value_t = SocketAddrV4::new(Ipv4Addr::BROADCAST, PORT))]
    at: SocketAddrV4,
    /// How long is waited for answers.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
}

/// Asks and prints.
pub(super) fn find_boards(args: &Args) -> anyhow::Result<()> {
    let found = search(args.at, Duration::from_secs(args.seconds)).with_context(|| format!("asking {}", args.at))?;
    anyhow::ensure!(
        !found.is_empty(),
        "no card answers at {}: Huidu and Onbon BX-Y can be found so, others not",
        args.at
    );
    for card in found {
        let name = card.name.map(|name| format!("  # {name}")).unwrap_or_default();
        super::tell(&format!("driver = \"{}\"  address = \"{}\"{name}", card.driver, card.address))?;
    }
    Ok(())
}
