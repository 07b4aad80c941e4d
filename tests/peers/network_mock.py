"""NetworkManager with a cable, a Wi-Fi card and a modem: python-dbusmock on a bus of its own. In the system's Python.

Wi-Fis in reach: `UBND xã` and `Nhà bên` (their password is `mat-khau-dung`), `Cà phê` (open), `Trường học` (an account each),
`Cũ` (WEP); the card is in `UBND xã`, which is kept. The cable has 192.168.1.20/24, the modem an access point `m-wap`.

Takes `kept <name>`, `shown <name>` (the connection as JSON, each value with its D-Bus type), `allow yes` or `allow no`,
`stop`, `start`, `freeze`, `thaw`, and answers each with a line.
"""
import ctypes, glob, json, os, pathlib, signal, subprocess, sys, time

import dbus

HERE = pathlib.Path(__file__).parent
SITE = glob.glob(str(HERE.parents[1] / "target/venv/lib/python3*/site-packages"))
NAME, ROOT, MOCK = "org.freedesktop.NetworkManager", "/org/freedesktop", "org.freedesktop.DBus.Mock"
RIGHTS = ["network-control", "settings.modify.system", "wifi.scan", "checkpoint-rollback"]


def orphan_dies():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def profile(kind, id, **parts):
    whole = {"connection": {"id": id, "type": kind, "uuid": parts.pop("uuid")}, kind: {}, "ipv4": {"method": "auto"}} | parts
    return dbus.Dictionary({p: dbus.Dictionary(v, signature="sv") for p, v in whole.items()}, signature="sa{sv}")


def furnish(bus, mock):
    cable, card, modem = (mock.AddDevice(*d) for d in [("eth0", "wired", dbus.UInt32(1)), ("wlan0", "wifi", dbus.UInt32(2)),
                                                       ("cdc-wdm0", "modem", dbus.UInt32(3))])
    spots = [("UBND xã", 82, 0x188), ("Nhà bên", 61, 0x188), ("Cà phê", 44, 0), ("Trường học", 38, 0x288), ("Cũ", 20, None)]
    paths = []
    for number, (ssid, strength, security) in enumerate(spots):
        path = mock.AddAccessPoint(card, f"{number}", ssid, f"02:00:00:00:00:0{number}", dbus.UInt32(2), dbus.UInt32(2437),
                                   dbus.UInt32(54000), dbus.Byte(strength), dbus.UInt32(security or 0))
        if security is None:
            dbus.Interface(bus.get_object(NAME, path), MOCK).UpdateProperties(NAME + ".AccessPoint", {"Flags": dbus.UInt32(1)})
        paths.append(path)
    address = dbus.Dictionary({"address": "192.168.1.20", "prefix": dbus.UInt32(24)}, signature="sv")
    kept = [
        (cable, "/", profile("802-3-ethernet", "Cáp", uuid="11111111-1111-4111-8111-111111111111",
                             ipv4={"method": "manual", "address-data": dbus.Array([address], signature="a{sv}")})),
        (card, paths[0], profile("802-11-wireless", "UBND xã", uuid="22222222-2222-4222-8222-222222222222", **{
            "802-11-wireless": {"ssid": dbus.ByteArray("UBND xã".encode()), "mode": "infrastructure"},
            "802-11-wireless-security": {"key-mgmt": "wpa-psk", "psk": "mat-khau-dung"}})),
        (modem, "/", profile("gsm", "4G", uuid="33333333-3333-4333-8333-333333333333", gsm={"apn": "m-wap"})),
    ]
    root = dbus.Interface(bus.get_object(NAME, ROOT + "/NetworkManager"), NAME)
    for device, spot, one in kept:
        root.ActivateConnection(mock.AddProfile(one), device, spot)


def typed(value):
    if isinstance(value, dbus.Array):
        return ["ay", [int(b) for b in value]]
    kinds = {dbus.UInt32: "u", dbus.Boolean: "b"}
    return [kinds.get(type(value), "s"), value if isinstance(value, (int, bool)) else str(value)]


def main():
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
                           stdout=subprocess.PIPE, text=True, preexec_fn=orphan_dies, stderr=subprocess.DEVNULL)
    address = bus.stdout.readline().strip()
    env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address, DBUS_SESSION_BUS_ADDRESS=address,
               PYTHONPATH=os.pathsep.join(SITE))
    connection = dbus.bus.BusConnection(address)

    def start():
        mock = subprocess.Popen([sys.executable, "-B", "-m", "dbusmock", "--template", str(HERE / "network_mock_template.py")],
                                env=env, stdout=subprocess.DEVNULL, preexec_fn=orphan_dies)
        for _ in range(400):
            if connection.name_has_owner(NAME):
                told = dbus.Interface(connection.get_object(NAME, ROOT), MOCK)
                furnish(connection, told)
                return mock, told
            time.sleep(0.05)
        sys.exit("the mock has not come")

    process, mock = start()
    print(f"ready {address}", flush=True)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        told = "ok"
        if word == "kept":
            told = str(mock.Kept(rest)).strip()
        elif word == "shown":
            told = json.dumps({p: {k: typed(v) for k, v in values.items()} for p, values in mock.Profile(rest).items()})
        elif word == "allow":
            mock.Permit(dbus.Dictionary({f"{NAME}.{right}": rest for right in RIGHTS}, signature="ss"))
        elif word == "stop":
            process.kill()
            process.wait()
            while connection.name_has_owner(NAME):
                time.sleep(0.01)
        elif word == "start":
            process, mock = start()
        elif word in ("freeze", "thaw"):
            os.kill(process.pid, signal.SIGSTOP if word == "freeze" else signal.SIGCONT)
        print(told, flush=True)
    for child in (process, bus):
        child.kill()
        child.wait()


main()
