//! The description of a stream that a receiver needs (SDP, RFC 8866), written for ours and read of others'.

use super::{Codec, RtpConfig, RtpInput, Wrapper};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Lines of a description that are looked at.
const LINES: usize = 200;

/// Which of a sink's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Programmes, and emergencies too where those have no address of their own.
    Programme,
    /// Emergencies.
    Emergency,
}

/// The description of a stream of a sink, which ffmpeg, GStreamer and VLC open as a file; `station` becomes its title.
/// `None`: the sink has no such stream, or pages telephones, which know no descriptions.
pub fn sdp(config: &RtpConfig, station: &str, stream: Stream) -> Option<String> {
    describe(config, station, stream, config.own_address())
}

/// The same, told which address of ours it is sent from.
pub(super) fn describe(config: &RtpConfig, station: &str, stream: Stream, own: Ipv4Addr) -> Option<String> {
    let to = match (stream, &config.wrapper) {
        (_, Wrapper::Polycom { .. } | Wrapper::Sip(_)) => return None,
        (Stream::Programme, Wrapper::Rtp) => config.address,
        (Stream::Emergency, Wrapper::Rtp) => config.emergency_address?,
    };
    let title: String = station.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let title = match (title.trim(), stream) {
        ("", _) => config.sink.to_string(),
        (title, Stream::Programme) => title.to_owned(),
        (title, Stream::Emergency) => format!("{title} – khẩn cấp"),
    };
    let (codec, payload_type) = (config.codec, config.payload_type);
    let ttl = if to.ip().is_multicast() { format!("/{}", config.ttl) } else { String::new() };
    let session = fnv(format!("{} {to} {codec}", config.sink).as_bytes());
    let mut text = format!(
        "v=0\r\no=- {session} 1 IN IP4 {own}\r\ns={title}\r\nc=IN IP4 {}{ttl}\r\nt=0 0\r\na=recvonly\r\n\
         m=audio {} RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {codec}\r\na=ptime:{}\r\n",
        to.ip(),
        to.port(),
        config.packet_ms,
    );
    if codec == Codec::Opus {
        text.push_str(&format!("a=fmtp:{payload_type} sprop-stereo=0;stereo=0\r\n"));
    }
    Some(text)
}

/// FNV-1a: the same description always has the same number.
fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, b| (hash ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

/// What a description says of the first stream of sound in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Group, or the address of the receiver, and port.
    pub address: SocketAddrV4,
    /// Codec.
    pub codec: Codec,
    /// Payload type.
    pub payload_type: u8,
}

/// Why a description is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDescribed {
    /// It says nothing of sound.
    #[error("it describes no sound over RTP")]
    NoSound,
    /// It says no address.
    #[error("it names no IPv4 address and port")]
    NoAddress,
    /// None of its codecs is known.
    #[error("it names no codec that is known")]
    NoCodec,
}

/// Reads a description.
///
/// # Errors
/// It names no sound, no address or no codec that can be received.
pub fn read_sdp(text: &str) -> Result<Described, NotDescribed> {
    let (mut address, mut media, mut maps) = (None, None::<(u16, Vec<u8>)>, Vec::new());
    for line in text.lines().take(LINES) {
        let Some((kind, value)) = line.trim_end().split_once('=') else { continue };
        match kind {
            "m" if media.is_some() => break,
            "m" => {
                let mut words = value.split_whitespace();
                if words.next() != Some("audio") {
                    continue;
                }
                let port = words.next().and_then(|p| p.split('/').next()).and_then(|p| p.parse().ok());
                let types = words.skip(1).filter_map(|t| t.parse().ok()).collect();
                media = Some((port.ok_or(NotDescribed::NoAddress)?, types));
            }
            "c" => {
                let ip = value.strip_prefix("IN IP4 ").and_then(|a| a.split('/').next());
                address = ip.and_then(|a| a.trim().parse::<Ipv4Addr>().ok()).or(address);
            }
            "a" if media.is_some() => {
                let map = value.strip_prefix("rtpmap:").and_then(|m| m.split_once(' '));
                maps.extend(map.and_then(|(t, c)| Some((t.parse::<u8>().ok()?, c.trim().parse::<Codec>().ok()?))));
            }
            _ => {}
        }
    }
    let (port, types) = media.ok_or(NotDescribed::NoSound)?;
    let address = SocketAddrV4::new(address.ok_or(NotDescribed::NoAddress)?, port);
    let fixed = [
        Codec::Pcmu,
        Codec::Pcma,
        Codec::G722,
        Codec::L16 { rate: 44_100, channels: 1 },
        Codec::L16 { rate: 44_100, channels: 2 },
    ];
    let known = |t: &u8| {
        let mapped = maps.iter().find(|(map, _)| map == t).map(|(_, c)| *c);
        let codec = mapped.or_else(|| fixed.into_iter().find(|c| c.payload_type() == Some(*t)))?;
        Some(Described { address, codec, payload_type: *t })
    };
    types.iter().find_map(known).ok_or(NotDescribed::NoCodec)
}

impl Described {
    /// The input that receives it.
    pub fn input(self, interface: Option<super::Interface>) -> RtpInput {
        let Self { address, codec, payload_type } = self;
        RtpInput { interface, payload_type: Some(payload_type), ..RtpInput::new(address, codec) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::config;
    use super::*;

    #[test]
    fn what_we_describe_we_read() {
        for codec in ["L16/44100/1", "L16/44100/2", "L16/48000/1", "PCMU", "PCMA", "G722", "opus/48000/2"] {
            let config = config(codec, "239.192.0.1:5004");
            let text = sdp(&config, "Trạm xã\r\na=evil", Stream::Programme).expect("a description");
            assert!(text.contains("c=IN IP4 239.192.0.1/1\r\n") && text.contains("s=Trạm xã  a=evil\r\n"), "{text}");
            let read = read_sdp(&text).expect("it reads");
            assert_eq!((read.address, read.codec), (config.address, config.codec));
            assert_eq!(read.payload_type, config.payload_type);
            assert_eq!(sdp(&config, "", Stream::Emergency), None);
        }
    }

    #[test]
    fn others_descriptions_are_read() {
        let text = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 239.1.2.3/32\nt=0 0\nm=video 5000 RTP/AVP 96\n\
                    m=audio 5006/2 RTP/AVP 96 0\na=rtpmap:96 speex/8000\n";
        let read = read_sdp(text).expect("it reads");
        assert_eq!((read.codec, read.address.to_string()), (Codec::Pcmu, "239.1.2.3:5006".to_owned()));
        assert_eq!(read_sdp("v=0\nm=video 1 RTP/AVP 96"), Err(NotDescribed::NoSound));
        assert_eq!(read_sdp("m=audio x RTP/AVP 0"), Err(NotDescribed::NoAddress));
        assert_eq!(read_sdp("m=audio 5004 RTP/AVP 0"), Err(NotDescribed::NoAddress));
        assert_eq!(read_sdp("c=IN IP4 10.0.0.1\nm=audio 5004 RTP/AVP 14"), Err(NotDescribed::NoCodec));
    }
}
