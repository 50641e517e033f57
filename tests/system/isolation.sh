#!/bin/bash
# SPDX-License-Identifier: MIT
# What a program in a jail sees of processes, names, mounts, IPC, network and files: its own only.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
echo canary >/etc/HOSTCANARY
remember_host

# inside NAME REGEX COMMAND...: for a jail on the busybox root.
inside() {
	local name=$1 pattern=$2
	shift 2
	expect "$name" 0 "$pattern" jail "$@"
}

# -- processes
sleep 300 &
outside=$!
inside 'ps shows only the processes of the jail' '[^/]*contain-init[^/]*ps -o comm' \
	/bin/sh -c 'ps -o comm | tr "\n" " "; echo ps -o comm'
inside 'the first process is 1 and a low number follows' '1 [2-9]' \
	/bin/sh -c 'echo 1 $$'
inside 'a host process cannot be signalled' 'No such process' \
	/bin/sh -c "kill -9 $outside 2>&1 | sed 's/.*: //'"
holds 'the host process lives on' kill -0 "$outside"
kill "$outside"
inside 'kill -9 -1 ends nothing but the jail' 'alive' \
	/bin/sh -c 'sleep 100 & trap "" TERM; kill -9 1; echo alive; kill -9 $!'

# -- namespaces: each differs from the host's, and is the same for both root sources
for namespace in user mnt pid net ipc uts cgroup; do
	ours=$(readlink "/proc/self/ns/$namespace")
	for source in "$ROOT" host; do
		run "$CE" --rootfs "$source" -- /bin/sh -c "readlink /proc/self/ns/$namespace"
		if [ "$status" -eq 0 ] && [[ $out == "$namespace:["*"]" ]] && [ "$out" != "$ours" ]; then
			ok "the $namespace namespace is the jail's own (${source/$ROOT/directory})"
		else
			not_ok "the $namespace namespace is the jail's own (${source/$ROOT/directory})" "$(shown)"
		fi
	done
done
expect '--userns host leaves the user namespace as it is' 0 "$(readlink /proc/self/ns/user |
	sed 's/[][]/\\&/g')" jail --userns host /bin/sh -c 'readlink /proc/self/ns/user'

# -- names
inside '--hostname' 'lab-7' --hostname lab-7 /bin/hostname
inside 'the hostname is that of the jail when none is given' 'web' --name web /bin/hostname
before=$(hostname)
jail --hostname other /bin/true
holds 'the host keeps its name' [ "$(hostname)" = "$before" ]

# -- IPC
segments() { tail -n +2 /proc/sysvipc/shm | wc -l; }
"$PYTHON" -c '
import ctypes
ctypes.CDLL(None).shmget(0x436f6e74, 4096, 0o1600)'
if [ "$(segments)" -eq 1 ]; then
	inside 'System V shared memory of the host is not there' '0' \
		/bin/sh -c 'tail -n +2 /proc/sysvipc/shm | wc -l'
	"$PYTHON" -c '
import ctypes
libc = ctypes.CDLL(None)
libc.shmctl(libc.shmget(0x436f6e74, 4096, 0), 0, None)'
else
	not_ok 'System V shared memory can be made outside' "$(segments) segments"
fi
echo canary >/dev/shm/contain-canary
inside '/dev/shm is empty and can be written' '0 x' \
	/bin/sh -c 'ls /dev/shm | wc -l | tr "\n" " "; echo x >/dev/shm/x && cat /dev/shm/x'
rm /dev/shm/contain-canary

# -- network
inside 'there is one interface, lo, and it is up' 'lo LOOPBACK,UP,LOWER_UP' \
	/bin/sh -c 'ip -o link | sed -E "s/^[0-9]+: ([^:]+): <([^>]+)>.*/\1 \2/"'
expect 'lo answers over IPv4' 0 '.* 0% packet loss.*' "$CE" -- ping -c 1 -W 2 127.0.0.1
expect 'lo answers over IPv6' 0 '.* 0% packet loss.*' "$CE" -- ping -c 1 -W 2 ::1
"$PYTHON" -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind("\0contain-canary")
s.listen()
time.sleep(300)' &
listener=$!
connect='import socket; s = socket.socket(socket.AF_UNIX); s.connect("\0contain-canary"); print("in")'
if true_within 5 grep -q '@contain-canary' /proc/net/unix &&
	[ "$("$PYTHON" -c "$connect")" = in ]; then
	expect 'abstract sockets of the host cannot be reached' 1 '' \
		"$CE" --rootfs host -- "$PYTHON" -c "$connect"
