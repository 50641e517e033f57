#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes an image into a folder in the layout of OCI, without any tool, in a moment:

    make.py [OPTION...] DIR TAG LAYER...

A LAYER is files:N:BYTES:SEED (N files with BYTES that do not compress, of this SEED), a folder, of which
tar(1) makes an archive, or the name of an archive. What the folder has already stays: several images
share blobs. Prints the diffIDs, one a line, and with --id the id before them.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import tarfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x",
                 "riscv64": "riscv64", "armv7l": "arm", "i686": "386"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def files_archive(count, size, seed):
    chance = random.Random(seed)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for number in range(count):
            info = tarfile.TarInfo(f"files/{seed}-{number}")
            info.size = size
            info.mtime = 1700000000
            tar.addfile(info, io.BytesIO(chance.randbytes(size)))
    return out.getvalue()


def archive(layer):
    if layer.startswith("files:"):
        _, count, size, seed = layer.split(":")
        return files_archive(int(count), int(size), int(seed))
    if os.path.isdir(layer):
        command = ["tar", "-C", layer, "--format=pax", "--sparse", "--sort=name", "--xattrs",
                   "--numeric-owner", "-cf", "-", "."]
        return subprocess.run(command, check=True, capture_output=True).stdout
    with open(layer, "rb") as file:
        return file.read()


class Layout:
    def __init__(self, directory):
        self.blobs = os.path.join(directory, "blobs", "sha256")
        self.index = os.path.join(directory, "index.json")
        os.makedirs(self.blobs, exist_ok=True)
        with open(os.path.join(directory, "oci-layout"), "w", encoding="ascii") as file:
            file.write('{"imageLayoutVersion":"1.0.0"}')

    def put(self, data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        path = os.path.join(self.blobs, digest)
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(data)
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(data)}

    def put_json(self, value, media_type):
        return self.put(json.dumps(value).encode(), media_type)

    def name(self, descriptor, tag):
        index = {"schemaVersion": 2, "manifests": []}
        if os.path.exists(self.index):
            with open(self.index, encoding="ascii") as file:
                index = json.load(file)
        key = "org.opencontainers.image.ref.name"
        index["manifests"] = [m for m in index["manifests"] if m["annotations"][key] != tag]
        index["manifests"].append(descriptor | {"annotations": {key: tag}})
        with open(self.index, "w", encoding="ascii") as file:
            json.dump(index, file)


def compress(data, how):
    if how == "gzip":
        return gzip.compress(data, 1, mtime=0), "+gzip"
    if how == "zstd":
        return subprocess.run(["zstd", "-qc"], input=data, check=True,
                              capture_output=True).stdout, "+zstd"
    return data, ""


def make_image(layout, layers, options, architecture):
    diff_ids, descriptors = [], []
    for data in layers:
        blob, end = compress(data, options.compression)
        diff_ids.append("sha256:" + hashlib.sha256(data).hexdigest())
        kind = options.layer_type or "application/vnd.oci.image.layer.v1.tar" + end
        descriptors.append(layout.put(blob, kind))
    config = {"architecture": architecture, "os": options.os,
              "config": {"Env": options.env, "Entrypoint": ["/bin/sh", "-c"],
                         "Cmd": ["echo \"a\nb\" \\"], "WorkingDir": "/tmp", "User": "1000:1000"},
              "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                "config": layout.put_json(config, "application/vnd.oci.image.config.v1+json"),
                "layers": descriptors}
    descriptor = layout.put_json(manifest, MANIFEST)
    descriptor["platform"] = {"os": options.os, "architecture": architecture}
    return descriptor, manifest["config"]["digest"], diff_ids


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", default=ARCHITECTURES[os.uname().machine],
                        help="with commas: an index of several; each after the first has less layers")
    parser.add_argument("--os", default="linux")
    parser.add_argument("--compression", default="gzip")
    parser.add_argument("--layer-type")
    parser.add_argument("--id", action="store_true")
    parser.add_argument("--env", action="append", default=["PATH=/bin", "LINES=a\nb"])
    parser.add_argument("directory")
    parser.add_argument("tag")
    parser.add_argument("layers", nargs="+")
    options = parser.parse_args()
    layout = Layout(options.directory)
    layers = [archive(layer) for layer in options.layers]
    images = [make_image(layout, layers[:max(1, len(layers) - number)], options, architecture)
              for number, architecture in enumerate(options.arch.split(","))]
    descriptor = images[0][0]
    if len(images) > 1:
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [i[0] for i in images]}
        descriptor = layout.put_json(index, INDEX)
    layout.name(descriptor, options.tag)
    print("\n".join(([images[0][1]] if options.id else []) + images[0][2]))


main()
