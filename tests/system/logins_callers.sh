#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# PAM applications that are not as one expects: tests/pam/caller.c, which compares its own state
# before and after. Each of its variants ends in the jail or is refused, and leaves the application
# as it was.
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
remember_host
caller=$BUILD/pam/caller
printf 'session required pam_permit.so\nsession required %s services=caller\n' "$jails_module" >/etc/pam.d/caller
printf 'session required pam_permit.so\n' >/etc/pam.d/nothing
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	grace = 5s
	[limits]
	memory = 512M
	rlimit = core=0
	[environment]
	COLOUR = green
END
outside=$(readlink /proc/self/ns/user)

# What a caller says is compared as a whole: nothing but this.
says() {
	local name=$1 pattern=$2
	shift 2
	# Through a pipe, as one of the variants may not write to files.
	run eval "timeout 60 '$caller' ${*@Q} | cat"
	if [[ $out =~ ^$pattern$ ]] && [[ $err == '' ]]; then
		ok "$name"
	else
		not_ok "$name" "expected: $pattern" "$(shown)"
	fi
}
entered='open 0
inside 1001 user:\[[0-9]+\]
close 0
done'
refused='said Your container could not be set up\. Tell your administrator this number: [0-9a-f]{8}
open 4
close [0-9]+
done'
ignored="open 0
inside 1002 user:\[${outside//[^0-9]/}\]
close 0
done"

# -- the controls: without the module nothing is entered, and the caller sees what is changed
says 'without the module nothing is entered' "${ignored/1002/1001}" nothing alice
says 'who has no policy is outside' "$ignored" caller bob
says 'who has one is inside' "$entered" caller alice
run "$caller" caller alice
holds 'which is another user namespace' eval "[[ \$out != *'$outside'* ]]"
printf 'session optional pam_exec.so quiet /bin/true\nsession required pam_umask.so umask=0123\n' >/etc/pam.d/meddler
run "$caller" meddler alice
# shellcheck disable=SC2016 # for eval
holds 'a module that changes something is found out' eval '[[ $out == *"changed umask"* ]]'

variants=(closed-standard nofile-16 fsize-0 sigchld-ignored sigchld-reaper deleted-cwd umask-0
	blocked-signals directory pdeathsig nice timer no-new-privs environment)
# AddressSanitizer's shadow does not fit into little memory.
[ -n "${CONTAIN_SANITIZED:-}" ] || variants+=(little-memory)
for variant in "${variants[@]}"; do
	says "$variant: inside, and nothing else is changed" "$entered" caller alice "$variant"
	says "$variant, without a policy: nothing is changed" "$ignored" caller bob "$variant"
done
for variant in nofile-6 directory-stdin thread; do
	says "$variant: refused, and nothing is changed" "$refused" caller alice "$variant"
done
holds 'why a process with threads is refused' logged 'refused alice: the application has 2 threads'
holds 'why a directory as standard input is' logged 'refused alice: descriptor 0 of the application is a directory'

# -- refused where the application is in any state
chmod 0666 /etc/contain/users/alice.conf
for variant in closed-standard nofile-16 fsize-0 sigchld-ignored sigchld-reaper deleted-cwd umask-0 \
	blocked-signals directory pdeathsig timer environment; do
	says "$variant, with a policy that is no good: refused, and nothing is changed" "$refused" \
		caller alice "$variant"
done
chmod 0644 /etc/contain/users/alice.conf

# -- what the module's line says
line() {
	printf 'session required pam_permit.so\nsession required %s %s\n' "$jails_module" "$1" >/etc/pam.d/caller
}
broken='open 4
close [0-9]+
done'
line 'services=caller nonsense'
says 'an argument that is none: refused' "$broken" caller alice
holds 'and logged' logged '"nonsense" is not an argument of this module'
says 'but not for root' 'open 0
inside 0 .*' caller root
line 'services=caller timeout=0'
says 'a timeout that is none: refused' "$broken" caller alice
line 'services=other'
says 'a service that is not listed is not confined' "${ignored/1002/1001}" caller alice
line 'services=caller exempt_group=students'
says 'members of the group that the line names are not confined' "${ignored/1002/1001}" caller alice
line 'services=caller conf=/etc/contain-other'
says 'another directory of policies' "${ignored/1002/1001}" caller alice

# -- who runs an application like su is its real user
line 'services=caller'
no_jails
run setpriv --ruid 1002 "$caller" caller alice
ids=$(sed -n 's/^[UG]id:\t//p' "/proc/$(supervisor_of user-1001)/status" | sort -u)
holds 'but not the supervisor'"'"'s' [ "$ids" = $'0\t0\t0\t0' ]

true_within 10 jail_is_gone user-1001
holds 'every jail ends' no_jails
host_stop
nothing_left 'nothing is left'
finish
