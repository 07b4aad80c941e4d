//! Onbon K: the makers' own frames both ways, plain letters, the units of each series, refusals by name.

use super::{SIZE, line, message, showing, want};
use drivers::Driver;
use drivers::board::onbon_k_area::{Area, Motion, Series, clear, clock, dynamic, power};
use drivers::board::onbon_k_frame::{Frame, Splitter};
use drivers::board::{OnbonK, OnbonKConfig};
use drivers::line::Line;
use gateway_core::device::Fault;
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant};
use site_tests::device::Timeline;
use site_tests::device::card::onbon_k::OnbonK as Card;
use std::io::{Read as _, Write as _};

const GOLDEN: &str = include_str!("../../golden/onbon_vectors.txt");

fn bench(series: Series, dual: bool) -> (Card, OnbonK, Line) {
    let card = Card::start("127.0.0.1:0", "gate", SIZE, series, Timeline::default()).expect("card");
    let line = line(card.address());
    let (width, height) = SIZE;
    (card, OnbonK::new(OnbonKConfig { width, height, series, screen: 1, dual, dark_when_lost: false }), line)
}

fn golden() -> Vec<(&'static str, Vec<u8>)> {
    let hex = |text: &str| {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect()
    };
    GOLDEN.lines().filter_map(|line| line.split_once(' ')).map(|(name, bytes)| (name, hex(bytes))).collect()
}

