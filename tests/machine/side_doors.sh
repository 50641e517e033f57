#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# All the ways that a machine with systemd offers to run something as an account, tried by the account
# from inside its jail and by root on its behalf: each ends in the jail or is refused, but for those
# that only root has and docs/THREAT-MODEL.md calls open. bob, who is not confined, is the control.
# shellcheck disable=SC2016 # what stands in single quotes is for eval
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
remember_host

# Tells where it runs, in the home of whoever runs it: "contain-init", or PID 1 of the host.
cat >/usr/local/bin/where-am-i <<-'SCRIPT'
	#!/bin/sh
	cat /proc/1/comm >"/home/$(id -un)/where.$1"
SCRIPT
# What a person can try by themselves, on the machine that they are logged in to.
cat >/usr/local/bin/try-doors <<-'SCRIPT'
	#!/bin/sh
	exec </dev/null >/dev/null 2>&1
	echo '/usr/local/bin/where-am-i at' | at now
	echo '0 0 1 1 * /usr/local/bin/where-am-i crontab' | crontab -
	timeout 10 systemd-run --user --wait --quiet /usr/local/bin/where-am-i systemd-run
	timeout 10 busctl --user call org.freedesktop.DBus /org/freedesktop/DBus \
		org.freedesktop.DBus StartServiceByName su contain.test.Where 0
	timeout 10 busctl --system status org.freedesktop.login1 && touch ~/where.bus
	timeout 10 loginctl enable-linger
	timeout 10 machinectl list && touch ~/where.machinectl
	timeout 10 systemctl --no-pager status cron && touch ~/where.systemctl
	sudo -n -u "$(id -un)" /usr/local/bin/where-am-i sudo
	exit 0
SCRIPT
chmod 0755 /usr/local/bin/where-am-i /usr/local/bin/try-doors
printf '%s ALL=(ALL) NOPASSWD: ALL\n' alice bob >/etc/sudoers.d/contain-test
chmod 0440 /etc/sudoers.d/contain-test
cp /etc/pam.d/su /etc/pam.d/unlisted
for user in alice bob; do
	services=/home/$user/.local/share/dbus-1/services
	install -d -o "$user" -g "$user" "/home/$user/.local" "/home/$user/.local/share" \
		"${services%/*}" "$services"
	printf '[D-BUS Service]\nName=contain.test.Where\nExec=/usr/local/bin/where-am-i bus-activation\n' \
		>"$services/contain.test.Where.service"
	echo '/usr/local/bin/where-am-i rc' | install -o "$user" -m 0600 /dev/stdin "/home/$user/.ssh/rc"
done

came_out() {
	[ -s "/home/$1/where.$2" ]
}

# ------------------------------------------------------------------------ by the account itself

ssh_seconds=90
ssh_as bob /usr/local/bin/try-doors
ssh_as alice /usr/local/bin/try-doors

expect 'bob: ~/.ssh/rc, the control' 0 systemd cat /home/bob/where.rc
expect 'alice: ~/.ssh/rc runs in the jail' 0 contain-init cat /home/alice/where.rc

# only_bob DOOR WHAT: it led bob somewhere, and alice nowhere.
only_bob() {
	if within 20 [ -e "/home/bob/where.$1" ]; then
		holds "alice: $2: refused" [ ! -e "/home/alice/where.$1" ]
	else
		not_ok "alice: $2: refused" "it did not work for bob either"
	fi
}
only_bob at 'at, from inside'
only_bob systemd-run 'systemd-run --user, from inside'
only_bob bus-activation 'a service of the session bus, from inside'
only_bob bus 'the system bus, from inside'
only_bob machinectl 'machinectl, from inside'
only_bob systemctl 'systemctl, from inside'
only_bob sudo 'sudo, with rights to use it, from inside'
holds 'bob: crontab, the control' crontab -l -u bob
holds 'alice: crontab, from inside: refused' fails crontab -l -u alice
holds 'bob: enable-linger, the control' [ -e /var/lib/systemd/linger/bob ]
holds 'alice: enable-linger, from inside: refused' [ ! -e /var/lib/systemd/linger/alice ]
crontab -r -u bob
loginctl disable-linger bob

# --------------------------------------------------------------------- by root, on their behalf

# door NAME FUNCTION: called for bob it leads to the host, and called for alice to $wanted: into the
# jail, to the host, or nowhere, which is "refused".
door() {
	rm -f /home/{alice,bob}/where.root
	run "$2" bob
	if ! within 20 came_out bob root || [ "$(cat /home/bob/where.root)" != systemd ]; then
		not_ok "root: $1" 'the control: it does not work for bob' "$(shown)"
		return
	fi
	run "$2" alice
	if [ "$wanted" = refused ]; then
		holds "root: $1: refused" [ ! -e /home/alice/where.root ]
		return
	fi
	within 20 came_out alice root
	expect "root: $1: $([ "$wanted" = contain-init ] && echo in the jail || echo open)" 0 "$wanted" \
		cat /home/alice/where.root
}

