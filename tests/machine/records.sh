#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# Who was on the machine can be told of confined logins as of others: utmp, wtmp and lastlog, or what
# takes their place; the login id that the kernel's audit system goes by; its records; and the fields
# that journald adds to messages by itself.
# shellcheck disable=SC2016 # what stands in single quotes is for eval and awk
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
machine_start
remember_host
audit_lines=$(grep -c "" /var/log/audit/audit.log 2>/dev/null)

# fields TAG FIELD...: of the last message of that tag.
fields() {
	local tag=$1
	shift
	log_since -t "$tag" -o json | tail -n 1 |
		"$PYTHON" -c 'import json, sys
message = json.loads(sys.stdin.readline())
print(" ".join(str(message.get(name)) for name in sys.argv[1:]))' "$@"
}

# Where there is no utmp any more, who asks logind, which does not know the terminal.
on='pts/[0-9]+(@user-1001)?'
[ -e /run/utmp ] || on='sshd.*'

check_records() {
	local user=$1 uid=$2 audited=$3 pid
	# It stays for a while: journald looks into /proc for most of what it knows of a sender.
	hold "$user" "(echo hello; sleep 5) | logger -t from-$user & sleep 2"
	pid=$(pgrep -u "$user" -f 'sleep 4711')
	expect "$user: who" 0 "$user +$on .*\((::1|localhost|127.0.0.1)\)" eval "who | grep '^$user '"
	expect "$user: the login id, as the host has it" 0 "$uid" cat "/proc/$pid/loginuid"
	expect "$user: and the number of the audit session is one" 0 '[0-9]{1,9}' cat "/proc/$pid/sessionid"
	expect "$user: the login id, as they see it" 0 "$uid" ssh_as "$user" 'cat /proc/self/loginuid'
	expect "$user: the journal knows who has logged a message" 0 "$uid $uid from-$user" \
		fields "from-$user" _UID _AUDIT_LOGINUID SYSLOG_IDENTIFIER
	expect "$user: and that it was a process of the machine" 0 "user-$uid.slice" \
		fields "from-$user" _SYSTEMD_SLICE
	release "$held"
	holds "$user: who forgets them" ends_within 15 eval "who | grep '^$user '"
	last_ended "$user" 'pts/.*(::1|localhost|127.0.0.1)'
	if command -v lastlog2 >/dev/null; then
		expect "$user: lastlog2" 0 "$user .*(::1|localhost|127.0.0.1).*" eval "lastlog2 -u $user | tail -n 1"
	else
		expect "$user: lastlog" 0 "$user +pts/.*(::1|localhost|127.0.0.1).*" eval "lastlog -u $user | tail -n 1"
	fi
	if systemctl is-active --quiet auditd; then
		for type in $audited; do
			holds "$user: audit has $type" within 15 audit_has "$type" "$user"
		done
	else
		skip "$user: audit" 'auditd does not run'
	fi
}

# The file, because ausearch wants more of a processor than all the rest here.
audit_has() {
	tail -n "+$((audit_lines + 1))" /var/log/audit/audit.log |
		grep -q "^type=$1 .*acct=\"$2\" exe=\"/usr/[a-z/]*sshd"
}
check_records bob 1002 'USER_ACCT USER_START USER_END'
# libpam tells of the session after the last module of the stack, and by then the process is inside,
# where the kernel takes no records: docs/THREAT-MODEL.md.
check_records alice 1001 'USER_ACCT CRED_ACQ'

expect 'contain-session logs as root, for the login of alice' 0 '0 contain-session user-1001: .* for alice.*' \
	fields contain-session _UID SYSLOG_IDENTIFIER MESSAGE
nothing_left 'nothing is left'
