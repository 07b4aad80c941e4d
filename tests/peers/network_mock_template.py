"""python-dbusmock's NetworkManager with what it lacks: checkpoints that go back by themselves, connections of their own kinds,
passwords that are not told again, and Wi-Fis that let nobody in with a wrong one. Loaded by network_mock.py.
"""
import copy, uuid

import dbus, dbusmock
from dbusmock import MOCK_IFACE
from dbusmock.templates import networkmanager as base
from dbusmock.templates.networkmanager import *  # noqa: F403: the methods of the mock are found by their names here
from gi.repository import GLib

BUS_NAME, MAIN_OBJ, SYSTEM_BUS, IS_OBJECT_MANAGER = base.BUS_NAME, base.MAIN_OBJ, True, True
STEM, ROOT, SETTINGS = base.MANAGER_IFACE, base.MANAGER_OBJ, base.SETTINGS_OBJ
DEVICE, CONNECTION, ACTIVE = base.DEVICE_IFACE, base.CSETTINGS_IFACE, base.ACTIVE_CONNECTION_IFACE
SECURITY = "802-11-wireless-security"
RIGHT = "mat-khau-dung"


class Refusal(dbus.DBusException):
    _dbus_error_name = STEM + ".InvalidArguments"


def plain_copy(profile):
    return {part: {key: signed(value) for key, value in values.items()} for part, values in profile.items()}


