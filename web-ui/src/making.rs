//! What is made and kept to be aired: drafts, files, the leader's word, the dictionary, the library.

pub(crate) mod approvals;
pub(crate) mod drafts;
pub(crate) mod jottings;
pub(crate) mod keeping;
pub(crate) mod lexicon;
pub(crate) mod library;
pub(crate) mod media;
pub(crate) mod preview;
