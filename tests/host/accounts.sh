# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The people on the test host. The machine's own are not there, only its system accounts, so that
# files of its packages belong to whom they should.
#
#	add_user NAME UID [OPTION...]	with a home, the password and the key of all; OPTIONs of useradd
#
#	alice	1001	students (2001), printers (2002)
#	bob	1002
#	carol	1003	contain-exempt (2003)
#	dave	70001	an id that 16 bits do not hold
#	erin	1004	students

host_password='as-good-as-any'
# Of that, with few rounds: it is tried often.
# shellcheck disable=SC2016 # it has no variables
host_hash='$6$rounds=1000$testhost$JM0fyELL4HwErxVLhhO9oJ1TB.2mw2hCkq2/NiSpUOFy2cxgER0xic738zzc53O.qGXLuEPPZhtN/pYsqRfSm1'

people=()

add_user() {
	local name=$1 uid=$2
	shift 2
	people+=("$name")
	groupadd --gid "$uid" "$name" && useradd --uid "$uid" --gid "$uid" --create-home \
		-K UID_MAX=4000000000 --shell /bin/bash --password "$host_hash" "$@" "$name" || return
	install -d -m 0700 -o "$name" -g "$name" "/home/$name/.ssh"
	install -m 0600 -o "$name" -g "$name" /root/.ssh/id_ed25519.pub \
		"/home/$name/.ssh/authorized_keys"
}

# The machine's system accounts: nobody can log in as one of them.
host_system_accounts() {
	awk -F: -v OFS=: '$3 ~ /^[0-9]+$/ && ($1 == "root" || ($3 > 0 && $3 < 1000) || $3 == 65534) {
		$2 = "x"
		if ($1 == "root") { $5 = "root"; $6 = "/root"; $7 = "/bin/bash" }
		print
	}' /etc/passwd >/etc/passwd.new
	awk -F: -v OFS=: '$3 ~ /^[0-9]+$/ && ($3 < 1000 || $3 == 65534) { print $1, "x", $3, "" }' \
		/etc/group >/etc/group.new
	awk -F: -v hash="$host_hash" '{
		print $1 ":" ($1 == "root" ? hash : "*") ":19000:0:99999:7:::"
	}' /etc/passwd.new >/etc/shadow.new
	awk -F: '{ print $1 ":*::" }' /etc/group.new >/etc/gshadow.new
	chgrp shadow /etc/shadow.new /etc/gshadow.new
	chmod 0640 /etc/shadow.new /etc/gshadow.new
	rm -f /etc/{passwd,group,shadow,gshadow}- /etc/subuid* /etc/subgid*
	touch /etc/subuid /etc/subgid
	local file
	for file in passwd group shadow gshadow; do
		mv "/etc/$file.new" "/etc/$file"
	done
}

# Those that the packages' own scripts would have made, and what they would have given to them.
host_package_accounts() {
	local group
	for group in _ssh crontab; do
		grep -q "^$group:" /etc/group || groupadd --system "$group"
	done
	grep -q '^sshd:' /etc/passwd ||
		useradd --system --no-create-home --home-dir /run/sshd --gid nogroup \
			--shell /usr/sbin/nologin sshd
	chgrp _ssh /usr/bin/ssh-agent
	chmod 2755 /usr/bin/ssh-agent
	chgrp crontab /usr/bin/crontab
	chmod 2755 /usr/bin/crontab
	install -d -m 01730 -g crontab /var/spool/cron/crontabs
	install -m 0600 -o daemon -g daemon /dev/null /var/spool/cron/atjobs/.SEQ
	chmod 0440 /etc/sudoers
}

host_accounts() {
	host_system_accounts
	host_package_accounts
	groupadd --gid 2001 students
	groupadd --gid 2002 printers
	groupadd --gid 2003 contain-exempt
	add_user alice 1001 --groups students,printers
	add_user bob 1002
	add_user carol 1003 --groups contain-exempt
	add_user dave 70001
	add_user erin 1004 --groups students
}
