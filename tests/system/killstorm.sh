#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# kill -9 at 100 random moments: of contain-exec, of the jail's init, of everything at once. What
# the kernel takes down must be gone at once; the control group and the registry entry after the
# next run. And of contain-exec at 300 moments of its first milliseconds, where each step makes
# something that the step before did not know of.
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
RANDOM=${KILLSTORM_SEED:-$$$(date +%N)}
seed=$RANDOM
RANDOM=$seed
echo "# to repeat: KILLSTORM_SEED=$seed"
exec {never}<> <(:)

jail --network bridge /bin/true # makes contain0, which stays
mkdir "$SCRATCH/layers"
remember_host

# Without what only the next run takes away.
kernel_part() { grep -vE '^(cgroup|file) ' "$1"; }
kernel_part_is_as_before() {
	host_is_as_before || cmp -s <(kernel_part "$SCRATCH/state.before") <(kernel_part "$SCRATCH/state.after")
}

# The processes of all jails and their supervisors.
jail_processes() {
	local pid ours
	ours=$(readlink /proc/self/ns/pid)
	for pid in /proc/[0-9]*; do
		[ "$(readlink "$pid/ns/pid" 2>/dev/null)" = "$ours" ] || echo "${pid#/proc/}"
	done
	pgrep contain-exec
}

strike() {
	case $1 in
	supervisor) kill -KILL "$launched" ;;
	init) true_within 2 pkill -KILL contain-init ;; # at once when there is one
	everything)
		# shellcheck disable=SC2046 # one word each
		kill -KILL "$launched" $(jail_processes)
		;;
	esac 2>/dev/null
}

started=0 killed=0 kernel_left=0 left=0
for round in $(seq 100); do
	targets=(supervisor init everything)
	target=${targets[$((round % 3))]}
	moment=$(printf '0.%04d' $((RANDOM % (round % 4 < 2 ? 50 : 150))))
	# Taking a network namespace down takes the kernel half a second.
	network=$([ $((round % 2)) -eq 0 ] && echo bridge || echo none)
	launch --network "$network" --memory 64M --pids 20 --overlay "$SCRATCH/layers" --tmpfs /mnt \
		/bin/sh -c 'echo started; sleep 20 & sleep 20' >"$SCRATCH/started" 2>/dev/null
	read -rt "$moment" -u "$never"
	strike "$target"
	wait "$launched" 2>/dev/null
	[ $? -eq 137 ] && killed=$((killed + 1))
	[ -s "$SCRATCH/started" ] && started=$((started + 1))
	if ! true_within 5 kernel_part_is_as_before; then
		kernel_left=$((kernel_left + 1))
		echo "# round $round ($target after $moment s) left:"
		diff "$SCRATCH/state.before" "$SCRATCH/state.after" | sed 's/^/# /'
	fi
	if ! jail --network "$network" --memory 64M --overlay "$SCRATCH/layers" /bin/true ||
		! true_within 5 host_is_as_before; then
		left=$((left + 1))
		echo "# round $round ($target after $moment s), after the next run:"
		diff "$SCRATCH/state.before" "$SCRATCH/state.after" | sed 's/^/# /'
	fi
done
holds "the moments lie before and after the command's start ($started of 100 after)" \
	[ "$started" -gt 5 -a "$started" -lt 98 ]
holds "contain-exec was killed ($killed times)" [ "$killed" -ge 60 ]
holds 'no process, mount, interface or address stays' [ "$kernel_left" -eq 0 ]
holds 'no control group, lease or registry entry stays after the next run' [ "$left" -eq 0 ]
for _ in $(seq 300); do
	launch --memory 64M /bin/true
	read -rt "$(printf '0.00%02d' $((RANDOM % 50)))" -u "$never"
	kill -KILL "$launched"
	wait "$launched"
done 2>/dev/null
holds 'no process, mount, interface or address stays of 300 that were killed early' \
	true_within 5 kernel_part_is_as_before
[ "$failures" -eq 0 ] || diff "$SCRATCH/state.before" "$SCRATCH/state.after" | sed 's/^/# /' | head -n 20
jail --memory 64M /bin/true
nothing_left 'nor a control group or registry entry after the next run'

expect 'an address that a killed jail had can be had again' 0 '.*' \
	jail --network bridge /bin/sh -c 'ip address show dev eth0'
nothing_left 'nothing is left in the end'
finish
