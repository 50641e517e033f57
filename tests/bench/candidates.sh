# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Who is measured, and with which options: everybody on the same root, and with as much of the same
# isolation as it can do.
#
#	make_candidates		fills the tables, makes what they need below $SCRATCH
#	candidate NAME COMMAND	prints the words of a candidate that runs COMMAND (true, sleep or
#				look), one a line; if it is not installed it prints why instead, and
#				returns 1

# A candidate's words, one a line. What it is to run follows them, or stands in a bundle: then one
# of them ends in %COMMAND%.
declare -A words=()
names=() # in the order of the report
declare -A most_runs=(['runc, limits']=30 ['systemd-nspawn']=30)

declare -A command_lines=(
	[true]='/bin/true'
	[sleep]='/bin/sleep 1000000'
	[look]='/bin/look'
)

add() {
	local name=$1 IFS=$'\n'
	shift
	names+=("$name")
	words[$name]="$*"
}

# Tells from inside which namespaces it is in, and whether calls are filtered.
make_look() {
	cat >"$ROOT/bin/look" <<-'END'
		#!/bin/sh
		for kind in user mnt pid net ipc uts cgroup; do
			readlink "/proc/self/ns/$kind"
		done
		sed -n 's/^Seccomp:[[:space:]]*/seccomp /p' /proc/self/status
	END
	chmod 0755 "$ROOT/bin/look"
}

make_bundles() {
	local command profile=$BUILD/seccomp/default.json line
	for command in "${!command_lines[@]}"; do
		read -ra line <<<"${command_lines[$command]}"
		"$bench/bundle.py" --seccomp "$profile" "$SCRATCH/plain.$command" "$ROOT" -- "${line[@]}"
		"$bench/bundle.py" --seccomp "$profile" --limits "$SCRATCH/limits.$command" "$ROOT" -- \
			"${line[@]}"
	done
}

make_candidates() {
	local limits=(--memory 64M --pids 64 --cpus 0.5)
	local contain_exec=("$BUILD/contain-exec" --rootfs "$ROOT")
	local bwrap=(bwrap --unshare-all --uid 0 --gid 0 --bind "$ROOT" / --proc /proc)
	# What a login's network is by default, and a limit of it.
	local full_network=(--network bridge --egress internet --host-access none --isolate yes
		--bandwidth 20M/5M)
	local nspawn=(systemd-nspawn --quiet --register=no --keep-unit --directory "$ROOT"
		--private-network --private-users=2000000000:65536 --as-pid2)
	make_look
	make_bundles
	add 'no container' ''
	add 'floor' "$SCRATCH/floor" "$ROOT"
	add 'bwrap, without /dev' "${bwrap[@]}"
	add 'bwrap' "${bwrap[@]}" --dev /dev
	add 'crun, no cgroup' crun --cgroup-manager=disabled run \
		--bundle "$SCRATCH/plain.%COMMAND%" bench
	add 'crun, limits' crun run --bundle "$SCRATCH/limits.%COMMAND%" bench
	add 'runc, limits' runc run --bundle "$SCRATCH/limits.%COMMAND%" bench
	add 'systemd-nspawn' "${nspawn[@]}"
	add 'contain-exec' "${contain_exec[@]}" --
	add 'contain-exec, limits' "${contain_exec[@]}" "${limits[@]}" --
	add 'contain-exec, overlay' "${contain_exec[@]}" --overlay tmpfs --
	add 'contain-exec, bridge' "${contain_exec[@]}" --network bridge --
	add 'contain-exec, full network' "${contain_exec[@]}" "${full_network[@]}" --
	add 'contain-exec, a port' "${contain_exec[@]}" -p 8080:80 --
	add 'contain-exec, all of these' "${contain_exec[@]}" "${limits[@]}" --overlay tmpfs \
		--network bridge --
	add 'contain-exec --seccomp none' "${contain_exec[@]}" --seccomp none --
	add 'contain-exec --no-init' "${contain_exec[@]}" --no-init --
	add 'contain-exec --userns host' "${contain_exec[@]}" --userns host --
	add 'contain-exec --network host' "${contain_exec[@]}" --network host --
}

candidate() {
	local text=${words[$1]} line=${command_lines[$2]} program
	program=${text%%$'\n'*}
	if [ "$1" = 'no container' ]; then
		text='' line=$ROOT$line
	elif ! command -v "$program" >/dev/null; then
		echo "$program is not installed (make deps-bench)"
		return 1
	fi
	case $text in
	*%COMMAND%*) printf '%s\n' "${text//%COMMAND%/$2}" ;;
	*) printf '%s\n' ${text:+"$text"} "${line// /$'\n'}" ;;
	esac
}
