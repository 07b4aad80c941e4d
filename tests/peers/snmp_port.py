"""A network switch that others wrote: snmpsim, with one port whose link and one whose power can be switched."""

import pathlib
import socket
import subprocess
import sys

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
print("starting", *command, file=sys.stderr)
server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
for line in server.stdout:
    if "Listening at" in line:
        print("ready", port, flush=True)
        break
    print(line, end="", file=sys.stderr)
try:
    sys.stdin.read()
finally:
    server.kill()
