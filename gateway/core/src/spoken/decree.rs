//! Numbers of legal documents: `135/QĐ-TTg`, `39/2020/TT-BTTTT`, `1127-CV/TU`, `KH-UBND`.

use super::letters::spelled;
use super::lexicon;
use super::number::{cardinal, one_by_one};
use super::roman;
use super::syllable::is_syllable;
use super::tokens::{Line, Said};

/// What kind of document it is, and who signs it, as written in its number. Some mean something else in running text.
const PARTS: [(&str, &str); 104] = [
    ("QĐ", "quyết định"),
    ("NĐ", "nghị định"),
    ("CP", "chính phủ"),
    ("TTg", "thủ tướng"),
    ("TT", "thông tư"),
    ("TTLT", "thông tư liên tịch"),
    ("CT", "chỉ thị"),
    ("NQ", "nghị quyết"),
    ("KH", "kế hoạch"),
    ("CV", "công văn"),
    ("TB", "thông báo"),
    ("BC", "báo cáo"),
    ("TTr", "tờ trình"),
    ("TTR", "tờ trình"),
    ("HD", "hướng dẫn"),
    ("GM", "giấy mời"),
    ("CĐ", "công điện"),
    ("CTr", "chương trình"),
    ("CTR", "chương trình"),
    ("QC", "quy chế"),
    ("KL", "kết luận"),
    ("ĐA", "đề án"),
    ("PA", "phương án"),
    ("BB", "biên bản"),
    ("HĐ", "hợp đồng"),
    ("GP", "giấy phép"),
    ("VBHN", "văn bản hợp nhất"),
    ("L", "luật"),
    ("PL", "pháp lệnh"),
    ("SL", "sắc lệnh"),
    ("LCT", "lệnh chủ tịch nước"),
    ("QyĐ", "quy định"),
    ("QPPL", "quy phạm pháp luật"),
    ("UBND", "ủy ban nhân dân"),
    ("HĐND", "hội đồng nhân dân"),
    ("TU", "tỉnh ủy"),
    ("TW", "trung ương"),
    ("TƯ", "trung ương"),
    ("HU", "huyện ủy"),
    ("ĐU", "đảng ủy"),
    ("QH", "quốc hội"),
    ("UBTVQH", "ủy ban thường vụ quốc hội"),
    ("VPCP", "văn phòng chính phủ"),
    ("VP", "văn phòng"),
    ("VPUBND", "văn phòng ủy ban nhân dân"),
    ("BTTTT", "bộ thông tin và truyền thông"),
    ("BNV", "bộ nội vụ"),
    ("BTC", "bộ tài chính"),
    ("BYT", "bộ y tế"),
    ("BGDĐT", "bộ giáo dục và đào tạo"),
    ("BGD", "bộ giáo dục"),
    ("BNN", "bộ nông nghiệp"),
    ("BNNPTNT", "bộ nông nghiệp và phát triển nông thôn"),
    ("BNNMT", "bộ nông nghiệp và môi trường"),
    ("BTNMT", "bộ tài nguyên và môi trường"),
    ("BCA", "bộ công an"),
    ("BQP", "bộ quốc phòng"),
    ("BXD", "bộ xây dựng"),
    ("BCT", "bộ công thương"),
    ("BGTVT", "bộ giao thông vận tải"),
    ("BKHCN", "bộ khoa học và công nghệ"),
    ("BKHĐT", "bộ kế hoạch và đầu tư"),
    ("BLĐTBXH", "bộ lao động, thương binh và xã hội"),
    ("BTP", "bộ tư pháp"),
    ("BVHTTDL", "bộ văn hóa, thể thao và du lịch"),
    ("BNG", "bộ ngoại giao"),
    ("NHNN", "ngân hàng nhà nước"),
    ("TTCP", "thanh tra chính phủ"),
    ("TANDTC", "tòa án nhân dân tối cao"),
    ("VKSNDTC", "viện kiểm sát nhân dân tối cao"),
    ("STTTT", "sở thông tin và truyền thông"),
    ("SGDĐT", "sở giáo dục và đào tạo"),
    ("SYT", "sở y tế"),
    ("SNV", "sở nội vụ"),
    ("STC", "sở tài chính"),
    ("SXD", "sở xây dựng"),
    ("STP", "sở tư pháp"),
    ("SCT", "sở công thương"),
    ("SKHCN", "sở khoa học và công nghệ"),
    ("SVHTTDL", "sở văn hóa, thể thao và du lịch"),
    ("SVHTT", "sở văn hóa và thể thao"),
    ("SNNPTNT", "sở nông nghiệp và phát triển nông thôn"),
    ("SNNMT", "sở nông nghiệp và môi trường"),
    ("STNMT", "sở tài nguyên và môi trường"),
    ("SLĐTBXH", "sở lao động, thương binh và xã hội"),
    ("TTCS", "thông tin cơ sở"),
    ("TTTH", "truyền thanh, truyền hình"),
    ("BCĐ", "ban chỉ đạo"),
    ("BCH", "ban chỉ huy"),
    ("PCTT", "phòng chống thiên tai"),
    ("PCLB", "phòng chống lụt bão"),
    ("TKCN", "tìm kiếm cứu nạn"),
    ("MTTQ", "mặt trận tổ quốc"),
    ("ĐTN", "đoàn thanh niên"),
    ("HPN", "hội phụ nữ"),
    ("HND", "hội nông dân"),
    ("CCB", "cựu chiến binh"),
    ("CA", "công an"),
    ("CAX", "công an xã"),
    ("TDP", "tổ dân phố"),
    ("BTGTU", "ban tuyên giáo tỉnh ủy"),
    ("BTV", "ban thường vụ"),
    ("QCVN", "quy chuẩn việt nam"),
    ("BHXH", "bảo hiểm xã hội"),
];
/// Words after which a number with a slash is a document's.
const DOCUMENT: [&str; 16] = [
    "định", "quyết", "tư", "thị", "luật", "số", "nđ", "qđ", "tt", "nq", "văn", "hoạch", "báo", "trình", "lệnh", "điện",
];