def signed(value):
    """A list of tables, which loses its type on the way through the mock."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return dbus.Array([dbus.Dictionary(dict(one), signature="sv") for one in value], signature="a{sv}")
    return value


def without_secrets(profile):
    told = plain_copy(profile)
    told.get(SECURITY, {}).pop("psk", None)
    return dbus.Dictionary({part: dbus.Dictionary(values, signature="sv") for part, values in told.items()},
                           signature="sa{sv}")


def load(mock, parameters):
    base.load(mock, parameters)
    root, settings = dbusmock.get_object(ROOT), dbusmock.get_object(SETTINGS)
    root.checkpoint, root.checkpoints_made, root.permissions = None, 0, {}
    root.Set(STEM, "Version", "1.42.4")
    root.AddProperty(STEM, "Checkpoints", dbus.Array([], signature="o"))
    root.checkpoint_create, root.checkpoint_end = checkpoint_create, checkpoint_end
    root.activate, root.deactivate = activate, deactivate
    root.AddMethods(STEM, [
        ("CheckpointCreate", "aouu", "o", "ret = self.checkpoint_create(self, args[0], args[1], args[2])"),
        ("CheckpointDestroy", "o", "", "self.checkpoint_end(self, args[0], False)"),
        ("CheckpointRollback", "o", "a{su}", "ret = self.checkpoint_end(self, args[0], True)"),
        ("ActivateConnection", "ooo", "o", "ret = self.activate(self, args[0], args[1], args[2])"),
        ("DeactivateConnection", "o", "", "self.deactivate(self, args[0])"),
        ("GetPermissions", "", "a{ss}", "ret = dbus.Dictionary(self.permissions, signature='ss')"),
    ])
    settings.add_connection = add_connection
    settings.AddMethod(base.SETTINGS_IFACE, "AddConnection2", "a{sa{sv}}ua{sv}", "oa{sv}",
                       "ret = (self.add_connection(self, args[0], args[1]), dbus.Dictionary({}, signature='sv'))")


def add_connection(settings, profile, flags):
    known = settings.Get(base.SETTINGS_IFACE, "Connections")
    path = dbus.ObjectPath(f"{SETTINGS}/{len(known) + 1 + getattr(settings, 'removed', 0)}")
    profile = plain_copy(profile)
    check(profile)
    profile["connection"].setdefault("uuid", str(uuid.uuid4()))
    settings.AddObject(path, CONNECTION, {"Unsaved": bool(flags & 2)}, [
        ("GetSettings", "", "a{sa{sv}}", "ret = self.shown(self)"),
        ("Update2", "a{sa{sv}}ua{sv}", "a{sv}", "ret = self.update(self, args[0], args[1])"),
        ("Delete", "", "", "self.delete(self)"),
    ])
    made = dbusmock.get_object(path)
    made.profile, made.disk, made.path_ = profile, None if flags & 2 else plain_copy(profile), path
    made.shown, made.update, made.delete = lambda self: without_secrets(self.profile), update, delete
    settings.Set(base.SETTINGS_IFACE, "Connections", [*known, path])
    settings.object_manager_emit_added(path)
    return path


def check(profile):
    kind = profile["connection"]["type"]
    if kind not in profile:
        raise Refusal(f"{kind}: is missing")
    if kind == "802-11-wireless" and not 1 <= len(profile[kind].get("ssid", b"")) <= 32:
        raise Refusal("802-11-wireless.ssid: property is invalid")
    psk = profile.get(SECURITY, {}).get("psk")
    if psk is not None and not 8 <= len(psk) <= 63:
        raise Refusal("802-11-wireless-security.psk: property is invalid")


def update(connection, profile, flags):
    if profile:
        check(profile)
        secret = connection.profile.get(SECURITY, {}).get("psk")
        connection.profile = plain_copy(profile)
        if secret and SECURITY in profile and "psk" not in profile[SECURITY]:
            connection.profile[SECURITY]["psk"] = secret
    if flags & 1:
        connection.disk = plain_copy(connection.profile)
    return dbus.Dictionary({}, signature="sv")


def delete(connection):
    settings = dbusmock.get_object(SETTINGS)
    settings.removed = getattr(settings, "removed", 0) + 1
    known = settings.Get(base.SETTINGS_IFACE, "Connections")
    settings.Set(base.SETTINGS_IFACE, "Connections", dbus.Array([c for c in known if c != connection.path_], signature="o"))
    settings.object_manager_emit_removed(connection.path_)
    settings.RemoveObject(connection.path_)


def put(device, state, reason, active="/"):
    old = device.Get(DEVICE, "State")
    device.Set(DEVICE, "State", dbus.UInt32(state))
    device.Set(DEVICE, "ActiveConnection", dbus.ObjectPath(active))
    device.EmitSignal(DEVICE, "StateChanged", "uuu", [dbus.UInt32(state), old, dbus.UInt32(reason)])


def activate(root, connection, device, spot):
    card, profile = dbusmock.get_object(device), dbusmock.get_object(connection).profile
    deactivate(root, card.Get(DEVICE, "ActiveConnection"))
    ssid = profile.get("802-11-wireless", {}).get("ssid")
    if ssid and str(spot) == "/":
        said = {at: bytes(dbusmock.get_object(at).Get(base.ACCESS_POINT_IFACE, "Ssid")) for at in card.access_points}
        named = (at for at, one in said.items() if one == bytes(ssid))
        spot = dbus.ObjectPath(next(named, "/"))
    root.made = getattr(root, "made", 0) + 1
    path = dbus.ObjectPath(f"{ROOT}/ActiveConnection/{root.made}")
    card.AddObject(path, ACTIVE, {
        "Connection": connection, "SpecificObject": spot, "State": dbus.UInt32(1), "StateFlags": dbus.UInt32(0),
        "Devices": dbus.Array([device], signature="o"), "Uuid": profile["connection"]["uuid"],
        "Id": profile["connection"]["id"], "Type": profile["connection"]["type"],
    }, [])
    put(card, 60, 0, path)
    right = profile.get(SECURITY, {}).get("psk", RIGHT) == RIGHT

    def on():
        if str(card.Get(DEVICE, "ActiveConnection")) != path:
            return
        if right:
            dbusmock.get_object(path).Set(ACTIVE, "State", dbus.UInt32(2))
            fixed = profile["ipv4"].get("address-data", [])
            given = {1: "192.168.1.77/24", 2: "192.168.4.23/24", 3: "10.64.0.7/24"}[card.number]
            address(card, [f"{a['address']}/{a['prefix']}" for a in fixed] or [given])
            put(card, 100, 0, path)
        else:
            put(card, 120, 7)
            put(card, 30, 0)
            card.RemoveObject(path)

    GLib.timeout_add(300, on)
    return path


def deactivate(_root, active):
    if str(active) == "/":
        return
    for device in dbusmock.get_object(active).Get(ACTIVE, "Devices"):
        put(dbusmock.get_object(device), 30, 39)
        address(dbusmock.get_object(device), [])
        dbusmock.get_object(device).RemoveObject(active)


def address(device, written):
    known = dbusmock.get_object(f"{ROOT}/IP4Config/{device.number}")
    rows = [dbus.Dictionary({"address": dbus.String(a.split("/")[0]), "prefix": dbus.UInt32(a.split("/")[1])}, signature="sv")
            for a in written]
    known.Set(STEM + ".IP4Config", "AddressData", dbus.Array(rows, signature="a{sv}"))


def checkpoint_create(root, devices, seconds, _flags):
    if root.checkpoint:
        raise Refusal("a checkpoint stands")
    root.checkpoints_made += 1
    path = dbus.ObjectPath(f"{ROOT}/Checkpoint/{root.checkpoints_made}")
    settings = dbusmock.get_object(SETTINGS)
    known = [str(c) for c in settings.Get(base.SETTINGS_IFACE, "Connections")]
    used = []
    for device in devices:
        active = str(dbusmock.get_object(device).Get(DEVICE, "ActiveConnection"))
        of = dbusmock.get_object(active) if active != "/" else None
        used.append((device, of and (str(of.Get(ACTIVE, "Connection")), str(of.Get(ACTIVE, "SpecificObject")))))
    before = {c: copy.deepcopy(plain_copy(dbusmock.get_object(c).profile)) for c in known}
    timer = GLib.timeout_add(int(seconds) * 1000, lambda: checkpoint_end(root, path, True) and False)
    root.checkpoint = (path, used, before, timer)
    root.Set(STEM, "Checkpoints", dbus.Array([path], signature="o"))
    return path


def checkpoint_end(root, path, back):
    if not root.checkpoint or root.checkpoint[0] != path:
        raise dbus.DBusException(f"checkpoint {path} does not exist", name=STEM + ".InvalidArguments")
    _, used, before, timer = root.checkpoint
    root.checkpoint = None
    GLib.source_remove(timer)
    root.Set(STEM, "Checkpoints", dbus.Array([], signature="o"))
    told = {}
    if back:
        for known in [str(c) for c in dbusmock.get_object(SETTINGS).Get(base.SETTINGS_IFACE, "Connections")]:
            if known in before:
                dbusmock.get_object(known).profile = before[known]
        for device, was in used:
            told[str(device)] = dbus.UInt32(0)
            if was:
                activate(root, dbus.ObjectPath(was[0]), device, dbus.ObjectPath(was[1]))
            else:
                deactivate(root, dbusmock.get_object(device).Get(DEVICE, "ActiveConnection"))
        for known in [str(c) for c in dbusmock.get_object(SETTINGS).Get(base.SETTINGS_IFACE, "Connections")]:
            if known not in before:
                delete(dbusmock.get_object(known))
    return dbus.Dictionary(told, signature="su")


@dbus.service.method(MOCK_IFACE, in_signature="ssu", out_signature="s")
def AddDevice(self, name, kind, number):
    path = self.AddWiFiDevice(f"{number}", name, 30) if kind == "wifi" else self.AddEthernetDevice(f"{number}", name, 30)
    device = dbusmock.get_object(path)
    device.number = int(number)
    config = f"{ROOT}/IP4Config/{number}"
    self.AddObject(config, STEM + ".IP4Config", {
        "AddressData": dbus.Array([], signature="a{sv}"), "Gateway": "",
        "NameserverData": dbus.Array([], signature="a{sv}"),
    }, [])
    device.AddProperty(DEVICE, "Ip4Config", dbus.ObjectPath(config))
    if kind == "modem":
        device.Set(DEVICE, "DeviceType", dbus.UInt32(8))
    return path


@dbus.service.method(MOCK_IFACE, in_signature="a{sa{sv}}", out_signature="o")
def AddProfile(_self, profile):
    return add_connection(dbusmock.get_object(SETTINGS), profile, 0)


@dbus.service.method(MOCK_IFACE, in_signature="s", out_signature="s")
def Kept(_self, ssid):
    """What is kept of a Wi-Fi: `none`, `memory` or `disk`, and its password."""
    for path in dbusmock.get_object(SETTINGS).Get(base.SETTINGS_IFACE, "Connections"):
        one = dbusmock.get_object(path)
        if bytes(one.profile.get("802-11-wireless", {}).get("ssid", b"")) == ssid.encode():
            kept = one.disk if one.disk is not None else one.profile
            return ("memory " if one.disk is None else "disk ") + str(kept.get(SECURITY, {}).get("psk", ""))
    return "none"


@dbus.service.method(MOCK_IFACE, in_signature="s", out_signature="a{sa{sv}}")
def Profile(_self, ssid):
    for path in dbusmock.get_object(SETTINGS).Get(base.SETTINGS_IFACE, "Connections"):
        one = dbusmock.get_object(path)
        if bytes(one.profile.get("802-11-wireless", {}).get("ssid", b"")) == ssid.encode():
            return dbus.Dictionary({p: dbus.Dictionary(v, signature="sv") for p, v in one.profile.items()}, signature="sa{sv}")
    raise Refusal("there is none")


@dbus.service.method(MOCK_IFACE, in_signature="a{ss}", out_signature="")
def Permit(_self, permissions):
    dbusmock.get_object(ROOT).permissions = dict(permissions)
