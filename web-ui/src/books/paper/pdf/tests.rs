//! The pages as others read them: poppler's `pdfinfo`, `pdffonts` and `pdftotext`.

use super::super::{Cell, Paper, Table};
use std::process::Command;

fn book(rows: u64) -> Paper {
    let row = |n: u64| {
        vec![
            Cell::count(n),
            Cell::text("22/11/2026"),
            Cell::text(format!("Bản tin số {n}: lịch gieo sạ vụ đông xuân, đề nghị bà con theo dõi ruộng đồng")),
            Cell::Number(1234.5, 1),
        ]
    };
    Paper {
        title: "Nhật ký phát thanh".to_owned(),
        place: "Xã Bình Minh".to_owned(),
        about: "Từ ngày 15/12/2025 đến ngày 14/12/2026".to_owned(),
        tables: vec![Table {
            title: "Nhật ký".to_owned(),
            columns: vec![("STT", 6.0), ("Ngày", 12.0), ("Nội dung", 40.0), ("Thực phát (giây)", 10.0)],
            rows: (1..=rows).map(row).collect(),
        }],
        signs: vec!["NGƯỜI GHI NHẬT KÝ", "LÃNH ĐẠO DUYỆT"],
        wide: true,
    }
}

/// What a program of poppler says of the pages.
fn said(program: &str, args: &[&str], pdf: &[u8]) -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("paper-{}-{number}.pdf", std::process::id()));
    std::fs::write(&file, pdf).expect("a file");
    let (options, rest): (Vec<&str>, Vec<&str>) = args.iter().partition(|arg| arg.starts_with('-') && arg.len() > 1);
    let run = Command::new(program).args(options).arg(&file).args(rest).output();
    let run = run.unwrap_or_else(|e| panic!("{program} (poppler-utils): {e}; scripts/setup installs it"));
    std::fs::remove_file(&file).ok();
    assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn poppler_reads_every_row_with_its_accents_and_every_page_has_its_number() {
    let pdf = book(120).pdf().expect("pages");
    let about = said("pdfinfo", &[], &pdf);
    let line = |name: &str| {
        about.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_else(|| panic!("{about}")).trim().to_owned()
    };
    let pages: usize = line("Pages:").parse().expect("a number");
    assert!((3..=12).contains(&pages), "{pages}");
    assert!(line("Page size:").contains("A4"), "{about}");
    assert_eq!(line("Title:"), "Nhật ký phát thanh – Xã Bình Minh");

    let text = said("pdftotext", &["-layout", "-"], &pdf);
    for number in 1..=pages {
        assert!(text.contains(&format!("Trang {number}/{pages}")), "page {number} of {pages}");
    }
    // The head of the table stands on every page.
    assert_eq!(text.matches("STT").count(), pages);
    for number in [1, 60, 120] {
        assert!(text.contains(&format!("Bản tin số {number}: lịch gieo sạ vụ đông xuân")), "row {number}");
    }
    for words in [
        "NHẬT KÝ PHÁT THANH",
        "Từ ngày 15/12/2025 đến ngày 14/12/2026",
        "1.234,5",
        "NGƯỜI GHI NHẬT KÝ",
        "LÃNH ĐẠO DUYỆT",
        "(Ký, ghi rõ họ tên)",
    ] {
        assert!(text.contains(words), "{words}");
    }
    // Both weights are in the file itself, as parts of the fonts.
    let fonts = said("pdffonts", &[], &pdf);
    let embedded = fonts.lines().filter(|l| l.contains("BeVietnamPro") && l.contains("yes yes yes")).count();
    assert_eq!(embedded, 2, "{fonts}");
}

#[test]
fn words_that_are_too_long_are_broken_and_a_paper_without_rows_is_a_paper() {
    let mut paper = book(1);
    paper.tables[0].rows[0][2] = Cell::text("x".repeat(5000));
    let text = said("pdftotext", &["-layout", "-"], &paper.pdf().expect("pages"));
    assert!(text.contains("Trang 2/2"), "{text}");
    assert!(text.contains('…'));
    // Accents that come apart from their letters are put together.
    paper.tables[0].rows[0][2] = Cell::text("To\u{302}\u{309} da\u{302}n pho\u{302}\u{301}");
    let text = said("pdftotext", &["-layout", "-"], &paper.pdf().expect("pages"));
    assert!(text.contains("Tổ dân phố"), "{text}");
    paper.tables[0].rows.clear();
    let text = said("pdftotext", &["-layout", "-"], &paper.pdf().expect("pages"));
    assert!(text.contains("Không có dòng nào."), "{text}");
}
