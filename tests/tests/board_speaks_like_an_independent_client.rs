//! An independent client's packets to a Huidu card are made byte for byte by ours, and taken whole by our card.

use drivers::board::huidu_packet::{Fragment, Packet, Splitter, VERSION};
use drivers::board::huidu_xml::{Area, FIRST_GUID, IF_VERSION, Program, request};
use site_tests::device::Timeline;
use site_tests::device::card::Card;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const TRANSCRIPT: &[u8] = include_bytes!("../golden/huidu_go_transcript.txt");
const GUID: &str = "11112222333344445555666677778888";

/// One packet of the transcript: its command and its bytes.
struct Sent {
    command: u16,
    bytes: Vec<u8>,
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hexadecimal")).collect()
}

/// Reads the transcript; upload packets, shown cut, are filled up with what the client is known to have sent.
fn transcript() -> Vec<Sent> {
    let mut rest = TRANSCRIPT;
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').expect("a line");
        let line = std::str::from_utf8(&rest[..end]).expect("text");
        rest = &rest[end + 1..];
        let fields: Vec<&str> = line.split(' ').collect();
        let ["C>D", command, length, head] = fields[..] else { panic!("{line}") };
        let command = u16::from_str_radix(command, 16).expect("hexadecimal");
        let length: usize = length.strip_prefix("len=").and_then(|text| text.parse().ok()).expect("a length");
        let mut bytes = hex(head);
        if command == 0x2003 {
            let document = length - bytes.len();
            bytes.extend(&rest[..document]);
            rest = &rest[document + 1..];
        }
        if command == 0x8001 {
            bytes.extend(b"g\0");
        }
        bytes.resize(length, 0);
        packets.push(Sent { command, bytes });
    }
    packets
}

fn ours(guid: &str, method: &str, body: &str) -> Vec<u8> {
    let document = request(guid, method, body);
    let parts = Fragment::parts(document.as_bytes());
    parts.into_iter().flat_map(|part| Packet::SdkAsk(part).encode().expect("fits")).collect()
}

#[test]
fn our_packets_are_the_independent_clients() {
    let sent = transcript();
    assert_eq!(sent.len(), 12);
    let program = Program {
        timestamp_ms: 1_795_279_195_439,
        guid: "e7d7a9a5-a950-4075-874c-1c5d52766e9d".into(),
        name: "thongbao".into(),
        areas: vec![Area {
            guid: "5fd8fa9f-c9bb-483e-8166-e3b7e9e96bed".into(),
            rectangle: (0, 0, 128, 64),
            text_guid: "860eba90-3686-40b9-af42-86c88f121247".into(),
            text: "Thông báo: lũ lúc 18 giờ".into(),
            single_line: false,
            background: None,
            font: "Arial".into(),
            size: 16,
            colour: "#ff0000",
            effect_in: 0,
            effect_out: 0,
            duration: 30,
        }],
    };
    let expected = [
        (0, Packet::ServiceAsk(VERSION).encode().expect("fits")),
        (1, ours(FIRST_GUID, "GetIFVersion", IF_VERSION)),
        (2, ours(GUID, "GetDeviceInfo", "")),
        (3, ours(GUID, "AddProgram", &program.body())),
        (5, ours(GUID, "CloseScreen", "")),
        (6, ours(GUID, "OpenScreen", "")),
    ];
    for (number, bytes) in expected {
        let theirs = &sent[number].bytes;
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(theirs), "packet {number}");
        assert_eq!(&bytes, theirs, "packet {number}");
    }
}

#[test]
fn our_card_takes_the_whole_of_an_independent_session() {
    let card = Card::start("127.0.0.1:0", "gate", (128, 64), Timeline::default()).expect("card");
    let mut line = TcpStream::connect(card.address()).expect("connected");
    line.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    let mut splitter = Splitter::default();
    for (number, sent) in transcript().into_iter().enumerate() {
        line.write_all(&sent.bytes).expect("sent");
        if sent.command == 0x8003 {
            continue;
        }
        let answer = loop {
            if let Some(packet) = splitter.next_packet().expect("a packet") {
                break packet;
            }
            let mut buffer = [0; 4096];
            let count = line.read(&mut buffer).expect("an answer");
            assert_ne!(count, 0, "the card hung up at packet {number}");
            splitter.push(&buffer[..count]);
        };
        match (sent.command, &answer) {
            (0x2001, Packet::ServiceAnswer(VERSION, 0)) | (0x8001, Packet::Other(0x8002, _)) => {}
            (0x8005, Packet::Other(0x8006, status)) => assert_eq!(status, &[0, 0]),
            (0x2003, Packet::SdkAnswer(part)) => {
                let text = String::from_utf8_lossy(&part.bytes);
                assert!(text.contains("result=\"kSuccess\""), "packet {number}: {text}");
            }
            other => panic!("packet {number}: {other:?}"),
        }
    }
    let screen = card.screen();
    assert!(screen.open);
    assert_eq!(screen.texts, [("Thông báo: lũ lúc 18 giờ".to_owned(), "#ff0000".to_owned())]);
    assert_eq!(card.files(), ["tb.png"]);
}
