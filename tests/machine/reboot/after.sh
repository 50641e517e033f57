#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# The boot after before.sh: nothing is left of its jails, the machine went down without waiting for
# them, and the same login and the same command find everything as on the first day.
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/../lib.sh"

holds 'this is another boot' fails cmp /var/lib/contain-test-boot /proc/sys/kernel/random/boot_id
rm -f /var/lib/contain-test-boot

# Of alice, of jails, of units: all but the network devices, and this test.
host_state | grep -v '^link lo$\|^link e\|contain-tests-' >"$SCRATCH/state"
expect 'nothing is left of what ran before it' 0 '' cat "$SCRATCH/state"
expect 'no record, no lease, no socket, no limits' 0 '' eval \
	'find /run/contain /run/systemd/system.control -mindepth 1 ! -type d 2>/dev/null; true'

# sshd, logind and systemd have 90 s before they kill; jails and their sessions need none of it.
went_down() {
	journalctl --no-pager -b -1 -o cat
}
# Of a machine whose plug was pulled the log has no end.
if [ -e /var/lib/contain-test-pulled ]; then
	rm /var/lib/contain-test-pulled
	expect 'the log of the boot before has no end' 1 '' eval 'went_down | grep "Reached target.*[Rr]eboot"'
else
	holds 'the control: the log of the boot before has its end' \
		eval 'went_down | grep -q "Reached target.*[Rr]eboot"'
	holds 'and the jails in it' eval 'went_down | grep -q "contain-user-1001.scope\|contain-over.scope"'
	expect 'nothing had to be killed as too slow' 1 '' \
		eval 'went_down | grep -E "(contain|user-|session-).*[Tt]imed out"'
fi

machine_start
remember_host
expect 'alice logs in, and is in her jail' 0 'contain-init' ssh_as alice 'cat /proc/1/comm'
expect 'the same name is free again' 0 'here' /usr/local/bin/contain-exec --name over --memory 64M -- echo here
nothing_left 'nothing is left'
