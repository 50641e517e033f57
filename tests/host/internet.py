#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an internet consists of, and who asks it. Addresses and ports are numbers.

    internet.py serve PORT...             answer every TCP connection and every datagram, on all
                                          addresses, with the address that it came from; prints
                                          "ready", for an hour at most
    internet.py ask tcp|udp ADDRESS PORT  print the answer, or "refused" when the kernel says at once
                                          that it will not be sent, or "silence" after 2 s
"""

import selectors
import signal
import socket
import sys


def plain(address):
    return address.removeprefix("::ffff:")


def listen(kind, port):
    server = socket.socket(socket.AF_INET6, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    # A datagram's answer must come from the address that was asked.
    if kind == socket.SOCK_DGRAM:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    server.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        server.listen()
    return server


def answer(server):
    if server.type == socket.SOCK_STREAM:
        connection, client = server.accept()
        with connection:
            connection.sendall(plain(client[0]).encode() + b"\n")
        return
    _, control, _, client = server.recvmsg(2048, socket.CMSG_SPACE(20))
    server.sendmsg([plain(client[0]).encode() + b"\n"], control, 0, client)


def serve(ports):
    signal.alarm(3600)
    selector = selectors.DefaultSelector()
    for port in ports:
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            selector.register(listen(kind, int(port)), selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            try:
                answer(key.fileobj)
            except OSError as error:
                print(error, file=sys.stderr)


def ask(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    asking = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    asking.settimeout(2)
    try:
        asking.connect((address, int(port)))
        if kind == "udp":
            asking.send(b"?")
        said = asking.recv(2048).decode().strip()
    except TimeoutError:
        said = "silence"
    except OSError:
        said = "refused"
    print(said)


if __name__ == "__main__":
    {"serve": lambda *ports: serve(ports), "ask": ask}[sys.argv[1]](*sys.argv[2:])
