"""Sentences of a GNSS receiver (NMEA 0183), and the port of the gpsd that reads them."""
import socket, time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sentence(text):
    check = 0
    for letter in text:
        check ^= ord(letter)
    return f"${text}*{check:02X}\r\n"


def listens(port):
    """Whether what was started takes connections within 20 s."""
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False
