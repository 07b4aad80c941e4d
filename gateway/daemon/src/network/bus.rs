//! `NetworkManager` over D-Bus: calls that end in time, and what it has as plain values.

use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::timeout;
use web_ui::{Elsewhere, Unset};
use zbus::{Connection, DynamicType, OwnedObjectPath, OwnedVariant, Variant};

/// Its name on the bus, and the stem of its interfaces.
pub(super) const NAME: &str = "org.freedesktop.NetworkManager";
/// It itself.
pub(super) const ROOT: &str = "/org/freedesktop/NetworkManager";
/// Its connections.
pub(super) const SETTINGS: &str = "/org/freedesktop/NetworkManager/Settings";
/// No object.
pub(super) const NONE: &str = "/";

/// Connecting and each call take no longer than this.
const WITHIN: Duration = Duration::from_secs(3);

/// What it must allow; polkit decides (`image/49-gateway-network.rules`).
const RIGHTS: [&str; 4] = ["network-control", "settings.modify.system", "wifi.scan", "checkpoint-rollback"];

/// Values by their names.
pub(super) type Properties = BTreeMap<String, OwnedVariant>;
/// A connection: its parts by their names. May hold a password on its way; never printed.
pub(super) type Profile = BTreeMap<String, Properties>;
type Objects = HashMap<OwnedObjectPath, BTreeMap<String, Properties>>;

/// A way to it.
pub(super) struct Bus(Connection);

/// Everything it has but the connections' insides.
pub(super) struct World(BTreeMap<String, BTreeMap<String, Properties>>);

impl Bus {
    /// On this bus; `None`: the system's.
    pub(super) async fn open(address: Option<&str>) -> Result<Self, Unset> {
        let absent = |_| Unset::Elsewhere(Elsewhere::Absent);
        let builder = match address {
            Some(address) => zbus::connection::Builder::address(address),
            None => zbus::connection::Builder::system(),
        };
        let opening = timeout(WITHIN, builder.method_timeout(WITHIN).build()).await;
        let connection = opening.map_err(|_| Unset::Elsewhere(Elsewhere::Silent))?.map_err(absent)?;
        let asked = connection.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &NAME,
        );
        let there = timeout(WITHIN, asked).await.map_err(|_| Unset::Elsewhere(Elsewhere::Silent))?.map_err(absent)?;
        if there.body().deserialize::<bool>().unwrap_or(false) {
            Ok(Self(connection))
        } else {
            Err(Unset::Elsewhere(Elsewhere::Absent))
        }
    }

    /// The connection itself, for its signals.
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Calls a method of it; `interface` without the common stem.
    pub(super) async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<zbus::Message, Unset>
    where
        B: Serialize + DynamicType,
    {
        let interface = if interface.contains('.') && !interface.starts_with('.') {
            interface.to_owned()
        } else {
            format!("{NAME}{interface}")
        };
        let asked = self.0.call_method(Some(NAME), path, Some(interface.as_str()), method, body);
        match timeout(WITHIN, asked).await {
            Err(_) => Err(Unset::Elsewhere(Elsewhere::Silent)),
            Ok(told) => told.map_err(|error| unset(&error)),
        }
    }

    /// Everything it has.
    pub(super) async fn world(&self) -> Result<World, Unset> {
        let told =
            self.call("/org/freedesktop", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", &()).await?;
        let objects: Objects = told.body().deserialize().map_err(|e| unset(&e))?;
        Ok(World(objects.into_iter().map(|(path, object)| (path.as_str().to_owned(), object)).collect()))
    }

    /// Whether it lets the station change what it must; one that says nothing of a right allows it.
    pub(super) async fn allows(&self) -> Result<bool, Unset> {
        let told = self.call(ROOT, "", "GetPermissions", &()).await?;
        let rights: HashMap<String, String> = told.body().deserialize().map_err(|e| unset(&e))?;
        Ok(RIGHTS.iter().all(|right| rights.get(&format!("{NAME}.{right}")).is_none_or(|may| may == "yes")))
    }

    /// A property of an object of it.
    pub(super) async fn property(&self, path: &str, interface: &str, name: &str) -> Result<OwnedVariant, Unset> {
        let of = format!("{NAME}{interface}");
        let told = self.call(path, "org.freedesktop.DBus.Properties", "Get", &(of, name)).await?;
        told.body().deserialize().map_err(|e| unset(&e))
    }

    /// The checkpoints that stand.
    pub(super) async fn checkpoints(&self) -> Result<Vec<String>, Unset> {
        let told = self.property(ROOT, "", "Checkpoints").await?;
        Ok(paths(&told))
    }

    /// A connection without its secrets.
    pub(super) async fn profile(&self, connection: &str) -> Result<Profile, Unset> {
        let told = self.call(connection, ".Settings.Connection", "GetSettings", &()).await?;
        told.body().deserialize().map_err(|e| unset(&e))
    }
}

