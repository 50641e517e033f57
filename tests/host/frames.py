#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Frames that no honest host sends.

    frames.py flood COUNT [INTERFACE]    from as many hardware addresses
    frames.py bpdu COUNT [INTERFACE]     of a spanning tree whose root we say to be
    frames.py hear COUNT [INTERFACE]     print "listening", and after COUNT seconds how
                                         many frames of a flood have come

INTERFACE is eth0 unless given.
"""

import socket
import struct
import sys
import time

LLC_STP = b"\x42\x42\x03"
STP_GROUP = bytes.fromhex("0180c2000000")
FLOOD = b"\x88\xb5"  # for experiments: IEEE 802, 9.2.3
BROADCAST = b"\xff" * 6


def hardware(number):
    return b"\x02\xff" + struct.pack(">I", number)


def flood(raw, count):
    for number in range(count):
        raw.send(BROADCAST + hardware(number) + FLOOD + b"\0" * 46)


def hear(raw, seconds):
    print("listening", flush=True)
    end, heard = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        raw.settimeout(left)
        try:
            heard += raw.recv(64)[12:14] == FLOOD
        except TimeoutError:
            break
    print(heard)


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
    everything = 3  # ETH_P_ALL
    to = everything if arguments[0] == "hear" else 0
    raw.bind((arguments[2] if len(arguments) > 2 else "eth0", to))
    {"flood": flood, "bpdu": bpdu, "hear": hear}[arguments[0]](raw, int(arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
