#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Archives for tests of what becomes of layers.

archives.py --all DIRECTORY writes them: good/NAME is as somebody may have made it; evil/NAME tries
something, and says/NAME is a part of what is to be said about it. Some of these try to reach
DIRECTORY/canary.
archives.py --layout FILE DIRECTORY makes an OCI layout of one layer, a compressed one; its tag is "t".
archives.py entries|bomb-gz|bomb-zst SIZE writes a large one to standard output.
"""
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

CANARY = os.path.realpath(sys.argv[2]) + "/canary" if len(sys.argv) > 2 else ""
MTIME = 1600000000.5


def entry(name, kind=tarfile.REGTYPE, data=b"", **more):
    """A header and its content."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(data)
    info.mtime = MTIME
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def directory(name, **more):
    return entry(name, tarfile.DIRTYPE, **more)


def symlink(name, target, **more):
    return entry(name, tarfile.SYMTYPE, linkname=target, **more)


def hardlink(name, target, **more):
    return entry(name, tarfile.LNKTYPE, linkname=target, **more)


def xattr(name, value):
    return {"SCHILY.xattr." + name: value}


def archive(*entries, form=tarfile.PAX_FORMAT, encoding="utf-8"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding=encoding,
                      errors="surrogateescape") as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def all_types():
    return [
        directory("./", mode=0o750, uid=3, gid=4),
        directory("./etc/"),
        entry("./etc/passwd", data=b"root:x:0:0::/:/bin/sh\n"),
        directory("./bin", mode=0o2755, gid=7),
        entry("./bin/su", data=b"x" * 70000, mode=0o4755),
        entry("./bin/wall", data=b"y", mode=0o2755, gid=5),
        entry("./bin/none", mode=0o000, uid=65535, gid=65535),
        hardlink("./bin/su2", "./bin/su"),
        hardlink("./bin/su3", "bin/su"),
        symlink("./lib", "usr/lib", uid=9),
        hardlink("./lib64", "./lib"),
        symlink("./abs", "/etc/shadow"),
        directory("./tmp", mode=0o1777),
        directory("./closed", mode=0o000, uid=1000),
        entry("./closed/in", data=b"in"),
        entry("./old", data=b"old", mtime=-5),
    ]


CAPABILITY = b"\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"


def header(name, size=b"%011o\0" % 0, kind=b"0", link=b""):
    """A raw ustar header with any bytes in it."""
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b"0000644\0"
    block[108:116] = b"0000000\0"
    block[116:124] = b"0000000\0"
    block[124:124 + len(size)] = size
    block[136:148] = b"%011o\0" % int(MTIME)
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax_record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body)
    while len(str(size).encode()) + len(body) != size:
        size = len(str(size).encode()) + len(body)
    return str(size).encode() + body


def pax(records, name=b"file", data=b"", kind=b"0"):
    text = b"".join(pax_record(*record) for record in records)
    padded = text + b"\0" * (-len(text) % 512)
    content = data + b"\0" * (-len(data) % 512)
    return (header(b"PaxHeader", b"%011o\0" % len(text), b"x") + padded +
            header(name, b"%011o\0" % len(data), kind) + content)


END = b"\0" * 1024


def made_by_tar(form):
    script = """set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
    truncate -s 1G "$d/hole"; printf begin | dd of="$d/hole" conv=notrunc status=none
    printf end | dd of="$d/hole" bs=1 seek=1073741821 conv=notrunc status=none
    head -c 300000 /dev/zero >"$d/zeros"; printf x >>"$d/zeros"
    tar -C "$d" --sparse --owner=0 --group=0 %s -cf - hole zeros""" % form
    return subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout


def far(size):
    """A file with four bytes at its end, and nothing before."""
    return pax([(b"GNU.sparse.size", b"%d" % size), (b"GNU.sparse.numblocks", b"1"),
                (b"GNU.sparse.map", b"%d,4" % (size - 4))], data=b"last")


LONG = "/".join(["d" * 120] * 8)

