//! The result of a self-test in the technician's words: a table, and a fault list a commune can print and send.

use crate::page::escaped;
use gateway_core::trial::{Figure, Outcome, Trial, Tried};
use std::fmt::Write;

/// What a row is called by people; outputs go by the names of the configuration, which are on their labels.
fn called(id: &str) -> &str {
    match id {
        "clock" => "đồng hồ",
        "disk" => "bộ nhớ",
        "hub" => "liên lạc với trung tâm",
        output => output,
    }
}

/// A number as it is written in Vietnamese, without decimals that say nothing.
fn number(value: f64) -> String {
    let decimals = if value.abs() >= 100.0 || value.fract() == 0.0 { 0 } else { 1 };
    format!("{value:.decimals$}").replace('.', ",")
}

/// The name of a figure for people.
fn named(name: &str) -> &str {
    match name {
        "answer_ms" => "trả lời",
        "on_ms" => "đóng",
        "off_ms" => "ngắt",
        "shown_ms" => "hiện",
        "sound_ms" => "ra tiếng",
        "forward_w" => "công suất phát",
        "reflected_w" => "công suất dội",
        "temperature_c" => "nhiệt độ",
        "temperature_air_c" => "nhiệt độ khi phát",
        "xruns" => "số lần hụt tiếng",
        "starved" => "số lần giải mã chậm",
        "drift_ppm" => "lệch nhịp",
        "up_s" => "đã nối",
        "down_s" => "mất từ",
        other => other,
    }
}

fn measured(name: &str, value: f64, unit: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!("{} {}{unit}", named(name), number(value))
}

/// What came of a row, in a word.
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "tốt",
        Outcome::Drift => "lệch chuẩn",
        Outcome::Fail => "HỎNG",
        Outcome::NotTested => "chưa thử",
    }
}

/// Everything there is to say of a row: why, how far it drifts, its figures.
pub fn remarks(row: &Tried) -> String {
    let drift = row.drift.iter().map(|d| {
        let (was, now) = (number(d.was), number(d.now));
        format!("{}: chuẩn {was}, nay {now} {}", named(&d.name), d.unit)
    });
    let told = |f: &&Figure| row.drift.iter().all(|d| d.name != f.name);
    let figures = row.figures.iter().filter(told).map(|f| measured(&f.name, f.value, &f.unit));
    row.why.clone().into_iter().chain(drift).chain(figures).collect::<Vec<_>>().join("; ")
}

/// What to do about a row, one thing after another.
pub fn advice(row: &Tried) -> &'static str {
    let kind = row.id.split('/').next().unwrap_or_default();
    match (kind, row.outcome) {
        ("transmitter", Outcome::Drift) => {
            "Xem đầu nối, dây và cột ăng-ten (nước vào, gỉ, lỏng). Chưa sửa thì không tăng công suất."
        }
        (_, Outcome::Drift) => "Xem đầu nối và dây của thiết bị. Nếu đã thay thiết bị, bấm lấy số đo mới làm chuẩn.",
        ("switch", _) => "Xem nguồn của bảng rơ le, dây A/B của bus, địa chỉ và số cuộn. Bật tay rồi kiểm tra lại.",
        ("transmitter", _) => "Không đứng gần ăng-ten. Xem nguồn, đèn báo lỗi, tải hoặc ăng-ten, rồi dây điều khiển.",
        ("coder", _) => "Xem nguồn bộ mã RDS và dây mạng hoặc dây nối tiếp tới bộ mã.",
        ("board", _) => "Xem nguồn bảng, dây mạng, địa chỉ IP của thẻ điều khiển.",
        ("sink", _) => "Xem card âm thanh, dây tiếng, tăng âm; nếu có micro nghe kiểm tra thì xem cả micro.",
        ("sensor", _) => "Xem nguồn và dây của cảm biến.",
        ("clock", _) => "Xem mạng (máy chủ giờ) và pin đồng hồ. Lịch phát chờ tới khi đồng hồ tin cậy.",
        ("disk", _) => "Thay thẻ nhớ. Trạm vẫn phát khẩn cấp nhưng không ghi được nhật ký.",
        ("hub", _) => "Xem mạng, bộ phát 4G và SIM. Trạm vẫn tự chạy theo lịch đã có.",
        _ => "Xem nguồn điện và dây nối.",
    }
}

/// `21/11/2026 05:10`.
fn moment(trial: &Trial) -> String {
    let (date, time) = trial.at.local();
    format!("{:02}/{:02}/{} {:02}:{:02}", date.day(), date.month(), date.year(), time.hour(), time.minute())
}

fn sum(trial: &Trial) -> String {
    let kind = if trial.full { "đầy đủ" } else { "im lặng (chỉ đọc)" };
    let count = |outcome| trial.count(outcome);
    format!(
        "Tự kiểm tra số {} {kind}, {}: {} tốt, {} lệch chuẩn, {} hỏng, {} chưa thử.",
        trial.no,
        moment(trial),
        count(Outcome::Pass),
        count(Outcome::Drift),
        count(Outcome::Fail),
        count(Outcome::NotTested)
    )
}

