#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Many at once: 50 that start together, 500 that live together.
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
jail --network bridge --memory 64M /bin/true # makes contain0, which stays
remember_host

# -- 50 at once, each with everything
pids=()
for i in $(seq 50); do
	launch --network bridge --memory 64M --pids 50 --overlay tmpfs /bin/sh -c \
		'ip -o -4 address show dev eth0; exit 7' >"$SCRATCH/one.$i" 2>&1
	pids+=("$launched")
done
failed=0
for i in $(seq 50); do
	wait "${pids[$((i - 1))]}"
	code=$?
	[ "$code" -eq 7 ] || {
		failed=$((failed + 1))
		sed "s/^/# code $code: /" "$SCRATCH/one.$i"
		echo "# number $i: code $code"
	}
done
holds "50 jails that start at once all run ($failed did not)" [ "$failed" -eq 0 ]
nothing_left 'nothing is left of 50'

pids=()
for i in $(seq 50); do
	launch --network bridge /bin/sh -c 'ip -o -4 address show dev eth0; sleep 100' >"$SCRATCH/one.$i" 2>&1
	pids+=("$launched")
done
all_have_addresses() { [ "$(cat "$SCRATCH"/one.* | grep -c ' inet ')" -eq 50 ]; }
true_within 30 all_have_addresses
different=$(cat "$SCRATCH"/one.* | awk '/ inet / { print $4 }' | sort -u | wc -l)
holds "50 jails that live at once have 50 different addresses ($different)" [ "$different" -eq 50 ]
end "${pids[@]}"
nothing_left 'nothing is left of their addresses'

# -- 500 alive at once
available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$available" -lt 3000 ]; then
	skip '500 jails alive at once' "only $available MiB of memory are available"
	finish
	exit 0
fi
pids=()
start=$(date +%s%N)
for _ in $(seq 500); do
	launch --memory 64M --pids 50 /bin/sleep 1000 2>>"$SCRATCH/errors"
	pids+=("$launched")
done
all_alive() { [ "$(pgrep -cx sleep)" -eq 500 ]; }
holds '500 jails are alive at once' true_within 60 all_alive
echo "# 500 started in $((($(date +%s%N) - start) / 1000000)) ms;" \
	"memory taken: $((available - $(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo))) MiB"
head -n 5 "$SCRATCH/errors" | sed 's/^/# /'
run jail --memory 64M /bin/sh -c 'exit 3'
holds 'the 501st works as the first did' [ "$status" -eq 3 ]
kill "${pids[@]}"
wait "${pids[@]}"
holds 'nothing is left of 500' true_within 30 host_is_as_before
finish
