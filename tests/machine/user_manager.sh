#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# "systemd --user" of a confined account never runs on the host, where it would start anything that
# its owner has written into a unit file: not at a login, not by lingering, not by a request of
# root's. Nor does that leave a failed unit or hold a login up.
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
logind_conf UserStopDelaySec=0
remember_host

# A unit of USER's that runs whenever their manager does, and leaves a file that tells where it ran.
plant() {
	local units=/home/$1/.config/systemd/user
	rm -f "/home/$1/ran"
	install -d -o "$1" -g "$1" "/home/$1/.config" "/home/$1/.config/systemd" "$units" \
		"$units/default.target.wants"
	printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "cat /proc/1/comm >%%h/ran"\n' \
		>"$units/planted.service"
	ln -sf ../planted.service "$units/default.target.wants/planted.service"
}

manager_runs() {
	pgrep -u "$1" -f 'systemd --user' >/dev/null
}

ran_on_host() {
	[ -s "/home/$1/ran" ] && [ "$(cat "/home/$1/ran")" != contain-init ]
}
plant alice
plant bob
expect 'doctor: a machine that was set up as the page says has no problem but with its mail system' 1 \
	$'problem: mail: exim4: .*\n1 problem, 0 hints; .*' containctl doctor
expect 'doctor: nobody confined lingers' 1 '' eval 'containctl doctor | grep linger:'

# -- at a login
hold bob
holds 'the control: a login of bob starts his manager' within 20 manager_runs bob
holds 'and that runs the unit in his home, on the host' within 20 ran_on_host bob
release "$held"
hold alice
alice_session=$held
expect 'alice is logged in, in her jail' 0 'contain-init' ssh_as alice 'cat /proc/1/comm'
expect 'her manager does not run' 3 'inactive' systemctl is-active user@1001.service
holds 'nor any process of hers on the host' all_inside alice
holds 'nor did the unit in her home' [ ! -e /home/alice/ran ]
expect 'no failed unit is left' 0 '' systemctl list-units --failed --plain --no-legend
holds 'the log says that it was skipped' logged 'user@1001\.service.*(Skipped|being skipped|skipped because)'

# -- by a request of root's, as polkit lets the owner of an active session make one
run systemctl start user@1001.service
holds 'root starts it: it does not run' fails manager_runs alice
holds 'nor does the unit' [ ! -e /home/alice/ran ]
run systemctl stop user@1002.service
holds 'the control: the same for bob runs' systemctl start user@1002.service
systemctl stop user@1002.service

# -- without the drop-in it is the module's line that refuses
drop_in=/etc/systemd/system/user@.service.d/contain.conf
mv "$drop_in" "$SCRATCH/drop-in"
systemctl daemon-reload
run systemctl start user@1001.service
holds 'without the drop-in: the start fails' [ "$status" -ne 0 ]
holds 'and nothing of hers runs outside' all_inside alice
holds 'nor did the unit' [ ! -e /home/alice/ran ]
holds 'the log says who refused it' logged 'refused alice by systemd-user: '
systemctl reset-failed user@1001.service
mv "$SCRATCH/drop-in" "$drop_in"
systemctl daemon-reload
release "$alice_session"

# -- lingering, of which she has none of her own
rm -f /home/*/ran
holds 'bob lingers' loginctl enable-linger bob
holds 'the control: his manager runs without a login' within 20 manager_runs bob
holds 'and the unit' within 20 ran_on_host bob
holds 'alice lingers' loginctl enable-linger alice
expect 'doctor says so, and not of bob' 0 'hint: linger: alice: .*' eval 'containctl doctor | grep linger:'
# As at boot, which is when it counts.
systemctl restart systemd-logind
sleep 5
holds 'nothing of hers runs' ends_within 10 runs alice .
holds 'nor did the unit in her home' [ ! -e /home/alice/ran ]
expect 'and no failed unit is left' 0 '' systemctl list-units --failed --plain --no-legend
expect 'her logins work' 0 'contain-init' ssh_as alice 'cat /proc/1/comm'
loginctl disable-linger alice
loginctl disable-linger bob
nothing_left 'nothing is left'

# -- what it costs a login; the second one finds the slice and the jail still there
logind_conf
milliseconds() {
	local start=${EPOCHREALTIME/[.,]/}
	"$@" >/dev/null 2>&1 </dev/null
	echo $(((${EPOCHREALTIME/[.,]/} - start) / 1000))
}
first_logins() {
	local user
	for user in alice bob; do
		within 20 nothing_runs "$user"
		systemctl stop "user@$(id -u "$user").service" "user-$(id -u "$user").slice"
		echo "# $1, $user: $(milliseconds ssh_as "$user" true) ms for the first login," \
			"$(milliseconds ssh_as "$user" true) ms for the second"
	done
}
first_logins 'as installed'
mv "$drop_in" "$SCRATCH/drop-in"
systemctl daemon-reload
first_logins 'without the drop-in'
mv "$SCRATCH/drop-in" "$drop_in"
systemctl daemon-reload
