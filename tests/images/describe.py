#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""describe.py DIRECTORY [--no-times]: all that is to be the same of two trees, a line for each file."""
import hashlib
import os
import stat
import sys


def describe(path, shown, seen, times):
    info = os.lstat(path)
    words = [repr(shown), oct(info.st_mode), info.st_uid, info.st_gid]
    if times:
        words.append(info.st_mtime_ns)
    if not stat.S_ISDIR(info.st_mode) and info.st_nlink > 1:
        words.append("as " + repr(seen.setdefault(info.st_ino, shown)))
    if stat.S_ISLNK(info.st_mode):
        words.append(os.readlink(path))
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            words += [info.st_size, hashlib.file_digest(file, "sha256").hexdigest()]
    if not stat.S_ISLNK(info.st_mode):
        words += [(name, os.getxattr(path, name)) for name in sorted(os.listxattr(path))
                  if name != "security.selinux"]
    print(*words)


def main():
    top, seen, times = os.fsencode(sys.argv[1]), {}, "--no-times" not in sys.argv
    describe(top, b".", seen, times)
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            describe(path, os.path.relpath(path, top), seen, times)


main()
