//! LED cards of every make: one story for all of them, and what is particular to each.

mod cpower;
mod huidu;
mod onbon_k;
mod onbon_y;

use drivers::Driver;
use drivers::board::cpower_packet::Link;
use drivers::board::cpower_picture::Colours;
use drivers::board::onbon_k_area::Series;
use drivers::board::onbon_y_bulletin::Stored;
use drivers::board::{Cpower, CpowerConfig, Huidu, OnbonK, OnbonKConfig, OnbonY, OnbonYConfig};
use drivers::line::{Framing, Line, LineConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant, Grade, Show};
use site_tests::device::{Mood, Timeline, card};
use site_tests::scratch::Scratch;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (96, 32);
const NETWORK: Link = Link::Network(0xFFFF_FFFF);
const ANY: &str = "127.0.0.1:0";

fn message(id: u64, level: Option<u8>, drill: bool) -> BoardMessage {
    let text = "Nước lên nhanh, sơ tán".to_owned();
    BoardMessage { id: ShowId(id), text, level, drill, flash: false, qr: None, picture: None, until: None }
}

fn want(id: u64) -> BoardWant {
    BoardWant::message(message(id, Some(3), false))
}

fn showing(id: Option<u64>) -> Result<Report, Fault> {
    Ok(Report::Board { showing: id.map(ShowId), grade: Grade::Electrical })
}

/// What a card is said to show, however that is known.
fn shown(report: &Result<Report, Fault>) -> Result<Option<u64>, String> {
    match report {
        Ok(Report::Board { showing, .. }) => Ok(showing.map(|ShowId(id)| id)),
        other => Err(format!("{other:?}")),
    }
}

fn line(address: std::net::SocketAddr) -> Line {
    Line::new(LineConfig::Tcp { address: address.to_string(), framing: Framing::Rtu })
}

/// A card with the driver that is meant for it.
struct Bench {
    what: &'static str,
    board: Box<dyn Driver<BoardWant>>,
    line: Line,
    card: Card,
}

enum Card {
    Huidu(card::Card),
    Cpower(card::cpower::Cpower),
    OnbonK(card::onbon_k::OnbonK),
    OnbonY(card::onbon_y::OnbonY, #[expect(dead_code, reason = "it holds the password's file")] Scratch),
}

impl Card {
    fn set_mood(&self, mood: Mood) {
        match self {
            Self::Huidu(card) => card.set_mood(mood),
            Self::Cpower(card) => card.set_mood(mood),
            Self::OnbonK(card) => card.set_mood(mood),
            Self::OnbonY(card, _) => card.set_mood(mood),
        }
    }

    /// What a passer-by sees; `None`: nothing is lit.
    fn sight(&self) -> Option<String> {
        let picture = |frame: drivers::board::frame::Frame| format!("{:?}", frame.pixels());
        match self {
            Self::Huidu(card) => card.screen_picture().map(picture),
            Self::Cpower(card) => card.screen_picture().map(picture),
            Self::OnbonK(card) => card.screen_text().map(|text| text.text),
            Self::OnbonY(card, _) => card.screen_picture().map(picture),
        }
    }

    /// Three ends of a message, each as this card is told it.
    fn ends(&self) -> [(String, Wall); 3] {
        match self {
            // It counts seconds, 18 hours of them at most.
            Self::OnbonK(_) => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
                let now = Wall(i64::try_from(now.as_millis()).expect("no overflow"));
                [2, 5, 1].map(|hours| (format!("{hours} h"), now.plus(hours * 3_600_000)))
            }
            Self::Huidu(_) | Self::Cpower(_) | Self::OnbonY(..) => [2, 5, 1].map(|day| {
                let end = Wall::parse(&format!("2040-01-0{day}T03:04:05+07:00")).expect("a time");
                let time = if matches!(self, Self::Huidu(_)) { "23:59:59" } else { "03:04:05" };
                (format!("2040-01-0{day} {time}"), end)
            }),
        }
    }

