//! The calls the card knows, from its makers' book.

use super::super::image;
use super::{Bulletin, State, no};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use drivers::board::frame::Frame;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Map, Value, json};

const PARAMETER: u32 = 3;
const PASSWORD: u32 = 9;
const PERMISSION: u32 = 10;
const OVER: u32 = 11;
const UNKNOWN: u32 = 17;

/// Carries a call out and answers it.
pub(super) fn take(card: &mut State, session: Option<&str>, body: &[u8]) -> Value {
    let Ok(call) = serde_json::from_slice::<Value>(body) else { return no("", PARAMETER) };
    let protocol = &call["protocol"];
    let Some(name) = protocol["remotefunction"]["name"].as_str().map(str::to_ascii_lowercase) else {
        return no("", PARAMETER);
    };
    if protocol["name"] != "YQ-COM2" || protocol["version"] != "1.0" || !all_text(&protocol["remotefunction"]) {
        return no(&name, PARAMETER);
    }
    let nothing = Map::new();
    let input = protocol["remotefunction"]["input"].as_object().unwrap_or(&nothing);
    let open = ["getverificationcode", "userlogin"].contains(&name.as_str());
    match session {
        None if !open => return no(&name, PERMISSION),
        Some(session) if !card.sessions.iter().any(|known| known == session) => return no(&name, OVER),
        Some(_) | None => {}
    }
    match carry_out(card, &name, input) {
        Ok(None) => json!({ "remotefunction": { "name": name } }),
        Ok(Some(output)) => json!({ "remotefunction": { "name": name, "output": output } }),
        Err(code) => no(&name, code),
    }
}

