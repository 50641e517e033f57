# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Containers that live: how many there are, what they hold, their end. All of it relies on a PID
# namespace of our own: every process in it that is called sleep is the command of one of them.

started=() # process ids of what live() started

# "PID PARENT NAME" of each process.
processes() {
	cat /proc/[0-9]*/stat 2>/dev/null | sed -E 's/^([0-9]+) \((.*)\) . ([0-9]+) .*/\1 \3 \2/'
}

sleeping_are() {
	[ "$(processes | grep -c ' sleep$')" -eq "$1" ]
}

# live COUNT NAME: start COUNT more containers of a candidate that sleep, ten at a time, and wait until
# all do.
live() {
	local count=$1 line i deadline before=${#started[@]}
	mapfile -t line < <(candidate "$2" sleep)
	for ((i = 1; i <= count; i++)); do
		"${line[@]}" </dev/null >/dev/null 2>>"$SCRATCH/live.errors" &
		started+=($!)
		[ $((i % 10)) -eq 0 ] || [ "$i" -eq "$count" ] || continue
		deadline=$((SECONDS + 30))
		until sleeping_are $((before + i)); do
			[ "$SECONDS" -lt "$deadline" ] || return 1
			sleep 0.01
		done
	done
}

# End what live() started as a container ends by itself: with its command.
end_all() {
	local pids
	mapfile -t pids < <(processes | sed -n 's/^\([0-9]*\) .* sleep$/\1/p')
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}"
	[ ${#started[@]} -eq 0 ] || wait "${started[@]}" 2>/dev/null || true
	started=()
}

# Network namespaces in the kernel, those of ended containers that are not yet taken apart included.
net_namespaces() {
	awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo 2>/dev/null
}

# settle COUNT: wait until there are no more network namespaces than that, give or take what the
# allocator holds back: the kernel takes them apart in the background, for seconds after hundreds
# have ended, and starts are slow meanwhile.
settle() {
	local deadline=$((SECONDS + 60)) now
	[ -n "$1" ] || { sleep 20; return; }
	now=$(net_namespaces)
	until [ "$now" -le $(($1 + 32)) ] || [ "$SECONDS" -ge "$deadline" ]; do
		sleep 0.2
		now=$(net_namespaces)
	done
	sleep 1
}

# keepers PID...: these processes and all below them, without the commands of containers.
keepers() {
	processes | awk -v roots="$*" '
		BEGIN {
			split(roots, list, " ")
			for (i in list)
				root[list[i]]
		}
		{
			parent[$1] = $2
			name[$1] = $3
		}
		END {
			for (pid in parent) {
				for (up = pid; !(up in root) && up in parent; )
					up = parent[up]
				if (up in root && name[pid] != "sleep")
					print pid
			}
		}'
}

# private_memory PID...: the KiB that each of these processes shares with nobody, in all: "written
# only-read".
private_memory() {
	local pid files=()
	for pid; do
		files+=("/proc/$pid/smaps_rollup")
	done
	[ $# -gt 0 ] || { echo 0 0; return; }
	awk '
		/^Private_Dirty:/ { dirty += $2 }
		/^Private_Clean:/ { clean += $2 }
		END { print dirty + 0, clean + 0 }' "${files[@]}"
}

# KiB that the kernel itself uses: objects, stacks, page tables, per-CPU memory.
kernel_memory() {
	awk '/^(Slab|KernelStack|PageTables|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo
}
