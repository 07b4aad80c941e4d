//! What a network sink may be configured as.

use super::*;

/// A sink on the loop-back interface.
pub(super) fn config(codec: &str, address: &str) -> RtpConfig {
    let mut config =
        RtpConfig::new(SinkId::from("horns"), address.parse().expect("an address"), codec.parse().expect("a codec"));
    config.interface = Some(Interface::Address(Ipv4Addr::LOCALHOST));
    config
}

#[test]
fn what_is_usual_is_allowed() {
    for codec in ["L16/44100/1", "L16/44100/2", "L16/48000/1", "PCMU", "PCMA", "G722", "opus/48000/2"] {
        assert_eq!(config(codec, "239.192.0.1:5004").fault(), None, "{codec}");
        assert_eq!(config(codec, "192.0.2.9:5004").fault(), None, "{codec}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    let say = |change: &dyn Fn(&mut RtpConfig)| {
        let mut config = config("PCMU", "239.192.0.1:5004");
        change(&mut config);
        config.fault().unwrap_or_default()
    };
    let polycom =
        |channel, caller: &str| Wrapper::Polycom { channel, emergency_channel: 50, host: 1, caller: caller.to_owned() };
    assert!(say(&|c| c.interface = None).contains("interface"));
    assert!(say(&|c| c.address.set_port(0)).contains("port"));
    assert!(say(&|c| c.emergency_address = Some(c.address)).contains("one address"));
    assert!(say(&|c| c.packet_ms = 100).contains("not usual"));
    assert!(say(&|c| c.codec = Codec::L16 { rate: 48_000, channels: 2 }).contains("not usual"));
    assert!(say(&|c| (c.codec, c.packet_ms) = (Codec::L16 { rate: 48_000, channels: 2 }, 8)).contains("do not fit"));
    assert!(say(&|c| (c.codec, c.packet_ms) = (Codec::Opus, 10)).contains("payload type"));
    assert!(say(&|c| c.wrapper = polycom(51, "loa")).contains("1–50"));
    assert!(say(&|c| c.wrapper = polycom(26, "Loa phường Một")).contains("13 letters"));
    assert!(say(&|c| (c.wrapper, c.codec) = (polycom(26, "loa"), Codec::Pcma)).contains("PCMU or G722"));
    assert!(say(&|c| (c.wrapper, c.keep_alive) = (polycom(26, "loa"), true)).contains("never ends"));
    assert_eq!(say(&|c| c.wrapper = polycom(26, "loa phuong 1")), "");
}
