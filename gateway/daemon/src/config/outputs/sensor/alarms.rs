//! Thresholds: the usual ones of each kind of sensor, and those that are written.

use crate::config::outputs::milliseconds;
use crate::config::sheet::Entry;
use drivers::profile::Limit;
use gateway_core::config::{Bound, SensorAlarm};

/// A threshold of a profile must be crossed for so long, seconds: numbers, states.
const NUMBER_S: u64 = 60;
const STATE_S: u64 = 10;

/// What officers call the quantities of the profiles that are shipped.
const QUANTITIES: &[(&str, &str)] = &[
    ("battery_voltage", "điện áp ắc quy"),
    ("battery_temperature", "nhiệt độ ắc quy"),
    ("battery_charge", "mức nạp ắc quy"),
    ("pv_voltage", "điện áp pin mặt trời"),
    ("amplifier_fault", "tăng âm"),
    ("over_temperature", "nhiệt độ tăng âm"),
    ("line_open", "đường loa (đứt dây)"),
    ("line_earth", "đường loa (chạm đất)"),
    ("mains", "điện lưới"),
    ("temperature_1", "nhiệt độ đầu đo 1"),
    ("temperature_2", "nhiệt độ đầu đo 2"),
    ("temperature_3", "nhiệt độ đầu đo 3"),
    ("temperature_4", "nhiệt độ đầu đo 4"),
];

/// The thresholds that are written; `None` where one of them is wrong.
pub(super) fn written(entry: &Entry<'_, '_>) -> Option<Vec<SensorAlarm>> {
    entry.inlines("alarms").iter().map(one).collect()
}

fn one(entry: &Entry<'_, '_>) -> Option<SensorAlarm> {
    let (quantity, text, code) = (entry.text("quantity"), entry.text("text"), entry.text("code"));
    let (below, above, clears) = (entry.number("below"), entry.number("above"), entry.number("clears"));
    let (for_ms, grave) = (milliseconds(entry, "for_s"), entry.flag("grave"));
    let remedy = "write one of `below` and `above`";
    let (bound, usual) = match (below, above) {
        (Some(bound), None) => (Bound::Below(bound), bound + bound.abs() * 0.05),
        (None, Some(bound)) => (Bound::Above(bound), bound - bound.abs() * 0.05),
        (None, None) => {
            entry.bad("below", "nothing is said to be wrong", remedy);
            return None;
        }
        (Some(_), Some(_)) => {
            entry.bad("above", "a threshold has one side", format!("{remedy}, and a second threshold for the other"));
            return None;
        }
    };
    let wrong_side = match bound {
        Bound::Below(bound) => clears.is_some_and(|c| c < bound),
        Bound::Above(bound) => clears.is_some_and(|c| c > bound),
    };
    if wrong_side {
        entry.bad("clears", "the alarm would end while it begins", "write a value on the good side of the bound");
        return None;
    }
    let (code, clears) = (code?, clears.unwrap_or(usual));
    Some(SensorAlarm { code, quantity: quantity?, bound, clears, for_ms: for_ms?, text: text?, grave: grave? })
}

/// The usual thresholds of a kind and of its profile, but where one is written for the same quantity, and those that are
/// written.
pub(super) fn all(driver: &str, role: &str, limits: &[Limit], written: Vec<SensorAlarm>) -> Vec<SensorAlarm> {
    let mut alarms = usual(driver, role);
    alarms.extend(limits.iter().flat_map(of_profile));
    alarms.retain(|a| written.iter().all(|w| w.quantity != a.quantity));
    alarms.extend(written);
    alarms
}

/// The thresholds that a profile has for a quantity.
fn of_profile(limit: &Limit) -> Vec<SensorAlarm> {
    let Limit { quantity, low, high, is_state } = limit;
    let known = QUANTITIES.iter().find(|(known, _)| known == quantity).map_or(quantity.as_str(), |(_, name)| name);
    if *is_state {
        let bad = high.is_some();
        let bound = if bad { Bound::Above(0.5) } else { Bound::Below(0.5) };
        let state = if bad { "báo lỗi" } else { "không còn tốt" };
        let text = format!("{known} {state}. Kiểm tra thiết bị; nếu còn báo, gọi kỹ thuật.");
        return vec![alarm("sensor", quantity, bound, 0.5, STATE_S, false, &text)];
    }
    let margin = |bound: f64| bound.abs() * 0.05;
    let below = low.map(|low| {
        let text = format!("{known} xuống dưới {}. Kiểm tra thiết bị.", comma(low));
        alarm("sensor", quantity, Bound::Below(low), low + margin(low), NUMBER_S, false, &text)
    });
    let above = high.map(|high| {
        let text = format!("{known} lên quá {}. Kiểm tra thiết bị.", comma(high));
        alarm("sensor", quantity, Bound::Above(high), high - margin(high), NUMBER_S, false, &text)
    });
    below.into_iter().chain(above).collect()
}

