//! A bulletin of the commune is aired only after a leader, or the site's rule, said yes; who said so stands in the journal.

use gateway_core::bulletin::{Bulletin, State, Targets};
use gateway_core::config::Approval;
use gateway_core::id::BulletinId;
use gateway_core::input::Act;
use serde_json::{Value, json};
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

fn own(id: &str, priority: &str, version: u32, text: &str) -> Act {
    let mut body = bulletin(id, priority, text);
    (body["version"], body["issuer"]) = (json!(version), json!({"level": "commune", "name": "UBND xã"}));
    let bulletin: Bulletin = serde_json::from_value(body).expect("a bulletin");
    Act::Submit { bulletin: Box::new(bulletin), role: "officer".to_owned() }
}

fn approve(id: &str, version: u32) -> Act {
    Act::Approve { bulletin: id.into(), version }
}

fn placed(id: &str, start: &str, bulletins: &[&str]) -> Act {
    Act::Programme(serde_json::from_value(programme(id, start, bulletins)).expect("a programme"))
}

/// The `content` messages about a bulletin, as approval's state, author and approver.
fn told_of(told: &Told, id: &str) -> Vec<(String, Value, Value)> {
    let about = told.uplinks.iter().filter(|up| up.kind == "content" && up.body["bulletin_id"] == id);
    about
        .map(|up| up.body["approval"].clone())
        .map(|a| (a["state"].as_str().unwrap_or_default().to_owned(), a["author"].clone(), a["approver"].clone()))
        .collect()
}

fn commune(approval: Approval) -> Told {
    let mut config = small_commune();
    config.policy.approval = approval;
    Told::in_commune(config, Some(DAWN))
}

#[test]
fn it_waits_silently_until_a_leader_says_yes_and_both_names_are_kept() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "ordinary", 1, "Lịch tiêm chủng.")).expect("taken");
    assert_eq!((told.state("xa-1"), told.site.view(told.now).waiting_approval), (Some(State::WaitingApproval), 1));
    let why = told.order_as("lan", placed("xa", "05:30", &["xa-1"])).expect_err("nobody approved it");
    assert!(why.contains("chưa được duyệt"), "{why}");
    // Not even the province's programme says it.
    told.send("programme", &programme("tinh", "05:45", &["xa-1"]));
    told.run(2 * 86_400_000);
    assert!(!told.heard("hall").iter().any(|w| w.contains("tiêm chủng")));
    assert_eq!(told.state("xa-1"), Some(State::WaitingApproval));
    told.cut_power(told.now.wall);
    assert_eq!(told.site.view(told.now).waiting_approval, 1, "also after a power cut");

    told.order_as("hoa", approve("xa-1", 1)).expect("a leader may");
    told.run(60_000);
    assert_eq!(told.state("xa-1"), Some(State::Scheduled), "the province's programme has it");
    assert_eq!(told.outcome("xa-1"), Some(State::Done));
    let rows = told.played_rows("xa-1");
    assert_eq!(rows.len(), 3);
    let by = |who: &str| Some(who.to_owned());
    assert!(rows.iter().all(|row| row.author == by("lan") && row.approver == by("hoa")));
    assert!(rows.iter().all(|row| row.operator.is_none()), "the province's programme said it");
    let (lan, hoa) = (json!("lan"), json!("hoa"));
    let expected = [("waiting_approval".to_owned(), lan.clone(), Value::Null), ("approved".to_owned(), lan, hoa)];
    assert_eq!(told_of(&told, "xa-1"), expected);
}

#[test]
fn what_is_sent_back_is_mended_and_a_word_on_an_older_version_counts_for_nothing() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "ordinary", 1, "Sáng thứ ba.")).expect("taken");
    let reason = "sai ngày: thứ tư".to_owned();
    told.order_as("hoa", Act::SendBack { bulletin: "xa-1".into(), version: 1, reason }).expect("a leader may");
    let known = told.site.memory().bulletins.get(&BulletinId::from("xa-1")).expect("known");
    assert_eq!((known.state, known.reason.as_deref()), (State::Rejected, Some("sai ngày: thứ tư")));
    assert!(told.order_as("lan", placed("xa", "05:30", &["xa-1"])).is_err());

    assert!(told.order_as("lan", own("xa-1", "ordinary", 3, "Sáng thứ tư.")).is_err(), "one version is missing");
    told.order_as("lan", own("xa-1", "ordinary", 2, "Sáng thứ tư.")).expect("taken");
    let why = told.order_as("hoa", approve("xa-1", 1)).expect_err("she looked at the older one");
    assert!(why.contains("vừa được sửa"), "{why}");
    told.order_as("hoa", approve("xa-1", 2)).expect("a leader may");
    assert!(told.order_as("hoa", approve("xa-1", 2)).is_err(), "once is enough");
    told.run(60_000);
    assert_eq!(told.state("xa-1"), Some(State::WaitingChoice), "it lands in the inbox");
}