    /// When it ends the message by itself, as it was told.
    fn told_end(&self) -> Option<String> {
        match self {
            Self::Huidu(card) => card.screen().between.map(|(_, last)| last),
            Self::Cpower(_) => None,
            Self::OnbonK(card) => {
                let seconds = card.screen_text().and_then(|text| text.dark_after_s)?;
                Some(format!("{} h", seconds.div_ceil(3600)))
            }
            Self::OnbonY(card, _) => card.bulletin().map(|kept| format!("{} {}", kept.stop.0, kept.stop.1)),
        }
    }

    /// How often it was sent something to show.
    fn sent(&self) -> usize {
        match self {
            Self::Huidu(card) => card.methods().iter().filter(|method| *method == "AddProgram").count(),
            Self::Cpower(card) => card.pictures() as usize,
            Self::OnbonK(card) => card.texts() as usize,
            // The black picture at the beginning is none of the messages.
            Self::OnbonY(card, _) => card.shows() as usize - 1,
        }
    }
}

fn huidu() -> Bench {
    let card = card::Card::start(ANY, "gate", SIZE, Timeline::default()).expect("card");
    let line = line(card.address());
    Bench { what: "huidu", board: Box::new(Huidu::new(SIZE.0, SIZE.1)), line, card: Card::Huidu(card) }
}

fn cpower(what: &'static str, link: Link) -> Bench {
    let card = card::cpower::Cpower::start(ANY, "gate", SIZE, link, Timeline::default()).expect("card");
    let line = line(card.address());
    let (width, height) = SIZE;
    let config = CpowerConfig { width, height, colours: Colours::Eight, card: 1, link };
    Bench { what, board: Box::new(Cpower::new(config)), line, card: Card::Cpower(card) }
}

fn onbon_k(what: &'static str, series: Series) -> Bench {
    let card = card::onbon_k::OnbonK::start(ANY, "gate", SIZE, series, Timeline::default()).expect("card");
    let line = line(card.address());
    let (width, height) = SIZE;
    let config = OnbonKConfig { width, height, series, screen: 1, dual: true, dark_when_lost: false };
    Bench { what, board: Box::new(OnbonK::new(config)), line, card: Card::OnbonK(card) }
}

fn onbon_y() -> Bench {
    onbon_y_with("onbon y", None)
}

fn onbon_y_that_keeps() -> Bench {
    onbon_y_with("onbon y that keeps a text", Some(Stored { font: None }))
}

fn onbon_y_with(what: &'static str, stored: Option<Stored>) -> Bench {
    let card = card::onbon_y::OnbonY::start(ANY, "gate", SIZE, Timeline::default()).expect("card");
    let address = card.address().to_string();
    let line = Line::new(LineConfig::Apart { name: address.clone() });
    let (width, height) = SIZE;
    let (folder, password) = secret("guest");
    let config = OnbonYConfig { address, width, height, user: "guest".into(), password, stored };
    Bench { what, board: Box::new(OnbonY::new(config)), line, card: Card::OnbonY(card, folder) }
}

/// A folder with a file that holds this password, and the file.
fn secret(password: &str) -> (Scratch, std::path::PathBuf) {
    let folder = Scratch::new("cards").expect("a folder");
    let file = folder.join("password");
    std::fs::write(&file, format!("{password}\n")).expect("written");
    (folder, file)
}

/// Every card, over every kind of wire it has.
fn benches() -> Vec<Bench> {
    vec![
        huidu(),
        cpower("cpower over its own TCP", NETWORK),
        cpower("cpower over a serial server", Link::Serial),
        onbon_k("onbon 5k", Series::K5),
        onbon_k("onbon 6k", Series::K6),
        onbon_y(),
    ]
}