/// The whole result as a table for a terminal.
pub fn table(trial: &Trial) -> String {
    let wide = trial.rows.iter().map(|r| r.id.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for row in &trial.rows {
        let (id, word) = (&row.id, word(row.outcome));
        out.push_str(format!("{id:wide$}  {word:10}  {}", remarks(row)).trim_end());
        out.push('\n');
    }
    out.push_str(&sum(trial));
    if let Some(why) = &trial.given_up {
        // Writing to a String cannot fail.
        write!(out, "\nChưa làm hết: {why}.").ok();
    }
    out.push('\n');
    out
}

/// The rows somebody must do something about, worst first.
fn faults(trial: &Trial) -> Vec<&Tried> {
    let of = |outcome| trial.rows.iter().filter(move |r| r.outcome == outcome);
    of(Outcome::Fail).chain(of(Outcome::Drift)).collect()
}

/// The fault list as plain text, to be sent.
pub fn list(trial: Option<&Trial>, place: &str, station: &str) -> String {
    let mut out = format!("DANH SÁCH HỎNG HÓC – {place} (trạm {station})\n");
    let Some(trial) = trial else {
        out.push_str("Trạm chưa tự kiểm tra lần nào.\n");
        return out;
    };
    out.push_str(&sum(trial));
    out.push('\n');
    let faults = faults(trial);
    if faults.is_empty() {
        out.push_str("Không có hỏng hóc.\n");
    }
    for (place, row) in (1..).zip(faults) {
        // Writing to a String cannot fail.
        write!(
            out,
            "\n{place}. {} – {}\n   {}\n   Việc cần làm: {}\n",
            called(&row.id),
            word(row.outcome),
            remarks(row),
            advice(row)
        )
        .ok();
    }
    out
}

/// Rows of the page to print, as HTML.
pub(crate) fn rows(trial: &Trial) -> String {
    let mut out = String::new();
    let rest = trial.rows.iter().filter(|r| matches!(r.outcome, Outcome::Pass | Outcome::NotTested));
    for row in faults(trial).into_iter().chain(rest) {
        let class = match row.outcome {
            Outcome::Pass => "pass",
            Outcome::Drift => "drift",
            Outcome::Fail => "fail",
            Outcome::NotTested => "not",
        };
        let due = matches!(row.outcome, Outcome::Fail | Outcome::Drift);
        let todo = if due { advice(row) } else { "" };
        let (id, remarks) = (escaped(called(&row.id)), escaped(&remarks(row)));
        // Writing to a String cannot fail.
        writeln!(
            out,
            "<tr class=\"{class}\"><th scope=\"row\">{id}</th><td>{}</td><td>{remarks}</td><td>{todo}</td></tr>",
            word(row.outcome)
        )
        .ok();
    }
    out
}

/// The sentence above the table.
pub(crate) fn heading(trial: Option<&Trial>) -> String {
    trial.map_or_else(|| "Trạm chưa tự kiểm tra lần nào.".to_owned(), sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::time::Wall;
    use gateway_core::trial::Drift;

    fn row(id: &str, outcome: Outcome, why: Option<&str>) -> Tried {
        let figures = vec![Figure { name: "answer_ms".into(), value: 23.0, unit: "ms".into() }];
        Tried { id: id.into(), outcome, why: why.map(str::to_owned), figures, drift: Vec::new() }
    }

    #[test]
    fn the_list_names_what_is_wrong_and_what_to_do_and_nothing_else() {
        let mut drifting = row("transmitter/fm", Outcome::Drift, None);
        drifting.drift.push(Drift { name: "reflected_w".into(), was: 0.4, now: 0.8, unit: "W".into() });
        let rows = vec![
            row("switch/amp1", Outcome::Pass, None),
            drifting,
            row("board/<b>", Outcome::Fail, Some("không trả lời")),
        ];
        let at = Wall::parse("2026-11-21T05:10:00+07:00").expect("a time");
        let trial = Trial { no: 7, full: true, by: None, at, took_ms: 1, given_up: None, rows };
        let list = list(Some(&trial), "Xã Bình Minh", "TN-1");
        assert!(list.contains("21/11/2026 05:10: 1 tốt, 1 lệch chuẩn, 1 hỏng"), "{list}");
        assert!(list.contains("1. board/<b> – HỎNG\n   không trả lời"), "worst first: {list}");
        assert!(list.contains("công suất dội: chuẩn 0,4, nay 0,8 W") && list.contains("ăng-ten"), "{list}");
        assert!(!list.contains("amp1"));
        let html = super::rows(&trial);
        assert!(html.contains("board/&lt;b&gt;") && html.contains("switch/amp1"), "{html}");
        assert_eq!(table(&trial).lines().count(), 4);
    }
}
