//! The books of the office: the broadcasting journal, reports, the register, papers, lessons, the rota.

pub(crate) mod lessons;
pub(crate) mod paper;
pub(crate) mod papers;
pub(crate) mod playlog;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod rota;
