//! The benches of boards.

use super::{ANY, alone, apart, forgetful};
use crate::device::card::Card;
use crate::device::card::cpower::Cpower;
use crate::device::card::onbon_k::OnbonK;
use crate::device::card::onbon_y::OnbonY;
use crate::device::multidrop::{Branch, Multidrop};
use crate::device::page::Page;
use crate::device::panel::Panel;
use crate::device::{Mood, Timeline};
use crate::model_bench::{Bench, Beside, Kind, Leveled, Row, Sight, Step, Subject};
use crate::scratch::Scratch;
use drivers::board::cpower_packet::Link;
use drivers::board::cpower_picture::Colours;
use drivers::board::onbon_k_area::Series;
use drivers::board::painter::Easel;
use drivers::board::pixels::Way;
use drivers::board::pixels::packet::Source;
use drivers::board::{BoardConfig, CpowerConfig, LinkLost, OnbonKConfig, OnbonYConfig, PixelConfig, Screen};
use drivers::line::{Framing, LineConfig};
use gateway_core::device::Report;
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

const TO_ITSELF: &[(Step, &str)] = &[(Step::Beside, "over the network a card has its address to itself")];
const ONE_WAY: &[(Step, &str)] = &[
    (Step::Deaf, "a controller of pixels answers nothing even when it is well"),
    (Step::Late, "a controller of pixels answers nothing that could come late"),
    (Step::Unplug, "nobody says that datagrams arrive nowhere"),
    (Step::Beside, "each panel has a sender of its own"),
];

pub(super) const ROWS: &[Row] = &[
    Row::new(Kind::Board, "huidu", huidu_pictures, TO_ITSELF).late(Duration::from_millis(2200)),
    Row::new(Kind::Board, "huidu", huidu_letters, TO_ITSELF).by("letters").late(Duration::from_millis(2200)),
    Row::new(Kind::Board, "onbon-k", onbon_6k, TO_ITSELF).late(Duration::from_millis(1700)),
    Row::new(Kind::Board, "onbon-k", onbon_5k, TO_ITSELF).by("5k").late(Duration::from_millis(1700)),
    Row::new(Kind::Board, "onbon-k", onbon_serial, &[]).by("serial line").late(Duration::from_millis(1700)),
    Row::new(Kind::Board, "onbon-y", onbon_y, TO_ITSELF).late(Duration::from_millis(2200)),
    Row::new(Kind::Board, "cpower", cpower_network, TO_ITSELF).late(Duration::from_millis(1700)),
    Row::new(Kind::Board, "cpower", cpower_serial, &[]).by("serial line").late(Duration::from_millis(1700)),
    Row::new(Kind::Board, "e131", e131, ONE_WAY),
    Row::new(Kind::Board, "artnet", artnet, ONE_WAY),
    Row::new(Kind::Board, "ddp", ddp, ONE_WAY),
    Row::new(
        Kind::Board,
        "html",
        html,
        &[
            (Step::Deaf, "a page that says nothing any more cannot be told from one that is closed: unplugged"),
            (Step::Beside, "each screen has a page of its own"),
        ],
    ),
];

const SIZE: (u16, u16) = (208, 40);
/// What the story shows.
pub const FLOOD: &str = "Nước lên nhanh.";

/// The message of the story, and dark.
fn subject(config: &BoardConfig) -> Box<dyn Subject> {
    let (level, drill, flash, qr, picture, until) = (Some(4), false, false, None, None, None);
    let message = BoardMessage { id: ShowId(4), text: FLOOD.to_owned(), level, drill, flash, qr, picture, until };
    let says =
        |report: &Report| if let Report::Board { showing, .. } = report { Some(showing.is_some()) } else { None };
    Leveled::boxed(config.driver(&Easel::default()), BoardWant::message(message), BoardWant::dark(), says)
}

fn raw(address: SocketAddr) -> LineConfig {
    LineConfig::Tcp { address: address.to_string(), framing: Framing::Rtu }
}

fn huidu_pictures(_: &Scratch) -> Bench {
    let lit = |card: &Card| card.screen_picture().is_some();
    huidu(None, lit, |card| Sight::picture(card.screen_picture()))
}

fn huidu_letters(_: &Scratch) -> Bench {
    let lit = |card: &Card| card.screen().open && card.screen().texts.iter().any(|(text, _)| text == FLOOD);
    huidu(Some("Arial"), lit, |card| Sight::Letters(card.screen().texts.into_iter().map(|(text, _)| text).collect()))
}

fn huidu(font: Option<&str>, lit: fn(&Card) -> bool, sight: fn(&Card) -> Sight) -> Bench {
    let (width, height) = SIZE;
    let card = Rc::new(Card::start(ANY, "gate", SIZE, Timeline::default()).expect("a card"));
    let config = BoardConfig::Huidu { width, height, font: font.map(str::to_owned), dark_when_lost: false };
    let forget = forgetful(Card::set_mood, |card: &Card| card.tamper(""));
    alone(raw(card.address()), subject(&config), &card, lit, forget).seen(&card, sight)
}

fn onbon_5k(_: &Scratch) -> Bench {
    onbon_k(Series::K5)
}

fn onbon_6k(_: &Scratch) -> Bench {
    onbon_k(Series::K6)
}

fn onbon_k(series: Series) -> Bench {
    let card = Rc::new(OnbonK::start(ANY, "gate", SIZE, series, Timeline::default()).expect("a card"));
    let forget = forgetful(OnbonK::set_mood, |card: &OnbonK| card.tamper(false));
    alone(raw(card.address()), onbon_screen(series, 1), &card, onbon_lit, forget).seen(&card, onbon_sight)
}