/// The book: all values are strings.
fn all_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(list) => list.iter().all(all_text),
        Value::Object(map) => map.values().all(all_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn carry_out(card: &mut State, name: &str, input: &Map<String, Value>) -> Result<Option<Value>, u32> {
    let get = |key: &str| input.get(key).and_then(Value::as_str).ok_or(PARAMETER);
    match name {
        "getverificationcode" => {
            card.given += 1;
            let code = format!("2018051709342946{:04}", card.given);
            card.codes.push(code.clone());
            Ok(Some(json!({ "verificationcode": code })))
        }
        "userlogin" => {
            let code = get("verificationcode")?;
            let known = card.codes.iter().position(|given| given == code).ok_or(PASSWORD)?;
            card.codes.remove(known);
            let wanted = sha1(&format!("{code}{}", sha1(&card.password)));
            if get("username")? != "guest" || get("password")? != wanted {
                return Err(PASSWORD);
            }
            let session = sha1(&format!("session {}", card.given)).get(..32).unwrap_or_default().to_owned();
            card.sessions.push(session.clone());
            card.sign_ins += 1;
            Ok(Some(json!({ "sessionID": session })))
        }
        "systemclockcorrect" => {
            let time = get("datetime")?;
            if time.len() != 19 || get("isutc")? != "yes" {
                return Err(PARAMETER);
            }
            card.clock = Some(time.to_owned());
            Ok(None)
        }
        "systembrightness" => {
            let level = get("brightness")?.parse().ok().filter(|level| *level >= 1).ok_or(PARAMETER)?;
            if !["yes", "no"].contains(&get("changemode")?) {
                return Err(PARAMETER);
            }
            card.brightness = level;
            Ok(None)
        }
        "getstate" => Ok(Some(json!({ "rtctime": "2026-11-22 01:00:00" }))),
        "updatedynamic" => {
            card.pages = dynamic(card.size, input)?;
            card.shows += 1;
            card.tell();
            Ok(None)
        }
        "createbulletin" => {
            let (order, kept) = bulletin(card.size, input)?;
            card.bulletins.insert(order, kept);
            Ok(None)
        }
        "deletebulletin" => {
            let items = input.get("items").and_then(Value::as_array).ok_or(PARAMETER)?;
            for item in items {
                let order = item.as_str().and_then(|text| text.parse::<u8>().ok()).ok_or(PARAMETER)?;
                card.bulletins.remove(&order);
            }
            Ok(None)
        }
        "screencapture" if card.captures => {
            let (width, height) = card.size;
            let fits = get("picwidth")? == width.to_string() && get("picheight")? == height.to_string();
            if get("suffix")? != "png" || get("framecount")? != "1" || !fits {
                return Err(PARAMETER);
            }
            card.given += 1;
            let file = format!("capture/shot_{}.png", card.given);
            card.capture = Some((file.clone(), card.slow));
            Ok(Some(json!({ "filepath": file })))
        }
        "enableuploaddownload" => {
            if get("type")? != "download" {
                return Err(PARAMETER);
            }
            card.download = match get("flag")? {
                "on" => true,
                "off" => false,
                _ => return Err(PARAMETER),
            };
            Ok(None)
        }
        _ => Err(UNKNOWN),
    }
}

/// A bulletin over the whole screen: every value as the book has it.
fn bulletin((width, height): (u16, u16), input: &Map<String, Value>) -> Result<(u8, Bulletin), u32> {
    let get = |key: &str| input.get(key).and_then(Value::as_str).ok_or(PARAMETER);
    let number = |key: &str, most: u16| get(key)?.parse::<u16>().ok().filter(|number| *number <= most).ok_or(PARAMETER);
    let colour = |key: &str| {
        let digits = get(key)?.strip_prefix("0x").filter(|digits| digits.len() == 8).ok_or(PARAMETER)?;
        u32::from_str_radix(digits, 16).map_err(|_| PARAMETER)
    };
    let place =
        [number("xCoord", width)?, number("yCoord", height)?, number("width", width)?, number("height", height)?];
    let order = u8::try_from(number("order", 99)?).map_err(|_| PARAMETER)?;
    colour("bgColor")?;
    colour("fontColor")?;
    let speed = number("stuntSpeed", 16)?;
    let sound = get("layoutMode")? == "custom" && place == [0, 0, width, height] && speed >= 1;
    let sound = sound && number("transparency", 100)? == 100 && (1..=127).contains(&number("weekFlag", 127)?);
    let sound = sound && get("fontAttributes")? == "normal" && number("fontSize", height)? >= 8;
    let (date, time) = (get("stopDate")?, get("stopTime")?);
    let ends = (date.is_empty() && time.is_empty()) || (date.len() == 10 && time.len() == 8);
    if !sound || !ends || get("name")?.is_empty() || !get("startDate")?.is_empty() || !get("startTime")?.is_empty() {
        return Err(PARAMETER);
    }
    let text =
        STANDARD.decode(get("content")?).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(PARAMETER)?;
    let font = get("fontName")?.to_owned();
    Ok((order, Bulletin { text, font, stop: (date.to_owned(), time.to_owned()) }))
}

/// One global area over the whole screen, of pictures in their order.
fn dynamic((width, height): (u16, u16), input: &Map<String, Value>) -> Result<Vec<Frame>, u32> {
    let area = match input.get("dynamics").and_then(Value::as_array).map(Vec::as_slice) {
        Some([area]) => area,
        Some(_) | None => return Err(PARAMETER),
    };
    let (width, height) = (width.to_string(), height.to_string());
    let wanted =
        [("id", "0"), ("xCoord", "0"), ("yCoord", "0"), ("width", &width), ("height", &height), ("runMode", "0")];
    let plain = wanted.iter().all(|(key, value)| area[key] == *value) && area["relativeProgram"] == "";
    let cover = input.get("cover").is_some_and(|cover| cover == "1");
    let units = area["unit"].as_array().filter(|units| (1..=10).contains(&units.len())).ok_or(PARAMETER)?;
    let picture = |(order, unit): (usize, &Value)| {
        let stays = unit["stayTime"].as_str().and_then(|text| text.parse::<u16>().ok()).is_some_and(|stay| stay > 0);
        if unit["type"] != "Picture" || unit["order"].as_str() != Some(order.to_string().as_str()) || !stays {
            return Err(PARAMETER);
        }
        let file = STANDARD.decode(unit["content"].as_str().unwrap_or_default()).map_err(|_| PARAMETER)?;
        let frame = image::png(&file).ok_or(PARAMETER)?;
        let fits = (frame.width().to_string(), frame.height().to_string()) == (width.clone(), height.clone());
        if fits { Ok(frame) } else { Err(PARAMETER) }
    };
    if plain && cover { units.iter().enumerate().map(picture).collect() } else { Err(PARAMETER) }
}

fn sha1(text: &str) -> String {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
