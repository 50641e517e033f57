#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# Logins into a jail that lives are its supervisor's alone to answer, as long as nothing has changed
# that the jail came from. contain-session is taken away meanwhile, so that who asks it is refused.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/host/host.sh
. "$top/tests/host/host.sh"
# shellcheck source=tests/host/jails.sh
. "$top/tests/host/jails.sh"
host_start
host_install
jails_on
remember_host

helper=/usr/local/libexec/contain/contain-session
# When it was changed must be a second ago before the supervisor relies on it.
settle() {
	sleep 1.1
}

write_policies() {
	rm -rf /etc/contain
	policy default.conf <<-'END'
		[jail]
		grace = 1h
	END
	policy groups/printers.conf <<-'END'
		[jail]
		services = sshd su su-l
	END
	policy users/alice.conf <<-'END'
		[jail]
		enable = yes
	END
	policy users/bob.conf <<-'END'
		[jail]
		enable = yes
	END
}

# A new jail of alice's, and nobody to ask but its supervisor.
begin() {
	local supervisor
	[ ! -e "$helper.away" ] || mv "$helper.away" "$helper"
	supervisor=$(supervisor_of user-1001)
	[ -z "$supervisor" ] || kill "$supervisor"
	true_within 5 jail_is_gone user-1001
	settle
	su alice -c own-namespaces >"$SCRATCH/first"
	mv "$helper" "$helper.away"
}

same_by() {
	local way=$1
	shift
	expect "$way: into the jail that lives" 0 "$(literally "$(<"$SCRATCH/first")")" "$@"
}

# asks_anew WHAT COMMAND...: after COMMAND the supervisor does not answer by itself; before, it does.
asks_anew() {
	local what=$1
	shift
	begin
	same_by "$what, before" su alice -c own-namespaces
	"$@" || not_ok "$what" "failed: $*"
	is_refused "$what: contain-session is asked" "cannot run $helper: No such file" \
		su alice -c 'echo inside-or-outside'
	mv "$helper.away" "$helper"
}

write_policies
begin
same_by su su alice -c own-namespaces
same_by 'su -' su - alice -c own-namespaces
same_by ssh ssh_as alice own-namespaces
holds 'its sessions are in the log' logged 'user-1001: session [0-9a-f]* opened for alice by sshd from 127.0.0.1'
is_refused 'who has no jail: contain-session is asked' "cannot run $helper: No such file" \
	su bob -c 'echo inside-or-outside'
is_refused 'a service that the policy does not name: contain-session is asked' \
	"cannot run $helper: No such file" sudo -u alice echo inside-or-outside
supervisor=$(supervisor_of user-1001)
kill -STOP "$supervisor"
sed -i 's/pam_contain.so.*/& timeout=2/' /etc/pam.d/su
is_refused 'its supervisor is stopped: contain-session is asked' "cannot run $helper: No such file" \
	su alice -c 'echo inside-or-outside'
kill -CONT "$supervisor"
same_by 'its supervisor goes on' su alice -c own-namespaces

asks_anew 'the account has a file that is another' sed -i 's/^enable/enable /' /etc/contain/users/alice.conf
write_policies
asks_anew 'written in place, and of the same size' eval \
	'sed "s/yes/yes/" /etc/contain/users/alice.conf >"$SCRATCH/new"; cat "$SCRATCH/new" >/etc/contain/users/alice.conf'
write_policies
asks_anew 'its file is gone' rm /etc/contain/users/alice.conf
write_policies
asks_anew 'the file for everybody is another' eval 'echo >>/etc/contain/default.conf'
write_policies
asks_anew 'a group has a file' eval 'echo >/etc/contain/groups/students.conf'
write_policies
asks_anew 'a file of a group is another' eval 'echo >>/etc/contain/groups/printers.conf'
write_policies
asks_anew 'there is no policy directory' rm -rf /etc/contain
write_policies
asks_anew 'the vendor has a file that is another' eval 'echo >>/usr/local/share/contain/default.conf'
asks_anew 'its file can be written by others' chmod o+w /etc/contain/users/alice.conf
write_policies
asks_anew 'the account is in one group more' usermod -aG games alice
asks_anew 'a group has another name' groupmod -n pupils students
asks_anew 'the module reads policies elsewhere' eval \
	'cp -a /etc/contain /etc/contain-other; sed -i "s/pam_contain.so.*/& conf=\/etc\/contain-other/" /etc/pam.d/su'

kill "$(supervisor_of user-1001)"
no_jails
host_stop
holds 'every jail ends' no_jails
nothing_left 'nothing is left'
finish
