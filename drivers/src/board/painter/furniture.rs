//! What stands round a text: colours of the law, the strip of an emergency, the stripes of a drill.

use super::super::frame::Frame;
use super::super::layout::rgb;
use super::font::Fonts;
use super::layout::{self, Block, Laid, SMALLEST};
use gateway_core::want::BoardMessage;

/// What a drill says of itself.
pub(super) const DRILL: &str = "DIỄN TẬP";
/// What an emergency without a level says of itself.
const URGENT: &str = "KHẨN CẤP";
/// A board of fewer pixels down has no room for a strip.
const STRIP_FROM: i32 = 48;
/// Width of a stripe of a drill, pixels.
const STRIPE: i32 = 4;

/// A part of a board, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Area {
    pub(super) fn whole(width: u16, height: u16) -> Self {
        Self { x: 0, y: 0, width: i32::from(width), height: i32::from(height) }
    }

    pub(super) fn holds(self, x: i32, y: i32) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    fn within(self, edge: i32) -> Self {
        let (width, height) = ((self.width - 2 * edge).max(0), (self.height - 2 * edge).max(0));
        Self { x: self.x + edge, y: self.y + edge, width, height }
    }
}

/// Letters and the ground behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colours {
    pub(super) ink: [u8; 3],
    pub(super) ground: [u8; 3],
}

impl Colours {
    pub(super) fn of(level: Option<u8>, mono: bool) -> Self {
        Self { ink: if mono { [255; 3] } else { rgb(level) }, ground: [0; 3] }
    }

    /// Ground and letters exchanged.
    pub(super) fn turned(self) -> Self {
        Self { ink: self.ground, ground: self.ink }
    }

    pub(super) fn ground(self, width: u16, height: u16) -> Frame {
        let mut frame = Frame::new(width, height);
        if self.ground != [0; 3] {
            frame.fill(0, 0, i32::from(width), i32::from(height), self.ground);
        }
        frame
    }
}

/// The strip above the text.
pub(super) struct Strip {
    height: i32,
    title: Block,
}

/// The strip a message wears; `None`: ordinary news, or a board too low for one.
pub(super) fn strip(fonts: &Fonts, message: &BoardMessage, whole: Area, mono: bool) -> Option<Strip> {
    if whole.height < STRIP_FROM || !(message.drill || message.flash || message.level.is_some()) {
        return None;
    }
    let edge = if message.drill { border(whole) } else { 0 };
    // What a drill says has an accent on two floors and a dot below.
    let room = (whole.height / 5).max(i32::from(SMALLEST) + if message.drill { 7 } else { 5 });
    // Stripes are seen on both sides of what a drill says.
    let width = whole.width - 2 * edge - if message.drill { 4 * STRIPE } else { 2 };
    titles(message).iter().find_map(|title| match layout::lay(fonts, title, width, room - 1, mono) {
        Laid::Stands(title) if title.pages.len() == 1 && title.pages.iter().all(|page| page.len() == 1) => {
            Some(Strip { height: room + 1, title })
        }
        Laid::Stands(_) | Laid::Runs => None,
    })
}

fn titles(message: &BoardMessage) -> Vec<String> {
    match (message.drill, message.level) {
        (true, _) => vec![DRILL.to_owned()],
        (false, Some(level)) => {
            vec![format!("CẢNH BÁO THIÊN TAI CẤP {level}"), format!("CẢNH BÁO CẤP {level}"), format!("CẤP {level}")]
        }
        (false, None) => vec![format!("THÔNG BÁO {URGENT}"), URGENT.to_owned()],
    }
}

/// What the message is, in one word.
pub(super) fn word(message: &BoardMessage) -> &'static str {
    if message.drill { DRILL } else { URGENT }
}

/// Pixels of the striped border of a drill.
fn border(whole: Area) -> i32 {
    (whole.width.min(whole.height) / 32).max(2)
}

/// What is left for the text.
pub(super) fn inner(message: &BoardMessage, whole: Area, strip: Option<&Strip>) -> Area {
    let edge = match (message.drill, strip) {
        (true, Some(_)) => border(whole) + 1,
        (true, None) => 0,
        (false, _) => i32::from(whole.height >= 24),
    };
    let mut inner = whole.within(edge);
    if message.drill && strip.is_none() {
        inner.x += STRIPE + 2;
        inner.width = (inner.width - 2 * (STRIPE + 2)).max(0);
    }
    if let Some(strip) = strip {
        inner.y += strip.height;
        inner.height -= strip.height;
    }
    inner
}

/// Draws strip, border and stripes.
pub(super) fn draw(frame: &mut Frame, message: &BoardMessage, whole: Area, strip: Option<&Strip>, colours: Colours) {
    let Some(strip) = strip else {
        if message.drill {
            hatch_ends(frame, message, whole, colours);
        }
        return;
    };
    let edge = if message.drill { border(whole) } else { 0 };
    if message.drill {
        let clear = whole.within(edge);
        hatch(frame, whole, colours.ink, |x, y| !clear.holds(x, y));
        hatch(frame, Area { height: edge + strip.height, ..whole }, colours.ink, |_, _| true);
    } else {
        frame.fill(whole.x, whole.y, whole.width, strip.height, colours.ink);
    }
    let title = Area { x: edge, y: edge, width: whole.width - 2 * edge, height: strip.height };
    if let Some(lines) = strip.title.pages.first() {
        let width = lines.iter().map(|line| line.width).max().unwrap_or(0);
        if message.drill {
            // The word stands on a plate of its own: between stripes it could not be read.
            let (wide, left) = (width + 6, (title.width - width - 6) / 2);
            frame.fill(title.x + left, title.y, wide, title.height, colours.ink);
        }
        super::stand(frame, &strip.title, lines, title, colours.turned());
    }
}

/// Stripes at both ends of a drill's board; what lies between them.
pub(super) fn hatch_ends(frame: &mut Frame, message: &BoardMessage, whole: Area, colours: Colours) -> Area {
    if !message.drill {
        return whole;
    }
    let right = whole.width - STRIPE;
    hatch(frame, whole, colours.ink, |x, _| x < STRIPE || x >= right);
    Area { x: STRIPE + 2, width: (whole.width - 2 * (STRIPE + 2)).max(0), ..whole }
}

/// Stripes along the upper and lower edge of a running text.
pub(super) fn rails(frame: &mut Frame, height: i32, colours: Colours) {
    let whole = Area::whole(frame.width(), frame.height());
    hatch(frame, whole, colours.ink, |_, y| y < height || y >= whole.height - height);
}

fn hatch(frame: &mut Frame, area: Area, colour: [u8; 3], within: impl Fn(i32, i32) -> bool) {
    for y in area.y..area.y + area.height {
        for x in area.x..area.x + area.width {
            if within(x, y) && (x + y).rem_euclid(2 * STRIPE) < STRIPE {
                frame.blend(x, y, colour, 255);
            }
        }
    }
}
