//! What is on air and what an officer does to it: orders, voices, programmes, what can be heard and seen of it.

pub(crate) mod acts;
pub(crate) mod boards;
pub(crate) mod ears;
pub(crate) mod orders;
pub(crate) mod outlook;
pub(crate) mod prepared;
pub(crate) mod programmes;
pub(crate) mod studio;
pub(crate) mod voices;
