//! What the invented station has tried: a self-test with one fault and one drift, a drill heard in part.

use gateway_core::drill::{Held, Kind};
use gateway_core::time::Wall;
use gateway_core::trial::{Drift, Figure, Outcome, Trial, Tried};
use gateway_core::view::{DrillView, Records, SelfTestHead, SelfTestView};

pub(super) fn selftest() -> SelfTestView {
    let at = "2026-11-21T03:10:00.000+07:00".to_owned();
    let last = SelfTestHead { no: 12, at, full: false, passed: 7, drifting: 1, failed: 1, not_tested: 1 };
    SelfTestView { doing: None, full: false, last: Some(last), given_up: None }
}

pub(super) fn drill(id: &str, title: &str, next: &str, skipped: Option<&str>) -> DrillView {
    let held = skipped.is_none();
    DrillView {
        id: id.into(),
        title: title.to_owned(),
        kind: if held { Kind::Short } else { Kind::Full },
        next: Some(next.to_owned()),
        last: Some("2026-11-14T16:00:00.000+07:00".to_owned()),
        result: held.then(|| "partial".to_owned()),
        skipped: skipped.map(str::to_owned),
        heard: if held { 5 } else { 0 },
        of: if held { 6 } else { 0 },
    }
}

/// The last self-test and drill in full.
pub(super) fn records() -> Records {
    let row = |id: &str, outcome, why: Option<&str>, figures: &[(&str, f64, &str)]| Tried {
        id: id.to_owned(),
        outcome,
        why: why.map(str::to_owned),
        figures: figures.iter().map(|(n, v, u)| Figure { name: (*n).into(), value: *v, unit: (*u).into() }).collect(),
        drift: Vec::new(),
    };
    let answers = [("answer_ms", 23.0, "ms")];
    let mut fm = row("transmitter/fm", Outcome::Drift, None, &[("forward_w", 29.4, "W"), ("reflected_w", 1.2, "W")]);
    fm.drift.push(Drift { name: "reflected_w".into(), was: 0.4, now: 1.2, unit: "W".into() });
    let rows = vec![
        row("sink/hall", Outcome::Pass, None, &[("xruns", 0.0, ""), ("drift_ppm", -12.0, "ppm")]),
        row("sink/fm-audio", Outcome::Pass, None, &[("xruns", 2.0, "")]),
        row("switch/amp1", Outcome::Fail, Some("không trả lời trong 30 giây"), &[]),
        row("switch/amp2", Outcome::Pass, None, &answers),
        fm,
        row("coder/fm", Outcome::Pass, Some("không đọc lại được, chỉ biết là đã gửi lệnh"), &answers),
        row("board/gate", Outcome::Pass, None, &[("answer_ms", 61.0, "ms"), ("shown_ms", 840.0, "ms")]),
        row("board/market", Outcome::NotTested, Some("đã tắt bảng"), &[]),
        row("clock", Outcome::Pass, None, &[]),
        row("disk", Outcome::Pass, None, &[]),
        row("hub", Outcome::Pass, None, &[("up_s", 84_230.0, "s")]),
    ];
    let at = Wall::parse("2026-11-21T03:10:00+07:00").unwrap_or_default();
    let trial = Trial { no: 12, full: false, by: None, at, took_ms: 1_912, given_up: None, rows };
    let heard = |cluster: &str, result: &str| gateway_core::drill::Heard {
        cluster: cluster.into(),
        result: result.to_owned(),
        grade: Some(gateway_core::want::Grade::Electrical),
        path: "wired".to_owned(),
        start: Some(at),
    };
    let held = Held {
        start: at,
        skipped: None,
        bulletin: Some("drill-tuan-2026-11-14".into()),
        result: Some("partial".to_owned()),
        code: None,
        clusters: vec![heard("thon-1", "done"), heard("thon-2", "failed")],
    };
    let mut records = Records::default();
    records.trials.last = Some(trial);
    records.drills.0.insert("tuan".into(), vec![held]);
    records
}
