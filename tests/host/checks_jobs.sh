# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What holds for jobs, whether they are confined or not.
#
#	check_cron USER		a job runs as USER, with mail
#	check_at USER
#
# cron looks at the clock once a minute, and at nothing else; but "@reboot" jobs run when it starts,
# in the same way as all others, where /run/crond.reboot does not say that it has done so. So a job
# costs no waiting, and each check starts a cron of its own, one after the other: only one may run.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell of the job

# has_mail USER REGEX
has_mail() {
	grep -qE -- "$2" "/home/$1/Mailbox" 2>/dev/null
}

# An environment and a few facts, as lines that no message has by itself.
what_a_job_says='echo job-ids $(id -u) $(id -g) $(id -G)'
what_a_job_says+='; echo job-uid $(cat /proc/self/loginuid 2>/dev/null)'
what_a_job_says+='; echo job-home $HOME $PWD'

# job_said NAME USER: so it did, by mail.
job_said() {
	holds "$1 $2: what a job prints comes as mail" true_within 10 has_mail "$2" '^job-home'
	holds "$1 $2: uid, gid and all groups" \
		has_mail "$2" "^job-ids $(id -u "$2") $(id -g "$2") $(id -G "$2")\$"
	[ -z "$loginuid_works" ] || holds "$1 $2: the login uid" has_mail "$2" "^job-uid $(id -u "$2")\$"
	holds "$1 $2: at home" has_mail "$2" "^job-home /home/$2 /home/$2\$"
}

check_cron() {
	local user=$1 log_begin
	log_mark
	rm -f "/home/$user/Mailbox"
	printf '%s\n' '@reboot touch ~/job-silent' "@reboot $what_a_job_says" \
		'@reboot echo killed; kill -9 $$' | crontab -u "$user" -
	cron_start
	job_said cron "$user"
	holds "cron $user: a job that dies of a signal does so without harm" \
		true_within 5 has_mail "$user" '^killed$'
	holds "cron $user: a job that prints nothing runs" true_within 5 test -e "/home/$user/job-silent"
	holds "cron $user: and sends no mail" eval "[ \$(grep -c '^X-Arguments' /home/$user/Mailbox) -eq 2 ]"
	holds "cron $user: each of them was a login that ended" true_within 5 cron_sessions "$user" 3
	daemon_stop cron
	crontab -u "$user" -r
	rm -f "/home/$user/Mailbox" "/home/$user/job-silent"
}

# cron_sessions USER COUNT: so many were opened, and closed.
cron_sessions() {
	local said='pam_unix\(cron:session\): session'
	[ "$(log_lines | grep -cE "$said opened for user $1\(")" -eq "$2" ] &&
		[ "$(log_lines | grep -cE "$said closed for user $1\$")" -eq "$2" ]
}

# as_user_outside USER COMMAND...: without a login: at(1) is a set-user-ID program.
as_user_outside() {
	local user=$1
	shift
	env -C "/home/$user" HOME="/home/$user" LOGNAME="$user" USER="$user" SHELL=/bin/bash \
		setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

queue_is_empty() {
	[ -z "$(as_user_outside "$1" atq)" ]
}

check_at() {
	local user=$1
	rm -f "/home/$user/Mailbox"
	atd_start
	echo "$what_a_job_says" >"$SCRATCH/job"
	run eval "as_user_outside $user at now <'$SCRATCH/job'"
	holds "at $user: a job is taken" [ "$status" -eq 0 ]
	job_said at "$user"
	holds "at $user: the queue is empty again" true_within 5 queue_is_empty "$user"
	daemon_stop atd
	rm -f "/home/$user/Mailbox"
}
