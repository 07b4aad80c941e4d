//! The officer's own dictionary.

use crate::spoken::{EntryFault, Lexicon, LineFault, spoken};

fn said(text: &str, lexicon: &Lexicon) -> String {
    spoken(text, lexicon).text()
}

fn with(entries: &str) -> Lexicon {
    Lexicon::parse(entries).expect("a dictionary")
}

#[test]
fn the_officer_comes_before_what_is_built_in() {
    let lexicon =
        with("# của xã\nUBND = ủy ban\nKDC = khu dân cư kiểu mẫu\nZalo = gia lô\n29A-123.45 = xe của ủy ban\n");
    assert_eq!(said("UBND, KDC, nhóm Zalo", &lexicon), "ủy ban, khu dân cư kiểu mẫu, nhóm gia lô.");
    assert_eq!(said("Xe 29A-123.45", &lexicon), "xe xe của ủy ban.");
    assert_eq!(said("Kế hoạch 12/KH-UBND", &lexicon), "kế hoạch mười hai gạch chéo kế hoạch ủy ban nhân dân.");
}

#[test]
fn the_longest_form_counts_and_only_whole_words() {
    let lexicon = with("NH = ngân hàng\nNH CSXH = ngân hàng chính sách\nTân Lập 2 = tân lập hai mới\nkê = ca e\n");
    assert_eq!(said("NH CSXH và NH khác", &lexicon), "ngân hàng chính sách và ngân hàng khác.");
    assert_eq!(said("thôn Tân Lập 2, thôn Tân Lập 21", &lexicon), "thôn tân lập hai mới, thôn tân lập hai mươi mốt.");
    assert_eq!(said("thống kê hạt kê, KÊ", &lexicon), "thống ca e hạt ca e, ca e.");
    assert_eq!(said("NHA, kênh", &lexicon), "nha, kênh.");
}

#[test]
fn capitals_count_only_where_the_officer_wrote_them() {
    let lexicon = with("Ban = ban ngành\nxe lu = xe cán đường\n");
    assert_eq!(said("Ban ban BAN", &lexicon), "ban ngành ban ban.");
    assert_eq!(said("Xe Lu, XE LU", &lexicon), "xe cán đường, xe cán đường.");
}

#[test]
fn however_it_is_typed_the_form_is_found() {
    // Old and new places of the tone, composed and decomposed letters.
    let lexicon = with("Hoà Phú = hòa phú quê ta\nTho\u{323} Xua\u{302}n = thọ xuân quê mình\n");
    assert_eq!(said("Hòa Phú, Hoà Phú, Thọ Xuân", &lexicon), "hòa phú quê ta, hòa phú quê ta, thọ xuân quê mình.");
}

#[test]
fn each_bad_line_is_told_with_its_number() {
    let faults = Lexicon::parse("AB = a bê\nkhông có dấu bằng\n\nXY = \nAB = hai lần\nPH = pê 8\n= gì\n!! = than\n")
        .expect_err("faults");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults[0], LineFault { line: 2, fault: EntryFault::Missing });
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 4, 5, 6, 7, 8], "{told:?}");
    assert_eq!(faults[3].fault, EntryFault::Unsayable('8'));
    assert!(told[3].starts_with("dòng 6: cách đọc chỉ được có chữ tiếng Việt"), "{told:?}");
    assert_eq!(Lexicon::parse(&"hỏng\n".repeat(5000)).expect_err("faults").len(), 100);
}

#[test]
fn entries_are_bounded() {
    let mut lexicon = Lexicon::default();
    assert_eq!(lexicon.insert(&"a".repeat(65), "a"), Err(EntryFault::WrittenTooLong));
    assert_eq!(lexicon.insert("a", &"a".repeat(301)), Err(EntryFault::SpokenTooLong));
    assert_eq!(lexicon.insert("a", "..."), Err(EntryFault::Missing));
    assert_eq!(lexicon.insert("a=b", "a"), Err(EntryFault::Unfindable));
    for number in 0..2000 {
        assert_eq!(lexicon.insert(&format!("mã {number}"), "mã"), Ok(true));
    }
    assert_eq!(lexicon.insert("mã mới", "mã"), Err(EntryFault::TooMany));
    assert_eq!(lexicon.insert("mã 7", "mã bảy"), Ok(false));
    assert_eq!(lexicon.entries().len(), 2000);
}

#[test]
fn what_is_kept_is_what_was_read() {
    let lexicon = with("  HTX   =  hợp tác xã  \nx = Ích\n");
    assert_eq!(lexicon.to_text(), "HTX = hợp tác xã\nx = ích\n");
    assert_eq!(Lexicon::parse(&lexicon.to_text()), Ok(lexicon.clone()));
    let mut lexicon = lexicon;
    assert!(lexicon.remove("HTX") && !lexicon.remove("HTX"));
    assert_eq!(lexicon.entries().collect::<Vec<_>>(), [("x", "ích")]);
    assert_eq!(said("HTX x", &lexicon), "hợp tác xã ích.");
}