/// Sorts what was in the way.
pub(super) fn unset(error: &zbus::Error) -> Unset {
    use zbus::fdo::Error::{
        AccessDenied, AuthFailed, Disconnected, NameHasNoOwner, NoReply, ServiceUnknown, TimedOut, Timeout,
        UnknownObject,
    };
    if let zbus::Error::FDO(error) = error {
        if matches!(**error, AccessDenied(_) | AuthFailed(_)) {
            return Unset::Elsewhere(Elsewhere::Forbidden);
        }
        if matches!(**error, NoReply(_) | Timeout(_) | TimedOut(_)) {
            return Unset::Elsewhere(Elsewhere::Silent);
        }
        if matches!(**error, ServiceUnknown(_) | NameHasNoOwner(_) | Disconnected(_)) {
            return Unset::Elsewhere(Elsewhere::Absent);
        }
        if matches!(**error, UnknownObject(_)) {
            return Unset::Nothing;
        }
    }
    if let zbus::Error::MethodError(name, said, _) = error {
        if name.ends_with("PermissionDenied") || name.ends_with("NotAuthorized") {
            return Unset::Elsewhere(Elsewhere::Forbidden);
        }
        return Unset::Refused(said.clone().unwrap_or_else(|| name.to_string()));
    }
    Unset::Refused(error.to_string())
}

impl World {
    /// Objects that have this interface (without the common stem), with their paths.
    pub(super) fn having<'a>(&'a self, interface: &str) -> impl Iterator<Item = (&'a str, &'a Properties)> + use<'a> {
        let name = format!("{NAME}{interface}");
        self.0.iter().filter_map(move |(path, object)| Some((path.as_str(), object.get(&name)?)))
    }

    /// An interface of an object.
    pub(super) fn of(&self, path: &str, interface: &str) -> Option<&Properties> {
        self.0.get(path)?.get(&format!("{NAME}{interface}"))
    }
}

fn plain<'a>(value: &'a Variant<'a>) -> &'a Variant<'a> {
    if let Variant::Variant(inner) = value { inner } else { value }
}

/// A text.
pub(super) fn text<'a>(of: &'a Properties, key: &str) -> Option<&'a str> {
    <&str>::try_from(plain(of.get(key)?)).ok()
}

/// A number.
pub(super) fn whole(of: &Properties, key: &str) -> Option<u32> {
    u32::try_from(plain(of.get(key)?)).ok()
}

/// A path, where it is one.
pub(super) fn path<'a>(of: &'a Properties, key: &str) -> Option<&'a str> {
    let found = <&zbus::ObjectPath<'_>>::try_from(plain(of.get(key)?)).ok()?;
    Some(found.as_str()).filter(|path| *path != NONE)
}

/// Paths.
pub(super) fn paths(value: &OwnedVariant) -> Vec<String> {
    let found = value.try_clone().ok().and_then(|v| Vec::<OwnedObjectPath>::try_from(v).ok());
    found.unwrap_or_default().iter().map(|p| p.as_str().to_owned()).collect()
}

/// Bytes.
pub(super) fn bytes(of: &Properties, key: &str) -> Option<Vec<u8>> {
    of.get(key).and_then(|v| v.try_clone().ok()).and_then(|v| Vec::<u8>::try_from(v).ok())
}

/// A list of tables.
pub(super) fn tables(of: &Properties, key: &str) -> Vec<HashMap<String, OwnedVariant>> {
    let found = of.get(key).and_then(|v| v.try_clone().ok()).and_then(|v| Vec::try_from(v).ok());
    found.unwrap_or_default()
}

/// A text of a table.
pub(super) fn text_of<'a>(of: &'a HashMap<String, OwnedVariant>, key: &str) -> Option<&'a str> {
    <&str>::try_from(plain(of.get(key)?)).ok()
}

/// A number of a table.
pub(super) fn whole_of(of: &HashMap<String, OwnedVariant>, key: &str) -> Option<u32> {
    u32::try_from(plain(of.get(key)?)).ok()
}
