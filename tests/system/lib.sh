# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the system tests have in common. A test starts with
#
#	. "$(dirname "$0")/lib.sh"
#
# and is run by tests/run, as root in a world of its own (tests/world).

set -u
if [ -z "${CONTAIN_TEST_WORLD:-}" ]; then
	echo "run me as root through tests/run: sudo tests/run $0" >&2
	exit 1
fi
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${BUILD:?}" "${SCRATCH:?}"
# shellcheck source=tests/system/rootfs.sh
. "$top/tests/system/rootfs.sh"
# shellcheck source=tests/groups.sh
. "$top/tests/groups.sh"

CE=$BUILD/contain-exec
PROBE=$BUILD/probe
ROOT=$SCRATCH/root
# Debian's own, which a jail on the host's root has too.
export PYTHON=/usr/bin/python3
failures=0
# How many times longer than elsewhere things may take here.
slow=${CONTAIN_TEST_SLOW:-1}
[ -x "$CE" ] || {
	echo "not ok - $CE is not there: run make first"
	exit 1
}
chmod 0711 "$SCRATCH" "$SCRATCH/.."
cd "$SCRATCH" || exit 1

# ------------------------------------------------------------------------------------- reporting

ok() {
	echo "ok - $1"
}

# not_ok NAME [WHY...]
not_ok() {
	local why
	echo "not ok - $1"
	shift
	for why; do
		printf '%s\n' "$why" | head -n 30 | sed 's/^/# /'
	done
	failures=$((failures + 1))
}

# skip NAME REASON
skip() {
	echo "SKIP - $1: $2"
}

finish() {
	[ "$failures" -eq 0 ] || exit 1
}
trap 'code=$?; [ "$code" -ne 0 ] && exit "$code"; finish' EXIT

# ------------------------------------------------------------------------------------- running

# Run a command to its end, within 60 s (of a machine that is not slow), without a stdin; into $status, $out and $err.
run() {
	if [ "$(type -t "$1")" = file ]; then
		timeout -k 2 $((60 * slow)) "$@" </dev/null >"$SCRATCH/out" 2>"$SCRATCH/err"
	else
		"$@" </dev/null >"$SCRATCH/out" 2>"$SCRATCH/err"
	fi
	status=$?
	# bash drops NUL and says so.
	{
		out=$(<"$SCRATCH/out")
		err=$(<"$SCRATCH/err")
	} 2>/dev/null
}

# What the last `run` gave, for not_ok.
shown() {
	printf 'exit code %s\nstdout: %s\nstderr: %s' "$status" "$out" "$err"
}

# expect NAME STATUS REGEX COMMAND...: it ends with STATUS and its whole stdout matches REGEX.
expect() {
	local name=$1 code=$2 pattern=$3
	shift 3
	run "$@"
	if [ "$status" -eq "$code" ] && [[ $out =~ ^($pattern)$ ]]; then
		ok "$name"
	else
		not_ok "$name" "expected exit code $code and stdout: $pattern" "$(shown)" "command: $*"
	fi
}

# refuses NAME STATUS REGEX COMMAND...: it ends with STATUS and exactly one line on stderr, which
# matches REGEX, and nothing on stdout.
refuses() {
	local name=$1 code=$2 pattern=$3
	shift 3
	run "$@"
	if [ "$status" -eq "$code" ] && [ -z "$out" ] && [[ $err =~ $pattern ]] &&
		[ "$(wc -l <"$SCRATCH/err")" -eq 1 ]; then
		ok "$name"
	else
		not_ok "$name" "expected exit code $code and one line on stderr: $pattern" "$(shown)" \
			"command: $*"
	fi
}

# holds NAME COMMAND...: it succeeds.
holds() {
	local name=$1
	shift
	run "$@"
	if [ "$status" -eq 0 ]; then
		ok "$name"
	else
		not_ok "$name" "$(shown)" "command: $*"
	fi
}

# The bridge lab0, with 192.168.2.1/24 and fd00:2::1/64.
make_lab() {
	ip link add lab0 type bridge
	ip address add 192.168.2.1/24 dev lab0
	ip address add fd00:2::1/64 dev lab0 nodad
	ip link set lab0 up
	true_within 5 eval '! ip -6 address show dev lab0 | grep -q tentative'
}

# A host with an uplink, and what is behind it, in a network namespace of its own: `far COMMAND` runs
# there. `"$PYTHON" -c "$internet"` is tests/host/internet.py, also where that file cannot be seen.
make_internet() {
	# shellcheck disable=SC2034 # the tests use it
	internet=$(cat "$top/tests/host/internet.py")
	uplink=198.51.100.2 uplink6=2001:db8:1::2
	mkdir -p /run/netns
	ip netns add far
	ip link add up0 type veth peer name eth0 netns far
	ip address add "$uplink/24" dev up0
	ip address add "$uplink6/64" dev up0 nodad
	ip link set up0 up
	ip route add default via 198.51.100.1
	ip route add default via 2001:db8:1::1
	far ip link set lo up
	far ip link set eth0 up
	far ip address add 198.51.100.1/24 dev eth0
	far ip address add 2001:db8:1::1/64 dev eth0 nodad
	true_within 5 eval '! { ip -6 address; far ip -6 address; } | grep -q tentative'
}

