# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The test host: a machine like any Debian server, for tests to do with as they like. After lib.sh,
# a test says
#
#	. "$top/tests/host/host.sh"
#	host_start
#	remember_host
#	...
#	host_stop
#	nothing_left 'nothing is left of these logins'
#
# and "/" is the test host's, and the working directory: with people (accounts.sh), Debian's PAM
# stacks (etc.sh), syslogd and sshd running (daemons.sh) and clients (client.sh). What logins must
# do is in the files checks_*.sh, as functions. Nothing of it is on the machine: it goes with the
# world that the test runs in.
#
#	host_start		a SKIP of the whole test where it cannot be had
#	host_install		`make install` of the checkout
#	host_stop		end the daemons, and what people left running
#	nobody_left NAME	no process of alice's, bob's, ... is there
#	in_parallel 'COMMAND; COMMAND...'...	all at the same time, each with a $SCRATCH of its own;
#				what they report comes in order

host=$top/tests/host
# shellcheck source=tests/host/accounts.sh
. "$host/accounts.sh"
# shellcheck source=tests/host/etc.sh
. "$host/etc.sh"
# shellcheck source=tests/host/daemons.sh
. "$host/daemons.sh"
# shellcheck source=tests/host/client.sh
. "$host/client.sh"
# shellcheck source=tests/host/checks_ssh.sh
. "$host/checks_ssh.sh"
# shellcheck source=tests/host/checks_files.sh
. "$host/checks_files.sh"
# shellcheck source=tests/host/checks_forward.sh
. "$host/checks_forward.sh"
# shellcheck source=tests/host/checks_local.sh
. "$host/checks_local.sh"
# shellcheck source=tests/host/checks_jobs.sh
. "$host/checks_jobs.sh"

# host_impossible WHY: nothing of the test can be run on this machine.
host_impossible() {
	skip "${0##*/}" "there is no test host: $1"
	exit 0
}

host_start() {
	local tree
	tree=$("$host/packages" --tree) || host_impossible "$tree"
	"$host/root" "$tree" 2>"$SCRATCH/why" || host_impossible "$(head -n 1 "$SCRATCH/why")"
	cd /
	host_environment
	host_names
	host_etc
	host_keys
	host_accounts
	host_pam
	host_sshd_config
	if ! syslog_start || ! sshd_start; then
		not_ok 'the test host starts' "$(cat "$SCRATCH"/*.log)"
		exit 1
	fi
}

# As after a boot: nothing of who runs the tests. What make was given is for host_install.
host_environment() {
	local name
	host_makeflags=${MAKEFLAGS:-}
	for name in $(compgen -e); do
		case $name in
		BUILD | SCRATCH | PYTHON | BENCH_* | CONTAIN_* | CMOCKA_*) ;;
		*) unset "$name" ;;
		esac
	done
	export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
	umask 022
}

# As it was built: nothing is made anew, whatever the flags were.
host_install() {
	MAKEFLAGS=$host_makeflags make -C "$top" --no-print-directory -o all install \
		O="$BUILD" DESTDIR= >"$SCRATCH/install.log" 2>&1 || {
		not_ok 'make install' "$(cat "$SCRATCH/install.log")"
		return 1
	}
}

host_stop() {
	daemon_stop cron atd sshd
	pkill -KILL -u "$(IFS=, && echo "${people[*]}")"
	daemon_stop syslog
	true
}

nobody_is_there() {
	! pgrep -u "$(IFS=, && echo "${people[*]}")" >/dev/null
}

# nobody_left NAME: no process of people's is there, at most 5 s from now.
nobody_left() {
	if true_within 5 nobody_is_there; then
		ok "$1"
	else
		not_ok "$1" "$(ps -o user,pid,args -u "$(IFS=, && echo "${people[*]}")")"
	fi
}

# Number $1 of those of in_parallel.
in_parallel_one() {
	failures=0
	SCRATCH=$SCRATCH/parallel.$1
	mkdir -p "$SCRATCH"
	eval "$2"
}

in_parallel() {
	local commands=("$@") children=() number
	for number in "${!commands[@]}"; do
		in_parallel_one "$number" "${commands[number]}" </dev/null >"$SCRATCH/report.$number" 2>&1 &
		children+=($!)
	done
	wait "${children[@]}"
	for number in "${!commands[@]}"; do
		cat "$SCRATCH/report.$number"
		failures=$((failures + $(grep -c '^not ok' "$SCRATCH/report.$number")))
		rm -rf "$SCRATCH/report.$number" "$SCRATCH/parallel.$number"
	done
}
