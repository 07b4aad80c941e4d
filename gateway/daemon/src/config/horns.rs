//! What network loudspeakers of each maker expect, so that a technician need not look it up: `preset` of a sink.

use drivers::sound::rtp::{Codec, RtpConfig, Wrapper};
use gateway_core::id::SinkId;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Highest zone: presets that count ports from a first one have no more.
pub(super) const ZONES: u8 = 8;
/// Presets there are.
pub(super) const PRESETS: [&str; 6] = ["algo", "barix", "snom", "yealink", "axis", "polycom"];
/// Group and first port of Algo's nine zones as they leave the factory; the first is kept for emergencies.
const ALGO: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 2, 60), 50_000);
/// Group paging of Polycom as it leaves the factory.
const POLYCOM: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(224, 0, 1, 116), 5001);

/// Programmes of a zone where the maker prescribes no address: of the range for use within an organisation.
fn own(zone: u8, port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(239, 192, 7, zone.max(1)), port)
}

/// A sink for receivers of this maker; `None`: no such preset.
pub(super) fn preset(name: &str, sink: SinkId, zone: u8) -> Option<RtpConfig> {
    let usual = |address, emergency, codec| RtpConfig {
        emergency_address: Some(emergency),
        ..RtpConfig::new(sink.clone(), address, codec)
    };
    Some(match name {
        "algo" => {
            let at = |port| SocketAddrV4::new(ALGO.0, port);
            usual(at(ALGO.1 + u16::from(zone.clamp(1, ZONES))), at(ALGO.1), Codec::G722)
        }
        // Their lists rank addresses; where the sound comes from is for the installer to choose.
        "snom" | "yealink" => usual(own(zone, 5004), own(zone, 5006), Codec::G722),
        "barix" | "axis" => usual(own(zone, 5004), own(zone, 5006), Codec::Pcmu),
        "polycom" => RtpConfig {
            wrapper: Wrapper::Polycom {
                channel: 25 + zone.clamp(1, ZONES),
                emergency_channel: 50,
                host: 1,
                caller: "LOA".to_owned(),
            },
            ..RtpConfig::new(sink, POLYCOM, Codec::G722)
        },
        _ => return None,
    })
}
