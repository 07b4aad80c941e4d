"""An uninterruptible power supply: NUT's own dummy-ups behind NUT's own upsd. Ends when its input does.

Takes `set <status>`, `drop` (the driver dies) and answers each with `ok`.
"""
import ctypes, getpass, os, pathlib, signal, socket, subprocess, sys, tempfile, time

BIN = next(p for p in (pathlib.Path("/lib/nut"), pathlib.Path("/usr/lib/nut")) if (p / "dummy-ups").exists())


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def orphan_dies():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main():
    # A socket's path may not be long.
    with tempfile.TemporaryDirectory(prefix="nut-", dir="/tmp") as place:
        os.chmod(place, 0o700)
        folder, port, user = pathlib.Path(place), free_port(), getpass.getuser()
        (folder / "ups.conf").write_text('[tram]\ndriver = dummy-ups\nport = tram.dev\nmode = dummy-once\ndesc = "Tram"\n')
        (folder / "tram.dev").write_text(
            "ups.status: OL\nbattery.charge: 87\nbattery.runtime: 1800\ninput.voltage: 228.0\nups.load: 12\n")
        (folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {port}\nMAXAGE 1\n")
        (folder / "upsd.users").write_text(
            '[gw]\npassword = "hai chu"\n[set]\npassword = x\nactions = SET\ninstcmds = ALL\n')
        for name in ("upsd.conf", "upsd.users"):
            os.chmod(folder / name, 0o600)
        env = dict(os.environ, NUT_CONFPATH=place, NUT_STATEPATH=place, NUT_ALTPIDPATH=place, NUT_PIDPATH=place)

        def run(*words):
            return subprocess.Popen(words, env=env, preexec_fn=orphan_dies, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def status():
            done = subprocess.run(["upsc", f"tram@127.0.0.1:{port}", "ups.status"], env=env, capture_output=True, text=True)
            return done.stdout.strip()

        def until(holds):
            end = time.monotonic() + 20
            while not holds():
                if time.monotonic() > end:
                    sys.exit(f"upsd: {status()!r}")
                time.sleep(0.05)

        driver = run(BIN / "dummy-ups", "-a", "tram", "-D", "-u", user)
        until(lambda: (folder / "dummy-ups-tram").exists())
        server = run(BIN / "upsd", "-D", "-u", user)
        until(lambda: status() == "OL")
        print(f"ready 127.0.0.1:{port}", flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "set":
                subprocess.run(["upsrw", "-s", f"ups.status={rest}", "-u", "set", "-p", "x", f"tram@127.0.0.1:{port}"],
                               env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                until(lambda: status() == rest)
            elif word == "drop":
                driver.kill()
                driver.wait()
                until(lambda: status() == "")
            print("ok", flush=True)
        for child in (server, driver):
            child.kill()
            child.wait()


main()
