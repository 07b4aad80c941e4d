//! Abbreviations that mean one thing here and another there: what stands around them decides.

use super::number::{cardinal, count};
use super::roman;
use super::tokens::{Line, Said};

/// Reads an abbreviation that its neighbours explain.
pub(super) fn abbreviation(line: &Line<'_>, at: usize) -> Option<Said> {
    let word = line.word(at).filter(|_| !line.is_glued(at))?;
    let dot = usize::from(line.mark(at + 1) == Some('.'));
    let next = line.skip(at + 1 + dot);
    let after = line.lower(next);
    let named = line.word(next).is_some_and(|word| word.chars().next().is_some_and(char::is_uppercase));
    let numbered = line.digits(next).is_some();
    let initials = line.before(at, 1).chars().count() == 1 && line.before(at, 1) != "0";
    let named = named && !initials;
    let whole = |words: &str| Some(Said::new(at + 1 + dot, words));
    let bare = |words: &str| Some(Said::new(at + 1, words));
    match word {
        "P" if dot == 1 && (named || numbered) => {
            let office = [
                "văn", "tài", "giáo", "nội", "kinh", "tư", "lao", "y", "công", "quản", "tổ", "hành", "kế", "nông",
                "tn", "gd", "lđ",
            ];
            whole(if office.contains(&after) { "phòng" } else { "phường" })
        }
        "Q" if dot == 1 && (named || numbered) => whole("quận"),
        "H" if dot == 1 && named => whole("huyện"),
        "X" if dot == 1 && named => whole("xã"),
        "T" if dot == 1 && named && line.word(next).is_some_and(|word| word.chars().count() > 1) => whole("tỉnh"),
        "TT" if numbered => whole("thông tư"),
        "TT" if matches!(after, "tu" | "hđnd" | "ubnd" | "tỉnh" | "huyện" | "đảng" | "thành")
            && (named || dot == 1) =>
        {
            whole("thường trực")
        }
        "TT" if matches!(after, "y" | "văn" | "học" | "dạy" | "giáo" | "phục" | "hành" | "dịch" | "kiểm" | "cung") => {
            whole("trung tâm")
        }
        "TT" if named => whole("thị trấn"),
        "TT" => whole("trung tâm"),
        "CT" if numbered => whole("chỉ thị"),
        "CT" if matches!(after, "tnhh" | "cp" | "cổ") => whole("công ty"),
        "CT" if named || line.mark(at + 1) == Some(',') => whole("chủ tịch"),
        "PCT" => whole("phó chủ tịch"),
        "TH" if named || line.before(at, 1) == "trường" => bare("tiểu học"),
        "PTTH" if line.before(at, 1) == "trường" => bare("phổ thông trung học"),
        "PTTH" => bare("phát thanh truyền hình"),
        "CN" if matches!(line.before(at, 2), "ngân") || line.before(at, 1) == "hàng" => bare("chi nhánh"),
        "CN" => bare("chủ nhật"),
        "ĐT" | "đt" if line.digits(next).is_some_and(|digits| digits.len() <= 3 && !digits.starts_with('0')) => {
            bare("đường tỉnh")
        }
        "ĐT" | "đt" => bare("điện thoại"),
        "CA" if matches!(after, "xã" | "phường" | "tỉnh" | "huyện" | "tp" | "thị" | "quận" | "thành" | "đặc") => {
            bare("công an")
        }
        "QS" if matches!(after, "xã" | "phường" | "tỉnh" | "huyện") => bare("quân sự"),
        "BĐ" if numbered || roman::value(line.word(next).unwrap_or_default()).is_some() => bare("báo động"),
        "BĐI" | "BĐII" | "BĐIII" => {
            let level = word.strip_prefix("BĐ").and_then(roman::value)?;
            bare(&format!("báo động {}", count(level)))
        }
        "BS" if dot == 1 || named => whole("bác sĩ"),
        "TS" if dot == 1 && named => whole("tiến sĩ"),
        "ThS" if named => whole("thạc sĩ"),
        "TM" if dot == 1 => whole("thay mặt"),
        "KT" if dot == 1 => whole("ký thay"),
        "TL" if dot == 1 => whole("thừa lệnh"),
        "TK" if matches!(after, "xx" | "xxi" | "xix") => bare("thế kỷ"),
        "TK" if numbered || line.mark(at + 1) == Some(':') => bare("tài khoản"),
        "đ" if matches!(line.before(at, 1), "triệu" | "nghìn" | "ngàn" | "tỷ" | "tỉ") => bare("đồng"),
        "đ" if line.mark(at + 1) == Some('/') => bare("đồng"),
        "KH" => bare("kế hoạch"),
        "NN" if line.before(at, 1) == "và" => bare("nông nghiệp"),
        "HS" if line.before(at, 1) == "0" => bare("học sinh"),
        "ô" | "Ô" if line.mark(at + 1) == Some('.') && named => whole("ông"),
        "n" | "k" if numbered && line.mark(at + 1) == Some('=') => bare(super::letters::name(word.chars().next()?)),
        "đc" | "Đc" | "ĐC" if line.mark(at + 1) == Some(':') => bare("địa chỉ"),
        "đ/c" => bare("đồng chí"),
        "thứ" | "Thứ" => weekdays(line, at),
        _ => None,
    }
}

/// `thứ 2-6`, `thứ 2, 4, 6`, `thứ 7 và CN`: each is a day.
fn weekdays(line: &Line<'_>, at: usize) -> Option<Said> {
    let first = line.digits(line.skip(at + 1))?;
    if first.len() != 1 || !matches!(line.mark(line.skip(at + 1) + 1), Some(',' | '-')) {
        return None;
    }
    let name = |day: &str| if day == "4" { "tư".to_owned() } else { cardinal(day) };
    let mut place = line.skip(at + 1);
    let mut words = format!("thứ {}", name(first));
    for _ in 0..6 {
        let Some(mark) = line.mark(place + 1).filter(|mark| matches!(mark, ',' | '-')) else { break };
        let next = line.skip(place + 2);
        let Some(day) = line.digits(next).filter(|day| day.len() == 1 && !line.is_solid(next + 1)) else { break };
        words.push_str(if mark == ',' { ", thứ " } else { " đến thứ " });
        words.push_str(&name(day));
        place = next;
    }
    Some(Said::new(place + 1, words))
}
