"""libv4l2rds (v4l-utils), the RDS decoder of Linux radios, by ctypes."""
import ctypes
import ctypes.util
import sys


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
    """The head of struct v4l2_rds (libv4l2rds.h 1.22), as far as the open data applications."""

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


class Decoder:
    """Takes the four blocks of a group."""

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

    def hear(self, blocks):
        for number, word in enumerate(blocks):
            block = Block(word & 0xFF, word >> 8, number | number << 3)
            self.library.v4l2_rds_add(self.rds, ctypes.byref(block))

    def group(self):
        return self.library.v4l2_rds_get_group(self.rds).contents

    def odas(self):
        rds = self.rds.contents
        return [[f"{oda.id}{oda.version.decode()}", oda.aid] for oda in rds.oda[: rds.oda_size]]

    def state(self):
        rds = self.rds.contents

        def text(letters):
            return bytes(letters).split(b"\0")[0].decode("latin-1")

        return {
            "pi": rds.pi,
            "ps": text(rds.ps),
            "pty": rds.pty,
            "rt": text(rds.rt)[: rds.rt_length].rstrip("\r"),
            "ab": bool(rds.rt_ab_flag),
            "ta": bool(rds.ta),
            "tp": bool(rds.tp),
            "time": rds.time,
            "oda": self.odas(),
        }
