//! The broadcasting journal keeps apart who wrote a bulletin, who approved it and who put it on air.

use gateway_core::bulletin::{Bulletin, State, Targets};
use gateway_core::input::Act;
use gateway_core::journal::Event;
use gateway_core::programme::Programme;
use serde_json::{Value, json};
use site_tests::told::{Told, bulletin, programme};

fn own(id: &str, text: &str) -> Act {
    let mut body = bulletin(id, "ordinary", text);
    body["issuer"] = json!({"level": "commune", "name": ""});
    let bulletin: Bulletin = serde_json::from_value(body).expect("a bulletin");
    Act::Submit { bulletin: Box::new(bulletin), role: "officer".to_owned() }
}

fn booked(id: &str, start: &str, bulletins: &[&str], clusters: &[&str]) -> Programme {
    let mut body = programme(id, start, bulletins);
    body["targets"] = json!({"clusters": clusters});
    serde_json::from_value(body).expect("a programme")
}

/// Cluster, author, approver, operator of each row about a bulletin.
fn named(told: &Told, id: &str) -> Vec<(String, [Option<String>; 3])> {
    told.played_rows(id).into_iter().map(|r| (r.cluster.to_string(), [r.author, r.approver, r.operator])).collect()
}

fn people(names: [&str; 3]) -> [Option<String>; 3] {
    names.map(|name| (!name.is_empty()).then(|| name.to_owned()))
}

#[test]
fn three_people_made_it_and_the_hub_is_told_so() {
    let mut told = Told::new();
    told.order_as("lan", own("xa-1", "Họp thôn.")).expect("taken");
    told.order_as("hoa", Act::Approve { bulletin: "xa-1".into(), version: 1 }).expect("a leader may");
    told.order_as("minh", Act::Programme(booked("xa", "05:30", &["xa-1"], &["*"]))).expect("booked");
    // The station knows it after a power cut too.
    told.cut_power(told.now.wall);
    assert!(told.outcome("xa-1").is_some_and(State::is_final));
    let rows = named(&told, "xa-1");
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|(_, who)| *who == people(["lan", "hoa", "minh"])), "{rows:?}");
    let up: Vec<&Value> = told.uplinks.iter().filter(|u| u.kind == "playlog").map(|u| &u.body).collect();
    assert!(!up.is_empty());
    for body in up {
        assert_eq!(
            [&body["author"], &body["approver"], &body["operator"]],
            [&json!("lan"), &json!("hoa"), &json!("minh")]
        );
    }
}

#[test]
fn who_changed_the_programme_last_put_it_on_air_and_a_running_one_keeps_its_own() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tiêm chủng."));
    told.order_as("lan", Act::Programme(booked("xa", "05:30", &["BT-1"], &["*"]))).expect("booked");
    let second = Programme { version: 2, ..booked("xa", "05:40", &["BT-1"], &["*"]) };
    told.order_as("minh", Act::Programme(second)).expect("booked over");
    assert!(told.run_until(3_600_000, |t| t.playing("hall").as_deref() == Some("Tiêm chủng.")));
    let third = Programme { version: 3, ..booked("xa", "06:40", &["BT-1"], &["*"]) };
    told.order_as("hoa", Act::Programme(third)).expect("booked over while it runs");
    assert!(told.outcome("BT-1").is_some_and(State::is_final));
    let rows = named(&told, "BT-1");
    assert!(rows.len() == 3 && rows.iter().all(|(_, who)| *who == people(["", "", "minh"])), "{rows:?}");
}

#[test]
fn two_programmes_at_once_each_have_their_own_operator() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tiêm chủng."));
    told.order_as("lan", Act::Programme(booked("mot", "05:30", &["BT-1"], &["thon-1", "thon-2"]))).expect("booked");
    told.order_as("minh", Act::Programme(booked("ba", "05:30", &["BT-1"], &["thon-3"]))).expect("booked");
    assert!(told.outcome("BT-1").is_some_and(State::is_final));
    let rows = named(&told, "BT-1");
    let of = |cluster: &str| rows.iter().find(|(c, _)| c == cluster).map(|(_, who)| who[2].clone());
    assert_eq!(of("thon-1"), Some(Some("lan".to_owned())), "{rows:?}");
    assert_eq!(of("thon-3"), Some(Some("minh".to_owned())), "{rows:?}");
}

#[test]
fn an_emergency_and_its_correction_are_of_those_who_gave_them() {
    let mut told = Told::new();
    let (targets, reason) = (Targets::everything(), "cháy chợ".to_owned());
    let cry = Act::Emergency { text: "Cháy chợ.".to_owned(), level: 4, targets, repeat: 3, drill: false, reason };
    told.order_as("lan", cry).expect("anybody may");
    let warning = told.newest("local-").expect("a warning");
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("Cháy chợ.")));
    let stop = Act::Stop {
        bulletin: Some(warning.as_str().into()),
        correction: Some("Không có cháy.".to_owned()),
        prepared: None,
        reason: "tin sai".to_owned(),
    };
    told.order_as("hoa", stop).expect("stopped");
    let correction = told.newest("correction:").expect("a correction");
    assert!(told.outcome(&correction).is_some_and(State::is_final));
    for (id, who) in [(&warning, "lan"), (&correction, "hoa")] {
        let rows = named(&told, id);
        assert!(!rows.is_empty() && rows.iter().all(|(_, names)| *names == people([who, "", who])), "{rows:?}");
    }
}

#[test]
fn nobody_of_the_commune_put_on_air_what_the_province_booked() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tiêm chủng."));
    told.send("programme", &programme("tinh", "05:30", &["BT-1"]));
    assert!(told.outcome("BT-1").is_some_and(State::is_final));
    let rows = named(&told, "BT-1");
    assert!(rows.len() == 3 && rows.iter().all(|(_, who)| *who == people(["", "", ""])), "{rows:?}");
    // A row of before says nothing of an author, and keeps its place in the chain.
    let row = told.events.iter().find_map(|e| if let Event::Played(row) = e { Some(row) } else { None });
    let written = serde_json::to_value(row.expect("a row")).expect("written");
    assert!(written.get("author").is_none(), "{written}");
}
