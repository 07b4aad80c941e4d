//! What is wrong is said in the words of the place, with the one thing to do; what a driver said is for technicians.

use gateway_core::device::{Fault, Report};
use gateway_core::id::OutputId;
use gateway_core::input::Input;
use gateway_core::view::View;
use site_tests::told::{Mishap, Told, bulletin};

fn texts(view: &View) -> Vec<&str> {
    view.alarms.iter().map(|a| a.text.as_str()).collect()
}

/// Words of drivers, of the play log and of the configuration, none of which an officer can read.
fn foreign(text: &str) -> bool {
    [
        "refused",
        "failed",
        "answer",
        "heard",
        "line ",
        "(fm)",
        "(ip)",
        "(wired)",
        "switch/",
        "sink/",
        "transmitter/",
        "board/",
    ]
    .iter()
    .any(|word| text.contains(word))
}

#[test]
fn a_broken_device_is_named_with_whom_it_serves_and_what_to_do() {
    let mut told = Told::new();
    told.run(1_000);
    let faults = [
        (OutputId::Switch("amp1".into()), Fault::Line("coil 0: no answer in time".to_owned())),
        (OutputId::Board("gate".into()), Fault::Refused("show: checksum wrong".to_owned())),
    ];
    for (id, fault) in faults {
        told.step(Input::Device(id, Report::Fault(fault)));
    }
    let view = told.site.view(told.now);
    let texts = texts(&view);
    assert!(
        texts.iter().any(|t| t.starts_with("Công tắc amp1 (") && t.contains("không trả lời. Kiểm tra nguồn")),
        "{texts:?}"
    );
    assert!(texts.iter().any(|t| t.starts_with("Bảng tin ") && t.contains("từ chối lệnh. Gọi kỹ thuật")), "{texts:?}");
    assert!(!texts.iter().any(|t| foreign(t)), "{texts:?}");
    let amp = view.outputs.iter().find(|o| o.id == "switch/amp1").expect("it is listed");
    let told_technicians = amp.fault.as_deref().unwrap_or_default();
    assert!(told_technicians.contains("no answer in time"), "{told_technicians}");
    assert_eq!(serde_json::to_value(amp.trouble).expect("a word"), "line");
}

#[test]
fn a_spare_path_and_a_silent_sink_are_said_in_vietnamese() {
    let mut told = Told::new();
    told.world.set(&OutputId::Sink("hall".into()), Some(Mishap::Deaf), told.now.mono);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(told.run_until(20_000, |t| t.incidents("silence_while_due") > 0));
    let view = told.site.view(told.now);
    let texts = texts(&view);
    assert!(texts.iter().any(|t| t.contains("đang phát bằng đường dự phòng (sóng FM)")), "{texts:?}");
    assert!(texts.iter().any(|t| t.starts_with("Đường tiếng hall (") && t.contains("không ra tiếng")), "{texts:?}");
    assert!(!texts.iter().any(|t| foreign(t)), "{texts:?}");
}
