//! Sound over the network: RTP to loudspeakers and telephones, RTP from others.
//!
//! Out: `outlet` (opens, looks after, announces by `sap`) → `sender` (a thread of its own: mixes on the even `grid`) →
//! `talk` (RTP, `packet`) or `page` (Polycom telephones) → `socket`. In: `socket` → `order` (by sequence number, one
//! sender) → `receive` → `pace` (the sender's clock to ours) → the ring of the play. `codec` serves both ways, `sdp`
//! describes.

use super::{Processing, invalid};
use gateway_core::id::SinkId;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

mod codec;
mod grid;
mod muster;
mod order;
mod outlet;
mod pace;
mod packet;
mod page;
mod receive;
mod sap;
mod sdp;
mod sender;
mod sip;
mod socket;
mod talk;

pub use codec::{Codec, UnknownCodec};
pub(super) use outlet::Network;
pub(super) use receive::pour;
pub use sdp::{Described, NotDescribed, Stream, read_sdp, sdp};
pub use socket::{Interface, NoInterface};

/// Payload type of a codec that has none of its own, unless told otherwise.
pub const DYNAMIC: u8 = 97;
/// Payload of a packet at most, bytes: what fits into an Ethernet frame behind the headers, with room for a tunnel.
const PAYLOAD: u32 = 1412;
/// Channels on which Polycom telephones listen: 1–25 as walkie-talkies, 26–50 as group pages.
const CHANNELS: std::ops::RangeInclusive<u8> = 1..=50;

/// A sink that sends its sound over the network.
#[derive(Clone, Debug)]
pub struct RtpConfig {
    /// Which.
    pub sink: SinkId,
    /// Where its programmes go: a group, or one receiver.
    pub address: SocketAddrV4,
    /// Where its emergencies go, so that receivers with priorities know them; `None`: where the programmes go.
    pub emergency_address: Option<SocketAddrV4>,
    /// The interface it sends from; a group must have one.
    pub interface: Option<Interface>,
    /// Routers that may pass its packets to groups on, and this network.
    pub ttl: u8,
    /// Codec.
    pub codec: Codec,
    /// Payload type.
    pub payload_type: u8,
    /// Length of a packet, milliseconds.
    pub packet_ms: u32,
    /// So long after the last sound it still sends, silence, milliseconds.
    pub hang_ms: u32,
    /// It sends always, silence too.
    pub keep_alive: bool,
    /// Its groups are announced (SAP).
    pub announce: bool,
    /// What it is called in announcements.
    pub title: String,
    /// How the sound is wrapped.
    pub wrapper: Wrapper,
    /// What it does to its sound.
    pub processing: Processing,
}

/// How sound is wrapped for the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// RTP (RFC 3550).
    Rtp,
    /// Group paging of Polycom and Spectralink telephones.
    Polycom {
        /// Channel of programmes, 1–50.
        channel: u8,
        /// Channel of emergencies, 1–50; telephones know 25 and 50 as such.
        emergency_channel: u8,
        /// Number of the caller: of two on one channel the lower is heard.
        host: u32,
        /// Its name on the telephones' displays, at most 13 ASCII letters.
        caller: String,
    },
    /// RTP in a call by SIP (RFC 3261) to a loudspeaker that answers by itself.
    Sip(Box<Dial>),
}

/// Whom a call goes to, and from whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Dial {
    /// The loudspeaker's name at its address; empty: it has none.
    pub user: String,
    /// The name that emergencies are called by, if it has another for them.
    pub emergency_user: Option<String>,
    /// Our name in the calls, and towards who asks for a password.
    pub account: String,
    /// What displays show of us.
    pub caller: String,
    /// The password, where calls are asked for one.
    pub password: Option<String>,
    /// The port of ours that is called from; `None`: any.
    pub port: Option<u16>,
    /// Name and rank of emergencies where exchanges rank calls (RFC 4412), e.g. `ets.0`.
    pub resource_priority: Option<String>,
}

impl Dial {
    /// A loudspeaker of this name.
    pub fn new(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            emergency_user: None,
            account: "gateway".to_owned(),
            caller: "Dai truyen thanh".to_owned(),
            password: None,
            port: None,
            resource_priority: None,
        }
    }

    fn fault(&self) -> Option<String> {
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+*#".contains(c));
        let names = [Some(&self.user), self.emergency_user.as_ref(), Some(&self.account)];
        if names.into_iter().flatten().any(|name| !plain(name)) || self.account.is_empty() {
            return Some("names in calls are letters without accents, digits, and - _ . + * #".into());
        }
        if self.resource_priority.as_ref().is_some_and(|rank| !plain(rank) || !rank.contains('.')) {
            return Some("a rank of calls is a name, a dot and a number, for example ets.0".into());
        }
        let shown = self.caller.chars().all(|c| c != '"' && c != '\\' && !c.is_control());
        (!shown).then(|| "what displays show of us has no quotes and no control characters".into())
    }
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password is nobody's business.
        f.debug_struct("Dial").field("user", &self.user).field("account", &self.account).finish_non_exhaustive()
    }
}

impl RtpConfig {
    /// A sink with everything as is usual for its codec.
    pub fn new(sink: SinkId, address: SocketAddrV4, codec: Codec) -> Self {
        Self {
            title: sink.to_string(),
            sink,
            address,
            emergency_address: None,
            interface: None,
            ttl: 1,
            codec,
            payload_type: codec.payload_type().unwrap_or(DYNAMIC),
            packet_ms: codec.usual_ms(),
            hang_ms: 500,
            keep_alive: false,
            announce: true,
            wrapper: Wrapper::Rtp,
            processing: Processing::default(),
        }
    }

