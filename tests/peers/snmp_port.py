"""A network switch that others wrote: snmpsim, with one port whose link and one whose power can be switched."""

import ctypes
import pathlib
import signal
import socket
import subprocess
import sys
import time

home = pathlib.Path(sys.argv[1])
data = home / "data"
data.mkdir()
kept = "1.3.6.1.2.1.2.2.1.7.3|2:writecache|value=1\n1.3.6.1.2.1.105.1.1.1.3.1.3|2:writecache|value=1\n"
(data / "public.snmprec").write_text("1.3.6.1.2.1.1.1.0|4|a switch\n" + kept)
free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
free.bind(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
responder = pathlib.Path(sys.executable).parent / "snmpsim-command-responder"
users = ["--v3-user=tram", "--v3-auth-key=bimatbimat", "--v3-auth-proto=SHA", "--v3-priv-key=khoakhoa", "--v3-priv-proto=AES"]
command = [
    str(responder), f"--data-dir={data}", f"--cache-dir={home}/cache", f"--agent-udpv4-endpoint=127.0.0.1:{port}",
    "--variation-module-options=writecache:file:" + str(home / "kept.db"), "--process-user=root", "--process-group=root", *users,
]


def ends_with_us():
    """However this process ends (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


log = open(home / "log", "w")
server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=ends_with_us)
# It says that it listens before it does: asked until it answers.
question = bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500")
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asks.settimeout(0.1)
for _ in range(250):
    try:
        asks.sendto(question, ("127.0.0.1", port))
        asks.recv(1500)
        print("ready", port, flush=True)
        break
    except OSError:
        time.sleep(0.05)
else:
    sys.exit((home / "log").read_text())
sys.stdin.read()
server.kill()
