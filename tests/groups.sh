# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The folders of the control groups that this process is in, one a line:
#
#	own_groups

own_groups() {
	local controllers path mounted
	while IFS=: read -r _ controllers path; do
		mounted=/sys/fs/cgroup/${controllers#name=}
		if [ -z "$controllers" ]; then
			mounted=/sys/fs/cgroup/unified
			[ -d "$mounted" ] || mounted=/sys/fs/cgroup
		fi
		[ -d "$mounted${path%/}" ] && echo "$mounted${path%/}"
	done </proc/self/cgroup
}