else
	not_ok 'abstract sockets can be reached outside'
fi
kill "$listener"

# -- mounts
inside 'no mount point of the host is there' '0' \
	/bin/sh -c "cut -d' ' -f5 /proc/self/mountinfo | grep -c '$SCRATCH'; true"
inside 'nothing propagates' '0' /bin/sh -c 'grep -cE "shared:|master:" /proc/self/mountinfo; true'
inside '/proc shows the jail' '1' /bin/sh -c 'ls -d /proc/[0-9]* | grep -c "^/proc/1$"'
mkdir "$SCRATCH/late"
"$CE" --rootfs host -- /bin/sh -c 'read -r line; ls /mnt; echo end' \
	< <(sleep 0.5; mount -t tmpfs late /mnt; touch /mnt/late; echo) >"$SCRATCH/out" 2>&1
if [ "$(cat "$SCRATCH/out")" = end ] && [ -e /mnt/late ]; then
	ok 'a mount made on the host afterwards does not propagate into the jail'
else
	not_ok 'a mount made on the host afterwards does not propagate into the jail' "$(cat "$SCRATCH/out")"
fi
umount /mnt
inside '/tmp is private, empty and writable' '0 x' \
	/bin/sh -c 'ls -A /tmp | wc -l | tr "\n" " "; echo x >/tmp/x && cat /tmp/x'
inside '/dev has the usual devices and no others' \
	'(core )?fd full (mqueue )?null ptmx pts random shm stderr stdin stdout tty urandom zero ' \
	/bin/sh -c 'ls /dev | tr "\n" " "'
inside 'no device node but the harmless ones' '' \
	/bin/sh -c 'find /dev -type b; find /dev -type c | grep -vE "^/dev/(null|zero|full|random|urandom|tty|console|ptmx|pts/(ptmx|[0-9]+))$"; true'
inside '/dev/null, zero, full and urandom do what they should' '0 4 full' \
	/bin/sh -c 'cat /dev/null | wc -c | tr "\n" " "; head -c 4 /dev/zero | wc -c | tr "\n" " "
	head -c 1 /dev/urandom >/dev/null; echo x 2>/dev/null >/dev/full || echo full'

# -- files of the host: with the canary reachable outside as the control
for path in /etc/HOSTCANARY ../../../../../../../../etc/HOSTCANARY /proc/1/root/etc/HOSTCANARY \
	/proc/self/root/../../etc/HOSTCANARY /proc/1/cwd/etc/HOSTCANARY; do
	if [ "$(cat "${path/1\/cwd/1\/root}" 2>/dev/null)" != canary ]; then
		not_ok "the canary can be read outside as $path"
		continue
	fi
	inside "a host file is not at $path" '' /bin/sh -c "cat $path 2>/dev/null; true"
done
exec 7</etc 8</etc/HOSTCANARY
if [ "$(cat /proc/self/fd/7/HOSTCANARY)" = canary ]; then
	inside 'descriptors of the caller are not passed on' '' \
		/bin/sh -c 'cat /proc/self/fd/7/HOSTCANARY /proc/self/fd/8 2>/dev/null; true'
	inside 'only descriptors 0, 1 and 2 are open' '0 1 2 3 ' \
		/bin/sh -c 'ls /proc/self/fd | tr "\n" " "'
	for fd in 0 1 2 3 4 5 6 7 8 9; do
		run jail --workdir "/proc/self/fd/$fd" /bin/cat ../../../../../../../../etc/HOSTCANARY
		# Refused, or a place inside, from which cat does not find the file.
		if [[ $out$err != *canary* ]] && [[ $status -eq 125 || $status -eq 1 ]]; then
			ok "--workdir /proc/self/fd/$fd stays inside"
		else
			not_ok "--workdir /proc/self/fd/$fd stays inside" "$(shown)"
		fi
	done
