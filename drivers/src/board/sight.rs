//! What a board would show of a message: looked at before anybody outside sees it.

use super::BoardConfig;
use super::frame::Frame;
use super::onbon_k_area::folded;
use super::painter::Easel;
use gateway_core::want::BoardMessage;
use std::time::Duration;

/// What is seen on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Pictures of its own size, just as the card is sent them.
    Painted {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
        /// One after the other: a PNG file, how long it stands, whether it runs through the board from right to left.
        pages: Vec<(Vec<u8>, Duration, bool)>,
    },
    /// Letters of the card's own, in this text.
    Letters(String),
    /// A page, which sets the text itself.
    Page,
}

impl BoardConfig {
    /// What would be seen of a message on this board, painted with these.
    pub fn sight(&self, easel: &Easel, message: &BoardMessage) -> Sight {
        let (width, height, colours) = match self {
            Self::Html { .. } => return Sight::Page,
            Self::OnbonK(_) => return Sight::Letters(String::from_utf8_lossy(&folded(&message.text)).into_owned()),
            Self::Huidu { font: Some(_), .. } => return Sight::Letters(message.text.clone()),
            Self::Huidu { width, height, .. } => (*width, *height, None),
            Self::Cpower(config) => (config.width, config.height, Some(config.colours)),
            Self::OnbonY(config) => (config.width, config.height, None),
            Self::Pixels(config) => (config.width, config.height, None),
        };
        let painter = easel.painter(width, height);
        let painter = match colours {
            Some(colours) => painter.with_colours(colours),
            None => painter,
        };
        let pages = painter.paint(message).pages.into_iter();
        let pages = pages.filter_map(|page| Some((png(&page.frame)?, page.hold, page.runs))).collect();
        Sight::Painted { width, height, pages }
    }
}

/// A picture as a PNG file.
fn png(frame: &Frame) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width().into(), frame.height().into());
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(frame.pixels().as_flattened()).ok()?;
    writer.finish().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::painter::Painter;

    #[test]
    fn it_is_the_picture_that_the_card_is_sent() {
        let message = BoardMessage {
            id: gateway_core::id::ShowId(0),
            text: "Lịch tiêm chủng".to_owned(),
            level: None,
            drill: false,
            flash: false,
            qr: None,
            picture: None,
            until: None,
        };
        let config = BoardConfig::Huidu { width: 128, height: 64, font: None, dark_when_lost: false };
        let Sight::Painted { width, height, pages } = config.sight(&Easel::default(), &message) else {
            panic!("it is painted")
        };
        let sent = Painter::new(128, 64).paint(&message).pages;
        assert_eq!((width, height, pages.len()), (128, 64, sent.len()));
        let mut reader = png::Decoder::new(std::io::Cursor::new(&pages[0].0)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("small")];
        reader.next_frame(&mut bytes).expect("a picture");
        assert_eq!(bytes, sent[0].frame.pixels().as_flattened());
    }
}
