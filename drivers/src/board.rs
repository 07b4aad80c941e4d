//! Boards: LED displays.

mod answer;
mod clock;
mod cpower;
pub mod cpower_packet;
pub mod cpower_picture;
pub mod frame;
pub mod html;
mod huidu;
pub mod huidu_album;
pub mod huidu_file;
pub mod huidu_packet;
pub mod huidu_xml;
mod layout;
mod onbon_k;
pub mod onbon_k_area;
pub mod onbon_k_frame;
mod onbon_y;
pub mod onbon_y_bulletin;
pub mod onbon_y_call;
pub mod painter;
pub mod picture;
pub mod pixels;
pub mod search;
pub mod sight;
mod turns;

pub use cpower::{Cpower, CpowerConfig, brightness_data, power_data, time_data, version};
pub use html::{Html, LinkLost, MessageEnd, Screen};
pub use huidu::Huidu;
pub use layout::{colour, rgb};
pub use onbon_k::{OnbonK, OnbonKConfig};
pub use onbon_y::{OnbonY, OnbonYConfig};
pub use pixels::{PixelConfig, Pixels};

use crate::{Driver, Model};
use gateway_core::want::BoardWant;
use painter::Easel;
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
        /// A font of the card, for cards that are sent letters in place of pictures.
        font: Option<String>,
        /// It goes dark by itself some time after it has lost the gateway.
        dark_when_lost: bool,
    },
    /// `cpower`.
    Cpower(CpowerConfig),
    /// `onbon-k`.
    OnbonK(OnbonKConfig),
    /// `onbon-y`.
    OnbonY(OnbonYConfig),
    /// `e131`, `artnet` and `ddp`.
    Pixels(PixelConfig),
    /// `html`.
    Html {
        /// The screen, which the listener serves the page of.
        screen: Arc<Screen>,
    },
}

impl BoardConfig {
    /// The driver of this board, painting with these.
    pub fn driver(&self, easel: &Easel) -> Box<dyn Driver<BoardWant>> {
        match self {
            Self::Huidu { width, height, font, dark_when_lost } => {
                let card = Huidu::new(*width, *height).with_painter(easel.painter(*width, *height));
                let card = if *dark_when_lost { card.dark_when_lost() } else { card };
                Box::new(if let Some(font) = font { card.with_font(font) } else { card })
            }
            Self::Cpower(config) => {
                let painter = easel.painter(config.width, config.height);
                Box::new(Cpower::new(*config).with_painter(painter))
            }
            Self::OnbonK(config) => Box::new(OnbonK::new(*config)),
            Self::OnbonY(config) => {
                let painter = easel.painter(config.width, config.height);
                Box::new(OnbonY::new(config.clone()).with_painter(painter))
            }
            Self::Pixels(config) => {
                let painter = easel.painter(config.width, config.height);
                Box::new(Pixels::new(config.clone(), painter))
            }
            Self::Html { screen } => Box::new(Html::new(Arc::clone(screen))),
        }
    }
}

/// A key of every board that is sent pictures.
const FONT_FILE: (&str, &str) =
    ("font_file", "font file with Vietnamese letters that it is painted with; left out: the best of the box");

/// The boards there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "huidu",
        about: "a Huidu full-colour card (HD-A, C, D, WF) that speaks SDK 2.0 over TCP",
        keys: &[
            ("address", "host:port of the card; its port is 10001 as delivered"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            ("letters", "bitmap: pictures painted by the gateway; card: letters of the card; bitmap unless said"),
            ("font", "with letters = card, a font of the card that has Vietnamese letters; Arial unless said"),
            FONT_FILE,
            ("on_link_lost", "keep or dark: after an hour without the gateway; keep unless said"),
        ],
    },
    Model {
        name: "onbon-k",
        about: "an Onbon BX-5K or BX-6K card, over TCP or a serial line; letters without accents",
        keys: &[
            ("address", "host:port of the card; its port is 5005 as delivered"),
            ("line", "the serial line it is on, in place of an address"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            ("series", "5k or 6k; 6k unless said"),
            ("screen", "its number, 1–65534; 1 unless said"),
            ("colours", "mono or dual (red, green, yellow); mono unless said"),
            ("on_link_lost", "keep or dark: after 20 minutes without the gateway; keep unless said"),
        ],
    },
    Model {
        name: "onbon-y",
        about: "an Onbon BX-Y full-colour card over HTTP; what it shows is captured and compared",
        keys: &[
            ("address", "host:port of the card; its port is 80 as delivered"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            ("user", "name to sign in with; guest unless said"),
            ("password", "file or systemd credential with the password; must be there"),
            FONT_FILE,
            (
                "on_power_up",
                "dark, or text: the message in letters of the card until the gateway is back; dark unless said",
            ),
            (
                "font",
                "with on_power_up = text, a font of the card that has Vietnamese letters; left out: letters without accents",
            ),
        ],
    },
    Model {
        name: "cpower",
        about: "a C-Power5200 card or a clone of it, over TCP or a serial line",
        keys: &[
            ("address", "host:port of the card; its port is 5200 as delivered"),
            ("line", "the serial line it is on, in place of an address; 115200 as delivered"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            ("colours", "mono, dual, eight or full; eight unless said"),
            ("card", "its number, 1–254; 1 unless said"),
            ("network_id", "the identity set in the card; 4294967295 unless said"),
            FONT_FILE,
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
            FONT_FILE,
        ],
    },
    Model {
        name: "artnet",
        about: "a pixel controller that takes Art-Net, 170 pixels a universe",
        keys: &[
            ("address", "host:port of the controller; its port is 6454"),
            ("interface", "the address of ours that the pixels leave from"),
            ("universe", "the first universe, 1–32767"),
            ("width", "pixels across"),
            ("height", "pixels down"),
            FONT_FILE,
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
            FONT_FILE,
        ],
    },
    Model {
        name: "html",
        about: "a television or a wall with a browser that shows the page /board/{id} of the officers' listener",
        keys: &[
            ("on_link_lost", "what the page does without the gateway: notice, keep, dark or idle; notice unless said"),
            ("on_message_end", "what it shows when a message ends and the gateway says nothing: dark or idle"),
        ],
    },
];
