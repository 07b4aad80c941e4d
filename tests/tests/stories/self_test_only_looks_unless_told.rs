//! A self-test of the night changes nothing; a full one that a person begins tries everything and gives way at once.

use gateway_core::config::{Filler, Policy, SiteConfig, Switch};
use gateway_core::id::{BoardId, OutputId};
use gateway_core::input::{Act, Input};
use gateway_core::trial::{Outcome, SelfTest, Trial, Tried};
use site_tests::told::{DAWN, Mishap, Told, bulletin, programme, small_commune};

const MINUTE: u64 = 60_000;

fn tested(nightly: Option<u32>) -> Told {
    tested_in(small_commune(), nightly)
}

fn tested_in(site: SiteConfig, nightly: Option<u32>) -> Told {
    let selftest = SelfTest { nightly_s: nightly, has_hub: true, ..SelfTest::default() };
    let ears = ["hall".into()].into();
    let mut told = Told::in_commune(SiteConfig { selftest, ears, ..site }, Some(DAWN));
    (told.world.heard, told.world.reflected_w, told.world.answer_ms) = (true, 0.4, 20);
    told.step(Input::Link { up: true });
    for sink in ["hall", "fm-audio"] {
        told.step(Input::Device(OutputId::Sink(sink.into()), gateway_core::device::Report::Well));
    }
    told.run(1_000);
    told
}

fn run(told: &mut Told, full: bool) -> Trial {
    let before = told.site.memory().trials.no;
    told.order(Act::SelfTest { full }).expect("begun");
    assert!(told.run_until(5 * MINUTE, |t| t.site.memory().trials.no > before), "it ends");
    told.site.memory().trials.last.clone().expect("a result")
}

fn row<'t>(trial: &'t Trial, id: &str) -> &'t Tried {
    trial.rows.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no row {id} in {trial:?}"))
}

fn figure(row: &Tried, name: &str) -> Option<f64> {
    row.figures.iter().find(|f| f.name == name).map(|f| f.value)
}

#[test]
fn the_nightly_one_changes_nothing_and_is_made_once() {
    let mut told = tested(Some(5 * 3600 + 600));
    let before = told.world.timeline.clone();
    told.run(15 * MINUTE);
    let trial = told.site.memory().trials.last.clone().expect("a result");
    assert_eq!((trial.full, trial.by.clone(), trial.at), (false, None, DAWN.plus(600_000)));
    assert!(trial.is_good(), "{trial:?}");
    assert_eq!(told.world.timeline, before, "no level changed and nothing sounded");
    assert_eq!(row(&trial, "transmitter/fm").outcome, Outcome::NotTested, "its mains are off");
    assert_eq!(figure(row(&trial, "switch/amp1"), "answer_ms"), Some(20.0));
    for id in ["clock", "disk", "hub"] {
        assert_eq!(row(&trial, id).outcome, Outcome::Pass, "{id}");
    }
    told.run(24 * 60 * MINUTE);
    assert_eq!(told.site.memory().trials.no, 2, "the next one a day later");
}

#[test]
fn a_full_one_tries_everything_one_after_another_and_leaves_all_as_it_was() {
    let mut told = tested(None);
    let trial = run(&mut told, true);
    assert!(trial.is_good() && trial.count(Outcome::NotTested) == 0, "{trial:#?}");
    for switch in ["amp1", "amp2", "mains"] {
        let output = OutputId::Switch(switch.into());
        let turned: Vec<String> = told.turned(&output).into_iter().map(|(_, word)| word).collect();
        assert!(turned.ends_with(&["true".to_owned(), "false".to_owned()]), "{switch}: {turned:?}");
        assert!(figure(row(&trial, &output.to_string()), "on_ms").is_some());
    }
    let fm = row(&trial, "transmitter/fm");
    assert_eq!((figure(fm, "forward_w"), figure(fm, "reflected_w").map(|w| w as f32)), (Some(30.0), Some(0.4)));
    let zones = told.turned(&OutputId::Coder("fm".into()));
    assert!(zones.iter().all(|(_, open)| open == "{}"), "no zone is opened: {zones:?}");
    assert!(figure(row(&trial, "board/gate"), "shown_ms").is_some());
    assert_eq!(told.heard("hall"), ["chime"], "one short sound where somebody listens");
    assert!(told.heard("fm-audio").is_empty());
    assert!(figure(row(&trial, "sink/hall"), "sound_ms").is_some());
    told.run(MINUTE);
    assert_eq!((told.board("gate"), told.is_on("amp1"), told.is_on("mains")), (None, false, false));
}