    /// What cannot be, in words for whoever configured it; `None`: nothing.
    pub fn fault(&self) -> Option<String> {
        let groups = self.destinations().iter().any(|a| a.ip().is_multicast());
        if groups && self.interface.is_none() {
            return Some("a multicast group needs `interface`: the default route is not a choice".into());
        }
        if self.destinations().iter().any(|a| a.port() == 0 || a.ip().is_unspecified() || a.ip().is_broadcast()) {
            return Some("it needs an address and a port to send to".into());
        }
        if let [one, other] = self.claims().as_slice()
            && one == other
        {
            return Some(
                "programmes and emergencies have one address and channel, so receivers cannot tell them apart".into(),
            );
        }
        if !self.codec.allows(self.packet_ms) {
            return Some(format!("packets of {} ms are not usual with {}", self.packet_ms, self.codec));
        }
        if let Codec::L16 { channels, .. } = self.codec
            && self.codec.frames(self.packet_ms) * 2 * u32::from(channels) > PAYLOAD
        {
            return Some(format!("{} ms of {} do not fit into one packet", self.packet_ms, self.codec));
        }
        if self.payload_type > 127 || self.codec.payload_type().is_none() && self.payload_type < 96 {
            return Some(format!("{} is no payload type for {}", self.payload_type, self.codec));
        }
        if let Wrapper::Sip(dial) = &self.wrapper {
            return self.call_fault().or_else(|| dial.fault());
        }
        let Wrapper::Polycom { channel, emergency_channel, caller, .. } = &self.wrapper else { return None };
        if !matches!(self.codec, Codec::Pcmu | Codec::G722) || self.packet_ms != 20 {
            return Some("telephones are paged in PCMU or G722 with packets of 20 ms".into());
        }
        if !CHANNELS.contains(channel) || !CHANNELS.contains(emergency_channel) {
            return Some("telephones know the channels 1–50".into());
        }
        if self.keep_alive {
            return Some("a page that never ends would keep the telephones from everything else".into());
        }
        let plain = caller.len() <= page::NAME && caller.bytes().all(|b| (0x20..0x7F).contains(&b));
        (!plain).then(|| format!("telephones show a caller of at most {} letters without accents", page::NAME))
    }

    fn call_fault(&self) -> Option<String> {
        if self.address.ip().is_multicast() || self.emergency_address.is_some() {
            return Some("a call goes to one address, of one loudspeaker".into());
        }
        let spoken = matches!(self.codec, Codec::Pcmu | Codec::Pcma | Codec::G722);
        (!spoken).then(|| "calls are made in `PCMU`, `PCMA` or `G722`".into())
    }

    pub(super) fn check(&self) -> io::Result<()> {
        self.fault().map_or(Ok(()), |why| Err(invalid(format!("sink {}: {why}", self.sink))))
    }

    /// The addresses it sends to, each with the channel there (0 in RTP, which has none): no other sink may have them.
    pub fn claims(&self) -> Vec<(SocketAddrV4, u8)> {
        match self.wrapper {
            Wrapper::Rtp | Wrapper::Sip(_) => self.destinations().into_iter().map(|to| (to, 0)).collect(),
            Wrapper::Polycom { channel, emergency_channel, .. } => {
                vec![(self.address, channel), (self.emergency_address.unwrap_or(self.address), emergency_channel)]
            }
        }
    }

    fn destinations(&self) -> Vec<SocketAddrV4> {
        std::iter::once(self.address).chain(self.emergency_address).collect()
    }

    /// Which address of ours its packets carry, as far as is known now.
    fn own_address(&self) -> Ipv4Addr {
        let found = socket::reach(self.interface.as_ref(), &self.destinations()).ok().flatten();
        found.unwrap_or(match self.interface {
            Some(Interface::Address(address)) => address,
            Some(Interface::Name(_)) | None => Ipv4Addr::LOCALHOST,
        })
    }
}

/// RTP that others send, as a source of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpInput {
    /// The group, or the port of our own, that is listened to.
    pub address: SocketAddrV4,
    /// The interface a group is heard on; a group must have one.
    pub interface: Option<Interface>,
    /// Codec.
    pub codec: Codec,
    /// Payload type; `None`: the codec's own, or any dynamic one where it has none.
    pub payload_type: Option<u8>,
    /// How long a packet that comes out of order is waited for, milliseconds.
    pub jitter_ms: u32,
}

impl RtpInput {
    /// An input with everything as is usual.
    pub fn new(address: SocketAddrV4, codec: Codec) -> Self {
        Self { address, interface: None, codec, payload_type: None, jitter_ms: 60 }
    }

    /// What cannot be, in words for whoever configured it; `None`: nothing.
    pub fn fault(&self) -> Option<String> {
        if self.address.ip().is_multicast() && self.interface.is_none() {
            return Some("a multicast group needs `interface`: the default route is not a choice".into());
        }
        if self.jitter_ms > 200 {
            return Some("packets are waited for 200 ms at most: a play holds no more".into());
        }
        (self.address.port() == 0).then(|| "it needs a port to listen on".into())
    }
}

#[cfg(test)]
mod tests;
