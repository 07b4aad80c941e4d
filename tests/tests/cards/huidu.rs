//! Huidu: our pictures in the card dot by dot, its programme read back, its files kept few, its end told.

use super::{SIZE, line, message, showing, want};
use drivers::Driver;
use drivers::board::frame::{Frame, Page, Playlist};
use drivers::board::huidu_album::{brightness, time};
use drivers::board::huidu_packet::{Fragment, Packet};
use drivers::board::huidu_xml::request;
use drivers::board::painter::Painter;
use drivers::board::{Huidu, picture};
use drivers::line::Line;
use gateway_core::device::Fault;
use gateway_core::time::Wall;
use gateway_core::want::{BoardMessage, BoardWant};
use site_tests::device::Timeline;
use site_tests::device::card::Card;

const TRANSCRIPT: &str = include_str!("../../golden/huidu_go_transcript.txt");

fn bench() -> (Card, Huidu, Line) {
    let card = Card::start("127.0.0.1:0", "gate", SIZE, Timeline::default()).expect("card");
    let line = line(card.address());
    (card, Huidu::new(SIZE.0, SIZE.1), line)
}

/// The pages as a card of this size must hold them: strips in pieces.
fn pieces(playlist: &Playlist) -> Vec<Frame> {
    playlist.pages.iter().flat_map(|page: &Page| picture::pieces(&page.frame, SIZE.0, SIZE.1)).collect()
}

#[test]
fn brightness_and_time_are_the_independent_clients() {
    let guid = "11112222333344445555666677778888";
    let now = Wall::parse("2026-11-21T18:30:00+07:00").expect("a time");
    for (method, body) in [("SetLuminancePloy", brightness(60)), ("SetTimeInfo", time(now))] {
        let document = request(guid, method, &body);
        assert!(TRANSCRIPT.contains(&document), "{document}");
        assert_eq!(Fragment::parts(document.as_bytes()).len(), 1);
    }
}

#[test]
fn the_upload_begins_as_the_independent_clients_does() {
    let head = TRANSCRIPT.lines().find_map(|line| line.strip_prefix("C>D 8001 len=54 ")).expect("an upload");
    let zeros = vec![0; 9000];
    let ours = drivers::board::huidu_file::start("tb.png", &drivers::board::huidu_file::digest(&zeros), 9000);
    let hex: String = ours.encode().expect("fits").iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(hex.starts_with(head), "{hex}\n{head}");
    let parts: Vec<usize> = drivers::board::huidu_file::contents(&zeros, 0)
        .iter()
        .map(|packet| packet.encode().expect("fits").len())
        .collect();
    assert_eq!(parts, [8004, 1004]);
    assert_eq!(drivers::board::huidu_file::end().encode().expect("fits"), [4, 0, 5, 0x80]);
}

#[test]
fn pictures_arrive_dot_by_dot() {
    let (card, mut board, mut line) = bench();
    for (id, level) in [None, Some(1), Some(2), Some(3), Some(4), Some(5)].into_iter().enumerate() {
        let message = message(id as u64, level, id == 4);
        assert_eq!(board.apply(&mut line, &BoardWant::message(message.clone())), showing(Some(id as u64)));
        let seen: Vec<Frame> = card.screen().pictures.into_iter().map(|shown| shown.frame).collect();
        let meant = pieces(&Painter::new(SIZE.0, SIZE.1).paint(&message));
        assert!(seen == meant, "{level:?}: {seen:?} {meant:?}");
        assert_eq!(card.screen_picture().as_ref(), meant.first());
    }
    assert!(card.screen().time.len() == 19 && card.screen().brightness == 100);
}

