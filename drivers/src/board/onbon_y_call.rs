//! Calls of Onbon BX-Y cards ("YQ-COM2", JSON over HTTP): values ↔ text, no IO. All values are strings.

use super::frame::{Frame, Page};
use super::picture::{PictureError, png};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_core::time::Wall;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};

/// Most units of one dynamic area.
pub const UNITS: usize = 10;
/// Most bytes of pictures in one call, as base64; cards answer 500 above 30 000.
pub const CONTENT: usize = 29_000;

/// Why a card did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It says no.
    #[error("card says {} ({code})", error_name(*code))]
    Refused {
        /// Its number for why.
        code: u32,
    },
    /// What came is no answer to this call.
    #[error("{0}")]
    Nonsense(String),
}

/// A call as it is sent.
pub fn request(name: &str, input: Option<Value>) -> String {
    let mut function = json!({ "name": name });
    if let (Some(input), Some(function)) = (input, function.as_object_mut()) {
        function.insert("input".to_owned(), input);
    }
    json!({ "protocol": { "name": "YQ-COM2", "version": "1.0", "remotefunction": function } }).to_string()
}

/// The output of an answer to the call of this name; cards write names in any case.
///
/// # Errors
/// [`CallError`].
pub fn answer(name: &str, body: &[u8]) -> Result<Value, CallError> {
    let nonsense = |what: &str| CallError::Nonsense(what.to_owned());
    let value: Value = serde_json::from_slice(body).map_err(|error| nonsense(&error.to_string()))?;
    let function = find(&value, "remotefunction").unwrap_or(&value);
    if let Some(error) = find(function, "error").or_else(|| find(&value, "error")) {
        let code = find(error, "code").and_then(|code| match code {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        return Err(CallError::Refused { code: code.ok_or_else(|| nonsense("an error without a number"))? });
    }
    let said = find(function, "name").and_then(Value::as_str).ok_or_else(|| nonsense("an answer without a name"))?;
    if !said.eq_ignore_ascii_case(name) {
        return Err(CallError::Nonsense(format!("an answer to {said:.40}")));
    }
    Ok(find(function, "output").cloned().unwrap_or(Value::Null))
}

/// A text of an output.
///
/// # Errors
/// [`CallError::Nonsense`] where it is not there.
pub fn text(output: &Value, key: &str) -> Result<String, CallError> {
    let found = find(output, key).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.map(str::to_owned).ok_or_else(|| CallError::Nonsense(format!("an answer without {key}")))
}

fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// What is sent in place of the password: the card's code and the password's own digest, digested together.
pub fn challenged(code: &str, password: &str) -> String {
    sha1(&format!("{code}{}", sha1(password)))
}

fn sha1(text: &str) -> String {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Input of `UpdateDynamic`: these pages in turns over the whole board, and nothing else of what the card holds.
///
/// # Errors
/// [`PictureError`] for a page without pixels.
pub fn dynamic(width: u16, height: u16, pages: &[Page]) -> Result<Value, PictureError> {
    let mut units = Vec::new();
    for (order, page) in pages.iter().enumerate() {
        units.push(json!({
            "type": "Picture",
            "order": order.to_string(),
            "stuntType": "0",
            "stuntSpeed": "16",
            "stayTime": page.hold.as_secs().max(1).to_string(),
            "content": STANDARD.encode(png(&page.frame)?),
            "gifFlag": "0",
        }));
    }
    Ok(json!({
        "immediatelyPlay": "0",
        "cover": "1",
        "dynamics": [{
            "id": "0",
            "xCoord": "0",
            "yCoord": "0",
            "width": width.to_string(),
            "height": height.to_string(),
            "transparency": "100",
            "relativeProgram": "",
            "runMode": "0",
            "updateFrequency": "",
            "unit": units,
        }],
    }))
}

/// How many of these pages fit one call, wherever it begins; `None`: one of them alone is too large.
///
/// # Errors
/// [`PictureError`] for a page without pixels.
pub fn at_a_time(pages: &[Page]) -> Result<Option<usize>, PictureError> {
    let sizes = pages.iter().map(|page| Ok(png(&page.frame)?.len().div_ceil(3) * 4)).collect::<Result<Vec<_>, _>>()?;
    let fits = |count: usize| sizes.chunks(count).all(|sizes| sizes.iter().sum::<usize>() <= CONTENT);
    Ok((1..=UNITS).rev().find(|count| fits(*count)))
}

/// Input of `systemClockCorrect`, in the time of Greenwich, whatever zone the card is set to.
pub fn clock(now: Wall) -> Value {
    // Seven hours back from Viet Nam's own.
    let (date, time) = now.plus(-7 * 3_600_000).local();
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    json!({ "datetime": format!("{date} {hour:02}:{minute:02}:{second:02}"), "isutc": "yes" })
}

/// Input of `systemBrightness`, 1–255.
pub fn brightness(percent: u8) -> Value {
    let level = (u16::from(percent.clamp(1, 100)) * 255).div_ceil(100);
    json!({ "brightness": level.to_string(), "changemode": "yes" })
}

/// Whether a captured picture is this one: as many dots as a twentieth of the lit ones may differ, since cards dither and
/// round.
pub fn alike(captured: &Frame, meant: &Frame) -> bool {
    const STEP: u8 = 48;
    if (captured.width(), captured.height()) != (meant.width(), meant.height()) {
        return false;
    }
    let pairs = captured.pixels().iter().zip(meant.pixels());
    let other = pairs.filter(|(a, b)| a.iter().zip(b.iter()).any(|(a, b)| a.abs_diff(*b) > STEP)).count();
    let lit = meant.pixels().iter().filter(|pixel| **pixel != [0; 3]).count();
    other * 20 <= lit
}

/// What an error number means.
pub fn error_name(code: u32) -> &'static str {
    match code {
        10 => "no permission",
        11 => "the session is over",
        17 => "unknown command",
        _ => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_password_is_digested_as_the_makers_example_says() {
        // The printed example has two digits of forty misprinted.
        let ours = challenged("20180517093429462773", "guest");
        let printed = "35c83b5baf44bf36c8340fa87845d8043a46a225";
        assert_eq!(ours.len(), 40);
        assert_eq!(ours.chars().zip(printed.chars()).filter(|(a, b)| a != b).count(), 2);
    }

    #[test]
    fn answers_are_read_in_any_case_and_nonsense_is_refused() {
        let good = br#"{"remotefunction": {"name": "getverificationcode", "output": {"verificationcode": "2018"}}}"#;
        let output = answer("getVerificationCode", good).expect("an answer");
        assert_eq!(text(&output, "verificationCode"), Ok("2018".to_owned()));
        assert!(text(&output, "sessionID").is_err());
        assert_eq!(answer("updateDynamic", br#"{"remotefunction":{"name":"updatedynamic"}}"#), Ok(Value::Null));
        for error in [r#"{"remotefunction":{"name":"x","error":{"code":"11","mesg":""}}}"#, r#"{"error":{"code":11}}"#]
        {
            assert_eq!(answer("x", error.as_bytes()), Err(CallError::Refused { code: 11 }));
        }
        for bad in ["", "{}", "[]", "{\"remotefunction\":{\"name\":\"other\"}}", "{\"error\":{\"code\":{}}}"] {
            assert!(matches!(answer("x", bad.as_bytes()), Err(CallError::Nonsense(_))), "{bad}");
        }
    }

    #[test]
    fn time_is_greenwichs_and_brightness_never_nothing() {
        let now = Wall::parse("2026-11-22T02:05:09+07:00").expect("a time");
        assert_eq!(clock(now), json!({ "datetime": "2026-11-21 19:05:09", "isutc": "yes" }));
        assert_eq!(brightness(0)["brightness"], "3");
        assert_eq!(brightness(100)["brightness"], "255");
    }

    #[test]
    fn a_picture_with_a_stranger_in_it_is_not_alike() {
        let mut meant = Frame::new(40, 20);
        for x in 0..40 {
            meant.set(x, 3, [255, 0, 0]);
        }
        let mut rounded = meant.clone();
        rounded.set(0, 3, [250, 4, 4]);
        rounded.set(0, 0, [255, 255, 255]);
        assert!(alike(&rounded, &meant));
        for x in 0..9 {
            rounded.set(x, 9, [255, 255, 255]);
        }
        assert!(!alike(&rounded, &meant) && !alike(&Frame::new(40, 21), &meant));
        assert!(!alike(&Frame::new(40, 20), &meant), "a dark board is not one with little on it");
    }

    #[test]
    fn pages_go_as_many_at_a_time_as_a_call_holds() {
        let noise = |seed: u32| {
            let mut frame = Frame::new(64, 64);
            let mut state = seed;
            for (x, y) in (0..64).flat_map(|x| (0..64).map(move |y| (x, y))) {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                frame.set(x, y, [(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8]);
            }
            Page { frame, hold: Duration::from_secs(5), runs: false }
        };
        let plain = Page { frame: Frame::new(64, 64), hold: Duration::from_secs(5), runs: false };
        assert_eq!(at_a_time(&vec![plain; 25]), Ok(Some(UNITS)));
        assert_eq!(at_a_time(&[noise(1), noise(2), noise(3)]), Ok(Some(1)));
        let body = request("UpdateDynamic", Some(dynamic(64, 64, &[noise(1)]).expect("packed")));
        assert!(body.len() < 30_000, "{}", body.len());
        assert!(dynamic(0, 0, &[Page { frame: Frame::new(0, 0), hold: Duration::ZERO, runs: false }]).is_err());
    }
}