GOOD = {
    "types": lambda: archive(*all_types()),
    "types-gnu": lambda: archive(*all_types(), form=tarfile.GNU_FORMAT),
    "types-ustar": lambda: archive(*[e for e in all_types() if e[0].mtime > 0],
                                   form=tarfile.USTAR_FORMAT),
    "gz": lambda: gzip.compress(archive(*all_types())),
    "gz-members": lambda: b"".join(
        gzip.compress(archive(*all_types())[at:at + 5000])
        for at in range(0, len(archive(*all_types())), 5000)),
    "gz-names": lambda: gzip.compress(archive(
        directory("./"), entry("gr\u00fc\u00df"), entry("e\u0301"), entry("\u00e9"), entry("n" * 200),
        entry("a\nb"), hardlink("h", "e\u0301"), symlink("l", "\u65e5"))),
    "zst": lambda: zstd(archive(*all_types())),
    "zst-frames": lambda: zstd(archive(*all_types())[:7000]) + zstd(archive(*all_types())[7000:]),
    "empty": lambda: b"",
    "empty-end": lambda: END,
    "empty-gz": lambda: gzip.compress(END),
    "empty-gz-nothing": lambda: gzip.compress(b""),
    "sparse-gnu": lambda: made_by_tar("--format=gnu"),
    "sparse-pax": lambda: made_by_tar("--format=pax"),
    "spelling": lambda: archive(directory("a//b/./"), entry("./a/.//b/f"), hardlink("a//b//g", ".//a/b/f"),
                                entry("./.hidden")),
    "sparse-terabyte": lambda: far(1 << 40) + END,
    "names": lambda: archive(entry("a/b/c/deep", data=b"1"), entry("gr\u00fc\u00df/\u65e5\u672c\U0001f600"),
                             entry("new\nline"), entry("e\x1b[31m"), entry("back\\slash"),
                             entry("...") , entry(" "), entry("a" * 255),
                             symlink("\u00e4", "\u65e5")),
    "names-composed": lambda: archive(entry("e\u0301"), entry("\u00e9"), entry("\u212b")),
    "names-bytes": lambda: archive(entry("latin-\udce4\udcff/\udc80"),
                                   form=tarfile.GNU_FORMAT),
    "names-bytes-pax": lambda: pax([(b"path", b"p\xe4\xff/\xed\xa0\x80")]) + END,
    "names-binary-pax": lambda: pax([(b"hdrcharset", b"BINARY"), (b"path", b"b\xe4\xff")]) + END,
    "names-long": lambda: archive(entry("n" * 200), entry(LONG + "/end", data=b"e"),
                                  hardlink(LONG + "/link", LONG + "/end"),
                                  symlink("to", "t" * 1000)),
    "names-long-gnu": lambda: archive(entry("n" * 200), entry(LONG + "/end", data=b"e"),
                                      hardlink(LONG + "/link", LONG + "/end"),
                                      symlink("to", "t" * 1000), form=tarfile.GNU_FORMAT),
    "deep": lambda: archive(entry("d/" * 2000 + "x", data=b"deep")),
    "xattrs": lambda: pax([(b"SCHILY.xattr.user.mime", b"text/plain"),
                           (b"SCHILY.xattr.security.selinux", b"system_u:object_r:x:s0"),
                           (b"SCHILY.xattr.security.capability", CAPABILITY)], b"ping", b"#!") +
    pax([(b"SCHILY.xattr.user.d", b"\xff\x01")], b"dir", kind=b"5") + END,
    "twice": lambda: archive(entry("f", data=b"one"), hardlink("g", "f"),
                             entry("f", data=b"second", mode=0o600, uid=5),
                             directory("d", mode=0o700, uid=1), entry("d/in"),
                             directory("d", mode=0o711, uid=2), symlink("l", "a"), symlink("l", "b"),
                             entry("h", data=b"h"), hardlink("i", "h"), hardlink("i", "h"),
                             hardlink("h", "i")),
    "whiteouts": lambda: archive(directory("d"), entry("d/.wh.gone"), entry(".wh.top"),
                                 directory("o"), entry("o/.wh..wh..opq"), entry("o/new"),
                                 entry("p/.wh..wh..opq"),
                                 entry(".wh.both"), entry("both", data=b"file wins"),
                                 entry("after", data=b"file wins"), entry(".wh.after"),
                                 entry(".wh.dir"), entry("dir/in"),
                                 directory("dir2"), entry(".wh.dir2"),
                                 entry(".wh..wh.aufs"), directory(".wh..wh.plnk"),
                                 entry(".wh..wh.plnk/12.34")),
    "devices": lambda: archive(directory("dev"),
                               entry("dev/sda", tarfile.BLKTYPE, devmajor=8, devminor=0),
                               entry("dev/null", tarfile.CHRTYPE, devmajor=1, devminor=3),
                               entry("dev/f", data=b"f")),
    "trailing": lambda: archive(entry("f", data=b"f")) + b"\0" * 3000000,
    "gz-trailing": lambda: gzip.compress(archive(entry("f", data=b"f"))) + b"junk" * 300000,
}

