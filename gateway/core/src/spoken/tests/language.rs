//! A Vietnamese voice never reads another language: which sentences are marked.

use crate::spoken::{Lexicon, spoken};

fn is_foreign(text: &str) -> bool {
    spoken(text, &Lexicon::default()).is_foreign()
}

#[test]
fn other_languages_are_marked() {
    let foreign = [
        "ខ្ញុំស្រឡាញ់ភូមិរបស់ខ្ញុំ។",
        "请大家注意台风警报。",
        "ꨌꩌ ꨚꨪꨱꨥ ꨔꨩ",
        "โปรดระวังพายุ",
        "Внимание, тайфун!",
        "太風が来ます。ご注意ください。",
        "태풍 주의보입니다",
        "انتبهوا إلى العاصفة",
        "Please stay away from the river and keep children inside.",
        "The storm is moving west and will reach the coast tonight.",
        "Attention everybody, boil drinking water before use.",
        "Welcome to our village",
        "Tropical Storm Warning",
        "FLOOD WARNING FOR RIVERSIDE VILLAGES",
        "Veuillez rester chez vous pendant la tempête.",
        "Bitte bleiben Sie zu Hause und schließen Sie die Fenster.",
        "Quédese en casa hasta que termine la tormenta.",
        "Harap tetap tinggal dalam rumah selama badai berlangsung.",
    ];
    let missed: Vec<&&str> = foreign.iter().filter(|text| !is_foreign(text)).collect();
    assert!(missed.is_empty(), "taken for Vietnamese: {missed:?}");
}

#[test]
fn vietnamese_is_not_marked_whatever_names_are_in_it() {
    let vietnamese = [
        "Mời bà con đến nhà văn hóa thôn.",
        "Moi ba con den nha van hoa thon luc bay gio toi.",
        "Tren day la thong bao cua Uy ban nhan dan xa.",
        "Ông John Smith và bà Mary Johnson đến thăm trường.",
        "Công ty Samsung Display Vietnam tuyển công nhân.",
        "Huyện Krông Pắc và thành phố Buôn Ma Thuột, tỉnh Đắk Lắk.",
        "Gửi về hộp thư email hoặc Zalo, Facebook, website của xã.",
        "UBND, HĐND, MTTQ xã.",
        "THÔNG BÁO KHẨN CẤP",
        "Tải ứng dụng VNeID trên smartphone.",
        "Bão Yagi, Noru, Molave đều mạnh.",
        "FM 97,5 MHz",
        "OK.",
        "0912345678",
        "Bà con gốc Hoa (歡迎) cùng dự hội.",
    ];
    let marked: Vec<&&str> = vietnamese.iter().filter(|text| is_foreign(text)).collect();
    assert!(marked.is_empty(), "taken for another language: {marked:?}");
}

#[test]
fn only_the_foreign_sentence_is_marked() {
    let said = spoken("Kính chào quý khách. Welcome everybody to our village! Mời vào.", &Lexicon::default());
    let marks: Vec<bool> = said.sentences.iter().map(|sentence| sentence.foreign).collect();
    assert_eq!(marks, [false, true, false]);
}

#[test]
fn another_script_is_never_said_in_part() {
    let said = spoken("Thông báo.\nសូមស្តាប់\nHết.", &Lexicon::default());
    assert_eq!(said.sentences.len(), 3);
    let khmer = &said.sentences[1];
    assert!(khmer.foreign && khmer.text.is_empty(), "{khmer:?}");
}
