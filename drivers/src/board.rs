//! Boards: LED displays.

pub mod frame;
pub mod html;
mod huidu;
pub mod huidu_packet;
pub mod huidu_xml;
mod layout;
pub mod painter;

pub use html::{Html, LinkLost, Screen};
pub use huidu::Huidu;
pub use layout::{colour, rgb};

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
        name: "html",
        about: "a television or a wall with a browser that shows the page /board/{id} of the officers' listener",
        keys: &[("on_link_lost", "what the page does without the gateway: notice, keep or dark")],
    },
];