/// What the makers' program was asked for, by the name of its frame.
fn ours(name: &str) -> Frame {
    let text = |text: &[u8]| Area {
        rectangle: (0, 0, 64, 16),
        id: 0,
        dark_after_s: None,
        text: text.to_vec(),
        speech: None,
        motion: Motion::AtOnce,
        hold: 8,
        wraps: false,
    };
    let hard = Area { rectangle: (8, 16, 96, 32), hold: 5, ..text(&[0xA5, 0xA6, 0x5A, 0x5B, 0x41]) };
    match name {
        "on" => power(1, true),
        "off" => power(1, false),
        "clear" => clear(1),
        "clock_2026-11-21T18:30:05" => clock(1, Wall::parse("2026-11-21T18:30:05+07:00").expect("a time")),
        "dyn_5k" => dynamic(1, Series::K5, &text(b"XA AN LAC"), false),
        "dyn_6k" => dynamic(1, Series::K6, &text(b"XA AN LAC"), false),
        "dyn_escape_5k" => dynamic(1, Series::K5, &hard, false),
        "dyn_escape_6k" => dynamic(1, Series::K6, &hard, false),
        "dyn_voice_6k" => {
            let speech = Some(b"CANH BAO".to_vec());
            dynamic(1, Series::K6, &Area { speech, ..text(b"CANH BAO") }, false)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_makers_frames_are_ours_both_ways() {
    let golden = golden();
    assert_eq!(golden.len(), 9);
    for (name, bytes) in golden {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let mut splitter = Splitter::default();
        splitter.push(&bytes);
        let read = splitter.next_frame().expect("whole").expect("a frame");
        if name.contains("escape") {
            // Only how the makers escape is known of these, not what their program was asked for in full.
            assert_eq!(hex(&read.encode()), hex(&bytes), "{name}");
            assert!(read.body.ends_with(&[0xA5, 0xA6, 0x5A, 0x5B, 0x41]), "{name}");
            continue;
        }
        assert_eq!(hex(&ours(name).encode()), hex(&bytes), "{name}");
        assert_eq!(read, ours(name), "{name}");
    }
}

#[test]
fn our_card_takes_the_makers_frames() {
    for series in [Series::K5, Series::K6] {
        let card = Card::start("127.0.0.1:0", "gate", (320, 64), series, Timeline::default()).expect("card");
        let mut line = std::net::TcpStream::connect(card.address()).expect("connected");
        line.set_read_timeout(Some(std::time::Duration::from_secs(10))).expect("set");
        let other = if series == Series::K5 { "6k" } else { "5k" };
        for (name, bytes) in golden() {
            if name.contains(other) || name.contains("escape") {
                continue;
            }
            line.write_all(&bytes).expect("sent");
            let mut splitter = Splitter::default();
            let answer = loop {
                if let Some(frame) = splitter.next_frame().expect("a frame") {
                    break frame;
                }
                let mut buffer = [0; 256];
                let count = line.read(&mut buffer).expect("an answer");
                splitter.push(&buffer[..count]);
            };
            assert_eq!((answer.group, answer.command, answer.flag), (0xA0, 0, 0), "{name}");
            if name.starts_with("dyn") {
                assert_eq!(card.screen_text().map(|text| text.rectangle), None, "{name}: it was switched off before");
            }
        }
        card.tamper(true);
        let text = card.screen_text().expect("lit");
        assert_eq!((text.rectangle, text.runs), ((0, 0, 64, 16), false));
    }
}

#[test]
fn letters_are_plain_and_a_long_text_runs() {
    for series in [Series::K5, Series::K6] {
        let (card, mut board, mut line) = bench(series, false);
        let short = BoardMessage { text: "Lũ về\nĐập".into(), ..message(1, None, false) };
        assert_eq!(board.apply(&mut line, &BoardWant::message(short)), showing(Some(1)));
        let text = card.screen_text().expect("lit");
        assert_eq!((text.text.as_str(), text.runs, text.rectangle), ("Lu ve Dap", false, (0, 0, 96, 32)));
        let long = BoardMessage { text: "Nước lên nhanh ".repeat(9), ..message(2, Some(4), true) };
        assert_eq!(board.apply(&mut line, &BoardWant::message(long)), showing(Some(2)));
        let text = card.screen_text().expect("lit");
        assert!(text.text.starts_with("DIEN TAP: Nuoc len nhanh") && text.runs, "{text:?}");
        assert!(card.clock().is_some());
    }
}

#[test]
fn a_message_with_an_end_goes_dark_without_the_gateway() {
    let (card, mut board, mut line) = bench(Series::K6, true);
    let until = Some(Wall::parse("2100-01-01T00:00:00Z").expect("a time"));
    let ending = BoardMessage { until, ..message(1, Some(4), false) };
    assert_eq!(board.apply(&mut line, &BoardWant::message(ending)), showing(Some(1)));
    let text = card.screen_text().expect("lit");
    assert_eq!((text.dark_after_s, text.text.get(..3)), (Some(u16::MAX), Some("\\C1")));
}

#[test]
fn a_card_that_is_to_go_dark_when_lost_has_twenty_minutes_and_no_more() {
    let card = Card::start("127.0.0.1:0", "gate", SIZE, Series::K6, Timeline::default()).expect("card");
    let mut line = line(card.address());
    let (width, height) = SIZE;
    let config = OnbonKConfig { width, height, series: Series::K6, screen: 1, dual: false, dark_when_lost: true };
    let mut board = OnbonK::new(config);
    let forever = message(1, None, false);
    let soon = BoardMessage { id: ShowId(2), until: Some(in_a_minute()), ..forever.clone() };
    let later = BoardMessage { id: ShowId(3), until: Some(in_a_minute().plus(86_400_000)), ..forever.clone() };
    for (message, within) in [(forever, 1199..=1200), (soon, 50..=60), (later, 1199..=1200)] {
        assert!(board.apply(&mut line, &BoardWant::message(message)).is_ok());
        let dark_after = card.screen_text().and_then(|text| text.dark_after_s).expect("an end");
        assert!(within.contains(&dark_after), "{dark_after} s, not {within:?}");
    }
}

fn in_a_minute() -> Wall {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Wall(i64::try_from(since.as_millis()).expect("no overflow") + 60_000)
}

#[test]
fn a_refusal_has_a_name_and_a_switched_screen_is_switched_back() {
    let (card, mut board, mut line) = bench(Series::K6, false);
    card.set_refusal(Some(12));
    let refused = board.apply(&mut line, &want(1));
    assert_eq!(refused, Err(Fault::Refused("sending a text: card says no font (12)".to_owned())));
    card.set_refusal(None);
    assert_eq!(board.apply(&mut line, &want(1)), showing(Some(1)));
    card.tamper(false);
    assert_eq!(board.apply(&mut line, &want(1)), showing(Some(1)));
    assert!(card.screen_text().is_some());
    assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
    card.tamper(true);
    assert_eq!(board.probe(&mut line), showing(None));
    assert_eq!(card.screen_text(), None);
}

/// A card on a line of several: it answers each frame, but as another screen, or to another.
fn answering(from: u16, to: u16) -> Line {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let line = line(listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut buffer = [0; 1024];
            while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                let yes = Frame { to, from, group: 0xA0, command: 0, flag: 0, body: vec![0, 0] };
                if stream.write_all(&yes.encode()).is_err() {
                    break;
                }
            }
        }
    });
    line
}

#[test]
fn the_yes_of_another_screen_or_to_another_is_not_ours() {
    let (width, height) = SIZE;
    let config = OnbonKConfig { width, height, series: Series::K6, screen: 2, dual: false, dark_when_lost: false };
    // FFFE: a card that has no number yet.
    for (from, to, ours) in
        [(2, 0x8000, true), (0xFFFE, 0x8000, true), (1, 0x8000, false), (2, 1, false), (0x8000, 2, false)]
    {
        let said = OnbonK::new(config).apply(&mut answering(from, to), &want(1));
        match said {
            Ok(_) => assert!(ours, "the yes of {from:04X} to {to:04X} was taken"),
            Err(Fault::Line(_)) => assert!(!ours, "the yes of {from:04X} to {to:04X} was not taken"),
            Err(refused) => panic!("{refused}"),
        }
    }
}
