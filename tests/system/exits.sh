#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Exit codes, signals and ends: contain-exec is as good as the command itself.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
remember_host

# -- exit codes
wrong=
for code in $(seq 0 255); do
	jail /bin/sh -c "exit $code" </dev/null >/dev/null 2>"$SCRATCH/err"
	status=$?
	[ "$status" -eq "$code" ] && [ ! -s "$SCRATCH/err" ] || wrong="$wrong $code:$status"
done
holds "every exit code from 0 to 255 arrives, and nothing is said about it$wrong" [ -z "$wrong" ]

# Those whose default is to end the process, and two real-time ones.
wrong=
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 34 64; do
	jail /probe/signals raise "$number" </dev/null >/dev/null 2>&1
	status=$?
	{ "$PROBE/signals" raise "$number"; } 2>/dev/null
	[ $? -eq $((128 + number)) ] || wrong="$wrong control:$number"
	[ "$status" -eq $((128 + number)) ] || wrong="$wrong $number:$status"
done
holds "death by each signal n arrives as 128+n$wrong" [ -z "$wrong" ]
expect '--no-init: the exit code arrives' 0 '1' jail --no-init /bin/sh -c 'echo $$'
run jail --no-init /bin/sh -c 'exit 42'
holds '--no-init: another exit code' [ "$status" -eq 42 ]
refuses 'a command that is not there' 127 'no-such-command' jail no-such-command
refuses 'a path that is not there' 127 '/no/such/path' jail /no/such/path
refuses 'a file without permission to execute' 126 '/bin/not-executable' jail /bin/not-executable
refuses 'a file that is no program' 126 '/bin/garbage' jail /bin/garbage
refuses 'a directory' 126 '/etc' jail /etc

# -- streams
expect 'stdin passes through' 0 'line' sh -c "echo line | '$CE' --rootfs '$ROOT' cat"
run jail /bin/sh -c 'echo to-stdout; echo to-stderr >&2'
holds 'stdout and stderr stay apart' [ "$out:$err" = to-stdout:to-stderr ]
head -c 5000000 /dev/urandom >"$SCRATCH/random"
"$CE" --rootfs "$ROOT" cat <"$SCRATCH/random" >"$SCRATCH/copy"
holds '5 MB of binary data arrive unchanged' cmp "$SCRATCH/random" "$SCRATCH/copy"
run sh -c "'$CE' --rootfs '$ROOT' yes | head -n 1"
holds 'a closed pipe ends the command' [ "$out" = y ]

# -- signals to contain-exec reach the command
# watch [OPTION...]: a jail that prints the signals it gets into $SCRATCH/seen; its pid in $watcher.
# In a process group of its own, as from a shell with job control: otherwise bash would have it
# ignore INT and QUIT, and the kernel TSTP if this test's own group has no shell above it.
watch() {
	# That of the last one says that it is ready.
	: >"$SCRATCH/seen"
	set -m
	"$CE" --rootfs "$ROOT" "$@" /probe/signals watch </dev/null >"$SCRATCH/seen" 2>&1 &
	watcher=$!
	set +m
	true_within 10 grep -q ready "$SCRATCH/seen"
}
for options in '' --no-init; do
	# shellcheck disable=SC2086 # none or one
	watch $options
	for signal in HUP INT QUIT USR1 USR2 WINCH CONT; do
		kill -"$signal" "$watcher"
		number=$(kill -l "$signal")
		holds "$signal is passed on${options:+ with $options}" true_within 5 grep -qx "$number" "$SCRATCH/seen"
	done
	kill -TERM "$watcher"
	wait "$watcher"
	status=$?
	holds "TERM is passed on, and the command decides${options:+ with $options}" \
		[ "$status" -eq 0 -a "$(tail -n 1 "$SCRATCH/seen")" = 15 ]
done
launch sleep 100
has_sleep() { pgrep -x sleep >/dev/null; }
true_within 5 has_sleep
end "$launched"
status=$?
holds 'a command that does not handle TERM dies of it: 143' [ "$status" -eq 143 ]

# -- stopping and going on
state() { awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null; }
is_in_state() { [ "$(state "$1")" = "$2" ]; }
watch
payload=$(pgrep -f '^/probe/signals watch')
kill -TSTP "$watcher"
holds 'TSTP stops contain-exec' true_within 5 is_in_state "$watcher" T
holds 'TSTP stops the command' true_within 5 is_in_state "$payload" T
kill -CONT "$watcher"
holds 'CONT wakes contain-exec' true_within 5 is_in_state "$watcher" S
holds 'CONT wakes the command' true_within 5 is_in_state "$payload" S
kill -TERM "$watcher"
wait "$watcher"
holds 'and all goes on as before' [ $? -eq 0 ]

# -- what the command leaves
expect '1000 orphans are reaped' 0 '0' jail /probe/signals orphans 1000
expect '1000 orphans are reaped on --rootfs host' 0 '0' "$CE" --volume "$PROBE:/mnt" -- /mnt/signals orphans 1000
sh -c 'setsid sh -c "sleep 471 & sleep 472 &"'
holds 'a daemon outlives its parent outside' pgrep -f 'sleep 47[12]'
pkill -f 'sleep 47[12]'
run jail /bin/sh -c 'setsid sh -c "trap \"\" TERM HUP; sleep 473 & sleep 474 & exit 0"; exit 3'
holds 'a command that leaves a daemon ends with its own code' [ "$status" -eq 3 ]
no_daemon() { ! pgrep -f 'sleep 47[34]' >/dev/null; }
holds 'and the daemon with it' true_within 2 no_daemon
run jail --timeout 1 sleep 100
holds "--timeout ends the command with 124 (got $status)" [ "$status" -eq 124 ]
run jail --timeout 30 /bin/sh -c 'exit 5'
holds '--timeout leaves a command alone that ends in time' [ "$status" -eq 5 ]

# -- the command ends while the supervisor looks at something else that has happened
# LeakSanitizer cannot be traced.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -o /dev/null -e trace=poll -e inject=poll:delay_exit=300000 "$CE" --rootfs "$ROOT" \
	/bin/sh -c 'sleep 1; exit 7' </dev/null &
slowed=$!
true_within 5 pgrep -P "$slowed" -x contain-exec >/dev/null
while supervisor=$(pgrep -P "$slowed" -x contain-exec); do
	kill -WINCH "$supervisor" 2>/dev/null
	sleep 0.05
done
wait "$slowed"
code=$?
holds "a supervisor that is late still tells the command's code (got $code)" [ "$code" -eq 7 ]

# -- --status-fd
jail --status-fd 3 /bin/sh -c 'exit 9' 3>"$SCRATCH/status" </dev/null
holds '--status-fd: JSON that tells the exit code' python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert lines and lines[-1]["code"] == 9, lines' "$SCRATCH/status"
jail --status-fd 3 --volume /no/such/source:/mnt /bin/true 3>"$SCRATCH/status" </dev/null 2>/dev/null
holds '--status-fd: JSON that tells the stage and the reason of a failure' python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert "stage" in lines[-1] and "/no/such/source" in json.dumps(lines[-1]), lines' "$SCRATCH/status"
nothing_left 'nothing is left of all these jails'
finish