door_su() {
	su "$1" -c '/usr/local/bin/where-am-i root'
}
door_su_login() {
	su - "$1" -c '/usr/local/bin/where-am-i root'
}
door_runuser_login() {
	runuser -l "$1" -c '/usr/local/bin/where-am-i root'
}
door_sudo() {
	sudo -u "$1" /usr/local/bin/where-am-i root
}
# Such jobs run when cron starts, once a boot.
door_cron() {
	echo '@reboot /usr/local/bin/where-am-i root' | crontab -u "$1" -
	rm -f /run/crond.reboot
	systemctl restart cron
	within 20 came_out "$1" root
	crontab -r -u "$1"
}
door_cron_d() {
	echo "@reboot $1 /usr/local/bin/where-am-i root" >/etc/cron.d/contain-test
	rm -f /run/crond.reboot
	systemctl restart cron
	within 20 came_out "$1" root
	rm -f /etc/cron.d/contain-test
}
# The job begins in the directory that at was called in, which must be there in the jail, too.
door_at() {
	echo '/usr/local/bin/where-am-i root' |
		(cd "/home/$1" && setpriv --reuid="$1" --regid="$1" --init-groups at now)
}
door_unit() {
	timeout 30 systemd-run --wait --quiet --pipe "$@"
}
door_uid() {
	door_unit --uid="$1" /usr/local/bin/where-am-i root
}
door_property() {
	door_unit -p User="$1" /usr/local/bin/where-am-i root
}
door_pam_login() {
	door_unit -p User="$1" -p PAMName=login /usr/local/bin/where-am-i root
}
door_pam_unlisted() {
	door_unit -p User="$1" -p PAMName=unlisted /usr/local/bin/where-am-i root
}
door_machinectl() {
	timeout 30 machinectl --quiet shell "$1@" /usr/local/bin/where-am-i root </dev/null
	sleep 2
}
door_run0() {
	timeout 30 run0 --user="$1" /usr/local/bin/where-am-i root </dev/null
}
door_user_manager() {
	timeout 30 systemd-run --user -M "$1@" --wait --quiet /usr/local/bin/where-am-i root
}
door_runuser() {
	runuser -u "$1" -- /usr/local/bin/where-am-i root
}
door_setpriv() {
	setpriv --reuid="$1" --regid="$1" --init-groups /usr/local/bin/where-am-i root
}

wanted=contain-init
door 'su' door_su
door 'runuser -u' door_runuser
door 'su -' door_su_login
door 'runuser -l' door_runuser_login
door 'sudo -u' door_sudo
door 'a crontab' door_cron
door '/etc/cron.d' door_cron_d
door 'at' door_at

# Before 255 systemd executes the program in the process that has opened the session.
[ "$(systemctl --version | awk 'NR == 1 { print $2 }')" -ge 255 ] || wanted=refused
door 'a unit with User= and PAMName=login' door_pam_login
door 'machinectl shell' door_machinectl
if command -v run0 >/dev/null; then
	door 'run0' door_run0
fi
wanted=refused
door 'systemd-run --user -M' door_user_manager

# Exim as Debian configures it, until what doctor says is done.
door_forward() {
	echo '|/usr/local/bin/where-am-i root' | install -o "$1" -m 0644 /dev/stdin "/home/$1/.forward"
	printf 'Subject: a program\n\nRun it.\n' | /usr/sbin/exim4 -odf "$1@localhost"
}
mend_mail() {
	containctl doctor --json | "$PYTHON" -c 'import json, sys
print(*[f["command"] for f in json.load(sys.stdin)["findings"] if f["check"] == "mail"], sep="\n")' | bash -eu
}
wanted=systemd
cp -a /etc/exim4 "$SCRATCH"
door 'a .forward file, with the mail system as it comes' door_forward
expect 'doctor knows of it' 1 '.*problem: mail: exim4: .*' containctl doctor
holds 'and how to close it' mend_mail
rm -f /home/{alice,bob}/where.root
run door_forward bob
run door_forward alice
holds 'root: a .forward file, then: refused' eval '! within 5 came_out alice root && ! came_out bob root'
expect 'doctor is content' 0 '.*0 problems.*' containctl doctor
cp -a "$SCRATCH/exim4" /etc
update-exim4.conf

# Root's alone, and no session is opened, or one of a service that is not listed.
wanted=systemd
door 'setpriv' door_setpriv
door 'systemd-run --uid' door_uid
door 'a unit with User=' door_property
door 'a unit with User= and a service that is not listed' door_pam_unlisted

rm -f /usr/local/bin/{where-am-i,try-doors} /etc/sudoers.d/contain-test /etc/pam.d/unlisted
# Units that root has asked for and that were refused.
systemctl reset-failed
nothing_left 'nothing is left'