/// A number as Vietnamese writes it.
fn comma(value: f64) -> String {
    value.to_string().replace('.', ",").replace('-', "−")
}

/// A state that must not last.
fn state(code: &str, quantity: &str, for_s: u64, grave: bool, text: &str) -> SensorAlarm {
    alarm(code, quantity, Bound::Above(0.5), 0.5, for_s, grave, text)
}

fn alarm(code: &str, quantity: &str, bound: Bound, clears: f64, for_s: u64, grave: bool, text: &str) -> SensorAlarm {
    let (code, quantity, text, for_ms) = (code.to_owned(), quantity.to_owned(), text.to_owned(), for_s * 1000);
    SensorAlarm { code, quantity, bound, clears, for_ms, text, grave }
}

fn usual(driver: &str, role: &str) -> Vec<SensorAlarm> {
    match (driver, role) {
        ("nut", _) => vec![
            state(
                "on_battery",
                "on_battery",
                0,
                false,
                "mất điện lưới, trạm đang chạy bằng pin. Kiểm tra cầu dao; nếu mất điện lâu, chuẩn bị máy phát điện.",
            ),
            state("battery_low", "battery_low", 0, true, "pin sắp cạn, trạm sắp tắt. Bật máy phát điện ngay."),
            state("battery_worn", "replace_battery", 60, false, "pin đã yếu. Gọi kỹ thuật thay pin."),
            state("overload", "overload", 10, true, "quá tải. Rút bớt thiết bị không cần ra khỏi bộ lưu điện."),
        ],
        ("machine", _) => vec![
            alarm(
                "hot",
                "temperature",
                Bound::Above(80.0),
                75.0,
                60,
                false,
                "máy quá nóng. Kiểm tra quạt và lỗ thoáng của tủ.",
            ),
            state("under_voltage", "under_voltage", 5, false, "nguồn nuôi yếu. Thay bộ nguồn hoặc dây nguồn."),
            alarm("disk_full", "disk_free", Bound::Below(5.0), 8.0, 60, false, "thẻ nhớ sắp đầy. Gọi kỹ thuật."),
            alarm(
                "card_worn",
                "wear",
                Bound::Above(89.0),
                89.0,
                60,
                false,
                "thẻ nhớ sắp hết tuổi thọ. Gọi kỹ thuật thay.",
            ),
            alarm(
                "card_worn",
                "spare_blocks",
                Bound::Above(1.5),
                1.5,
                60,
                false,
                "thẻ nhớ sắp hỏng. Gọi kỹ thuật thay.",
            ),
        ],
        ("modem", _) => vec![
            alarm(
                "no_mobile_network",
                "registered",
                Bound::Below(0.5),
                0.5,
                300,
                false,
                "không bắt được sóng di động. Kiểm tra SIM và ăng ten của bộ phát 4G.",
            ),
            state("sim_missing", "sim_missing", 60, false, "không thấy SIM trong bộ phát 4G. Lắp lại SIM."),
            state("sim_failed", "sim_failed", 60, false, "SIM hỏng hoặc đã bị khóa hẳn. Gọi nhà mạng đổi SIM."),
            state("sim_locked", "sim_locked", 60, false, "SIM đang khóa bằng mã PIN. Gọi kỹ thuật mở khóa."),
        ],
        ("gps", _) => vec![alarm(
            "no_satellites",
            "fix",
            Bound::Below(0.5),
            0.5,
            1800,
            false,
            "không bắt được vệ tinh. Kiểm tra ăng ten có bị che khuất không.",
        )],
        ("gpio", "door") => {
            vec![state("intrusion", "door", 0, false, "cửa đang mở. Nếu không phải người của xã mở, gọi công an xã.")]
        }
        ("gpio", "power_fail") => {
            vec![state("on_battery", "power_fail", 0, false, "mất điện lưới. Kiểm tra cầu dao.")]
        }
        _ => Vec::new(),
    }
}
