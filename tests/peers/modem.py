"""A mobile modem: python-dbusmock's ModemManager on a bus of its own. Runs in the system's Python, which has D-Bus.

Takes `add`, `set <property> <number>`, `signal <per cent>`, `bearer <bytes received> <bytes sent>`, `remove`, `stop`, `start`, `freeze` (it hears and does
nothing), `thaw`, and answers each with `ok`.
"""
import ctypes, glob, os, pathlib, signal, subprocess, sys, time

import dbus

SITE = glob.glob(str(pathlib.Path(__file__).parents[2] / "target/venv/lib/python3*/site-packages"))
NAME, ROOT, MOCK = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1", "org.freedesktop.DBus.Mock"
MODEM, NETWORK = NAME + ".Modem", NAME + ".Modem.Modem3gpp"


def orphan_dies():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main():
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
                           stdout=subprocess.PIPE, text=True, preexec_fn=orphan_dies)
    address = bus.stdout.readline().strip()
    env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address, DBUS_SESSION_BUS_ADDRESS=address,
               PYTHONPATH=os.pathsep.join(SITE))
    connection = dbus.bus.BusConnection(address)

    def start():
        mock = subprocess.Popen([sys.executable, "-m", "dbusmock", "--template", "modemmanager"], env=env,
                                stdout=subprocess.DEVNULL, preexec_fn=orphan_dies)
        for _ in range(400):
            if connection.name_has_owner(NAME):
                return mock, dbus.Interface(connection.get_object(NAME, ROOT), MOCK)
            time.sleep(0.05)
        sys.exit("the mock has not come")

    mock, manager = start()
    print(f"ready {address}", flush=True)
    path, bearers = None, []
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "add":
            path = manager.AddSimpleModem()[0]
        elif word == "remove":
            manager.RemoveObject(path)
        elif word == "stop":
            mock.kill()
            mock.wait()
            while connection.name_has_owner(NAME):
                time.sleep(0.01)
        elif word == "start":
            mock, manager = start()
        elif word in ("freeze", "thaw"):
            os.kill(mock.pid, signal.SIGSTOP if word == "freeze" else signal.SIGCONT)
        else:
            modem = dbus.Interface(connection.get_object(NAME, path), MOCK)
            if word == "signal":
                value = {"SignalQuality": dbus.Struct((dbus.UInt32(rest[0]), True), signature="ub")}
                modem.UpdateProperties(MODEM, value)
            elif word == "bearer":
                bearer = f"{ROOT}/Bearer/{len(bearers)}"
                stats = {"total-rx-bytes": dbus.UInt64(rest[0]), "total-tx-bytes": dbus.UInt64(rest[1])}
                manager.AddObject(bearer, NAME + ".Bearer", {"Stats": dbus.Dictionary(stats, signature="sv")}, [])
                bearers.append(dbus.ObjectPath(bearer))
                modem.AddProperty(MODEM, "Bearers", dbus.Array(bearers, signature="o")) if len(bearers) == 1 \
                    else modem.UpdateProperties(MODEM, {"Bearers": dbus.Array(bearers, signature="o")})
            elif rest[0] == "StateFailedReason":
                modem.AddProperty(MODEM, rest[0], dbus.UInt32(rest[1]))
            elif rest[0] == "RegistrationState":
                modem.AddProperty(NETWORK, rest[0], dbus.UInt32(rest[1]))
            else:
                kind = dbus.Int32 if rest[0] == "State" else dbus.UInt32
                modem.UpdateProperties(MODEM, {rest[0]: kind(rest[1])})
        print("ok", flush=True)
    for child in (mock, bus):
        child.kill()
        child.wait()


main()
