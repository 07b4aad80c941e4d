//! A call to a loudspeaker by SIP (RFC 3261, over UDP): it is asked to answer by itself, hears the sound, and is hung up
//! on. `message` reads and writes; `dialog` knows what is to be said when; this file does it on a socket.

use super::page::Turn;
use super::talk::Talk;
use super::{Dial, RtpConfig, socket};
use dialog::{Dialog, Step};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

mod dialog;
mod message;

/// A datagram of SIP at most, bytes.
const DATAGRAM: usize = 8192;
/// Datagrams that are read in one turn.
const READ: usize = 16;
/// Looked at so often while an answer is waited for.
const SOON: Duration = Duration::from_millis(10);

/// The loudspeaker said no; as opposed to a way that is lost.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub(super) String);

/// Calls to one address.
pub(super) struct Call {
    dialog: Dialog,
    socket: UdpSocket,
    /// Where SIP goes to.
    peer: SocketAddrV4,
    talk: Talk,
    buffer: Box<[u8; DATAGRAM]>,
}

impl Call {
    /// Calls that are signalled to `peer`; the sound leaves by a socket that has the port `media` of ours.
    pub(super) fn new(
        config: &RtpConfig,
        dial: &Dial,
        peer: SocketAddrV4,
        urgent: bool,
        media: u16,
    ) -> io::Result<Self> {
        let own = socket::reach(config.interface.as_ref(), &[peer])?.unwrap_or(Ipv4Addr::LOCALHOST);
        let signals = UdpSocket::bind(SocketAddrV4::new(own, dial.port.unwrap_or(0)))?;
        signals.set_nonblocking(true)?;
        let port = signals.local_addr()?.port();
        let talk = Talk::new(peer, config.codec, config.payload_type).map_err(io::Error::other)?;
        let dialog = Dialog::new(config, dial, peer, urgent, SocketAddrV4::new(own, port), media);
        Ok(Self { dialog, socket: signals, peer, talk, buffer: Box::new([0; DATAGRAM]) })
    }

    /// The loudspeaker has answered something since it was opened.
    pub(super) fn is_there(&self) -> bool {
        self.dialog.is_there()
    }

    /// Where the sound goes to, while a call stands.
    pub(super) fn to(&self) -> SocketAddrV4 {
        self.talk.to
    }

    /// Goes on at `now`; `urgent`: what is to be heard is an emergency.
    pub(super) fn turn(&mut self, wanted: bool, urgent: bool, now: Instant) -> io::Result<Turn> {
        for _ in 0..READ {
            match self.socket.recv_from(self.buffer.as_mut_slice()) {
                Ok((n, from)) => {
                    let datagram = self.buffer.get(..n).unwrap_or_default();
                    let heard = self.dialog.hear(datagram, now);
                    for answer in self.dialog.answers() {
                        self.socket.send_to(&answer, from)?;
                    }
                    if let Err(refused) = heard {
                        self.say()?;
                        return Err(io::Error::other(refused));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Where nobody listens is found out by silence, as where nobody is.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) => return Err(error),
            }
        }
        let step = self.dialog.go_on(wanted, urgent, now);
        // What is said on leaving is said all the same.
        self.say()?;
        Ok(match step? {
            Step::Still(again) => {
                self.talk.pause();
                Turn::Wait(again)
            }
            Step::Wait(again) => Turn::Wait(again.min(now + SOON)),
            Step::Speak(to) => {
                self.talk.to = to;
                Turn::Speak
            }
        })
    }

    fn say(&mut self) -> io::Result<()> {
        for (to, datagram) in self.dialog.says() {
            self.socket.send_to(&datagram, to.unwrap_or(self.peer))?;
        }
        Ok(())
    }

    /// Writes the packet of these samples.
    pub(super) fn pack(&mut self, samples: &[f32], frame: u64, out: &mut Vec<u8>) -> Result<(), opus::Error> {
        self.talk.pack(samples, frame, out)
    }
}
