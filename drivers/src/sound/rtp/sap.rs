//! Announces our multicast streams, so that receivers find them by name (SAP, RFC 2974).

use super::sdp::{Stream, describe};
use super::{RtpConfig, socket};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

/// Where receivers listen (RFC 2974 §3).
const PORT: u16 = 9875;
/// Between announcements.
const EVERY: Duration = Duration::from_secs(30);

/// Announces the streams of a sink, and takes that back when it ends.
pub(super) struct Crier {
    socket: UdpSocket,
    own: Ipv4Addr,
    /// Where to, and the description.
    words: Vec<(SocketAddrV4, String)>,
    next: Instant,
}

impl Crier {
    /// For the streams of this sink to groups; `None`: there is none, or it is not to be announced.
    pub(super) fn new(config: &RtpConfig, own: Ipv4Addr, now: Instant) -> std::io::Result<Option<Self>> {
        if !config.announce {
            return Ok(None);
        }
        let streams = [(Stream::Programme, Some(config.address)), (Stream::Emergency, config.emergency_address)];
        let words: Vec<_> = streams
            .into_iter()
            .filter_map(|(stream, to)| {
                let to = to.filter(|to| to.ip().is_multicast())?;
                Some((SocketAddrV4::new(directory(*to.ip()), PORT), describe(config, &config.title, stream, own)?))
            })
            .collect();
        if words.is_empty() {
            return Ok(None);
        }
        // Where the streams do not reach, nobody need hear of them: the same TTL.
        let socket = socket::sender(config.interface.as_ref(), config.ttl)?;
        Ok(Some(Self { socket, own, words, next: now }))
    }

    /// Announces what is due; says when to come again.
    pub(super) fn cry(&mut self, now: Instant) -> Instant {
        if now >= self.next {
            self.next = now + EVERY;
            self.send(false);
        }
        self.next
    }

    fn send(&self, deletion: bool) {
        for (to, words) in &self.words {
            if let Err(error) = self.socket.send_to(&message(self.own, words, deletion), to) {
                log::debug!(to:%, error:%; "an announcement was not sent");
            }
        }
    }
}

impl Drop for Crier {
    fn drop(&mut self) {
        self.send(true);
    }
}

/// Where streams to a group are announced: at the highest address of the scope it lies in (RFC 2365, RFC 2974 §3).
fn directory(group: Ipv4Addr) -> Ipv4Addr {
    match group.octets() {
        [239, 192..=195, ..] => Ipv4Addr::new(239, 195, 255, 255),
        [239, ..] => Ipv4Addr::new(239, 255, 255, 255),
        _ => Ipv4Addr::new(224, 2, 127, 254),
    }
}

/// An announcement, or the deletion of one.
fn message(own: Ipv4Addr, words: &str, deletion: bool) -> Vec<u8> {
    let hash = words.bytes().fold(0x811C_9DC5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    // Nought would say that there is no hash.
    let hash = ((hash >> 16) as u16 ^ hash as u16).max(1);
    let mut out = vec![if deletion { 0x24 } else { 0x20 }, 0];
    out.extend(hash.to_be_bytes());
    out.extend(own.octets());
    out.extend(b"application/sdp\0");
    out.extend(words.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_their_directories() {
        for (group, directory) in [
            ("239.255.1.1", "239.255.255.255"),
            ("239.10.0.1", "239.255.255.255"),
            ("239.192.0.1", "239.195.255.255"),
            ("239.195.0.1", "239.195.255.255"),
            ("224.0.2.60", "224.2.127.254"),
        ] {
            let parsed: Ipv4Addr = group.parse().expect("an address");
            assert_eq!(super::directory(parsed).to_string(), directory, "{group}");
        }
    }

    #[test]
    fn a_deletion_names_the_announcement() {
        let own = Ipv4Addr::new(192, 0, 2, 1);
        let (one, other) = (message(own, "v=0\r\n", false), message(own, "v=0\r\n", true));
        assert_eq!((one[0], other[0]), (0x20, 0x24));
        assert_eq!(one[1..], other[1..]);
        assert_eq!((&one[4..8], &one[8..24]), (&[192, 0, 2, 1][..], &b"application/sdp\0"[..]));
    }
}
