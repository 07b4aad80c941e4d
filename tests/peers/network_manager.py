"""Debian's NetworkManager on a bus of its own, with a pair of virtual cables: one end is the station's `eth0`, at the other
is a DHCP server. It must be started in a network name space of its own, and says so where it is not: nothing of the machine's
network is touched.

network_manager.py FOLDER  says `ready ADDRESS-OF-THE-BUS`, then answers one line to each line of standard input:
  nmcli WORD…              what nmcli says, its lines joined by ` / `
  addresses                IPv4 addresses of eth0 as the kernel has them
  kept                     what of the connections is on the disk, its lines joined by ` / `
  add JSON                 a connection as network_mock.py shows one (`shown`): what NetworkManager made of it, or its refusal
  power_cut                NetworkManager is killed, what is not on the disk is lost, and it starts again
  freeze, thaw             it hears and does nothing; it goes on
  stop                     it ends
"""
import ctypes, json, os, pathlib, shlex, shutil, signal, subprocess, sys, time

ROOT = pathlib.Path(__file__).parents[2] / "target/network-manager"
BUSYBOX = next((ROOT / at for at in ("bin/busybox", "usr/bin/busybox") if (ROOT / at).exists()), "busybox")
DIR = pathlib.Path(sys.argv[1])
BUS = f"unix:path={DIR}/bus"
CONFIG = """[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
auth-polkit=false
dhcp=internal
hostname-mode=none
no-auto-default=*
[keyfile]
path={dir}/connections
[connectivity]
enabled=false
"""


def orphan_dies():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def libraries():
    found = next((ROOT / "usr/lib").glob("*/libnm.so.0"), None)
    if not found:
        sys.exit(f"{ROOT} is missing: run scripts/setup")
    return dict(os.environ, LD_LIBRARY_PATH=str(found.parent), DBUS_SYSTEM_BUS_ADDRESS=BUS, LC_ALL="C")


def is_the_machines_own_network():
    try:
        if os.readlink("/proc/self/ns/net") == os.readlink("/proc/1/ns/net"):
            return True
    except PermissionError:
        pass
    return any(link["ifname"] != "lo" and "UP" in link["flags"] for link in json.loads(run("ip", "-j", "link")))


class Machine:
    def __init__(self):
        self.env = libraries()
        if is_the_machines_own_network():
            sys.exit("this is the machine's own network: start it in another (unshare --net)")
        (DIR / "connections").mkdir(parents=True)
        (DIR / "conf.d").mkdir()
        (DIR / "run").mkdir()
        (DIR / "nm.conf").write_text(CONFIG.format(dir=DIR))
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "far0")
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
                                     f"--address={BUS}"], stdout=subprocess.PIPE, text=True, preexec_fn=orphan_dies,
                                    stderr=subprocess.DEVNULL)
        self.bus.stdout.readline()
        self.far = self.office_network()
        self.start()

    def office_network(self):
        """What is at the other end of the cable: 10.9.0.1, which gives addresses from .100 on."""
        (DIR / "udhcpd.conf").write_text(
            f"start 10.9.0.100\nend 10.9.0.150\ninterface far0\nlease_file {DIR}/leases\npidfile {DIR}/udhcpd.pid\n"
            "option subnet 255.255.255.0\noption router 10.9.0.1\noption dns 10.9.0.1\noption lease 600\n")
        (DIR / "leases").touch()
        line = (f"echo here; read go; ip link set lo up; ip address add 10.9.0.1/24 dev far0; ip link set far0 up; "
                f"echo up; exec {BUSYBOX} udhcpd -f -I 10.9.0.1 {DIR}/udhcpd.conf")
        far = subprocess.Popen(["unshare", "--net", "sh", "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, preexec_fn=orphan_dies)
        far.stdout.readline()
        run("ip", "link", "set", "far0", "netns", str(far.pid))
        far.stdin.write("go\n")
        far.stdin.flush()
        far.stdout.readline()
        return far

    def start(self):
        # What it would keep in /run and /var/lib is its own; a read-only /sys tells it that nobody watches devices for it.
        line = (f"mount --bind {DIR}/run /run && mount -t tmpfs tmpfs /var/lib && mount -t sysfs -o ro sysfs /sys && "
                f"exec {ROOT}/usr/sbin/NetworkManager --no-daemon --config={DIR}/nm.conf --config-dir={DIR}/conf.d "
                f"--intern-config={DIR}/intern.conf --state-file={DIR}/state --pid-file={DIR}/pid")
        self.manager = subprocess.Popen(["unshare", "--mount", "sh", "-c", line], env=self.env, preexec_fn=orphan_dies,
                                        stdout=subprocess.DEVNULL, stderr=open(DIR / "log", "a"))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            told = subprocess.run([ROOT / "usr/bin/nmcli", "-g", "STARTUP", "general"], env=self.env,
                                  capture_output=True, text=True).stdout.strip()
            if told == "started":
                return
            time.sleep(0.05)
        sys.exit("NetworkManager has not come:\n" + (DIR / "log").read_text()[-3000:])

    def end(self):
        self.manager.send_signal(signal.SIGCONT)
        self.manager.kill()
        self.manager.wait()

    def add(self, parts):
        import dbus
        typed = {
            part: dbus.Dictionary({key: self.typed(*value) for key, value in values.items()}, signature="sv")
            for part, values in parts.items()
        }
        settings = dbus.bus.BusConnection(BUS).get_object("org.freedesktop.NetworkManager",
                                                          "/org/freedesktop/NetworkManager/Settings")
        try:
            settings.AddConnection(dbus.Dictionary(typed, signature="sa{sv}"),
                                   dbus_interface="org.freedesktop.NetworkManager.Settings")
        except dbus.DBusException as refusal:
            return str(refusal)
        return "taken"

    @staticmethod
    def typed(kind, value):
        import dbus
        kinds = {"s": dbus.String, "u": dbus.UInt32, "b": dbus.Boolean, "ay": dbus.ByteArray}
        return kinds[kind](bytes(value) if kind == "ay" else value)

    def obey(self, word, *rest):
        if word == "nmcli":
            told = subprocess.run([ROOT / "usr/bin/nmcli", *rest], env=self.env, capture_output=True, text=True)
            return " / ".join((told.stdout + told.stderr).splitlines())
        if word == "addresses":
            found = json.loads(run("ip", "-j", "-4", "address", "show", "dev", "eth0"))
            return " ".join(f"{a['local']}/{a['prefixlen']}" for one in found for a in one.get("addr_info", []))
        if word == "kept":
            files = sorted((DIR / "connections").iterdir())
            return " / ".join(line for file in files for line in file.read_text().splitlines() if line)
        if word == "add":
            return self.add(json.loads(rest[0]))
        if word == "power_cut":
            self.end()
            shutil.rmtree(DIR / "run")
            (DIR / "run").mkdir()
            run("ip", "address", "flush", "dev", "eth0")
            run("ip", "link", "set", "eth0", "down")
            self.start()
        elif word in ("freeze", "thaw"):
            self.manager.send_signal(signal.SIGSTOP if word == "freeze" else signal.SIGCONT)
        elif word == "stop":
            self.end()
        else:
            return f"there is no {word}"
        return "ok"


def main():
    machine = Machine()
    print(f"ready {BUS}", flush=True)
    for line in sys.stdin:
        print(machine.obey(*shlex.split(line)) or "nothing", flush=True)
    for child in (machine.manager, machine.far, machine.bus):
        child.kill()
        child.wait()


main()
