#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints all there is to know about the files below a folder, one a line: tree.py DIR"""

import hashlib
import os
import stat
import sys

top = os.fsencode(sys.argv[1])
links = {}


def content(path, info):
    if stat.S_ISLNK(info.st_mode):
        return os.fsdecode(os.readlink(path))
    if not stat.S_ISREG(info.st_mode):
        return "-"
    # Who else is the same file: the first that was seen.
    first = links.setdefault((info.st_dev, info.st_ino), path[len(top):])
    with open(path, "rb") as file:
        return f"{hashlib.sha256(file.read()).hexdigest()} {first!r} {info.st_nlink}"


def show(path):
    info = os.lstat(path)
    attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                  for name in sorted(os.listxattr(path, follow_symlinks=False))}
    # Who unpacks decides when a folder has changed.
    changed = "-" if stat.S_ISDIR(info.st_mode) else int(info.st_mtime)
    print(repr(path[len(top):]), oct(info.st_mode), info.st_uid, info.st_gid, changed, attributes,
          content(path, info), f"{info.st_rdev}")


for directory, folders, files in os.walk(top):
    folders.sort()
    for entry in sorted(folders + files):
        show(os.path.join(directory, entry))
