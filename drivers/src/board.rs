//! Boards: LED displays.

pub mod frame;
pub mod html;
mod huidu;
pub mod huidu_packet;
pub mod huidu_xml;
mod layout;
pub mod painter;
pub mod pixels;

pub use html::{Html, LinkLost, Screen};
pub use huidu::Huidu;
pub use layout::{colour, rgb};
pub use pixels::{PixelConfig, Pixels};

use crate::{Driver, Model};
use gateway_core::want::BoardWant;
use std::sync::Arc;

/// One board as the configuration names it.
#[derive(Clone, Debug)]
pub enum BoardConfig {
    /// `huidu`.
    Huidu {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
        /// A font of the card.
        font: String,
    },
    /// `e131` and `ddp`.
    Pixels(PixelConfig),
    /// `html`.
    Html {
        /// The screen, which the listener serves the page of.
        screen: Arc<Screen>,
    },
}

impl BoardConfig {
    /// The driver of this board.
    pub fn driver(&self) -> Box<dyn Driver<BoardWant>> {
        match self {
            Self::Huidu { width, height, font } => Box::new(Huidu::new(*width, *height).with_font(font.clone())),
            Self::Pixels(config) => {
                let painter = painter::Painter::new(config.width, config.height);
                Box::new(Pixels::new(config.clone(), painter))
            }
            Self::Html { screen } => Box::new(Html::new(Arc::clone(screen))),
        }
    }
}

/// The boards there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "huidu",
        about: "a Huidu full-colour card (HD-A, C, D, WF) that speaks SDK 2.0 over TCP",
        keys: &[
            ("address", "host:port of the card; its port is 10001 as delivered"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            ("font", "a font of the card that has Vietnamese letters; Arial unless said"),
        ],
    },
    Model {
        name: "e131",
        about: "a pixel controller that takes E1.31 (streaming ACN), 170 pixels a universe",
        keys: &[
            ("address", "host:port of the controller; left out: the multicast groups of its universes"),
            ("interface", "the address of ours that the pixels leave from"),
            ("universe", "the first universe"),
            ("priority", "0-200; of several sources a controller shows the highest"),
            ("width", "pixels across"),
            ("height", "pixels down"),
        ],
    },
    Model {
        name: "ddp",
        about: "a pixel controller that takes DDP, such as WLED or Falcon",
        keys: &[
            ("address", "host:port of the controller; its port is 4048"),
            ("interface", "the address of ours that the pixels leave from"),
            ("width", "pixels across"),
            ("height", "pixels down"),
        ],
    },
    Model {
        name: "html",
        about: "a television or a wall with a browser that shows the page /board/{id} of the officers' listener",
        keys: &[("on_link_lost", "what the page does without the gateway: notice, keep or dark")],
    },
];
