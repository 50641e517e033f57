# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The daemons of the test host. Each is in the foreground below the test, its pid known.
#
#	daemon_start NAME COMMAND...	its pid is then in ${daemon_pid[NAME]}, what it says in
#					$SCRATCH/NAME.log
#	daemon_stop NAME...		TERM, and wait for its end
#	syslog_start			into /var/log/syslog
#	sshd_start, sshd_restart	on 127.0.0.1, port 22
#	cron_start			jobs of "@reboot" run at once: see checks_jobs.sh
#	atd_start			jobs of "now" run at once
#	log_mark			what has been logged before does not count from now on; a
#					function that does so makes $log_begin local
#	log_lines			what counts
#	logged REGEX [SECONDS]		a line that matches has been logged, or is within 5 s

declare -A daemon_pid=()
log_begin=0

# Signals as at boot: bash has background processes ignore INT, and what is ignored is inherited by
# everything that they start, so that Ctrl-C would end nothing in a session.
daemon_start() {
	local name=$1
	shift
	env --default-signal "$@" </dev/null >"$SCRATCH/$name.log" 2>&1 &
	daemon_pid[$name]=$!
}

daemon_stop() {
	local name
	for name; do
		[ -n "${daemon_pid[$name]:-}" ] || continue
		kill "${daemon_pid[$name]}"
		wait "${daemon_pid[$name]}" 2>/dev/null
		unset "daemon_pid[$name]"
	done
}

# Where busybox can begin a new file after a while, it must not.
syslog_start() {
	local options=()
	! busybox syslogd --help 2>&1 | grep -q -- '-s SIZE' || options=(-s 0)
	daemon_start syslog busybox syslogd -n -O /var/log/syslog "${options[@]}"
	true_within 5 test -S /dev/log
}

log_mark() {
	log_begin=$(wc -l </var/log/syslog)
}

# What counts.
log_lines() {
	tail -n "+$((log_begin + 1))" /var/log/syslog
}

is_logged() {
	log_lines | grep -qE -- "$1"
}

logged() {
	true_within "${2:-5}" is_logged "$1"
}

# is_listening PORT: somebody does, on 127.0.0.1.
is_listening() {
	grep -q "^ *[0-9]*: 0100007F:$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

sshd_start() {
	daemon_start sshd /usr/sbin/sshd -D
	true_within 5 is_listening 22
}

sshd_restart() {
	daemon_stop sshd
	sshd_start
}

cron_start() {
	rm -f /run/crond.reboot
	daemon_start cron /usr/sbin/cron -f -L 15
}

atd_start() {
	daemon_start atd /usr/sbin/atd -f
	true_within 5 test -s /run/atd.pid
}
