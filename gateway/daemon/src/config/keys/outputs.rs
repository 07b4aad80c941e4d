//! Keys of what a station switches, shows, measures and sends out by radio, and of the lines that lead there.

pub(super) mod board;
pub(super) mod cluster;
pub(super) mod line;
pub(super) mod sensor;
pub(super) mod switch;
pub(super) mod transmitter;
