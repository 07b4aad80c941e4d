//! `gateway board-address`: the address of a board that is a page, with its token, as text and as a code to be scanned.

use crate::config::{self, OfficerTls};
use crate::walls;
use anyhow::Context;
use drivers::board::painter::code;
use std::net::{IpAddr, UdpSocket};
use std::path::PathBuf;

/// Which board, and what the station is called from there.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The board, as the configuration names it; left out: all of them.
    name: Option<String>,
    /// Name or address of the station as the board reaches it; left out: the one it listens at.
    #[arg(long)]
    host: Option<String>,
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
}

/// Prints the address.
pub(super) fn board_address(args: &Args) -> anyhow::Result<()> {
    let (config, _) = config::load(&args.config)?;
    let known = walls::pages(&config);
    if let Some(name) = &args.name {
        anyhow::ensure!(
            known.contains(name),
            "there is no board \"{name}\" that is a page; there are: {}",
            known.join(", ")
        );
    }
    // The station makes the tokens: made here, they might belong to another user of the machine.
    let file = config.station.data.join(walls::TOKENS);
    let tokens = walls::known(&file).with_context(|| format!("reading {}", file.display()))?;
    let web = &config.web;
    let scheme = if web.officer_tls == OfficerTls::Off { "http" } else { "https" };
    let host = args.host.clone().unwrap_or_else(|| listening(web.officer.ip()));
    let mut told = String::new();
    for name in known.iter().filter(|name| args.name.as_ref().is_none_or(|wanted| wanted == *name)) {
        let token = tokens.get(name);
        let token = token.with_context(|| format!("\"{name}\" has no token yet: start the station once"))?;
        let url = format!("{scheme}://{host}:{}{}", web.officer.port(), walls::path(name, token));
        told.push_str(&format!("{url}\n\n{}\n", scanned(&code(&url).unwrap_or_default())));
    }
    super::tell(&told)
}

/// The address of this machine that others reach it by.
fn listening(bound: IpAddr) -> String {
    let found = if bound.is_unspecified() {
        // Nothing is sent: the system only says which address it would send from.
        let away = |socket: UdpSocket| socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
        UdpSocket::bind("0.0.0.0:0").and_then(away).map(|address| address.ip()).ok()
    } else {
        Some(bound)
    };
    match found {
        Some(IpAddr::V6(address)) => format!("[{address}]"),
        Some(IpAddr::V4(address)) => address.to_string(),
        None => {
            let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
            format!("{}.local", host.trim())
        }
    }
}

/// A code in characters of half a line's height, light on dark as terminals are.
fn scanned(code: &[String]) -> String {
    const QUIET: usize = 2;
    let side = code.len() + 2 * QUIET;
    let dark = |x: usize, y: usize| {
        let row = y.checked_sub(QUIET).and_then(|y| code.get(y));
        row.zip(x.checked_sub(QUIET)).and_then(|(row, x)| row.as_bytes().get(x)).is_some_and(|module| *module == b'1')
    };
    let mut out = String::new();
    for y in (0..side).step_by(2) {
        for x in 0..side {
            out.push(match (dark(x, y), dark(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            });
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_light_margin_and_every_module() {
        let code = ["11".to_owned(), "01".to_owned()];
        // Two light rows, then both rows of the code between light margins, then two light rows.
        assert_eq!(scanned(&code), "██████\n██▄ ██\n██████\n");
    }

    #[test]
    fn an_address_that_is_bound_is_the_one_that_is_told() {
        assert_eq!(listening(IpAddr::from([192, 0, 2, 7])), "192.0.2.7");
        assert_eq!(listening("2001:db8::1".parse().expect("an address")), "[2001:db8::1]");
        assert!(!listening(IpAddr::from([0, 0, 0, 0])).starts_with("0.0"));
    }
}