else
	not_ok 'the canary can be read through descriptor 7 outside'
fi
exec 7<&- 8<&-

# -- the host's own root
expect 'rootfs host: programs run' 0 'Linux.*' "$CE" -- /bin/uname -a
expect 'rootfs host: it cannot be written' 1 '' \
	"$CE" -- /bin/sh -c '{ echo x >/etc/contain-written; } 2>/dev/null || exit 1'
holds 'rootfs host: nothing was written' [ ! -e /etc/contain-written ]
expect 'rootfs host: root inside does not read what only root outside may read' 1 '' \
	"$CE" -- /bin/sh -c 'cat /etc/shadow 2>/dev/null'
for directory in /tmp /var/tmp /run /dev/shm; do
	echo canary >"$directory/contain-canary"
	expect "rootfs host: $directory is private" 0 'x' "$CE" -- /bin/sh -c \
		"[ ! -e $directory/contain-canary ] && echo x >$directory/contain-x && cat $directory/contain-x"
	holds "rootfs host: nothing appears in the host's $directory" [ ! -e "$directory/contain-x" ]
	rm -f "$directory/contain-canary" "$directory/contain-x"
done
expect 'rootfs host: ps shows only the jail' 0 '[1-4]' "$CE" -- /bin/sh -c 'ps -e --no-headers | wc -l'

# -- identity
inside 'the command is root inside' '0 0 0' /bin/sh -c 'echo $(id -u) $(id -g) $(id -G)'
inside '--user takes ids and groups from the root'"'"'s own files' '1000 1000 1000 2000 2001' \
	--user alice /bin/sh -c 'echo $(id -u) $(id -g) $(id -G)'
inside '--user NAME sets HOME, USER and LOGNAME' '/home/alice alice alice' \
	--user alice /bin/sh -c 'echo $HOME $USER $LOGNAME'
inside '--user UID:GID' '7 8 8' --user 7:8 /bin/sh -c 'echo $(id -u) $(id -g) $(id -G)'
inside 'a number is a number, even if it is also a name' '1000' --user 1000 /bin/id -u
if [ "$(stat -c %u "$ROOT/home/alice")" = 1000 ]; then
	inside 'files belong to the same users inside' 'root alice' \
		/bin/sh -c 'echo $(stat -c %U /etc/passwd) $(stat -c %U /home/alice)'
fi
jail /bin/sh -c 'echo x >/root/made; echo x >/home/alice/made; chown alice /home/alice/made'
expect 'ids on disk are those of the jail' 0 '0 1000 ' \
	stat --printf '%u ' "$ROOT/root/made" "$ROOT/home/alice/made"
launch sleep 30
host_uid_of_jail() {
	local pid
	for pid in $(pgrep -x sleep); do
		[ "$(readlink "/proc/$pid/ns/user")" = "$(readlink /proc/self/ns/user)" ] ||
			stat -c %u "/proc/$pid"
	done
}
jail_runs() { [ -n "$(host_uid_of_jail)" ]; }
true_within 5 jail_runs
uid=$(host_uid_of_jail)
holds 'root inside is an unprivileged id outside' [ "${uid:-0}" -ge 65536 ]
end "$launched"

# -- environment
expect 'the caller'"'"'s environment stays outside' 0 '' \
	env SECRET=1 "$CE" --rootfs "$ROOT" /bin/sh -c 'env | grep SECRET; true'
inside '--env' 'a b=c' --env 'X=a b=c' /bin/sh -c 'echo "$X"'
printf 'ONE=1\n# comment\n\nTWO=2 2\n' >"$SCRATCH/env"
inside '--env-file' '1 2 2' --env-file "$SCRATCH/env" /bin/sh -c 'echo $ONE $TWO'
inside '--clear-env' 'ONLY=1' --clear-env --env ONLY=1 /bin/env
inside 'PATH is set' '/.*/bin.*' /bin/sh -c 'echo $PATH'
inside '--workdir' '/home/alice' --workdir /home/alice /bin/pwd
inside 'a command without a path is looked up in PATH inside' 'found' busybox echo found

nothing_left 'nothing is left of all these jails'
finish
