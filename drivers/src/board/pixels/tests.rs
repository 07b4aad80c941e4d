//! What leaves for a panel, taken at the wire.

use super::*;
use crate::line::LineConfig;
use gateway_core::want::BoardMessage;

fn message(text: &str) -> BoardMessage {
    BoardMessage {
        id: ShowId(9),
        text: text.to_owned(),
        level: Some(2),
        drill: false,
        flash: false,
        qr: None,
        picture: None,
        until: None,
    }
}

fn panel(way: Way) -> (Pixels, UdpSocket) {
    let wire = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    wire.set_read_timeout(Some(Duration::from_secs(5))).expect("a bound");
    let std::net::SocketAddr::V4(to) = wire.local_addr().expect("its address") else { panic!("not IPv4") };
    let config = PixelConfig { way, to: Some(to), from: Some(Ipv4Addr::LOCALHOST), width: 96, height: 16 };
    (Pixels::new(config, Painter::new(96, 16)), wire)
}

fn taken(wire: &UdpSocket) -> Vec<u8> {
    let mut buffer = [0; 2000];
    let count = wire.recv(&mut buffer).expect("a datagram");
    buffer[..count].to_vec()
}

#[test]
fn ddp_carries_the_page_pixel_by_pixel_and_the_brightness() {
    let (mut driver, wire) = panel(Way::Ddp);
    let mut line = Line::new(LineConfig::Apart { name: "panel".to_owned() });
    let news = message("Họp dân");
    let want = BoardWant { show: Show::Message(news.clone()), brightness: 50 };
    let report = driver.apply(&mut line, &want);
    assert_eq!(report, Ok(Report::Board { showing: Some(ShowId(9)), grade: Grade::Sent }));
    let page = Painter::new(96, 16).paint(&news).pages.remove(0).frame.dimmed(50);
    let mut seen = vec![0; 96 * 16 * 3];
    loop {
        let part = taken(&wire);
        let offset = u32::from_be_bytes([part[4], part[5], part[6], part[7]]) as usize;
        seen[offset..offset + part.len() - 10].copy_from_slice(&part[10..]);
        if part[0] & 1 == 1 {
            break;
        }
    }
    assert_eq!(seen, page.pixels().iter().flatten().copied().collect::<Vec<_>>());
    assert!(seen.iter().all(|value| *value <= 128) && seen.contains(&128));
}

#[test]
fn a_universe_ends_when_the_panel_goes_dark() {
    let source = Source { cid: [3; 16], name: "trạm".to_owned(), priority: 120 };
    let (mut driver, wire) = panel(Way::E131 { universe: 4, source });
    let mut line = Line::new(LineConfig::Apart { name: "panel".to_owned() });
    let dark = driver.apply(&mut line, &BoardWant::dark());
    assert_eq!(dark, Ok(Report::Board { showing: None, grade: Grade::Sent }));
    // 1536 pixels: nine universes of 170 and one of 6, each once black and once ended.
    let packets: Vec<_> = (0..20).map(|_| taken(&wire)).collect();
    let universes: Vec<u8> = packets.iter().map(|p| p[114]).collect();
    assert_eq!(universes, (4..14).flat_map(|u| [u, u]).collect::<Vec<u8>>());
    assert!(packets.chunks(2).all(|pair| pair[0][112] == 0 && pair[1][112] == 0x40));
    assert!(packets.iter().all(|p| p[126..].iter().all(|slot| *slot == 0)));
    assert_eq!(packets[18].len(), 126 + 18);
}

#[test]
fn art_net_counts_from_one_to_255_and_fills_up_pairs() {
    let (mut driver, wire) = panel(Way::ArtNet { universe: 0x0102 });
    let mut line = Line::new(LineConfig::Apart { name: "panel".to_owned() });
    assert!(driver.apply(&mut line, &BoardWant::dark()).is_ok());
    let packets: Vec<_> = (0..10).map(|_| taken(&wire)).collect();
    assert!(packets.iter().all(|p| p.starts_with(b"Art-Net\0\0\x50\0\x0E\x01\0")), "{:?}", packets[0]);
    let universes: Vec<u16> = packets.iter().map(|p| u16::from_le_bytes([p[14], p[15]])).collect();
    assert_eq!(universes, (0x0102..0x010C).collect::<Vec<u16>>());
    assert_eq!((packets[0].len(), packets[9].len(), &packets[9][16..18]), (528, 36, &[0, 18][..]));
    assert_eq!(packet::art_net(0, 1, &[7; 3]), [&b"Art-Net\0\0\x50\0\x0E\x01\0\0\0\0\x04"[..], &[7, 7, 7, 0]].concat());
}

/// Prints what PyPI's sacn makes of a datagram given in hex.
const PEER: &str = "
import sys
from sacn.messages.data_packet import DataPacket
p = DataPacket.make_data_packet(bytes.fromhex(sys.argv[1]))
print(p.cid[0], p.sourceName, p.priority, p.sequence, p.universe, int(p.option_StreamTerminated), p.dmxStartCode)
print(bytes(p.dmxData).hex())
";

#[test]
fn an_independent_receiver_reads_the_same_universe() {
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/venv/bin/python");
    let source = Source { cid: [3; 16], name: "tram".to_owned(), priority: 120 };
    let slots: Vec<u8> = (0..510).map(|i| (i % 251) as u8).collect();
    let hex: String = e131(&source, 513, 77, &slots, true).iter().map(|byte| format!("{byte:02x}")).collect();
    let output = std::process::Command::new(python).args(["-c", PEER, &hex]).output().expect("run scripts/setup");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected: String = slots.iter().chain(&[0, 0]).map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines, ["3 tram 120 77 513 1 0", expected.as_str()], "{}", String::from_utf8_lossy(&output.stderr));
}
