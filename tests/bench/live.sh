# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Containers that live: how many there are, what they hold, their end. Everything here relies on a
# PID namespace of our own: each process in it that sleeps is the command of one of them.

# "PID PARENT NAME" of each process. Names of ours have no space.
processes() {
	sed -E 's/^([0-9]+) \((.*)\) . ([0-9]+) .*/\1 \3 \2/' /proc/[0-9]*/stat 2>/dev/null
}

sleeping() {
	processes | grep -c ' sleep$'
}

# true_within SECONDS COMMAND...
true_within() {
	local deadline=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

sleeping_are() {
	[ "$(sleeping)" -eq "$1" ]
}

# live COUNT NAME: start COUNT containers of a candidate that sleep, ten at a time, and wait until
# all do. Their process ids are then in $started.
live() {
	local count=$1 line i
	mapfile -t line < <(candidate "$2" sleep)
	started=()
	for ((i = 1; i <= count; i++)); do
		"${line[@]}" </dev/null >/dev/null 2>>"$SCRATCH/live.errors" &
		started+=($!)
		if [ $((i % 10)) -eq 0 ] || [ "$i" -eq "$count" ]; then
			true_within 30 sleeping_are "$i" || return 1
		fi
	done
}

# End what live() started: by its command, as a container ends by itself.
end_all() {
	local pids
	mapfile -t pids < <(processes | sed -n 's/^\([0-9]*\) .* sleep$/\1/p')
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}"
	wait "${started[@]}" 2>/dev/null
	started=()
}

# The processes that keep the container of process $1 alive, itself included, without its command.
keepers() {
	processes | awk -v root="$1" '
		{ parent[$1] = $2; name[$1] = $3 }
		END {
			for (pid in parent) {
				for (up = pid; up != root && up in parent; )
					up = parent[up]
				if (up == root && name[pid] != "sleep")
					print pid
			}
		}'
}

# private_memory PID...: KiB that these processes share with nobody: written, only read, and their
# number.
private_memory() {
	local pid files=()
	for pid; do
		files+=("/proc/$pid/smaps_rollup")
	done
	[ $# -gt 0 ] || { echo 0 0 0; return; }
	awk -v count=$# '
		/^Private_Dirty:/ { dirty += $2 }
		/^Private_Clean:/ { clean += $2 }
		END { print dirty + 0, clean + 0, count }' "${files[@]}"
}

# KiB that the kernel itself uses: objects, stacks, page tables, per-CPU memory.
kernel_memory() {
	awk '/^(Slab|KernelStack|PageTables|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo
}
