#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who is and was logged in, as the files of the host have it: who(1) asks logind instead on Debian 13,
and lastlog(8) is gone there.

    records.py online          USER LINE HOST of each entry of /run/utmp whose process is there;
                               login(1) leaves it to init to remove those that are not
    records.py past            USER LINE HOST of each session in /var/log/wtmp that has ended
    records.py lastlog UID     LINE HOST of the last login
"""

import os
import struct
import sys

# utmp(5): type, pid, line, id, user, host, and what we do not look at.
ENTRY = struct.Struct("=hxxi32s4s32s256s52x")
LASTLOG = struct.Struct("=i32s256s")
USER_PROCESS, DEAD_PROCESS = 7, 8


def text(field):
    return field.split(b"\0")[0].decode()


def entries(path):
    """Type, pid, line, user and host of each entry."""
    with open(path, "rb") as file:
        for kind, pid, line, _, user, host in ENTRY.iter_unpack(file.read()):
            yield kind, pid, text(line), text(user), text(host)


def online():
    for kind, pid, line, user, host in entries("/run/utmp"):
        if kind == USER_PROCESS and os.path.exists(f"/proc/{pid}"):
            print(user, line, host)


def past():
    there = {}
    for kind, _, line, user, host in entries("/var/log/wtmp"):
        if kind == USER_PROCESS:
            there[line] = (user, line, host)
        elif kind == DEAD_PROCESS and line in there:
            print(*there.pop(line))


def lastlog(uid):
    with open("/var/log/lastlog", "rb") as file:
        file.seek(int(uid) * LASTLOG.size)
        entry = file.read(LASTLOG.size)
    if len(entry) == LASTLOG.size and any(entry):
        _, line, host = LASTLOG.unpack(entry)
        print(text(line), text(host))


if __name__ == "__main__":
    {"online": online, "past": past, "lastlog": lastlog}[sys.argv[1]](*sys.argv[2:])
