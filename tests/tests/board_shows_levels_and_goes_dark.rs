//! A board shows what is wanted in the law's colour, says what it shows, goes dark, and comes back from every trouble.

use drivers::Driver;
use drivers::board::{Huidu, colour};
use drivers::line::{Line, LineConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant, Grade};
use site_tests::device::card::Card;
use site_tests::device::{Mood, Timeline};

fn message(id: u64, text: &str, level: Option<u8>, drill: bool) -> BoardWant {
    let (flash, qr, picture, until) = (false, None, None, None);
    BoardWant::message(BoardMessage { id: ShowId(id), text: text.to_owned(), level, drill, flash, qr, picture, until })
}

fn bench() -> (Card, Huidu, Line) {
    let card = Card::start("127.0.0.1:0", "gate", (128, 64), Timeline::default()).expect("card");
    let line = Line::new(LineConfig::tcp(card.address().to_string()));
    (card, Huidu::new(128, 64).with_font("Arial"), line)
}

fn showing(id: Option<u64>) -> Result<Report, Fault> {
    Ok(Report::Board { showing: id.map(ShowId), grade: Grade::Electrical })
}

#[test]
fn every_level_in_its_colour_then_dark_then_light_again() {
    let (card, mut board, mut line) = bench();
    assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
    assert!(!card.screen().open);
    for (id, level) in [None, Some(1), Some(2), Some(3), Some(4), Some(5)].into_iter().enumerate() {
        let id = id as u64 + 10;
        assert_eq!(board.apply(&mut line, &message(id, "Lũ lúc 18 giờ & <gió>", level, false)), showing(Some(id)));
        let screen = card.screen();
        assert!(screen.open);
        assert_eq!(screen.texts, [("Lũ lúc 18 giờ & <gió>".to_owned(), colour(level).to_owned())]);
    }
    assert_eq!(board.apply(&mut line, &BoardWant::dark()), showing(None));
    assert!(!card.screen().open);
    assert_eq!(board.probe(&mut line), showing(None));
}

#[test]
fn a_drill_cannot_be_taken_for_the_real_thing() {
    let (card, mut board, mut line) = bench();
    assert_eq!(board.apply(&mut line, &message(1, "Lũ quét", Some(4), true)), showing(Some(1)));
    let texts: Vec<String> = card.screen().texts.into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["DIỄN TẬP", "Lũ quét"]);
}

#[test]
fn being_told_twice_does_not_make_the_board_blink() {
    let (card, mut board, mut line) = bench();
    let want = message(7, "Lịch tiêm chủng", None, false);
    for _ in 0..3 {
        assert_eq!(board.apply(&mut line, &want), showing(Some(7)));
    }
    assert_eq!(card.methods().iter().filter(|method| *method == "AddProgram").count(), 1);
}

#[test]
fn what_a_stranger_puts_on_the_board_is_seen_and_replaced() {
    let (card, mut board, mut line) = bench();
    let want = message(7, "Lịch tiêm chủng", None, false);
    assert_eq!(board.apply(&mut line, &want), showing(Some(7)));
    card.tamper("quảng cáo");
    assert_eq!(board.probe(&mut line), showing(None));
    assert_eq!(board.apply(&mut line, &want), showing(Some(7)));
    assert_eq!(card.screen().texts[0].0, "Lịch tiêm chủng");
    for _ in 0..2 {
        card.tamper("quảng cáo");
        assert_eq!(board.apply(&mut line, &want), showing(Some(7)));
    }
    card.tamper("quảng cáo");
    assert!(matches!(board.apply(&mut line, &want), Err(Fault::Refused(_))), "a fight with the card is a fault");
}

#[test]
fn a_card_that_says_no_is_there_and_one_that_cannot_tell_is_believed() {
    let (card, mut board, mut line) = bench();
    card.set_refusal(Some(("AddProgram", "kNoSpace")));
    let refused = board.apply(&mut line, &message(1, "Tin", None, false));
    assert_eq!(refused, Err(Fault::Refused("AddProgram: card says kNoSpace".to_owned())));
    card.set_refusal(Some(("GetCurrentPlayProgramGUID", "kUnsupportMethod")));
    for _ in 0..2 {
        assert_eq!(board.apply(&mut line, &message(1, "Tin", None, false)), showing(Some(1)));
    }
    assert_eq!(board.probe(&mut line), showing(Some(1)));
}

#[test]
fn deaf_wrong_echoing_or_absent_is_a_line_fault_and_passes() {
    for mood in [Mood::Deaf, Mood::Wrong, Mood::Echo, Mood::Absent] {
        let (card, mut board, mut line) = bench();
        let want = message(3, "Nước lên", Some(3), false);
        assert_eq!(board.apply(&mut line, &want), showing(Some(3)));
        card.set_mood(mood);
        let fault = board.apply(&mut line, &want);
        assert!(matches!(fault, Err(Fault::Line(_))), "{mood:?}: {fault:?}");
        card.set_mood(Mood::Well);
        let mut last = fault;
        let back = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            last = board.apply(&mut line, &want);
            last == showing(Some(3))
        });
        assert!(back, "{mood:?}: {last:?}");
        assert!(line.state().last_error.is_some());
    }
}