EVIL = {
    "up": ("..", lambda: archive(entry("../canary"))),
    "up-inside": ("..", lambda: archive(directory("a"), entry("a/../../canary"))),
    "up-only": ("..", lambda: archive(directory(".."))),
    "absolute": ("absolute", lambda: archive(entry("/canary"))),
    "absolute-double": ("absolute", lambda: archive(entry("//canary"))),
    "through-link": ("symbolic link", lambda: archive(symlink("l", CANARY), entry("l/canary"))),
    "through-link-up": ("symbolic link",
                        lambda: archive(symlink("l", "../.."), entry("l/canary"))),
    "through-link-inside": ("symbolic link",
                            lambda: archive(directory("d"), symlink("l", "d"), entry("l/f"))),
    "through-link-deep": ("symbolic link", lambda: archive(
        directory("a"), symlink("a/l", "../../.."), entry("a/l/x/y/canary"))),
    "link-then-directory": ("different types", lambda: archive(symlink("l", CANARY),
                                                               directory("l"))),
    "link-then-file": ("different types", lambda: archive(symlink("l", CANARY + "/canary"),
                                                          entry("l", data=b"evil"))),
    "directory-then-link": ("different types", lambda: archive(
        directory("d"), symlink("d", CANARY), entry("d/canary"))),
    "file-as-directory": ("not a directory", lambda: archive(entry("f"), entry("f/g"))),
    "whiteout-link": ("symbolic link", lambda: archive(symlink("l", CANARY),
                                                       entry("l/.wh.canary"))),
    "opaque-link": ("symbolic link", lambda: archive(symlink("l", CANARY),
                                                     entry("l/.wh..wh..opq"))),
    "hard-absolute": ("absolute", lambda: archive(hardlink("h", "/etc/passwd"))),
    "hard-up": ("..", lambda: archive(hardlink("h", "../../../etc/passwd"))),
    "hard-through-link": ("symbolic link", lambda: archive(symlink("l", CANARY),
                                                           hardlink("h", "l/canary"))),
    "hard-missing": ("not before it", lambda: archive(hardlink("h", "etc/passwd"))),
    "hard-directory": ("no file", lambda: archive(directory("d"), hardlink("h", "d"))),
    "hard-whiteout": ("no file", lambda: archive(entry(".wh.w"), hardlink("h", "w"))),
    "hard-write": ("different types", lambda: archive(
        symlink("l", CANARY + "/canary"), hardlink("h", "l"), entry("h", data=b"evil"))),
    "block-device": ("device", lambda: archive(
        entry("sda", tarfile.BLKTYPE, devmajor=8, devminor=0))),
    "char-device": ("device", lambda: archive(
        entry("etc/mem", tarfile.CHRTYPE, devmajor=1, devminor=1))),
    "device-as-dev": ("device", lambda: archive(
        entry("dev", tarfile.CHRTYPE, devmajor=1, devminor=1))),
    "fifo": ("etc/passwd: a FIFO is not possible", lambda: archive(
        entry("etc/passwd", tarfile.FIFOTYPE))),
    "type-change": ("different types", lambda: archive(entry("x"), directory("x"))),
    "root-file": ("root of an image", lambda: header(b".", kind=b"2", link=b"x") + END),
    "name-long": ("longer than 255", lambda: archive(entry("a" * 256))),
    "path-long": ("longer than 4095", lambda: archive(entry("d/" * 2047 + "xx"))),
    "owner-big": ("user is 65536", lambda: archive(entry("f", uid=65536))),
    "group-big": ("group is 4294967295", lambda: archive(entry("f", gid=4294967295))),
    "xattr-trusted": ("trusted.overlay.opaque", lambda: archive(
        entry("f", pax_headers=xattr("trusted.overlay.opaque", "y")))),
    "xattr-redirect": ("trusted.overlay.redirect", lambda: archive(
        directory("d", pax_headers=xattr("trusted.overlay.redirect", "/etc")))),
    "xattr-user-overlay": ("user.overlay.redirect", lambda: archive(
        directory("d", pax_headers=xattr("user.overlay.redirect", "/etc")))),
    "xattr-opaque": ("user.overlay.opaque", lambda: archive(
        directory("d", pax_headers=xattr("user.overlay.opaque", "y")))),
    "xattr-ima": ("security.ima", lambda: archive(
        entry("f", pax_headers=xattr("security.ima", "y")))),
    "xattr-system": ("system.nfs4_acl", lambda: archive(
        entry("f", pax_headers=xattr("system.nfs4_acl", "y")))),
    "whiteout-nothing": ("says no name", lambda: archive(entry("d/.wh."))),
    "whiteout-below": ("below a whiteout", lambda: archive(entry("d/.wh.x/f"))),
    "whiteout-self": ("says no name", lambda: archive(entry("d/.wh.."))),
    "whiteout-up": ("says no name", lambda: archive(entry("d/.wh..."))),
    "size-negative": ("egative", lambda: pax([(b"size", b"-1")]) + END),
    "size-overflow": ("overflow", lambda: pax([(b"size", b"99999999999999999999999")]) + END),
    "size-petabyte": ("runcated", lambda: pax([(b"size", b"1125899906842624")]) + END),
    "size-base256": ("", lambda: header(b"f", b"\xff" * 12) + END),
    "sparse-petabyte": ("File too large", lambda: far(1 << 50) + END),
    "gz-in-gz": ("more than once", lambda: gzip.compress(gzip.compress(archive(entry("f"))))),
    "bzip2": ("", lambda: __import__("bz2").compress(archive(entry("f")))),
    "xz": ("", lambda: __import__("lzma").compress(archive(entry("f")))),
    "zip": ("", lambda: b"PK\x03\x04" + b"\0" * 2000),
    "junk": ("", lambda: bytes(range(1, 256)) * 40),
    "cut-gz": ("runcated", lambda: gzip.compress(archive(*all_types()))[:-20]),
    "cut-zst": ("runcated", lambda: zstd(archive(*all_types()))[:-20]),
    "cut-end": ("cut off", lambda: archive(
        entry("f", data=b"\0" * 512), form=tarfile.GNU_FORMAT)[:1024]),
    "escape": ("\\x1b[31m", lambda: archive(entry("\x1b[31mred", tarfile.FIFOTYPE))),
}


