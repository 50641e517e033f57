#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 200
# What can be missing, broken or stuck: the login is refused in time, the person reads one line with
# a number, the log has the reason under it, nothing is run outside, and the next login works.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells, or eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
helper=/usr/local/libexec/contain/contain-session
jails_arguments=timeout=2
jails_on
remember_host

fine() {
	policy users/alice.conf <<-'END'
		[jail]
		enable = yes
		grace = 0
		[limits]
		memory = 256M
	END
}

works_again() {
	expect "$1: the next login works" 0 inside su alice -c '[ "$(cat /proc/1/comm)" = contain-init ] && echo inside'
}

# refused_by_all NAME WHY: sshd, su and sudo; and each of them runs nothing.
refused_by_all() {
	is_refused "$1: ssh" "$2" ssh_as alice 'echo inside-or-outside'
	is_refused "$1: su" "$2" su alice -c 'echo inside-or-outside'
	is_refused "$1: sudo runs nothing" "$2" sudo -u alice sh -c 'echo inside-or-outside'
}

fine
works_again 'the control'

# -- the policy
echo 'memroy = 64M' >>/etc/contain/users/alice.conf
refused_by_all 'a mistake in the policy' '/etc/contain/users/alice.conf:6: \[limits\] memroy: unknown key; did you mean memory\?'
fine
chmod 0666 /etc/contain/users/alice.conf
refused_by_all 'a policy that anybody can change' '/etc/contain/users/alice.conf: .*writ'
chmod 0644 /etc/contain/users/alice.conf
mv /etc/contain/users/alice.conf /etc/contain/users/alice.real
mkfifo /etc/contain/users/alice.conf
refused_by_all 'a policy that is a FIFO' '/etc/contain/users/alice.conf: '
rm /etc/contain/users/alice.conf
ln -s alice.real /etc/contain/users/alice.conf
refused_by_all 'a policy that is a link' '/etc/contain/users/alice.conf: '
rm /etc/contain/users/alice.{conf,real}
fine
works_again 'policies'

# -- what the policy asks for
with() {
	fine
	printf '%s\n' "$@" >>/etc/contain/users/alice.conf
}
with '[rootfs]' 'source = /srv/not-there'
refused_by_all 'a root that is not there' '/etc/contain/users/alice.conf:7: \[rootfs\] source: /srv/not-there'
mkdir -m 0777 /srv/open
mkdir -p /srv/open/root
with '[rootfs]' 'source = /srv/open/root'
refused_by_all 'a root below a directory that anybody can change' 'source: /srv/open/root: /srv/open can be changed by others'
with '[rootfs]' 'volumes = /srv/open/root:/mnt/data'
refused_by_all 'a volume below such a directory' 'volumes: .*/srv/open can be changed by others'
mkdir -p /srv/loose/{dev,proc,sys}
chmod 0775 /srv/loose
chgrp students /srv/loose
with '[rootfs]' 'source = /srv/loose'
refused_by_all 'a root that a group can change' 'source: /srv/loose can be changed by others'
with '[network]' 'bridge = br-gone'
refused_by_all 'a bridge that is gone' '/etc/contain/users/alice.conf:7: \[network\] bridge.*br-gone'
usermod --shell /bin/ksh-that-is-not-there alice
fine
is_refused 'a login shell that the jail lacks' 'the login shell of alice, /bin/ksh-that-is-not-there, is not in' \
	su -s /bin/sh alice -c 'echo inside-or-outside'
holds 'which she reads' eval '[[ $err == *"Your login shell /bin/ksh-that-is-not-there is not in your container. ("* ]]'
usermod --shell /bin/bash alice
works_again 'what the policy asks for'

# -- the machine
# The hierarchy that counts memory: that of v1, or all there is. It must come back with the same
# options: those of v2 are the whole machine's.
memory=$(findmnt -rn -t cgroup -O memory -o TARGET | head -n 1)
memory=${memory:-$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)}
read -r type source options own_options < \
	<(findmnt -rn -o FSTYPE,SOURCE,VFS-OPTIONS,FS-OPTIONS "$memory")
umount -l "$memory"
refused_by_all 'a control group that is missing' 'alice.conf:5: \[limits\] memory'
mount -t "$type" -o "$options,$own_options" "$source" "$memory"
works_again 'a control group that was missing'

holds 'every jail has ended' no_jails
mount -t tmpfs -o mode=0711,size=32k tmpfs /run/contain
dd if=/dev/zero of=/run/contain/filler bs=4k 2>/dev/null
refused_by_all 'a full /run' 'registry|No space|cannot'
expect 'a full /run: root is let in' 0 root su root -c 'id -un'
rm /run/contain/filler
works_again 'a full /run'
holds 'every jail has ended' no_jails
umount /run/contain

# -- the helper
mv "$helper" "$helper.away"
refused_by_all 'the helper is missing' 'cannot run .*contain-session: No such file'
expect 'the helper is missing: root is let in' 0 root ssh_as root 'id -un'
expect 'the helper is missing: a member of contain-exempt is let in' 0 carol ssh_as carol 'id -un'
printf '#!/bin/sh\nexec sleep 60\n' >"$helper"
chmod 0755 "$helper"
start=${EPOCHREALTIME/./}
is_refused 'the helper hangs' 'contain-session does not answer' su alice -c 'echo inside-or-outside'
took=$(((${EPOCHREALTIME/./} - start) / 1000))
holds "the helper hangs: refused within its time ($took ms)" [ "$took" -ge 1900 -a "$took" -lt 4000 ]
pkill -f 'sleep 60'
printf '#!/bin/sh\nexit 0\n' >"$helper"
is_refused 'the helper ends' 'contain-session ended without an answer' su alice -c 'echo inside-or-outside'
printf 'no program\n' >"$helper"
is_refused 'the helper is no program' 'cannot run .*contain-session: Exec format error' su alice -c 'echo inside-or-outside'
printf '#!/bin/sh\nexec dd if=/dev/zero bs=70000 count=1 >&3 2>/dev/null\n' >"$helper"
is_refused 'the helper talks nonsense' 'cannot make sense of contain-session' su alice -c 'echo inside-or-outside'
mv "$helper.away" "$helper"
works_again 'the helper'

