//! Pixels as receivers that others wrote take them: DDP by the crate ddp-rs, Art-Net by PyPI's stupidArtnet; each is the
//! picture that was painted, dot by dot.

use ddp_rs::packet::PacketRef;
use ddp_rs::protocol::ID;
use drivers::Driver as _;
use drivers::board::painter::Painter;
use drivers::board::pixels::Way;
use drivers::board::{PixelConfig, Pixels};
use drivers::line::{Line, LineConfig};
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant};
use site_tests::peer::Peer;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (96, 32);

fn message() -> BoardMessage {
    let (level, drill, flash, qr, picture, until) = (Some(3), false, false, None, None, None);
    BoardMessage { id: ShowId(5), text: "Nước lên nhanh".to_owned(), level, drill, flash, qr, picture, until }
}

fn painted() -> Vec<u8> {
    Painter::new(SIZE.0, SIZE.1).paint(&message()).pages[0].frame.pixels().as_flattened().to_vec()
}

fn shown(way: Way, to: SocketAddrV4) -> Pixels {
    let config = PixelConfig { way, to: Some(to), from: None, width: SIZE.0, height: SIZE.1 };
    let mut panel = Pixels::new(config, Painter::new(SIZE.0, SIZE.1));
    let mut line = Line::new(LineConfig::Apart { name: "panel".to_owned() });
    panel.apply(&mut line, &BoardWant::message(message())).expect("it leaves");
    panel
}

#[test]
fn ddp_is_taken_by_a_crate_that_others_wrote() {
    let wire = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    wire.set_read_timeout(Some(Duration::from_secs(10))).expect("a bound");
    let SocketAddr::V4(to) = wire.local_addr().expect("its address") else { panic!("not IPv4") };
    let _panel = shown(Way::Ddp, to);
    let (mut seen, mut sequence) = (vec![0; painted().len()], 0);
    loop {
        let mut buffer = [0; 2000];
        let count = wire.recv(&mut buffer).expect("a datagram");
        let packet = PacketRef::from_bytes(&buffer[..count]).expect("a DDP packet");
        let (kind, head) = (packet.header.packet_type, packet.header);
        assert_eq!((kind.version, head.id, usize::from(head.length)), (1, ID::Default, packet.data.len()));
        assert!(!kind.timecode && !kind.storage && !kind.reply && !kind.query);
        assert_eq!(head.sequence_number, sequence % 15 + 1);
        sequence = head.sequence_number;
        let from = usize::try_from(head.offset).expect("an offset");
        seen[from..from + packet.data.len()].copy_from_slice(packet.data);
        if kind.push {
            break;
        }
    }
    assert!(seen == painted(), "the picture is another");
}

#[test]
fn art_net_is_taken_by_a_program_that_others_wrote() {
    const FIRST: u16 = 0x0103;
    let meant = painted();
    let count = meant.len().div_ceil(510);
    let mut peer = Peer::python("art_net_receiver.py", &[&FIRST.to_string(), &count.to_string()]);
    let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, peer.ready.parse().expect("its port"));
    let _panel = shown(Way::ArtNet { universe: FIRST }, to);
    // It takes them on a thread of its own: asked again until it has all.
    let until = Instant::now() + Duration::from_secs(20);
    let hex: String = meant.iter().map(|byte| format!("{byte:02x}")).collect();
    loop {
        peer.tell("");
        let said = peer.line();
        if said.starts_with(&hex) {
            assert!(said.len() - hex.len() <= 2, "at most one slot of filling");
            return;
        }
        assert!(Instant::now() < until, "it has {} of {} digits", said.len(), hex.len());
    }
}