/// Applies until it is as it should be; the time is only a bound.
fn comes_back(board: &mut dyn Driver<BoardWant>, line: &mut Line, want: &BoardWant, showing: Option<u64>) -> bool {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        if let Ok(Report::Board { showing: found, .. }) = board.apply(line, want)
            && found == showing.map(ShowId)
        {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn every_card_shows_levels_and_drills_once_and_goes_dark() {
    for Bench { what, mut board, mut line, card } in benches() {
        assert_eq!(shown(&board.apply(&mut line, &BoardWant::dark())), Ok(None), "{what}");
        assert_eq!(card.sight(), None, "{what}");
        let mut sights = BTreeSet::new();
        let cases = [(None, false), (Some(1), false), (Some(3), false), (Some(4), false), (Some(4), true)];
        for (id, (level, drill)) in (10..).zip(cases) {
            let message = BoardMessage { text: "Lũ ".repeat(id as usize - 8), ..message(id, level, drill) };
            let want = BoardWant::message(message);
            for _ in 0..3 {
                assert_eq!(shown(&board.apply(&mut line, &want)), Ok(Some(id)), "{what} {level:?}");
            }
            assert_eq!(card.sent() as u64, id - 9, "{what}: being told twice does not make the board blink");
            sights.insert(card.sight().expect("lit"));
        }
        assert_eq!(sights.len(), cases.len(), "{what}");
        for percent in [20, 100] {
            let want = BoardWant { show: Show::Message(message(99, None, false)), brightness: percent };
            assert_eq!(shown(&board.apply(&mut line, &want)), Ok(Some(99)), "{what}");
        }
        assert_eq!(shown(&board.apply(&mut line, &BoardWant::dark())), Ok(None), "{what}");
        assert_eq!(card.sight(), None, "{what}");
        assert_eq!(shown(&board.probe(&mut line)), Ok(None), "{what}");
    }
}

/// A warning that is prolonged or cut short keeps its words, and a card that ends it by itself must be told.
#[test]
fn another_end_of_the_same_message_reaches_every_card_that_keeps_one() {
    for Bench { what, mut board, mut line, card } in benches().into_iter().chain([onbon_y_that_keeps()]) {
        let mut told = Vec::new();
        for (_, until) in card.ends() {
            let want = BoardWant::message(BoardMessage { until: Some(until), ..message(7, Some(4), false) });
            for _ in 0..2 {
                assert_eq!(shown(&board.apply(&mut line, &want)), Ok(Some(7)), "{what}");
            }
            told.push(card.told_end());
        }
        let keeps = !matches!(card, Card::Cpower(_)) && what != "onbon y";
        let meant = card.ends().map(|(end, _)| keeps.then_some(end));
        assert_eq!(told, meant, "{what}");
    }
}

#[test]
fn every_trouble_of_every_card_is_a_line_fault_and_passes() {
    let late = Mood::Late(Duration::from_millis(2500));
    std::thread::scope(|threads| {
        for mood in [Mood::Deaf, Mood::Wrong, Mood::Echo, Mood::Cut, Mood::Absent, late] {
            for Bench { what, mut board, mut line, card } in benches() {
                threads.spawn(move || {
                    assert_eq!(shown(&board.apply(&mut line, &want(3))), Ok(Some(3)), "{what}");
                    let before = card.sight();
                    card.set_mood(mood);
                    let fault = board.apply(&mut line, &want(3));
                    assert!(matches!(fault, Err(Fault::Line(_))), "{what} {mood:?}: {fault:?}");
                    card.set_mood(Mood::Well);
                    assert!(comes_back(board.as_mut(), &mut line, &want(3), Some(3)), "{what} {mood:?}");
                    assert_eq!(card.sight(), before, "{what} {mood:?}");
                    assert!(line.state().last_error.is_some() || matches!(card, Card::OnbonY(..)));
                    assert!(comes_back(board.as_mut(), &mut line, &BoardWant::dark(), None), "{what} {mood:?}");
                    assert_eq!(card.sight(), None, "{what} {mood:?}");
                });
            }
        }
    });
}
