//! Units of measure and money, after a number.

use super::number::cardinal;
use super::tokens::{Line, Said};

const UNITS: [(&str, &str); 81] = [
    ("km", "ki lô mét"),
    ("Km", "ki lô mét"),
    ("KM", "ki lô mét"),
    ("hm", "héc tô mét"),
    ("m", "mét"),
    ("dm", "đề xi mét"),
    ("cm", "xen ti mét"),
    ("mm", "mi li mét"),
    ("μm", "mi cờ rô mét"),
    ("nm", "na nô mét"),
    ("ha", "héc ta"),
    ("Ha", "héc ta"),
    ("kg", "ki lô gam"),
    ("Kg", "ki lô gam"),
    ("KG", "ki lô gam"),
    ("g", "gam"),
    ("gr", "gam"),
    ("mg", "mi li gam"),
    ("μg", "mi cờ rô gam"),
    ("ml", "mi li lít"),
    ("mL", "mi li lít"),
    ("l", "lít"),
    ("L", "lít"),
    ("kW", "ki lô oát"),
    ("KW", "ki lô oát"),
    ("kw", "ki lô oát"),
    ("kWh", "ki lô oát giờ"),
    ("KWh", "ki lô oát giờ"),
    ("kwh", "ki lô oát giờ"),
    ("MW", "mê ga oát"),
    ("MWh", "mê ga oát giờ"),
    ("MWp", "mê ga oát"),
    ("kWp", "ki lô oát"),
    ("GW", "gi ga oát"),
    ("W", "oát"),
    ("w", "oát"),
    ("Wh", "oát giờ"),
    ("V", "vôn"),
    ("v", "vôn"),
    ("kV", "ki lô vôn"),
    ("KV", "ki lô vôn"),
    ("kVA", "ki lô vôn am pe"),
    ("KVA", "ki lô vôn am pe"),
    ("mV", "mi li vôn"),
    ("mA", "mi li am pe"),
    ("Ah", "am pe giờ"),
    ("mAh", "mi li am pe giờ"),
    ("Hz", "héc"),
    ("kHz", "ki lô héc"),
    ("KHz", "ki lô héc"),
    ("MHz", "mê ga héc"),
    ("Mhz", "mê ga héc"),
    ("GHz", "gi ga héc"),
    ("dB", "đề xi ben"),
    ("dBm", "đề xi ben em"),
    ("hPa", "héc tô pát can"),
    ("Pa", "pát can"),
    ("kPa", "ki lô pát can"),
    ("MPa", "mê ga pát can"),
    ("mb", "mi li ba"),
    ("mbar", "mi li ba"),
    ("atm", "át mốt phe"),
    ("h", "giờ"),
    ("ph", "phút"),
    ("s", "giây"),
    ("ms", "mi li giây"),
    ("GB", "gi ga bai"),
    ("MB", "mê ga bai"),
    ("KB", "ki lô bai"),
    ("TB", "tê ra bai"),
    ("Mbps", "mê ga bít trên giây"),
    ("Gbps", "gi ga bít trên giây"),
    ("kbps", "ki lô bít trên giây"),
    ("HP", "mã lực"),
    ("CV", "mã lực"),
    ("cc", "xê xê"),
    ("kcal", "ki lô ca lo"),
    ("cal", "ca lo"),
    ("ppm", "phần triệu"),
    ("NTU", "en tê u"),
    ("inch", "inh"),
];
/// Units a `2` or `3` may follow, and how it is said then.
const POWERS: [(&str, &str, &str); 4] = [
    ("m", "mét vuông", "mét khối"),
    ("km", "ki lô mét vuông", "ki lô mét khối"),
    ("cm", "xen ti mét vuông", "xen ti mét khối"),
    ("mm", "mi li mét vuông", "mi li mét khối"),
];
const MONEY: [(&str, &str); 22] = [
    ("đ", "đồng"),
    ("Đ", "đồng"),
    ("đồng", "đồng"),
    ("VNĐ", "đồng"),
    ("VND", "đồng"),
    ("vnđ", "đồng"),
    ("vnd", "đồng"),
    ("Vnđ", "đồng"),
    ("USD", "đô la Mỹ"),
    ("usd", "đô la Mỹ"),
    ("EUR", "ơ rô"),
    ("JPY", "yên Nhật"),
    ("CNY", "nhân dân tệ"),
    ("k", "nghìn"),
    ("K", "nghìn"),
    ("tr", "triệu"),
    ("Tr", "triệu"),
    ("trđ", "triệu đồng"),
    ("trđồng", "triệu đồng"),
    ("tỉ", "tỷ"),
    ("ngđ", "nghìn đồng"),
    ("nđ", "nghìn đồng"),
];

/// A measure at exactly that token, with what it is measured by: `kg`, `mm/24h`, `đ/người`.
pub(super) fn measure(line: &Line<'_>, at: usize) -> Option<Said> {
    let unit = one(line, at)?;
    let money = line.word(at).is_some_and(|word| MONEY.iter().any(|(written, _)| *written == word));
    Some(match per(line, unit.next, money) {
        Some(per) => Said::new(per.next, format!("{} {}", unit.words, per.words)),
        None => unit,
    })
}