#[test]
fn a_card_that_took_the_pattern_has_not_shown_it_yet() {
    let mut told = tested(None);
    told.world.captured_ms = Some(2_000);
    let gate = |told: &mut Told| row(&run(told, true), "board/gate").clone();
    let seen = gate(&mut told);
    assert_eq!((seen.outcome, seen.why.clone()), (Outcome::Pass, None), "what hangs on the wall was looked at");
    let pattern = |t: &Told| t.turned(&OutputId::Board("gate".into())).into_iter().filter(|(_, w)| w != "dark").count();
    assert_eq!(pattern(&told), 1);
    told.run(MINUTE);
    told.world.captured_ms = None;
    let taken = gate(&mut told);
    assert_eq!(taken.outcome, Outcome::Pass);
    assert!(taken.why.is_some_and(|why| why.contains("không đọc lại được")), "and says so where it cannot be");
}

#[test]
fn the_power_of_a_board_is_not_cut_for_it() {
    let mut site = small_commune();
    site.switches.insert("power".into(), Switch::default());
    if let Some(board) = site.boards.get_mut(&BoardId::from("gate")) {
        board.power = Some("power".into());
    }
    let mut told = tested_in(site, None);
    let power = OutputId::Switch("power".into());
    let trial = run(&mut told, true);
    assert!(trial.is_good(), "{trial:#?}");
    assert_eq!(told.incidents("selftest_failed"), 0);
    let turned: Vec<String> = told.turned(&power).into_iter().map(|(_, word)| word).collect();
    assert_eq!(turned, [""; 0], "it was closed before, and stays so");
    assert!(row(&trial, "switch/power").why.as_deref().is_some_and(|why| why.contains("không ngắt để thử")));
    told.world.set(&power, Some(Mishap::Idle), told.now.mono);
    told.run(1_000);
    assert_eq!(row(&run(&mut told, true), "switch/power").outcome, Outcome::Fail, "a board without power");
}

#[test]
fn the_filler_makes_room_for_a_full_one_and_comes_back() {
    let filler = Filler { input: "vov1".into(), clusters: Default::default(), spans: vec![(0, 86_400)] };
    let policy = Policy { filler: Some(filler), ..Policy::default() };
    let mut told = tested_in(SiteConfig { policy, ..small_commune() }, None);
    let fills = |t: &Told| t.playing("hall").as_deref() == Some("input vov1");
    let by_radio = |t: &Told| t.site.wants().coders.values().any(|c| c.zones.contains(&3));
    assert!(told.run_until(20_000, |t| fills(t) && by_radio(t)));
    told.order(Act::SelfTest { full: true }).expect("begun");
    assert!(!fills(&told));
    assert!(told.run_until(5 * MINUTE, |t| t.site.memory().trials.no == 1), "it ends");
    let trial = told.site.memory().trials.last.clone().expect("a result");
    assert!(trial.is_good() && trial.given_up.is_none(), "{trial:#?}");
    assert!(
        figure(row(&trial, "transmitter/fm"), "forward_w").is_some()
            && told.heard("hall").contains(&"chime".to_owned())
    );
    assert!(told.run_until(20_000, |t| fills(t) && by_radio(t)), "and then it fills the air again");
    assert_eq!(run(&mut told, false).count(Outcome::Fail), 0, "one that only looks leaves it alone");
    assert!(fills(&told));
}

#[test]
fn an_emergency_ends_it_in_the_same_step_and_finds_the_carrier_up() {
    let mut told = tested(None);
    told.order(Act::SelfTest { full: true }).expect("begun");
    let up = |t: &Told| t.site.wants().transmitters.get(&"fm".into()) == Some(&true);
    assert!(told.run_until(MINUTE, up));
    told.run(500);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
    assert!(up(&told), "a carrier that is up already is not let go first");
    assert!(told.site.memory().trials.last.is_none());
    let given_up = told.site.memory().trials.given_up.clone().expect("given up");
    assert_eq!(given_up.given_up.as_deref(), Some("đang có tin khẩn cấp"));
    assert_eq!(told.outcome("KC-1"), Some(gateway_core::bulletin::State::Done));
    assert_eq!(told.order(Act::SelfTest { full: true }), Ok(()), "and then it may be begun again");
}

