"""Slaves of modbus_tk on one serial port: relay boards at units 1 and 2 (8 coils), an exciter at unit 5. No unit 9.

modbus_rtu_slaves.py PORT      says `ready`, then answers one line to each line of standard input:
    coil UNIT N                the coil, 0 or 1
    input UNIT N VALUE         sets an input register
    mood MOOD [UNIT]           well | deaf | wrong | echo | late SECONDS; for one unit or for all
    requests                   how many requests were answered or held back
"""
import sys
import threading

import modbus_tk.defines as cst
import modbus_tk.hooks as hooks
import serial
from modbus_tk import modbus_rtu

MOODS = {}
COUNT = 0
PORT = serial.Serial(sys.argv[1], 9600)
SERVER = modbus_rtu.RtuServer(PORT)


def mood_of(unit):
    return MOODS.get(unit, MOODS.get(0, ["well"]))


def before_write(arguments):
    global COUNT
    _, response = arguments
    if not response:
        return None
    COUNT += 1
    mood = mood_of(response[0])
    if mood[0] == "well":
        return None
    if mood[0] == "late":
        threading.Timer(float(mood[1]), PORT.write, [response]).start()
    elif mood[0] == "wrong":
        return b"\xa7\x01\x02" * 4
    return b""


def after_read(arguments):
    _, request = arguments
    if request and mood_of(request[0])[0] == "echo":
        PORT.write(request)
        return b""
    return None


def key(_server, unit):
    """The forward power follows the carrier; 2 % of it come back."""
    slave = SERVER.get_slave(unit)
    power = slave.get_values("holding", 1, 1)[0] * 10 if slave.get_values("coils", 0, 1)[0] else 0
    slave.set_values("input", 0, power)
    if not MOODS.get("antenna"):
        slave.set_values("input", 1, power // 50)


def main():
    for unit in (1, 2, 5):
        slave = SERVER.add_slave(unit)
        slave.add_block("coils", cst.COILS, 0, 8)
        if unit == 5:
            slave.add_block("holding", cst.HOLDING_REGISTERS, 0, 2)
            slave.add_block("input", cst.ANALOG_INPUTS, 0, 4)
            slave.set_values("holding", 0, [6050, 30])
            slave.set_values("input", 2, [415])
    hooks.install_hook("modbus_rtu.RtuServer.before_write", before_write)
    hooks.install_hook("modbus_rtu.RtuServer.after_read", after_read)
    hooks.install_hook("modbus.Server.after_handle_request", lambda arguments: key(arguments[0], 5))
    SERVER.start()
    print("ready", flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "coil":
            print(SERVER.get_slave(int(rest[0])).get_values("coils", int(rest[1]), 1)[0], flush=True)
        elif word == "input":
            MOODS["antenna"] = True
            SERVER.get_slave(int(rest[0])).set_values("input", int(rest[1]), int(rest[2]))
            print("done", flush=True)
        elif word == "mood":
            unit = 0
            if rest[0] == "late":
                mood, units = rest[:2], rest[2:]
            else:
                mood, units = rest[:1], rest[1:]
            MOODS[int(units[0]) if units else unit] = mood
            print("done", flush=True)
        elif word == "requests":
            print(COUNT, flush=True)


main()