#[test]
fn files_of_earlier_messages_leave_the_card_and_those_of_strangers_stay() {
    let (card, mut board, mut line) = bench();
    for id in 1..6 {
        let message = BoardMessage { text: format!("Tin số {id}"), ..message(id, None, false) };
        assert_eq!(board.apply(&mut line, &BoardWant::message(message)), showing(Some(id)));
        let shown: std::collections::BTreeSet<String> =
            card.screen().pictures.into_iter().map(|shown| shown.file).collect();
        assert_eq!(card.files(), shown.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn what_broke_off_in_the_middle_goes_on_where_it_did() {
    use drivers::board::huidu_file::{Said, contents, digest, end, said, start};
    use std::io::{Read as _, Write as _};
    let (card, ..) = bench();
    let file: Vec<u8> = (0..20_000_u32).map(|at| (at * 7) as u8).collect();
    let talk = |packets: &[Packet], answers: usize| {
        let mut line = std::net::TcpStream::connect(card.address()).expect("connected");
        line.set_read_timeout(Some(std::time::Duration::from_secs(10))).expect("set");
        let mut splitter = drivers::board::huidu_packet::Splitter::default();
        let greeting = Packet::ServiceAsk(drivers::board::huidu_packet::VERSION);
        for packet in [&[greeting], packets].concat() {
            line.write_all(&packet.encode().expect("fits")).expect("sent");
        }
        let mut found = Vec::new();
        while found.len() < answers {
            let mut buffer = [0; 4096];
            let count = line.read(&mut buffer).expect("an answer");
            splitter.push(&buffer[..count]);
            while let Some(packet) = splitter.next_packet().expect("a packet") {
                found.extend(said(&packet));
            }
        }
        found
    };
    let head = start("a.png", &digest(&file), 20_000);
    let pieces = contents(&file, 0);
    // The third packet of an unfinished upload is answered with nothing; asking anew shows that the two have arrived.
    assert_eq!(talk(&[head.clone(), pieces[0].clone(), pieces[1].clone(), head.clone()], 2)[1], Said::Start(0, 16_000));
    assert_eq!(talk(&[vec![head], contents(&file, 16_000), vec![end()]].concat(), 2)[1], Said::End(0));
    assert_eq!(card.files(), ["a.png"]);
}

#[test]
fn the_end_of_a_message_is_told_to_the_card() {
    let (card, mut board, mut line) = bench();
    let until = Some(Wall::parse("2040-01-02T03:04:05+07:00").expect("a time"));
    let message = BoardMessage { until, ..message(1, Some(2), false) };
    assert_eq!(board.apply(&mut line, &BoardWant::message(message.clone())), showing(Some(1)));
    let (_, last) = card.screen().between.expect("an end");
    assert_eq!(last, "2040-01-02 23:59:59");
    // A card that does not play it, its clock being wrong perhaps, is given it without an end.
    card.tamper("");
    assert_eq!(board.apply(&mut line, &BoardWant::message(message)), showing(Some(1)));
    assert_eq!(card.screen().between, None);
}

#[test]
fn a_stranger_is_replaced_and_then_reported_whichever_way_the_card_tells() {
    for refused in [&[][..], &["GetCurrentPlayProgramGUID"]] {
        let (card, mut board, mut line) = bench();
        for method in refused {
            card.set_refusal(Some((method, "kUnsupportMethod")));
        }
        for round in 0..4 {
            assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)), "{round}");
            assert!(card.screen_picture().is_some());
            card.tamper("quảng cáo");
            assert_eq!(board.probe(&mut line), showing(None));
        }
        let fault = board.apply(&mut line, &want(7));
        assert!(matches!(fault, Err(Fault::Refused(_))), "{fault:?}");
    }
}

#[test]
fn a_card_that_does_not_dim_or_list_its_files_shows_all_the_same() {
    for method in ["SetLuminancePloy", "GetFiles", "DeleteFiles", "SetTimeInfo"] {
        let (card, mut board, mut line) = bench();
        card.set_refusal(Some((method, "kUnsupportMethod")));
        for id in [1, 2] {
            let message = BoardMessage { text: format!("Tin số {id}"), ..message(id, None, false) };
            assert_eq!(board.apply(&mut line, &BoardWant::message(message)), showing(Some(id)), "{method}");
        }
        assert!(card.screen_picture().is_some());
    }
}

#[test]
fn a_card_that_forgot_the_session_is_greeted_again() {
    let (card, mut board, mut line) = bench();
    assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)));
    card.forget();
    assert!(matches!(board.apply(&mut line, &want(7)), Err(Fault::Refused(_))));
    assert_eq!(board.apply(&mut line, &want(7)), showing(Some(7)));
    assert_eq!(card.methods().iter().filter(|method| *method == "GetIFVersion").count(), 2);
}
