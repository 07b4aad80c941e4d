//! Onbon Y: signing in, our pictures dot by dot, what is shown captured and compared, sessions that end.

use super::{SIZE, message, secret, shown, want};
use drivers::Driver;
use drivers::board::frame::Frame;
use drivers::board::onbon_y_bulletin::Stored;
use drivers::board::painter::Painter;
use drivers::board::{OnbonY, OnbonYConfig, picture};
use drivers::line::{Line, LineConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::{BoardWant, Grade, Show};
use site_tests::device::Timeline;
use site_tests::device::card::onbon_y::OnbonY as Card;
use site_tests::scratch::Scratch;

fn bench(word: &str) -> (Card, OnbonY, Line, Scratch) {
    let card = Card::start("127.0.0.1:0", "gate", SIZE, Timeline::default()).expect("card");
    let address = card.address().to_string();
    let line = Line::new(LineConfig::Apart { name: address.clone() });
    let (folder, password) = secret(word);
    let (width, height) = SIZE;
    let config = OnbonYConfig { address, width, height, user: "guest".into(), password, stored: None };
    (card, OnbonY::new(config), line, folder)
}

fn grade(report: &Result<Report, Fault>) -> Option<Grade> {
    match report {
        Ok(Report::Board { grade, .. }) => Some(*grade),
        _ => None,
    }
}

#[test]
fn pictures_arrive_dot_by_dot_and_are_seen_to_be_shown() {
    let (card, mut board, mut line, _folder) = bench("guest");
    for (id, level) in (1..).zip([None, Some(1), Some(2), Some(3), Some(4), Some(5)]) {
        let message = message(id, level, id == 4);
        let want = BoardWant::message(message.clone());
        let first = board.apply(&mut line, &want);
        assert_eq!((shown(&first), grade(&first)), (Ok(Some(id)), Some(Grade::Electrical)));
        let painted = picture::still(&Painter::new(SIZE.0, SIZE.1).paint(&message), SIZE.0, SIZE.1);
        let meant: Vec<Frame> = painted.into_iter().map(|page| page.frame).collect();
        assert!(card.pages() == meant, "{level:?}");
        board.apply(&mut line, &want).expect("asked for a picture");
        let third = board.apply(&mut line, &want);
        assert_eq!((shown(&third), grade(&third)), (Ok(Some(id)), Some(Grade::Content)), "{level:?}");
    }
    assert_eq!((card.sign_ins(), card.shows(), card.brightness()), (1, 6, 255));
    assert!(card.clock().is_some());
    for _ in 0..3 {
        board.apply(&mut line, &BoardWant::dark()).expect("dark");
    }
    let dark = board.probe(&mut line);
    assert_eq!((shown(&dark), grade(&dark), card.screen_picture()), (Ok(None), Some(Grade::Content), None));
}

#[test]
fn a_picture_that_takes_its_time_is_waited_for_and_a_card_that_cannot_is_believed() {
    let (card, mut board, mut line, _folder) = bench("guest");
    card.set_slow(3);
    let grades: Vec<_> = (0..6).map(|_| grade(&board.apply(&mut line, &want(1)))).collect();
    assert_eq!(grades[..5], [Some(Grade::Electrical); 5]);
    assert_eq!(grades[5], Some(Grade::Content));
    let (card, mut board, mut line, _folder) = bench("guest");
    card.set_blind();
    for _ in 0..5 {
        assert_eq!(grade(&board.apply(&mut line, &want(1))), Some(Grade::Electrical));
    }
    assert_eq!(card.shows(), 1);
}

#[test]
fn a_stranger_is_seen_replaced_and_then_reported() {
    let (card, mut board, mut line, _folder) = bench("guest");
    let mut refused = false;
    for _ in 0..60 {
        let report = board.apply(&mut line, &want(7));
        if let Err(fault) = report {
            assert!(matches!(fault, Fault::Refused(_)), "{fault:?}");
            refused = true;
            break;
        }
        assert_eq!(shown(&report), Ok(Some(7)));
        card.tamper();
    }
    assert!(refused, "a fight with a stranger is a fault");
    assert_eq!(card.shows(), 4);
    // The stranger leaves: the message is back, and seen.
    let last = (0..6).map(|_| board.apply(&mut line, &want(7))).last().expect("six");
    assert_eq!((shown(&last), grade(&last)), (Ok(Some(7)), Some(Grade::Content)));
}

#[test]
fn a_text_that_is_kept_outlives_a_power_cut_and_goes_with_the_message() {
    let (card, .., folder) = bench("guest");
    for (font, text, name) in [
        (None, "DIEN TAP: Nuoc len nhanh, so tan", "SimSun"),
        (Some("Arial"), "DIỄN TẬP: Nước lên nhanh, sơ tán", "Arial"),
    ] {
        let address = card.address().to_string();
        let mut line = Line::new(LineConfig::Apart { name: address.clone() });
        let (width, height) = SIZE;
        let stored = Some(Stored { font: font.map(str::to_owned) });
        let password = folder.join("password");
        let config = OnbonYConfig { address, width, height, user: "guest".into(), password, stored };
        let mut board = OnbonY::new(config);
        let want = BoardWant::message(message(1, Some(4), true));
        assert_eq!(shown(&board.apply(&mut line, &want)), Ok(Some(1)));
        card.cut_power();
        assert_eq!(card.screen_picture(), None);
        let kept = card.bulletin().expect("a bulletin");
        assert_eq!((kept.text.as_str(), kept.font.as_str()), (text, name));
        assert_eq!(shown(&board.apply(&mut line, &BoardWant::dark())), Ok(None));
        assert_eq!(card.bulletin(), None, "what has ended is not kept");
    }
}

#[test]
fn a_session_that_ends_is_begun_again_and_a_card_that_lost_its_power_shows_again() {
    let (card, mut board, mut line, _folder) = bench("guest");
    assert_eq!(shown(&board.apply(&mut line, &want(1))), Ok(Some(1)));
    card.end_sessions();
    assert_eq!(shown(&board.apply(&mut line, &want(2))), Ok(Some(2)));
    assert_eq!((card.sign_ins(), card.shows()), (2, 2));
    let before = card.screen_picture();
    card.cut_power();
    assert_eq!(card.screen_picture(), None);
    let back = (0..8).any(|_| board.apply(&mut line, &want(2)).is_ok() && card.screen_picture() == before);
    assert!(back && before.is_some());
}

#[test]
fn a_wrong_password_is_refused_and_not_told_to_anybody() {
    let (card, mut board, mut line, _folder) = bench("hunter2");
    let refused = board.apply(&mut line, &want(1));
    let Err(Fault::Refused(why)) = &refused else { panic!("{refused:?}") };
    assert!(!why.contains("hunter2") && why.starts_with("signing in"), "{why}");
    assert_eq!((card.sign_ins(), card.shows()), (0, 0));
    assert!(!format!("{board:?}").contains("hunter2"));
}

#[test]
fn brightness_goes_with_the_want() {
    let (card, mut board, mut line, _folder) = bench("guest");
    for (percent, level) in [(100, 255), (50, 128), (1, 3)] {
        let want = BoardWant { show: Show::Message(message(1, None, false)), brightness: percent };
        assert_eq!(shown(&board.apply(&mut line, &want)), Ok(Some(1)));
        assert_eq!(card.brightness(), level);
    }
    assert_eq!(card.shows(), 1);
}
