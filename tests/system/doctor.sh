#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 90
# containctl doctor: each thing that can be wrong is found where it is wrong and only there, and the
# command that it prints mends it.
# shellcheck disable=SC2016 # what stands in single quotes is for eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
remember_host
# What the machine has of its own, and this would find.
rm -rf /usr/sbin/{exim4,postconf} /usr/bin/{procmail,maildrop} /etc/systemd/system/user@.service.d \
	/var/lib/systemd/linger /run/systemd/system
CTL=/usr/local/bin/containctl
module=/usr/local/lib/security/pam_contain.so

# findings [CHECK]: those of that check, one a line: "LEVEL CHECK ABOUT".
findings() {
	"$CTL" doctor --json | "$PYTHON" -c 'import json, sys
for finding in json.load(sys.stdin)["findings"]:
    if finding["check"] in (sys.argv[1:] or finding["check"]):
        print(finding["level"], finding["check"], finding["about"] or "-")' "$@"
}

# What it says mends things of that check.
mend() {
	"$CTL" doctor --json | "$PYTHON" -c 'import json, sys
for finding in json.load(sys.stdin)["findings"]:
    if finding["check"] == sys.argv[1]:
        print(finding["command"])' "$1" >"$SCRATCH/mend"
	bash -eu "$SCRATCH/mend"
}

state_of_etc() {
	find /etc /run/contain /var/lib/systemd -xdev -printf '%p %s %T@ %m\n' 2>/dev/null | sort
}

# -- a host without the module in any stack
confine() {
	printf '[jail]\nenable = yes\ngrace = 0\n' | policy users/alice.conf
}
confine
state_of_etc >"$SCRATCH/before"
expect 'it names services and files, and counts; exit code 1 where there are problems' 1 \
	$'(.*\n)?problem: pam: sshd: pam_contain.so is not in the session stack of /etc/pam.d/sshd\\.\n.*\n[0-9]+ problems, 0 hints; looked at: policy, pam, sshd, user-manager, linger, mail, network, images\\.' \
	"$CTL" doctor
for service in sshd login su sudo cron atd; do
	holds "$service is among them" eval "findings pam | grep -qx 'problem pam $service'"
done
state_of_etc >"$SCRATCH/after"
holds 'it changes nothing' cmp "$SCRATCH/before" "$SCRATCH/after"
holds 'its commands work' mend pam
expect 'and mend all stacks' 0 '' findings pam
expect 'then all is well' 0 $'0 problems, 0 hints; .*' "$CTL" doctor
expect 'really: alice is confined' 0 contain-init ssh_as alice 'cat /proc/1/comm'

# -- the stacks
cp -a /etc/pam.d "$SCRATCH/pam.d"
as_before() {
	rm -rf /etc/pam.d
	cp -a "$SCRATCH/pam.d" /etc/pam.d
}
sed -i '/pam_contain/d' /etc/pam.d/sshd
expect 'the line is gone from one' 0 'problem pam sshd' findings pam
as_before
sed -i 's/.*pam_contain.*/#&/' /etc/pam.d/su
expect 'it is a comment' 0 'problem pam su' findings pam
as_before
sed -i 's/\(pam_contain.so\).*/\1 services=login,cron/' /etc/pam.d/sshd
expect 'its services= are others' 0 'problem pam sshd' findings pam
as_before
sed -i 's/\(pam_contain.so\).*/\1 # and not services=login,cron/' /etc/pam.d/sshd
expect 'but not behind a "#"' 0 '' findings pam
as_before
sed -i 's/^session required.*pam_contain/auth required pam_contain/' /etc/pam.d/cron
expect 'it is of another type' 0 'problem pam cron' findings pam
as_before
echo 'session optional pam_motd.so' >>/etc/pam.d/login
expect 'another module comes after it' 0 'hint pam login' findings pam
as_before
sed -i '/pam_contain/d' /etc/pam.d/{sshd,cron,atd,sudo,sudo-i}
printf 'Session \\\n\t[success=ok default=die]  %s debug\n' "$module" |
	tee -a /etc/pam.d/common-session >>/etc/pam.d/common-session-noninteractive
expect 'it is in what others include, in libpam'"'"'s other spellings; behind it are a few in sshd' 0 \
	$'(hint pam [a-z-]+\n?)+' findings pam
