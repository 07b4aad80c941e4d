//! What is painted, as other eyes than ours read it: tesseract the text, zbar the codes.

use super::*;
use gateway_core::id::ShowId;
use std::io::Write;
use std::process::{Command, Stdio};

mod eyes;

use eyes::{joined, read, scanned};

/// Pixels of an em from which on an eye made for print reads every letter.
const READ_FROM: u16 = 20;

/// What boards of communes have said, or will.
const WARNINGS: [&str; 14] = [
    "THÔNG BÁO LŨ LÚC 18 GIỜ",
    "CẢNH BÁO LŨ QUÉT, SẠT LỞ ĐẤT",
    "Bão số 5 giật cấp 12 đổ bộ đêm nay",
    "Khẩn trương sơ tán khỏi vùng trũng thấp",
    "Nước sông Hồng vượt báo động 3",
    "Cấm đường qua cầu tràn Nậm Pồ",
    "Học sinh nghỉ học ngày thứ Sáu",
    "Mất điện từ 7 giờ 30 đến 16 giờ",
    "Tiêm phòng sởi tại trạm y tế xã",
    "Không ra suối vớt củi khi có lũ",
    "Nắng nóng gay gắt, đề phòng cháy rừng",
    "Rét đậm: giữ ấm cho người già, trẻ nhỏ",
    "Hồ thủy điện xả lũ lúc 15 giờ, dân hạ du tránh xa lòng sông",
    "Đề nghị bà con chằng chống nhà cửa, gia cố chuồng trại, thu hoạch lúa chín trước khi bão đổ bộ",
];

fn message(text: &str) -> BoardMessage {
    BoardMessage {
        id: ShowId(1),
        text: text.to_owned(),
        level: None,
        drill: false,
        flash: false,
        qr: None,
        picture: None,
        until: None,
    }
}

#[test]
fn every_page_read_by_an_independent_eye_is_the_text() {
    let sizes = [(192, 96), (320, 160), (720, 64), (128, 64), (256, 32)];
    let cases: Vec<_> = sizes.into_iter().flat_map(|size| WARNINGS.map(|text| (size, text))).collect();
    let painted: Vec<_> =
        cases.iter().map(|((width, height), text)| pages_of(&message(text), *width, *height)).collect();
    let all: Vec<_> = painted.iter().flatten().cloned().collect();
    let mut seen = read(&all).into_iter();
    let (mut exact, mut letters, mut mistaken, mut wrong) = (0, 0, 0, Vec::new());
    for (((width, height), text), pages) in cases.iter().zip(&painted) {
        let said = joined(seen.by_ref().take(pages.len()));
        if pages.iter().all(|(_, size)| *size >= READ_FROM) {
            exact += 1;
            if said != *text {
                wrong.push(format!("{width}x{height}: \"{text}\" is read as \"{said}\""));
            }
        } else {
            letters += text.chars().count();
            mistaken += distance(text, &said);
        }
    }
    println!("{exact} texts read exactly; of {letters} smaller letters {mistaken} mistaken");
    assert!(wrong.is_empty() && exact >= 36, "{} of {exact} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // An eye made for print takes some small accents for others; a page upside down or cut off would be far more.
    assert!(mistaken * 25 <= letters, "{mistaken} of {letters} letters mistaken");
}

/// The pages of a text that stands, with the size of their letters.
fn pages_of(message: &BoardMessage, width: u16, height: u16) -> Vec<(Frame, u16)> {
    let inner = furniture::inner(message, Area::whole(width, height), None);
    let fonts = Fonts::of_the_box().expect("scripts/setup installs fonts-dejavu-core");
    let Laid::Stands(block) = layout::lay(&fonts, &message.text, inner.width, inner.height, false) else {
        panic!("{} runs on {width}x{height}", message.text);
    };
    let pages = Painter::new(width, height).paint(message).pages;
    assert!(pages.iter().all(|page| !page.runs && page.hold >= HOLD), "{pages:?}");
    pages.into_iter().map(|page| (page.frame, block.size)).collect()
}

/// Letters put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[test]
fn a_drill_says_so_on_every_size_and_is_striped() {
    for (width, height) in [(64, 32), (96, 16), (128, 64), (320, 160)] {
        let mut drill = message("Lũ quét, sơ tán khỏi vùng trũng thấp ven suối");
        (drill.drill, drill.level) = (true, Some(3));
        let real = BoardMessage { drill: false, ..drill.clone() };
        let painter = Painter::new(width, height);
        let (pages, others) = (painter.paint(&drill).pages, painter.paint(&real).pages);
        for page in &pages {
            // Along an edge the colour comes and goes.
            let edge: Vec<bool> = (0..page.frame.height()).map(|y| page.frame.at(0, y) != [0; 3]).collect();
            let along: Vec<bool> = (0..page.frame.width()).map(|x| page.frame.at(x, 0) != [0; 3]).collect();
            let changes = |line: &[bool]| line.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes(&edge) + changes(&along) >= 2, "{width}x{height}: {page:?}");
            assert!(others.iter().all(|other| other.frame != page.frame));
        }
    }
    let mut drill = message("Lũ quét");
    (drill.drill, drill.level) = (true, Some(3));
    let page = &Painter::new(320, 160).paint(&drill).pages[0].frame;
    // What stands on the plate between the stripes, light on dark.
    let mut plate = Frame::new(106, 34);
    for (x, y) in (0..106).flat_map(|x| (0..34).map(move |y| (x, y))) {
        let lit = page.at(x + 107, y + 4) != [0; 3];
        plate.set(x, y, if lit { [0; 3] } else { [255; 3] });
    }
    let seen = read(&[(plate, 24)]);
    // Small letters on a plate of their own: an accent may be taken for another.
    let last: String = seen[0].chars().skip(seen[0].chars().count().saturating_sub(8)).collect();
    assert!(distance("DIỄN TẬP", &last) <= 2, "{seen:?}");
}

