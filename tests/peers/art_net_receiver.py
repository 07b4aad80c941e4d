"""An Art-Net receiver that others wrote (PyPI stupidArtnet): prints the universes it was sent, whole, as hexadecimal.

art_net_receiver.py FIRST COUNT: says `ready PORT`, then after each line of input the COUNT universes from FIRST on.
"""

import socket
import sys
import time

from stupidArtnet import StupidArtnetServer

first, count = int(sys.argv[1]), int(sys.argv[2])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = StupidArtnetServer(port=port)
listeners = [server.register_listener(universe=first + i, is_simplified=True) for i in range(count)]
while server.socket_server is None or server.socket_server.getsockname()[1] == 0:
    time.sleep(0.01)
print("ready", port, flush=True)
for _ in sys.stdin:
    print("".join(bytes(server.get_buffer(listener)).hex() for listener in listeners), flush=True)
