"""A GNSS receiver behind the real gpsd: NMEA sentences through a pseudo-terminal. Ends when its input does.

Its time is the machine's and the seconds of its first argument; an argument `blind` leaves it without a fix, `mute`
makes it say nothing, `none` gives gpsd no receiver.
"""
import os, pty, select, subprocess, sys, time, tty
from nmea import free_port, listens, sentence


def second(at, fix):
    utc = time.gmtime(at)
    hour, day = time.strftime("%H%M%S", utc) + f".{int(at * 100) % 100:02d}", time.strftime("%d%m%y", utc)
    place = "1118.6000,N,10606.0000,E" if fix else ",,,"
    rows = [
        f"GPRMC,{hour},{'A' if fix else 'V'},{place},0.0,0.0,{day},,,{'A' if fix else 'N'}",
        f"GPGGA,{hour},{place},{1 if fix else 0},{'05' if fix else '00'},1.2,12.0,M,0.0,M,,",
        "GPGSA,A,3,01,02,03,04,05,,,,,,,,2.0,1.2,1.6" if fix else "GPGSA,A,1,,,,,,,,,,,,,,,",
        "GPGSV,2,1,06,01,40,083,46,02,17,308,41,03,07,344,39,04,22,228,45",
        "GPGSV,2,2,06,05,40,083,46,06,17,308,41",
    ]
    return "".join(sentence(row) for row in rows).encode()


def main():
    ahead, how = float(sys.argv[1]), sys.argv[2:]
    port, (master, slave) = free_port(), pty.openpty()
    tty.setraw(slave)
    os.chmod(os.ttyname(slave), 0o666)
    # gpsd does not run with neither a receiver nor a socket by which it could be given one.
    devices = ["-F", f"/tmp/gnss-{os.getpid()}.sock"] if "none" in how else [os.ttyname(slave)]
    # -N: in the foreground; -n: it listens to the receiver without waiting for a client.
    gpsd = subprocess.Popen(["/usr/sbin/gpsd", "-N", "-n", "-S", str(port), *devices], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not listens(port):
            sys.exit("gpsd does not listen")
        print(f"ready 127.0.0.1:{port}", flush=True)
        while True:
            if "mute" not in how and "none" not in how:
                os.write(master, second(time.time() + ahead, "blind" not in how))
            if select.select([sys.stdin], [], [], 0.5)[0] and not sys.stdin.readline():
                break
    finally:
        gpsd.kill()
        gpsd.wait()
        if "none" in how and os.path.exists(devices[1]):
            os.remove(devices[1])


main()
