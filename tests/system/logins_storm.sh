#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Many at once, and kill -9 of everybody involved: one jail an account, nothing of it outside, nothing
# left, and the next login works.
# shellcheck disable=SC2016 # what stands in single quotes is for eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
sshd_config_add 'MaxStartups 500' 'MaxSessions 200'
sshd_restart
# How long a login waits for all the others, and stays for them.
jails_arguments=timeout=$((10 * slow))
stay=$((2 * slow))
jails_on
policy default.conf <<-END
	[jail]
	enable = yes
	grace = ${stay}s
	[limits]
	memory = 1G
	pids = 2000
	[network]
	mode = bridge
END
su alice -c true # makes contain0, which stays
holds 'every jail ends' no_jails
remember_host
RANDOM=${STORM_SEED:-$$$(date +%N)}
seed=$RANDOM
RANDOM=$seed
echo "# to repeat: STORM_SEED=$seed"

# -- one account, a hundred logins, by three ways
children=()
for number in $(seq 100); do
	case $((number % 3)) in
	0) su alice -c "readlink /proc/self/ns/pid; sleep $stay" ;;
	1) sudo -u alice sh -c "readlink /proc/self/ns/pid; sleep $stay" ;;
	2) ssh_as alice "readlink /proc/self/ns/pid; sleep $stay" ;;
	esac </dev/null >"$SCRATCH/storm.$number" 2>&1 &
	children+=($!)
done
true_within 30 eval "[ \$(cat '$SCRATCH'/storm.* | grep -c pid:) -ge 50 ]"
holds '100 logins of one account: one PID 1' eval '[ "$(pgrep -cx contain-init)" -eq 1 ]'
holds '100 logins of one account: one supervisor, one record, one block of ids' eval \
	'[ "$(ls /run/contain/jails /run/contain/leases/ids | grep -c .)" -eq 4 ]'
holds '100 logins of one account: one address of each family' \
	eval '[ "$(ls /run/contain/leases/net | wc -l)" -eq 2 ]'
failed=0
for child in "${children[@]}"; do
	wait "$child" || failed=$((failed + 1))
done
holds "100 logins of one account: all of them got in ($failed did not)" [ "$failed" -eq 0 ]
[ "$failed" -eq 0 ] || grep -v 'pid:' "$SCRATCH"/storm.* | sed 's/.*storm\.[0-9]*:/# /' | sort | uniq -c
expect '100 logins of one account: all in the same' 0 '1' eval "cat '$SCRATCH'/storm.* | sort -u | wc -l"
holds 'and it ends' no_jails

# -- fifty accounts, whose jails all live until the end, when their supervisors are asked to end them
policy default.conf <<-'END'
	[jail]
	enable = yes
	grace = 1h
	[network]
	mode = bridge
END
for number in $(seq 50); do
	id=$((3000 + number))
	printf 'user%s:x:%s:%s::/home/user%s:/bin/sh\n' "$number" "$id" "$id" "$number" >>/etc/passwd
	printf 'user%s:x:%s:\n' "$number" "$id" >>/etc/group
	printf 'user%s:!:19000:0:99999:7:::\n' "$number" >>/etc/shadow
	install -d -m 0700 -o "$id" -g "$id" "/home/user$number"
done
children=()
for number in $(seq 50); do
	for login in 1 2; do
		su "user$number" -c "id -u; readlink /proc/self/ns/pid; sleep $stay" </dev/null \
			>"$SCRATCH/user.$number.$login" 2>&1 &
		children+=($!)
	done
done
failed=0
for child in "${children[@]}"; do
	wait "$child" || failed=$((failed + 1))
done
holds "50 accounts at once, each twice: all got in ($failed did not)" [ "$failed" -eq 0 ]
expect '50 accounts: 50 jails' 0 '50' eval "cat '$SCRATCH'/user.* | grep pid: | sort -u | wc -l"
mixed=0
for number in $(seq 50); do
	cmp -s "$SCRATCH/user.$number.1" "$SCRATCH/user.$number.2" || mixed=$((mixed + 1))
done
holds '50 accounts: both logins of each in its own' [ "$mixed" -eq 0 ]
expect '50 accounts: 50 addresses of each family' 0 100 eval 'ls /run/contain/leases/net | wc -l'
pkill -TERM -x contain-session
holds 'and they end when their supervisors are told to' no_jails

# -- logins while the last one's jail ends
policy users/alice.conf <<-'END'
	[jail]
	grace = 0
	[network]
	mode = none
END
failed=0
for number in $(seq 100); do
	[ "$(su alice -c 'cat /proc/1/comm' </dev/null 2>"$SCRATCH/err")" = contain-init ] || {
		failed=$((failed + 1))
		sed 's/^/# /' "$SCRATCH/err"
	}
done
holds "100 logins, each while the one before is taken down ($failed refused)" [ "$failed" -eq 0 ]
children=()
for number in $(seq 60); do
	(
		sleep "0.$((RANDOM % 90 + 10))"
		su alice -c 'cat /proc/1/comm' </dev/null >"$SCRATCH/late.$number" 2>&1
	) &
	children+=($!)
done
wait "${children[@]}"
expect '60 logins at odd moments, while jails come and go' 0 '60 contain-init' \
	eval "cat '$SCRATCH'/late.* | sort | uniq -c | sed 's/^ *//'"
holds 'and they end' no_jails

# -- kill -9 of anybody, at any moment
outside=0 inside=0
strike() {
	case $1 in
	monitor) pkill -KILL -f '^sshd(-session)?: alice \[priv\]' ;;
	supervisor) pkill -KILL -x contain-session ;;
	init) pkill -KILL -x contain-init ;;
	client) kill -KILL "$child" ;;
	everything) pkill -KILL -f '^sshd(-session)?: alice|contain-init|contain-session' ;;
	esac 2>/dev/null
}
targets=(monitor supervisor init client everything)
for round in $(seq 60); do
	exec 2>/dev/null # bash tells of those that are killed
	target=${targets[$((round % 5))]}
	timeout 20 "${ssh[@]}" -l alice "$host_name" 'cat /proc/1/comm; sleep 1 & sleep 1' \
		</dev/null >"$SCRATCH/struck" 2>/dev/null &
	child=$!
	sleep "0.$(printf %03d $((RANDOM % 400)))"
	strike "$target"
	# Whoever was not struck ends by itself, or is ended.
	true_within 3 eval "! pgrep -u alice >/dev/null" || pkill -KILL -u alice
	wait "$child"
	exec 2>&1
	case $(cat "$SCRATCH/struck") in
	contain-init) inside=$((inside + 1)) ;;
	'' | *' number: '*) ;;
	*) outside=$((outside + 1)) && sed "s/^/# round $round, $target: /" "$SCRATCH/struck" ;;
	esac
	[ "$(su alice -c 'cat /proc/1/comm' </dev/null 2>&1)" = contain-init ] || {
		not_ok "round $round, $target: the next login works" "$(tail -n 5 /var/log/syslog)"
	}
done
holds "killed at 60 moments: nothing ran outside ($inside had begun to run)" [ "$outside" -eq 0 ]
holds 'killed at 60 moments: some of them had begun' [ "$inside" -gt 5 ]
holds 'killed at 60 moments: every jail ends' no_jails
nobody_left 'killed at 60 moments: no process is left'
host_stop
nothing_left 'killed at 60 moments: nothing is left'
finish
