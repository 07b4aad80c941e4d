//! Looks up the profile a device names.

use crate::config::sheet::Entry;
use drivers::profile::Profile;
use std::sync::Arc;

/// The profile under the key `profile` and the part of it that is needed; a profile without that part is a problem.
pub(super) fn profile<T>(
    entry: &Entry<'_, '_>,
    kind: &str,
    part: impl Fn(&Profile) -> Option<T>,
) -> Option<(Arc<Profile>, T)> {
    let name = entry.text("profile")?;
    let profiles = entry.sheet.profiles();
    let found = profiles.get(&name);
    if let Some(found) = found
        && let Some(wanted) = part(found)
    {
        return Some((Arc::clone(found), wanted));
    }
    let known = profiles.iter().filter(|p| part(p).is_some()).map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
    let what = match found {
        Some(_) => format!("the profile \"{name}\" describes no {kind}"),
        None => format!("there is no profile \"{name}\""),
    };
    entry.bad("profile", what, format!("use one of: {known}; or put NAME.toml into the folder `station.profiles`"));
    None
}

/// The key `unit`; where it is left out, the address of a new device of that profile.
pub(super) fn unit(entry: &Entry<'_, '_>, profile: Option<&Profile>) -> Option<u8> {
    let written = entry.whole("unit").and_then(|unit| u8::try_from(unit).ok());
    if entry.has("unit") { written } else { profile.and_then(|p| p.unit).or(written) }
}
