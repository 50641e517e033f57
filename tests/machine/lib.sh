# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the tests of a whole machine have in common: systemd is PID 1 there, with logind, a message bus
# and cgroup v2, the project is installed, and the module's lines are in the PAM stacks as
# docs/INSTALL.md says. They make and remove accounts, restart daemons and fill file systems, so that
# they refuse to run but on a machine that is there for nothing else, which says so by the file
# /run/contain-test-machine. A test starts with
#
#	. "$(dirname "$0")/lib.sh"
#	machine_start
#
# and has then, besides what tests/system/lib.sh offers (but for its jails):
#
#	alice (uid 1001), who is confined, and bob (uid 1002), who is not: the control. Both have the
#	password $password, and an ssh key of root's lets in as either.
#
#	ssh_as USER [OPTION...] [COMMAND]	bounded in time; OPTIONs of ssh go before the command
#	hold USER [COMMAND]	an ssh session with a terminal, in the background, that runs COMMAND and
#				then stays, as "sleep 4711"; the pid of ssh is then in $held
#	release PID...		end such sessions as a network that is gone ends them
#	runs USER PATTERN	a process of USER's has a command line that matches
#	inside PID		it is in a jail; "outside PID" is not the same as not inside
#	sessions_of USER	their numbers, as logind has them, one a line; not that of the user's
#				manager, which is one since systemd 256
#	policy FILE		what follows on stdin becomes /etc/contain/FILE: "users/alice.conf"
#	logind_conf [LINE...]	restart logind with these lines; without any, with its own
#	within SECONDS COMMAND...	as true_within, for commands that cost something
#	ends_within SECONDS COMMAND...	until it fails
#	last_ended USER LINE	a test: wtmp, or what takes its place, has USER's last login, and its end
#	log_mark		from here on:
#	logged REGEX		the journal has a message that matches

set -u
if [ ! -e /run/contain-test-machine ] || [ "$(id -u)" -ne 0 ]; then
	echo "only for root of a machine that is there for tests: no /run/contain-test-machine" >&2
	exit 1
fi
# What tests/world says elsewhere: the whole machine is ours.
export CONTAIN_TEST_WORLD=machine
# shellcheck source=tests/system/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../system/lib.sh"

password=correct-horse
logind_drop_in=/run/systemd/logind.conf.d/contain-test.conf
held_pids=()

# ------------------------------------------------------------------------------------- accounts

make_account() {
	id "$1" >/dev/null 2>&1 || useradd --create-home --user-group --uid "$2" --shell /bin/bash "$1"
	install -d -o "$1" -g "$1" -m 0700 "/home/$1/.ssh"
	install -o "$1" -g "$1" -m 0600 "$SCRATCH/key.pub" "/home/$1/.ssh/authorized_keys"
	# No greeting: what a session prints is what the test runs.
	install -o "$1" -g "$1" -m 0600 /dev/null "/home/$1/.hushlogin"
}

remove_account() {
	id "$1" >/dev/null 2>&1 || return 0
	loginctl disable-linger "$1" 2>/dev/null
	crontab -r -u "$1" 2>/dev/null
	pkill -KILL -u "$1"
	within 10 nothing_runs "$1"
	userdel --force --remove "$1" 2>/dev/null
}

nothing_runs() {
	! pgrep -u "$1" >/dev/null
}

policy() {
	mkdir -p /etc/contain/{users,groups}
	cat >"/etc/contain/$1"
}

confine_alice() {
	printf '[jail]\nenable = yes\ngrace = 1s\n' | policy users/alice.conf
}

machine_start() {
	ssh-keygen -q -t ed25519 -N '' -f "$SCRATCH/key"
	make_account alice 1001
	make_account bob 1002
	printf '%s\n' "alice:$password" "bob:$password" | chpasswd
	rm -rf /etc/contain
	confine_alice
	systemctl reset-failed
	log_mark
}

