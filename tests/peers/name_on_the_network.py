"""A phone of the local network (python-zeroconf): finds a desk by multicast DNS, then opens it by its name, trusting the
authority in the file of its argument. Answers each line with `<name> <port> <status of its first page> <whether the name leads to its own address>`.
"""
import socket, ssl, sys
from zeroconf import AddressResolver, ServiceBrowser, ServiceListener, Zeroconf

SERVICE = "_https._tcp.local."


class Found(ServiceListener):
    def __init__(self):
        self.names = []

    def add_service(self, zeroconf, kind, name):
        self.names.append(name)

    def update_service(self, zeroconf, kind, name):
        pass

    def remove_service(self, zeroconf, kind, name):
        if name in self.names:
            self.names.remove(name)


def opened(name, address, port, authority):
    trust = ssl.create_default_context(cafile=authority)
    with socket.create_connection((address, port), timeout=10) as plain:
        with trust.wrap_socket(plain, server_hostname=name) as desk:
            desk.sendall(f"GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
            return desk.makefile("rb").readline().split()[1].decode()


def asked(zeroconf, found, own, authority):
    for name in found.names:
        about = zeroconf.get_service_info(SERVICE, name, timeout=5000)
        if about is None:
            continue
        host = AddressResolver(about.server)
        if not host.request(zeroconf, 5000):
            continue
        return f"{about.server.rstrip('.')} {about.port} {opened(about.server.rstrip('.'), own, about.port, authority)} {own in host.parsed_addresses()}"
    return "nobody"


def main():
    own, authority = sys.argv[1:]
    zeroconf, found = Zeroconf(interfaces=[own]), Found()
    ServiceBrowser(zeroconf, SERVICE, found)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(asked(zeroconf, found, own, authority), flush=True)
    zeroconf.close()


main()