/// A measure after a number that ends before that token, with or without a space between.
pub(super) fn after(line: &Line<'_>, at: usize) -> Option<Said> {
    let place = line.skip(at);
    if line.lower(at) == "t" && !matches!(line.before(at, 2), "lớp" | "số") && line.digits(at + 1).is_none() {
        return Some(Said::new(at + 1, "tấn"));
    }
    let million = line.mark(place + 1) == Some('.') && line.word(place + 2) == Some("đ");
    if place > at
        && !million
        && matches!(line.word(place), Some("k" | "K" | "v" | "w" | "tr" | "Đ" | "CV" | "TB" | "tỉ" | "s"))
    {
        return None;
    }
    measure(line, place)
}

fn one(line: &Line<'_>, at: usize) -> Option<Said> {
    match line.mark(at) {
        Some('%') => return Some(Said::new(at + 1, "phần trăm")),
        Some('‰') => return Some(Said::new(at + 1, "phần nghìn")),
        Some('₫') => return Some(Said::new(at + 1, "đồng")),
        Some('$') => return Some(Said::new(at + 1, "đô la")),
        Some('€') => return Some(Said::new(at + 1, "ơ rô")),
        Some('°') => return degrees(line, at),
        Some(_) => return None,
        None => {}
    }
    let word = line.word(at)?;
    if word == "tr" && line.mark(at + 1) == Some('.') && matches!(line.word(at + 2), Some("đ" | "đồng")) {
        return Some(Said::new(at + 3, "triệu đồng"));
    }
    let power = line.digits(at + 1);
    if let Some(power) = power {
        let (_, square, cube) = POWERS.iter().find(|(written, ..)| *written == word)?;
        let words = match power {
            "2" => square,
            "3" => cube,
            _ => return None,
        };
        return (!line.is_solid(at + 2)).then(|| Said::new(at + 2, *words));
    }
    if word == "oC" {
        return Some(Said::new(at + 1, "độ xê"));
    }
    let known = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(written, _)| *written == word).map(|(_, spoken)| *spoken)
    };
    let words = known(&UNITS).or_else(|| known(&MONEY))?;
    Some(Said::new(at + 1, words.to_lowercase()))
}

/// `°C`, `°F`, `15°30'N`, a bare `°`.
fn degrees(line: &Line<'_>, at: usize) -> Option<Said> {
    let mut next = at + 1;
    let mut words = "độ".to_owned();
    if let Some(minutes) = line.digits(next).filter(|minutes| minutes.len() <= 2 && line.mark(next + 1) == Some('\'')) {
        words.push_str(&format!(" {} phút", cardinal(minutes)));
        next += 2;
    }
    let named = line.near(at, 4, &["vĩ", "kinh"]);
    let spaced = line.skip(next);
    let side = match line.word(spaced) {
        Some("C") => return Some(Said::new(spaced + 1, format!("{words} xê"))),
        Some("F") => return Some(Said::new(spaced + 1, format!("{words} ép"))),
        Some("N" | "B") => "vĩ bắc",
        Some("E" | "Đ") => "kinh đông",
        Some("S") => "vĩ nam",
        Some("W" | "T") => "kinh tây",
        _ => return Some(Said::new(next, words)),
    };
    let side = if named { side.split(' ').next_back().unwrap_or(side) } else { side };
    Some(Said::new(spaced + 1, format!("{words} {side}")))
}

/// What follows a slash after a unit, and a second and third slash: `kg/ha/năm`.
pub(super) fn per(line: &Line<'_>, at: usize, money: bool) -> Option<Said> {
    let mut all = one_per(line, at, money)?;
    for _ in 0..2 {
        let Some(more) = one_per(line, all.next, money) else { break };
        all = Said::new(more.next, format!("{} {}", all.words, more.words));
    }
    Some(all)
}

fn one_per(line: &Line<'_>, at: usize, money: bool) -> Option<Said> {
    if line.mark(at) != Some('/') {
        return None;
    }
    if let Some(count) = line.digits(at + 1) {
        // `mm/24h`
        let place = line.skip(at + 2);
        let unit = match line.word(place)? {
            "h" | "giờ" => "giờ",
            "ngày" => "ngày",
            "phút" | "ph" => "phút",
            "người" => "người",
            _ => return None,
        };
        return Some(Said::new(place + 1, format!("trong {} {unit}", cardinal(count))));
    }
    let word = line.word(at + 1)?;
    let link = if money { "mỗi" } else { "trên" };
    if let Some(unit) = one(line, at + 1).filter(|_| !MONEY.iter().any(|(written, _)| *written == word)) {
        return Some(Said::new(unit.next, format!("{link} {}", unit.words)));
    }
    const RATED: [&str; 10] = ["giờ", "phút", "giây", "tấn", "tạ", "lít", "sào", "mẫu", "công", "đợt"];
    const EACH: [&str; 35] = [
        "người", "hộ", "ngày", "tháng", "năm", "tuần", "quý", "lần", "lượt", "con", "cây", "suất", "bao", "bộ",
        "chiếc", "cái", "vụ", "buổi", "ca", "đêm", "khẩu", "trẻ", "cháu", "học", "thẻ", "phiếu", "chuyến", "xe", "căn",
        "phòng", "nhà", "gia", "xã", "thôn", "đối",
    ];
    let each = line.lower(at + 1);
    let link = if EACH.contains(&each) { "mỗi" } else { link };
    (EACH.contains(&each) || RATED.contains(&each)).then(|| Said::new(at + 2, format!("{link} {each}")))
}
