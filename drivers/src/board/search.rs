//! Looking for cards on a network: questions to all, and who answers.
//!
//! Onbon BX-Y cards answer a `searchController` call, Huidu cards a search packet; both listen at UDP port 10001.

use super::huidu_packet::VERSION;
use super::onbon_y_call::{answer, request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

/// Port that both kinds are asked at.
pub const PORT: u16 = 10_001;
/// Most cards told of; a network that answers more is no board's.
const MOST: usize = 200;
/// What a BX-Y card is asked about itself.
const ASKED: [&str; 4] = ["barcode", "pid", "ip", "subnetmask"];

/// A card that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its driver's name.
    pub driver: &'static str,
    /// Its address, with the port its driver speaks to.
    pub address: SocketAddrV4,
    /// Its barcode, where it says it.
    pub name: Option<String>,
}

/// The question to Onbon BX-Y cards.
pub fn onbon_y_question() -> Vec<u8> {
    let input: Value = ASKED.iter().map(|key| ((*key).to_owned(), json!(""))).collect::<serde_json::Map<_, _>>().into();
    request("searchController", Some(input)).into_bytes()
}

/// The question to Huidu cards: command 1001h with the version of the SDK.
pub fn huidu_question() -> Vec<u8> {
    [&8_u16.to_le_bytes()[..], &0x1001_u16.to_le_bytes(), &VERSION.to_le_bytes()].concat()
}

/// What an answer says; `None`: it is none.
pub fn read(bytes: &[u8], from: Ipv4Addr) -> Option<Found> {
    // A Huidu card's begins with its length and command 1002h; what follows is not documented.
    if let [l0, l1, 0x02, 0x10, ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*l0, *l1]));
        return (length == bytes.len()).then(|| Found {
            driver: "huidu",
            address: SocketAddrV4::new(from, PORT),
            name: None,
        });
    }
    let output = answer("searchController", bytes).ok()?;
    let text = |key: &str| {
        let found = output.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let ip = text("ip").and_then(|ip| ip.parse().ok()).unwrap_or(from);
    let plain = |name: &String| name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic());
    Some(Found { driver: "onbon-y", address: SocketAddrV4::new(ip, 80), name: text("barcode").filter(plain) })
}

/// Asks all at this address (a broadcast address as a rule), and takes what answers within this time.
///
/// # Errors
/// When nothing can be sent.
pub fn search(at: SocketAddrV4, within: Duration) -> io::Result<Vec<Found>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_broadcast(true)?;
    let until = Instant::now() + within;
    for question in [onbon_y_question(), huidu_question()] {
        socket.send_to(&question, at)?;
    }
    let (mut found, mut buffer) = (BTreeMap::new(), [0; 4096]);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || found.len() >= MOST {
            return Ok(found.into_values().collect());
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv_from(&mut buffer) {
            Ok((count, SocketAddr::V4(from))) => {
                if let Some(card) = read(buffer.get(..count).unwrap_or_default(), *from.ip()) {
                    found.insert((card.address, card.driver), card);
                }
            }
            Ok((_, SocketAddr::V6(_))) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cards that answer a question that is right, and nothing else; one that answers nonsense is among them.
    fn network(turns: usize) -> (SocketAddrV4, std::thread::JoinHandle<()>) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a bound");
        let SocketAddr::V4(at) = socket.local_addr().expect("its address") else { panic!("not IPv4") };
        let cards = std::thread::spawn(move || {
            for _ in 0..turns {
                let mut buffer = [0; 4096];
                let (count, from) = socket.recv_from(&mut buffer).expect("a question");
                let asked = &buffer[..count];
                let answers: Vec<Vec<u8>> = if asked == [8, 0, 1, 0x10, 5, 0, 0, 1] {
                    vec![vec![6, 0, 2, 0x10, 1, 2], vec![9, 0, 2, 0x10, 1, 2]]
                } else {
                    let call: Value = serde_json::from_slice(asked).expect("a call");
                    assert_eq!(call["protocol"]["name"], "YQ-COM2");
                    let function = &call["protocol"]["remotefunction"];
                    assert_eq!(function["name"], "searchController");
                    let input = function["input"].as_object().expect("what is asked");
                    assert!(input.contains_key("barcode") && input.values().all(|value| value == ""));
                    // As the makers' book prints it, and nonsense.
                    let book = r#"{"targetpid":"50","targetbarcode":"C0","remotefunction":{"name":"searchController",
                        "networkdevice":"eth0","output":{"barcode":"C0Y2001805150056","ip":"192.168.0.199"}}}"#;
                    vec![book.as_bytes().to_vec(), b"{\"remotefunction\":{\"name\":\"other\"}}".to_vec(), b"x".to_vec()]
                };
                for answer in answers {
                    socket.send_to(&answer, from).expect("answered");
                }
            }
        });
        (at, cards)
    }

    #[test]
    fn cards_of_both_makes_are_found_once_and_nonsense_is_passed_over() {
        let (at, cards) = network(2);
        let found = search(at, Duration::from_millis(700)).expect("asked");
        cards.join().expect("no panic");
        let y = SocketAddrV4::new(Ipv4Addr::new(192, 168, 0, 199), 80);
        let huidu = SocketAddrV4::new(Ipv4Addr::LOCALHOST, PORT);
        let expected = [
            Found { driver: "huidu", address: huidu, name: None },
            Found { driver: "onbon-y", address: y, name: Some("C0Y2001805150056".to_owned()) },
        ];
        assert_eq!(found, expected);
    }
}