#[test]
fn what_is_changed_after_its_approval_waits_again_and_is_passed_by() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "ordinary", 1, "Bản cũ.")).expect("taken");
    told.order_as("hoa", approve("xa-1", 1)).expect("a leader may");
    told.order_as("lan", placed("xa", "05:30", &["xa-1"])).expect("placed");
    told.order_as("lan", own("xa-1", "ordinary", 2, "Bản mới.")).expect("taken");
    told.run(2 * 3_600_000);
    assert!(!told.heard("hall").iter().any(|w| w.contains("Bản")), "neither of them");
    told.order_as("hoa", approve("xa-1", 2)).expect("a leader may");
    told.run(60_000);
    assert_eq!(told.state("xa-1"), Some(State::Scheduled), "its place in the book is kept");
    told.run(86_400_000);
    assert!(told.heard("hall").iter().any(|w| w.contains("Bản mới")));
    assert!(!told.heard("hall").iter().any(|w| w.contains("Bản cũ")));
}

#[test]
fn nobody_approves_his_own_unless_the_site_says_so_and_rules_need_nobody() {
    let mut told = Told::new();
    told.order_as("hoa", own("xa-1", "ordinary", 1, "Tự duyệt.")).expect("taken");
    let why = told.order_as("hoa", approve("xa-1", 1)).expect_err("it is her own");
    assert!(why.contains("không tự duyệt"), "{why}");
    assert!(told.order_as("lan", Act::Withdraw { bulletin: "xa-1".into(), version: 1 }).is_err(), "not hers");
    told.order_as("hoa", Act::Withdraw { bulletin: "xa-1".into(), version: 1 }).expect("it is her own");
    assert_eq!(told.state("xa-1"), Some(State::Rejected));

    let mut told = commune(Approval { skip: vec!["officer:ordinary".to_owned()], own: true });
    told.order_as("lan", own("xa-1", "ordinary", 1, "Không cần duyệt.")).expect("taken");
    told.run(60_000);
    assert_eq!(told.state("xa-1"), Some(State::WaitingChoice));
    let head = |told: &Told| told.site.bulletin_heads().into_iter().find(|h| h.id.as_str() == "xa-1").expect("a head");
    assert!(head(&told).unasked && head(&told).approver.is_none(), "and it is marked");
    told.order_as("lan", own("xa-2", "priority", 1, "Ưu tiên.")).expect("taken");
    assert_eq!(told.state("xa-2"), Some(State::WaitingApproval), "the rule is for ordinary ones");
    told.order_as("lan", approve("xa-2", 1)).expect("the site allows it");
}

#[test]
fn the_communes_own_priority_waits_for_its_place_and_has_its_rank_there() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "priority", 1, "Họp thôn.")).expect("taken");
    told.order_as("hoa", approve("xa-1", 1)).expect("a leader may");
    told.send("programme", &programme("tinh", "05:30", &[]));
    told.run(2 * 3_600_000);
    assert!(!told.heard("hall").iter().any(|w| w.contains("Họp thôn")), "no programme takes it by itself");
    told.order_as("lan", placed("xa", "17:00", &["xa-1"])).expect("placed");
    let mut hub = bulletin("UT-1", "priority", "Của tỉnh.");
    hub["valid_from"] = json!("2026-11-21T06:00:00+07:00");
    told.send("bulletin", &hub);
    told.run(60_000);
    assert!(!told.site.view(told.now).decisions.is_empty(), "it clashes as a priority item does");
}

#[test]
fn a_power_cut_in_the_middle_of_approval_leaves_it_waiting() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "ordinary", 1, "Chưa xong.")).expect("taken");
    told.commits = false;
    told.order_as("hoa", approve("xa-1", 1)).expect("a leader may");
    told.cut_power(told.now.wall);
    told.commits = true;
    assert_eq!(told.state("xa-1"), Some(State::WaitingApproval), "what was not written was not said");
    assert_eq!(told_of(&told, "xa-1").len(), 1, "and the hub was not told");
    told.order_as("hoa", approve("xa-1", 1)).expect("a leader may");
    told.cut_power(told.now.wall);
    told.run(60_000);
    assert_eq!(told.state("xa-1"), Some(State::WaitingChoice));
}

#[test]
fn what_nobody_approves_in_time_is_over_and_was_never_due() {
    let mut told = Told::new();
    let Act::Submit { mut bulletin, role } = own("xa-1", "ordinary", 1, "Tối nay.") else { panic!("an act") };
    bulletin.valid_until = Some(DAWN.plus(3_600_000));
    told.order_as("lan", Act::Submit { bulletin, role }).expect("taken");
    told.run(2 * 3_600_000);
    assert_eq!(told.state("xa-1"), Some(State::Expired));
    assert!(told.played_rows("xa-1").is_empty());
}

#[test]
fn an_emergency_needs_nobody_and_is_marked() {
    let mut told = Told::new();
    let why = told.order_as("lan", own("xa-1", "emergency", 1, "Cháy.")).expect_err("it has a door of its own");
    assert!(why.contains("Phát khẩn cấp"), "{why}");
    assert!(told.order_as("lan", own("BT-1", "ordinary", 1, "Tên của tỉnh.")).is_err(), "not the hub's names");
    let (targets, reason) = (Targets::everything(), "cháy chợ".to_owned());
    let cry = Act::Emergency { text: "Cháy chợ.".to_owned(), level: 4, targets, repeat: 1, drill: false, reason };
    told.order_as("lan", cry).expect("anybody may");
    let up = told.uplinks.iter().find(|up| up.kind == "content").expect("the hub is told");
    assert_eq!((&up.body["approval"]["unasked"], &up.body["approval"]["author"]), (&json!("emergency"), &json!("lan")));
}
