//! Tells the local network by which name the desk is reached: `<host>.local` by multicast DNS (RFC 6762, RFC 6763).

use mdns_sd::{DaemonEvent, ServiceDaemon, ServiceInfo};
use std::net::SocketAddr;

/// What browsers and phones look for.
const DESK: &str = "_https._tcp.local.";

/// What answers for the name; it is silent once this is gone.
pub(crate) struct Nearby(ServiceDaemon);

impl Drop for Nearby {
    fn drop(&mut self) {
        // Fails only where the thread that answers has ended already.
        self.0.shutdown().ok();
    }
}

/// Answers from now on for the one of these names that is of the local network. `None` where nobody else could come (a loopback
/// address), where the machine has no such name, or where the network cannot be asked: the desk is reached by its address then.
pub(crate) fn tell(names: &[String], desk: SocketAddr) -> Option<Nearby> {
    if desk.ip().is_loopback() {
        return None;
    }
    let host = names.iter().find_map(|name| name.strip_suffix(".local"))?;
    start(host, desk)
        .inspect_err(|error| log::warn!(error:% = error; "the name of the desk cannot be told to the network"))
        .ok()
}

fn start(host: &str, desk: SocketAddr) -> Result<Nearby, mdns_sd::Error> {
    let daemon = Nearby(ServiceDaemon::new()?);
    let name = format!("{host}.local.");
    let addresses = if desk.ip().is_unspecified() { String::new() } else { desk.ip().to_string() };
    let mut service = ServiceInfo::new(DESK, host, &name, addresses.as_str(), desk.port(), None)?;
    if addresses.is_empty() {
        // Those of the machine, whichever they become.
        service = service.enable_addr_auto();
    }
    let events = daemon.0.monitor()?;
    daemon.0.register(service)?;
    std::thread::Builder::new()
        .name("nearby".to_owned())
        .spawn(move || {
            // Ends with the one that answers.
            while let Ok(event) = events.recv() {
                heard(event);
            }
        })
        .map_err(|error| mdns_sd::Error::Msg(error.to_string()))?;
    Ok(daemon)
}

fn heard(event: DaemonEvent) {
    if let DaemonEvent::NameChange(change) = event {
        // The certificate bears the machine's own name.
        log::warn!(was:% = change.original, now:% = change.new_name; "another machine of this network has this one's name: give it another");
    } else if let DaemonEvent::Error(error) = event {
        log::info!(error:% = error; "telling the network the desk's name");
    }
}
