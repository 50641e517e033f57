#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# What is there when the machine goes down: a session in a login's jail with limits, and a command's
# jail with limits. after.sh looks what the next boot has of them; tests/vm/run reboots in between.
# shellcheck source=tests/machine/lib.sh
# shellcheck disable=SC2016 # what stands in single quotes is for eval
. "$(dirname "$0")/../lib.sh"
# What this makes is not removed.
trap 'code=$?; [ "$code" -ne 0 ] && exit "$code"; finish' EXIT
machine_start

# In units of their own, which outlive the tests.
unit() {
	systemd-run --quiet --collect --unit="contain-test-$1" -- "${@:2}"
}
printf '[jail]\nenable = yes\n[limits]\nmemory = 300M\n' | policy users/alice.conf
holds 'a session begins' unit session "${ssh[@]}" -tt -l alice localhost 'exec sleep 4711'
holds 'alice is in it' within 40 runs alice '^sleep 4711'
holds 'and in her jail' all_inside alice
holds 'a command begins' unit command /usr/local/bin/contain-exec --name over --memory 64M -- sleep 4712
holds 'it runs in its jail' within 20 eval 'inside "$(pgrep -f "^sleep 4712")"'
expect 'both have limits' 0 '314572800 67108864' eval \
	'echo $(cat /sys/fs/cgroup/{user.slice/user-1001.slice,system.slice/contain-over.scope}/memory.max)'
holds 'systemd keeps those of the account in a file' [ -e /run/systemd/system.control/user-1001.slice.d ]
cat /proc/sys/kernel/random/boot_id >/var/lib/contain-test-boot
sync
