#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# The profile for pam-auth-update, Debian's way to put a line into the stacks that all services share:
# enabled it confines, disabled it leaves every file as it was, and beside the lines in the services'
# own files it does no harm, where the module is called twice.
# shellcheck disable=SC2016 # what stands in single quotes is for eval
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v pam-auth-update >/dev/null; then
	skip 'pam-auth-update' 'it is not there'
	exit 0
fi
machine_start
remember_host
profile=/usr/share/pam-configs/contain
cp -a /etc/pam.d "$SCRATCH/pam.d"

restore() {
	rm -f "$profile"
	cp -a "$SCRATCH/pam.d/." /etc/pam.d/
}
trap 'restore; machine_end; finish' EXIT

update() {
	DEBIAN_FRONTEND=noninteractive pam-auth-update "$@"
}

# Without the lines of docs/INSTALL.md.
sed -i '/pam_contain/d' /etc/pam.d/*
cp -a /etc/pam.d "$SCRATCH/without"
expect 'the control: without any line nobody is confined' 0 systemd ssh_as alice 'cat /proc/1/comm'
pkill -KILL -u alice

install -m 0644 /usr/local/share/contain/pam-configs/contain "$profile"
holds 'enable' update --enable contain
for file in common-session common-session-noninteractive; do
	expect "$file: the line is the last one" 0 $'session\trequired\t/usr/local/lib/security/pam_contain.so ?' \
		eval "grep ^session /etc/pam.d/$file | tail -n 1"
done
expect 'other kinds of stacks have none' 1 '' \
	grep -l pam_contain /etc/pam.d/common-auth /etc/pam.d/common-account /etc/pam.d/common-password
expect 'ssh: alice is inside' 0 contain-init ssh_as alice 'cat /proc/1/comm'
expect 'ssh: bob is not' 0 systemd ssh_as bob 'cat /proc/1/comm'
expect 'su: alice is inside' 0 contain-init su alice -c 'cat /proc/1/comm'
expect 'sudo: alice is inside' 0 contain-init sudo -u alice cat /proc/1/comm
log_mark
# Where Debian has systemd-user, which includes common-session-noninteractive.
run systemctl start user@1001.service
holds 'systemd --user of alice does not run' fails pgrep -u alice -f 'systemd --user'
systemctl reset-failed

# -- both
for service in sshd su; do
	grep pam_contain "$SCRATCH/pam.d/$service" >>"/etc/pam.d/$service"
done
log_mark
expect 'with the lines of the services as well: alice is inside' 0 contain-init ssh_as alice 'cat /proc/1/comm'
expect 'and has one session' 0 1 eval 'log_since -t contain-session -o cat | grep -c "session .* opened for alice by sshd"'
holds 'which ends' within 10 logged 'session .* closed for alice'
expect 'su: alice is inside' 0 contain-init su alice -c 'cat /proc/1/comm'
expect 'bob is not' 0 systemd ssh_as bob 'cat /proc/1/comm'
for service in sshd su; do
	sed -i '/pam_contain/d' "/etc/pam.d/$service"
done

# -- and away
holds 'disable' update --disable contain
expect 'every file is as it was' 0 '' diff -r "$SCRATCH/without" /etc/pam.d
holds 'enable once more' update --enable contain
holds 'that made a difference' fails diff -rq "$SCRATCH/without" /etc/pam.d
holds 'remove, as a package does when it is removed' update --package --remove contain
expect 'every file is as it was, again' 0 '' diff -r "$SCRATCH/without" /etc/pam.d
nothing_left 'nothing is left'