holds 'and sshd is one of those' eval 'findings pam | grep -qx "hint pam sshd"'
run "$CTL" doctor
holds 'exit code 0 where there are only hints' [ "$status" -eq 0 ]
as_before
echo 'session required' >>/etc/pam.d/cron
sed -i '/pam_contain/d' /etc/pam.d/sudo
expect 'a line that is none hides nothing' 0 $'problem pam sudo\nproblem pam cron' findings pam
expect 'a line that is none is named' 0 '.*/etc/pam.d/cron:[0-9]+: this is no line of a PAM stack.*' \
	eval "$CTL doctor | grep '^problem: pam: cron'"
as_before
echo '@include loop' >>/etc/pam.d/sshd
echo '@include loop' >/etc/pam.d/loop
expect 'a file that includes itself ends' 0 '.*/etc/pam.d/loop: it includes itself.*' \
	eval "$CTL doctor | grep '^problem'"
as_before

# -- sshd
sed -i 's/^UsePAM.*//' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config
expect 'UsePAM no' 0 'problem sshd -' findings sshd
holds 'the command' mend sshd
expect 'mends it' 0 '' findings sshd

# -- policy
echo 'memroy = 1' >>/etc/contain/users/alice.conf
expect 'a mistake in a policy' 0 'problem: policy: .*/etc/contain/users/alice.conf:4: .*' \
	eval "$CTL doctor | grep '^problem'"
confine
expect 'another directory is asked' 0 'hint: policy: .*/none: is missing.*' "$CTL" --conf "$SCRATCH/none" doctor

# -- lingering: alice, who is confined, bob, who is not, and one whose account is gone
mkdir -p /var/lib/systemd/linger
touch /var/lib/systemd/linger/{alice,bob,nobody-there}
expect 'who is confined and lingers' 0 'hint linger alice' findings linger
rm -r /var/lib/systemd/linger

# -- the manager's unit, where systemd runs
expect 'the control: without systemd there is no unit' 0 '' findings user-manager
mkdir -p /run/systemd/system
expect 'without a drop-in' 0 'hint user-manager user@.service' findings user-manager
mkdir -p /etc/systemd/system/user@.service.d
echo '[Service]' >/etc/systemd/system/user@.service.d/other.conf
expect 'another drop-in is not it' 0 'hint user-manager user@.service' findings user-manager
install -D -m 0644 /usr/local/share/contain/systemd/user-manager.conf \
	/etc/systemd/system/user@.service.d/contain.conf
expect 'with the one that is installed' 0 '' findings user-manager

# -- mail systems; Exim itself is tried in tests/machine/side_doors.sh
stand_in() {
	printf '#!/bin/sh\necho "%s"\n' "$2" >"$1"
	chmod 0755 "$1"
}
expect 'the control: there is no mail system' 0 '' findings mail
stand_in /usr/sbin/postconf 'alias, forward'
expect 'Postfix as it comes' 0 'problem mail postfix' findings mail
stand_in /usr/sbin/postconf 'alias'
expect 'Postfix that does not ask ~/.forward' 0 '' findings mail
stand_in /usr/bin/procmail ''
expect 'procmail' 0 'problem mail procmail' findings mail

# -- other tables of the firewall, as docker, ufw and firewalld make them
nft -f - <<'END'
table ip filter {
	chain DOCKER-USER {
		return
	}
	chain INPUT {
		type filter hook input priority filter; policy drop;
		accept
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		jump DOCKER-USER
	}
}
table inet firewalld {
	chain filter_FORWARD {
		type filter hook forward priority filter + 10; policy accept;
		ct state established,related accept
		reject with icmpx admin-prohibited
	}
}
table inet open {
	chain forward {
		type filter hook forward priority filter; policy accept;
		ip daddr 192.0.2.1 drop
	}
	chain last {
		drop
	}
}
END
expect 'the control: without contain0 nobody is in the way' 0 '' findings network
ip link add contain0 type bridge
expect 'who drops what is forwarded is found, and nobody else' 0 \
	$'hint network ip filter FORWARD\nhint network inet firewalld filter_FORWARD' findings network
holds 'its commands work' mend network
expect 'and mend it' 0 '' findings network
ip link delete contain0
ip link add ct-lab type bridge
expect 'who lets contain0 through still has to know other networks' 0 \
	$'hint network ip filter FORWARD\nhint network inet firewalld filter_FORWARD' findings network
holds 'the commands of that work too' mend network
expect 'and mend that' 0 '' findings network
ip link delete ct-lab
nft flush ruleset

refuses 'only for root' 1 'run it as root' setpriv --reuid=5001 --clear-groups "$CTL" doctor
host_stop
nothing_left 'nothing is left'
