#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# What each limit does to a program that goes beyond it, and that it does nothing to one that does
# not.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
remember_host

between() {
	[ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

# member FILE EXPRESSION: evaluate EXPRESSION on the JSON in FILE, called j.
member() {
	python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

# -- memory
expect 'memory: 32 MiB fit into 64M' 0 'allocated 32 MiB' jail --memory 64M /probe/load memory 32
expect 'memory: 200 MiB fit into 400M' 0 'allocated 200 MiB' jail --memory 400M /probe/load memory 200
refuses 'memory: 200 MiB under 64M are killed, and the message says by which limit' 137 \
	'--memory.*(64M|67108864|64 MiB)' jail --memory 64M /probe/load memory 200
for alias in --memory-limit=64M '--memory-limit 64M' '-m 64M' --memory=65536K --memory=64MiB \
	--memory=67108864; do
	# shellcheck disable=SC2086 # option and value are two words
	run jail $alias /probe/load memory 200
	holds "memory: $alias is the same limit" [ "$status" -eq 137 ]
done
expect 'memory: a child that is killed does not end the command' 0 'child 137' \
	jail --memory 64M /bin/sh -c '/probe/load memory 200; echo child $?'
expect 'memory: a tmpfs counts as memory' 137 '.*' \
	jail --memory 48M --tmpfs /mnt /bin/dd if=/dev/zero of=/mnt/big bs=1M count=200
run "$CE" --memory 64M --volume "$PROBE:/mnt" -- /mnt/load memory 200
holds 'memory: the same on --rootfs host' [ "$status" -eq 137 ]

# -- tasks
expect 'pids: 10 of 10 children under 20' 0 '10' jail --pids 20 /probe/load tasks 10
run jail --pids 20 /probe/load tasks 100
holds 'pids: fewer than 20 of 100 children under 20' between 10 "${out:-0}" 20
run jail --pids-limit 20 /probe/load tasks 100
holds 'pids: --pids-limit is the same' between 10 "${out:-0}" 20
run jail /probe/load tasks 100
holds 'pids: 100 of 100 children without a limit' [ "$out" = 100 ]
launch --pids 20 --timeout 10 /probe/load bomb
sleep 1
ran=0
for _ in 1 2 3 4 5 6 7 8 9 10; do /bin/true && ran=$((ran + 1)); done
tasks=$(pgrep -xc load)
holds 'pids: programs can be started beside a fork bomb' [ "$ran" -eq 10 ]
holds "pids: a fork bomb is held ($tasks tasks)" between 15 "$tasks" 20
wait "$launched"
nothing_left 'pids: the fork bomb ends with its jail'

# -- processor
for options in '--cpu 50000' '--cpus 0.5'; do
	# shellcheck disable=SC2086
	run jail $options /probe/load spin 2000
	holds "cpu: 2 s of spinning under $options get 1 s (got ${out:-?} ms)" \
		between 850 "${out:-0}" 1150
done
run jail /probe/load spin 1000
# Its start counts too, and a machine may let it spin a little longer: the control is that it gets more
# than the half of before.
holds "cpu: 1 s of spinning without a limit gets all of it (got ${out:-?} ms)" [ "${out:-0}" -ge 850 ]
run jail --cpu-weight 10 /probe/load spin 50
holds 'cpu-weight is accepted' [ "$status" -eq 0 ]
if [ "$(nproc)" -gt 1 ]; then
	expect 'cpuset: nproc without a limit' 0 "$(nproc)" jail /bin/nproc
	for options in '--cpu-core-ids 1' '--cpu-coreids 1-1' '--cpuset-cpus 1,1'; do
		# shellcheck disable=SC2086
		expect "cpuset: $options gives one core, number 1" 0 '1 1' jail $options /bin/sh -c \
			'echo $(nproc) $(sed -n "s/Cpus_allowed_list:\t//p" /proc/self/status)'
	done
	expect 'cpuset: 0-1 gives two' 0 2 jail --cpu-core-ids 0-1 /bin/nproc
	expect 'cpuset: the command cannot widen it' 0 '1' jail --cpu-core-ids 1 /bin/sh -c \
		'taskset -p 3 $$ >/dev/null 2>&1; nproc'
else
	skip 'cpuset' 'this machine has one processor'
fi

# -- rlimits
expect 'rlimit as: 200 MiB under 64M are refused' 1 'refused: .*' \
	jail --rlimit as=64M /probe/load memory 200
expect 'rlimit as: 32 MiB under 64M fit' 0 'allocated.*' \
	jail --rlimit as=64M /probe/load memory 32
expect 'rlimit nofile' 0 '37' jail --rlimit nofile=40 /probe/load files 100
expect 'rlimit nofile: soft and hard' 0 '30 40' \
	jail --rlimit nofile=30:40 /bin/sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
expect 'rlimit nproc' 0 '[0-9]' \
	jail --user alice --rlimit nproc=5 /probe/load tasks 50
expect 'rlimit core and fsize' 0 '0 [0-9]+' \
	jail --rlimit core=0 --rlimit fsize=1M /bin/sh -c 'echo $(ulimit -c) $(ulimit -f)'

# -- input and output, on the disk that holds the scratch directory
disk=$(stat -c '%Hd:%Ld' "$SCRATCH")
mkdir "$SCRATCH/data"
chmod 0777 "$SCRATCH/data"
run jail --volume "$SCRATCH/data:/mnt" /probe/load write /mnt/fast 8
fast=$out
run jail --volume "$SCRATCH/data:/mnt" --io-max "$disk:wbps=4M" /probe/load write /mnt/slow 8
if [ -z "$fast" ]; then
	not_ok 'io: 8 MiB can be written to a volume' "$(shown)"
elif [ "$status" -eq 125 ]; then
	skip 'io, 8 MiB at 4M a second take 2 s' "$err"
elif [ "$fast" -ge 1500 ]; then
	skip 'io, 8 MiB at 4M a second take 2 s' "the disk needs $fast ms without a limit"
else
	holds "io: 8 MiB at 4M a second take 2 s (took ${out:-?} ms, $fast without)" \
		between 1500 "${out:-0}" 4000
fi

# -- what was used
run jail --stats=json --memory 64M --pids 30 /bin/sh -c '/probe/load memory 20; /probe/load spin 200; :'
grep '^{' "$SCRATCH/err" >"$SCRATCH/stats" || cp "$SCRATCH/err" "$SCRATCH/stats"
if member "$SCRATCH/stats" 'sorted(j)' >"$SCRATCH/out" 2>&1; then
	ok 'stats: one JSON object'
else
	not_ok 'stats: one JSON object' "$(shown)" "$(cat "$SCRATCH/out")"
fi
echo "# $(cat "$SCRATCH/stats")"

# -- the limits of one jail are not those of its neighbour
launch --memory 64M --pids 20 sleep 30
expect 'another jail is not limited' 0 'allocated 100 MiB' jail --memory 200M /probe/load memory 100
end "$launched"
expect 'the control group inside is the root' 0 '0' \
	jail --memory 64M /bin/sh -c 'grep -vc ":/$" /proc/self/cgroup; true'
nothing_left 'nothing is left of all these jails'
finish
