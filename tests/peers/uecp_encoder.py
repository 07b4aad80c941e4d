"""An RDS encoder and its receivers, made of PyPI uecp (frames, stuffing, CRC, elements) and libv4l2rds (groups).

uecp_encoder.py PORT [two-way]  says `ready`, then one line of JSON for each frame that comes on the serial port: what
                                uecp reads, or for a free-format group (which uecp does not know) what libv4l2rds reads
                                and which zones the groups so far hold open. Lines of standard input:
    encode                      says, as hexadecimal, the frames uecp itself makes of a few elements
    refuse CODE                 acknowledges with this code from now on (two-way)

The zone code is read here from docs/devices/uecp.md, not from the program.
"""
import ctypes
import ctypes.util
import json
import sys
import threading
from datetime import datetime, timedelta, timezone

import serial
import uecp.commands as uc
from crc import CrcCalculator
from uecp.byte_stuffing_codec import decode as unstuff
from uecp.frame import UECPFrame

PI = 0x7A01
AID, NETWORK = 0xCAFE, 459
CODE = {"refuse": 0}


def say(line):
    """One write for the whole line: two threads speak, and print() writes the end of the line apart."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Block(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("lsb", ctypes.c_uint8), ("msb", ctypes.c_uint8), ("block", ctypes.c_uint8)]


class Group(ctypes.Structure):
    _fields_ = [("pi", ctypes.c_uint16), ("version", ctypes.c_char), ("id", ctypes.c_uint8)] + [
        (name, ctypes.c_uint8) for name in ("b_lsb", "c_msb", "c_lsb", "d_msb", "d_lsb")
    ]


class Oda(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint8), ("version", ctypes.c_char), ("aid", ctypes.c_uint16)]


class Rds(ctypes.Structure):
    """The head of libv4l2rds' struct v4l2_rds (libv4l2rds.h 1.22), as far as the open data applications."""

    _fields_ = [
        ("decode_information", ctypes.c_uint32),
        ("valid_fields", ctypes.c_uint32),
        ("is_rbds", ctypes.c_bool),
        ("pi", ctypes.c_uint16),
        ("ps", ctypes.c_uint8 * 9),
        ("pty", ctypes.c_uint8),
        ("ptyn", ctypes.c_uint8 * 9),
        ("ptyn_ab_flag", ctypes.c_bool),
        ("rt_length", ctypes.c_uint8),
        ("rt", ctypes.c_uint8 * 65),
        ("rt_ab_flag", ctypes.c_bool),
        ("ta", ctypes.c_bool),
        ("tp", ctypes.c_bool),
        ("ms", ctypes.c_bool),
        ("di", ctypes.c_uint8),
        ("ecc", ctypes.c_uint8),
        ("lc", ctypes.c_uint8),
        ("time", ctypes.c_long),
        ("statistics", ctypes.c_uint32 * 21),
        ("oda_size", ctypes.c_uint8),
        ("oda", Oda * 18),
    ]


class Air:
    """Groups as a receiver hears them."""

    def __init__(self):
        name = ctypes.util.find_library("v4l2rds")
        if name is None:
            sys.exit("libv4l2rds0 is missing: run scripts/setup")
        self.library = ctypes.CDLL(name)
        self.library.v4l2_rds_create.restype = ctypes.POINTER(Rds)
        self.library.v4l2_rds_get_group.restype = ctypes.POINTER(Group)
        self.library.v4l2_rds_get_group.argtypes = [ctypes.POINTER(Rds)]
        self.library.v4l2_rds_add.argtypes = [ctypes.POINTER(Rds), ctypes.POINTER(Block)]
        self.library.v4l2_rds_add.restype = ctypes.c_uint32
        self.rds = self.library.v4l2_rds_create(False)
        self.here, self.zones = False, set()

    def hear(self, kind, low5, block3, block4):
        block2 = kind << 11 | low5
        for number, word in enumerate((PI, block2, block3, block4)):
            block = Block(word & 0xFF, word >> 8, number | number << 3)
            self.library.v4l2_rds_add(self.rds, ctypes.byref(block))
        group = self.library.v4l2_rds_get_group(self.rds).contents
        found = {
            "group": f"{group.id}{group.version.decode()}",
            "low5": group.b_lsb,
            "block3": group.c_msb << 8 | group.c_lsb,
            "block4": group.d_msb << 8 | group.d_lsb,
        }
        rds = self.rds.contents
        found["oda"] = [[f"{oda.id}{oda.version.decode()}", oda.aid] for oda in rds.oda[: rds.oda_size]]
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
