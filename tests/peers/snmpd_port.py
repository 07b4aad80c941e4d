"""Debian's snmpd as a network switch with SNMP version 3: a link and a power port that can be set, held by this file."""

import os
import socket
import subprocess
import sys
import time

LINK = ".1.3.6.1.2.1.2.2.1.7"
POWER = ".1.3.6.1.2.1.105.1.1.1.3"
PORTS = {LINK + ".3": 1, POWER + ".1.3": 1}


def hold():
    """Answers snmpd (pass_persist): what the ports are, and what they become."""
    state = dict(PORTS)
    say = lambda *lines: print(*lines, sep="\n", flush=True)
    while line := sys.stdin.readline():
        order = line.strip()
        if not order:
            # snmpd ends a value with one line more than it says.
            continue
        if order == "PING":
            say("PONG")
            continue
        oid = sys.stdin.readline().strip()
        value = sys.stdin.readline().split() if order == "set" else None
        if order == "getnext":
            later = sorted(o for o in state if o > oid)
            say(later[0], "integer", state[later[0]]) if later else say("NONE")
        elif oid not in state:
            say("not-writable" if order == "set" else "NONE")
        elif order == "get":
            say(oid, "integer", state[oid])
        elif value[0] != "integer" or value[1] not in ("1", "2"):
            say("wrong-value")
        else:
            state[oid] = int(value[1])
            say("DONE")


def main(folder):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    me = os.path.abspath(__file__)
    config = os.path.join(folder, "snmpd.conf")
    with open(config, "w") as file:
        file.write('createUser loa SHA "mat-khau-dai" AES "khoa-bi-mat"\nrwuser loa priv\n')
        file.write('createUser khach SHA "khach-vao-xem" AES "khoa-cua-khach"\nrouser khach priv\n')
        for oid in (LINK, POWER):
            file.write(f"pass_persist {oid} /usr/bin/python3 {me} hold\n")
    command = ["/usr/sbin/snmpd", "-f", "-Lf", os.path.join(folder, "snmpd.log"), "-C", "-c", config]
    command += ["-p", os.path.join(folder, "snmpd.pid"), "-I", "-ifTable,interface,ifXTable", f"udp:127.0.0.1:{port}"]
    env = dict(os.environ, SNMP_PERSISTENT_DIR=folder)
    daemon = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)
    # It is ready when both ports are answered for, which takes a Python to start.
    ask = ["snmpget", "-v3", "-l", "authPriv", "-u", "loa", "-a", "SHA", "-A", "mat-khau-dai", "-x", "AES"]
    ask += ["-X", "khoa-bi-mat", "-Oqv", "-t", "1", "-r", "0", f"127.0.0.1:{port}", *PORTS]
    for _ in range(300):
        said = subprocess.run(ask, env=env, capture_output=True, text=True)
        if said.stdout.split() == ["1", "1"]:
            break
        if daemon.poll() is not None:
            sys.exit(f"snmpd ended with {daemon.returncode}")
        time.sleep(0.1)
    print("ready", port, flush=True)
    sys.stdin.read()
    daemon.terminate()
    daemon.wait()


if __name__ == "__main__":
    hold() if sys.argv[1] == "hold" else main(sys.argv[1])
