"""gpsd fed by gpsfake of Debian's gpsd-clients: a log of NMEA sentences, an hour ahead of the machine. Ends when its input
does; gpsfake and its gpsd end with it.
"""
import os, signal, subprocess, sys, tempfile, time
from nmea import free_port, listens, sentence


def log(seconds):
    place, rows = "1118.6000,N,10606.0000,E", []
    for at in range(int(time.time()) + 3600, int(time.time()) + 3600 + seconds):
        utc = time.gmtime(at)
        hour, day = time.strftime("%H%M%S.00", utc), time.strftime("%d%m%y", utc)
        rows.append(sentence(f"GPRMC,{hour},A,{place},0.0,0.0,{day},,,A"))
        rows.append(sentence(f"GPGGA,{hour},{place},1,05,1.2,12.0,M,0.0,M,,"))
        rows.append(sentence("GPGSA,A,3,01,02,03,04,05,,,,,,,,2.0,1.2,1.6"))
        rows.append(sentence("GPGSV,2,1,06,01,40,083,46,02,17,308,41,03,07,344,39,04,22,228,45"))
        rows.append(sentence("GPGSV,2,2,06,05,40,083,46,06,17,308,41"))
    return "".join(rows)


def main():
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        # gpsd gives its privileges up, and must still come to the terminal that gpsfake made.
        os.chmod(folder, 0o755)
        track = os.path.join(folder, "track.nmea")
        with open(track, "w", newline="") as file:
            file.write(log(600))
        # -q: quiet; -c: seconds between two sentences, so that five of them take one.
        fake = subprocess.Popen(["gpsfake", "-q", "-c", "0.2", "-P", str(port), track], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            if not listens(port):
                sys.exit("gpsfake's gpsd does not listen")
            print(f"ready 127.0.0.1:{port}", flush=True)
            sys.stdin.read()
        finally:
            os.killpg(fake.pid, signal.SIGKILL)
            fake.wait()


main()
