#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Frames that no honest host sends.

    frames.py flood COUNT [INTERFACE]    from as many hardware addresses
    frames.py bpdu COUNT [INTERFACE]     of a spanning tree whose root we say to be
    frames.py KIND COUNT [INTERFACE]     that say to be 192.168.2.17 or fd00:2::17, a router or a
                                         DHCP server: see KINDS; "own" are honest ones
    frames.py hear COUNT [INTERFACE]     print "listening", and after COUNT seconds or SIGTERM how
                                         many of these have come, but for those of spanning trees

INTERFACE is eth0 unless given.
"""

import signal
import socket
import struct
import sys
import time

LLC_STP = b"\x42\x42\x03"
STP_GROUP = bytes.fromhex("0180c2000000")
FLOOD = b"\x88\xb5"  # for experiments: IEEE 802, 9.2.3
BROADCAST = b"\xff" * 6
MARK = b"contain-frame"
VICTIM, OWN = socket.inet_aton("192.168.2.17"), socket.inet_aton("192.168.2.30")
VICTIM6, OWN6 = (socket.inet_pton(socket.AF_INET6, "fd00:2::" + host) for host in ("17", "30"))
ALL_NODES = socket.inet_pton(socket.AF_INET6, "ff02::1")


def hardware(number):
    return b"\x02\xff" + struct.pack(">I", number)


def flood(raw, count):
    for number in range(count):
        raw.send(BROADCAST + hardware(number) + FLOOD + MARK.ljust(46, b"\0"))


def hear(raw, seconds):
    """Until the time is over, or SIGTERM comes, of which those that are there already are heard."""
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(True))
    print("listening", flush=True)
    end, heard = time.monotonic() + seconds, 0
    raw.settimeout(0.2)
    while time.monotonic() < end:
        try:
            heard += MARK in raw.recv(2048)
        except TimeoutError:
            if ends:
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


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp(own, sender):
    """A reply to everybody: the address `sender` is ours."""
    return b"\x08\x06" + struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + own + sender + BROADCAST + sender + MARK


def ipv4(source, protocol, body):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + source + b"\xff" * 4
    return b"\x08\x00" + head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def udp(source, port):
    """From `source` and `port` to everybody; the checksum of UDP may be left out."""
    return ipv4(source, 17, struct.pack(">HHHH", port, 68, 8 + len(MARK), 0) + MARK)


def redirect(source):
    """RFC 792: a better way than `source` is by the neighbour."""
    body = struct.pack(">BBH", 5, 1, 0) + VICTIM + MARK.ljust(16, b"\0")
    return ipv4(source, 1, body[:2] + struct.pack(">H", checksum(body)) + body[4:])


def ipv6(source, header, body):
    return b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(body), header, 255) + source + ALL_NODES + body


def icmpv6(source, kind, body):
    """The mark stands behind, where an option would be."""
    body = struct.pack(">BBH", kind, 0, 0) + body + MARK.ljust(16, b"\0")
    pseudo = source + ALL_NODES + struct.pack(">II", len(body), 58)
    return ipv6(source, 58, body[:2] + struct.pack(">H", checksum(pseudo + body)) + body[4:])


def udp6(source, port):
    return ipv6(source, 17, struct.pack(">HHHH", port, 546, 8 + len(MARK), 1) + MARK)


NEIGHBOUR, REDIRECT, ROUTER = 136, 137, 134
KINDS = {
    "own": lambda own: [
        arp(own, OWN),
        udp(OWN, 4000),
        udp6(OWN6, 4000),
        icmpv6(OWN6, NEIGHBOUR, b"\x20\0\0\0" + OWN6),
    ],
    "arp": lambda own: [arp(own, VICTIM)],
    "ip": lambda own: [udp(VICTIM, 4000), udp6(VICTIM6, 4000)],
    "neighbour": lambda own: [
        icmpv6(source, NEIGHBOUR, b"\x20\0\0\0" + target)
        for source, target in ((OWN6, VICTIM6), (VICTIM6, VICTIM6), (VICTIM6, OWN6))
    ],
    "router": lambda own: [
        icmpv6(OWN6, ROUTER, b"\x40\0\x07\x08" + b"\0" * 8),
        icmpv6(OWN6, REDIRECT, b"\0" * 4 + OWN6 + VICTIM6),
        redirect(OWN),
    ],
    "dhcp": lambda own: [udp(OWN, 67), udp6(OWN6, 547)],
    "vlan": lambda own: [tag + b"\0\x01" + udp(OWN, 4000) for tag in (b"\x81\0", b"\x88\xa8")],
}


def send_kind(raw, kind, count):
    own = raw.getsockname()[4]
    for _ in range(count):
        for frame in KINDS[kind](own):
            raw.send((BROADCAST + own + frame).ljust(60, b"\0"))


def main(arguments):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    everything = 3  # ETH_P_ALL
    to = everything if arguments[0] == "hear" else 0
    raw.bind((arguments[2] if len(arguments) > 2 else "eth0", to))
    kind, count = arguments[0], int(arguments[1])
    if kind in KINDS:
        send_kind(raw, kind, count)
    else:
        {"flood": flood, "bpdu": bpdu, "hear": hear}[kind](raw, count)


if __name__ == "__main__":
    main(sys.argv[1:])
