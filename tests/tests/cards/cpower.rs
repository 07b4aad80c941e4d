//! C-Power: the document's frames both ways, our pictures on every kind of board dot by dot, brightness, time, strangers.

use super::{NETWORK, SIZE, comes_back, line, message, showing, want};
use drivers::Driver;
use drivers::board::cpower_packet::{Link, Packet, Splitter, command};
use drivers::board::cpower_picture::{Colours, reduced};
use drivers::board::painter::Painter;
use drivers::board::{Cpower, CpowerConfig, power_data};
use drivers::line::Line;
use gateway_core::device::Fault;
use gateway_core::want::{BoardWant, Show};
use site_tests::device::card::cpower::Cpower as Card;
use site_tests::device::{Mood, Timeline};

const GOLDEN: &str = include_str!("../../golden/cpower_frames.txt");
fn bench(link: Link, colours: Colours) -> (Card, Cpower, Line) {
    let card = Card::start("127.0.0.1:0", "gate", SIZE, link, Timeline::default()).expect("card");
    let line = line(card.address());
    let (width, height) = SIZE;
    (card, Cpower::new(CpowerConfig { width, height, colours, card: 1, link }), line)
}

#[test]
fn the_documents_frames_are_ours_both_ways() {
    let ours = |name: &str| match name {
        "on" => Packet::ask(1, command::POWER, power_data(true)),
        "off" => Packet::ask(1, command::POWER, power_data(false)),
        "query" => Packet::ask(1, command::POWER, [1]),
        "text" => {
            let body = [&[0x12, 0, 0, 0, 0, 0, 3, 2, 0xFF, 0, 0][..], b"abc\0"].concat();
            Packet::call(1, &body).expect("one packet").remove(0)
        }
        other => panic!("{other}"),
    };
    let mut known = 0;
    for line in GOLDEN.lines() {
        let (name, hex) = line.split_once(' ').expect("a name and bytes");
        let bytes: Vec<u8> =
            (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hex")).collect();
        assert_eq!(ours(name).encode(Link::Serial), bytes, "{name}");
        let mut splitter = Splitter::new(Link::Serial);
        splitter.push(&bytes);
        assert_eq!(splitter.next_packet(), Ok(Some(ours(name))), "{name}");
        known += 1;
    }
    assert_eq!(known, 4);
}

#[test]
fn every_level_and_every_kind_of_board_dot_by_dot() {
    for link in [NETWORK, Link::Serial] {
        for colours in [Colours::Mono, Colours::Dual, Colours::Eight, Colours::Full] {
            let (card, mut board, mut line) = bench(link, colours);
            assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
            assert_eq!(card.screen_picture(), None);
            for (id, level) in [None, Some(1), Some(2), Some(3), Some(4), Some(5)].into_iter().enumerate() {
                let message = message(id as u64, level, id % 2 == 0);
                let want = BoardWant::message(message.clone());
                assert_eq!(board.apply(&mut line, &want), showing(Some(id as u64)));
                let painted = Painter::new(SIZE.0, SIZE.1).paint(&message);
                let page = drivers::board::picture::cut(&painted.pages[0].frame, 0, SIZE.0, SIZE.1);
                let seen = card.screen_picture().expect("lit");
                assert!(seen == reduced(&page, colours), "{link:?} {colours:?} {level:?}: {seen:?}");
            }
            assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
            assert_eq!((card.screen_picture(), card.refused()), (None, 0));
            assert_eq!(board.probe(&mut line), showing(None));
        }
    }
}

#[test]
fn brightness_goes_with_the_want_and_the_clock_is_set_once() {
    let (card, mut board, mut line) = bench(NETWORK, Colours::Eight);
    for (percent, level) in [(100, 31), (40, 13), (1, 1)] {
        let want = BoardWant { show: Show::Message(message(1, None, false)), brightness: percent };
        assert_eq!(board.apply(&mut line, &want), showing(Some(1)));
        assert_eq!(card.brightness(), [level; 24]);
    }
    assert_eq!(card.pictures(), 1, "a board that is dimmed does not blink");
    assert!(card.clock().is_some());
}

#[test]
fn a_screen_that_somebody_switches_is_put_right_and_then_called_a_fault() {
    let (card, mut board, mut line) = bench(NETWORK, Colours::Eight);
    assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)));
    card.tamper(false);
    assert_eq!(board.probe(&mut line), showing(None));
    for _ in 0..3 {
        card.tamper(false);
        assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)));
        assert!(card.screen_picture().is_some());
    }
    card.tamper(false);
    assert!(matches!(board.apply(&mut line, &want(7)), Err(Fault::Refused(_))));
    assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
    card.tamper(true);
    assert!(matches!(board.probe(&mut line), Err(Fault::Refused(_))), "lit while it should be dark");
    assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
    assert_eq!(card.screen_picture(), None);
}

#[test]
fn a_card_that_lost_its_power_shows_again() {
    let (card, mut board, mut line) = bench(NETWORK, Colours::Eight);
    assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)));
    let shown = card.screen_picture();
    card.set_mood(Mood::Absent);
    card.cut_power();
    assert!(matches!(board.apply(&mut line, &want(7)), Err(Fault::Line(_))));
    card.set_mood(Mood::Well);
    assert!(comes_back(&mut board, &mut line, &want(7), Some(7)));
    assert_eq!(card.screen_picture(), shown);
}

#[test]
fn firmware_that_does_not_mark_its_answers_is_understood() {
    for link in [NETWORK, Link::Serial] {
        let (card, mut board, mut line) = bench(link, Colours::Eight);
        card.make_old();
        assert_eq!(board.apply(&mut line, &want(3)), showing(Some(3)));
        assert!(card.screen_picture().is_some());
    }
}

#[test]
fn a_picture_of_more_packets_than_can_be_numbered_is_never_begun() {
    let size = (320, 160);
    let card = Card::start("127.0.0.1:0", "gate", size, NETWORK, Timeline::default()).expect("card");
    let mut line = line(card.address());
    for (height, fits) in [(160, false), (133, true)] {
        let config = CpowerConfig { width: 320, height, colours: Colours::Full, card: 1, link: NETWORK };
        assert_eq!(config.picture_bytes().is_ok(), fits);
    }
    let config = CpowerConfig { width: 320, height: 160, colours: Colours::Full, card: 1, link: NETWORK };
    let refused = Cpower::new(config).apply(&mut line, &want(1));
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("more than one call takes")), "{refused:?}");
    assert_eq!((card.pictures(), card.refused()), (0, 0), "not a packet of it");
}