fn onbon_screen(series: Series, screen: u16) -> Box<dyn Subject> {
    let (width, height) = SIZE;
    let config = OnbonKConfig { width, height, series, screen, dual: false, dark_when_lost: false };
    subject(&BoardConfig::OnbonK(config))
}

fn onbon_lit(card: &OnbonK) -> bool {
    card.screen_text().is_some_and(|text| text.text == "Nuoc len nhanh.")
}

fn onbon_sight(card: &OnbonK) -> Sight {
    Sight::Letters(card.screen_text().map(|text| text.text).into_iter().collect())
}

fn onbon_serial(scratch: &Scratch) -> Bench {
    let cards = [1, 2].map(|screen| OnbonK::on_line("gate", screen, SIZE, Series::K6, Timeline::default()));
    let subjects = [1, 2].map(|screen| onbon_screen(Series::K6, screen));
    let (bench, first) = on_one_line(scratch, cards, subjects, onbon_lit, OnbonK::set_mood, |card| card.tamper(false));
    bench.seen(&first, onbon_sight)
}

/// Two cards with numbers on one serial line, and the first of them.
fn on_one_line<D: 'static>(
    scratch: &Scratch,
    cards: [(D, Branch); 2],
    subjects: [Box<dyn Subject>; 2],
    lit: fn(&D) -> bool,
    feel: fn(&D, Mood),
    forget: fn(&D),
) -> (Bench, Rc<D>) {
    let ([(one, to_one), (two, to_two)], [subject, second]) = (cards, subjects);
    let (port, one, felt) = (scratch.join("leds"), Rc::new(one), Rc::new(two));
    let line = Multidrop::open(&port, vec![to_one, to_two]).expect("a serial line");
    let first = Rc::clone(&one);
    let mood = move |card: &D, mood| {
        line.set_mood(mood);
        if mood == Mood::Absent {
            forget(card);
        }
    };
    let config = LineConfig::Serial { port, baud: 57_600 };
    let bench = alone(config, subject, &one, lit, mood);
    let beside =
        Beside { subject: second, far: Box::new(move || lit(&felt)), first: Box::new(move |mood| feel(&first, mood)) };
    (Bench { beside: Some(beside), ..bench }, one)
}

fn onbon_y(scratch: &Scratch) -> Bench {
    let (width, height) = SIZE;
    let card = Rc::new(OnbonY::start(ANY, "gate", SIZE, Timeline::default()).expect("a card"));
    let (address, password) = (card.address().to_string(), scratch.join("password"));
    std::fs::write(&password, "guest\n").expect("written");
    let line = apart(&address);
    let config =
        BoardConfig::OnbonY(OnbonYConfig { address, width, height, user: "guest".to_owned(), password, stored: None });
    alone(
        line,
        subject(&config),
        &card,
        |card| card.screen_picture().is_some(),
        forgetful(OnbonY::set_mood, OnbonY::cut_power),
    )
    .seen(&card, |card| Sight::picture(card.screen_picture()))
}

fn cpower_network(_: &Scratch) -> Bench {
    let link = Link::Network(0xFFFF_FFFF);
    let card = Rc::new(Cpower::start(ANY, "gate", SIZE, link, Timeline::default()).expect("a card"));
    let forget = forgetful(Cpower::set_mood, Cpower::cut_power);
    alone(raw(card.address()), cpower_card(1, link), &card, cpower_lit, forget)
        .seen(&card, |card| Sight::picture(card.screen_picture()))
}

fn cpower_serial(scratch: &Scratch) -> Bench {
    let cards = [1, 2].map(|card| Cpower::on_line("gate", card, SIZE, Timeline::default()));
    let subjects = [1, 2].map(|card| cpower_card(card, Link::Serial));
    let (bench, first) = on_one_line(scratch, cards, subjects, cpower_lit, Cpower::set_mood, Cpower::cut_power);
    bench.seen(&first, |card| Sight::picture(card.screen_picture()))
}

fn cpower_card(card: u8, link: Link) -> Box<dyn Subject> {
    let (width, height) = SIZE;
    subject(&BoardConfig::Cpower(CpowerConfig { width, height, colours: Colours::Eight, card, link }))
}

fn cpower_lit(card: &Cpower) -> bool {
    card.screen_picture().is_some()
}

fn e131(_: &Scratch) -> Bench {
    let source = Source { cid: [7; 16], name: "gateway".to_owned(), priority: 100 };
    pixels(Way::E131 { universe: 9, source })
}

fn artnet(_: &Scratch) -> Bench {
    pixels(Way::ArtNet { universe: 9 })
}

fn ddp(_: &Scratch) -> Bench {
    pixels(Way::Ddp)
}

fn pixels(way: Way) -> Bench {
    let (width, height) = SIZE;
    let panel = Rc::new(Panel::open(SIZE, 9).expect("a panel"));
    let to = Some(panel.address().expect("its address"));
    let config = BoardConfig::Pixels(PixelConfig { way, to, from: None, width, height });
    let lit = |panel: &Panel| {
        let lit = panel.lit();
        assert_eq!(panel.dropped(), 0, "every datagram is right");
        lit
    };
    alone(apart("panel"), subject(&config), &panel, lit, |_, _| {})
        .seen(&panel, |panel| Sight::picture(panel.screen_picture()))
}

fn html(_: &Scratch) -> Bench {
    let screen = Arc::new(Screen::new(LinkLost::Dark));
    let page = Rc::new(Page::open(Arc::clone(&screen)));
    let subject = subject(&BoardConfig::Html { screen });
    alone(apart("television"), subject, &page, |page| page.painted() == Some(ShowId(4)), Page::set_mood)
        .seen(&page, |_| Sight::Elsewhere("tests/tests/board_page_in_a_browser.rs"))
}
