#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# docs/INSTALL.md, step by step, as it stands there, on a host that has not seen the module yet.
# shellcheck disable=SC2016 # the quote marks are Markdown's
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/host/host.sh
. "$top/tests/host/host.sh"
# shellcheck source=tests/host/jails.sh
. "$top/tests/host/jails.sh"
host_start
host_install
remember_host
groupdel contain-exempt

# What is in the code blocks of the section whose heading begins with $1.
commands_of() {
	sed -n "/^## $1/,/^## [^$1]/p" "$top/docs/INSTALL.md" | sed -n '/^```sh/,/^```/{/^```/!p}' |
		sed -e '/^sudo -i /d' -e 's/\byou\b/carol/g' -e 's/this-machine/testhost/g'
}

# each_of NUMBER NAME: every line of the section works by itself.
each_of() {
	local line count=0
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		holds "$2: ${line%%  *}" bash -c "$line"
		count=$((count + 1))
	done < <(commands_of "$1")
	holds "$2: there is something to do ($count)" [ "$count" -ge 2 ]
}

each_of 2 'keep a way in'
each_of 3 'write a policy'
expect 'the control: nobody is confined yet' 0 'world' su alice -c 'cat /proc/1/comm'
each_of 4 'try the module'
holds 'trying confined nobody else' [ "$(su alice -c 'cat /proc/1/comm')" = world ]
holds 'trying it confined alice' logged 'user-1001: session [0-9a-f]* opened for alice by contain-try'

commands_of 5 | sed '/^authselect/,$d' >"$SCRATCH/step"
holds 'put the line into the stack' bash "$SCRATCH/step"
for service in sshd login su sudo sudo-i cron atd runuser; do
	holds "the line is the last of $service" eval "tail -n 1 /etc/pam.d/$service | grep -q pam_contain"
done
commands_of 6 >"$SCRATCH/step"
run bash "$SCRATCH/step"
looked=$out
holds "look: $(xargs <<<"$looked")" [ "$(head -n 3 <<<"$looked" | xargs)" = 'contain-init world contain-init' ]
# The machine that the tests run on may have a mail system.
holds 'doctor looks, too, and finds nothing that was forgotten' \
	eval 'grep -q "looked at:" <<<"$looked" && ! grep "^problem: [^m]" <<<"$looked"'

no_jails
host_stop
holds 'every jail ends' no_jails
nothing_left 'nothing is left'
finish
