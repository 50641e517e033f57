#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The smallest server and client for forwarded connections; also through python3's stdin over ssh.

    net.py serve PLACE TEXT        answer every connection with TEXT, while somebody reads our
                                   stdout, and ten minutes at most
    net.py get PLACE               print what PLACE answers
    net.py get PLACE --socks PORT  the same through a SOCKS proxy on 127.0.0.1

PLACE is a port of 127.0.0.1, or the path of a socket; for a proxy also IP:PORT. serve prints "ready" when it can be reached.
"""

import os
import select
import signal
import socket
import struct
import sys


def address(place):
    """Family and address of PLACE."""
    if place.isdecimal():
        return socket.AF_INET, ("127.0.0.1", int(place))
    return socket.AF_UNIX, place


def serve(place, text):
    family, where = address(place)
    if family == socket.AF_UNIX and os.path.exists(where):
        os.unlink(where)
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(where)
    server.listen()
    print("ready", flush=True)
    # Without events: whether whoever reads our stdout has gone.
    poll = select.poll()
    poll.register(server, select.POLLIN)
    poll.register(sys.stdout, 0)
    while sys.stdout.fileno() not in dict(poll.poll()):
        connection, _ = server.accept()
        with connection:
            connection.sendall(text.encode() + b"\n")


def read_all(connection, count=None):
    """All that comes, or `count` bytes."""
    data = b""
    while count is None or len(data) < count:
        piece = connection.recv(65536 if count is None else count - len(data))
        if not piece:
            break
        data += piece
    return data


def ask_socks(connection, place):
    """RFC 1928, without authentication."""
    host, _, port = place.rpartition(":")
    connection.sendall(b"\5\1\0")
    read_all(connection, 2)
    connection.sendall(
        b"\5\1\0\1" + socket.inet_aton(host or "127.0.0.1") + struct.pack(">H", int(port))
    )
    answer = read_all(connection, 10)
    if len(answer) < 2 or answer[1] != 0:
        sys.exit(f"the proxy refused: {answer!r}")


def get(place, socks=None):
    family, where = address(socks or place)
    with socket.socket(family) as connection:
        connection.settimeout(10)
        connection.connect(where)
        if socks:
            ask_socks(connection, place)
        sys.stdout.write(read_all(connection).decode())


def main(arguments):
    signal.alarm(600)
    if arguments[0] == "serve":
        serve(*arguments[1:])
    elif len(arguments) == 4:
        get(arguments[1], socks=arguments[3])
    else:
        get(arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