far() {
	ip netns exec far "$@"
}

# An ordinary user, with uid 1000 and a folder $SCRATCH/user: "${as_user[@]}" COMMAND is run by them. $CE is
# then a copy that they can reach: the build may lie in a home that nobody else can enter.
make_user() {
	mkdir "$SCRATCH/programs"
	cp -r "$BUILD"/contain-exec "$BUILD"/contain-init "$BUILD"/contain-*.so "$BUILD"/seccomp "$SCRATCH/programs"
	chmod 0711 "$SCRATCH/programs/contain-init" # as installed
	CE=$SCRATCH/programs/contain-exec
	mkdir -m 0700 "$SCRATCH/user"
	chown 1000:1000 "$SCRATCH/user"
	sed -i '/^[^:]*:[^:]*:1000:/d' /etc/passwd
	echo 'contain-test:x:1000:1000::/:/bin/sh' >>/etc/passwd
	echo 'contain-test:x:1000:' >>/etc/group
	# shellcheck disable=SC2034 # the tests use it
	as_user=(setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --bounding-set=-all
		env -u XDG_RUNTIME_DIR "HOME=$SCRATCH/user")
}

# As udev and systemd have it: everybody may make a tun device of their own, and ping.
open_tun() {
	mount -t tmpfs -o mode=0755 tmpfs /dev/net
	mknod -m 0666 /dev/net/tun c 10 200
	echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
}

# As "!", which is no command.
fails() {
	! "$@"
}

# A busybox jail on the test's root.
jail() {
	timeout -k 2 $((60 * slow)) "$CE" --rootfs "$ROOT" "$@"
}

# asks OPTION... -- tcp|udp ADDRESS PORT: what a program in a jail with these options hears, of
# tests/host/internet.py (make_internet).
asks() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	jail "${options[@]}" --rootfs host "$PYTHON" -c "$internet" ask "$@"
}

# The same as jail in the background, without a stdin; the process id of contain-exec is then in $launched.
launch() {
	"$CE" --rootfs "$ROOT" "$@" </dev/null &
	# shellcheck disable=SC2034 # the tests use it
	launched=$!
}

# end PID...: TERM to what was launched, and wait for its end.
end() {
	kill "$@"
	wait "$@"
}

# true_within SECONDS COMMAND...: it succeeds before the time is over, which is longer where the
# machine is slow.
true_within() {
	local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * slow * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# denied NAME ATTACK [OPTION...]: the probe's ATTACK works outside and not in a jail with OPTIONs.
denied() {
	local name=$1 attack=$2 control
	shift 2
	if ! control=$(unshare --mount "$PROBE/attack" "$attack" 2>&1); then
		skip "$name" "cannot be done outside either: $control"
		return
	fi
	run jail "$@" /probe/attack "$attack"
	if [ "$status" -eq 1 ] || [ "$status" -eq 2 ]; then
		ok "$name"
	else
		not_ok "$name" "outside: $control" "$(shown)"
	fi
}

# ---------------------------------------------------------------------------------- host state

# Everything that a jail may leave behind, as text: mounts, foreign processes, control groups,
# network interfaces and addresses, files under /run/contain, System V IPC, shared memory.
host_state() {
	local pid
	cut -d' ' -f4,5,6,9- /proc/self/mountinfo | sed 's/^/mount /'
	for pid in /proc/[0-9]*; do
		[ "$(readlink "$pid/ns/pid")" != "$(readlink /proc/self/ns/pid)" ] ||
			[ "$(readlink "$pid/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] ||
			[[ $(cat "$pid/comm" 2>/dev/null) == contain-* ]] || continue
		[ -d "$pid" ] && echo "process ${pid#/proc/} $(tr '\0' ' ' <"$pid/cmdline" 2>/dev/null)"
	done
	own_groups | xargs -I '{}' find '{}' -mindepth 1 -type d 2>/dev/null | sed 's/^/cgroup /'
	ip -o link show | awk -F': ' '{ print "link " $2 }'
	ip -o address show scope global | awk '{ print "address " $2 " " $4 }'
	find /run/contain -mindepth 1 ! -type d ! -path '*/seccomp/*' ! -name tenants 2>/dev/null |
		sed 's/^/file /'
	awk 'FNR > 1 { print "ipc " FILENAME " " $1 " " $2 }' /proc/sysvipc/*
	find /dev/shm -mindepth 1 | sed 's/^/file /'
}

remember_host() {
	host_state | sort >"$SCRATCH/state.before"
}

host_is_as_before() {
	host_state | sort >"$SCRATCH/state.after"
	cmp -s "$SCRATCH/state.before" "$SCRATCH/state.after"
}

# nothing_left NAME: the host is as it was at remember_host, at most 5 s from now: the kernel takes
# network namespaces down in the background.
nothing_left() {
	if true_within 5 host_is_as_before; then
		ok "$1"
	else
		not_ok "$1" "$(diff "$SCRATCH/state.before" "$SCRATCH/state.after")"
	fi
}