# -- the supervisor of a jail that lives
ssh_behind alice 'sleep 60' </dev/null
true_within 5 jail_is_there user-1001
true_within 5 is_running sleep
supervisor=$(supervisor_of user-1001)
kill -STOP "$supervisor"
is_refused 'the supervisor is stopped' 'the supervisor of user-1001 does not answer' su alice -c 'echo inside-or-outside'
kill -CONT "$supervisor"
works_again 'the supervisor was stopped'
init=$(init_of user-1001)
kill -KILL "$supervisor"
works_again 'the supervisor was killed'
holds 'the supervisor was killed: nothing of the jail goes on' \
	eval "! kill -0 $init 2>/dev/null && ! pgrep -u 1001 >/dev/null"
wait "$behind" 2>/dev/null

# -- a jail of that name that is somebody else's
contain-exec --name not-a-login -- sleep 60 &
child=$!
true_within 5 test -e /run/contain/jails/not-a-login
ln /run/contain/jails/not-a-login /run/contain/jails/user-1001
is_refused 'the name is held by what takes no sessions' 'user-1001 is there, but neither takes sessions nor ends' \
	su alice -c 'echo inside-or-outside'
kill -KILL "$child"
wait "$child" 2>/dev/null
works_again 'the name was held'

# -- killed and stopped at any moment
in_jail_or_refused=0 inside=0 outside=0 late=0
for round in $(seq 60); do
	su alice -c 'cat /proc/1/comm' </dev/null >"$SCRATCH/said" 2>&1 &
	child=$!
	sleep "0.$(printf %03d $((round * 2)))"
	signal=KILL
	[ $((round % 3)) -ne 0 ] || signal=STOP
	pkill "-$signal" -x contain-session
	start=$SECONDS
	wait "$child"
	[ $((SECONDS - start)) -le 4 ] || late=$((late + 1))
	case $(cat "$SCRATCH/said") in
	*contain-init*) inside=$((inside + 1)) ;;
	*' number: '* | '' | *Killed* | *'cannot create child process'*) in_jail_or_refused=$((in_jail_or_refused + 1)) ;;
	*) outside=$((outside + 1)) && sed 's/^/# said: /' "$SCRATCH/said" ;;
	esac
	pkill -KILL -x contain-session
done
holds "killed or stopped at 60 moments: never outside ($inside inside, $in_jail_or_refused refused)" [ "$outside" -eq 0 ]
holds 'killed or stopped at 60 moments: some before, some after' [ "$inside" -gt 0 -a "$in_jail_or_refused" -gt 0 ]
holds 'killed or stopped at 60 moments: always in time' [ "$late" -eq 0 ]
works_again 'killed or stopped at any moment'

# -- on_error = allow
with '[rootfs]' 'source = /srv/not-there'
sed -i 's/^grace.*/&\non_error = allow/' /etc/contain/users/alice.conf
expect 'on_error = allow: the login passes, outside' 0 "$(cat /proc/1/comm)" su alice -c 'cat /proc/1/comm'
holds 'on_error = allow: and the log is loud' logged 'NOT CONFINED'
fine

# -- systemd-user
cp /etc/pam.d/su /etc/pam.d/systemd-user
printf 'session required pam_permit.so\nsession required %s\n' "$jails_module" >/etc/pam.d/systemd-user
run "$BUILD/pam/caller" systemd-user alice
said=$out$(tail -n 3 /var/log/syslog)
expect 'systemd-user: refused for who is confined' 0 '.*said Access through this service is not allowed \([0-9a-f]{8}\)\..*open 6.*' echo "$said"
run "$BUILD/pam/caller" systemd-user bob
holds 'systemd-user: let in who is not' eval '[[ $out == *"open 0"* ]]'

# -- nobody is locked out
mkdir -p /etc/contain/groups
for file in default.conf users/{root,carol,alice}.conf groups/{root,contain-exempt}.conf; do
	printf 'rubbish\n' >"/etc/contain/$file"
done
mv "$helper" "$helper.away"
mount -t tmpfs -o mode=0711,size=32k tmpfs /run/contain
dd if=/dev/zero of=/run/contain/filler bs=4k 2>/dev/null
for who in root carol; do
	expect "with everything broken: ssh $who" 0 "$who" ssh_as "$who" 'id -un'
	expect "with everything broken: su $who" 0 "$who" su "$who" -c 'id -un'
	expect "with everything broken: sudo -u $who" 0 "$who" sudo -u "$who" id -un
done
expect 'with everything broken: login root' 0 '.*iam-root.*' on_terminal '
	expect [#$] $
	send echo iam-$(id -un); exit\r' login -f root
run su alice -c 'echo inside-or-outside'
holds 'with everything broken: nobody else' eval '[ "$status" -ne 0 ] && [[ $out != *inside-or-outside* ]]'
umount /run/contain
mv "$helper.away" "$helper"
rm -rf /etc/contain/*
fine
works_again 'with everything mended'

holds 'every jail ends' no_jails
host_stop
nothing_left 'nothing is left'
finish