machine_end() {
	[ ${#held_pids[@]} -eq 0 ] || kill "${held_pids[@]}" 2>/dev/null
	# shellcheck disable=SC2119 # none is meant
	[ ! -e "$logind_drop_in" ] || logind_conf
	remove_account alice
	remove_account bob
	rm -rf /etc/contain
}
trap 'code=$?; machine_end; [ "$code" -ne 0 ] && exit "$code"; finish' EXIT

# -------------------------------------------------------------------------------------- clients

# The cheapest key exchange: a processor that is emulated spends most of a login on it.
ssh=(ssh -F /dev/null -i "$SCRATCH/key" -o BatchMode=yes -o LogLevel=ERROR
	-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
	-o KexAlgorithms=curve25519-sha256 -o HostKeyAlgorithms=ssh-ed25519)

ssh_as() {
	local user=$1
	shift
	timeout -k 2 "${ssh_seconds:-60}" "${ssh[@]}" -l "$user" localhost "$@"
}

hold() {
	local user=$1 report=$SCRATCH/held.${#held_pids[@]}
	shift
	"${ssh[@]}" -tt -l "$user" localhost "${*:-:}; echo ready; exec sleep 4711" \
		</dev/null >"$report" 2>&1 &
	held=$!
	held_pids+=("$held")
	within 40 grep -q '^ready' "$report" || {
		sed 's/^/# hold: /' "$report"
		return 1
	}
}

release() {
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
	return 0
}

runs() {
	pgrep -u "$1" -f "$2" >/dev/null
}

inside() {
	[ "$(readlink "/proc/$1/ns/mnt")" != "$(readlink /proc/1/ns/mnt)" ] &&
		[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/1/ns/user)" ] &&
		[ "$(readlink "/proc/$1/ns/pid")" != "$(readlink /proc/1/ns/pid)" ]
}

# all_inside USER: each process of USER's is in a jail, and there is one.
all_inside() {
	local pid count=0
	for pid in $(pgrep -u "$1"); do
		[ -d "/proc/$pid" ] || continue
		inside "$pid" || return 1
		count=$((count + 1))
	done
	[ "$count" -gt 0 ]
}

# The seconds are those of an emulated processor that has its host's to itself; on a busy host it takes
# longer.
within() {
	local deadline=$((SECONDS + $1 * 2))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.3
	done
}

ends_within() {
	local seconds=$1
	shift
	within "$seconds" fails "$@"
}

# --------------------------------------------------------------------------------- the machine

sessions_of() {
	loginctl list-sessions --no-legend | awk -v user="$1" '$3 == user && !/ manager / { print $1 }'
}

has_sessions() {
	[ -n "$(sessions_of "$1")" ]
}

# shellcheck disable=SC2120 # the tests pass lines
logind_conf() {
	rm -f "$logind_drop_in"
	if [ $# -gt 0 ]; then
		mkdir -p "${logind_drop_in%/*}"
		printf '%s\n' '[Login]' "$@" >"$logind_drop_in"
	fi
	systemctl restart systemd-logind
}

# LINE is a regular expression.
last_ended() {
	local last=(last -w)
	! command -v wtmpdb >/dev/null || last=(wtmpdb last)
	if within 15 last_is "$1 +$2.* [0-9]+:[0-9]+ +- [0-9]+:[0-9]+"; then
		ok "$1: ${last[0]} has the login, and its end"
	else
		not_ok "$1: ${last[0]} has the login, and its end" "$("${last[@]}" | head -n 5)"
	fi
}

last_is() {
	"${last[@]}" "${1%% *}" | head -n 1 | grep -qE "^$1"
}

log_mark() {
	log_start=$(date +@%s.%6N)
}

# The journal since log_mark; OPTIONs of journalctl.
log_since() {
	journalctl --sync
	# Not by a cursor: together with -t that leaves out the first message.
	journalctl --no-pager --since="$log_start" "$@"
}

logged() {
	log_since -o cat | grep -qE -- "$1"
}

# In the place of the one for worlds: what logins may leave behind on a machine that does other
# things too. Sessions, slices and scopes of root's are not ours.
host_state() {
	loginctl list-sessions --no-legend |
		awk '$3 ~ /^(alice|bob)$/ { print "session " $1 " of " $3 }'
	pgrep -u 1001,1002 -a | sed 's/^/process /'
	{ pgrep -x contain-init; pgrep -x contain-session; } | sed 's/^/process of a jail /'
	systemctl list-units --all --plain --no-legend |
		awk '($1 ~ /100[12]|^contain-/ && $3 != "inactive") || $3 == "failed" { print "unit " $1 " " $3 }'
	find /sys/fs/cgroup -type d \( -name '*100[12]*' -o -name 'contain*' \) -printf 'cgroup %p\n' \
		2>/dev/null
	find /run/contain -mindepth 1 ! -type d ! -path '*/seccomp/*' -printf 'file %p\n' 2>/dev/null
	find /run/user /run/systemd/users -mindepth 1 -maxdepth 1 -name '100[12]' -printf 'file %p\n' \
		2>/dev/null
	ip -o link show | awk -F': ' '{ print "link " $2 }'
}

# What was there before, of another test, may go meanwhile.
nothing_is_new() {
	host_state >"$SCRATCH/state.after" 2>/dev/null
	[ -z "$(comm -13 <(sort "$SCRATCH/state.before") <(sort "$SCRATCH/state.after"))" ]
}

# Half a minute: logind keeps what is a person's for ten seconds after the last session.
nothing_left() {
	if within 30 nothing_is_new; then
		ok "$1"
	else
		not_ok "$1" "$(diff "$SCRATCH/state.before" "$SCRATCH/state.after")"
	fi
}
