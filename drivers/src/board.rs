//! Boards: LED displays.

mod huidu;
pub mod huidu_packet;
pub mod huidu_xml;
mod layout;

pub use crate::switch::Model;
pub use huidu::Huidu;
pub use layout::colour;

/// The boards there are.
pub const MODELS: &[Model] = &[Model {
    name: "huidu",
    about: "a Huidu full-colour card (HD-A, C, D, WF) that speaks SDK 2.0 over TCP",
    keys: &[
        ("address", "host:port of the card; its port is 10001 as delivered"),
        ("width", "pixels across"),
        ("height", "pixels down"),
        ("font", "a font of the card that has Vietnamese letters; Arial unless said"),
    ],
}];