#[test]
fn an_emergency_flashes_slowly_in_the_colour_of_its_level() {
    let mut emergency = message("Lũ quét");
    (emergency.flash, emergency.level) = (true, Some(4));
    let pages = Painter::new(128, 64).paint(&emergency).pages;
    let [page, turned] = pages.as_slice() else { panic!("{pages:?}") };
    // A turn and back again, at least half a second each: never three flashes in a second (WCAG 2.3.1).
    assert!(page.hold >= Duration::from_millis(500) && turned.hold >= Duration::from_millis(500), "{pages:?}");
    let ground = |page: &Page| page.frame.at(0, 63);
    assert_eq!((ground(page), ground(turned)), ([0; 3], [255, 0, 0]));
    let mono = Painter::new(128, 64).mono().paint(&emergency).pages;
    let colours: std::collections::BTreeSet<_> = mono.iter().flat_map(|page| page.frame.pixels()).collect();
    assert_eq!(colours, [&[0; 3], &[255; 3]].into());
}

#[test]
fn a_code_stands_only_where_a_telephone_reads_it() {
    let address = "https://xa.vn/q/cong";
    let mut news = message("Lấy ý kiến nhân dân");
    news.qr = Some(address.to_owned());
    let code_on =
        |width, height| Painter::new(width, height).paint(&news).pages.iter().any(|p| scanned(&p.frame) == address);
    for (width, height) in [(192, 96), (320, 160), (256, 128), (720, 96)] {
        assert!(code_on(width, height), "{width}x{height}");
    }
    for (width, height) in [(64, 32), (96, 16), (128, 48)] {
        let bare = BoardMessage { qr: None, ..news.clone() };
        let painter = Painter::new(width, height);
        assert_eq!(painter.paint(&news), painter.paint(&bare), "{width}x{height}");
    }
}

#[test]
fn what_stands_nowhere_runs_at_a_pace_that_can_be_read() {
    let text = WARNINGS.join(". ");
    for (width, height) in [(64, 16), (96, 16), (64, 32)] {
        let pages = Painter::new(width, height).paint(&message(&text)).pages;
        let [page] = pages.as_slice() else { panic!("{pages:?}") };
        assert!(page.runs && page.frame.width() > width && page.frame.height() == height);
        let pace = f64::from(page.frame.width() + width) / page.hold.as_secs_f64();
        assert!((20.0..=120.0).contains(&pace), "{pace} pixels a second");
        let lit = |x: u16| (0..height).any(|y| page.frame.at(x, y) != [0; 3]);
        assert!((page.frame.width() - 8..page.frame.width()).any(lit), "the last letter is there");
    }
}

#[test]
fn no_message_and_no_size_breaks_the_painter() {
    let long = "x".repeat(5000);
    for (width, height) in [(0, 0), (1, 1), (8, 8), (8, 600), (4096, 8), (640, 360)] {
        for text in ["", " ", "\n\n", "Ẫ", "a\u{300}\u{323}\u{200d}\u{202e}b", "🌊 lũ", long.as_str()] {
            for drill in [false, true] {
                let mut odd = message(text);
                (odd.drill, odd.flash, odd.level, odd.qr) = (drill, true, Some(9), Some(long.clone()));
                let pages = Painter::new(width, height).paint(&odd).pages;
                assert!(pages.iter().all(|p| p.frame.height() == height && (p.runs || p.frame.width() == width)));
                assert!(pages.iter().all(|p| p.frame.pixels().len() <= 3_000_000), "{width}x{height}");
            }
        }
    }
}

#[test]
fn a_font_that_is_none_is_said_to_be_none() {
    let none = Fonts::open(std::path::Path::new("/nowhere/font.ttf")).expect_err("there is none");
    assert!(matches!(none, FontFault::Unreadable { .. }), "{none}");
    let text = Fonts::open(std::path::Path::new("/etc/passwd")).expect_err("no font");
    assert!(matches!(text, FontFault::NoFont { .. }), "{text}");
    assert!(Fonts::open(std::path::Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")).is_ok());
}
