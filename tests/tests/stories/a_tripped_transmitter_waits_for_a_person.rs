//! A transmitter whose protection took the carrier down stays down, over a power cut too, until an officer re-arms it.

use gateway_core::device::Report;
use gateway_core::id::OutputId;
use gateway_core::input::{Act, Input};
use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin};

fn alert(told: &mut Told, id: &str) {
    let mut body = bulletin(id, "emergency", "Vỡ đập.");
    body["targets"] = json!({"clusters": ["thon-3"], "boards": []});
    told.send("bulletin", &body);
}

fn carrier(told: &Told) -> bool {
    told.site.wants().transmitters[&"fm".into()]
}

fn rearm(told: &mut Told, transmitter: &str) -> Result<(), String> {
    told.order(Act::Rearm { transmitter: transmitter.into(), reason: "đã sửa ăng-ten".to_owned() })
}

#[test]
fn it_stays_down_over_wants_and_power_cuts_until_it_is_rearmed() {
    let mut told = Told::new();
    assert!(rearm(&mut told, "fm").is_err(), "nothing has tripped");
    alert(&mut told, "KC-1");
    assert!(told.run_until(5_000, carrier));
    let tripped = Report::Tripped("12.0 W come back from the antenna".to_owned());
    for _ in 0..3 {
        told.step(Input::Device(OutputId::Transmitter("fm".into()), tripped.clone()));
    }
    assert_eq!(told.incidents("carrier_tripped"), 1);
    assert!(!carrier(&told), "down at once");
    told.run(60_000);
    assert!(!told.is_on("mains"), "and its mains go after it");

    told.cut_power(Some(DAWN.plus(600_000)));
    alert(&mut told, "KC-2");
    assert!(!told.run_until(60_000, carrier), "the power cut has freed nothing");
    let shown = told.site.view(told.now).outputs.into_iter().find(|o| o.id == "transmitter/fm");
    assert_eq!(shown.map(|o| o.state), Some("faulted"));

    assert!(rearm(&mut told, "am").is_err(), "there is no such transmitter");
    assert_eq!(rearm(&mut told, "fm"), Ok(()));
    assert!(rearm(&mut told, "fm").is_err(), "once is enough");
    assert!(told.events.iter().any(|e| matches!(e, Event::Rearmed { by, .. } if by == "lan")));
    alert(&mut told, "KC-3");
    assert!(told.run_until(60_000, carrier));
}

#[test]
fn a_cluster_with_another_path_goes_on_over_it() {
    let mut told = Told::new();
    told.step(Input::Device(OutputId::Transmitter("fm".into()), Report::Tripped("fault".to_owned())));
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    assert!(told.run_until(8_000, |t| t.playing("hall").as_deref() == Some("Lũ về.")));
    assert!(!carrier(&told));
}
