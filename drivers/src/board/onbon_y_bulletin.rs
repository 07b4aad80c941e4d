//! What an Onbon BX-Y card keeps by itself: a bulletin in its own letters, which outlives a power cut; no IO.

use super::layout::rgb;
use super::onbon_k_area::folded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_core::want::BoardMessage;
use serde_json::{Value, json};

/// Our bulletin among the card's hundred.
const ORDER: &str = "0";
/// A font that every card has; it knows no accents of Vietnamese.
const PLAIN: &str = "SimSun";
/// What the text of a drill begins with, where accents can be written and where not.
const DRILL: [&str; 2] = ["DIỄN TẬP: ", "DIEN TAP: "];

/// How the text is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// A font of the card that has Vietnamese letters; `None`: letters without accents.
    pub font: Option<String>,
}

/// Input of `createBulletin`: the text along the whole board, moving, until the message ends in the card's own time.
pub fn bulletin(stored: &Stored, message: &BoardMessage, width: u16, height: u16) -> Value {
    let text = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let [accented, plain] = DRILL;
    let (font, text) = match &stored.font {
        Some(font) => {
            let marked = message.drill && !text.starts_with("DIỄN TẬP");
            (font.as_str(), if marked { format!("{accented}{text}") } else { text })
        }
        None => {
            let text = String::from_utf8_lossy(&folded(&text)).into_owned();
            let marked = message.drill && !text.starts_with("DIEN TAP");
            (PLAIN, if marked { format!("{plain}{text}") } else { text })
        }
    };
    let [red, green, blue] = rgb(message.level);
    let (date, time) = message.until.map(|until| until.local()).map_or_else(Default::default, |(date, time)| {
        (date.to_string(), format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()))
    });
    json!({
        "name": "gateway",
        "order": ORDER,
        "layoutMode": "custom",
        "xCoord": "0",
        "yCoord": "0",
        "width": width.to_string(),
        "height": height.to_string(),
        "transparency": "100",
        "bgColor": "0xFF000000",
        "fontName": font,
        "fontSize": (height * 2 / 3).clamp(8, 64).to_string(),
        "fontColor": format!("0xFF{red:02X}{green:02X}{blue:02X}"),
        "fontAttributes": "normal",
        "stuntType": "5",
        "stuntSpeed": "8",
        "stayTime": "0",
        "startDate": "",
        "stopDate": date,
        "startTime": "",
        "stopTime": time,
        "weekFlag": "127",
        "content": STANDARD.encode(text),
    })
}

/// Input of `deleteBulletin`: ours.
pub fn no_bulletin() -> Value {
    json!({ "items": [ORDER] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::id::ShowId;
    use gateway_core::time::Wall;

    fn kept(font: Option<&str>, drill: bool, until: Option<&str>) -> Value {
        let message = BoardMessage {
            id: ShowId(1),
            text: "Lũ  lúc 18 giờ".to_owned(),
            level: Some(3),
            drill,
            flash: false,
            qr: None,
            picture: None,
            until: until.and_then(Wall::parse),
        };
        let stored = Stored { font: font.map(str::to_owned) };
        bulletin(&stored, &message, 128, 64)
    }

    fn text(value: &Value) -> String {
        let bytes = STANDARD.decode(value["content"].as_str().expect("text")).expect("base64");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn the_text_is_kept_in_letters_the_card_has() {
        let plain = kept(None, true, Some("2026-11-22T18:05:09+07:00"));
        assert_eq!((text(&plain).as_str(), &plain["fontName"]), ("DIEN TAP: Lu luc 18 gio", &json!("SimSun")));
        assert_eq!((&plain["stopDate"], &plain["stopTime"]), (&json!("2026-11-22"), &json!("18:05:09")));
        let accented = kept(Some("Arial"), true, None);
        assert_eq!(
            (text(&accented).as_str(), &accented["fontColor"]),
            ("DIỄN TẬP: Lũ lúc 18 giờ", &json!("0xFFFF8000"))
        );
        assert_eq!((&accented["stopDate"], &accented["stopTime"]), (&json!(""), &json!("")));
        assert!(accented.as_object().expect("an object").values().all(Value::is_string), "the book wants strings");
    }
}
