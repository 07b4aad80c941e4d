//! What is painted, as other eyes than ours read it: tesseract the text, zbar the codes.

use super::*;
use gateway_core::id::ShowId;
use std::io::Write;
use std::process::{Command, Stdio};

mod eyes;

use eyes::{joined, read, scanned};

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
    let mut wrong = Vec::new();
    for (width, height) in [(128, 64), (192, 96), (320, 160), (720, 64), (256, 32)] {
        for text in WARNINGS {
            let pages = Painter::new(width, height).paint(&message(text)).pages;
            let said = joined(pages.iter().map(|page| read(&page.frame)));
            if said != text {
                wrong.push(format!("{width}x{height}: \"{text}\" is read as \"{said}\""));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
