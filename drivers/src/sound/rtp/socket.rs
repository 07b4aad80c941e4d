//! UDP sockets on an interface that was chosen, never on whichever the default route names.

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};
use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::str::FromStr;

/// Expedited forwarding (RFC 3246), as sound in real time is marked (RFC 4594 §4.1).
const EXPEDITED: u32 = 46 << 2;

/// A network interface of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interface {
    /// The one that has this address.
    Address(Ipv4Addr),
    /// The one of this name, e.g. `eth0`.
    Name(String),
}

/// Neither an address nor the name of an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no IPv4 address and no name of an interface")]
pub struct NoInterface(String);

impl FromStr for Interface {
    type Err = NoInterface;

    fn from_str(text: &str) -> Result<Self, NoInterface> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        // The kernel's own rule: at most 15 bytes, no slash, no blank.
        let fits = (1..=15).contains(&text.len()) && !text.contains(|c: char| c == '/' || c.is_whitespace());
        let named = fits && !text.contains(':') && text.starts_with(|c: char| c.is_ascii_alphabetic());
        if named { Ok(Self::Name(text.to_owned())) } else { Err(NoInterface(text.to_owned())) }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(out),
            Self::Name(name) => name.fmt(out),
        }
    }
}

/// A socket to send from. Sending never waits.
pub(super) fn sender(interface: Option<&Interface>, ttl: u8) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_multicast_ttl_v4(u32::from(ttl))?;
    socket.set_multicast_loop_v4(true)?;
    socket.set_tos_v4(EXPEDITED)?;
    match interface {
        Some(Interface::Address(address)) => {
            socket.set_multicast_if_v4(address)?;
            socket.bind(&SocketAddrV4::new(*address, 0).into())?;
        }
        Some(Interface::Name(name)) => socket.bind_device(Some(name.as_bytes()))?,
        None => {}
    }
    Ok(socket.into())
}

/// Whether there is a way to these addresses, and which address of ours is used on it.
pub(super) fn reach(interface: Option<&Interface>, to: &[SocketAddrV4]) -> io::Result<Option<Ipv4Addr>> {
    let mut own = None;
    for address in to {
        let socket = sender(interface, 1)?;
        // Sends nothing: the kernel looks for the way.
        socket.connect(address)?;
        if let std::net::SocketAddr::V4(local) = socket.local_addr()? {
            own = own.or(Some(*local.ip()));
        }
    }
    Ok(own)
}

/// A socket to receive from a group, or on a port of our own.
pub(super) fn receiver(interface: Option<&Interface>, address: SocketAddrV4) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    if !address.ip().is_multicast() {
        socket.bind(&address.into())?;
        return Ok(socket.into());
    }
    socket.set_reuse_address(true)?;
    // Otherwise a group that another program joined on this machine would be heard too.
    socket.set_multicast_all_v4(false)?;
    socket.bind(&address.into())?;
    let interface = match interface {
        Some(Interface::Address(own)) => InterfaceIndexOrAddress::Address(*own),
        Some(Interface::Name(name)) => InterfaceIndexOrAddress::Index(index(name)?),
        None => return Err(io::Error::new(io::ErrorKind::InvalidInput, "a group without an interface to hear it on")),
    };
    socket.join_multicast_v4_n(address.ip(), &interface)?;
    Ok(socket.into())
}

/// The kernel's number of an interface.
fn index(name: &str) -> io::Result<u32> {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/ifindex"))?;
    text.trim().parse().map_err(|_| io::Error::new(io::ErrorKind::NotFound, format!("no interface {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_addresses_or_names() {
        assert_eq!("192.0.2.7".parse(), Ok(Interface::Address(Ipv4Addr::new(192, 0, 2, 7))));
        assert_eq!("enp1s0.12".parse(), Ok(Interface::Name("enp1s0.12".into())));
        for bad in ["", "192.0.2", "../../x", "a b", "a-name-that-is-too-long", "fe80::1"] {
            assert!(bad.parse::<Interface>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_nobody_has_is_an_error_and_the_loop_is_not() {
        let nobody = Interface::Address(Ipv4Addr::new(192, 0, 2, 77));
        let group = SocketAddrV4::new(Ipv4Addr::new(239, 192, 0, 1), 5004);
        assert!(reach(Some(&nobody), &[group]).is_err());
        assert!(reach(Some(&Interface::Name("nothere0".into())), &[group]).is_err());
        for lo in [Interface::Address(Ipv4Addr::LOCALHOST), Interface::Name("lo".into())] {
            assert!(reach(Some(&lo), &[group]).expect("a way").is_some(), "{lo}");
        }
    }
}
