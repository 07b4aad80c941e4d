//! The picture of a bulletin on every kind of panel: as large as it fits, in the colours the panel has, after the text; a
//! film, or what cannot be read, costs the text nothing.

use drivers::board::cpower_packet::Link;
use drivers::board::cpower_picture::Colours;
use drivers::board::frame::Frame;
use drivers::board::painter::Easel;
use drivers::board::pixels::Way;
use drivers::board::{BoardConfig, CpowerConfig, OnbonYConfig, PixelConfig};
use drivers::line::{Framing, Line, LineConfig};
use gateway_core::device::Report;
use gateway_core::id::{ClipId, ShowId};
use gateway_core::want::{BoardMessage, BoardWant};
use site_tests::device::Timeline;
use site_tests::device::card::{Card, cpower, onbon_y};
use site_tests::device::panel::Panel;
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (96, 32);
const CLIP: &str = "aa11";
const FILM: &str = "bb22";
const ANY: &str = "127.0.0.1:0";

fn gallery() -> (Scratch, Easel) {
    let folder = Scratch::new("gallery").expect("a folder");
    // Left half red, right half blue; twice as wide as the panel can show it.
    let split = "color=c=red:s=320x320:d=1:r=5[a];color=c=blue:s=320x320:d=1:r=5[b];[a][b]hstack";
    let jpeg = folder.join("split.jpg");
    ffmpeg(&["-f", "lavfi", "-i", split, "-frames:v", "1", "-q:v", "2"], &jpeg).expect("ffmpeg");
    std::fs::rename(&jpeg, folder.join(CLIP)).expect("renamed");
    let film = folder.join("film.mp4");
    ffmpeg(&["-f", "lavfi", "-i", split, "-pix_fmt", "yuv420p"], &film).expect("ffmpeg");
    std::fs::rename(&film, folder.join(FILM)).expect("renamed");
    let easel = Easel::default().with_pictures(folder.path());
    (folder, easel)
}

fn want(id: u64, clip: &str) -> BoardWant {
    let (level, drill, flash, qr, until) = (Some(4), false, false, None, None);
    let picture = Some(ClipId::from(clip));
    BoardWant::message(BoardMessage { id: ShowId(id), text: "Lũ".to_owned(), level, drill, flash, qr, picture, until })
}

/// The picture as a panel of the size shows it: 64 pixels of it in the middle, half red and half blue.
fn is_it(frame: &Frame, blue: bool) -> bool {
    let place = |x: u16| frame.at(x, 16);
    let red = |[r, g, b]: [u8; 3]| r > 200 && g < 60 && b < 60;
    let right = |[r, g, b]: [u8; 3]| r < 60 && g < 60 && (!blue || b > 200);
    [18, 30, 40].map(place).into_iter().all(red)
        && [56, 66, 76].map(place).into_iter().all(right)
        && [2, 12, 84, 94].map(place).into_iter().all(|pixel| pixel == [0; 3])
}

fn shown(config: &BoardConfig, easel: &Easel, line: LineConfig, seen: impl Fn() -> Vec<Frame>, blue: bool) {
    let (mut board, mut line) = (config.driver(easel), Line::new(line));
    for (id, clip, pictures) in [(1, CLIP, 1), (2, FILM, 0), (3, "cc33", 0), (4, "../aa11", 0)] {
        let until = Instant::now() + Duration::from_secs(30);
        let mut all: Vec<Frame> = Vec::new();
        // A card that holds one page at a time is told the next when its time has come.
        loop {
            let report = board.apply(&mut line, &want(id, clip));
            assert!(matches!(report, Ok(Report::Board { showing: Some(ShowId(on)), .. }) if on == id), "{report:?}");
            all.extend(seen());
            let found = all.iter().filter(|frame| is_it(frame, blue)).count();
            if (pictures > 0 && found > 0 && all.iter().any(|frame| !is_it(frame, blue))) || pictures == 0 {
                assert!(found >= pictures && (pictures > 0 || found == 0), "{clip}: {found} of {}", all.len());
                break;
            }
            assert!(Instant::now() < until, "{config:?}: {found} of {} pages", all.len());
            std::thread::sleep(board.again_after(&want(id, clip)).unwrap_or_default().min(Duration::from_millis(200)));
        }
    }
}

fn raw(address: std::net::SocketAddr) -> LineConfig {
    LineConfig::Tcp { address: address.to_string(), framing: Framing::Rtu }
}

#[test]
fn every_panel_shows_it_after_the_text() {
    let (folder, easel) = gallery();
    let (width, height) = SIZE;
    let (easel, folder) = (&easel, &folder);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let card = Card::start(ANY, "gate", SIZE, Timeline::default()).expect("a card");
            let config = BoardConfig::Huidu { width, height, font: None, dark_when_lost: false };
            let seen = || card.screen().pictures.into_iter().map(|shown| shown.frame).collect();
            shown(&config, easel, raw(card.address()), seen, true);
        });
        scope.spawn(move || {
            let card = onbon_y::OnbonY::start(ANY, "gate", SIZE, Timeline::default()).expect("a card");
            let (address, password) = (card.address().to_string(), folder.join("password"));
            std::fs::write(&password, "guest\n").expect("written");
            let line = LineConfig::Apart { name: address.clone() };
            let user = "guest".to_owned();
            let config = BoardConfig::OnbonY(OnbonYConfig { address, width, height, user, password, stored: None });
            shown(&config, easel, line, || card.pages(), true);
        });
        for colours in [Colours::Dual, Colours::Eight, Colours::Full] {
            scope.spawn(move || {
                let link = Link::Serial;
                let card = cpower::Cpower::start(ANY, "gate", SIZE, link, Timeline::default()).expect("a card");
                let config = BoardConfig::Cpower(CpowerConfig { width, height, colours, card: 1, link });
                let seen = || card.screen_picture().into_iter().collect();
                shown(&config, easel, raw(card.address()), seen, colours != Colours::Dual);
            });
        }
        scope.spawn(move || {
            let panel = Panel::open(SIZE, 1).expect("a panel");
            let to = Some(panel.address().expect("its address"));
            let config = BoardConfig::Pixels(PixelConfig { way: Way::Ddp, to, from: None, width, height });
            let line = LineConfig::Apart { name: "panel".to_owned() };
            shown(&config, easel, line, || panel.screen_picture().into_iter().collect(), true);
        });
    });
}
