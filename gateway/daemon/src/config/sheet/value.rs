//! Values as they are found under a key.

use crate::config::keys::Form;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// What was found under a key.
pub(super) enum Found<T> {
    Value(T),
    Default(&'static str),
    Absent,
    Bad,
}

impl<T> Found<T> {
    /// What was written, else the default.
    pub(super) fn or(self, read: impl Fn(&'static str) -> T) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Default(default) => Some(read(default)),
            Self::Absent | Self::Bad => None,
        }
    }
}

/// 1–64 of `A-Za-z0-9._-`.
pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// A whole number the key takes.
pub(super) fn whole(form: &Form, value: &DeValue<'_>) -> Option<i64> {
    let (Form::Whole(from, to) | Form::Wholes(from, to)) = form else { return None };
    let number = value.as_integer()?;
    let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    (*from..=*to).contains(&number).then_some(number)
}

/// A default of the key table, which is TOML; a test reads all of them.
pub(super) fn from_default<T: serde::de::DeserializeOwned + Default>(name: &str, default: &str) -> T {
    let read = toml::from_str::<BTreeMap<String, T>>(&format!("value = {default}"));
    debug_assert!(read.is_ok(), "the default of {name} is no TOML");
    read.ok().and_then(|mut map| map.remove("value")).unwrap_or_default()
}
