#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an internet consists of, and who asks it. Addresses and ports are numbers.

    internet.py serve PORT...             answer every TCP connection and every datagram, on all
                                          addresses, with the address that it came from; prints
                                          "ready", for an hour at most
    internet.py ask tcp|udp ADDRESS PORT  print the answer, or "refused" when the kernel says at once
                                          that it will not be sent, or "silence" after 2 s
    internet.py reach NAME PORT [6]       look the name up, by the C library, and ask its first IPv4
                                          (IPv6) address by TCP; or print "unknown"
    internet.py dns udp|tcp SERVER NAME   ask a name server for an IPv4 address; print what it is and how
                                          many seconds it is good for, or "none" and the code of
                                          RFC 1035, or what ask prints

"then" stands between several of them, which are asked one after the other.
"""

import selectors
import signal
import socket
import struct
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


def exchange(kind, address, port, question, understand):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    asking = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    asking.settimeout(2)
    try:
        asking.connect((address, int(port)))
        if question:
            asking.send(question)
        said = understand(asking.recv(2048))
    except TimeoutError:
        said = "silence"
    except OSError:
        said = "refused"
    print(said, flush=True)


def ask(kind, address, port):
    exchange(kind, address, port, b"?" if kind == "udp" else b"", lambda said: said.decode().strip())


def reach(name, port, family="4"):
    family = socket.AF_INET6 if family == "6" else socket.AF_INET
    try:
        found = socket.getaddrinfo(name, port, family, socket.SOCK_STREAM)
    except socket.gaierror:
        print("unknown", flush=True)
        return
    ask("tcp", found[0][4][0], port)


def answered(packet):
    """The last record, which is the address where there is an alias before it: RFC 1035, 4.1."""
    count = struct.unpack(">H", packet[6:8])[0]
    if not count:
        return f"none {packet[3] & 15}"
    ttl, _, address = struct.unpack(">IH4s", packet[-10:])
    return f"{socket.inet_ntoa(address)} {ttl}"


def dns(kind, server, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 4242, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    if kind == "tcp":
        length = struct.pack(">H", len(question))
        exchange(kind, server, 53, length + question, lambda said: answered(said[2:]))
    else:
        exchange(kind, server, 53, question, answered)


def several(words):
    verbs = {"serve": lambda *ports: serve(ports), "ask": ask, "reach": reach, "dns": dns}
    while words:
        end = words.index("then") if "then" in words else len(words)
        verbs[words[0]](*words[1:end])
        words = words[end + 1 :]


if __name__ == "__main__":
    several(sys.argv[1:])
