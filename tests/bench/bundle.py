#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a bundle for crun and runc that asks for what contain-exec does by default.

    bundle.py DIRECTORY ROOT [--seccomp PROFILE] [--limits] -- COMMAND [ARGUMENT...]

The same namespaces, ids, mounts, capabilities, masked files and, with --seccomp, the calls that the
profile allows without looking at arguments or capabilities.
"""

import argparse
import json
import os

CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                "NET_BIND_SERVICE", "AUDIT_WRITE"]
NAMESPACES = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"]
MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
MOUNTS = [
    ("proc", "proc", ["nosuid", "nodev", "noexec"]),
    ("dev", "tmpfs", ["nosuid", "mode=755", "size=65536k"]),
    ("dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
    ("dev/shm", "tmpfs", ["nosuid", "nodev", "noexec", "mode=1777", "size=65536k"]),
    ("dev/mqueue", "mqueue", ["nosuid", "nodev", "noexec"]),
    ("sys", "sysfs", ["nosuid", "nodev", "noexec", "ro"]),
]
LIMITS = {
    "memory": {"limit": 64 << 20},
    "pids": {"limit": 64},
    "cpu": {"quota": 50000, "period": 100000},
}
MAP = [{"containerID": 0, "hostID": 2000000000, "size": 65536}]


def allowed(profile):
    with open(profile, encoding="utf-8") as file:
        rules = json.load(file)["syscalls"]
    names = {name for rule in rules for name in rule["names"]
             if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("includes")}
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 38,
        "architectures": ["SCMP_ARCH_" + os.uname().machine.upper()],
        "syscalls": [{"names": sorted(names), "action": "SCMP_ACT_ALLOW"}],
    }


def configuration(options):
    capabilities = ["CAP_" + name for name in CAPABILITIES]
    linux = {
        "namespaces": [{"type": name} for name in NAMESPACES],
        "uidMappings": MAP,
        "gidMappings": MAP,
        "maskedPaths": MASKED,
        "readonlyPaths": READ_ONLY,
    }
    if options.seccomp:
        linux["seccomp"] = allowed(options.seccomp)
    if options.limits:
        linux["resources"] = LIMITS
    return {
        "ociVersion": "1.0.0",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": options.command,
            "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "cwd": "/",
            "capabilities": {kind: capabilities for kind in ("bounding", "effective", "permitted")},
            "noNewPrivileges": True,
        },
        "root": {"path": os.path.abspath(options.root), "readonly": False},
        "hostname": "bench",
        "mounts": [{"destination": "/" + place, "type": kind, "source": kind, "options": how}
                   for place, kind, how in MOUNTS],
        "linux": linux,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("root")
    parser.add_argument("--seccomp")
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    with open(os.path.join(options.directory, "config.json"), "w", encoding="utf-8") as file:
        json.dump(configuration(options), file, indent=1)


if __name__ == "__main__":
    main()
