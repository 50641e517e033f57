# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The folders of the control groups that this process is in, one a line:
#
#	own_groups
#
# cgroup v2 allows limits below a group only where the group has no processes of its own, so those
# of a test are in a folder "tests" of it, beside which jails can be made. That folder is not meant:
#
#	has_controllers GROUP		it is one of cgroup v2 that has those of our limits
#	limits_below GROUP		its controllers are on for what is below it
#	step_aside			a process that is alone in its group, as in a scope of systemd
#					that is delegated to it, goes into "tests"; else nothing is done

# Sets $mounted to where the hierarchy of the controllers $1 is mounted.
hierarchy() {
	mounted=/sys/fs/cgroup/${1#name=}
	if [ -z "$1" ]; then
		mounted=/sys/fs/cgroup/unified
		[ -d "$mounted" ] || mounted=/sys/fs/cgroup
	fi
}

own_groups() {
	local controllers path mounted
	while IFS=: read -r _ controllers path; do
		hierarchy "$controllers"
		[ -n "$controllers" ] || path=${path%/tests}
		[ -d "$mounted${path%/}" ] && echo "$mounted${path%/}"
	done </proc/self/cgroup
}

has_controllers() {
	[ -e "$1/cgroup.controllers" ] && grep -qwE 'memory|pids' "$1/cgroup.controllers"
}

# One by one: a kernel may refuse one of them.
limits_below() {
	local controller
	for controller in $(<"$1/cgroup.controllers"); do
		echo "+$controller" 2>/dev/null >"$1/cgroup.subtree_control" || true
	done
}

step_aside() {
	local controllers path mounted group processes
	while IFS=: read -r _ controllers path; do
		[ -z "$controllers" ] || continue
		hierarchy ''
		group=$mounted$path
	done </proc/self/cgroup
	# The root of the hierarchy has no type, and needs none of this.
	[ -n "${group:-}" ] && [ -e "$group/cgroup.type" ] && has_controllers "$group" || return 0
	mapfile -t processes <"$group/cgroup.procs"
	[ "${processes[*]}" = $$ ] || return 0
	mkdir "$group/tests" 2>/dev/null
	if echo $$ 2>/dev/null >"$group/tests/cgroup.procs"; then
		limits_below "$group"
	fi
}
