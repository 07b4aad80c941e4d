//! The demonstration: a commune on this machine, to try by hand or to watch doing its main job by itself.

mod by_hand;
mod large;
mod report;
mod tale;
mod witness;

pub use by_hand::by_hand;
pub use large::{large_by_hand, large_once};
pub use report::{Facts, Report, Step};
pub use tale::once;
