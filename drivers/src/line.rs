//! To come.
pub struct Line;