/// Reads the number of a document.
pub(super) fn decree(line: &Line<'_>, at: usize) -> Option<Said> {
    if line.is_glued(at) {
        return None;
    }
    match line.digits(at) {
        Some(number) => numbered(line, at, number),
        None => bare(line, at),
    }
}

fn numbered(line: &Line<'_>, at: usize, number: &str) -> Option<Said> {
    let mark = line.mark(at + 1).filter(|mark| matches!(mark, '/' | '-'))?;
    let mut words = if number.starts_with('0') { one_by_one(number) } else { cardinal(number) };
    if mark == '/'
        && let Some(year) = line.digits(at + 2).filter(|year| year.len() == 4)
    {
        let document = DOCUMENT.contains(&line.before(at, 1));
        let too_large = number.parse::<u64>().is_ok_and(|number| number > 12);
        let tail = (line.mark(at + 3) == Some('/')).then(|| parts(line, at + 4)).flatten();
        if tail.is_none() && !(document || too_large) {
            return None;
        }
        words.push_str(&format!(" gạch chéo {}", cardinal(year)));
        return Some(match tail {
            Some(tail) => Said::new(tail.next, format!("{words} gạch chéo {}", tail.words)),
            None => Said::new(at + 3, words),
        });
    }
    // `12-NQ/TW`: after a hyphen only a known kind of document counts.
    if mark == '-' && line.word(at + 2).is_none_or(|word| part(word).is_none()) {
        return None;
    }
    let tail = parts(line, at + 2)?;
    let between = if mark == '/' { " gạch chéo" } else { "" };
    Some(Said::new(tail.next, format!("{words}{between} {}", tail.words)))
}

/// `QĐ-UBND`, `NQ/TW`, `/KH-UBND` without a number.
fn bare(line: &Line<'_>, at: usize) -> Option<Said> {
    let start = if line.mark(at) == Some('/') { at + 1 } else { at };
    let kind = line.word(start)?;
    part(kind)?;
    if !matches!(line.mark(start + 1), Some('-' | '/')) || line.word(start + 2).is_none_or(|word| part(word).is_none())
    {
        return None;
    }
    // A document's number names its kind first; `HĐND-UBND` are two bodies.
    let first = PARTS.iter().position(|(written, _)| *written == kind)?;
    (first < 33).then(|| parts(line, start)).flatten()
}

/// The letters after the number, to their end.
fn parts(line: &Line<'_>, at: usize) -> Option<Said> {
    let mut words: Vec<String> = Vec::new();
    let mut place = at;
    while let Some(word) = line.word(place) {
        if words.len() > 8 || !word.chars().next().is_some_and(char::is_uppercase) {
            break;
        }
        let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
        let known = part(word);
        if known.is_none() && (capitals < 2 || capitals * 2 <= word.chars().count() && !word.ends_with("Tg")) {
            break;
        }
        words.push(known.map_or_else(|| unknown(word), str::to_owned));
        place += 1;
        // `QH15`: of the fifteenth National Assembly.
        if let Some(term) = line.digits(place) {
            let khoa = if word.starts_with("QH") || word.ends_with("QH") { "khóa " } else { "" };
            words.push(format!("{khoa}{}", cardinal(term)));
            place += 1;
        }
        if !matches!(line.mark(place), Some('-' | '/' | '&' | '.')) || line.word(place + 1).is_none() {
            break;
        }
        if line.mark(place) == Some('&') {
            words.push("và".to_owned());
        }
        place += 1;
    }
    if words.is_empty() {
        return None;
    }
    // A separator that no part follows is not ours.
    let next =
        if matches!(line.mark(place.saturating_sub(1)), Some('-' | '/' | '&' | '.')) { place - 1 } else { place };
    Some(Said::new(next, words.join(" ")))
}

fn part(word: &str) -> Option<&'static str> {
    PARTS.iter().find(|(written, _)| *written == word).map(|(_, spoken)| *spoken)
}

fn unknown(word: &str) -> String {
    if let Some(known) = lexicon::word(word) {
        return known.to_owned();
    }
    if let Some(value) = roman::value(word).filter(|_| word.len() > 1) {
        return super::number::count(value);
    }
    let lower = word.to_lowercase();
    if is_syllable(&lower) && word.chars().count() > 3 { lower } else { spelled(&lower) }
}
