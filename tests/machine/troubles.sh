#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Logins while something that they need is out of order: /run is full, there is no message bus, logind
# is being restarted. A confined account gets into its jail or is refused with a line that says so, in
# bounded time, and never runs anything outside; afterwards everything works again.
# shellcheck disable=SC2016 # what stands in single quotes is for eval
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
remember_host
ssh_seconds=60

# in_trouble WHAT: bob gets in, which shows that the machine lets people in at all; alice is inside or
# refused.
in_trouble() {
	local what=$1
	run ssh_as bob 'cat /proc/1/comm'
	if [ "$out" != systemd ]; then
		not_ok "$what: alice" 'the control: bob cannot log in either' "$(shown)"
		return
	fi
	run ssh_as alice 'cat /proc/1/comm'
	if [ "$status" -eq 0 ] && [ "$out" = contain-init ]; then
		ok "$what: alice"
		echo "# she is in her jail"
	elif [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && [ "$status" -ne 137 ] && [[ $out != *systemd* ]] &&
		[ "$(printf '%s\n' "$out$err" | grep -cE '[ (][0-9a-f]{8}\b')" -eq 1 ]; then
		# What is above is sshd's greeting.
		ok "$what: alice"
		echo "# she is refused: $(printf '%s\n' "$out$err" | tail -n 1)"
	else
		not_ok "$what: alice" "$(shown)" "$(log_since -t contain-session -o cat -n 5)"
	fi
}

afterwards() {
	expect "after that: $1: alice" 0 contain-init ssh_as alice 'cat /proc/1/comm'
}

# -- AppArmor, as the machine has it
expect 'AppArmor is enabled' 0 Y cat /sys/module/apparmor/parameters/enabled
holds 'and has profiles' [ -n "$(ls /sys/kernel/security/apparmor/policy/profiles)" ]
afterwards 'nothing is wrong'

# -- /run is full: of bytes, of files
fill_run() {
	fallocate -l "$(df --output=avail -B1 /run | tail -n 1)" /run/contain-test-filler
	cat /dev/zero >/run/contain-test-filler.rest 2>/dev/null
}
within 15 fails pgrep -x contain-init >/dev/null
fill_run
holds 'the control: /run is full' fails eval 'head -c 8192 /dev/zero 2>/dev/null >/run/contain-test-more'
in_trouble '/run is full'
rm -f /run/contain-test-filler* /run/contain-test-more
afterwards '/run is full'

# -- no message bus
within 15 fails pgrep -x contain-init >/dev/null
systemctl stop dbus.socket dbus.service 2>/dev/null
holds 'the control: there is no bus' fails busctl --system list
in_trouble 'no message bus'
systemctl start dbus.socket dbus.service
systemctl restart systemd-logind
within 20 eval 'loginctl list-sessions >/dev/null 2>&1'
afterwards 'no message bus'

# -- logind is being restarted
systemctl restart systemd-logind &
in_trouble 'logind restarts'
wait "$!"
systemctl stop systemd-logind
in_trouble 'logind was stopped, and starts when it is asked'
systemctl start systemd-logind
afterwards 'logind restarts'

systemctl reset-failed
nothing_left 'nothing is left'