def big(kind, size):
    """What is large only when it is there: made piece by piece."""
    out = sys.stdout.buffer
    if kind == "entries":
        for number in range(size):
            out.write(header(b"f%d" % number))
        out.write(END)
        return
    size = size >> 20 << 20
    command = {"bomb-gz": ["gzip", "-1"], "bomb-zst": ["zstd", "-q", "-1"]}[kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out) as process:
        process.stdin.write(pax([(b"size", b"%d" % size)], b"bomb"))
        piece = b"\0" * (1 << 20)
        for _ in range(size >> 20):
            process.stdin.write(piece)
        process.stdin.write(END)
        process.stdin.close()


def layout(path, top):
    """An image of this layer (OCI image specification, "Image Layout")."""
    os.makedirs(top + "/blobs/sha256")

    def put(data):
        name = hashlib.sha256(data).hexdigest()
        with open(top + "/blobs/sha256/" + name, "wb") as file:
            file.write(data)
        return {"digest": "sha256:" + name, "size": len(data)}

    def put_json(value, kind):
        return dict(put(json.dumps(value).encode()),
                    mediaType="application/vnd.oci.image.%s.v1+json" % kind)

    with open(path, "rb") as file:
        data = file.read()
    diff_id = "sha256:" + hashlib.sha256(gzip.decompress(data)).hexdigest()
    layer = dict(put(data), mediaType="application/vnd.oci.image.layer.v1.tar+gzip")
    config = put_json({"architecture": "amd64", "os": "linux", "config": {},
                       "rootfs": {"type": "layers", "diff_ids": [diff_id]}}, "config")
    manifest = put_json({"schemaVersion": 2, "config": config, "layers": [layer]}, "manifest")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "t"}
    for name, value in (("oci-layout", {"imageLayoutVersion": "1.0.0"}),
                        ("index.json", {"schemaVersion": 2, "manifests": [manifest]})):
        with open(os.path.join(top, name), "w", encoding="utf-8") as file:
            json.dump(value, file)


def main():
    if sys.argv[1] == "--all":
        for folder in ("good", "evil", "says"):
            os.mkdir(os.path.join(sys.argv[2], folder))
        for name, make in GOOD.items():
            with open("%s/good/%s" % (sys.argv[2], name), "wb") as file:
                file.write(make())
        for name, (says, make) in EVIL.items():
            with open("%s/evil/%s" % (sys.argv[2], name), "wb") as file:
                file.write(make())
            with open("%s/says/%s" % (sys.argv[2], name), "w", encoding="utf-8") as file:
                file.write(says)
    elif sys.argv[1] == "--layout":
        layout(sys.argv[2], sys.argv[3])
    else:
        big(sys.argv[1], int(sys.argv[2]))


main()
