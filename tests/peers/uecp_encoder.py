"""An RDS encoder and its receivers, made of PyPI uecp (frames, stuffing, CRC, elements) and libv4l2rds (groups).

uecp_encoder.py PORT [two-way]  says `ready`, then one line of JSON for each frame that comes on the serial port: what
                                uecp reads, or for a free-format group (which uecp does not know) what libv4l2rds reads
                                and which zones the groups so far hold open. Lines of standard input:
    encode                      says, as hexadecimal, the frames uecp itself makes of a few elements
    refuse CODE                 acknowledges with this code from now on (two-way)

The zone code is read here from docs/devices/uecp.md, not from the program.
"""
import json
import sys
import threading
from datetime import datetime, timedelta, timezone

import serial
import uecp.commands as uc
from crc import CrcCalculator
from uecp.byte_stuffing_codec import decode as unstuff
from uecp.frame import UECPFrame
from v4l2rds import Decoder

PI = 0x7A01
AID, NETWORK = 0xCAFE, 459
CODE = {"refuse": 0}


def say(line):
    """One write for the whole line: two threads speak, and print() writes the end of the line apart."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Air:
    """Groups as a receiver hears them."""

    def __init__(self):
        self.decoder = Decoder()
        self.here, self.zones = False, set()

    def hear(self, kind, low5, block3, block4):
        block2 = kind << 11 | low5
        self.decoder.hear((PI, block2, block3, block4))
        group = self.decoder.group()
        found = {
            "group": f"{group.id}{group.version.decode()}",
            "low5": group.b_lsb,
            "block3": group.c_msb << 8 | group.c_lsb,
            "block4": group.d_msb << 8 | group.d_lsb,
        }
        found["oda"] = self.decoder.odas()
        self.obey(found)
        found["zones"] = sorted(self.zones)
        return found

    def obey(self, group):
        if group["group"] == "3A":
            self.here = [["11A", AID]] == group["oda"] and group["block3"] == 1 << 12 | NETWORK
        if group["group"] != "11A" or not self.here or group["low5"] >> 3 != 1:
            return
        page, check = group["block4"] >> 12, group["block4"] & 0xFF
        covered = [AID >> 8, AID & 0xFF, NETWORK >> 8, NETWORK & 0xFF, group["low5"]]
        covered += [group["block3"] >> 8, group["block3"] & 0xFF, group["block4"] >> 8]
        if crc8(covered) != check:
            group["bad"] = True
        elif group["low5"] & 7 == 2:
            self.zones.clear()
        elif group["low5"] & 7 == 1:
            self.zones = {zone for zone in self.zones if zone // 16 != page}
            self.zones |= {16 * page + bit for bit in range(16) if group["block3"] >> bit & 1}


def crc8(data):
    register = 0xFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register << 1 ^ 0x07) & 0xFF if register & 0x80 else register << 1
    return register


def read_frame(inside, air):
    """One frame between its marks."""
    plain = unstuff(inside)[0]
    if len(plain) > 4 and plain[4] == 0x24:
        body, crc = plain[:-2], plain[-2] << 8 | plain[-1]
        if CrcCalculator(UECPFrame.CRC_CONFIGURATION).calculate_checksum(list(body)) != crc or len(body) != 4 + body[3]:
            return {"error": "CRC or length"}, 0
        _, kind, low5, c1, c0, d1, d0 = body[4:]
        if low5 >> 5:
            return {"error": "the group is not to be sent just once"}, body[2]
        return air.hear(kind, low5, c1 << 8 | c0, d1 << 8 | d0), body[2]
    frame = UECPFrame.create_from_enclosed(list(plain))
    (command,) = frame.commands
    kind = type(command)
    values = {name: str(getattr(command, name)) for name in dir(kind) if isinstance(getattr(kind, name), property)}
    where = {"site": frame.site_address, "encoder": frame.encoder_address}
    return {"command": kind.__name__, **where, **values}, frame.sequence_counter


def own_frames():
    clock = datetime(2026, 11, 21, 18, 30, 0, tzinfo=timezone(timedelta(hours=7)))
    return [
        UECPFrame(site_address=5, encoder_address=3, sequence_counter=7, commands=[command]).encode().hex()
        for command in (
            uc.ProgrammeIdentificationSetCommand(pi=0x7AFE),
            uc.ProgrammeServiceNameSetCommand(ps="XA TANHA"),
            uc.TrafficAnnouncementProgrammeSetCommand(announcement=True, programme=True),
            uc.RealTimeClockSetCommand(timestamp=clock),
            uc.RDSEnabledSetCommand(enable=True),
            uc.ProgrammeTypeSetCommand(programme_type=uc.ProgrammeType.ALARM),
            uc.RealTimeClockEnabledSetCommand(enable=True),
            uc.RadioTextSetCommand(text="Nuoc len nhanh", a_b_toggle=True),
        )
    ]


def listen(port, two_way):
    air, inside = Air(), None
    while True:
        try:
            received = port.read(max(1, port.in_waiting))
        except OSError:
            return  # the cable was pulled: the test is over
        for byte in received:
            if byte == 0xFE:
                inside = []
            elif byte == 0xFF and inside is not None:
                found, sequence = read_frame(inside, air)
                inside = None
                if two_way:
                    code = uc.ResponseCode(CODE["refuse"])
                    answer = uc.MessageAcknowledgementCommand(code=code, sequence_counter=sequence)
                    port.write(UECPFrame(commands=[answer]).encode())
                say(json.dumps(found))
            elif inside is not None:
                inside.append(byte)


def main():
    port = serial.Serial(sys.argv[1], 9600)
    threading.Thread(target=listen, args=(port, "two-way" in sys.argv), daemon=True).start()
    say("ready")
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "encode":
            say(json.dumps(own_frames()))
        elif word == "refuse":
            CODE["refuse"] = int(rest[0])
            say("done")


main()
