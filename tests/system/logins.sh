#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Everything that login_baseline.sh shows to work without the module, with it: each person in a jail
# with a limit on memory and processes, one with a root and an overlay of its own.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells, or eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
add_user frank 1006
jails_on_common
remember_host

policy default.conf <<-'END'
	[jail]
	enable = yes
	linger = yes
	grace = 1s
	[limits]
	memory = 1G
	pids = 500
END
policy users/bob.conf <<-'END'
	[rootfs]
	overlay = tmpfs
	[environment]
	FROM_POLICY = %u
END

# -- the control: those who are not confined are not
expect 'root is outside' 0 "$(literally "$(readlink /proc/self/ns/pid)")" su root -c 'readlink /proc/self/ns/pid'
expect 'a member of contain-exempt is outside' 0 "$(literally "$(readlink /proc/self/ns/pid)")" \
	ssh_as carol 'readlink /proc/self/ns/pid'

# -- all ways to log in
in_parallel \
	'check_ssh_exit_codes alice; check_ssh_streams alice; check_ssh_ids alice; check_ssh_ids dave
	check_ssh_environment alice' \
	'check_ssh_terminal bob; check_ssh_job_control bob; check_ssh_records frank; check_ssh_rc frank' \
	'check_ssh_methods dave; check_ssh_channels dave; check_ssh_agent dave
	check_ssh_forced_command dave; check_ssh_left dave stays; check_ssh_tmux dave' \
	'check_sftp alice; check_sftp_internal alice; check_scp alice' \
	'check_rsync dave; check_git dave; check_ssh_much_data dave 100' \
	'check_forward_local bob; check_forward_remote bob; check_forward_only bob
	check_reaches_host bob no' \
	'check_su erin; check_su_terminal erin; check_su_from carol erin; check_sudo erin
	check_sudo_from carol erin; check_login erin; check_login_records erin' \
	'check_cron alice; check_cron dave; check_at alice; check_at dave'

# -- and all of it was inside
sshd_restart
inside="own-namespaces; cat /proc/1/comm; hostname; ls -A /home; ls -d /proc/[0-9]* | wc -l"
expect 'ssh alice: PID 1 is ours, the name is the host'\''s, no home but her own, no process of others' \
	0 ".*contain-init.$host_name.alice.[0-9]" ssh_as alice "$inside"
mapfile -t first < <(ssh_as alice own-namespaces | sort)
holds 'ssh alice: in namespaces of her own, all seven' \
	[ "$(printf '%s\n' "${first[@]}" | sort | comm -12 - <(namespaces_of $$ | sort) | wc -l):${#first[@]}" = 0:7 ]
in_jail_of_alice() {
	local name=$1
	shift
	expect "$name: in the same seven namespaces" 0 "$(literally "$(printf '%s\n' "${first[@]}")")" \
		eval "${*@Q} | tr -d '\r' | grep -a ':\\[4' | sort"
}
in_jail_of_alice su su alice -c own-namespaces
in_jail_of_alice 'su -' su - alice -c own-namespaces
in_jail_of_alice 'su --pty' on_terminal '' su --pty alice -c own-namespaces
in_jail_of_alice runuser runuser alice -c own-namespaces
in_jail_of_alice sudo sudo -u alice own-namespaces
in_jail_of_alice 'sudo -i' sudo -iu alice own-namespaces
in_jail_of_alice 'ssh -tt' on_terminal '' "${ssh[@]}" -tt -l alice "$host_name" own-namespaces
in_jail_of_alice login on_terminal "
	expect Password:
	send $host_password\r
	expect \\$ $
	send own-namespaces; exit\r" login alice

# from_job NAME: what a job leaves in the home.
from_job() {
	true_within 10 test -s /home/alice/job-done
	sort /home/alice/job-namespaces
	rm -f /home/alice/job-*
}
echo "@reboot /usr/local/bin/own-namespaces >job-namespaces; echo done >job-done" | crontab -u alice -
cron_start
in_jail_of_alice cron from_job
daemon_stop cron
crontab -u alice -r
atd_start
echo "/usr/local/bin/own-namespaces >job-namespaces; echo done >job-done" | as_user_outside alice at now 2>/dev/null
in_jail_of_alice at from_job
holds 'at: nothing of the jobs is left in the spool' \
	true_within 5 eval '[ -z "$(find /var/spool/cron/at* -type f ! -name .SEQ)" ]'
daemon_stop atd

# While she is there: the numbers of namespaces that are gone are given to the next ones.
ssh_behind alice 'sleep 60' </dev/null
mapfile -t first < <(ssh_as alice own-namespaces | sort)
expect 'bob shares nothing with alice' 0 '0' \
	eval "ssh_as bob own-namespaces | sort | comm -12 - <(printf '%s\n' ${first[*]@Q} | sort) | wc -l"
kill "$behind"
expect 'what the policy says of the environment, with the name in it' 0 bob ssh_as bob 'echo $FROM_POLICY'
expect 'files in /tmp are those of the other logins of the same person' 0 'here' \
	eval 'ssh_as alice "echo here >/tmp/shared" && su alice -c "cat /tmp/shared"'
expect 'and of nobody else' 1 '' ssh_as bob 'cat /tmp/shared'

# -- records
holds 'each session is logged, opened and closed' eval \
	'logged "contain-session.*user-1001: session [0-9a-f]{8} opened for alice by sshd from 127.0.0.1" &&
	logged "contain-session.*user-1001: session [0-9a-f]{8} closed for alice after"'

su alice -c 'pkill -u alice .' 2>/dev/null
su bob -c 'pkill -u bob .' 2>/dev/null
su dave -c 'pkill -u dave .' 2>/dev/null
su erin -c 'pkill -u erin .' 2>/dev/null
su frank -c 'pkill -u frank .' 2>/dev/null
holds 'every jail ends' no_jails
holds 'and its end is logged, with what it used' \
	logged 'user-1001: ended for alice: [0-9.]+ s, [0-9]+ sessions, [0-9.]+ s of processor time, peak memory [0-9.]+ MiB'
nobody_left 'no process is left of all these logins'
host_stop
nothing_left 'nothing is left of all these logins'
finish
