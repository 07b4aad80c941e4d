//! What officers bring as a file: told row by row, never larger than it looks, and never more than the register.

use super::super::page::paper;
use super::*;
use gateway_core::view::View;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn csv(text: &str) -> Vec<Grid> {
    grids(text.as_bytes()).expect("read")
}

fn hamlet(name: &str, households: Option<u32>, served: Option<bool>) -> Hamlet {
    Hamlet { id: format!("id-{name}"), name: name.to_owned(), households, served }
}

fn estate() -> Estate {
    let point = Point {
        id: "thon-1".to_owned(),
        name: "Thôn 1".to_owned(),
        technology: Technology::Fm,
        speakers: Some(4),
        year: Some(2019),
        condition: Condition::Good,
    };
    let hamlets = vec![hamlet("Thôn Đông", Some(1200), Some(true)), hamlet("Thôn Đoài", None, None)];
    Estate { hamlets, points: vec![point], ..Estate::default() }
}

#[test]
fn what_the_register_gives_out_changes_nothing_when_it_comes_back() {
    let register = register(3, estate(), &View::default());
    let paper = paper(&register, &View::default());
    for file in [paper.csv(), paper.xlsx().expect("a workbook")] {
        let taken = taken(&estate(), &grids(&file).expect("read"));
        assert_eq!((taken.rows, taken.changes, taken.faults), (3, Vec::new(), Vec::new()));
        assert_eq!(taken.estate, estate());
    }
}

#[test]
fn a_file_adds_and_changes_and_leaves_alone_what_it_does_not_say() {
    let file = "Rà soát 2026;;\r\nThôn, tổ dân phố;Số hộ;Nghe được đài\r\nthôn  ĐOÀI;1.250;có\r\nThôn Hạ;;không\r\n\r\n\
        Cụm loa;Số loa;Tình trạng;Người giữ chìa khóa\r\nThôn 1;6;Cần sửa;x\r\n";
    let taken = taken(&estate(), &csv(file));
    assert_eq!(taken.faults, Vec::new());
    let told: Vec<(&str, &str, bool)> = taken.changes.iter().map(|c| (c.table, c.name.as_str(), c.added)).collect();
    assert_eq!(told, [("hamlets", "thôn  ĐOÀI", false), ("hamlets", "Thôn Hạ", true), ("points", "Thôn 1", false)]);
    assert_eq!(taken.estate.hamlets[1], hamlet("Thôn Đoài", Some(1250), Some(true)), "its name stays as it was");
    let point = &taken.estate.points[0];
    assert_eq!((point.speakers, point.year, point.condition), (Some(6), Some(2019), Condition::Repair));
    assert_eq!(taken.estate.hamlets.len(), 3, "nothing is taken out");
}

#[test]
fn every_fault_names_its_row() {
    let file = "Thôn,Số hộ,Nghe được đài\nThôn Đông,nhiều,có\nThôn Hạ,12,chắc là có\nThôn Hạ,13,có\n\
        Đài,Năm,Công nghệ\nĐài cũ,199,bồ câu\n";
    assert_eq!(csv(&file.replace('\n', "\r\n")), csv(file), "rows are counted alike");
    let taken = taken(&estate(), &csv(file));
    let told: Vec<(u32, &str)> = taken.faults.iter().map(|f| (f.row, f.what.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "cột Số hộ: \"nhiều\" không phải số từ 0 đến 100000"),
            (3, "cột Nghe được đài: \"chắc là có\" không phải Có hoặc Không"),
            (4, "\"Thôn Hạ\" có hai dòng trong tệp: chỉ giữ một"),
            (6, "cột Năm: \"199\" không phải năm bốn chữ số, từ 1950"),
            (6, "cột Công nghệ: \"bồ câu\" không phải CNTT – viễn thông, FM hoặc Có dây"),
        ]
    );
    let long = format!("Thôn,Số hộ\n{},1\n", "a".repeat(90));
    assert_eq!(super::taken(&estate(), &csv(&long)).faults.len(), 1, "what the register itself refuses is said too");
}

/// A workbook whose only sheet is this XML.
fn workbook(sheet: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, &[u8]); 4] = [
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Thon" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, bytes) in parts {
        archive.start_file(name, SimpleFileOptions::default()).expect("begun");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("whole").into_inner()
}

/// A workbook with a word in these cells.
fn spreadsheet(cells: &[(u32, u16)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, column) in cells {
        sheet.write_string(*row, *column, "Thôn").expect("written");
    }
    book.save_to_buffer().expect("whole")
}

#[test]
fn a_workbook_that_swells_or_sprawls_is_refused_within_bounds() {
    let mut bomb = b"<worksheet><sheetData>".to_vec();
    bomb.resize(64 << 20, b' ');
    let bomb = workbook(&bomb);
    assert!(bomb.len() < 1 << 20, "64 MiB in {} bytes", bomb.len());
    assert!(grids(&bomb).expect_err("refused").vi.contains("mở ra lớn quá mức"));
    // The same, and its directory says that each part is a byte long.
    let mut liar = bomb;
    let size = u32::to_le_bytes(64 << 20);
    while let Some(at) = liar.windows(4).position(|w| w == size) {
        liar[at..at + 4].copy_from_slice(&[1, 0, 0, 0]);
    }
    assert!(grids(&liar).is_err(), "what the directory says of sizes proves nothing");
    let far = spreadsheet(&[(0, 0), (1_048_575, 16_383)]);
    let grid = grids(&far).expect("read");
    assert_eq!(grid[0].rows, [(1, vec!["Thôn".to_owned()])], "the last cell of all costs nothing");
    let many = spreadsheet(&(0..5000).map(|row| (row, 0)).collect::<Vec<_>>());
    assert!(grids(&many).expect_err("refused").vi.contains("3.000 dòng"));
    for damaged in
        [&b"PK\x03\x04 and nothing more"[..], &bomb_cut(), b"\xD0\xCF\x11\xE0\xA1\xB1", b"\xFF\xFEa\0", b"a\0b"]
    {
        assert!(grids(damaged).is_err(), "{:?}", &damaged[..4.min(damaged.len())]);
    }
}

fn bomb_cut() -> Vec<u8> {
    let whole = workbook(b"<worksheet><sheetData/></worksheet>");
    whole[..whole.len() - 10].to_vec()
}
