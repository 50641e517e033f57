#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# A confined login is to logind what any login is: it has a session that says who, from where and
# through what; terminating the session or the user ends what runs in the jail; KillUserProcesses=
# holds there; and logging out, once or many times, leaves nothing.
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
logind_conf UserStopDelaySec=0
remember_host

# One line of what logind says of USER's only session.
session_says() {
	loginctl show-session "$(sessions_of "$1")" \
		-p Name -p User -p Service -p Remote -p RemoteHost -p Type -p Class -p State -p TTY |
		sort | tr '\n' ' '
}

# -- a session, as logind has it, and its end. Which terminal it is on, it has from utmp.
tty='pts/[0-9]+(@user-UID)?'
[ -e /run/utmp ] || tty=
check_session() {
	local user=$1 uid=$2 id leader
	hold "$user"
	expect "$user: there is one session" 0 '[0-9a-z]+' sessions_of "$user"
	id=$(sessions_of "$user")
	expect "$user: it says who, from where, through what" 0 \
		"Class=user Name=$user Remote=yes RemoteHost=(::1|127.0.0.1) Service=sshd State=active TTY=${tty//UID/$uid} Type=tty User=$uid " \
		session_says "$user"
	leader=$(loginctl show-session "$id" -p Leader --value)
	expect "$user: its leader is the process that opened it" 0 'sshd(-session)?' \
		cat "/proc/$leader/comm"
	expect "$user: what runs in it is in its scope" 0 "session-$id.scope" scope_of_sleep "$user"
	holds "$user: terminate-session is accepted" loginctl terminate-session "$id"
	holds "$user: terminate-session ends what runs" ends_within 15 runs "$user" 'sleep 4711'
	holds "$user: and the connection" ends_within 15 kill -0 "$held"
	holds "$user: and the session" ends_within 15 has_sessions "$user"
}

# Where the person's process is in the tree of control groups, as systemd names the unit.
scope_of_sleep() {
	sed -n 's|^0::||p' "/proc/$(pgrep -u "$1" -f 'sleep 4711')/cgroup" |
		grep -oE 'session-[0-9a-z]+\.scope'
}
check_session bob 1002
check_session alice 1001

check_terminate_user() {
	local user=$1 first
	hold "$user"
	first=$held
	hold "$user"
	expect "$user: two sessions" 0 2 eval "sessions_of $user | wc -l"
	holds "$user: terminate-user is accepted" loginctl terminate-user "$user"
	holds "$user: terminate-user ends what runs in both" ends_within 15 runs "$user" 'sleep 4711'
	holds "$user: and both connections" ends_within 15 kill -0 "$first" "$held"
	holds "$user: and both sessions" ends_within 15 has_sessions "$user"
}
check_terminate_user bob
check_terminate_user alice
# Not the slice and the runtime directory: systemd looks whether it needs them when user@.service ends,
# which for an account without one is not now but after the next session.
units_of_sessions() {
	systemctl list-units --plain --no-legend 'session-*.scope' | grep -E 'of User (alice|bob)'
}
holds 'terminated sessions leave no scope' ends_within 15 units_of_sessions
holds 'and no process of a jail' ends_within 15 pgrep -x contain-init

# -- what is left running at logout; a jail that lingers, so that it is not the jail's end
background='setsid sleep 4712 >/dev/null 2>&1 </dev/null & :'
printf '[jail]\nenable = yes\nlinger = yes\n' | policy users/alice.conf
for user in bob alice; do
	expect "$user: logs out, a process in the background" 0 '' ssh_as "$user" "$background"
	holds "$user: the control: without KillUserProcesses it stays" eval \
		"sleep 2; runs $user 'sleep 4712'"
	pkill -u "$user" -f 'sleep 4712'
done
logind_conf UserStopDelaySec=0 KillUserProcesses=yes
for user in bob alice; do
	expect "$user: logs out once more" 0 '' ssh_as "$user" "$background"
	holds "$user: KillUserProcesses=yes ends it" ends_within 15 runs "$user" 'sleep 4712'
	pkill -u "$user" -f 'sleep 4712'
done
confine_alice
# Not at once from here on: where the session, the jail and what logind stops for the user end in the
# same moment, systemd 252 can forget to stop the slice, which it otherwise does when nobody needs it.
within 15 nothing_runs bob
logind_conf UserStopDelaySec=3
expect 'alice: logs out, with a process in the background' 0 '' ssh_as alice "$background"
holds 'and it ends with her jail, which does not linger' ends_within 20 runs alice 'sleep 4712'
nothing_left 'logging out leaves nothing'

# -- many logins, four at a time, for as long as CONTAIN_MACHINE_SECONDS says or until there were
# CONTAIN_MACHINE_LOGINS
seconds=${CONTAIN_MACHINE_SECONDS:-20}
wanted=${CONTAIN_MACHINE_LOGINS:-200}
one_after_the_other() {
	local end=$((SECONDS + seconds)) count=0
	while [ "$SECONDS" -lt "$end" ] && [ "$count" -lt $((wanted / 4)) ]; do
		ssh_as alice 'cat /proc/1/comm' 2>&1
		count=$((count + 1))
	done >"$SCRATCH/storm.$1"
}
for number in 1 2 3 4; do
	one_after_the_other "$number" </dev/null &
	storm[number]=$!
done
wait "${storm[@]}"
expect "all logins of $(cat "$SCRATCH"/storm.* | wc -l), four at a time, were inside" 0 'contain-init' \
	eval "sort -u $SCRATCH/storm.*"
holds 'there were at least eight' [ "$(cat "$SCRATCH"/storm.* | wc -l)" -ge 8 ]
nothing_left 'they leave nothing: no session, scope, slice, failed unit, process, jail'
