"""Slaves of pymodbus behind one TCP port: a relay board at unit 1 (8 coils), an exciter at unit 5.

modbus_tcp_slaves.py           says `ready PORT`, then answers one line to each line of standard input, asking its own
                               server through pymodbus' own client:
    coil UNIT N                the coil, 0 or 1
    hold UNIT N VALUE          writes a holding register
    reflect WATTS              how much comes back from the antenna while the carrier is up
    stop                       closes the port and ends
"""
import asyncio
import socket
import sys

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

STATE = {"on": False, "power": 30, "reflected": 6}


async def exciter(function, start, address, count, registers, values):
    """What the exciter's registers read follows what was written to its coil."""
    if function == 5 and values:
        STATE["on"] = bool(values[0])
    if function == 6 and values:
        STATE["power"] = values[0] if address == 1 else STATE["power"]
    if function == 4:
        forward = STATE["power"] * 10 if STATE["on"] else 0
        readings = [forward, STATE["reflected"] if STATE["on"] else 0, 415, 0]
        for at, value in enumerate(readings):
            registers[at - start] = value
    return None


def bits(count):
    return [SimData(0, count=1, values=[False] * count, datatype=DataType.BITS)]


def words(values):
    return [SimData(0, values=values, datatype=DataType.REGISTERS)]


async def main():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    devices = [
        SimDevice(1, (bits(8), bits(8), words([0]), words([0]))),
        SimDevice(5, (bits(1), bits(1), words([6050, 30]), words([0, 0, 415, 0])), action=exciter),
    ]
    server = ModbusTcpServer(devices, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    print("ready", port, flush=True)
    while True:
        line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        word, *rest = line.split() or ["stop"]
        if word == "coil":
            answer = await client.read_coils(int(rest[1]), count=1, device_id=int(rest[0]))
            print(int(answer.bits[0]), flush=True)
        elif word == "hold":
            await client.write_register(int(rest[1]), int(rest[2]), device_id=int(rest[0]))
            print("done", flush=True)
        elif word == "reflect":
            STATE["reflected"] = int(float(rest[0]) * 10)
            print("done", flush=True)
        elif word == "stop":
            client.close()
            await server.shutdown()
            print("done", flush=True)
            return


asyncio.run(main())
