#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# Accounts that are not as one expects: their names, numbers, groups, homes and shells; and those
# that only the name service knows.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells, or eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
printf 'session required pam_permit.so\nsession required %s services=caller\n' "$jails_module" >/etc/pam.d/caller
jails_on
remember_host
policy default.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
END

# account NAME UID [HOME [SHELL]]: added as it is; tools would not.
account() {
	printf '%s:x:%s:%s::%s:%s\n' "$1" "$2" "$2" "${3-/home/alice}" "${4-/bin/sh}" >>/etc/passwd
	printf '%s:!:19000:0:99999:7:::\n' "$1" >>/etc/shadow
}

# lands NAME USER: a PAM application's session for USER is in a jail, or is refused with a number.
lands() {
	local name=$1 user=$2 wanted=$3
	run eval "timeout 30 '$BUILD/pam/caller' caller ${user@Q} | cat"
	case $wanted in
	inside) expect "$name: inside" 0 '(said .*)?open 0.inside [0-9]+ user:.*done' echo "$out" ;;
	unknown) expect "$name: there is none" 0 'open 10.*done' echo "$out" ;;
	refused) expect "$name: refused, with a number" 0 '(.*said .* number: [0-9a-f]{8}.)?open [1-9].*done' echo "$out" ;;
	esac
	holds "$name: and not in the host's user namespace" \
		eval '[[ $out != *"$(readlink /proc/self/ns/user)"* ]]'
}

# -- names
account '-x' 5001
account '../x' 5002
account 'a/b' 5003
account "$(printf 'n%.0s' {1..300})" 5004
account 'jürgen' 5005
account 'with space' 5006
account 'semi;colon' 5007
account '$(id)' 5008
account '%u' 5009
account 'Dr.No' 5010
lands 'a name that begins with a dash, which files do not know' -x unknown
lands 'a name with ../ in it' ../x inside
lands 'a name with / in it' a/b inside
lands 'a name of 300 characters' "$(printf 'n%.0s' {1..300})" refused
lands 'a name that is not ASCII' jürgen inside
lands 'a name with a blank' 'with space' inside
lands 'a name with ;' 'semi;colon' inside
lands 'a name that a shell would run' '$(id)' inside
lands 'a name that looks like a specifier' '%u' inside
run "$BUILD/pam/caller" caller $'new\nline'
holds 'a name with a newline: there is none such' eval '[[ $out == *"open 10"* ]]'
holds 'names of users make no lines in the log' eval \
	'! grep -qvE "^[A-Z][a-z]{2} [ 0-9]{2} " /var/log/syslog'

# No name chooses another's policy, nor a path.
policy users/x.conf <<-'END'
	[jail]
	hostname = of-x
END
policy default.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
	[rootfs]
	volumes = /srv/%u:/mnt/data
END
mkdir -p /srv/alice /srv/x
echo secret >/srv/x/file
expect 'the control: a volume by name' 0 'alice' su alice -c 'ls -d /mnt/data >/dev/null && id -un'
lands 'a name with ../ in it does not choose a volume' ../x refused
holds 'and why' logged 'default.conf:5: \[rootfs\] volumes: .*%u'
policy default.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
END

# -- numbers and groups
account beyond 3000000000
account inblock 1879050000
lands 'a uid above 2^31' beyond inside
lands 'a uid that containers use' inblock refused
holds 'and why' logged 'user id 1879050000 is one of those that containers use'
expect 'a uid above 65535: by ssh, with its files' 0 '70001 70001 70001' \
	ssh_as dave 'echo $(id -u) $(stat -c "%u %g" ~)'
for number in $(seq 200); do
	printf 'many%s:x:%s:erin\n' "$number" $((20000 + 7 * number))
done >>/etc/group
expect '200 groups, none beside another: all of them' 0 "$(id -G erin)" ssh_as erin 'id -G'
expect '200 groups: also by su' 0 "$(id -G erin)" su erin -c 'id -G'
expect '200 groups: also by sudo' 0 "$(id -G erin)" sudo -u erin id -G
for number in $(seq 160); do
	printf 'more%s:x:%s:erin\n' "$number" $((40000 + 7 * number))
done >>/etc/group
is_refused 'more groups than a user namespace can map' 'the account has 36[0-9] groups' \
	su erin -c 'echo inside-or-outside'
