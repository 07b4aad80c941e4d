//! What a programme document says is to be shown.

use super::image;
use drivers::board::frame::Frame;
use roxmltree::Node;
use std::collections::BTreeMap;

/// A picture in the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is seen.
    pub frame: Frame,
    /// Name of its file.
    pub file: String,
    /// How long it stays, 0.1 s.
    pub duration: u16,
    /// It moves left without end.
    pub runs: bool,
}

/// A programme.
#[derive(Debug)]
pub(super) struct Programme {
    pub(super) guid: String,
    pub(super) texts: Vec<(String, String)>,
    pub(super) pictures: Vec<Shown>,
    pub(super) between: Option<(String, String)>,
}

/// Reads `AddProgram`; the pictures it names must be among the files, and as large as the screen.
pub(super) fn read(
    asked: Node<'_, '_>,
    files: &BTreeMap<String, Vec<u8>>,
    size: (u16, u16),
) -> Result<Programme, &'static str> {
    let find = |name: &'static str| asked.descendants().find(move |node| node.has_tag_name(name));
    let guid = find("program").and_then(|node| node.attribute("guid")).ok_or("kParseXmlError")?.to_owned();
    let screen = find("screen").ok_or("kParseXmlError")?;
    let stamp = screen.attribute("timeStamps").ok_or("kParseXmlError")?;
    stamp.parse::<u64>().map_err(|_| "kParameterError")?;
    let mut texts = Vec::new();
    for text in asked.descendants().filter(|node| node.has_tag_name("text")) {
        let string = text.children().find(|node| node.has_tag_name("string")).ok_or("kParseXmlError")?;
        let font = text.children().find(|node| node.has_tag_name("font")).ok_or("kParseXmlError")?;
        let words = string.text().unwrap_or_default().to_owned();
        texts.push((words, font.attribute("color").unwrap_or_default().to_owned()));
    }
    let images = asked.descendants().filter(|node| node.has_tag_name("image"));
    let pictures = images.map(|image| picture(image, files, size)).collect::<Result<Vec<_>, _>>()?;
    Ok(Programme { guid, texts, pictures, between: between(asked)? })
}

fn picture(
    image: Node<'_, '_>,
    files: &BTreeMap<String, Vec<u8>>,
    (width, height): (u16, u16),
) -> Result<Shown, &'static str> {
    let child = |name: &'static str| image.children().find(move |node| node.has_tag_name(name)).ok_or("kParseXmlError");
    let (effect, file) = (child("effect")?, child("file")?);
    if image.attribute("fit") != Some("stretch") || image.attribute("guid").is_none() {
        return Err("kParameterError");
    }
    let number = |name: &str| effect.attribute(name).and_then(|text| text.parse::<u16>().ok()).ok_or("kParameterError");
    let (inward, speed) = (number("in")?, number("inSpeed")?);
    if !(inward == 0 || inward == 21) || inward != number("out")? || speed > 8 {
        return Err("kParameterError");
    }
    // The area must be the whole screen.
    let area = image.ancestors().find(|node| node.has_tag_name("area")).ok_or("kParseXmlError")?;
    let place = area.children().find(|node| node.has_tag_name("rectangle")).ok_or("kParseXmlError")?;
    let side = |name: &str| place.attribute(name).and_then(|text| text.parse::<u16>().ok());
    if [side("x"), side("y"), side("width"), side("height")] != [Some(0), Some(0), Some(width), Some(height)] {
        return Err("kParameterError");
    }
    let file = file.attribute("name").ok_or("kParseXmlError")?.to_owned();
    let frame = files.get(&file).ok_or("kNotFound")?;
    let frame = image::png(frame).filter(|frame| (frame.width(), frame.height()) == (width, height));
    Ok(Shown { frame: frame.ok_or("kContentError")?, file, duration: number("duration")?, runs: inward == 21 })
}

/// First and last moment of the programme, `YYYY-MM-DD hh:mm:ss`.
fn between(asked: Node<'_, '_>) -> Result<Option<(String, String)>, &'static str> {
    let find = |name: &'static str| {
        let control = asked.descendants().find(|node| node.has_tag_name("playControl"))?;
        control.children().find(move |node| node.has_tag_name(name))
    };
    let ends = |node: Node<'_, '_>, long: usize| {
        let end = |name| node.attribute(name).filter(|text: &&str| text.len() == long).map(str::to_owned);
        end("start").zip(end("end")).ok_or("kParameterError")
    };
    let Some(days) = find("date") else { return Ok(None) };
    let (first, last) = ends(days, 10)?;
    let (from, until) = match find("time") {
        Some(hours) => ends(hours, 8)?,
        None => ("00:00:00".to_owned(), "23:59:59".to_owned()),
    };
    Ok(Some((format!("{first} {from}"), format!("{last} {until}"))))
}