#[test]
fn a_pattern_on_the_boards_is_gone_when_a_warning_comes() {
    let mut told = tested(None);
    told.order(Act::SelfTest { full: true }).expect("begun");
    assert!(told.run_until(MINUTE, |t| t.board("gate").is_some_and(|text| text.starts_with("KIỂM TRA BẢNG"))));
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.board("gate").as_deref(), Some("Vỡ đập."));
}

#[test]
fn a_mute_and_a_blackout_hold_for_it_too() {
    let mut told = tested(None);
    let reason = || "Việc tang".to_owned();
    told.order(Act::Mute { clusters: vec!["thon-1".into()], for_s: Some(600), reason: reason() }).expect("muted");
    let trial = run(&mut told, true);
    assert!(
        trial.is_good() && told.heard("hall").is_empty(),
        "a silenced cluster hangs on it: {:?}",
        told.heard("hall")
    );
    told.order(Act::SelfTest { full: true }).expect("begun");
    assert!(told.run_until(MINUTE, |t| t.board("gate").is_some()));
    told.order(Act::Blackout { boards: Vec::new(), for_s: Some(600), reason: reason() }).expect("dark");
    assert_eq!(told.board("gate"), None, "in the same step");
}

#[test]
fn a_full_one_is_not_begun_while_anything_is_on_air_or_about_to_be() {
    let mut told = tested(None);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:10", &["BT-1"]));
    told.run(7 * MINUTE);
    let soon = told.order(Act::SelfTest { full: true }).expect_err("too near");
    assert!(soon.contains("sắp có chương trình"), "{soon}");
    assert!(told.run_until(5 * MINUTE, |t| t.playing("hall").is_some()));
    assert!(told.order(Act::SelfTest { full: true }).is_err());
    let trial = run(&mut told, false);
    assert!(trial.is_good(), "one that only looks may be made meanwhile");
    told.run(10_000);
    assert!(told.heard("hall").contains(&"Tin thường.".to_owned()));
}

#[test]
fn what_is_deaf_dead_or_unheard_fails_and_the_hub_hears_of_what_is_new() {
    let mut told = tested(None);
    assert!(run(&mut told, true).is_good());
    let now = told.now.mono;
    told.world.set(&OutputId::Switch("amp1".into()), Some(Mishap::Deaf), now);
    told.world.set(&OutputId::Board("gate".into()), Some(Mishap::Dead), now);
    told.world.heard = false;
    let trial = run(&mut told, true);
    let failed: Vec<&str> = trial.rows.iter().filter(|r| r.outcome == Outcome::Fail).map(|r| r.id.as_str()).collect();
    assert_eq!(failed, ["sink/hall", "switch/amp1", "board/gate"]);
    assert_eq!(row(&trial, "switch/amp1").why.as_deref(), Some("không trả lời trong 30 giây"));
    assert_eq!(told.incidents("selftest_failed"), 1);
    run(&mut told, true);
    assert_eq!(told.incidents("selftest_failed"), 1, "the same faults are not told again");
}

#[test]
fn what_drifts_shows_before_it_fails_until_a_technician_accepts_it() {
    let mut told = tested(None);
    assert!(run(&mut told, true).is_good());
    (told.world.reflected_w, told.world.answer_ms) = (0.8, 200);
    let trial = run(&mut told, true);
    assert!(trial.is_good(), "nothing has failed");
    let fm = row(&trial, "transmitter/fm");
    assert_eq!((fm.outcome, fm.drift[0].name.as_str()), (Outcome::Drift, "reflected_w"));
    assert_eq!(row(&trial, "switch/amp1").drift[0].was, 20.0);
    told.order(Act::Baseline { outputs: vec!["transmitter/fm".into()] }).expect("accepted");
    let trial = run(&mut told, true);
    assert_eq!(row(&trial, "transmitter/fm").outcome, Outcome::Pass);
    assert_eq!(row(&trial, "switch/amp1").outcome, Outcome::Drift);
    let (memory, wall) = (told.site.memory().trials.clone(), told.now.wall);
    told.cut_power(wall);
    assert_eq!(told.site.memory().trials, memory, "it is in the journal");
}
