#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# contain-exec --as and --policy: one command in what policy files say, beside logins that have the same.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/host/host.sh
. "$top/tests/host/host.sh"
# shellcheck source=tests/host/jails.sh
. "$top/tests/host/jails.sh"
host_start
host_install
jails_on
remember_host

policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
	[limits]
	memory = 300M
	[environment]
	FROM_POLICY = %u
END

as_alice() {
	contain-exec --as alice "$@"
}
about='id; grep -E "^(Cap(Bnd|Eff)|NoNewPrivs|Seccomp):" /proc/self/status; echo "$HOME $USER $LOGNAME $SHELL $FROM_POLICY"
	pwd; ls -A /home; ls /dev; getent passwd alice; getent group students; grep -o "^[^ ]* [^ ]*" /proc/mounts
	touch ~/made; stat -c "%U %G" ~/made; cat /proc/1/comm; touch /etc/evil 2>&1'
ssh_as alice "$about" >"$SCRATCH/by-ssh"
as_alice -- sh -c "$about" </dev/null >"$SCRATCH/by-exec"
expect 'as an account: what a login of it has' 0 '' diff "$SCRATCH/by-ssh" "$SCRATCH/by-exec"
expect 'which is its uid and all its groups' 0 'uid=1001.alice. gid=1001.alice. groups=1001.alice.,2001.students.,2002.printers.' \
	as_alice -- id
expect 'the control: outside' 0 "uid=0.*world" sh -c 'id; cat /proc/1/comm'

ssh_behind alice 'touch /tmp/of-login; sleep 20' </dev/null
true_within 5 is_running sleep
expect 'the control: another login is in the same container' 0 '/tmp/of-login' ssh_as alice ls /tmp/of-login
expect 'the command is not, but in one of its own' 2 '' as_alice -- ls /tmp/of-login
kill "$behind"
wait "$behind" 2>/dev/null

takes() {
	echo "x = bytearray($1 << 20)"
}
expect 'within its limits' 0 '' as_alice -- "$PYTHON" -c "$(takes 200)"
expect 'and beyond them' 137 '' as_alice -- "$PYTHON" -c "$(takes 400)"
expect 'options win' 0 '' as_alice --memory 600M -- "$PYTHON" -c "$(takes 400)"
expect 'exit codes are the command'"'s" 0 '3 127' sh -c 'contain-exec --as alice -- sh -c "exit 3"; a=$?
	contain-exec --as alice -- no-such-program 2>/dev/null; echo $a $?'
expect 'an account that no policy confines is confined all the same' 0 'contain-init' contain-exec --as bob -- cat /proc/1/comm
refuses 'root is not to be had' 125 '^contain-exec: --as: root cannot be had in a container' contain-exec --as root -- id

# -- a root of its own
programs_root /srv/root bash sh id cat ls head tr
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	[rootfs]
	source = /srv/root
	overlay = tmpfs
END
expect 'a root of its own: uid, groups and their names' 0 'uid=1001\(alice\) gid=1001\(alice\) groups=1001\(alice\),2001\(students\),2002\(printers\)' \
	as_alice -- id
expect 'a root of its own: its home' 0 '.*made.*' as_alice -- ls /home/alice

# -- a policy by name
policy groups/lab.conf <<-'END'
	[jail]
	enable = yes
	[rootfs]
	source = /srv/root
	[limits]
	memory = 64M
	[environment]
	LAB = yes
END
expect 'a policy by name' 0 'yes contain-init' contain-exec --policy lab -- \
	sh -c 'read -r name </proc/1/comm; echo $LAB $name'
expect 'a policy by name: its limits' 137 '' contain-exec --policy lab -- \
	sh -c 'x=$(cat /dev/zero | head -c 100000000 | tr "\\0" x); echo ${#x}'
host_stop
holds 'every jail ends' no_jails
nothing_left 'nothing is left'
finish