sed -i '/^m[ao][nr][ey]/d' /etc/group

# -- homes
account homeless 5101 ''
account nowhere 5102 /nonexistent
account rooted 5103 /
account elsewhere 5104 /srv/homes/elsewhere
account linked 5105 /home/linked
account loose 5106 /srv/loose/home
account ownlink 5107 /srv/homes/own/link
account file 5108 /srv/homes/file
mkdir -p /srv/homes/elsewhere /srv/homes/real /srv/homes/own /srv/loose/home
touch /srv/homes/file /srv/homes/elsewhere/file /srv/homes/real/file
chown 5104 /srv/homes/elsewhere
chown 5105 /srv/homes/real
chown 5106 /srv/loose/home
chown 5107 /srv/homes/own
chmod 0777 /srv/loose
ln -s /srv/homes/real /home/linked
ln -s /etc /srv/homes/own/link
chown -h 5107 /srv/homes/own/link
lands 'without a home' homeless inside
for who in nowhere rooted; do
	expect "without a home: $who" 0 "$(id -u "$who")" su "$who" -c 'id -u'
done
mount -t tmpfs tmpfs /srv/homes/elsewhere
touch /srv/homes/elsewhere/file
chown 5104 /srv/homes/elsewhere
expect 'a home on another file system' 0 '/srv/homes/elsewhere.file.5104' \
	su - elsewhere -c 'pwd; ls; stat -c %u .; touch written'
holds 'is written to' [ -e /srv/homes/elsewhere/written ]
expect 'a home that is a link of root'\''s' 0 '/home/linked.file' su - linked -c 'pwd; ls'
is_refused 'a home below a directory that anybody can change' 'home: .*/srv/loose can be changed by others' \
	su loose -c 'echo inside-or-outside'
is_refused 'a home that is a link of its owner'\''s' 'home: .*(symbolic link|can be changed by others)' \
	su ownlink -c 'echo inside-or-outside'
is_refused 'a home that is a file' 'home: .*is not a directory' su file -c 'echo inside-or-outside'
umount /srv/homes/elsewhere

# -- /home itself a link of the host's
no_jails
mkdir /var/homes
cp -a /home/. /var/homes
mv /home /home.away
ln -s /var/homes /home
expect '/home is a link: the control, outside' 0 '.*bob.*' ls /home
expect '/home is a link: the own home only, through it and where it leads' 0 $'alice\nalice' \
	su - alice -c 'ls /home; ls /var/homes'
rm /home
mv /home.away /home

# -- accounts and groups that are in no file
usermod --home /home/alice alice
if [ -n "$(find /usr/lib/ -name libnss_extrausers.so.2)" ]; then
	mkdir -p /var/lib/extrausers
	printf 'remote:x:6001:6001:Remote:/home/remote:/bin/bash\n' >/var/lib/extrausers/passwd
	printf 'remote:x:6001:\nfaculty:x:6100:remote\n' >/var/lib/extrausers/group
	printf 'remote:!:19000:0:99999:7:::\n' >/var/lib/extrausers/shadow
	sed -i 's/^\(passwd\|group\|shadow\):.*/& extrausers/' /etc/nsswitch.conf
	install -d -m 0700 -o 6001 -g 6001 /home/remote /home/remote/.ssh
	install -m 0600 -o 6001 -g 6001 /root/.ssh/id_ed25519.pub /home/remote/.ssh/authorized_keys
	policy groups/faculty.conf <<-'END'
		[environment]
		FROM = faculty
	END
	sshd_restart
	expect 'the control: the host knows the account' 0 '.*remote:x:6001.*' getent passwd remote
	expect 'an account of the name service: its ids and groups, by number and name' 0 \
		'6001 6001 6001 6100 remote remote faculty' \
		ssh_as remote 'echo $(id -u) $(id -g) $(id -G) $(id -un) $(id -Gn)'
	expect 'an account of the name service: a policy by its group' 0 'faculty' ssh_as remote 'echo $FROM'
	expect 'an account of the name service: by sudo' 0 'remote' sudo -u remote id -un
else
	skip 'accounts of the name service' 'libnss-extrausers is not there'
fi

holds 'every jail ends' no_jails
host_stop
nothing_left 'nothing is left'
finish
