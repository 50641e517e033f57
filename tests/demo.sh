#!/bin/bash
# SPDX-License-Identifier: MIT
# What `sudo make demo` runs: real programs, confined, and what each limit does to them. Every claim
# on the screen is checked; the demo fails where one does not hold.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-$top/build}
if [ "$(id -u)" -ne 0 ]; then
	echo "The demo needs root: sudo make demo" >&2
	exit 1
fi
# Its bridge and its jails live in a world of their own, which goes with the demo.
[ -n "${CONTAIN_TEST_WORLD:-}" ] || exec env BUILD="$BUILD" "$top/tests/world" "$0"
# shellcheck source=tests/system/rootfs.sh
. "$top/tests/system/rootfs.sh"
# shellcheck source=tests/groups.sh
. "$top/tests/groups.sh"
scratch=$(mktemp -d /var/tmp/contain-demo.XXXXXX)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	rm -rf --one-file-system "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM
cd "$scratch" || exit 1
make_rootfs root
PATH=$BUILD:$PATH
failed=0

bold='' plain=''
if [ -t 1 ]; then
	bold=$(tput bold 2>/dev/null || true)
	plain=$(tput sgr0 2>/dev/null || true)
fi

title() {
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

# show EXPECTED-STATUS EXPECTED-REGEX COMMAND...: print the command, run it, print what it says.
show() {
	local wanted=$1 pattern=$2 output status word line='$'
	shift 2
	for word; do
		case $word in
		*[[:space:]\;\|\&\$]*) line="$line '${word//$'\n'/ }'" ;;
		*) line="$line $word" ;;
		esac
	done
	printf '%s\n' "$line"
	output=$("$@" 2>&1 </dev/null)
	status=$?
	[ -z "$output" ] || printf '%s\n' "$output" | head -n 20 | sed 's/^/    /'
	[ "$status" -eq 0 ] || printf '    (exit code %s)\n' "$status"
	if [ "$status" -ne "$wanted" ] || ! [[ $output =~ $pattern ]]; then
		printf '    %sNOT AS IT SHOULD BE: expected exit code %s and "%s"%s\n' "$bold" "$wanted" "$pattern" "$plain"
		failed=$((failed + 1))
	fi
}

state() {
	local pid
	for pid in /proc/[0-9]*; do
		[ "$(readlink "$pid/ns/pid" 2>/dev/null || readlink /proc/self/ns/pid)" = "$(readlink /proc/self/ns/pid)" ] ||
			echo "process ${pid#/proc/}"
	done
	grep -c . /proc/self/mountinfo
	own_groups | xargs -I '{}' find '{}' -mindepth 1 -type d 2>/dev/null
	ip -o link show | awk -F': ' '$2 != "contain0" { print $2 }'
	find /run/contain -mindepth 1 -type f ! -path '*/seccomp/*' 2>/dev/null
}
state >before

title 'A program of this machine, in a container: it sees the files of the host, read-only, and nothing else of it'
show 0 '' contain-exec -- ps -ef
show 0 'lo' contain-exec -- ip -brief address
show 1 'Read-only|denied|Permission' contain-exec -- touch /etc/evil
show 1 'denied' contain-exec -- cat /etc/shadow

title 'A root file system of its own, made from busybox'
show 0 'Alice' contain-exec --rootfs root --user alice --hostname lab -- sh -c 'id; hostname; ls -x /; grep Alice /etc/passwd'

title 'Memory: 200 MiB are too much for 64M, and the message says so'
show 0 'allocated' contain-exec --rootfs root --memory 400M -- /probe/load memory 200
show 137 'memory' contain-exec --rootfs root --memory 64M -- /probe/load memory 200

title 'Tasks: of 100 children only those start that 20 allow; a fork bomb is as harmless'
show 0 '^1[0-9]$' contain-exec --rootfs root --pids 20 -- /probe/load tasks 100

title 'Processor: 2 seconds of computing at half a processor get 1 second of CPU time (in milliseconds)'
show 0 '^(9|10|8)' contain-exec --rootfs root --cpus 0.5 -- /probe/load spin 2000

title 'Cores: the first one only'
show 0 '^1$' contain-exec --rootfs root --cpu-core-ids 0 -- nproc

title 'Overlay: everything can be changed, nothing is'
show 0 '' contain-exec --rootfs root --overlay tmpfs -- sh -c 'rm -rf /etc /home; ls -x /'
show 0 'Alice' grep Alice root/etc/passwd

title 'Network: two containers on one bridge'
contain-exec --rootfs root --name server --network-address 10.97.0.5/16 -- \
	sh -c 'nc -ll -p 8000 -e echo "hello from the server" & sleep 1000' &
server=$!
for _ in $(seq 100); do
	ping -c 1 -W 1 10.97.0.5 >/dev/null 2>&1 && break
	sleep 0.1
done
show 0 ' 0% packet loss' contain-exec --network bridge -- ping -c 2 10.97.0.5
show 0 'hello from the server' contain-exec --rootfs root --network bridge -- nc -w 5 10.97.0.5 8000
kill "$server"
wait "$server" 2>/dev/null
server=

title 'Exit codes, signals and mistakes'
show 42 '' contain-exec --rootfs root -- sh -c 'exit 42'
show 143 '' contain-exec --rootfs root -- sh -c 'kill -TERM $$'
show 127 'no-such-program' contain-exec --rootfs root -- no-such-program
show 125 '--memory' contain-exec --memroy 64M -- true
show 125 '5-2' contain-exec --cpu-core-ids 5-2 -- true

title 'And nothing is left: no process, mount, control group, network interface or file'
for _ in $(seq 50); do
	state >after
	cmp -s before after && break
	sleep 0.1
done
show 0 '' diff before after

if [ "$failed" -ne 0 ]; then
	printf '\n%s of the things above are not as they should be.\n' "$failed"
	exit 1
fi
printf '\nAll of the above held. Next: sudo make check, README.md, man ./build/contain-exec.1\n'
