//! From the written to the spoken form of a text: the core's rules, under the names this room uses.

pub(crate) use gateway_core::spoken::{Lexicon, Pause, Sentence, spoken};
