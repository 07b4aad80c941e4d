//! The coils of one board are told in one telegram, to slaves that others wrote (modbus_tk on a serial bus, pymodbus over
//! TCP) and to boards that take them one by one only.

use drivers::line::{Line, LineConfig};
use drivers::switch::RelayBoard;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::device::Timeline;
use site_tests::device::bus::{Bus, Framing, Pace};
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;

fn all(levels: &[bool]) -> Result<Vec<Result<Report, Fault>>, Fault> {
    Ok(levels.iter().map(|on| Ok(Report::Switch { on: *on, grade: Grade::Electrical })).collect())
}

fn story(line: &mut Line, slaves: &mut Peer) {
    // Coil 4 is somebody else's, and is never touched.
    let coils = [0, 1, 2, 3, 5, 6, 7];
    let mut board = RelayBoard::new(1, coils.to_vec());
    let mut other = RelayBoard::new(1, vec![4]);
    assert_eq!(other.apply(line, &[true]), all(&[true]));
    let before = line.state().requests;
    let mixed = [true, false, true, true, false, true, true];
    for (levels, exchanges) in [([true; 7], 3), (mixed, 3), (mixed, 1), ([false; 7], 3)] {
        let asked = line.state().requests;
        assert_eq!(board.apply(line, &levels), all(&levels));
        assert_eq!(line.state().requests - asked, exchanges, "two runs and a look; a look alone when nothing is new");
        for (coil, on) in coils.iter().zip(levels) {
            assert_eq!(slaves.ask(&format!("coil 1 {coil}")), u8::from(on).to_string(), "coil {coil}");
        }
        assert_eq!(slaves.ask("coil 1 4"), "1");
        assert_eq!(board.probe(line), all(&levels));
    }
    assert!(line.state().requests > before);
    assert!(!board.is_singly());
}

#[test]
fn slaves_of_modbus_tk_take_them_on_a_serial_bus() {
    let scratch = Scratch::new("together").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let mut slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    let mut line = Line::new(LineConfig::Serial { port: cable.near.clone(), baud: 9600 });
    story(&mut line, &mut slaves);
}

#[test]
fn slaves_of_pymodbus_take_them_over_tcp() {
    let mut slaves = Peer::python("modbus_tcp_slaves.py", &[]);
    let mut line = Line::new(LineConfig::tcp(format!("127.0.0.1:{}", slaves.ready)));
    story(&mut line, &mut slaves);
}

#[test]
fn a_board_that_takes_them_one_by_one_is_told_so_from_then_on() {
    let bus = Bus::start("127.0.0.1:0", Framing::Rtu, Timeline::default()).expect("bus");
    bus.add_relay(1, "amps", 8);
    bus.take_singly(1);
    let mut line = Line::new(LineConfig::Tcp { address: bus.address().to_string(), framing: Framing::Rtu });
    let mut board = RelayBoard::new(1, (0..4).collect());
    assert_eq!(board.apply(&mut line, &[true; 4]), all(&[true; 4]));
    assert!(board.is_singly());
    let asked = line.state().requests;
    assert_eq!(board.apply(&mut line, &[true, false, true, false]), all(&[true, false, true, false]));
    assert_eq!(line.state().requests - asked, 3, "two coils and a look: nothing is tried that was refused before");
    assert_eq!(
        (0..4).map(|coil| bus.coil(1, coil)).collect::<Vec<_>>(),
        [Some(true), Some(false), Some(true), Some(false)]
    );
}

#[test]
fn a_coil_that_is_not_there_is_refused_alone() {
    let bus = Bus::start("127.0.0.1:0", Framing::ModbusTcp, Timeline::default()).expect("bus");
    bus.add_relay(1, "amps", 4);
    let mut line = Line::new(LineConfig::tcp(bus.address().to_string()));
    let mut board = RelayBoard::new(1, vec![2, 3, 4]);
    let answers = board.apply(&mut line, &[true; 3]).expect("the board answers");
    let on = Ok(Report::Switch { on: true, grade: Grade::Electrical });
    assert_eq!(answers.get(..2), Some(&[on.clone(), on][..]));
    assert!(matches!(answers.get(2), Some(Err(Fault::Refused(why))) if why.contains("exception 02")), "{answers:?}");
    assert!(!board.is_singly(), "it was the coil the board did not take, not the telegram");
}

#[test]
fn a_hand_on_one_coil_is_undone_and_the_others_are_left_alone() {
    let (scratch, timeline) = (Scratch::new("hand").expect("scratch"), Timeline::default());
    let bus = Bus::on_serial(&scratch.join("bus"), Pace { baud: 9600 }, timeline.clone()).expect("bus");
    bus.add_relay(1, "amps", 8);
    let mut line = Line::new(LineConfig::Serial { port: scratch.join("bus"), baud: 9600 });
    let mut board = RelayBoard::new(1, (0..8).collect());
    assert_eq!(board.apply(&mut line, &[true; 8]), all(&[true; 8]));
    bus.force_coil(1, 5, false);
    assert_eq!(board.apply(&mut line, &[true; 8]), all(&[true; 8]));
    assert_eq!(timeline.values("amps", "coil 5"), [true, false, true]);
    assert_eq!(timeline.values("amps", "coil 4"), [true]);
    // Another hand in the moment of news: seen when it is read back, and put right without blaming the board.
    bus.force_coil(1, 0, false);
    let news = [true, true, true, true, true, true, true, false];
    assert_eq!(board.apply(&mut line, &news), all(&news));
    assert_eq!(bus.coil(1, 0), Some(true));
    assert!(!board.is_singly());
    // A far end that the machine lets sleep sees questions closer than they were; a gateway that kept no silence would crowd
    // nearly all of them.
    let (crowded, all) = (bus.crowded(), bus.requests());
    assert!(crowded * 2 < all, "{crowded} of {all} questions came before the silence after the last frame was over");
}
