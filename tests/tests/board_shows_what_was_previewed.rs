//! What the desk shows of a draft is, pixel for pixel, what its board then shows: the words, the picture, the code in the corner.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gateway_core::time::Wall;
use serde_json::{Value, json};
use site_tests::device::Timeline;
use site_tests::device::card::Card;
use site_tests::stage::{Officer, Plan, Stage};
use std::io::Cursor;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use web_ui::Role;

const SIZE: (u16, u16) = (96, 48);
const WORD: &str = "mot-mat-khau-de-soan-tin";
const TEXT: &str = "Lịch tiêm chủng tháng này: sáng thứ tư tại trạm y tế xã, chiều thứ năm tại nhà văn hóa Thôn Hạ. \
    Bà con mang theo sổ tiêm của các cháu và đến đúng giờ.";

/// A picture: red above, blue below.
fn picture() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 64, 64);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a head");
    let rows = (0..64).flat_map(|row| (0..64).flat_map(move |_| if row < 32 { [255, 0, 0] } else { [0, 0, 255] }));
    writer.write_image_data(&rows.collect::<Vec<u8>>()).expect("pixels");
    writer.finish().expect("whole");
    file
}

/// Size and pixels of a page of the preview.
fn page(page: &Value) -> ((u32, u32), Vec<u8>) {
    let png = page["png"].as_str().and_then(|p| p.strip_prefix("data:image/png;base64,")).expect("a picture");
    let mut reader = png::Decoder::new(Cursor::new(BASE64.decode(png).expect("base64"))).read_info().expect("a head");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    ((info.width, info.height), pixels)
}

fn told(officer: &Officer, path: &str, body: &Value) -> Value {
    let answer = officer.post(path, body).expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.body
}

#[test]
fn the_board_shows_what_the_officer_saw() {
    let card = Card::start("127.0.0.1:0", "market", SIZE, Timeline::default()).expect("a card");
    let (address, (width, height)) = (card.address(), SIZE);
    let more = format!(
        "[[board]]\nid = \"market\"\nname = \"Chợ\"\ndriver = \"huidu\"\naddress = \"{address}\"\nwidth = {width}\n\
         height = {height}\nqr = \"https://x.example.vn/q/1\"\n"
    );
    let stage = Stage::up(&Plan { more, ..Plan::new("preview") }).expect("a stage");
    web_ui::users::add_user(&stage.data(), "lan", Role::Officer, WORD).expect("an officer");
    let (url, certificate) = (stage.officer_url(), stage.officer_certificate());
    let lan = Officer::sign_in(&url, certificate, "lan", WORD).expect("she signs in");
    let hoa = stage.leader().expect("a leader");

    let brought = lan.bring("/api/v1/media", &picture()).expect("brought");
    let sha256 = brought.body["sha256"].as_str().expect("its name").to_owned();
    let (clusters, boards) = (["thon-2"], ["market"]);
    let sheet = json!({"title": "Tiêm chủng", "field": "y-te", "targets": {"clusters": clusters, "boards": boards},
        "repeat": 1, "renditions": [{"lang": "vi", "text": TEXT}], "picture": sha256});
    let draft = told(&lan, "/api/v1/drafts", &sheet)["id"].as_str().expect("its name").to_owned();
    let looked_at = json!({"text": TEXT, "picture": sha256, "boards": boards});
    let seen = told(&lan, "/api/v1/preview", &looked_at)["boards"][0]["pages"].as_array().expect("pages").clone();
    assert!(seen.len() > 1, "the words and the picture: {}", seen.len());
    let without = told(&lan, "/api/v1/preview", &json!({"text": TEXT, "boards": boards}));
    assert_ne!(without["boards"][0]["pages"].as_array(), Some(&seen), "the picture is in it");

    told(&lan, &format!("/api/v1/drafts/{draft}/submit"), &json!({"version": 1}));
    let bulletin = format!("xa-{draft}");
    hoa.order(&format!("/api/v1/bulletins/{bulletin}/approve"), &json!({"version": 1})).expect("approved");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let start = Wall(i64::try_from(now).expect("soon") + 4_000).rfc3339()[11..19].to_owned();
    let programme = json!({"programme_id": "CT-XEM", "version": 1, "title": "Bản tin", "start": start, "duration_s": 300,
        "targets": {"clusters": clusters, "boards": boards}, "items": [{"type": "bulletin", "bulletin_id": bulletin}]});
    lan.order("/api/v1/programmes", &programme).expect("booked");

    let until = Instant::now() + Duration::from_secs(60);
    let shown = loop {
        let screen = card.screen();
        if !screen.pictures.is_empty() && screen.open {
            break screen.pictures;
        }
        assert!(Instant::now() < until, "it stays dark:\n{}", stage.station.last_words());
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(shown.len(), seen.len(), "as many pages");
    for (number, (on, page_of)) in shown.iter().zip(&seen).enumerate() {
        let (size, pixels) = page(page_of);
        assert_eq!((u32::from(on.frame.width()), u32::from(on.frame.height())), size, "page {number}");
        assert!(on.frame.pixels().as_flattened() == pixels.as_slice(), "page {number} is another picture");
        assert_eq!(on.runs, page_of["runs"].as_bool().expect("a word"));
        // The card counts in tenths of a second.
        assert_eq!(u64::from(on.duration), page_of["hold_ms"].as_u64().expect("a time") / 100, "page {number}");
    }
}
