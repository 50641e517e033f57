#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A name server that knows a few names, over UDP.

    dns.py ADDRESS [NAME IP]...    answer on port 53 of ADDRESS, for an hour at most

Anything else does not exist (NXDOMAIN). A name of which only the other kind of address is known
exists, and has none.
"""

import ipaddress
import signal
import socket
import struct
import sys

A, AAAA, INTERNET = 1, 28, 1


def read_name(query, at):
    """The name at `at`, in lower case, and the place behind it."""
    labels = []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
        at += query[at] + 1
    return ".".join(labels), at + 1


def answer(query, names):
    name, at = read_name(query, 12)
    kind, family = struct.unpack(">HH", query[at : at + 4])
    question = query[12 : at + 4]
    found = [
        ip.packed
        for ip in names.get(name, [])
        if family == INTERNET and kind == (A if ip.version == 4 else AAAA)
    ]
    flags = 0x8580 if name in names else 0x8583
    header = query[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0)
    records = [
        struct.pack(">HHHIH", 0xC00C, kind, INTERNET, 1, len(packed)) + packed for packed in found
    ]
    return header + question + b"".join(records)


def main(arguments):
    signal.alarm(3600)
    names = {}
    for name, ip in zip(arguments[1::2], arguments[2::2]):
        names.setdefault(name.lower(), []).append(ipaddress.ip_address(ip))
    family = socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.bind((arguments[0], 53))
    while True:
        query, client = server.recvfrom(4096)
        server.sendto(answer(query, names), client)


if __name__ == "__main__":
    main(sys.argv[1:])
