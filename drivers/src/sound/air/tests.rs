//! The live part over told time.
