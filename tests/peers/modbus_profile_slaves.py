"""Slaves of modbus_tk on one serial port, one for each kind of device that has a profile; units that are not named are
silent. Pulses end by a clock that is told, so that no test waits for them.

    1    relay board with coils 0-7 and "flash on" at 0200h + relay, in tenths of a second
    255  relay board with coils 0-7
    3    relay board whose relays are holding registers 1-8: 0100h on, 0200h off, 06ssh on for ss seconds; reads 0 or 1
    4    solar controller: input registers 3100h, 3104h, 3110h, 311Ah and no others
    6    four probes: holding registers 0-3, tenths of a degree
    7    input module: discrete inputs 0-7

modbus_profile_slaves.py PORT  says `ready`, then answers one line to each line of standard input:
    coil UNIT N                the coil, 0 or 1
    word UNIT N                the holding register
    set UNIT BLOCK N VALUE     sets a value; BLOCK is coils, discrete, holding or input
    pass SECONDS               lets time go by
"""
import sys

import modbus_tk.defines as cst
import modbus_tk.hooks as hooks
import serial
from modbus_tk import modbus_rtu, utils

PORT = serial.Serial(sys.argv[1], 9600)
SERVER = modbus_rtu.RtuServer(PORT)
KINDS = {"coils": cst.COILS, "discrete": cst.DISCRETE_INPUTS, "holding": cst.HOLDING_REGISTERS, "input": cst.ANALOG_INPUTS}
NOW = 0.0
ENDS = {}


def add(unit, *blocks):
    slave = SERVER.add_slave(unit)
    for number, (kind, first, values) in enumerate(blocks):
        name = kind if number == 0 or kind != blocks[0][0] else f"{kind}{number}"
        slave.add_block(name, KINDS[kind], first, len(values))
        slave.set_values(name, first, values)


def flash(arguments):
    """Function 05 with another value than FF00 and 0000 is no business of the library."""
    _, request = arguments
    if not request or len(request) != 8 or request[0] != 1 or request[1] != 5:
        return None
    body, (low, high) = request[:6], request[6:]
    address, value = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
    right = utils.calculate_crc(body) == (low << 8) | high
    if not right or not 0x0200 <= address < 0x0208:
        if right and address < 8:
            ENDS.pop((1, address), None)
        return None
    SERVER.get_slave(1).set_values("coils", address - 0x0200, 1)
    ENDS[1, address - 0x0200] = NOW + value / 10
    PORT.write(request)
    return b""


def command(_arguments):
    """A command stays in no register: what is read is how the relay stands."""
    slave = SERVER.get_slave(3)
    for relay in range(1, 9):
        word = slave.get_values("holding", relay, 1)[0]
        if word in (0, 1):
            continue
        ENDS.pop((3, relay), None)
        slave.set_values("holding", relay, 0 if word == 0x0200 else 1)
        if word >> 8 == 6:
            ENDS[3, relay] = NOW + (word & 0xFF)


def pass_time(seconds):
    global NOW
    NOW += seconds
    for (unit, relay), end in list(ENDS.items()):
        if end <= NOW:
            del ENDS[unit, relay]
            SERVER.get_slave(unit).set_values("coils" if unit == 1 else "holding", relay, 0)


def main():
    add(1, ("coils", 0, [0] * 8))
    add(255, ("coils", 0, [0] * 8))
    add(3, ("holding", 1, [0] * 8))
    add(4, ("input", 0x3100, [1834]), ("input", 0x3104, [1278]), ("input", 0x3110, [2950]), ("input", 0x311A, [87]))
    add(6, ("holding", 0, [253, 65481, 0x8000, 601]))
    add(7, ("discrete", 0, [1, 0, 1, 0, 0, 0, 0, 0]))
    hooks.install_hook("modbus_rtu.RtuServer.after_read", flash)
    hooks.install_hook("modbus.Server.after_handle_request", command)
    SERVER.start()
    print("ready", flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "coil":
            print(SERVER.get_slave(int(rest[0])).get_values("coils", int(rest[1]), 1)[0], flush=True)
        elif word == "word":
            print(SERVER.get_slave(int(rest[0])).get_values("holding", int(rest[1]), 1)[0], flush=True)
        elif word == "set":
            SERVER.get_slave(int(rest[0])).set_values(rest[1], int(rest[2]), int(rest[3]))
            print("done", flush=True)
        elif word == "pass":
            pass_time(float(rest[0]))
            print("done", flush=True)


main()
