#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# How long a jail lives: scope, linger, grace.
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
jails_on
remember_host

# Longer than a login takes.
policy default.conf <<-END
	[jail]
	enable = yes
	grace = ${slow}s
END

# -- linger = no
ssh_as alice 'nohup sleep 300 >/dev/null 2>&1 & nohup sh -c "trap \"\" TERM HUP; sleep 301" >/dev/null 2>&1 &'
holds 'linger = no: within the grace time what was left runs' jail_is_there user-1001
number=$(init_of user-1001)
expect 'linger = no: and the next login finds it' 0 "$(literally "$(readlink "/proc/$number/ns/pid")")" \
	ssh_as alice 'readlink /proc/self/ns/pid'
holds 'linger = no: after it nothing is left, also of what ignores SIGTERM' \
	true_within 5 eval 'jail_is_gone user-1001 && ! pgrep -f "sleep 30[01]" >/dev/null'

# -- SIGTERM comes first
ssh_as alice 'nohup sh -c "trap \"echo told >~/told; exit\" TERM; while :; do sleep 0.1; done" >/dev/null 2>&1 &'
holds 'linger = no: processes are asked to end before they are killed' \
	true_within 6 grep -qs told /home/alice/told

# -- linger = yes
policy users/bob.conf <<-'END'
	[jail]
	linger = yes
END
ssh_as bob 'tmux -L work new-session -d -s work "sleep 600"'
number=$(init_of user-1002)
sleep $((slow * 5 / 2))
expect 'linger = yes: a multiplexer is found again after the grace time' 0 'work: 1 windows.*' \
	ssh_as bob 'tmux -L work ls'
expect 'linger = yes: the jail is the same' 0 "$number" init_of user-1002
ssh_as bob 'tmux -L work kill-server'
holds 'linger = yes: when the last process has ended, the jail ends' true_within 5 jail_is_gone user-1002
ssh_as bob 'nohup sleep 1.5 >/dev/null 2>&1 &'
holds 'linger = yes: also if nobody logs in any more' true_within 6 jail_is_gone user-1002

# -- grace = 0
policy users/dave.conf <<-'END'
	[jail]
	grace = 0
END
ssh_as dave 'nohup sleep 300 >/dev/null 2>&1 &'
holds 'grace = 0: the jail ends with the session' true_within 3 jail_is_gone user-70001

# -- two sessions: the last one counts
policy users/alice.conf <<-'END'
	[jail]
	grace = 0
END
ssh_behind alice 'sleep 60' </dev/null
true_within 5 jail_is_there user-1001
ssh_as alice true
sleep 0.5
holds 'a session that ends leaves the others alone' jail_is_there user-1001
kill "$behind"
wait "$behind" 2>/dev/null
holds 'the last one takes the jail with it' true_within 5 jail_is_gone user-1001

# -- scope = session
policy users/alice.conf <<-'END'
	[jail]
	scope = session
	grace = 0
END
ssh_behind alice "own-namespaces; echo here >/tmp/shared; ls -d /proc/[0-9]* | wc -l; sleep 60" </dev/null >"$SCRATCH/one"
true_within 5 eval "[ \$(wc -l <'$SCRATCH/one') -eq 8 ]"
run ssh_as alice "own-namespaces; cat /tmp/shared 2>&1; ls -d /proc/[0-9]* | wc -l"
holds 'scope = session: two logins share no namespace, file or process' eval \
	"[ \$(sort '$SCRATCH/one' | grep : | comm -12 - <(sort <<<\"\$out\") | wc -l) -eq 0 ] &&
	[[ \$out == *'No such file'* ]]"
kill "$behind"
wait "$behind" 2>/dev/null

holds 'every jail ends' no_jails
host_stop
nothing_left 'nothing is left'
finish
